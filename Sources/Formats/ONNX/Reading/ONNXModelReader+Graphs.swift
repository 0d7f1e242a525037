import Checkpoints
import OrderedCollections
import States

extension ONNXModelReader {
  /// Reads a graph: of the main one all but its initializers.
  ///
  /// - Parameter scope: The number of its scope.
  mutating func readGraph(
    _ message: ProtobufReader, _ scope: Int, depth: Int
  ) throws(CheckpointError) {
    guard depth <= Self.maximumDepth else {
      throw message.error(
        .refused, "its graphs are more than \(Self.maximumDepth) deep within each other")
    }
    let isMain = scope == ONNXScope.main
    let place = scopes[scope].path
    var graph = message
    while let field = try graph.next() {
      switch field.number {
      case 1: try readNode(graph.message(field), scope, depth)
      case 2 where isMain: model.header.graphName = try graph.text(field)
      case 5 where !isMain:
        let tensor = try ONNXTensor(graph, graph.range(of: field), "an initializer of \(place)")
        guard !tensor.name.isEmpty else {
          graph.place = place
          throw graph.damaged("it has an initializer without a name")
        }
        try add(tensor, tensor.name, scope, isNamed: true, graph)
      case 10 where isMain: model.header.graphDescription = try graph.text(field)
      case 11...13 where isMain: model.valueCount += 1
      case 14: try readAnnotation(graph.message(field))
      case 15: try readSparse(graph.message(field), place)
      case 16:
        let entry = try Self.entry(graph.message(field))
        try lose(
          .metadataDropped, place.isEmpty ? entry.key : "\(place): \(entry.key)",
          "the metadata of the graph are not kept")
      case 2, 5, 10...13: break
      default: try takeUnknown([field.number], of: "a graph")
      }
    }
  }

  /// Adds the scope of a graph or a function.
  private mutating func addScope(
    _ path: String, outer: Int?, isOfTraining: Bool
  ) throws(CheckpointError) -> Int {
    try charge(path.utf8.count + MemoryLayout<ONNXScope>.size)
    scopes.append(ONNXScope(path: path, outer: outer, isOfTraining: isOfTraining))
    return scopes.count - 1
  }

  // MARK: - Nodes

  /// Reads a node: what it takes, what weights are in its attributes, and the graphs in them.
  private mutating func readNode(
    _ message: ProtobufReader, _ scope: Int, _ depth: Int
  ) throws(CheckpointError) {
    let node = try ONNXNode(message)
    try takeUnknown(node.unknownFields, of: "a node")
    if !scopes[scope].isOfTraining {
      model.nodeCount += 1
      model.operators[node.kind, default: 0] += 1
    }
    let label = node.name.isEmpty ? node.output ?? "\(node.kind) \(model.nodeCount)" : node.name
    let isConstant = node.kind == "Constant"
    var hasValue = false
    var transposesRight: Bool? = false
    for range in node.attributes {
      let attribute = try ONNXAttribute(message.message(in: range), isOfConstant: isConstant)
      if attribute.name == "transB" {
        transposesRight = attribute.isReference ? nil : (attribute.integer ?? 0) != 0
      }
      // What a constant is called is the name of what it gives.
      let name = isConstant ? node.output ?? label : "\(label).\(attribute.name)"
      try take(attribute, name, label, scope, depth, isNamed: isConstant, message)
      guard isConstant else { continue }
      hasValue = hasValue || attribute.isReference || attribute.hasValue
      if let tensor = attribute.constant {
        try add(tensor, name, scope, isNamed: true, message)
      } else if attribute.hasTexts {
        try loseTexts(name)
      }
    }
    if isConstant, !hasValue {
      try lose(.tensorDropped, node.output ?? label, "the constant has no value that is known here")
    }
    try takeUses(of: node, scope, transposesRight)
  }

