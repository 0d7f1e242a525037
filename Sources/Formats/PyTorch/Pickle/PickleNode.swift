import Arrays

/// A value with identity.
///
/// The machine keeps every node that it made, and empties them all when it is done. So cycles
/// do not leak, and releasing a chain of a million nested lists does not overflow the stack.
class PickleNode {
  /// Lets go of other values.
  func clear() {}
}

/// A tuple.
final class PickleTuple: PickleNode {
  private(set) var elements: [PickleValue]
  /// How deep tuples are nested in it.
  let depth: Int
  /// How many values a walk over it and the tuples in it meets, or `Int.max`.
  let weight: Int

  init(_ elements: [PickleValue]) {
    self.elements = elements
    var depth = 0
    var weight = 1
    for case .tuple(let tuple) in elements {
      depth = max(depth, tuple.depth)
      weight = weight.addingReportingOverflow(tuple.weight).overflow ? .max : weight + tuple.weight
    }
    self.depth = depth + 1
    self.weight =
      weight.addingReportingOverflow(elements.count).overflow
      ? .max : weight + elements.count
  }

  override func clear() { elements = [] }
}

/// A list.
final class PickleList: PickleNode {
  var elements: [PickleValue]

  init(_ elements: [PickleValue] = []) { self.elements = elements }

  override func clear() { elements = [] }
}

/// A set, in the order in which its elements were added.
final class PickleSet: PickleNode {
  let typeName: String
  private(set) var elements: [PickleValue] = []
  private var keys: Set<PickleKey> = []

  init(typeName: String) { self.typeName = typeName }

  func insert(_ element: PickleValue, _ key: PickleKey) {
    if keys.insert(key).inserted { elements.append(element) }
  }

  override func clear() { elements = [] }
}

/// An object of a class that is not known here: its class's name, and data.
final class PickleInstance: PickleNode {
  /// The class's name with its module.
  let type: String
  /// What its constructor would have been given.
  private(set) var arguments: [PickleValue]
  /// Whether it stands for what a function would have made of the arguments.
  let isCall: Bool
  /// Why it is a tensor that is not read, if it is one.
  let unread: UnreadTensor?
  /// What `__setstate__` would have been given.
  var state: PickleValue?
  /// What it holds if it is a kind of dictionary.
  private(set) var items: PickleDict?
  /// What it holds if it is a kind of list.
  var elements: [PickleValue] = []

  init(
    type: String, arguments: [PickleValue] = [], state: PickleValue? = nil, isCall: Bool = false,
    unread: UnreadTensor? = nil
  ) {
    self.type = type
    self.isCall = isCall
    self.unread = unread
    self.arguments = arguments
    self.state = state
  }

  /// The attributes of a plain object.
  var attributes: PickleDict? {
    // A module that PyTorch traced is made anew from its attributes.
    if isCall, type.hasPrefix("torch.fx.graph_module.reduce_") { return arguments.first?.dict }
    if case .tuple(let pair) = state, pair.elements.count == 2 {
      // Attributes in slots come as a second dictionary.
      return pair.elements[0].dict
    }
    return state?.dict
  }

  /// The dictionary that holds what is set by key.
  func itemsForWriting() -> PickleDict {
    if let items { return items }
    let made = PickleDict()
    items = made
    return made
  }

  override func clear() {
    arguments = []
    state = nil
    items?.clear()
    elements = []
  }
}
