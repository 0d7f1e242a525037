/// A part of a file that may be taken for the model.
public struct ModelCandidate: Sendable, Hashable {
  /// The way to it, as ``ReadOptions/root`` takes it; empty for the file itself.
  public var root: String
  /// How many tensors are in it.
  public var tensorCount: Int
  /// Whether it was taken for the model, or for a part of it.
  public var isTaken: Bool

  /// A candidate.
  public init(root: String, tensorCount: Int, isTaken: Bool) {
    self.root = root
    self.tensorCount = tensorCount
    self.isTaken = isTaken
  }
}

extension CheckpointError {
  /// What is said to who needs a model, where any of several may be the one that is meant.
  ///
  /// - Returns: An error of code `unsupported` that lists them; nil if there is none.
  package init?(unclear candidates: [ModelCandidate], file: String) {
    guard let first = candidates.first else { return nil }
    let names = candidates.prefix(8).map {
      "\"\($0.root)\" (\($0.tensorCount) tensor\($0.tensorCount == 1 ? "" : "s"))"
    }
    let more = candidates.count - names.count
    self.init(
      .unsupported, file: file,
      reason: "which part of it is the model is not clear: \(names.joined(separator: ", "))"
        + (more > 0 ? " and \(more) more" : ""),
      advice: "Name one: --root \(first.root)")
  }
}
