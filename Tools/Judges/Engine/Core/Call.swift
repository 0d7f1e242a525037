/// The arguments of one call. It notices which of them are read: what the table does not read, it
/// does not express, so that no argument is passed over in silence.
final class Call {
  let positional: [Argument]
  let keywords: [String: Argument]
  private var readPositions: Set<Int> = []
  private var readNames: Set<String> = []

  init(_ positional: [Argument], _ keywords: [String: Argument]) {
    self.positional = positional
    self.keywords = keywords
  }

  /// The argument at a position or of a name, or nil if it is not given or None.
  func argument(_ position: Int?, _ name: String? = nil) -> Argument? {
    var found: Argument?
    if let position, position < positional.count {
      readPositions.insert(position)
      found = positional[position]
    } else if let name, let value = keywords[name] {
      readNames.insert(name)
      found = value
    }
    if case .none? = found { return nil }
    return found
  }

  /// Says that an argument has no effect on what is judged.
  func ignore(_ position: Int?, _ name: String) { _ = argument(position, name) }

  /// Throws if an argument was not read.
  func requireAllRead() throws {
    if let unread { throw NotExpressible(unread) }
  }

  /// An argument that was not read and means something, or nil.
  var unread: String? {
    for (position, value) in positional.enumerated()
    where !readPositions.contains(position) && !value.isIdle {
      return "argument \(position), \(value.kind)"
    }
    for (name, value) in keywords.sorted(by: { $0.key < $1.key })
    where !readNames.contains(name) && !value.isIdle {
      if case .bool(false) = value, Self.flags.contains(name) { continue }
      if name == "device" { continue }
      return "\(name)=\(value.kind)"
    }
    return nil
  }

  /// Keywords that mean nothing where they are False.
  private static let flags: Set<String> = [
    "requires_grad", "sparse", "pin_memory", "non_blocking", "out_int32", "return_indices",
    "scale_grad_by_freq", "recompute_scale_factor", "antialias", "sparse_grad", "enable_gqa",
    "return_inverse", "return_counts", "accumulate", "as_tuple", "copy", "inplace",
  ]

  // MARK: Reading

  private func required(_ position: Int?, _ name: String?) throws -> Argument {
    guard let value = argument(position, name) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    return value
  }

  private func refused(_ name: String?, _ position: Int?, _ value: Argument) -> NotExpressible {
    NotExpressible("\(name ?? "argument \(position ?? 0)") is \(value.kind)")
  }

  func tensor(_ position: Int?, _ name: String? = nil) throws -> Tensor {
    let value = try required(position, name)
    guard case .tensor(let tensor) = value else { throw refused(name, position, value) }
    return tensor
  }

  func optional(_ position: Int?, _ name: String? = nil) throws -> Tensor? {
    guard let value = argument(position, name) else { return nil }
    guard case .tensor(let tensor) = value else { throw refused(name, position, value) }
    return tensor
  }

  func list(_ position: Int?, _ name: String? = nil) throws -> [Tensor] {
    let value = try required(position, name)
    guard case .list(let parts) = value else { throw refused(name, position, value) }
    return try parts.map {
      guard case .tensor(let tensor) = $0 else { throw refused(name, position, $0) }
      return tensor
    }
  }

  func int(_ position: Int?, _ name: String? = nil, _ standard: Int? = nil) throws -> Int {
    guard let value = argument(position, name) ?? standard.map(Argument.int) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    guard case .int(let number) = value else { throw refused(name, position, value) }
    return number
  }

  func optionalInt(_ position: Int?, _ name: String? = nil) throws -> Int? {
    argument(position, name) == nil ? nil : try int(position, name)
  }

  /// A number; a whole one too.
  func number(_ position: Int?, _ name: String? = nil, _ standard: Double? = nil) throws -> Double {
    guard let value = argument(position, name) ?? standard.map(Argument.number) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    switch value {
    case .int(let number): return Double(number)
    case .number(let number): return number
    default: throw refused(name, position, value)
    }
  }

  func optionalNumber(_ position: Int?, _ name: String? = nil) throws -> Double? {
    argument(position, name) == nil ? nil : try number(position, name)
  }

  func bool(_ position: Int?, _ name: String? = nil, _ standard: Bool? = nil) throws -> Bool {
    guard let value = argument(position, name) ?? standard.map(Argument.bool) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    guard case .bool(let truth) = value else { throw refused(name, position, value) }
    return truth
  }

  func text(_ position: Int?, _ name: String? = nil, _ standard: String? = nil) throws -> String {
    guard let value = argument(position, name) ?? standard.map(Argument.text) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    guard case .text(let text) = value else { throw refused(name, position, value) }
    return text
  }

  /// A text that stands for a case.
  func choice<C: RawRepresentable<String>>(
    _ position: Int?, _ name: String, _ standard: C
  ) throws -> C {
    let text = try text(position, name, standard.rawValue)
    guard let value = C(rawValue: text) else { throw NotExpressible("\(name)='\(text)'") }
    return value
  }

  func dtype(_ position: Int?, _ name: String? = "dtype") throws -> DType? {
    guard let value = argument(position, name) else { return nil }
    guard case .dtype(let dtype) = value else { throw refused(name, position, value) }
    return dtype
  }

  /// Integers; one stands for a list of it.
  func ints(_ position: Int?, _ name: String? = nil) throws -> [Int] {
    guard let found = try optionalInts(position, name) else {
      throw NotExpressible("without \(name ?? "argument \(position ?? 0)")")
    }
    return found
  }

  func optionalInts(_ position: Int?, _ name: String? = nil) throws -> [Int]? {
    guard let value = argument(position, name) else { return nil }
    if case .int(let number) = value { return [number] }
    guard case .list(let parts) = value else { throw refused(name, position, value) }
    return try parts.map {
      guard case .int(let number) = $0 else { throw refused(name, position, $0) }
      return number
    }
  }

  /// Numbers; one stands for a list of it.
  func optionalNumbers(_ position: Int?, _ name: String? = nil) throws -> [Double]? {
    guard let value = argument(position, name) else { return nil }
    let parts: [Argument] = if case .list(let parts) = value { parts } else { [value] }
    return try parts.map {
      switch $0 {
      case .int(let number): return Double(number)
      case .number(let number): return number
      default: throw refused(name, position, $0)
      }
    }
  }
}
