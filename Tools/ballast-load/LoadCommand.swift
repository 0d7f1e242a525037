import ArgumentParser
import Ballast
import ToolSupport

/// Loads a checkpoint into a fresh model, and runs it.
@main
struct LoadCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-load",
    abstract: "Load a checkpoint into a fresh model, and run it.",
    discussion: """
      The model is an architecture with arguments, a JSON description, or auto: the one that the \
      checkpoint describes.

      Examples:
        ballast-load model.h5 --model 'resnet18(num_classes=10)'
        ballast-load model.pth --model convnet.json --input x.npy --output y.npy
        ballast-load model.h5 --model auto --input x.npy --expect y.npy
        ballast-load part.h5 --model 'mlp(784,256,10)' --no-strict --save whole.h5
        ballast-load ddp.pth --model 'resnet50()' --strip-prefix module.
        ballast-load hf.pt --model 'resnet50()' --map-file torchvision-resnet-from-huggingface

      Exit status: 0 loaded; 1 the model refused the checkpoint, or the output is not what \
      was expected; 64 wrong usage; 65 the file or the description is damaged or refused; 66 no \
      such file; 73 an output cannot be made; 74 reading or writing failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint.")
  var file: String

  @Option(help: ArgumentHelp("The model to build.", valueName: "spec"))
  var model: String

  @Flag(inversion: .prefixedNo, help: "Refuse keys that only the file or only the model has.")
  var strict = true

  @Option(help: ArgumentHelp("Run the model on this array (.npy).", valueName: "x.npy"))
  var input: String?

  @Option(help: ArgumentHelp("Write what the model gives.", valueName: "y.npy"))
  var output: String?

  @Option(help: ArgumentHelp("Compare what the model gives with this array.", valueName: "y.npy"))
  var expect: String?

  @Option(help: "With --expect: how far values may lie apart.")
  var atol = 1e-5

  @Option(help: ArgumentHelp("Write the loaded model as a checkpoint.", valueName: "out"))
  var save: String?

  @Flag(help: "Replace outputs that exist.")
  var overwrite = false

  @OptionGroup(title: "Keys and shapes") var keyOptions: KeyOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (output != nil || expect != nil) && input == nil {
      throw ValidationError("--output and --expect need --input.")
    }
    guard atol >= 0 else { throw ValidationError("A tolerance is not negative.") }
    try keyOptions.validate()
  }

  func perform(_ console: Console) throws -> ExitStatus {
    let policy: ReplacementFile.Overwrite = overwrite ? .replace : .refuse
    console.progress("Reading \(file)")
    var opened = try OpenedCheckpoint(file, reading: .verified)
    try keyOptions.apply(to: &opened, offersPrefix: false)
    let description = try modelDescription(opened.checkpoint)
    let fresh = try description.build()
    console.progress("Loading")
    let report = try load(opened.checkpoint.state, into: fresh)
    console.clearProgress()
    console.print(
      "\(file) → \(fresh.typeName): \(report.matched.count.of("tensor")) loaded, "
        + "\(report.missing.count) missing, \(report.unexpected.count) unexpected")
    for line in report.problems(strict: true) { console.print("  \(line)") }
    for narrowing in report.narrowings {
      console.print(
        "  note: \(narrowing.key) was rounded from \(narrowing.checkpointType) to "
          + "\(narrowing.modelType)")
    }
    var result = LoadResult(report)
    if let input {
      try result.run(fresh.eval(), on: input, console)
      if let output { try result.writeOutput(to: output, policy) }
      if let expect { try result.compare(with: expect, tolerance: atol, console) }
    }
    if let save {
      var options = SaveOptions()
      options.overwrite = policy
      try Checkpoint(model: fresh, architecture: description).save(to: save, options: options)
      console.print("saved as \(save)")
    }
    console.report(result.value(file: file))
    return result.isAsExpected ? .success : .checkFailed
  }

  /// Loads, and tells of a prefix if that is why the model refuses.
  private func load(_ state: StateDict, into model: Module) throws(LoadError) -> LoadReport {
    do throws(LoadError) {
      return try model.loadStateDict(state, strict: strict)
    } catch {
      var error = error
      if let prefix = KeyPrefix.common(to: state.keys),
        error.report.unexpected.contains(where: { key in
          key.hasPrefix(prefix)
            && error.report.missing.contains(String(key.dropFirst(prefix.count)))
        })
      {
        error.advice = "All keys begin with '\(prefix)': --strip-prefix '\(prefix)' removes it."
      }
      throw error
    }
  }

  private func modelDescription(_ checkpoint: Checkpoint) throws -> ModelDescription {
    guard model == "auto" else { return try ModelSpec(model).description }
    guard let architecture = checkpoint.architecture else {
      throw ModelError(
        reason: "\(file) does not describe its model; name one with --model, or convert the file "
          + "with --model so that it does")
    }
    return ModelDescription(architecture)
  }
}
