import Autograd
import States

extension Module {
  /// Copies values into the parameters and persistent buffers. Equivalent to
  /// `torch.nn.Module.load_state_dict`.
  ///
  /// Parameters and buffers stay the objects that they are, so that optimizers and ties go on.
  /// Unlike in PyTorch nothing is written unless everything can be, and ties survive `assign`.
  /// Tensors on ``/Autograd/Device/meta`` come into being.
  ///
  /// - Parameters:
  ///   - state: The values. They are shared until either side writes.
  ///   - strict: Whether keys that only one side has are refused.
  ///   - assign: Whether the values keep their type rather than taking the module's.
  /// - Returns: What became of each key.
  /// - Throws: ``/States/LoadError`` with all that is in the way; the module is then as it was.
  ///   Another shape is refused even if not `strict`, but a vector of one element goes into a
  ///   scalar.
  @discardableResult
  public final func loadStateDict(
    _ state: StateDict, strict: Bool = true, assign: Bool = false
  ) throws(LoadError) -> LoadReport {
    let plan = plan(state, assign: assign)
    guard plan.report.isAcceptable(strict: strict) else {
      throw LoadError(moduleType: typeName, report: plan.report, strict: strict)
    }
    plan.commit(assign: assign)
    for module in modules() { module.didLoadState() }
    return plan.report
  }

  /// What ``loadStateDict(_:strict:assign:)`` would do, without doing it.
  public final func loadReport(for state: StateDict, assign: Bool = false) -> LoadReport {
    plan(state, assign: assign).report
  }

  private final func plan(_ state: StateDict, assign: Bool) -> LoadPlan {
    var state = state
    for (path, module) in namedModules(removeDuplicate: false) {
      let prefix = path.isEmpty ? "" : path + "."
      for hook in module.hooks?.loadStateDict.hooks ?? [] { hook(module, &state, prefix) }
      module.migrate(&state, prefix: prefix, from: state.moduleVersions[path])
    }
    return LoadPlan(state, for: stateTensors(), assign: assign)
  }
}
