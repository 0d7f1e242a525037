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
