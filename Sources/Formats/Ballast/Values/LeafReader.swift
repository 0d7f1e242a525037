import Checkpoints
import Files
import HDF5
import States

/// Reads a dataset that holds a single value or a list.
struct LeafReader {
  private let dataset: HDF5ScannedDataset
  /// What the attribute `type` says.
  private let type: String?
  /// The file, whose datasets another program may have put into chunks; nil if no value is read.
  private let content: HDF5Content?

  /// No value is nearly as large.
  private static let maximumByteCount = 1 << 30

  init(_ dataset: HDF5ScannedDataset, _ type: String?, in content: HDF5Content? = nil) {
    self.dataset = dataset
    self.type = type
    self.content = content
  }

  /// What the HDF5 type alone says.
  private enum Kind {
    case none, text, int, float, bool, complex
  }

  /// Whether a dataset without the attribute is a value rather than a tensor.
  var isValue: Bool {
    switch dataset.dataspace {
    case .null: true
    case .scalar: kind != nil
    case .simple: kind == .text
    }
  }

  /// The value, or nil if no value is stored so.
  func value() throws -> Value? {
    switch (type, dataset.dataspace) {
    case ("none", _): return Value.none
    case ("bytes", .simple(_, _)): return .bytes(try bytes())
    case ("int", _): return try text().map { .bigInt($0) }
    case ("list", .simple(_, _)): return try elements().map { .list($0) }
    case ("tuple", .simple(_, _)): return try elements().map { .tuple($0) }
    case (nil, .simple(_, _)) where kind == .text: return try elements().map { .list($0) }
    case (nil, .null): return kind == .text ? "" : nil
    case (nil, .scalar): return try scalar()
    default: return nil
    }
  }

  private var kind: Kind? {
    switch dataset.datatype {
    // Of variable length only if another program added it.
    case .string: .text
    case .int64: .int
    case .float64: .float
    case .boolean: .bool
    case .complex(.float64): .complex
    default: nil
    }
  }

  private func bytes() throws -> [UInt8] {
    if let content {
      return try content.bytes(
        of: dataset, path: dataset.path ?? "", maximumBytes: Self.maximumByteCount)
    }
    return try dataset.bytes(maximumBytes: Self.maximumByteCount)
  }

  private func scalar() throws -> Value? {
    switch kind {
    case .text: return try text().map { .string($0) }
    case .complex:
      let parts = try numbers(Double.self)
      return .complex(real: parts[0], imaginary: parts[1])
    default: return try elements()?.first
    }
  }

  /// A text of fixed length keeps the NUL characters at its end, which HDF5 takes for padding.
  private func text() throws -> String? {
    guard kind == .text else { return nil }
    if dataset.dataspace == .null { return "" }
    guard dataset.datatype.isFixedText else { return try variableTexts().first }
    return String(validating: try bytes(), as: UTF8.self)
  }

  private func elements() throws -> [Value]? {
    switch kind {
    case .text: return try texts()?.map { .string($0) }
    case .int: return try numbers(Int64.self).map { .int(Int($0)) }
    case .float: return try numbers(Double.self).map { .float($0) }
    case .bool: return try bytes().map { .bool($0 != 0) }
    case .none?, .complex?, nil: return nil
    }
  }

  /// The texts of a list, nil if one is not UTF-8.
  private func texts() throws -> [String]? {
    guard dataset.datatype.isFixedText else { return try variableTexts() }
    let bytes = try bytes()
    let width = dataset.elementByteCount
    let texts = stride(from: 0, to: bytes.count, by: width).compactMap { start in
      String(
        validating: Array(bytes[start..<(start + width)]).withoutPadding, as: UTF8.self)
    }
    return texts.count * width == bytes.count ? texts : nil
  }

  /// Texts in the heap of the file.
  private func variableTexts() throws -> [String] {
    try dataset.strings(decoding: bytes(), maximumBytes: Self.maximumTextByteCount)
  }

  /// No program adds a longer text.
  private static let maximumTextByteCount = 1 << 24

  private func numbers<T: PlainNumber>(_ type: T.Type) throws -> [T] {
    try bytes().withBytes { [T](copying: $0) }
  }
}
