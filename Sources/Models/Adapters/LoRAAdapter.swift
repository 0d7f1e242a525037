import Arrays
import Autograd
import Checkpoints
import Files
import NN
import OrderedCollections
import States

/// An adapter of LoRA, as PEFT saves it: two small matrices for each of some layers of a model, whose
/// product is added to the layer's weight.
///
/// Hu et al., "LoRA: Low-rank adaptation of large language models" (2021).
///
/// It is merged into a state, or attached to a model, where it is trained while the model stays as it is:
///
/// ```swift
/// let adapter = try LoRAAdapter(contentsOf: "adapter/")
/// let merged = try adapter.merged(into: base.state)        // weights + scaling · B · A
///
/// try adapter.attach(to: model)
/// let optimizer = AdamW(adapter, lr: 1e-4)
/// …
/// try adapter.savePretrained(to: "trained/")               // loads in PEFT
/// adapter.detach()
/// ```
///
/// State dict: the keys of PEFT's file in its order, such as
/// `base_model.model.h.0.attn.c_attn.lora_A.weight`; `lora_embedding_A` and `lora_embedding_B` of tables;
/// and tensors that take the place of the model's, of `modules_to_save` and of biases.
///
/// Matrices are `float32`, or `float64` where the file has that, as PEFT keeps them. What is merged with
/// them is rounded as PEFT rounds it: see ``merged(into:of:)``.
public final class LoRAAdapter: Module {
  /// What `adapter_config.json` says.
  public let configuration: LoRAConfiguration
  /// What errors call the file or folder.
  let file: String
  let layers: [LoRALayer]
  let wholes: [LoRAWholeTensor]
  /// Tensors of the file that nothing uses, by their keys: see ``LoRAKeys/Part/original``.
  let unused: OrderedDictionary<String, Buffer>
  /// The keys in the order of the file.
  private let order: [String]
  /// The model that it is attached to, and what is to be undone.
  var attachment: LoRAAttachment?

  /// Makes an adapter of what a reader made of PEFT's folder, with `adapter_config` in the metadata.
  ///
  /// - Parameters:
  ///   - checkpoint: The adapter's tensors by PEFT's keys.
  ///   - file: What errors call the folder.
  /// - Throws: `CheckpointError` if the configuration is not supported (``LoRAConfiguration``), or a
  ///   tensor is not what the configuration says, or has no counterpart.
  public init(_ checkpoint: Checkpoint, file: String) throws(CheckpointError) {
    if let loss = checkpoint.losses.first(where: Self.matters) {
      throw CheckpointError(.damaged, file: file, place: loss.subject, reason: loss.detail)
    }
    guard let value = checkpoint.metadata["adapter_config"] else {
      throw CheckpointError(
        .unsupported, file: file, reason: "there is no adapter_config.json beside its tensors",
        advice: "Give the folder that save_pretrained of PEFT wrote.")
    }
    let configuration = try LoRAConfiguration(value, file: file)
    var reading = LoRAReading(configuration, file: file)
    for (key, entry) in checkpoint.state.entries { try reading.take(key, entry) }
    layers = try reading.layers()
    (wholes, unused) = (reading.wholes, reading.unused)
    guard !layers.isEmpty || !wholes.isEmpty else {
      throw CheckpointError(.damaged, file: file, reason: "the adapter has no tensors")
    }
    order = Array(checkpoint.state.keys)
    self.configuration = configuration
    self.file = file
    super.init()
  }

  /// Whether what reading lost is a part of the adapter.
  private static func matters(_ loss: ConversionLoss) -> Bool {
    loss.kind == .tensorDropped || loss.kind == .metadataDropped && loss.subject == "adapter_config"
  }

  /// The tensors by PEFT's keys.
  public override func members() -> [Member] {
    var members: [String: Member] = [:]
    for layer in layers {
      members[layer.keys.a] = Member(layer.keys.a, .parameter(layer.a))
      members[layer.keys.b] = Member(layer.keys.b, .parameter(layer.b))
    }
    for whole in wholes {
      for key in [whole.key] + whole.aliases { members[key] = Member(key, whole.content) }
    }
    for (key, buffer) in unused { members[key] = Member(key, .buffer(buffer)) }
    return order.compactMap { members[$0] }
  }

  /// Whether it is attached to a model.
  public var isAttached: Bool { attachment != nil }

  /// The tensors by PEFT's keys, and the configuration, as they are written to PEFT's folder.
  public var checkpoint: Checkpoint {
    var state = stateDict()
    // Not as ties, of which the other format may keep one name only.
    for key in wholes.flatMap(\.aliases) { state[key] = state[key]?.copied() }
    return Checkpoint(state: state, metadata: ["adapter_config": configuration.value])
  }

  /// The rank, and how many layers and whole tensors it has.
  public override var extraDescription: String {
    "r=\(configuration.r), layers=\(layers.count), whole=\(wholes.count)"
  }

  /// An error that names a tensor of the adapter.
  func error(
    _ code: CheckpointError.Code, _ key: String, _ reason: String, advice: String? = nil
  ) -> CheckpointError {
    CheckpointError(code, file: file, place: key, reason: reason, advice: advice)
  }
}
