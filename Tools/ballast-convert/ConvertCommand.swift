import ArgumentParser
import Arrays
import Checkpoints
import GGUFFiles
import HuggingFaceFiles
import Interchange
import KerasFiles
import Models
import ONNXFiles
import PyTorchFiles
import SafetensorsFiles
import States
import ToolSupport

/// Converts a checkpoint from one format to another.
@main
struct ConvertCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "ballast-convert",
    abstract: "Convert a checkpoint from one format to another.",
    discussion: """
      The input's format is told by its content, the output's by its name. Nothing in the input \
      is executed, whatever it asks for, and a damaged input is refused. The output takes its \
      place only when it is whole.

      Tensors are left out first, then renamed, then mapped; --like and --model know the keys \
      that come of it. A rule of --map is split at its last '='; \\1 to \\9 in the replacement \
      stand for the groups of the expression.

      What the output cannot hold, or the input did not say, is reported. --strict makes what is \
      lost an error and writes nothing; that a role was guessed is one for --strict=roles only.

      Examples:
        ballast-convert model.pth model.h5
        ballast-convert model.pth model.h5 --compress 4 --shuffle
        ballast-convert model.pth backbone.h5 --map '^module\\.=' --exclude '^fc\\.'
        ballast-convert weights.pth weights.h5 --like trained.h5 --dtype bfloat16
        ballast-convert weights.pth weights.h5 --model 'resnet18(num_classes=10)'
        ballast-convert hf.pth tv.h5 --map-file torchvision-vit-from-huggingface
        ballast-convert ddp.pth m.safetensors --shard-size 5GB --strip-prefix module.
        ballast-convert bert-base/ bert.h5 --variant fp16
        ballast-convert gan.pth generator.safetensors --root ema --model-only
        ballast-convert model.keras model.pth --twin model.py
        ballast-convert model.h5 repository --to huggingface --weights bin
        ballast-convert model.gguf model.safetensors --dequantize float16
        ballast-convert model.safetensors model.gguf --quantize q8_0
        ballast-convert tuned.pth tuned.onnx --onnx-template deployed.onnx
        ballast-convert base/ merged/ --adapter lora/ --to huggingface

      Exit status: 0 converted; 64 wrong usage; 65 the input is damaged, refused, or not what \
      it claims, no tensor was found in it, or --strict found a loss; 66 no such input; 73 the output exists or cannot be \
      made; 74 reading or writing failed.
      """,
    version: toolVersion)

  @Argument(help: "The checkpoint to read.")
  var input: String

  @Argument(help: "The file to write.")
  var output: String

  @Option(
    help: ArgumentHelp("The input's format, if its content does not tell.", valueName: "format"))
  var from: FileFormat?

  @OptionGroup var reading: ReadingOptions

  @Option(
    help: ArgumentHelp("The output's format, if its name does not tell.", valueName: "format"))
  var to: OutputFormat?

  @Option(help: ArgumentHelp("Compress tensors with deflate, 1 to 9.", valueName: "level"))
  var compress: Int?

  @Flag(
    help: "With --compress: shuffle the bytes first, which shrinks floating-point weights more.")
  var shuffle = false

  @Option(
    help: ArgumentHelp(
      "Convert the model's floating-point tensors to this type.", valueName: "type"))
  var dtype: FloatingPointType?

  @Flag(
    help:
      "With --dtype: numbers that are too large become the type's largest, rather than infinity.")
  var saturate = false

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Rename keys: replace what matches. May be repeated.", valueName: "REGEX=REPLACEMENT"))
  var maps: [String] = []

  @Option(help: ArgumentHelp("Keep only keys that match. May be repeated.", valueName: "regex"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out keys that match. May be repeated.", valueName: "regex"))
  var exclude: [String] = []

  @Flag(
    name: .customLong("model-only"),
    help: "Leave the optimizer and the metadata behind: what is written is a state dict.")
  var modelOnly = false

  @Option(help: ArgumentHelp("Take the roles from another checkpoint.", valueName: "file"))
  var like: String?

  @Option(
    help: ArgumentHelp(
      "Take the roles from a fresh model, and describe it in the output.", valueName: "spec"))
  var model: String?

  @OptionGroup(title: "Keys and shapes") var keyOptions: KeyOptions

  @Option(
    help: ArgumentHelp(
      "Merge an adapter of LoRA into the model: the folder that PEFT saved. It knows the keys as they "
        + "are after --map. The weights that it changes are in memory at once.",
      valueName: "folder"))
  var adapter: String?

  @Option(help: ArgumentHelp("The shape of a PyTorch file.", valueName: "layout"))
  var layout: PyTorchOptions.Layout?

  @Flag(
    name: .customLong("parameter-objects"),
    help: "Write the parameters of a PyTorch file as Parameter objects, which tell the roles.")
  var parameterObjects = false

  @Option(
    help: ArgumentHelp(
      "Write safetensors, or the files of a Hugging Face folder, in parts of at most this size, "
        + "such as 5GB.",
      valueName: "size"))
  var shardSize: ByteCount?

  @Option(
    help: ArgumentHelp("What holds the weights in a Hugging Face folder.", valueName: "files"))
  var weights: HuggingFaceOptions.Weights?

  @Option(
    name: .customLong("to-variant"),
    help: ArgumentHelp(
      "Write a Hugging Face folder's weights as this variant, such as fp16.", valueName: "name"))
  var toVariant: String?

  @Option(
    name: .customLong("keras-template"),
    help: ArgumentHelp(
      "A Keras file of the same model, or its config as JSON, that says where its weights go.",
      valueName: "file"))
  var kerasTemplate: String?

  @Option(
    name: .customLong("onnx-template"),
    help: ArgumentHelp(
      "An ONNX file of the same model: its tensors get the values of those of the same name, and all else "
        + "of it is copied.",
      valueName: "file"))
  var onnxTemplate: String?

  @Option(
    help: ArgumentHelp(
      "Write the PyTorch module that takes the output, for a model of Keras's, as a program too.",
      valueName: "model.py"))
  var twin: String?

  @Option(
    help: ArgumentHelp(
      "Make numbers of this type of the blocks of quantised tensors, which a GGUF file has, or one that "
        + "was made of it.",
      valueName: "type"))
  var dequantize: DequantizedType?

  @Option(
    help: ArgumentHelp(
      "Quantise the model's weights in a GGUF file: tensors of two to four dimensions whose rows are "
        + "multiples of 32.",
      valueName: "blocks"))
  var quantize: GGUFOptions.Quantization?

  @Flag(
    help: ArgumentHelp(
      "Treat anything lost as an error, and then write nothing; --strict=roles does so for a role "
        + "that was guessed too."))
  var strict = false

  /// What `--strict=roles` is for the parser of arguments, which knows no flags with a value.
  @Flag(name: .customLong("strict-roles"), help: .hidden)
  var strictRoles = false

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Do not compare the input with its checksums; converts what a damaged file holds.")
  var noVerify = false

  @Flag(help: "Do not wait for the disk: faster, but a power cut may damage the output.")
  var noSync = false

  @OptionGroup var common: CommonOptions

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    // What follows `--` is no option.
    let options = arguments.prefix { $0 != "--" }
    main(
      options.map { $0 == "--strict=roles" ? "--strict-roles" : $0 }
        + arguments.dropFirst(options.count))
  }

  func validate() throws {
    if let compress, !(1...9).contains(compress) {
      throw ValidationError("--compress takes a level from 1 to 9, not \(compress).")
    }
    if shuffle && compress == nil {
      throw ValidationError("--shuffle only works with --compress.")
    }
    if saturate && dtype == nil {
      throw ValidationError("--saturate only works with --dtype.")
    }
    if like != nil && model != nil {
      throw ValidationError("--like and --model both tell the roles: give one of them.")
    }
    if let twin, !Self.isProgram(twin) || Self.isProgram(input) || Self.isProgram(output) {
      // So that it is never a file of weights that it replaces.
      throw ValidationError("--twin takes a name that ends in .py, and no other file has one.")
    }
    try keyOptions.validate()
  }

  func perform(_ console: Console) throws -> ExitStatus {
    let format = try outputFormat()
    var options = try exportOptions(for: format)
    let selection = try KeySelection(include: include, exclude: exclude, maps: maps)
    console.progress("Reading \(input)")
    let opened = try OpenedCheckpoint(
      input, format: from, access: noVerify ? .unverified : .mapped,
      options: reading.readOptions)
    let check = noVerify ? nil : opened.check()
    options.sources = opened.checkpoint.mappedFiles
    let report: ConversionReport
    do {
      report = try convert(opened, selection, to: format, options, check, console)
    } catch {
      let cause = check?.cause(of: error) ?? error
      throw (cause as? DamagedInput).map { DamagedInputRefusal($0) as any Error } ?? cause
    }
    console.clearProgress()
    report.lines.forEach(console.print)
    console.report(report.value)
    return .success
  }

  private func convert(
    _ opened: OpenedCheckpoint, _ selection: KeySelection, to format: FileFormat,
    _ options: WriteOptions, _ check: InputCheck?, _ console: Console
  ) throws -> ConversionReport {
    var opened = opened
    try opened.checkHoldsTensors()
    if needsModel || !format.traits.holdsSeveralModels, let uncertainty = opened.uncertainty {
      throw uncertainty
    }
    if modelOnly { opened.keepModelOnly() }
    try selection.leaveOut(of: &opened)
    // Of what is left, and before tensors get other names and shapes: blocks are known by their keys.
    try dequantizeBlocks(&opened)
    try selection.rename(&opened)
    try keyOptions.apply(to: &opened, offersPrefix: maps.isEmpty)
    try AdapterMerge(adapter, model: model)?.apply(to: &opened)
    try takeRoles(&opened)
    tellOfUnchangedParts(&opened)
    try tellOfUnquantised(&opened)
    let others = weights == .bin ? 0 : opened.otherTensorCount(in: format)
    if others > 0 {
      opened.notes.append(
        "other programs take the \(others.of("tensor")) beside the model's for the model's own; "
          + "--model-only leaves them out")
    }

    let settings =
      format.understands(KerasOptions.self)
      ? [] : try KerasTwin.settings(of: opened.checkpoint, file: input)
    // Before the output: what has no twin is not written.
    let program = try twin.map { try TwinFile($0, of: opened.checkpoint, input, options) }

    console.progress("Writing \(output)")
    let (summary, losses) = try Conversion(
      opened: opened, output: output, format: format, options: options,
      strictness: strictRoles ? .roles : strict ? .losses : .none,
      check: check
    ).write()
    try program?.commit()
    return ConversionReport(
      opened, output: output, format: format, summary, losses: losses, settings: settings,
      twin: twin)
  }

  /// Makes numbers of quantised tensors.
  private func dequantizeBlocks(_ opened: inout OpenedCheckpoint) throws {
    guard let dequantize else {
      // Of what is left.
      if let index = opened.notes.firstIndex(where: Dequantization.isAdvice) {
        opened.notes.remove(at: index)
        if let note = opened.checkpoint.quantisedNote { opened.notes.insert(note, at: index) }
      }
      guard !maps.isEmpty || keyOptions.changesKeys,
        let key = opened.checkpoint.quantisedKeys.first
      else { return }
      throw UsageError(
        "\(key) of \(opened.path) is held as quantised blocks, which are known by their keys and shapes: "
          + "other ones need --dequantize")
    }
    let result: Dequantization
    do throws(CheckpointError) {
      result = try opened.checkpoint.dequantized(to: dequantize.dtype)
    } catch {
      guard error.cause == nil else { throw error }
      // Of tensors in memory it does not know the file.
      throw CheckpointError(
        error.code, file: opened.path, place: error.place, reason: error.reason,
        advice: error.advice)
    }
    guard result.tensorCount > 0 else {
      throw UsageError("--dequantize: no tensor of \(opened.path) is quantised")
    }
    opened.checkpoint = result.checkpoint
    opened.notes.removeAll(where: Dequantization.isAdvice)
    opened.notes += result.notes
    opened.losses += result.losses
  }

  /// Tells which tensors `--quantize` leaves as they are.
  ///
  /// - Throws: ``UsageError`` if that is all of them.
  private func tellOfUnquantised(_ opened: inout OpenedCheckpoint) throws {
    guard let quantize else { return }
    let outlook = opened.checkpoint.outlook(on: quantize)
    guard !outlook.quantised.isEmpty else {
      throw UsageError(
        (["--quantize: no tensor of \(opened.path) can be quantised"] + outlook.notes)
          .joined(separator: "; "))
    }
    opened.notes += outlook.notes
  }

  /// Tells that what gives the model other keys leaves the models beside it as they are.
  private func tellOfUnchangedParts(_ opened: inout OpenedCheckpoint) {
    guard keyOptions.changesKeys || !maps.isEmpty || !include.isEmpty || !exclude.isEmpty else {
      return
    }
    let names = opened.checkpoint.models.keys.elements + opened.checkpoint.optimizers.keys.elements
    guard !names.isEmpty else { return }
    opened.notes.append(
      "the models and optimizers in the metadata keep their keys: "
        + names.joined(separator: ", "))
  }

  private static func isProgram(_ path: String) -> Bool { path.hasSuffix(".py") }

  /// Whether an option is about the model, and about no other in the file.
  private var needsModel: Bool {
    modelOnly || adapter != nil || dtype != nil || like != nil || model != nil || !maps.isEmpty
      || !include.isEmpty || !exclude.isEmpty || keyOptions.changesKeys
  }

  private func outputFormat() throws -> FileFormat {
    if let to { return to.format }
    let names = OutputFormat.allValueStrings.joined(separator: ", ")
    return try OutputFormat(fileName: output, advice: "give --to, one of \(names)").format
  }

  /// The options of the file to be written.
  ///
  /// - Throws: ``UsageError`` for an option that the format has no use for.
  private func exportOptions(for format: FileFormat) throws -> WriteOptions {
    func refuse(_ option: String, _ reason: String) -> UsageError {
      UsageError("\(option) is not for \(format.displayName) files: \(reason)")
    }
    switch format.traits.compression {
    case .none(let reason) where compress != nil: throw refuse("--compress", reason)
    case .deflate where shuffle: throw refuse("--shuffle", "they have no such filter")
    case .none, .deflate, .deflateAndShuffle: break
    }
    if kerasTemplate != nil, !format.understands(KerasOptions.self) {
      throw refuse("--keras-template", "they have no layers")
    }
    if onnxTemplate != nil, !format.understands(ONNXOptions.self) {
      throw refuse("--onnx-template", "they have no graph")
    }
    if twin != nil, format.understands(KerasOptions.self) {
      throw refuse("--twin", "they hold the model itself")
    }
    if layout != nil, !format.understands(PyTorchOptions.self) {
      throw refuse("--layout", "it is PyTorch's")
    }
    if parameterObjects, !format.understands(PyTorchOptions.self) {
      throw refuse("--parameter-objects", "only PyTorch has them")
    }
    let isRepository = format.understands(HuggingFaceOptions.self)
    if shardSize != nil, !isRepository, !format.understands(SafetensorsOptions.self) {
      throw refuse("--shard-size", "only safetensors and Hugging Face folders are written in parts")
    }
    if weights != nil, !isRepository {
      throw refuse("--weights", "they hold the weights themselves")
    }
    if quantize != nil, !format.understands(GGUFOptions.self) {
      throw refuse("--quantize", "they have no blocks of quantised numbers")
    }
    if toVariant != nil, !isRepository { throw refuse("--to-variant", "they have no variants") }
    var options = WriteOptions()
    options.compression = compress.map { .init(level: $0, shuffle: shuffle) }
    options.floatingPointType = dtype?.dtype
    options.saturates = saturate
    options.overwrite = overwrite ? .replace : .refuse
    options.isDurable = !noSync
    if let layout { options.pytorch.layout = layout }
    if parameterObjects { options.pytorch.parameterObjects = true }
    if let kerasTemplate { options.keras.template = kerasTemplate }
    if let onnxTemplate { options.onnx.template = onnxTemplate }
    if let shardSize {
      if isRepository {
        options.huggingFace.shardByteCount = shardSize.byteCount
      } else {
        options.safetensors.shardByteCount = shardSize.byteCount
      }
    }
    if let weights { options.huggingFace.weights = weights }
    if let quantize { options.gguf.quantization = quantize }
    if let toVariant { options.huggingFace.variant = toVariant }
    return options
  }

  private func takeRoles(_ opened: inout OpenedCheckpoint) throws {
    let reference: StateDict
    if let like {
      let opened = try OpenedCheckpoint(like, access: .mapped)
      if let uncertainty = opened.uncertainty { throw uncertainty }
      reference = opened.checkpoint.state
    } else if let model {
      let description = try ModelSpec(model).description
      reference = try description.build().stateDict()
      opened.checkpoint.architecture = description.value
    } else {
      return
    }
    let unknown = opened.result.takeRoles(from: reference)
    if !unknown.isEmpty {
      opened.notes.append(
        "\(like ?? model ?? "") does not have \(unknown.count.of("key")) of the input")
    }
  }
}
