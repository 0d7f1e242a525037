import Checkpoints
import OrderedCollections

/// What the nodes of a graph tell of the tensors that they take: which part of which layer each is.
struct ONNXConsumers {
  private let tensors: OrderedDictionary<String, ONNXTensor>
  private var found: OrderedDictionary<String, ONNXProposal> = [:]

  /// What the graph tells of tensors whose names were made up, and of those that it has transposed.
  ///
  /// - Parameters:
  ///   - tensors: The tensors of the file.
  ///   - graphs: Where the main graph is in the file.
  static func proposals(
    for tensors: OrderedDictionary<String, ONNXTensor>, in graphs: [Range<Int>],
    _ reader: ProtobufReader
  ) throws(CheckpointError) -> [ONNXProposal] {
    var consumers = ONNXConsumers(tensors: tensors)
    for range in graphs {
      var graph = reader.message(in: range)
      while let field = try graph.next() {
        if field.number == 1 { try consumers.read(graph.message(field)) }
      }
    }
    return consumers.proposals
  }

  private init(tensors: OrderedDictionary<String, ONNXTensor>) { self.tensors = tensors }

  /// Looks at a node: of most, at the names of its inputs only.
  private mutating func read(_ message: ProtobufReader) throws(CheckpointError) {
    var inputs = message
    var place = 0
    var taken: [(place: Int, key: String)] = []
    while let field = try inputs.next() {
      guard field.number == 1 else { continue }
      let key = try inputs.text(field)
      if tensors[key] != nil, found[key] == nil { taken.append((place, key)) }
      place += 1
    }
    guard !taken.isEmpty else { return }
    let node = try ONNXNode(message)
    var transposesRight = false
    if node.kind == "Gemm" {
      for range in node.attributes {
        let attribute = try ONNXAttribute(message.message(in: range))
        if attribute.name == "transB" { transposesRight = (attribute.integer ?? 0) != 0 }
      }
    }
    for (place, key) in taken {
      guard let tensor = tensors[key] else { continue }
      let isTransposed =
        place == 1 && tensor.dimensions.count == 2 && tensor.type.dtype?.isFloatingPoint == true
        && (node.kind == "MatMul" || node.kind == "Gemm" && !transposesRight)
      guard isTransposed || ONNXProposal.isMadeUp(key) else { continue }
      var name: String?
      if ONNXProposal.isMadeUp(key), let part = Self.part(place, of: node.kind) {
        name = "\(Self.path(of: node)).\(part)"
      }
      found[key] = ONNXProposal(
        key: key, name: name, kind: node.kind, isTransposed: isTransposed)
    }
  }

  /// The proposals, those without a name of their own whose name another tensor has.
  private var proposals: [ONNXProposal] {
    var counts: [String: Int] = [:]
    for proposal in found.values {
      if let name = proposal.name { counts[name, default: 0] += 1 }
    }
    return found.values.map { proposal in
      var proposal = proposal
      if let name = proposal.name, counts[name] != 1 || tensors[name] != nil { proposal.name = nil }
      return proposal
    }
  }

  /// What an operator calls the input at a place, in the words of PyTorch's layers; nil for what is no parameter,
  /// or whose layout is another there, as that of recurrent layers.
  private static func part(_ place: Int, of kind: String) -> String? {
    switch (kind, place) {
    case ("Conv", 1), ("ConvTranspose", 1), ("Gemm", 1), ("MatMul", 1), ("Gather", 0), ("PRelu", 1),
      ("BatchNormalization", 1), ("LayerNormalization", 1), ("InstanceNormalization", 1),
      ("GroupNormalization", 1), ("RMSNormalization", 1):
      "weight"
    case ("Conv", 2), ("ConvTranspose", 2), ("Gemm", 2), ("BatchNormalization", 2),
      ("LayerNormalization", 2), ("InstanceNormalization", 2), ("GroupNormalization", 2):
      "bias"
    case ("BatchNormalization", 3): "running_mean"
    case ("BatchNormalization", 4): "running_var"
    default: nil
    }
  }

  /// The path of the module that a node comes from, as PyTorch's exporter says it in the node's name
  /// (`/layer1/layer1.0/conv1/Conv`), or that name, or the operator.
  private static func path(of node: ONNXNode) -> String {
    guard node.name.hasPrefix("/") else { return node.name.isEmpty ? node.kind : node.name }
    var path: [Substring] = []
    for part in node.name.split(separator: "/").dropLast() {
      // A module of a container has the container's name before its own.
      if let last = path.last, part.hasPrefix(last + ".") { path.removeLast() }
      path.append(part)
    }
    return path.isEmpty ? String(node.name.dropFirst()) : path.joined(separator: ".")
  }
}
