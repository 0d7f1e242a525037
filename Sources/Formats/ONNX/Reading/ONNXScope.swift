import Checkpoints

/// Where names of tensors mean something: a graph, or a function.
struct ONNXScope {
  /// What keys of tensors in it begin with; empty for the main graph.
  let path: String
  /// The graph around it, whose names it can use too; nil for the main graph, and what has no other around it.
  let outer: Int?
  /// Whether the model is trained by it.
  let isOfTraining: Bool

  /// The number of the main graph.
  static let main = 0
}

/// A tensor that is no initializer of the main graph.
struct ONNXFurtherTensor {
  /// The name in its scope.
  let name: String
  /// The number of the scope.
  let scope: Int
  /// Whether nodes take it by its name, and not as an attribute.
  let isNamed: Bool
  let tensor: ONNXTensor
}

/// That a node takes what may be a tensor of the file.
struct ONNXUse {
  /// The name by which it takes it.
  let name: String
  /// The number of the scope of the node.
  let scope: Int
  /// The operator.
  let kind: String
  /// The name that the tensor would have in a state dict; nil if none follows.
  let wanted: String?
  /// Whether it is what a product has on its right.
  let isRight: Bool
  /// Whether an optimiser says that it folded a batch normalisation into it.
  let isFolded: Bool

  /// What a node tells of one of its inputs.
  ///
  /// - Parameters:
  ///   - place: Which of the inputs it is.
  ///   - scope: The number of the scope of the node.
  ///   - transposesRight: Whether a `Gemm` transposes what is on its right; nil if the caller of a function says so.
  init(_ node: ONNXNode, _ place: Int, scope: Int, transposesRight: Bool?) {
    name = node.inputs[place]
    self.scope = scope
    kind = node.kind
    let isRight = place == 1 && (kind == "MatMul" || kind == "Gemm" && transposesRight == false)
    let isKnown = kind != "Gemm" || place != 1 || transposesRight != nil
    self.isRight = isRight
    wanted =
      isKnown && ONNXProposal.isMadeUp(name)
      ? Self.part(place, of: kind).map { "\(Self.path(of: node)).\($0)" } : nil
    isFolded = node.isFolded
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
