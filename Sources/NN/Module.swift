import Arrays
import Autograd
import Files
import States

/// The base class of everything that has parameters: layers, losses, models. Equivalent to
/// `torch.nn.Module`.
///
/// The type of a stored property decides its role: a ``/Autograd/Parameter`` is learned, a
/// ``/Autograd/Buffer`` is saved but not learned, and a module is a submodule. Optionals of these
/// count too, and so do arrays and dictionaries, nested as well. A plain ``/Autograd/Tensor`` has no
/// role. The key in the state dict is the name of the property in snake_case, as in PyTorch:
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
/// An element of an array has its index as its key, `blocks.0`; a value of a dictionary has its key,
/// `heads.left`, a text without dots or an integer. A `Dictionary` has no order, so its keys are
/// sorted; those of an `OrderedDictionary` stay as they are.
///
/// Declare properties in the order in which PyTorch's class assigns them. Parameters and modules in
/// tuples, structs, enumerations and sets have no key, and those of `lazy` properties would come and
/// go: the first listing of such a module traps. Objects that are no modules are not looked into.
///
/// A module is not `Sendable`. Pass its ``stateDict(prefix:)`` between threads instead.
open class Module {
  /// Whether the module is in training mode, which affects dropout and batch normalization, for
  /// instance.
  public package(set) final var isTraining = true

  /// Members that were registered while the program ran, in order.
  final var registered: [Member] = []
  /// Hooks, once there are any.
  final var hooks: ModuleHooks?

  /// The description from which this module was built, if it was.
  package final var builtFrom: Value?

  /// Creates a module in training mode.
  public init() {}

  /// The version of the class's state, 1 by default. Equivalent to `_version` in PyTorch.
  ///
  /// A state dict records it for each module, and ``/NN/Module/migrate(_:prefix:from:)`` receives
  /// it.
  open class var stateVersion: Int { 1 }

  /// State-dict names that differ from the snake_case name of their property, by property.
  open class var stateKeyOverrides: [String: String] { [:] }

  /// The members, in PyTorch's order of registration.
  ///
  /// Override it for names determined at run time, such as `weight_ih_l0`. Nothing is cached: a
  /// property assigned later is found at once.
  open func members() -> [Member] { Reflection.members(of: self) + registered }

  /// Computes the output. Call the module itself instead, so that hooks run.
  ///
  /// A module with several inputs or outputs declares a `callAsFunction` of its own, which calls
  /// ``withHooks(_:_:)``. Traps unless overridden.
  ///
  /// - Parameter input: The input; see each class for its shape.
  open func forward(_ input: Tensor) -> Tensor {
    trap("Module [\(typeName)] is missing the required \"forward\" function")
  }

  /// Computes the output, running the module's hooks.
  ///
  /// - Parameter input: The input; see each class for its shape.
  public final func callAsFunction(_ input: Tensor) -> Tensor {
    guard hooks != nil else { return forward(input) }
    return withHooks([input]) { [forward($0[0])] }[0]
  }

  /// Updates the state of this module, such as one of an older version, before it is loaded.
  ///
  /// - Parameters:
  ///   - state: The whole state, in which this module's keys start with `prefix`.
  ///   - prefix: Empty, or a path ending in a dot.
  ///   - version: The version with which the state was saved; nil if unknown.
  open func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {}

  /// Called after each successful load, to recompute what is derived from the state.
  open func didLoadState() {}

  /// The text between the parentheses in ``/NN/Module/description``. Equivalent to `extra_repr`.
  open var extraDescription: String { "" }

  /// The name of the class, as in messages and ``description``; of a generic one without its
  /// arguments.
  public final var typeName: String { String("\(type(of: self))".prefix { $0 != "<" }) }

  /// Sets training or evaluation mode for this module and all submodules. Equivalent to
  /// `torch.nn.Module.train`.
  ///
  /// - Parameter mode: False for evaluation mode.
  /// - Returns: This module.
  @discardableResult
  public final func train(_ mode: Bool = true) -> Self {
    for (_, module) in namedModules() { module.isTraining = mode }
    return self
  }

  /// Sets evaluation mode for this module and all submodules. Equivalent to `torch.nn.Module.eval`.
  @discardableResult
  public final func eval() -> Self { train(false) }

  /// Freezes or unfreezes all parameters. Equivalent to `torch.nn.Module.requires_grad_`.
  ///
  /// - Parameter mode: False to freeze them.
  /// - Returns: This module.
  @discardableResult
  public final func requiresGrad(_ mode: Bool = true) -> Self {
    for parameter in parameters() { parameter.requiresGrad = mode }
    return self
  }

  /// Discards the gradients of all parameters. Equivalent to `torch.nn.Module.zero_grad`.
  public final func zeroGrad() {
    for parameter in parameters() { parameter.grad = nil }
  }

  /// Calls `body` with every submodule, children first, and then with this module. Equivalent to
  /// `torch.nn.Module.apply`.
  ///
  /// - Parameter body: Receives each module; one in several parents once for each, one with several
  ///   names in the same parent only once there.
  /// - Returns: This module.
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
