import Checkpoints
import OrderedCollections
import States

/// The names of classes and functions that pickles mention.
final class PickleNames {
  var all: OrderedSet<String> = []
  /// Those of ``DangerousNames`` among them.
  var dangerous: OrderedSet<String> = []
}

/// Interprets a pickle as data.
///
/// A pickle is a program for a small stack machine. Python runs it with the power to call any
/// function. This machine has no such power: a name becomes a value of the tables of
/// ``PickleGlobal``, an opaque object, or an error.
///
/// It is bounded whatever the bytes say: every instruction takes at least one byte, and the
/// stack, the memo, the number of nodes and the bytes copied have limits.
final class PickleMachine {
  /// What to do with names that would be refused.
  enum Policy {
    /// Stop with an error that names them.
    case refuse
    /// Go on with an opaque value, to list all the names in the pickle.
    case survey
    /// Keep them as names, as all others.
    case keep
  }

  let input: PickleInput
  let policy: Policy
  /// Gives the value of a persistent id, which stands for something outside the pickle.
  let persistentValue: (PickleValue, PickleMachine) throws(CheckpointError) -> PickleValue

  /// Takes the names of classes and functions, in order of first mention.
  let names: PickleNames
  /// The functions and classes whose calls were kept as data.
  var uncalledNames: OrderedSet<String> = []
  /// The first of those calls that may make a tensor.
  var firstTensorCall: PickleInstance?
  /// What is worth knowing, in words.
  var notes: OrderedSet<String> = []
  /// What became of another class as it was made, wherever in the object that is.
  var losses: OrderedSet<ConversionLoss> = []

  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [PickleValue] = []
  private var sparseMemo: [Int: PickleValue] = [:]
  private var nodes: [PickleNode] = []
  private var work = 0

  private enum Limit {
    static let stack = 1_000_000
    static let memo = 10_000_000
    static let nodes = 8_000_000
    static let freeWork = 4_000_000
    static let workPerByte = 32
    static let tupleDepth = 256
    static let keyWeight = 10_000
    static let name = 1000
  }

  init(
    _ input: PickleInput, policy: Policy = .refuse, names: PickleNames = PickleNames(),
    persistentValue:
      @escaping (PickleValue, PickleMachine) throws(CheckpointError) -> PickleValue
  ) {
    self.input = input
    self.policy = policy
    self.names = names
    self.persistentValue = persistentValue
  }

  deinit {
    for node in nodes { node.clear() }
  }

  // MARK: Errors

  func damaged(_ reason: String) -> CheckpointError { input.error(.damaged, reason) }

  func refused(_ reason: String, advice: String? = nil) -> CheckpointError {
    input.error(.refused, reason, advice: advice)
  }

  func unsupported(_ reason: String, advice: String? = nil) -> CheckpointError {
    input.error(.unsupported, reason, advice: advice)
  }

  // MARK: Bounds

  /// Counts work that is not bounded by the length of an instruction, such as copying.
  func charge(_ amount: Int) throws(CheckpointError) {
    let (sum, overflow) = work.addingReportingOverflow(amount)
    let limit = Limit.freeWork + Limit.workPerByte * min(input.position, 1 << 40)
    guard !overflow, sum <= limit else {
      throw refused("it unpacks to far more than its size warrants")
    }
    work = sum
  }

  /// Keeps a node until the machine is done.
  func adopt<Node: PickleNode>(_ node: Node) throws(CheckpointError) -> Node {
    guard nodes.count < Limit.nodes else {
      throw refused("it has more than \(Limit.nodes) objects")
    }
    nodes.append(node)
    return node
  }

  // MARK: Stack

  func push(_ value: PickleValue) throws(CheckpointError) {
    guard stack.count < Limit.stack else {
      throw refused("its stack grows beyond \(Limit.stack) values")
    }
    stack.append(value)
  }

