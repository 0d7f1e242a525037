extension Call {
  /// One length for each of `count` dimensions; a single one stands for all.
  private func lengths(_ position: Int?, _ name: String, _ count: Int, _ standard: Int) throws
    -> [Int]
  {
    let found = try optionalInts(position, name) ?? [standard]
    if found.count == 1 { return Array(repeating: found[0], count: count) }
    guard found.count == count else { throw NotExpressible("\(name) of \(found.count)") }
    return found
  }

  func single(_ position: Int?, _ name: String, _ standard: Int) throws -> Int {
    try lengths(position, name, 1, standard)[0]
  }

  func pair(_ position: Int?, _ name: String, _ standard: Int) throws -> (Int, Int) {
    let found = try lengths(position, name, 2, standard)
    return (found[0], found[1])
  }

  func triple(_ position: Int?, _ name: String, _ standard: Int) throws -> (Int, Int, Int) {
    let found = try lengths(position, name, 3, standard)
    return (found[0], found[1], found[2])
  }

  /// A stride of pooling, which is the size where none is given or the list of it is empty.
  func stride(_ position: Int?, _ name: String, like size: Int) throws -> Int? {
    if isEmptyList(position, name) { return nil }
    return argument(position, name) == nil ? nil : try single(position, name, size)
  }

  func stride2(_ position: Int?, _ name: String = "stride") throws -> (Int, Int)? {
    if isEmptyList(position, name) { return nil }
    return argument(position, name) == nil ? nil : try pair(position, name, 1)
  }

  func stride3(_ position: Int?, _ name: String = "stride") throws -> (Int, Int, Int)? {
    if isEmptyList(position, name) { return nil }
    return argument(position, name) == nil ? nil : try triple(position, name, 1)
  }

  private func isEmptyList(_ position: Int?, _ name: String) -> Bool {
    if case .list(let parts)? = argument(position, name) { return parts.isEmpty }
    return false
  }

  /// Lengths of which any can be None.
  func partialLengths(_ position: Int?, _ name: String, _ count: Int) throws -> [Int?] {
    guard let value = argument(position, name) else { throw NotExpressible("without \(name)") }
    let parts: [Argument] = if case .list(let parts) = value { parts } else { [value] }
    let found: [Int?] = try parts.map {
      switch $0 {
      case .none: return nil
      case .int(let number): return number
      default: throw NotExpressible("\(name) is \($0.kind)")
      }
    }
    if found.count == 1 { return Array(repeating: found[0], count: count) }
    guard found.count == count else { throw NotExpressible("\(name) of \(found.count)") }
    return found
  }

  /// Lengths of sequences, as a list or as a tensor of integers.
  func counts(_ position: Int) throws -> [Int] {
    if case .tensor(let tensor)? = argument(position) {
      return tensor.to(.int64).elements(as: Int.self)
    }
    return try ints(position)
  }

  /// How a loss is reduced, PyTorch's old two flags included.
  func reduction(_ position: Int? = nil) throws -> LossReduction {
    try choice(position, "reduction", .mean)
  }
}
