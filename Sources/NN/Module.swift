import Arrays
import Autograd
import Files
import States

/// The base of everything that has parameters: layers, losses, models.
///
/// Equivalent to `torch.nn.Module`. What a stored property is to the module follows from its type:
/// a ``/Autograd/Parameter`` is learned, a ``/Autograd/Buffer`` is kept, a module is a part;
/// optionals of these, and arrays of modules, count too. A plain ``/Autograd/Tensor`` is none of
/// them. The key in the state dict is the property's name in snake_case, as in PyTorch:
///
/// ```swift
/// final class Attention: Module {
///   let qProj = Linear(64, 64)              // "q_proj.weight", "q_proj.bias"
///   let causalMask: Buffer                  // "causal_mask"
///   var scratch = Tensor.zeros([3])         // not in the state dict
///
///   override func forward(_ x: Tensor) -> Tensor { … }
/// }
/// ```
///
/// Properties must be declared in the order in which PyTorch's class assigns them. A `lazy`
/// property, a tuple, a dictionary or a struct does not count; use ``ModuleList`` and
/// ``ModuleDict``.
///
/// A module is not `Sendable`. What crosses threads is its ``stateDict(prefix:)``.
open class Module {
  /// Whether the module is in training mode. Dropout and batch normalisation behave by it.
  public internal(set) final var isTraining = true

  /// Members that were registered while the program ran, in order.
  final var registered: [Member] = []
  /// Hooks, once there are any.
  final var hooks: ModuleHooks?

  /// A module in training mode.
  public init() {}

  /// The version of the class's state. Equivalent to `_version` in PyTorch.
  ///
  /// A state dict keeps it for each module, and ``/NN/Module/migrate(_:prefix:from:)`` is told it.
  open class var stateVersion: Int { 1 }

  /// Names in the state dict that are not the property's name in snake_case, by property.
  open class var stateKeyOverrides: [String: String] { [:] }

  /// The members in PyTorch's order of registration. Override for names that are made up as the
  /// program runs, such as `weight_ih_l0`.
  ///
  /// Nothing is cached: a property that is assigned later shows up at once.
  open func members() -> [Member] { Reflection.members(of: self) + registered }

  /// What the module computes. Call the module itself rather than this, so that hooks run.
  ///
  /// A module with other inputs or outputs than one tensor declares a function of its own, and
  /// calls ``withHooks(_:_:)`` in it.
  open func forward(_ input: Tensor) -> Tensor {
    trap("Module [\(typeName)] is missing the required \"forward\" function")
  }

  /// What the module computes, with its hooks.
  public final func callAsFunction(_ input: Tensor) -> Tensor {
    guard hooks != nil else { return forward(input) }
    return withHooks([input]) { [forward($0[0])] }[0]
  }

  /// Rewrites the state of this module before it is matched, for instance one of an older version.
  ///
  /// - Parameters:
  ///   - state: The whole state, of which the keys that begin with `prefix` are this module's.
  ///   - prefix: Empty, or a path with a dot at its end.
  ///   - version: The version that the state was made with, or nil if it does not say.
  open func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {}

  /// Called once after a state has been loaded, to make anew what is derived from it.
  open func didLoadState() {}

  /// What ``/NN/Module/description`` puts between the parentheses. Equivalent to `extra_repr`.
  open var extraDescription: String { "" }

  /// The name of the class, for messages and ``description``.
  public final var typeName: String { "\(type(of: self))" }

  /// Sets the mode of this module and all within. Equivalent to `torch.nn.Module.train`.
  @discardableResult
  public final func train(_ mode: Bool = true) -> Self {
    for (_, module) in namedModules() { module.isTraining = mode }
    return self
  }

  /// Sets evaluation mode. Equivalent to `torch.nn.Module.eval`.
  @discardableResult
  public final func eval() -> Self { train(false) }

  /// Lets gradients flow to all parameters, or freezes them. Equivalent to
  /// `torch.nn.Module.requires_grad_`.
  @discardableResult
  public final func requiresGrad(_ mode: Bool = true) -> Self {
    for parameter in parameters() { parameter.requiresGrad = mode }
    return self
  }

  /// Forgets the gradients of all parameters. Equivalent to `torch.nn.Module.zero_grad`.
  public final func zeroGrad() {
    for parameter in parameters() { parameter.grad = nil }
  }

  /// Calls `body` with every module within, children first, and this one last. Equivalent to
  /// `torch.nn.Module.apply`.
  @discardableResult
  public final func apply(_ body: (Module) -> Void) -> Self {
    for (_, child) in namedChildren() { child.apply(body) }
    body(self)
    return self
  }
}

// Its tensors refer to graphs, and its forward pass may change buffers.
@available(*, unavailable)
extension Module: Sendable {}
