import HDF5
import States

/// Reads a dataset that holds a single value or a list.
struct LeafReader {
  private let dataset: HDF5Dataset
  /// What the attribute `type` says.
  private let type: String?

  init(_ dataset: HDF5Dataset, _ type: String?) {
    self.dataset = dataset
    self.type = type
  }

  /// What the HDF5 type alone says.
  private enum Kind {
    case none, text, int, float, bool, complex
  }

  /// Whether a dataset without the attribute is a value rather than a tensor.
  var isValue: Bool {
    get throws {
      switch try dataset.dataspace {
      case .null: true
      case .scalar: try kind != nil
      case .simple: try kind == .text
      }
    }
  }

  /// The value, or nil if no value is stored so.
  func value() throws -> Value? {
    switch (type, try dataset.dataspace) {
    case ("none", _): return Value.none
    case ("bytes", .simple(_, _)): return .bytes(try dataset.readBytes())
    case ("int", _): return try text().map { .bigInt($0) }
    case ("list", .simple(_, _)): return try elements().map { .list($0) }
    case ("tuple", .simple(_, _)): return try elements().map { .tuple($0) }
    case (nil, .simple(_, _)) where try kind == .text: return try elements().map { .list($0) }
    case (nil, .null): return try kind == .text ? "" : nil
    case (nil, .scalar): return try scalar()
    default: return nil
    }
  }

  private var kind: Kind? {
    get throws {
      switch try dataset.datatype {
      case let type where type.isFixedText: .text
      case .integer(8, true, _): .int
      case .float(let format) where format.bytes == 8: .float
      case .boolean: .bool
      case .complex(.float64): .complex
      default: nil
      }
    }
  }

  private func scalar() throws -> Value? {
    switch try kind {
    case .text: try text().map { .string($0) }
    case .int: .int(try dataset.read(as: Int64.self).map(Int.init)[0])
    case .float: .float(try dataset.read(as: Double.self)[0])
    case .bool: .bool(try dataset.read(as: Bool.self)[0])
    case .complex:
      try dataset.readBytes().withUnsafeBytes { bytes in
        .complex(
          real: bytes.loadUnaligned(as: Double.self),
          imaginary: bytes.loadUnaligned(fromByteOffset: 8, as: Double.self))
      }
    case .none?, nil: nil
    }
  }

  /// A text of fixed length keeps the NUL characters at its end, which HDF5 takes for padding.
  private func text() throws -> String? {
    guard try kind == .text else { return nil }
    if try dataset.dataspace == .null { return "" }
    return String(validating: try dataset.readBytes(), as: UTF8.self)
  }

  private func elements() throws -> [Value]? {
    switch try kind {
    case .text: try dataset.readStrings().map { .string($0) }
    case .int: try dataset.read(as: Int64.self).map { .int(Int($0)) }
    case .float: try dataset.read(as: Double.self).map { .float($0) }
    case .bool: try dataset.read(as: Bool.self).map { .bool($0) }
    case .none?, .complex?, nil: nil
    }
  }
}