  /// Takes the tensors and the graphs in an attribute.
  ///
  /// - Parameters:
  ///   - name: What its tensors are called.
  ///   - label: What the node is called, or the function.
  private mutating func take(
    _ attribute: ONNXAttribute, _ name: String, _ label: String, _ scope: Int, _ depth: Int,
    isNamed: Bool, _ message: ProtobufReader
  ) throws(CheckpointError) {
    try takeUnknown(attribute.unknownFields, of: "an attribute")
    for (number, range) in attribute.tensors.enumerated() {
      let key = attribute.isList ? "\(name).\(number)" : name
      try add(ONNXTensor(message, range, key), key, scope, isNamed: isNamed, message)
    }
    for (number, range) in attribute.graphs.enumerated() {
      let place = scopes[scope]
      let path =
        (place.path.isEmpty ? "" : place.path + "/") + "\(label).\(attribute.name)"
        + (attribute.isList ? ".\(number)" : "")
      let inner = try addScope(path, outer: scope, isOfTraining: place.isOfTraining)
      try readGraph(message.message(in: range), inner, depth: depth + 1)
    }
    for range in attribute.sparseTensors { try readSparse(message.message(in: range), name) }
  }

  private mutating func add(
    _ tensor: ONNXTensor, _ name: String, _ scope: Int, isNamed: Bool, _ reader: ProtobufReader
  ) throws(CheckpointError) {
    guard tensor.type.typedField != .texts else { return try loseTexts(name) }
    try checkCount(reader)
    try charge(name.utf8.count + scopes[scope].path.utf8.count)
    further.append(
      ONNXFurtherTensor(name: name, scope: scope, isNamed: isNamed, tensor: tensor))
  }

  /// Takes which of its inputs may be tensors of the file of which the node tells something.
  private mutating func takeUses(
    of node: ONNXNode, _ scope: Int, _ transposesRight: Bool?
  ) throws(CheckpointError) {
    guard !scopes[scope].isOfTraining else { return }
    for (place, name) in node.inputs.enumerated() {
      let use = ONNXUse(node, place, scope: scope, transposesRight: transposesRight)
      guard
        ONNXProposal.isMadeUp(name) || (use.isRight || use.isFolded) && model.tensors[name] != nil
      else { continue }
      try charge((use.wanted?.utf8.count ?? 0) + MemoryLayout<ONNXUse>.size)
      uses.append(use)
    }
  }

  // MARK: - Functions and training

  mutating func readFunction(_ message: ProtobufReader) throws(CheckpointError) {
    var function = message
    model.functionCount += 1
    var name = "function \(model.functionCount)"
    var nodes: [Range<Int>] = []
    var attributes: [Range<Int>] = []
    while let field = try function.next() {
      switch field.number {
      case 1: name = try function.text(field, limit: ONNXTensor.maximumNameByteCount)
      case 7: nodes.append(try function.range(of: field))
      case 11: attributes.append(try function.range(of: field))
      case 4...6, 8...10, 12...14: break
      default: try takeUnknown([field.number], of: "a function")
      }
    }
    let scope = try addScope(name, outer: nil, isOfTraining: false)
    // What attributes of the function are where it is called without them.
    for range in attributes {
      let attribute = try ONNXAttribute(message.message(in: range), isOfConstant: false)
      try take(attribute, attribute.name, "attribute", scope, 0, isNamed: false, message)
    }
    for range in nodes { try readNode(message.message(in: range), scope, 1) }
  }

  /// Reads the graphs by which a model is trained.
  mutating func readTraining(
    _ message: ProtobufReader, _ place: String
  ) throws(CheckpointError) {
    var training = message
    while let field = try training.next() {
      switch field.number {
      case 1, 2:
        let path = place + (field.number == 1 ? ".initialization" : ".algorithm")
        let scope = try addScope(path, outer: nil, isOfTraining: true)
        try readGraph(training.message(field), scope, depth: 0)
      case 3, 4: break
      default: try takeUnknown([field.number], of: "what the model is trained by")
      }
    }
  }
}
