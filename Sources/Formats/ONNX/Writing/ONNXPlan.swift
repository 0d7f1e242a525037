import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// What will be in an ONNX file of weights alone, before the first byte is written.
///
/// The metadata are the checkpoint's, as far as they are texts, numbers or truth values, and under ``outlineKey``
/// the outline, unless a reader would find everything without it. With an outline go the checksums.
struct ONNXPlan {
  /// A tensor of the file.
  struct Item {
    /// The name in the file.
    let name: String
    let array: NDArray
    let type: ONNXTensorType
    /// The lengths, as the file has them.
    let dimensions: [Int]
    /// The type to which elements are converted as they are written.
    let writtenAs: DType
    /// The bytes in the file.
    let byteCount: Int
  }

  /// The tensors, in order.
  private(set) var items: [Item] = []
  /// What the file says of itself.
  private(set) var header = ONNXHeader()
  /// The metadata but for the checksums.
  private(set) var texts: OrderedDictionary<String, String> = [:]
  /// Whether there is an outline, with which checksums go.
  private(set) var hasOutline = false
  /// What other programs see in place of what is there. Ballast reads all of it back.
  private(set) var losses: [ConversionLoss] = []
  /// How many names of tensors there are.
  let tensorCount: Int

  /// The name of the outline in the metadata.
  static let outlineKey = "ballast.outline"

  /// Decides the name and the type of every tensor, and what is said of them.
  ///
  /// - Parameters:
  ///   - file: The path, for errors.
  ///   - options: Whether tensors are converted.
  /// - Throws: `CheckpointError` with code `unsupported` if the outline cannot be written, or there are more
  ///   tensors than readers take.
  init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions
  ) throws(CheckpointError) {
    let origin = checkpoint.origin.onnx
    // The file says itself what is kept for it.
    var rest = checkpoint
    rest.origin.onnx = ONNXOrigin(nil)
    let outline = try CheckpointOutline(
      rest, file: file, options: options, copyingTies: true, hasName: Self.hasName,
      naming: Self.storedName)
    tensorCount = outline.tensorCount
    guard outline.tensors.count <= ONNXModel.maximumTensorCount else {
      throw CheckpointError(
        .unsupported, file: file,
        reason: "it would have \(outline.tensors.count) tensors, and an ONNX file is read with "
          + "\(ONNXModel.maximumTensorCount) at most")
    }
    let keys = checkpoint.state.keys
    for (index, tensor) in outline.tensors.enumerated() {
      // Those of the model come first, each under a name of its own.
      add(tensor, index < keys.count ? keys[index] : nil, origin)
    }
    header = Self.header(origin.header, for: items)
    for (key, value) in checkpoint.metadata {
      guard key != Self.outlineKey, key != ChecksumTable.key, let text = value.metadataText else {
        continue
      }
      texts[key] = text
    }
    // Of packed elements a reader guesses the roles by their names alone.
    for (key, entry) in rest.state.entries
    where origin.packed(key, entry.array) != nil
      && entry.role == rest.state.usualRole(of: key, .float32)
    {
      rest.state.entries[key]?.role = nil
    }
    guard !outline.isRedundant(for: rest, order: items.map(\.name), texts: texts) else { return }
    hasOutline = true
    texts[Self.outlineKey] = outline.json
  }

  /// Whether ONNX has a type for arrays of a type and shape. A lone pair of 4-bit numbers has no dimension to be
  /// counted in.
  private static func hasName(_ dtype: DType, _ shape: Shape) -> Bool {
    ONNXTensorType(dtype) != nil
      && (dtype != .float4E2M1FNx2 || shape.last.map { $0 <= Int.max / 2 } ?? false)
  }

  /// What becomes of a name that readers would not take: none, or one that is too long.
  private static func storedName(_ key: String) -> String {
    guard key.isEmpty || key.utf8.count > ONNXTensor.maximumNameByteCount - 16 else { return key }
    return "\(key.prefix(40))~\(Digest(crc32: CRC32.checksum(Array(key.utf8))))"
  }

  private mutating func add(
    _ tensor: CheckpointOutline.StoredTensor, _ key: String?, _ origin: ONNXOrigin
  ) {
    let shape = tensor.array.shape
    if let key, key != tensor.name {
      losses.append(
        ConversionLoss(
          .keyChanged, key,
          "other programs see the tensor under \"\(ProtobufReader.short(tensor.name))\", Ballast under this"
        ))
    }
    var type = ONNXTensorType(tensor.dtype) ?? .bytes
    var dimensions = shape.dimensions
    if let key, let packed = origin.packed(key, tensor.array) {
      (type, dimensions) = (packed.type, packed.dimensions)
    } else if !Self.hasName(tensor.dtype, shape) {
      if let part = tensor.dtype.realType.flatMap(ONNXTensorType.init) {
        type = part
        dimensions.append(2)
      } else {
        type = .bytes
      }
      losses.append(
        ConversionLoss(
          .dtypeChanged, key ?? tensor.name,
          "ONNX has no \(tensor.dtype) of shape \(shape); other programs see \(type.name) of shape "
            + "\(Shape(dimensions)), Ballast the same tensor"))
    } else if tensor.dtype == .float4E2M1FNx2, let last = dimensions.popLast() {
      dimensions.append(2 * last)
    }
    items.append(
      Item(
        name: tensor.name, array: tensor.array, type: type, dimensions: dimensions,
        writtenAs: tensor.dtype, byteCount: tensor.byteCount))
  }

  /// What the file says of itself: what another said before, where that still holds.
  private static func header(_ kept: ONNXHeader, for items: [Item]) -> ONNXHeader {
    let types = items.lazy.map(\.type)
    guard kept != ONNXHeader() else { return .usual(for: types) }
    var header = kept
    // A version that has all types, and in which initializers are no inputs: before the fourth they had to be. And
    // sets of operators, and a name, without which no file is valid.
    header.version = max(kept.version ?? 10, types.reduce(4) { max($0, $1.version) })
    if header.opsets.isEmpty { header.opsets = ONNXHeader.usual(for: types).opsets }
    if header.graphName?.isEmpty ?? true { header.graphName = "weights" }
    return header
  }

  /// The bytes of the tensors.
  var byteCount: Int { items.reduce(0) { $0 + $1.byteCount } }

  /// The metadata, with the checksums of the tensors where there is an outline.
  ///
  /// - Parameter checksums: Those of the items; as many zeros, as long as they are not known, take as much room.
  func metadata(checksums: [UInt32]) -> OrderedDictionary<String, String> {
    guard hasOutline else { return texts }
    var metadata = texts
    var table = ChecksumTable()
    for (item, checksum) in zip(items, checksums) {
      table.record(checksum, of: item.name, item.type.name, item.dimensions)
    }
    metadata[ChecksumTable.key] = table.json
    return metadata
  }
}
