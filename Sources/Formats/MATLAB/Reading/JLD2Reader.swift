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
    var leftByteCount = 0
    let walk = ObjectWalk(
      content.file.name, scan, maximumLinkCount: maximumLinkCount,
      passingOver: { loss in
        leftByteCount += (loss.subject?.utf8.count ?? 0) + loss.detail.utf8.count
        if leftByteCount <= maximumTextByteCount { left.append(loss) }
      })
    try walk.forEach(below: scan.root()) { try reader.read($0) }
    guard leftByteCount <= maximumTextByteCount else {
      throw reader.content.budget.refused(
        "/", "the names of what is not read have more than \(maximumTextByteCount) bytes")
    }
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
    let key = path.replacing("/", with: ".")
    try content.visit(path, depth: 0)
    let attributes = try entry.object.attributes.all()
    try content.budget.count(entry.object, attributes, at: path)
    let names = attributes.map(\.name)
    guard let dataset = entry.dataset else { return content.lose(attributes: names, of: path) }
    content.lose(attributes: names.filter { $0 != Self.dimensionsName }, of: path)
    guard let dtype = Self.dtype(of: dataset.datatype) else {
      return try readText(dataset, key, path)
    }
    if dataset.dataspace == .null {
      guard
        let lengths = try attributes.first(where: { $0.name == Self.dimensionsName })?.integers,
        lengths.contains(0), let shape = Shape(validating: lengths)
      else { return content.lose(.tensorDropped, path, "it holds nothing") }
      return content.add(NDArray(uninitialized: shape, dtype: dtype), called: key, at: path)
    }
    let isTruth = dtype == .bool
    let place = CheckpointPlace(content.file.name, path)
    try content.add(
      dataset, as: isTruth ? .uint8 : dtype, becoming: dtype, called: key, at: path
    ) { array in
      guard isTruth else { return array }
      guard let truths = array.truthValues else {
        throw place.damaged("it is of truth values, and holds others")
      }
      return truths
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
        .tensorDropped, path,
        "its type, \("\(dataset.datatype)".shortened), is not one of numbers")
    }
    try content.budget.count(textByteCount: text.utf8.count, at: path)
    content.add(.string(text), called: key, at: path)
  }
}
