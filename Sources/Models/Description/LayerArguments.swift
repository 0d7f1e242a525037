import Arrays
import Autograd
import NN
import States

/// The arguments of a layer in a description, each taken once and checked.
struct LayerArguments {
  private var members: [String: Value]
  private let path: String
  private var taken: Set<String> = []

  /// Lengths beyond this are mistakes, or made to exhaust memory.
  static let maximumLength = 1 << 24
  /// Lengths of tensors of language models beyond this are: the product of any three is an `Int`.
  static let maximumExtent = 1 << 20
  private static let maximumByteCount = 1 << 36
  /// The largest number of channels or features inside a network.
  private static let maximumWidth = 1 << 14

  init(_ value: Value, path: String) {
    members = Dictionary(
      (value.dictionary ?? [:]).map { ($0.key.text, $0.value) }, uniquingKeysWith: { $1 })
    self.path = path
  }

  /// Adds arguments that are absent.
  mutating func setDefaults(_ defaults: [(String, Value)]) {
    for (name, value) in defaults where members[name] == nil { members[name] = value }
  }

  /// Counts an argument as taken.
  mutating func ignore(_ name: String) { taken.insert(name) }

  /// Whether an argument was asked for.
  func isTaken(_ name: String) -> Bool { taken.contains(name) }

  /// All arguments that were not taken yet, but for the tensors to register.
  mutating func takeRest() -> [String: Value] {
    let rest = members.filter {
      !taken.contains($0.key) && $0.key != "parameters" && $0.key != "buffers"
    }
    taken.formUnion(rest.keys)
    return rest
  }

  /// An argument as it is.
  mutating func value(_ name: String) -> Value? {
    taken.insert(name)
    return members[name]
  }

  /// Whether an argument is there and not null; it counts as taken.
  mutating func isGiven(_ name: String) -> Bool {
    switch value(name) {
    case nil, .some(.none): false
    default: true
    }
  }

  private func failure(_ name: String, _ expected: String) -> ModelError {
    ModelError(
      path: path,
      reason: "\(name) is \(members[name]?.json() ?? "absent"), and should be \(expected)")
  }

  /// A length: a positive integer.
  mutating func length(_ name: String, default value: Int? = nil) throws(ModelError) -> Int {
    let length = try integer(name, default: value)
    guard (1...Self.maximumLength).contains(length) else {
      throw failure(name, "between 1 and \(Self.maximumLength)")
    }
    return length
  }

  /// A length of which the product with two others is a number of elements: a positive integer.
  mutating func extent(_ name: String, default value: Int? = nil) throws(ModelError) -> Int {
    let length = try integer(name, default: value)
    guard (1...Self.maximumExtent).contains(length) else {
      throw failure(name, "between 1 and \(Self.maximumExtent)")
    }
    return length
  }

  /// A number of channels or features inside a network: a positive integer. Beyond the bound the
  /// products of two would be more than memory holds.
  mutating func width(_ name: String, default value: Int) throws(ModelError) -> Int {
    let width = try integer(name, default: value)
    guard (1...Self.maximumWidth).contains(width) else {
      throw failure(name, "between 1 and \(Self.maximumWidth)")
    }
    return width
  }

  /// A list of positive integers, none beyond the largest width, and not more than 64.
  mutating func integers(_ name: String, default value: [Int]) throws(ModelError) -> [Int] {
    guard let given = self.value(name) else { return value }
    guard let numbers = Self.integers(given) else {
      throw failure(name, "a list of 1 to 64 integers between 1 and \(Self.maximumWidth)")
    }
    return numbers
  }

  /// A list of lists of `length` positive integers each, none beyond the largest width.
  mutating func rows(
    _ name: String, length: Int, default value: [[Int]]
  ) throws(ModelError) -> [[Int]] {
    guard let given = self.value(name) else { return value }
    let lists: [Value]
    switch given {
    case .list(let elements), .tuple(let elements): lists = Array(elements)
    default: lists = []
    }
    let rows = lists.compactMap(Self.integers).filter { $0.count == length }
    guard (1...64).contains(rows.count), rows.count == lists.count else {
      throw failure(name, "a list of rows of \(length) positive integers")
    }
    return rows
  }

