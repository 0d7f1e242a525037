extension MappingReport: CustomStringConvertible {
  /// How many tensors the rules changed, then a line for each type that was changed, loss and note.
  public var description: String {
    let renamed = origins.count { $0.key != $0.value }
    var lines = [
      "\(matchCounts.count) rules changed \(matchCounts.reduce(0, +)) tensors; \(renamed) have another key"
    ]
    if droppedOptimizer { lines.append("the optimizer's state was left out") }
    lines += casts.map { "\($0.key): \($0.from) became \($0.to)" }
    lines += casts.flatMap(\.losses).map { "lost: \($0)" }
    lines += notes.map { "note: \($0)" }
    return lines.joined(separator: "\n")
  }
}
