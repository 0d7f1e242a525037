import Arrays
import Checkpoints
import Files
import OrderedCollections

/// Where everything is in a file of weights alone: what the file says of itself and its metadata, then the graph
/// with the tensors, each with its bytes last.
struct ONNXLayout {
  /// Bytes that are no elements, and where they go.
  private(set) var pieces: [(offset: Int, bytes: [UInt8])] = []
  /// Where the elements of each tensor go, in this file or the one beside it.
  private(set) var places: [(isExternal: Bool, offset: Int)] = []
  /// The bytes of the file.
  private(set) var byteCount = 0
  /// The bytes of the file beside it; none if there is none.
  private(set) var externalByteCount = 0

  /// The smallest tensor that goes into a file beside the model, as `onnx` has it.
  private static let leastExternalByteCount = 1024

  /// Decides the places.
  ///
  /// - Parameters:
  ///   - beginning: What the file says of itself: see `beginning(_:_:)`.
  ///   - external: The name of the file beside it; nil to have all elements in the file.
  init(_ plan: ONNXPlan, beginning: [UInt8], external: String?) {
    var least = 1
    // The length of the graph comes before it, and takes the more bytes the longer the graph is. That moves the
    // tensors, which then may take less for their alignment: so the length may have a byte more than it needs.
    while true {
      var layout = ONNXLayout()
      let start = beginning.count + 1 + least
      layout.place(plan, from: start, external)
      let width = (layout.byteCount - start).varintByteCount
      guard width > least else {
        var bytes = beginning
        bytes.append(field: 7, byteCount: layout.byteCount - start, width: least)
        layout.pieces.insert((0, bytes), at: 0)
        self = layout
        return
      }
      least += 1
    }
  }

  private init() {}

  /// What a file says of itself, and its metadata.
  static func beginning(
    _ header: ONNXHeader, _ metadata: OrderedDictionary<String, String>
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(field: 1, varint: header.version ?? 10)
    if let text = header.producerName { bytes.append(field: 2, text: text) }
    if let text = header.producerVersion { bytes.append(field: 3, text: text) }
    if let text = header.domain { bytes.append(field: 4, text: text) }
    if let number = header.modelVersion { bytes.append(field: 5, varint: number) }
    if let text = header.description { bytes.append(field: 6, text: text) }
    for opset in header.opsets {
      var message: [UInt8] = []
      message.append(field: 1, text: opset.domain)
      message.append(field: 2, varint: opset.version)
      bytes.append(field: 8, bytes: message)
    }
    for (key, value) in metadata { bytes.append(field: 14, bytes: entry(key, value)) }
    return bytes
  }

  private static func entry(_ key: String, _ value: String) -> [UInt8] {
    var message: [UInt8] = []
    message.append(field: 1, text: key)
    message.append(field: 2, text: value)
    return message
  }

  private mutating func place(_ plan: ONNXPlan, from start: Int, _ external: String?) {
    var bytes: [UInt8] = []
    if let text = plan.header.graphName { bytes.append(field: 2, text: text) }
    if let text = plan.header.graphDescription { bytes.append(field: 10, text: text) }
    var position = start
    for item in plan.items {
      if let external, item.byteCount >= Self.leastExternalByteCount {
        externalByteCount = externalByteCount.rounded(
          upToMultipleOf: item.byteCount >= 1 << 20 ? 4096 : 64)
        places.append((true, externalByteCount))
        bytes.append(field: 5, bytes: Self.record(of: item, in: external, at: externalByteCount))
        externalByteCount += item.byteCount
      } else {
        bytes += Self.record(of: item, at: position + bytes.count)
        places.append((false, position + bytes.count))
        // Empty ones and what is small would otherwise be pieces of their own.
        pieces.append((position, bytes))
        position += bytes.count + item.byteCount
        bytes = []
      }
    }
    pieces.append((position, bytes))
    byteCount = position + bytes.count
  }

  /// The fields of a tensor but for its elements.
  private static func fields(of item: ONNXPlan.Item, packsFirst: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    for (axis, length) in item.dimensions.enumerated() {
      if packsFirst, axis == 0 {
        var number: [UInt8] = []
        number.append(varint: UInt64(length))
        bytes.append(field: 1, bytes: number)
      } else {
        bytes.append(field: 1, varint: length)
      }
    }
    bytes.append(field: 2, varint: item.type.number)
    bytes.append(field: 8, text: item.name)
    return bytes
  }

  private static func record(
    of item: ONNXPlan.Item, in external: String, at offset: Int
  ) -> [UInt8] {
    var bytes = fields(of: item)
    let entries = [
      ("location", external), ("offset", "\(offset)"), ("length", "\(item.byteCount)"),
    ]
    for (key, value) in entries { bytes.append(field: 13, bytes: entry(key, value)) }
    bytes.append(field: 14, varint: 1)
    return bytes
  }

  /// The record of a tensor up to its elements, which follow, aligned for their type so that they can be mapped.
  ///
  /// Where that takes more bytes, the record says more often than once that its elements are in this file, which
  /// takes two, and its first length as a list of one, which takes one: every reader of the format takes both.
  private static func record(of item: ONNXPlan.Item, at position: Int) -> [UInt8] {
    let alignment = item.writtenAs.alignment
    let ways = (0..<alignment).map { extra in
      let isOdd = extra % 2 == 1
      var bytes = fields(of: item, packsFirst: isOdd && !item.dimensions.isEmpty)
      for _ in 0..<extra / 2 { bytes.append(field: 14, varint: 0) }
      bytes.append(field: 9, byteCount: item.byteCount)
      var record: [UInt8] = []
      record.append(field: 5, byteCount: bytes.count + item.byteCount)
      return record + bytes
    }
    return ways.first { (position + $0.count).isMultiple(of: alignment) } ?? ways[0]
  }
}

extension Int {
  /// The next multiple of a positive number. Both are far from overflowing: sizes of files, and alignments.
  fileprivate func rounded(upToMultipleOf unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
