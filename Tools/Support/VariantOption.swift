import ArgumentParser
import Checkpoints

/// The option that says which checkpoint of a folder is read.
public struct VariantOption: ParsableArguments {
  /// The variant of the weights; nil for the plain one.
  @Option(
    help: ArgumentHelp(
      "Read this variant of the weights, such as fp16, in a folder of a Hugging Face repository.",
      valueName: "name"))
  public var variant: String?

  /// The plain one.
  public init() {}

  /// What is read.
  public var readOptions: ReadOptions { ReadOptions(variant: variant) }
}
