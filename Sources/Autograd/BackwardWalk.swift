import Arrays
import Files
import Kernels

/// One traversal of the graph by gradients, from results to leaves.
///
/// Nodes wait in a heap ordered by their numbers. A result always has a higher number than its
/// inputs, so when a node is taken out, every gradient that flows to it has arrived. Nothing here
/// recurses: graphs may be a million operations deep.
struct BackwardWalk {
  private let retainGraph: Bool
  private let createGraph: Bool
  /// The nodes whose gradients are requested, besides those of leaves.
  private let wanted: Set<ObjectIdentifier>
  /// Whether gradients go no further than to those nodes.
  private let stopsAtWanted: Bool
  private var heap: [Node] = []
  private var leaves: [Tensor] = []
  private var found: [ObjectIdentifier: Tensor] = [:]

  private init(
    retainGraph: Bool, createGraph: Bool, wanted: Set<ObjectIdentifier> = [],
    stopsAtWanted: Bool = false
  ) {
    self.retainGraph = retainGraph
    self.createGraph = createGraph
    self.wanted = wanted
    self.stopsAtWanted = stopsAtWanted
  }

  /// Adds gradients to the leaves' ``Tensor/grad``.
  static func accumulate(
    _ roots: [(Tensor, gradient: Tensor)], retainGraph: Bool, createGraph: Bool
  ) {
    isolated(createGraph) {
      var walk = BackwardWalk(retainGraph: retainGraph, createGraph: createGraph)
      walk.run(roots)
      for leaf in walk.leaves {
        guard let gradient = leaf.takePendingGradient() else { continue }
        leaf.accumulate(gradient, keepingGraph: createGraph)
      }
    }
  }

  /// The gradients for `inputs`, without touching any ``Tensor/grad``.
  static func gradients(
    _ roots: [(Tensor, gradient: Tensor)], for inputs: [Tensor], retainGraph: Bool,
    createGraph: Bool, stoppingThere: Bool = false
  ) -> [Tensor?] {
    isolated(createGraph) {
      var walk = BackwardWalk(
        retainGraph: retainGraph, createGraph: createGraph,
        wanted: Set(inputs.compactMap(\.node).map(ObjectIdentifier.init)),
        stopsAtWanted: stoppingThere)
      walk.run(roots)
      for leaf in walk.leaves {
        walk.found[ObjectIdentifier(leaf)] = leaf.takePendingGradient()
      }
      return inputs.map { input in
        walk.found[input.node.map(ObjectIdentifier.init) ?? ObjectIdentifier(input)]
      }
    }
  }

  /// Calls `body` with gradients recorded or not, and none of them converted by autocast.
  private static func isolated<R>(_ createGraph: Bool, _ body: () -> R) -> R {
    GradMode.$isEnabled.withValue(createGraph) {
      Autocast.dtype == nil ? body() : Autocast.$dtype.withValue(nil, operation: body)
    }
  }

  private mutating func run(_ roots: [(Tensor, gradient: Tensor)]) {
    for (root, gradient) in roots { deliver(gradient, to: root.target, from: nil) }
    while let node = popLast() {
      guard var gradient = node.pending.take() else { continue }
      gradient = node.hooks?.applied(to: gradient) ?? gradient
      if wanted.contains(ObjectIdentifier(node)) {
        found[ObjectIdentifier(node)] = gradient
        if stopsAtWanted { continue }
      }
      node.retained?.accumulate(gradient, keepingGraph: createGraph)
      pass(gradient, through: node)
      if !retainGraph { node.release() }
    }
  }

  private mutating func pass(_ gradient: Tensor, through node: Node) {
    switch node.rule {
    case .separate(let functions):
      for (target, function) in zip(node.targets, functions) {
        if let function, let part = function(gradient) { deliver(part, to: target, from: node) }
      }
    case .joint(let function):
      let needs = node.targets.map { target in
        if case .nothing = target { false } else { true }
      }
      for (target, part) in zip(node.targets, function(gradient, needs)) {
        if let part { deliver(part, to: target, from: node) }
      }
    case .released:
      trap(
        "\(node.name): trying to backward through the graph a second time: the saved tensors "
          + "were freed the first time. Specify retainGraph: true on the first call.")
    }
  }

  /// Adds a gradient to what waits at an input of `source`, or at a root if that is nil.
  private mutating func deliver(
    _ gradient: Tensor, to target: Node.Target, from source: Node?
  ) {
    // A rule's sign is no one that somebody wrote before a power.
    gradient.isNegation = false
    switch target {
    case .nothing: break
    case .leaf(let leaf):
      let gradient = gradient.unbroadcast(to: leaf.shape, leaf.dtype, from: source)
      if leaf.pending.sum == nil { leaves.append(leaf) }
      leaf.pending.add(gradient)
    case .node(let node):
      let gradient = gradient.unbroadcast(to: node.shape, node.dtype, from: source)
      let isNew = node.pending.sum == nil
      node.pending.add(gradient)
      if isNew { push(node) }
    }
  }

  private mutating func push(_ node: Node) {
    heap.append(node)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].sequence >= heap[child].sequence { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func popLast() -> Node? {
    guard heap.count > 1 else { return heap.popLast() }
    heap.swapAt(0, heap.count - 1)
    let first = heap.popLast()
    var parent = 0
    while true {
      var maximum = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].sequence > heap[maximum].sequence { maximum = child }
      }
      if maximum == parent { return first }
      heap.swapAt(parent, maximum)
      parent = maximum
    }
  }
}

extension HookList<GradientHook> {
  /// A gradient after all hooks, each of which may replace it by another of its shape and type.
  fileprivate func applied(to gradient: Tensor) -> Tensor {
    hooks.reduce(gradient) { gradient, hook in
      guard let result = hook(gradient) else { return gradient }
      require(
        result.dtype == gradient.dtype,
        "onGradient: a hook has changed the type of the gradient (was \(gradient.dtype) got "
          + "\(result.dtype) of shape \(result.shape))")
      require(
        result.shape == gradient.shape,
        "onGradient: a hook has changed the size of the gradient (was \(gradient.shape) got "
          + "\(result.shape))")
      return result
    }
  }
}

extension Tensor {
  /// This gradient, summed and converted to the shape and type of an input before broadcasting and
  /// promotion.
  fileprivate func unbroadcast(
    to target: Shape, _ dtype: DType, from source: Node?
  ) -> Tensor {
    var gradient = self
    if gradient.shape != target {
      require(
        target.broadcasts(to: gradient.shape),
        "\(source?.name ?? "backward"): returned an invalid gradient - got \(gradient.shape) but "
          + "expected shape compatible with \(target)")
      let axes = target.axesBroadcast(to: gradient.shape)
      gradient = gradient.sum(axes, keepDims: true).reshaped(target)
    }
    return gradient.dtype == dtype ? gradient : gradient.to(dtype)
  }

  fileprivate func takePendingGradient() -> Tensor? {
    guard let gradient = pending.take() else { return nil }
    return leafHooks?.applied(to: gradient) ?? gradient
  }

  fileprivate func accumulate(_ gradient: Tensor, keepingGraph: Bool) {
    guard let grad else {
      self.grad =
        keepingGraph
        ? gradient.clone()  // Another leaf may get the same object.
        : Tensor(
          array: gradient.array.contiguous(), device: device, node: nil, requiresGrad: false)
      return
    }
    if keepingGraph {
      self.grad = grad + gradient
    } else {
      grad.update { $0.add(gradient.array) }
    }
  }
}
