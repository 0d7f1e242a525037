import Checkpoints

/// What is needed of a node of a graph: `NodeProto`.
struct ONNXNode {
  /// The name; mostly empty or made up.
  private(set) var name = ""
  /// The operator, with its domain if that is not ONNX's own: `Conv`, `com.microsoft.Gelu`.
  private(set) var kind = ""
  /// The names of what it takes.
  private(set) var inputs: [String] = []
  /// The name of the first output.
  private(set) var output: String?
  /// The attributes: where they are in the file.
  private(set) var attributes: [Range<Int>] = []
  /// The module that the node comes from, as PyTorch's exporter says it in the metadata; nil if nothing does.
  private(set) var module: String?
  /// Whether an optimiser says in the metadata that it folded a batch normalisation into the node.
  private(set) var isFolded = false
  /// The numbers of the fields that are not known.
  private(set) var unknownFields: Set<Int> = []

  /// Reads a node.
  ///
  /// - Throws: `CheckpointError` with code `damaged`, also for a name that is longer than those of tensors may be.
  init(_ message: ProtobufReader) throws(CheckpointError) {
    var message = message
    var domain = ""
    let limit = ONNXTensor.maximumNameByteCount
    while let field = try message.next() {
      switch field.number {
      case 1: inputs.append(try message.text(field, limit: limit))
      case 2 where output == nil: output = try message.text(field, limit: limit)
      case 3: name = try message.text(field, limit: limit)
      case 4: kind = try message.text(field, limit: limit)
      case 5: attributes.append(try message.range(of: field))
      case 7: domain = try message.text(field, limit: limit)
      case 9:
        let entry = try ONNXModelReader.entry(message.message(field))
        switch entry.key {
        case "pkg.torch.onnx.name_scopes": module = Self.module(ofScopes: entry.value)
        case "pkg.onnxscript.rewriter.rule_name": isFolded = entry.value.contains("FuseBatchNorm")
        default: break
        }
      case 2, 6, 8, 10: break
      default: unknownFields.insert(field.number)
      }
    }
    if output?.isEmpty == true { output = nil }
    if !domain.isEmpty, domain != "ai.onnx" { kind = "\(domain).\(kind)" }
  }

  /// The last module of a list as Python prints it, whose last element is the operation:
  /// `['', 'layers', 'layers.0', 'linear_1']`.
  private static func module(ofScopes text: String) -> String? {
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    let names = parts.indices.filter { $0 % 2 == 1 }.map { parts[$0] }
    guard let module = names.dropLast().last, !module.isEmpty else { return nil }
    return String(module)
  }
}
