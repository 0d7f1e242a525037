import ArgumentParser
import Checkpoints

/// The options that say what of a path is read.
public struct ReadingOptions: ParsableArguments {
  /// The variant of the weights; nil for the plain one.
  @Option(
    help: ArgumentHelp(
      "Read this variant of the weights, such as fp16, in a folder of a Hugging Face repository.",
      valueName: "name"))
  public var variant: String?

  /// The part of the file that is read; nil for all of it.
  @Option(
    help: ArgumentHelp(
      "Read this part of the file as if it were all of it: keys with points between them, such as "
        + "ema or optimizers.1.",
      valueName: "key"))
  public var root: String?

  /// Whether names of functions that could run a program are kept as data.
  @Flag(
    name: .customLong("allow-dangerous-names"),
    help: "Read a PyTorch file that names such things as os.system. Nothing is run in any case.")
  public var allowsDangerousNames = false

  /// Whether an optimizer's numbers are those of the model's parameters.
  @Flag(
    name: .customLong("optimizer-in-order"),
    help: "The optimizer has the model's parameters in the model's order: name its state by them.")
  public var hasOptimizerInOrder = false

  /// The plain variant, and the whole file.
  public init() {}

  /// What is read.
  public var readOptions: ReadOptions {
    var options = ReadOptions(variant: variant, root: root)
    options.allowsDangerousNames = allowsDangerousNames
    options.hasOptimizerInOrder = hasOptimizerInOrder
    return options
  }
}
