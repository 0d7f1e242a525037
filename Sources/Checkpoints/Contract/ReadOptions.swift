/// What is read, where a path leads to several checkpoints, or a file holds several.
public struct ReadOptions: Sendable, Hashable {
  /// The variant of the weights, such as `fp16`, in a folder that holds several; nil takes the plain
  /// one. A format without variants refuses one that is named: see ``FormatTraits/hasVariants``.
  public var variant: String?
  /// Which part of the file is read as if it were all of it: its keys with points between them, the
  /// elements of lists by their numbers, as in `ema` or `models.1`; nil reads the file.
  ///
  /// A key with a point in it is met as it is. Where a file has keys and no dictionaries, the part is
  /// what begins with `ema.`. What is outside of it is told in a note.
  public var root: String?
  /// Whether a file is read that names functions through which a program could be run, such as
  /// `os.system`. Nothing is ever run: they are kept as names, where they are no part of a tensor.
  public var allowsDangerousNames = false
  /// Whether an optimizer that numbers its parameters is known to have them in the order of the
  /// model. Nothing in a file of PyTorch's says so, and layers of one shape would get each other's
  /// state if it were not so; without it such an optimizer keeps its numbers.
  public var hasOptimizerInOrder = false

  /// Options of this variant and this part; the plain one and the whole file if nil.
  public init(variant: String? = nil, root: String? = nil) {
    self.variant = variant
    self.root = root
  }
}
