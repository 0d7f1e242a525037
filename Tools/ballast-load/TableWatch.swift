import Ballast

/// Holds that every Embedding of a model is asked for rows that it has, which it cannot do without.
///
/// A run cannot stop in the middle of a model: where numbers are not rows the first row stands for
/// them, and the mistake is told afterwards.
final class TableWatch {
  /// What is wrong with the first numbers that are not rows, as a clause.
  private(set) var mistake: String?
  private var handles: [HookHandle] = []

  /// Watches all tables of a model.
  init(_ model: Module) {
    for (name, module) in model.namedModules() {
      guard let table = module as? Embedding else { continue }
      let title = name.isEmpty ? "the model" : name
      handles.append(
        table.onForwardPre { [weak self, weak table] _, inputs in
          guard let self, let table else { return nil }
          return inputs.map { self.checked($0, count: table.weight.shape[0], title) }
        })
    }
  }

  /// Watches no longer.
  func stop() {
    for handle in handles { handle.remove() }
    handles = []
  }

  /// The numbers of rows of a table, or as many zeros.
  private func checked(_ input: Tensor, count: Int, _ title: String) -> Tensor {
    guard let mistake = Self.mistake(input, count: count) else { return input }
    self.mistake = self.mistake ?? "\(title) is an Embedding \(mistake)"
    return Tensor.zeros(input.shape, dtype: .int64)
  }

  private static func mistake(_ input: Tensor, count: Int) -> String? {
    guard input.dtype.isIntegral, input.dtype != .bool else {
      return "and takes integers, not \(input.dtype)"
    }
    let rows = input.to(.int64).elements(as: Int64.self)
    guard let row = rows.first(where: { !(0..<Int64(count)).contains($0) }) else { return nil }
    return "of \(count) rows, and there is a \(row)"
  }
}
