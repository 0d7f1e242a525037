import Arrays
import Autograd
import Files
import States

/// The hooks of one module.
final class ModuleHooks {
  let forwardPre = HookList<(Module, [Tensor]) -> [Tensor]?>()
  let forward = HookList<(Module, [Tensor], [Tensor]) -> [Tensor]?>()
  let backward = HookList<(Module, [Tensor?], [Tensor?]) -> [Tensor?]?>()
  let stateDict = HookList<(Module, inout StateDict, String) -> Void>()
  let loadStateDict = HookList<(Module, inout StateDict, String) -> Void>()
}

extension Module {
  private final func ensureHooks() -> ModuleHooks {
    let existing = hooks ?? ModuleHooks()
    hooks = existing
    return existing
  }

  /// Calls `hook` before each call of the module. Equivalent to `register_forward_pre_hook`.
  ///
  /// - Parameter hook: Receives the module and the inputs; tensors it returns replace the inputs.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func onForwardPre(
    _ hook: @escaping (_ module: Module, _ inputs: [Tensor]) -> [Tensor]?
  ) -> HookHandle { ensureHooks().forwardPre.add(hook) }

  /// Calls `hook` after each call of the module. Equivalent to `register_forward_hook`.
  ///
  /// ```swift
  /// model.layer4.onForward { _, _, outputs in
  ///   features = outputs[0].detached()
  ///   return nil
  /// }
  /// ```
  ///
  /// - Parameter hook: Receives the module, the inputs and the outputs; tensors it returns replace
  ///   the outputs.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func onForward(
    _ hook: @escaping (_ module: Module, _ inputs: [Tensor], _ outputs: [Tensor]) -> [Tensor]?
  ) -> HookHandle { ensureHooks().forward.add(hook) }

  /// Calls `hook` once the gradients of the module's inputs are known. Equivalent to
  /// `register_full_backward_hook`.
  ///
  /// - Parameter hook: Receives the module and the gradients of inputs and outputs, nil where there
  ///   is none; gradients it returns replace those of the inputs. It must return as many as there
  ///   are inputs.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func onBackward(
    _ hook:
      @escaping (
        _ module: Module, _ inputGradients: [Tensor?], _ outputGradients: [Tensor?]
      ) -> [Tensor?]?
  ) -> HookHandle { ensureHooks().backward.add(hook) }

  /// Calls `hook` with each state dict taken of the module, which it may change. Equivalent to
  /// `register_state_dict_post_hook`.
  ///
  /// - Parameter hook: Receives the module, the whole state, and the prefix of this module's keys.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func onStateDict(
    _ hook: @escaping (_ module: Module, _ state: inout StateDict, _ prefix: String) -> Void
  ) -> HookHandle { ensureHooks().stateDict.add(hook) }

  /// Calls `hook` with each state dict before it is loaded, which it may change. Equivalent to
  /// `register_load_state_dict_pre_hook`.
  ///
  /// The hook also runs for ``loadReport(for:assign:skippingMismatched:)``. The caller's state dict is not affected.
  ///
  /// - Parameter hook: Receives the module, the whole state, and the prefix of this module's keys.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func onLoadStateDict(
    _ hook: @escaping (_ module: Module, _ state: inout StateDict, _ prefix: String) -> Void
  ) -> HookHandle { ensureHooks().loadStateDict.add(hook) }

  /// Runs `body` on the inputs, with this module's hooks before and after.
  ///
  /// For modules whose call has several inputs or outputs: call this from `callAsFunction`.
  ///
  /// - Parameters:
  ///   - inputs: The inputs of the call.
  ///   - body: Computes the outputs from the inputs, which hooks may have replaced.
  /// - Returns: The outputs, which hooks may have replaced.
  public final func withHooks(_ inputs: [Tensor], _ body: ([Tensor]) -> [Tensor]) -> [Tensor] {
    guard let hooks else { return body(inputs) }
    var inputs = inputs
    for hook in hooks.forwardPre.hooks { inputs = hook(self, inputs) ?? inputs }
    let backward = hooks.backward.isEmpty ? nil : BackwardHookRun(self, hooks.backward.hooks)
    if let backward { inputs = backward.watch(inputs: inputs) }
    var outputs = body(inputs)
    for hook in hooks.forward.hooks { outputs = hook(self, inputs, outputs) ?? outputs }
    return backward?.watch(outputs: outputs) ?? outputs
  }
}

/// Gathers the gradients at the edges of one call of a module.
private final class BackwardHookRun {
  private let module: Module
  private let hooks: [(Module, [Tensor?], [Tensor?]) -> [Tensor?]?]
  private var inputGradients: [Tensor?] = []
  private var outputGradients: [Tensor?] = []
  private var hasInputs = false

  init(_ module: Module, _ hooks: [(Module, [Tensor?], [Tensor?]) -> [Tensor?]?]) {
    self.module = module
    self.hooks = hooks
  }

  /// Copies of the inputs, so that only what this call adds to their gradients is seen.
  ///
  /// They come from one gate, which the walk reaches after all of them: there the hooks run, and
  /// there the gradients of the inputs are kept until then.
  func watch(inputs: [Tensor]) -> [Tensor] {
    inputGradients = inputs.map { _ in nil }
    hasInputs = GradMode.isEnabled && inputs.contains { $0.requiresGrad }
    guard hasInputs else { return inputs }
    let gate = Tensor.recordJointly("backwardHook", inputs, NDArray(Float(0))) { _ in
      { _, _ in self.run() }
    }
    return inputs.enumerated().map { index, input in
      guard input.requiresGrad else { return input }
      let watched = Tensor.record("backwardHook", [gate], input.array) { _ in
        [
          { gradient in
            self.inputGradients[index] = gradient
            return Tensor(Float(0))
          }
        ]
      }
      watched.join(input, detached: false)
      return watched
    }
  }

  /// The gradients of the inputs as the hooks leave them.
  private func run() -> [Tensor?] {
    let count = inputGradients.count
    var gradients = inputGradients
    for hook in hooks {
      gradients = hook(module, gradients, outputGradients) ?? gradients
      require(
        gradients.count == count,
        "\(module.typeName): a backward hook gave \(gradients.count) gradients for \(count) inputs")
      for case (let mine?, let given?) in zip(inputGradients, gradients) {
        require(
          mine.shape == given.shape && mine.dtype == given.dtype,
          "\(module.typeName): a backward hook has changed the type or size of a gradient (was "
            + "\(mine.dtype) of \(mine.shape) got \(given.dtype) of \(given.shape))")
      }
    }
    inputGradients = gradients.map { _ in nil }
    return gradients
  }

  func watch(outputs: [Tensor]) -> [Tensor] {
    outputGradients = outputs.map { _ in nil }
    return outputs.enumerated().map { index, output in
      guard GradMode.isEnabled && output.requiresGrad else { return output }
      return .record("backwardHook", [output], output.array, isView: true) { _ in
        [
          { gradient in
            self.outputGradients[index] = gradient
            // Where no input needs a gradient the hooks still see those of the outputs.
            if !self.hasInputs { _ = self.run() }
            return gradient
          }
        ]
      }
    }
  }
}
