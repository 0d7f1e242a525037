import Checkpoints
import NN
import States

extension Module {
  /// A checkpoint by this model's own names.
  ///
  /// A checkpoint that has them is returned as it is, and so is one that has no names that the model
  /// knows: it is then for the load to refuse. See ``NamedBySources``.
  ///
  /// ```swift
  /// let (named, mappings) = try model.namedByModel(checkpoint)
  /// ```
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - assign: Whether values would keep their type.
  ///   - skippingMismatched: Whether tensors of other shapes would be left out, as those of a head are; then
  ///     more than half have to fit.
  /// - Returns: The checkpoint, and the mappings that led to it, in order.
  /// - Throws: `LoadError` if two mappings lead to different states that both fit, since which is
  ///   meant cannot be told.
  public final func namedByModel(
    _ checkpoint: Checkpoint, assign: Bool = false, skippingMismatched: Bool = false
  ) throws(LoadError) -> (checkpoint: Checkpoint, mappings: [String]) {
    guard let model = self as? any NamedBySources else { return (checkpoint, []) }
    func isWhole(_ checkpoint: Checkpoint) -> Bool {
      let report = loadReport(
        for: checkpoint.state, assign: assign, skippingMismatched: skippingMismatched)
      return report.missing.isEmpty && report.unexpected.isEmpty && report.shapeMismatches.isEmpty
        && report.matched.count > report.skipped.count
    }
    if isWhole(checkpoint) { return (checkpoint, []) }
    let namings = model.namings
    for (plain, wrapper) in checkpoint.unwrapped {
      if !wrapper.isEmpty, isWhole(plain) { return (plain, wrapper) }
      let fits = namings.compactMap { naming in
        naming.apply(to: plain).map {
          ($0, wrapper + [naming.label(for: plain, became: $0)])
        }
      }.filter { isWhole($0.0) }
      guard let first = fits.first else { continue }
      guard fits.dropFirst().allSatisfy({ $0.0.hasSameTensors(as: first.0) }) else {
        var error = LoadError(
          moduleType: typeName,
          report: loadReport(
            for: checkpoint.state, assign: assign, skippingMismatched: skippingMismatched),
          strict: true)
        error.advice =
          "The names fit by several mappings, which lead to different states: "
          + fits.map { $0.1.joined(separator: ", ") }.joined(separator: "; ") + "."
        throw error
      }
      return first
    }
    return (checkpoint, [])
  }
}

extension Checkpoint {
  /// The checkpoint, and what is left of it without the prefixes of wrappers that all keys have, one
  /// after the other, with what was done to it.
  fileprivate var unwrapped: [(checkpoint: Checkpoint, mappings: [String])] {
    var result: [(checkpoint: Checkpoint, mappings: [String])] = [(self, [])]
    guard let common = KeyPrefix.common(to: state.keys) else { return result }
    var prefix = ""
    for part in common.split(separator: ".") {
      prefix += "\(part)."
      guard let mapping = try? KeyPrefix.stripping(prefix),
        let plain = try? mapping.apply(to: self).checkpoint
      else { continue }
      result.append((plain, ["strip-prefix \(prefix)"]))
    }
    return result
  }

  /// Whether each key leads to the same elements of the same storage.
  fileprivate func hasSameTensors(as other: Checkpoint) -> Bool {
    state.entries.count == other.state.entries.count
      && state.entries.allSatisfy { key, entry in
        guard let array = other.state[key] else { return false }
        return array.storage === entry.array.storage && array.layout == entry.array.layout
      }
  }
}
