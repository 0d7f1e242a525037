/// Which checkpoint is read, where a path leads to several.
public struct ReadOptions: Sendable, Hashable {
  /// The variant of the weights, such as `fp16`, in a folder that holds several; nil takes the plain
  /// one. A format without variants refuses one that is named: see ``FormatTraits/hasVariants``.
  public var variant: String?

  /// Options of this variant, the plain one if nil.
  public init(variant: String? = nil) { self.variant = variant }
}
