import Arrays
import Files
import Kernels

/// An array that operations are recorded on, so that gradients can be taken.
///
/// Equivalent to `torch.Tensor`, with these differences: its ``array`` is a value, so that no two
/// tensors ever write to the same memory; and nothing changes a tensor in place except
/// ``Parameter/assign(_:)`` and ``Buffer/assign(_:)``.
///
/// ```swift
/// let x = Tensor([1, 2, 3] as [Float], requiresGrad: true)
/// (x * x).sum().backward()
/// x.grad?.elements(as: Float.self)    // [2, 4, 6]
/// ```
///
/// A tensor is not `Sendable`. What crosses threads is its ``array``.
public class Tensor {
  /// The elements. On ``Device/meta`` they mean nothing.
  public final package(set) var array: NDArray
  /// Where the elements are.
  public final package(set) var device: Device
  /// The gradient, once there is one. Equivalent to `torch.Tensor.grad`.
  ///
  /// Gradients add up until they are set to nil; see ``zeroGrad()``.
  public final var grad: Tensor?
  /// The operation that this tensor is the result of, if it was recorded.
  package final let node: Node?
  /// How often the elements have been changed in place.
  package final var version = 0
  /// Hooks on the gradient of a leaf. Those of other tensors are at the node.
  final var leafHooks: HookList<GradientHook>?
  /// The gradient that a walk has gathered for this leaf so far.
  final var pending = PendingGradient()
  private final var isTrainable: Bool

  package init(array: NDArray, device: Device, node: Node?, requiresGrad: Bool) {
    require(
      !requiresGrad || array.dtype.isFloatingPoint || array.dtype.isComplex,
      "requiresGrad: only tensors of floating-point type can require gradients, "
        + "not one of \(array.dtype)")
    self.array = device == .meta ? .placeholder(array.shape, array.dtype) : array
    self.device = device
    self.node = node
    isTrainable = requiresGrad
  }

  /// A tensor of these elements.
  ///
  /// - Parameter requiresGrad: Whether ``grad`` is to be computed for it.
  public convenience init(_ array: NDArray, requiresGrad: Bool = false) {
    self.init(array: array, device: .cpu, node: nil, requiresGrad: requiresGrad)
  }

  /// A tensor of these elements in row-major order; of one dimension if no shape is given.
  ///
  /// - Precondition: `shape` has as many elements as are given.
  public convenience init<T: NDArrayElement>(
    _ elements: [T], shape: Shape? = nil, requiresGrad: Bool = false
  ) {
    self.init(
      NDArray(elements, shape: shape ?? [elements.count]), requiresGrad: requiresGrad)
  }

  /// A tensor without dimensions that holds one element.
  public convenience init<T: NDArrayElement>(_ scalar: T, requiresGrad: Bool = false) {
    self.init(NDArray(scalar), requiresGrad: requiresGrad)
  }

  /// The lengths along each dimension.
  public final var shape: Shape { array.shape }
  /// The type of the elements.
  public final var dtype: DType { array.dtype }
  /// The number of dimensions.
  public final var rank: Int { array.rank }
  /// The number of elements.
  public final var elementCount: Int { array.elementCount }

  /// Whether gradients flow to this tensor.
  ///
  /// It can be set only on a leaf: a tensor that is not the result of a recorded operation.
  public final var requiresGrad: Bool {
    get { node != nil || isTrainable }
    set {
      require(
        node == nil, "requiresGrad: can only be changed on leaf tensors, not on a result")
      require(
        !newValue || dtype.isFloatingPoint || dtype.isComplex,
        "requiresGrad: only tensors of floating-point type can require gradients, not one of "
          + "\(dtype)")
      isTrainable = newValue
    }
  }

  /// Whether this tensor is not the result of a recorded operation.
  public final var isLeaf: Bool { node == nil }

  /// A tensor of the same elements through which no gradient flows.
  public final func detached() -> Tensor {
    Tensor(array: array, device: device, node: nil, requiresGrad: false)
  }

  /// Forgets the gradient.
  public final func zeroGrad() { grad = nil }

  /// The elements in row-major order.
  ///
  /// - Precondition: `T` is the tensor's type, and the tensor is not on ``Device/meta``.
  public final func elements<T: NDArrayElement>(as type: T.Type = T.self) -> [T] {
    requireStorage("elements")
    return array.elements(as: type)
  }

  /// The one element of a tensor that has one.
  ///
  /// - Precondition: `T` is the tensor's type, and there is one element, not on ``Device/meta``.
  public final func item<T: NDArrayElement>(as type: T.Type = T.self) -> T {
    requireStorage("item")
    return array.item(as: type)
  }

  final func requireStorage(_ operation: StaticString) {
    require(
      device != .meta,
      "\(operation): a tensor of shape \(shape) on the meta device has no elements")
  }

  /// Puts other elements in the place of these.
  package final func replace(_ array: NDArray, device: Device = .cpu) {
    self.array = device == .meta ? .placeholder(array.shape, array.dtype) : array
    self.device = device
    version += 1
  }

  /// Changes the elements in place.
  package final func update(_ body: (inout NDArray) -> Void) {
    requireStorage("update")
    body(&array)
    version += 1
  }
}

// A tensor refers to the graph that it is part of, which only one thread at a time may walk.
@available(*, unavailable)
extension Tensor: Sendable {}
