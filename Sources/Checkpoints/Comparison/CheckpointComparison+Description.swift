extension CheckpointComparison: CustomStringConvertible {
  /// How much was compared, then a line for each difference and each part that was not compared.
  public var description: String {
    let verdict =
      isSame
      ? "same"
      : differences.isEmpty ? "not all compared" : "\(differences.count) differences"
    let compared =
      "\(verdict): \(comparedCount) tensors, \(comparedByteCount) bytes and "
      + "\(comparedValueCount) values compared"
    return
      ([compared] + differences.map { "\($0.name): \($0.difference)" }
      + uncompared.first.map { "not compared, of the first: \($0)" }
      + uncompared.second.map { "not compared, of the second: \($0)" })
      .joined(separator: "\n")
  }
}
