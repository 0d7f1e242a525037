import ArgumentParser
import Ballast
import Kernels
import ToolSupport

/// Loads a checkpoint into a fresh model, and runs it.
@main
struct LoadCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-load",
    abstract: "Load a checkpoint into a fresh model, and run it.",
    discussion: """
      The model is an architecture with arguments, a JSON description, a config.json of Hugging Face \
      transformers, or auto: the one that the checkpoint describes.

      Examples:
        ballast-load model.h5 --model 'resnet18(num_classes=10)'
        ballast-load model.pth --model convnet.json --input x.npy --output y.npy
        ballast-load model.h5 --model auto --input x.npy --expect y.npy
        ballast-load part.h5 --model 'mlp(784,256,10)' --no-strict --save whole.h5
        ballast-load ddp.pth --model resnet50 --strip-prefix module.
        ballast-load hf.pt --model resnet50 --map-file names.json
        ballast-load bert.h5 --model config.json --input x.npz --output y.npz
        ballast-load bert.h5 --model bert --config config.json --input x.npz
        ballast-load gpt2.h5 --model config.json --adapter lora/ --input x.npz

      Exit status: 0 loaded; 1 the model refused the checkpoint, or the output is not what \
      was expected; 64 wrong usage; 65 the file or the description is damaged or refused; 66 no \
      such file; 73 an output cannot be made; 74 reading or writing failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint.")
  var file: String

  @Option(help: ArgumentHelp("The model to build.", valueName: "spec"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "The config.json of Hugging Face transformers that has the options of the model.",
      valueName: "config.json"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Merge an adapter of LoRA into the loaded model: the folder that PEFT saved.",
      valueName: "folder"))
  var adapter: String?

  @Flag(inversion: .prefixedNo, help: "Refuse keys that only the file or only the model has.")
  var strict = true

  @Flag(help: "With --no-strict: leave out tensors of another shape than the model's.")
  var skipMismatched = false

  @Option(
    help: ArgumentHelp(
      "Run the model on this array: x.npy, name=x.npy, or all of inputs.npz. Can be repeated.",
      valueName: "x.npy"))
  var input: [String] = []

  @Option(help: ArgumentHelp("Write what the model gives (.npy, .npz).", valueName: "y.npy"))
  var output: String?

  @Option(
    help: ArgumentHelp("Compare what the model gives with this (.npy, .npz).", valueName: "y.npy"))
  var expect: String?

  @Option(help: "With --expect: how far values may lie apart.")
  var atol = 1e-5

  @Option(
    help: ArgumentHelp(
      "Write the loaded model as a checkpoint, in the format that the name tells.",
      valueName: "out"))
  var save: String?

  @Flag(help: "Replace outputs that exist.")
  var overwrite = false

  @OptionGroup var reading: ReadingOptions

  @OptionGroup(title: "Keys and shapes") var keyOptions: KeyOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (output != nil || expect != nil) && input.isEmpty {
      throw ValidationError("--output and --expect need --input.")
    }
    guard output == nil || output != save else {
      throw ValidationError("--output and --save name one file.")
    }
    guard config == nil || model != "auto" else {
      throw ValidationError("--config needs the name of a class or family, as in --model bert.")
    }
    guard !strict || !skipMismatched else {
      throw ValidationError("--skip-mismatched needs --no-strict.")
    }
    guard atol >= 0 else { throw ValidationError("A tolerance is not negative.") }
    try keyOptions.validate()
  }

  func perform(_ console: Console) throws -> ExitStatus {
    let policy: ReplacementFile.Overwrite = overwrite ? .replace : .refuse
    let saveFormat = try save.map {
      try OutputFormat(fileName: $0, advice: "end it as in model.h5 or model.safetensors").format
    }
    console.progress("Reading \(file)")
    var opened = try OpenedCheckpoint(
      file, access: .verified, options: reading.readOptions)
    if let uncertainty = opened.uncertainty { throw uncertainty }
    try opened.checkpoint.requireNumbers(file: file)
    try keyOptions.apply(to: &opened, offersPrefix: false)
    let description = try modelDescription(opened.checkpoint)
    let start = ContinuousClock.now
    let fresh = try description.build()
    console.progress("Loading")
    let report: LoadReport
    do throws(LoadError) {
      report = try load(opened.checkpoint, into: fresh, description)
    } catch {
      return LoadRefusal(file: file, error).tell(console)
    }
    let merge = try adapter.map { try Self.merge($0, into: fresh) }
    let duration = ContinuousClock.now - start
    console.clearProgress()
    let skipped = report.skipped
    console.print(
      "\(file) → \(fresh.typeName): \(report.matched.count.of("tensor")) loaded, "
        + (skipped.isEmpty ? "" : "\(skipped.count) skipped, ")
        + "\(report.missing.count) missing, \(report.unexpected.count) unexpected")
    for line in report.problems(strict: true, atMost: LoadRefusal.namedCount) {
      console.print("  \(line)")
    }
    for line in report.adaptations { console.print("  \(line)") }
    for mismatch in skipped {
      console.print(
        "  skipped: \(mismatch.key) is \(mismatch.checkpointShape) in the file and "
          + "\(mismatch.modelShape) in the model")
    }
    for narrowing in report.narrowings {
      console.print(
        "  note: \(narrowing.key) was rounded from \(narrowing.checkpointType) to "
          + "\(narrowing.modelType)")
    }
    let losses = opened.losses.filter(\.kind.concernsModel) + (merge?.losses ?? [])
    for line in LossReport(losses).lines { console.print("  \(line)") }
    let notes = opened.notes + furtherModels(opened) + (merge?.notes ?? [])
    if let merge, let adapter {
      console.print(
        "  \(adapter) merged: \(merge.changed.count.of("weight")) changed, "
          + "\(merge.replaced.count.of("tensor")) replaced")
    }
    for note in notes { console.print("  note: \(note)") }
    var result = LoadResult(report, fresh, losses: losses, notes: notes)
    console.print("  \(result.sizeText), built and loaded in \(duration.text)")
    if !input.isEmpty {
      let inputs = try NamedArrays(reading: input)
      result.tell(of: inputs, console)
      // Without it a product would end the program, as if the array were at fault.
      _ = try OpenBLAS.open()
      // The engine ends the program for a mistake that here is of the one who gave the array.
      try TrapHandler.with { message in
        let names = inputs.arrays.keys.map(inputs.title).joined(separator: ", ")
        let error = UsageError("\(names): the model does not take it: \(message)")
        Self.exit(withError: ExitCode(Self.report(error, console).rawValue))
      } _: {
        try result.run(fresh.eval(), on: inputs, console)
      }
      if let output { try result.writeOutput(to: output, policy) }
      if let expect { try result.compare(with: expect, tolerance: atol, console) }
    }
    if let save, let saveFormat {
      var options = WriteOptions()
      options.overwrite = policy
      let summary = try Checkpoint(model: fresh, architecture: description)
        .write(to: save, format: saveFormat, options: options)
      console.print("saved as \(summary.indexPath ?? save) (\(saveFormat.displayName))")
      for line in LossReport(summary.losses).lines { console.print("  \(line)") }
    }
    console.report(result.value(file: file))
    return result.isAsExpected ? .success : .checkFailed
  }

  /// Loads, by the names of another source if the model knows them, and tells why the model refuses: a
  /// prefix, or that the file is of another architecture.
  ///
  /// - Throws: `LoadError`, also for a load that is not strict if it would load nothing: the model
  ///   would be as random as it was made.
  private func load(
    _ checkpoint: Checkpoint, into model: Module, _ description: ModelDescription
  ) throws(LoadError) -> LoadReport {
    let (named, mappings) = try model.namedByModel(
      checkpoint, skippingMismatched: skipMismatched)
    do throws(LoadError) {
      var report = try model.loadStateDict(
        named.state, strict: strict, skippingMismatched: skipMismatched)
      guard !report.matched.isEmpty || report.missing.isEmpty else {
        throw LoadError(moduleType: model.typeName, report: report, strict: true)
      }
      report.mappings = mappings
      return report
    } catch {
      var error = error
      let state = checkpoint.state
      if let prefix = KeyPrefix.common(to: state.keys),
        error.report.unexpected.contains(where: { key in
          key.hasPrefix(prefix)
            && error.report.missing.contains(String(key.dropFirst(prefix.count)))
        })
      {
        error.advice = "All keys begin with '\(prefix)': --strip-prefix '\(prefix)' removes it."
      } else if let likeness = ModelCatalog.resemblance(of: state, refusedBy: description) {
        error.advice = likeness
      }
      throw error
    }
  }

  /// Merges an adapter into a loaded model.
  ///
  /// - Throws: `CheckpointError` if the adapter cannot be read, or does not fit the model, also where it
  ///   makes two tensors of one that the model ties.
  private static func merge(_ path: String, into model: Module) throws -> LoRAMerge {
    let merge = try LoRAAdapter(contentsOf: path).merge(into: model.stateDict(), of: model)
    if let split = merge.losses.first(where: { $0.kind == .tieSplit }) {
      throw CheckpointError(.unsupported, file: path, place: split.subject, reason: split.detail)
    }
    try model.loadStateDict(merge.state)
    return merge
  }

  /// What is told of models in the file that are not loaded, where its reader did not tell of them.
  private func furtherModels(_ opened: OpenedCheckpoint) -> [String] {
    opened.checkpoint.models.compactMap { name, state in
      if opened.notes.contains(where: { $0.contains("\"\(name)\"") }) { return nil }
      return
        "the file also has the model \"\(name)\" (\(state.count.of("tensor"))), which --root \(name) loads"
    }
  }

  private func modelDescription(_ checkpoint: Checkpoint) throws -> ModelDescription {
    if let config { return try ModelSpec(model, configuration: config).description }
    guard model == "auto" else { return try ModelSpec(model).description }
    guard let architecture = checkpoint.architecture else {
      throw ModelError(
        reason: "\(file) does not describe its model; name one with --model, or convert the file "
          + "with --model so that it does")
    }
    return ModelDescription(architecture)
  }
}