  func pop() throws(CheckpointError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw damaged("it takes a value from an empty stack")
    }
    return value
  }

  /// The topmost values, in the order in which they were pushed.
  func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
    guard stack.count - count >= marks.last ?? 0 else {
      throw damaged("it takes a value from an empty stack")
    }
    let values = Array(stack[(stack.count - count)...])
    stack.removeLast(count)
    return values
  }

  func top() throws(CheckpointError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw damaged("it needs a value and the stack is empty")
    }
    return value
  }

  func pushMark() throws(CheckpointError) {
    guard marks.count < Limit.stack else {
      throw refused("its stack grows beyond \(Limit.stack) marks")
    }
    marks.append(stack.count)
  }

  /// The values above the topmost mark, which are taken with it.
  func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged("it needs a mark and there is none") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  /// Python's POP: the topmost value, or the mark if that is topmost.
  func discardTop() throws(CheckpointError) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  // MARK: Memo

  func memoize(at index: Int? = nil) throws(CheckpointError) {
    let value = try top()
    let index = index ?? memo.count + sparseMemo.count
    guard memo.count + sparseMemo.count < Limit.memo else {
      throw refused("its memo grows beyond \(Limit.memo) values")
    }
    if index == memo.count {
      memo.append(value)
    } else if index < memo.count {
      memo[index] = value
    } else {
      sparseMemo[index] = value
    }
  }

  func recall(_ index: Int) throws(CheckpointError) {
    let value = memo.indices.contains(index) ? memo[index] : sparseMemo[index]
    guard let value else { throw damaged("it refers to value \(index), which it did not set") }
    try push(value)
  }

  // MARK: Names

  /// The meaning of a name, which is noted.
  func global(module: String, name: String) throws(CheckpointError) -> PickleGlobal {
    guard module.utf8.count + name.utf8.count <= Limit.name else {
      throw refused("it names a class or function in more than \(Limit.name) bytes")
    }
    let global = PickleGlobal(module: module, name: name)
    names.all.append(global.name)
    guard case .forbidden = global.meaning else { return global }
    names.dangerous.append(global.name)
    guard policy != .refuse else {
      throw refused(
        "it names \(global.name), through which a program could be run; nothing was run",
        advice: Self.danger)
    }
    return global
  }

  // MARK: Keys

  /// What identifies a key.
  func key(_ value: PickleValue) throws(CheckpointError) -> PickleKey {
    switch value {
    case .none: return .none
    case .bool(let value): return .int(value ? 1 : 0)
    case .int(let value): return .int(value)
    case .bigInt(let digits): return .bigInt(digits)
    case .float(let value): return Int(exactly: value).map { .int($0) } ?? .float(value.bitPattern)
    case .complex(let real, let imaginary): return .complex(real.bitPattern, imaginary.bitPattern)
    case .string(let string):
      try charge(string.utf8.count >> 4)
      return .string(ExactString(string))
    case .bytes(let bytes):
      try charge(bytes.count >> 4)
      return .bytes(bytes)
    case .global(let global): return .global(global.name)
    case .tuple(let tuple):
      guard tuple.depth <= Limit.tupleDepth, tuple.weight <= Limit.keyWeight else {
        throw refused("a key is a tuple with too many parts")
      }
      try charge(tuple.weight)
      var keys: [PickleKey] = []
      for element in tuple.elements { keys.append(try key(element)) }
      return .tuple(keys)
    case .tensor(let node as PickleNode), .storage(let node as PickleNode),
      .instance(let node as PickleNode), .numpyType(let node as PickleNode):
      return .node(ObjectIdentifier(node))
    case .set(let set) where set.typeName == "frozenset": return .node(ObjectIdentifier(set))
    case .list, .dict, .set, .numpyArray:
      throw damaged("\(value.kind) is used as a key")
    }
  }

  /// Sets a value in a dictionary.
  func set(_ dict: PickleDict, _ key: PickleValue, _ value: PickleValue) throws(CheckpointError) {
    dict.set(key, try self.key(key), value)
  }
}
