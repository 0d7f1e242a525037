import Arrays
import Checkpoints
import HDF5
import States

/// Reads a file of JLD2, as far as it holds numbers and arrays of numbers.
///
/// The groups that lead to a tensor and its name, joined by points, are its key; single texts are metadata.
/// Julia keeps the columns of a matrix one after the other, so that the axes of a dataset are those of the
/// array the other way round. Values of other types are records, references or bytes there, and told as
/// losses.
struct JLD2Reader {
  private var content: MATLABContent

  /// Where JLD2 keeps the types of values, by which the datasets are described already.
  private static let typesName = "_types"
  /// The attribute with the lengths of an array without elements.
  private static let dimensionsName = "dimensions"
  private static let maximumLinkCount = 1 << 18
  private static let maximumTextByteCount = 1 << 24

  /// Reads all values of a file.
  ///
  /// - Throws: `CheckpointError`, `HDF5Error` or `FileError`.
  static func read(_ scan: HDF5Scan, into content: MATLABContent) throws -> MATLABContent {
    var reader = JLD2Reader(content: content)
    var left: [ConversionLoss] = []
    let walk = ObjectWalk(
      content.file.name, scan, maximumLinkCount: maximumLinkCount,
      passingOver: { left.append($0) })
    try walk.forEach(below: scan.root()) { try reader.read($0) }
    for loss in left where !loss.detail.isEmpty {
      let path = loss.subject ?? ""
      if path.hasPrefix("/\(typesName)/") { continue }
      reader.content.lose(loss.kind, path, loss.detail)
    }
    return reader.content
  }

  private mutating func read(_ entry: ObjectWalk.Entry) throws {
    let path = entry.path
    if path == Self.typesName || path.hasPrefix("\(Self.typesName)/") { return }
    try content.visit(path, depth: 0)
    let names = try entry.object.attributes.all().map(\.name)
    guard let dataset = entry.dataset else { return content.lose(attributes: names, of: path) }
    let key = path.replacing("/", with: ".")
    content.lose(attributes: names.filter { $0 != Self.dimensionsName }, of: path)
    guard let dtype = Self.dtype(of: dataset.datatype) else {
      return try readText(dataset, key, path)
    }
    if dataset.dataspace == .null {
      guard let lengths = try dataset.attributes.attribute(Self.dimensionsName)?.integers,
        lengths.contains(0), let shape = Shape(validating: lengths)
      else { return content.lose(.tensorDropped, path, "it holds nothing") }
      return content.add(NDArray(uninitialized: shape, dtype: dtype), key, at: path)
    }
    let isTruth = dtype == .bool
    let place = CheckpointPlace(content.file.name, path)
    try content.add(dataset, as: isTruth ? .uint8 : dtype, key, at: path) { array in
      guard isTruth else { return array }
      guard array.holdsTruthValues else {
        throw place.damaged("it is of truth values, and holds others")
      }
      return NDArray(storage: array.storage, dtype: .bool, layout: array.layout)
    }
  }

  /// The type of the numbers that a dataset holds: `Bool` is a bitfield of a byte.
  private static func dtype(of datatype: HDF5Datatype) -> DType? {
    if case .bitfield(1, _) = datatype { return .bool }
    return DType(elements: datatype.littleEndian)
  }

  private mutating func readText(
    _ dataset: HDF5ScannedDataset, _ key: String, _ path: String
  ) throws {
    guard case .string = dataset.datatype, dataset.dataspace == .scalar,
      !dataset.hasExternalStorage,
      let text = try ifSound({
        try dataset.strings(
          decoding: dataset.bytes(maximumBytes: Self.maximumTextByteCount),
          maximumBytes: Self.maximumTextByteCount
        ).first
      })
    else {
      return content.lose(
        .tensorDropped, path, "its type, \(dataset.datatype), is not one of numbers")
    }
    content.add(.string(text), key, at: path)
  }
}
