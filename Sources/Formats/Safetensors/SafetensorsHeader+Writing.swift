import Arrays
import Checkpoints
import OrderedCollections
import States

extension SafetensorsHeader {
  /// A tensor to be written: what the header says of it.
  struct PlannedEntry {
    let name: String
    let typeName: String
    let dimensions: [Int]
    let byteCount: Int
  }

  /// The header as the format's own library writes it, with the length before it: no spaces but
  /// those at the end, which make the length a multiple of eight.
  ///
  /// - Parameters:
  ///   - entries: The tensors in the order of their bytes.
  ///   - metadata: Texts, in order.
  static func encode(
    _ entries: [PlannedEntry], metadata: OrderedDictionary<String, String>
  ) -> [UInt8] {
    func quoted(_ text: String) -> String { Value.string(text).json() }
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\(quoted(metadataKey)):{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let shape = entry.dimensions.map(String.init).joined(separator: ",")
      let end = offset + entry.byteCount
      members.append(
        "\(quoted(entry.name)):{\"dtype\":\"\(entry.typeName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(json.count))
    return bytes + json
  }
}

extension SafetensorsHeader {
  /// The shape of a tensor as a header says it: there, an element of 4 bits is half a byte.
  static func dimensions(of shape: Shape, _ dtype: DType) -> [Int] {
    var dimensions = shape.dimensions
    if dtype == .float4E2M1FNx2, let last = dimensions.popLast() { dimensions.append(2 * last) }
    return dimensions
  }
}

extension SafetensorsHeader.PlannedEntry {
  /// How a tensor is written.
  ///
  /// A complex type that the format lacks becomes pairs of real numbers, as `torch.view_as_real`
  /// gives them. A lone pair of 4-bit numbers, which has no dimension to be counted in, is a byte.
  init(_ tensor: CheckpointOutline.StoredTensor) {
    name = tensor.name
    byteCount = tensor.byteCount
    var dimensions = SafetensorsHeader.dimensions(of: tensor.array.shape, tensor.dtype)
    if Self.canSay(tensor.dtype, tensor.array.shape) {
      typeName = tensor.dtype.safetensorsName ?? "U8"
    } else if let part = tensor.dtype.realType?.safetensorsName {
      typeName = part
      dimensions.append(2)
    } else {
      typeName = "U8"
    }
    self.dimensions = dimensions
  }

  /// Whether the format has the type of an array of a shape.
  static func canSay(_ dtype: DType, _ shape: Shape) -> Bool {
    dtype.safetensorsName != nil && (dtype != .float4E2M1FNx2 || shape.rank > 0)
  }

  /// The order in which the library puts tensors: the last types of its list first, then by name.
  static func precedes(_ a: Self, _ b: Self) -> Bool {
    let (mine, theirs) = (
      DType.safetensorsOrder[a.typeName] ?? 0, DType.safetensorsOrder[b.typeName] ?? 0
    )
    return mine == theirs ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : mine > theirs
  }
}
