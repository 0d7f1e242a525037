// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Autograd
import Files
import OrderedCollections
import States

// PyTorch's names of what has a name of Swift's already, and means the same.
extension Module {
  /// Converts floating-point parameters and buffers to `float32`. Equivalent to
  /// `torch.nn.Module.float`. See ``to(_:)-(DType)``.
  @discardableResult
  public final func float() -> Self { to(.float32) }
  /// Converts floating-point parameters and buffers to `float64`. Equivalent to
  /// `torch.nn.Module.double`. See ``to(_:)-(DType)``.
  @discardableResult
  public final func double() -> Self { to(.float64) }
  /// Converts floating-point parameters and buffers to `float16`. Equivalent to
  /// `torch.nn.Module.half`. See ``to(_:)-(DType)``.
  @discardableResult
  public final func half() -> Self { to(.float16) }
  /// Converts floating-point parameters and buffers to `bfloat16`. Equivalent to
  /// `torch.nn.Module.bfloat16`. See ``to(_:)-(DType)``.
  @discardableResult
  public final func bfloat16() -> Self { to(.bfloat16) }
  /// Moves parameters and buffers to memory. Equivalent to `torch.nn.Module.cpu`.
  @discardableResult
  public final func cpu() -> Self { to(.cpu) }

  /// Freezes or unfreezes all parameters: PyTorch's name of ``requiresGrad(_:)``.
  ///
  /// - Parameter mode: False to freeze them.
  /// - Returns: This module.
  @discardableResult
  public final func requiresGrad_(_ mode: Bool = true) -> Self { requiresGrad(mode) }

  /// Calls `hook` after each call: PyTorch's name of ``onForward(_:)``.
  ///
  /// - Parameter hook: Receives the module, the inputs and the outputs; tensors it returns replace the
  ///   outputs.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func registerForwardHook(
    _ hook: @escaping (_ module: Module, _ inputs: [Tensor], _ outputs: [Tensor]) -> [Tensor]?
  ) -> HookHandle {
    onForward(hook)
  }
  /// Calls `hook` before each call: PyTorch's name of ``onForwardPre(_:)``.
  ///
  /// - Parameter hook: Receives the module and the inputs; tensors it returns replace the inputs.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func registerForwardPreHook(
    _ hook: @escaping (_ module: Module, _ inputs: [Tensor]) -> [Tensor]?
  ) -> HookHandle {
    onForwardPre(hook)
  }

  /// The module at a path: PyTorch's name of ``submodule(_:)``.
  ///
  /// - Parameter path: The path, such as `layer1.0`.
  /// - Returns: Nil if there is none, where PyTorch raises an error.
  public final func getSubmodule(_ path: String) -> Module? { submodule(path) }
  /// The parameter at a path: PyTorch's name of ``parameter(_:)``.
  ///
  /// - Parameter path: The path, such as `conv1.weight`.
  /// - Returns: Nil if there is none, where PyTorch raises an error.
  public final func getParameter(_ path: String) -> Parameter? { parameter(path) }
  /// The buffer at a path: PyTorch's name of ``buffer(_:)``.
  ///
  /// - Parameter path: The path, such as `bn1.running_mean`.
  /// - Returns: Nil if there is none, where PyTorch raises an error.
  public final func getBuffer(_ path: String) -> Buffer? { buffer(path) }
  /// Adds a submodule after all other members: PyTorch's name of ``registerModule(_:_:)``.
  ///
  /// - Parameters:
  ///   - name: The name in the state dict.
  ///   - module: The module; nil reserves the name.
  public final func addModule(_ name: String, _ module: Module?) { registerModule(name, module) }

  /// A new module with this one's values, modes and frozen parameters. Equivalent to
  /// `copy.deepcopy(module)`, but for hooks.
  ///
  /// Swift cannot copy an object, so the closure makes another one:
  ///
  /// ```swift
  /// let teacher = student.copy { Student() }
  /// ```
  ///
  /// It draws no random numbers of the caller's.
  ///
  /// - Parameter make: Makes a module of the same structure.
  /// - Returns: The new module, which shares nothing with this one; values that are tied here are
  ///   tied there if the closure ties them.
  /// - Precondition: The new module has the same members, of the same shapes.
  public final func copy<M: Module>(_ make: () -> M) -> M {
    let copy = Generator(seed: 0).use(make)
    let (own, new) = (stateTensors(), copy.stateTensors())
    require(
      own.map(\.key) == new.map(\.key)
        && zip(own, new).allSatisfy { $0.tensor.shape == $1.tensor.shape },
      "copy: the new \(copy.typeName) does not have the members of \(typeName)")
    let buffers = zip(namedBuffers(), copy.namedBuffers()).map {
      (StateTensor(key: $0.name, tensor: $0.buffer, role: .buffer), $1.buffer)
    }
    for (from, to) in zip(own, new).map({ ($0, $1.tensor) }) + buffers {
      to.replace(from.tensor.array, device: from.tensor.device)
      if from.role == .parameter { to.requiresGrad = from.tensor.requiresGrad }
    }
    for (from, to) in zip(modules(), copy.modules()) { to.isTraining = from.isTraining }
    return copy
  }
}
