import Autograd
import States

extension Module {
  /// Copies values into the parameters and persistent buffers. Equivalent to
  /// `torch.nn.Module.load_state_dict`.
  ///
  /// Parameters and buffers remain the same objects, so optimizers and ties are unaffected. Unlike
  /// in PyTorch, nothing is written unless everything can be, and ties survive `assign`. Tensors on
  /// ``/Autograd/Device/meta`` are materialized.
  ///
  /// - Parameters:
  ///   - state: The values, which are shared until either side writes.
  ///   - strict: Whether keys that only one side has are refused.
  ///   - assign: Whether values keep their type rather than being converted to the module's.
  ///   - skippingMismatched: Whether tensors that both sides have in different shapes, such as a head for
  ///     other classes, keep the module's values. They are in the report as ``/States/LoadReport/skipped``.
  ///     If no tensor fits at all, they are refused.
  /// - Returns: What happened to each key.
  /// - Throws: ``/States/LoadError`` with all problems; the module is then unchanged. A different
  ///   shape is refused even if not `strict`, except that a vector of one element may go into a
  ///   scalar.
  @discardableResult
  public final func loadStateDict(
    _ state: StateDict, strict: Bool = true, assign: Bool = false,
    skippingMismatched: Bool = false
  ) throws(LoadError) -> LoadReport {
    let plan = plan(state, assign: assign, skippingMismatched)
    guard plan.report.isAcceptable(strict: strict) else {
      throw LoadError(moduleType: typeName, report: plan.report, strict: strict)
    }
    plan.commit(assign: assign)
    for module in modules() { module.didLoadState() }
    return plan.report
  }

  /// What ``loadStateDict(_:strict:assign:skippingMismatched:)`` would report, without writing anything.
  ///
  /// - Parameters:
  ///   - state: The values.
  ///   - assign: Whether values would keep their type.
  ///   - skippingMismatched: Whether tensors of other shapes would be left out.
  public final func loadReport(
    for state: StateDict, assign: Bool = false, skippingMismatched: Bool = false
  ) -> LoadReport {
    plan(state, assign: assign, skippingMismatched).report
  }

  private final func plan(
    _ state: StateDict, assign: Bool, _ skippingMismatched: Bool
  ) -> LoadPlan {
    let given = state
    var state = state
    for (path, module) in namedModules(removeDuplicate: false) {
      let prefix = path.isEmpty ? "" : path + "."
      for hook in module.hooks?.loadStateDict.hooks ?? [] { hook(module, &state, prefix) }
      module.migrate(&state, prefix: prefix, from: state.moduleVersions[path])
    }
    var plan = LoadPlan(
      state, for: stateTensors(), assign: assign, skipping: skippingMismatched)
    plan.report.changes = LoadReport.changes(from: given, to: state)
    return plan
  }
}