  private static func integers(_ value: Value) -> [Int]? {
    switch value {
    case .list(let elements), .tuple(let elements):
      let numbers = elements.compactMap(\.intValue)
      guard (1...64).contains(numbers.count), numbers.count == elements.count,
        numbers.allSatisfy({ (1...maximumWidth).contains($0) })
      else { return nil }
      return numbers
    default: return nil
    }
  }

  /// How many of something there are: an integer that is not negative, 0 if absent.
  mutating func count(_ name: String) throws(ModelError) -> Int {
    let count = try integer(name, default: 0)
    guard (0...Self.maximumLength).contains(count) else {
      throw failure(name, "between 0 and \(Self.maximumLength)")
    }
    return count
  }

  /// An integer.
  mutating func integer(_ name: String, default value: Int? = nil) throws(ModelError) -> Int {
    switch self.value(name) {
    case .int(let integer): return integer
    case nil:
      guard let value else { throw failure(name, "an integer") }
      return value
    default: throw failure(name, "an integer")
    }
  }

  /// An integer within bounds, or null.
  mutating func optionalInteger(
    _ name: String, in range: Range<Int>
  ) throws(ModelError) -> Int? {
    switch self.value(name) {
    case nil, .some(.none): return nil
    default:
      let integer = try integer(name)
      guard range.contains(integer) else {
        throw failure(name, "from \(range.lowerBound) to \(range.upperBound - 1)")
      }
      return integer
    }
  }

  /// A number.
  mutating func number(
    _ name: String, default value: Double? = nil
  ) throws(ModelError) -> Double {
    guard let given = self.value(name) ?? value.map(Value.float) else {
      throw failure(name, "a number")
    }
    guard let number = given.doubleValue else { throw failure(name, "a number") }
    return number
  }

  /// A number, with the kind in which it was given.
  mutating func given(
    _ name: String, default value: Double? = nil
  ) throws(ModelError) -> LayerNumber {
    let number = try number(name, default: value)
    let isWhole = if case .int = self.value(name) { true } else { false }
    return LayerNumber(number, isWhole: isWhole)
  }

  /// A number that is positive and finite.
  mutating func power(_ name: String) throws(ModelError) -> LayerNumber {
    let power = try given(name)
    guard power.layerValue > 0, power.layerValue.isFinite else { throw failure(name, "positive") }
    return power
  }

  /// A number from 0 to 1.
  mutating func probability(
    _ name: String, default value: Double
  ) throws(ModelError) -> LayerNumber {
    let probability = try given(name, default: value)
    guard (0...1).contains(probability.layerValue) else { throw failure(name, "between 0 and 1") }
    return probability
  }

  /// A number, or null.
  mutating func optionalNumber(
    _ name: String, default value: Double? = nil
  ) throws(ModelError) -> Double? {
    switch self.value(name) {
    case nil: value
    case .none?: nil
    default: try number(name, default: 0)
    }
  }

  /// A boolean.
  mutating func flag(_ name: String, default value: Bool) throws(ModelError) -> Bool {
    guard let given = self.value(name) else { return value }
    guard let flag = given.boolValue else { throw failure(name, "true or false") }
    return flag
  }

  /// A text.
  mutating func text(_ name: String, default value: String) throws(ModelError) -> String {
    guard let given = self.value(name) else { return value }
    guard let text = given.stringValue else { throw failure(name, "a text") }
    return text
  }

  /// One integer for both directions, or two, none below `minimum`.
  mutating func pair(
    _ name: String, default value: Int? = nil, minimum: Int
  ) throws(ModelError) -> [Int] {
    try lengths(name, count: 2, default: value, minimum: minimum)
  }

  /// One integer for all directions, or three, none below `minimum`.
  mutating func triple(
    _ name: String, default value: Int? = nil, minimum: Int
  ) throws(ModelError) -> [Int] {
    try lengths(name, count: 3, default: value, minimum: minimum)
  }

