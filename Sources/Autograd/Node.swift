import Arrays
import Kernels
import Synchronization

/// A function that receives a gradient and returns one to replace it, or nil to leave it as it is.
public typealias GradientHook = (Tensor) -> Tensor?

/// A recorded operation: where its inputs came from, and how a gradient passes through it.
///
/// The result of the operation refers to its node, and nodes refer to those of their inputs. No
/// node refers to its result, since neither would then ever be freed.
package final class Node {
  /// Where the gradient of an input goes.
  enum Target {
    case node(Node)
    case leaf(Tensor)
    /// The input needs no gradient.
    case nothing
  }

  /// How the gradients of the inputs follow from that of the result.
  enum Rule {
    /// One function for each input that needs a gradient; nil for others.
    case separate([((Tensor) -> Tensor?)?])
    /// One function for all, told which are needed.
    case joint((Tensor, [Bool]) -> [Tensor?])
    /// The graph has been freed by a walk.
    case released
  }

  var name: StaticString
  /// Counts up over all operations, so that a result always has a higher number than its inputs.
  let sequence: UInt64
  let shape: Shape
  let dtype: DType
  private(set) var targets: [Target]
  /// How many inputs the operation has.
  let operandCount: Int
  var rule = Rule.released
  var pending = PendingGradient()
  var hooks: HookList<GradientHook>?
  /// The result, if its gradient is to be kept.
  weak var retained: Tensor?

  private static let counter = Atomic<UInt64>(0)

  init(_ name: StaticString, targets: [Target], shape: Shape, dtype: DType) {
    self.name = name
    self.targets = targets
    operandCount = targets.count
    self.shape = shape
    self.dtype = dtype
    sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// Drops what a gradient would need, so that memory is freed while a walk goes on.
  func release() {
    rule = .released
    targets = []
  }

  // Left to itself, freeing a node would free its inputs' nodes within, and so on: a chain of
  // some ten thousand operations would overflow the stack. Here a node takes over from those that
  // it alone refers to what they refer to, and they are freed one after the other. The rules go
  // first, because they hold the inputs, which refer to the same nodes.
  deinit {
    rule = .released
    var orphans = targets
    targets = []
    while let orphan = orphans.popLast() {
      guard case .node(var node) = consume orphan else { continue }
      if isKnownUniquelyReferenced(&node) {
        node.rule = .released
        orphans += node.targets
        node.targets = []
      }
    }
  }
}

/// The sum of the gradients that have arrived at a place so far.
struct PendingGradient {
  private(set) var sum: Tensor?
  /// Whether the sum was made here, so that nobody else sees it change.
  private var isOwned = false

  mutating func take() -> Tensor? {
    defer { self = PendingGradient() }
    return sum
  }

  mutating func add(_ gradient: Tensor) {
    guard let sum else {
      self.sum = gradient
      return
    }
    if isOwned && !GradMode.isEnabled {
      sum.array.add(gradient.array)
    } else {
      self.sum = sum + gradient
      isOwned = true
    }
  }
}
