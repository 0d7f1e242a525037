import Arrays
import Files
import Kernels

/// An array whose operations are recorded, so that gradients can be computed.
///
/// Equivalent to `torch.Tensor`. A view shares the elements of the tensor that it was made from, so a
/// change in place reaches both, and so do their gradients: see ``add_(_:alpha:)``. Only ``array`` is a
/// value, which never changes with the tensor.
///
/// ```swift
/// let x = Tensor([1.0, 2, 3], requiresGrad: true)
/// (x * x).sum().backward()
/// print(x.grad!)                      // tensor([2., 4., 6.])
/// ```
///
/// PyTorch's names work beside Swift's, and a tensor prints as PyTorch prints it.
///
/// A tensor is not `Sendable`. Pass its ``array`` between threads instead.
public class Tensor {
  /// The elements. Meaningless on ``Device/meta``.
  public internal(set) final var array: NDArray
  /// Where the elements are.
  public final package(set) var device: Device
  /// The gradient, if there is one. Equivalent to `torch.Tensor.grad`.
  ///
  /// Gradients accumulate until it is set to nil; see ``zeroGrad()``. Setting one of another shape,
  /// type or device than this tensor's traps, as does setting the tensor itself.
  public final var grad: Tensor? {
    willSet { if let newValue { requireGradient(newValue) } }
  }
  /// The recorded operation that this tensor is the result of, if any.
  package final var node: Node?
  /// The tensors that share this one's memory, once there are any.
  final var family: ViewFamily?
  /// Where this tensor is among them.
  final var place: Int32 = 0
  /// Which of them it is a view of for gradients too: those with the same number.
  final var line: Int32 = 0
  /// Whether it is a view for gradients too, and one that was made where none are recorded.
  final var (isView, isUnrecordedView) = (false, false)
  /// How many times the elements have been changed in place.
  package final var version = 0
  /// Whether prefix `-` made this tensor, which `**` asks.
  final var isNegation = false
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

  /// A tensor with the given elements.
  ///
  /// - Parameters:
  ///   - array: The elements, which are not copied.
  ///   - requiresGrad: Whether ``grad`` is to be computed. Traps for integers.
  public convenience init(_ array: NDArray, requiresGrad: Bool = false) {
    self.init(array: array, device: .cpu, node: nil, requiresGrad: requiresGrad)
  }

  /// The length along each dimension.
  public final var shape: Shape { array.shape }
  /// The type of the elements.
  public final var dtype: DType { array.dtype }
  /// The number of dimensions.
  public final var rank: Int { array.rank }
  /// The number of elements.
  public final var elementCount: Int { array.elementCount }

  deinit { leaveFamily() }

  /// Whether gradients flow to this tensor. Equivalent to `torch.Tensor.requires_grad`.
  ///
  /// It can be set to false only on a leaf, that is, a tensor that is not the result of a recorded
  /// operation, and to true only for numbers with a fraction; otherwise it traps.
  public final var requiresGrad: Bool {
    get { node != nil || isTrainable }
    set {
      require(
        newValue || node == nil,
        "requiresGrad: can only be changed on leaf tensors, not on a result; detach() it")
      require(
        !newValue || dtype.isFloatingPoint || dtype.isComplex,
        "requiresGrad: only tensors of floating-point type can require gradients, not one of "
          + "\(dtype)")
      guard node == nil, newValue != isTrainable else { return }
      isTrainable = newValue
      leadChangedViews()
    }
  }

  /// Whether this tensor is not the result of a recorded operation. Equivalent to
  /// `torch.Tensor.is_leaf`.
  public final var isLeaf: Bool { node == nil }

  /// A tensor with the same elements through which no gradient flows. Equivalent to
  /// `torch.Tensor.detach`.
  ///
  /// It is a view: a change in place of one reaches the other, without a gradient. As in PyTorch, a
  /// gradient that needs the elements as they were is refused then.
  public final func detached() -> Tensor {
    let result = Tensor(array: array, device: device, node: nil, requiresGrad: false)
    result.join(self, detached: true)
    return result
  }

  /// Discards the gradient.
  public final func zeroGrad() { grad = nil }

  /// Traps unless a tensor can be this one's gradient.
  private final func requireGradient(_ gradient: Tensor) {
    require(gradient !== self, "grad: can't assign a tensor of shape \(shape) as its own grad")
    require(
      gradient.shape == shape,
      "grad: attempting to assign a gradient of size '\(gradient.shape)' to a tensor of size "
        + "'\(shape)'. Please ensure that the gradient and the tensor are the same size")
    require(
      gradient.dtype == dtype,
      "grad: attempting to assign a gradient with dtype '\(gradient.dtype)' to a tensor of "
        + "'\(dtype)' and shape \(shape): convert it with to(.\(dtype))")
    require(
      gradient.device == device,
      "grad: attempting to assign a gradient with device type '\(gradient.device)' to a tensor "
        + "with device type '\(device)' and shape \(shape)")
  }

  final func requireStorage(_ operation: StaticString) {
    require(
      device != .meta,
      "\(operation): a tensor of shape \(shape) on the meta device has no elements")
  }

  /// Gives this tensor other memory, perhaps of another shape and type. Views keep what they had.
  package final func replace(_ array: NDArray, device: Device = .cpu) {
    countChange()
    leaveFamily()
    self.array = device == .meta ? .placeholder(array.shape, array.dtype) : array
    self.device = device
  }

  /// Changes the elements in place, also for all views, and counts the change.
  ///
  /// - Parameter array: The new elements, of this tensor's shape and type. A tensor on
  ///   ``Device/meta`` gets memory by it.
  package final func overwrite(_ array: NDArray) {
    require(
      array.shape == shape && array.dtype == dtype,
      "overwrite: \(array.dtype) of shape \(array.shape) is not \(dtype) of shape \(shape)")
    guard device != .meta else { return replace(array) }
    putElements(array, for: "overwrite")
    countChange()
  }

  /// Changes the elements in place, also for all views, and counts the change.
  package final func update(_ body: (inout NDArray) -> Void) {
    requireStorage("update")
    if family?.isSingle ?? true {
      body(&array)
    } else {
      var changed = array
      body(&changed)
      write(changed, for: "update")
    }
    countChange()
  }
}

// A tensor refers to the graph that it is part of, which only one thread at a time may walk.
@available(*, unavailable)
extension Tensor: Sendable {}