  /// One integer for all directions, or one for each, none below `minimum`.
  mutating func lengths(
    _ name: String, count: Int, default value: Int? = nil, minimum: Int
  ) throws(ModelError) -> [Int] {
    if let lengths = try optionalLengths(name, count: count, minimum: minimum) { return lengths }
    guard let value else { throw failure(name, "an integer or \(count)") }
    return Array(repeating: value, count: count)
  }

  /// One integer for all directions, or one for each, none below `minimum`; nil if absent or null.
  mutating func optionalLengths(
    _ name: String, count: Int, minimum: Int
  ) throws(ModelError) -> [Int]? {
    let numbers: [Int]
    switch self.value(name) {
    case nil, .some(.none): return nil
    case .int(let all): numbers = Array(repeating: all, count: count)
    case .list(let elements), .tuple(let elements): numbers = elements.compactMap(\.intValue)
    default: throw failure(name, "an integer or \(count)")
    }
    guard numbers.count == count,
      numbers.allSatisfy({ (minimum...Self.maximumLength).contains($0) })
    else { throw failure(name, "an integer or \(count), each at least \(minimum)") }
    return numbers
  }

  /// A shape: an integer or a list of them.
  mutating func shape(_ name: String) throws(ModelError) -> Shape {
    let lengths: [Int]
    switch self.value(name) {
    case .int(let length): lengths = [length]
    case .list(let elements), .tuple(let elements):
      lengths = elements.compactMap(\.intValue)
      guard lengths.count == elements.count else { throw failure(name, "a list of integers") }
    default: throw failure(name, "an integer or a list of them")
    }
    guard let shape = Shape(validating: lengths), shape.elementCount <= Self.maximumByteCount else {
      throw failure(name, "a possible shape")
    }
    return shape
  }

  /// Refuses the lengths of a weight of which the elements cannot be counted.
  static func checkWeight(_ lengths: [Int]) throws(ModelError) {
    guard lengths.reduce(1.0, { $0 * Double($1) }) <= 0x1p60 else {
      throw ModelError(reason: "a weight of the lengths \(lengths) is more than memory holds")
    }
  }

  /// Tensors that are registered by name, made of zeros.
  mutating func tensors(
    _ name: String
  ) throws(ModelError) -> [(String, (array: NDArray, isPersistent: Bool))] {
    guard let value = self.value(name) else { return [] }
    guard let members = value.dictionary else { throw failure(name, "an object") }
    var tensors: [(String, (array: NDArray, isPersistent: Bool))] = []
    for (key, description) in members {
      let place = path.isEmpty ? key.text : "\(path).\(key.text)"
      guard !key.text.isEmpty, !key.text.contains(".") else {
        throw ModelError(path: place, reason: "a tensor's name is not empty and has no dot")
      }
      var arguments = LayerArguments(description, path: place)
      let shape = try arguments.shape("shape")
      let typeName = try arguments.text("dtype", default: "float32")
      guard let dtype = DType(rawValue: typeName) else {
        throw ModelError(path: place, reason: "there is no type \"\(typeName)\"")
      }
      let isPersistent = try arguments.flag("persistent", default: true)
      try arguments.finish("a tensor")
      let array =
        Device.current == .meta
        ? NDArray(zeros: .scalar, dtype: dtype).expanded(to: shape)
        : NDArray(zeros: shape, dtype: dtype)
      tensors.append((key.text, (array, isPersistent)))
    }
    return tensors
  }

  /// Refuses arguments that were not taken.
  func finish(_ layer: String) throws(ModelError) {
    let unknown = members.keys.filter { !taken.contains($0) }.sorted()
    guard let first = unknown.first else { return }
    let similar = KeySuggestion.closest(to: first, among: taken.sorted())
    throw ModelError(
      path: path,
      reason: "\(layer) has no argument \"\(first)\""
        + (similar.map { "; did you mean \"\($0)\"?" } ?? ""))
  }
}
