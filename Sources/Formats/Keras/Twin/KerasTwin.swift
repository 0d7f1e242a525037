import Checkpoints
import OrderedCollections
import States

/// The PyTorch twin of a model that was read from a Keras file, as a program of Python.
///
/// ```swift
/// let opened = try OpenedCheckpoint("model.keras")
/// let twin = try KerasTwin(of: opened.checkpoint, file: "model.keras")
/// print(twin.source)
/// ```
///
/// The program defines a class `Twin`, a module whose `load_state_dict` takes the checkpoint's tensors
/// with `strict=True`, and whose outputs in evaluation mode are Keras's, up to rounding. Images that it
/// takes and gives, tensors of three axes or more beside the batch, have their channels first; all else is
/// as in Keras. What it says of a file's names is in literals, so that no name becomes a part of the program.
public struct KerasTwin: Sendable, Hashable {
  /// The program.
  public let source: String

  /// The twin of the model that a checkpoint came from.
  ///
  /// - Parameters:
  ///   - checkpoint: A checkpoint with what is kept of the Keras file that it was read from.
  ///   - file: The path of the file, for errors.
  /// - Throws: ``/Checkpoints/CheckpointError`` with code `unsupported` if the checkpoint did not come from
  ///   a Keras file with the model's config, a layer cannot be said in PyTorch, which is named, or the
  ///   checkpoint's tensors are not those of the model; `damaged` if the config is of another form.
  public init(of checkpoint: Checkpoint, file: String) throws(CheckpointError) {
    func unsupported(_ reason: String, _ advice: String? = nil) -> CheckpointError {
      CheckpointError(
        .unsupported, file: file, reason: "its twin in PyTorch cannot be written: \(reason)",
        advice: advice)
    }
    guard let model = try KerasModelOrigin(checkpoint, file: file) else {
      throw unsupported(
        "it did not come from a Keras file with the model's config",
        "Convert a .keras archive, or an .h5 of the whole model.")
    }
    let state = checkpoint.state
    // Without its bias, say, a layer is another.
    if let key = model.mappings.keys.filter({ state[$0] == nil }).min() {
      throw unsupported("the checkpoint does not have its \(key)")
    }
    let program: TwinProgram
    do throws(KerasSite.Missing) {
      program = try TwinProgram(
        KerasSite(model.layer, state: state), config: model.config, model.mappings, state: state,
        isOld: model.isOld)
    } catch {
      throw unsupported(error.reason)
    }
    let keys = Set(program.keys)
    if let key = state.keys.first(where: { !keys.contains($0) }) {
      throw unsupported("no layer of it takes \(key)")
    }
    if let key = program.keys.first(where: { state[$0] == nil }) {
      throw unsupported("the checkpoint does not have its \(key)")
    }
    source = Self.text(program, model.layer.name)
  }

  private static func text(_ program: TwinProgram, _ name: String) -> String {
    var text = """
      # The PyTorch twin of a Keras model, written by Ballast: \(PythonText.literal(name))
      #
      #     model = Twin()
      #     model.load_state_dict(state_dict, strict=True)
      #     model.eval()
      #
      # It computes in float32. Images have their channels first, where Keras has them last.

      """
    for (title, ports) in [("Takes", program.inputs), ("Gives", program.outputs)] {
      for port in ports {
        let twin = port.axes.map { port.shape[$0] }
        text += "#\n# \(title) \(shape(twin))"
        if twin != port.shape { text += ", in Keras \(shape(port.shape))" }
        text += ": \(PythonText.literal(port.name))\n"
      }
    }
    let body = program.classes.joined(separator: "\n\n")
    let helpers = TwinHelpers.needed(by: body)
    if (helpers + [body]).contains(where: { $0.contains("math.") }) { text += "\nimport math\n" }
    text += "\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
    return text + (helpers + [body]).map { "\n\n" + $0 }.joined(separator: "\n")
  }

  private static func shape(_ lengths: [Int?]) -> String {
    "(" + (["N"] + lengths.map { $0.map(String.init) ?? "?" }).joined(separator: ", ") + ")"
  }
}

extension TwinHelpers {
  /// Those that a program calls, and those that these call.
  fileprivate static func needed(by body: String) -> [String] {
    var text = body
    var names: Set<String> = []
    for (name, code) in all.reversed() where text.contains(name + "(") {
      names.insert(name)
      text += code
    }
    return all.filter { names.contains($0.key) }.values.map(\.self)
  }
}

/// What a checkpoint keeps of the model that it came from.
struct KerasModelOrigin {
  /// The model.
  let layer: KerasLayer
  /// What its file says of it.
  let config: Value
  /// How its tensors followed from Keras's variables, by key.
  let mappings: [String: KerasMapping]
  /// The options of PyTorch's modules, by the keys of the layers.
  let options: OrderedDictionary<Value.Key, Value>
  /// Whether it is of a Keras before version 3, nil if the file does not say.
  let isOld: Bool?

  /// Nil for a checkpoint that did not come from a Keras file with a config.
  init?(_ checkpoint: Checkpoint, file: String) throws(CheckpointError) {
    guard let origin = checkpoint.origin[KerasFile.originName],
      let plan = origin["plan"].flatMap(KerasPlan.init),
      let text = (origin["config"] ?? origin["model_config"])?.stringValue
    else { return nil }
    config = try KerasSource.parse(text.utf8, file, place: "config")
    layer = try KerasLayer(model: config, file: file, place: "config")
    mappings = plan.mappingsByKey
    options = plan.hyperparameters
    isOld = KerasSource.isOld(origin)
  }
}
