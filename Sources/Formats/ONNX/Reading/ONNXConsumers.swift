import Checkpoints
import OrderedCollections

/// What the nodes of a graph tell of the tensors that they take: which part of which layer each is.
struct ONNXConsumers {
  private let tensors: OrderedDictionary<String, ONNXTensor>
  private let initializers: Set<String>
  private var found: OrderedDictionary<String, ONNXProposal> = [:]
  /// The tensors of operators into which an optimiser says that it folded a batch normalisation.
  private(set) var folded: OrderedSet<String> = []

  /// Looks at the nodes of a graph.
  ///
  /// - Parameters:
  ///   - tensors: The tensors of the file, first the initializers of the main graph.
  ///   - initializerCount: How many these are.
  ///   - graphs: Where the main graph is in the file.
  init(
    of tensors: OrderedDictionary<String, ONNXTensor>, initializerCount: Int,
    in graphs: [Range<Int>], _ reader: ProtobufReader
  ) throws(CheckpointError) {
    self.tensors = tensors
    initializers = Set(tensors.keys.prefix(initializerCount))
    for range in graphs {
      var graph = reader.message(in: range)
      while let field = try graph.next() {
        if field.number == 1 { try read(graph.message(field)) }
      }
    }
  }

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
    if node.isFolded { folded.append(contentsOf: taken.map(\.key)) }
    var transposesRight = false
    if node.kind == "Gemm" {
      for range in node.attributes {
        let attribute = try ONNXAttribute(message.message(in: range))
        if attribute.name == "transB" { transposesRight = (attribute.integer ?? 0) != 0 }
      }
    }
    for (place, key) in taken {
      // Integers are no weights.
      guard let tensor = tensors[key], tensor.type.dtype?.isFloatingPoint == true else { continue }
      let isTransposed =
        place == 1 && tensor.dimensions.count == 2
        && (node.kind == "MatMul" || node.kind == "Gemm" && !transposesRight)
      let part = ONNXProposal.isMadeUp(key) ? Self.part(place, of: node.kind) : nil
      // The names of constants are all made up, and most are no weights.
      guard isTransposed || part != nil || ONNXProposal.isMadeUp(key) && initializers.contains(key)
      else { continue }
      let name = part.map { "\(Self.path(of: node)).\($0)" }
      found[key] = ONNXProposal(
        key: key, name: name, wanted: name, kind: node.kind, isTransposed: isTransposed)
    }
  }

  /// What the graph tells of tensors whose names were made up, and of those that it has transposed; those without a name of their own whose name another tensor has.
  var proposals: [ONNXProposal] {
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

  /// The path of the module that a node comes from, as PyTorch's exporters say it in the metadata or the node's name
  /// (`/layer1/layer1.0/conv1/Conv`), or that name, or the operator.
  private static func path(of node: ONNXNode) -> String {
    if let module = node.module { return module }
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
