import Checkpoints
import OrderedCollections
import States

extension ONNXModelReader {
  /// Reads a graph: of the main one all but its initializers.
  ///
  /// - Parameter place: Where the graph is; empty for the main one.
  mutating func readGraph(
    _ message: ProtobufReader, _ place: String, depth: Int, isMain: Bool
  ) throws(CheckpointError) {
    guard depth <= Self.maximumDepth else {
      throw message.error(
        .refused, "its graphs are more than \(Self.maximumDepth) deep within each other")
    }
    var graph = message
    while let field = try graph.next() {
      switch field.number {
      case 1: try readNode(graph.message(field), place, depth)
      case 2 where isMain: model.header.graphName = try graph.text(field)
      case 5 where !isMain:
        let tensor = try ONNXTensor(graph, graph.range(of: field), "an initializer of \(place)")
        guard !tensor.name.isEmpty else {
          graph.place = place
          throw graph.damaged("it has an initializer without a name")
        }
        try add(tensor, tensor.name, place, graph)
      case 10 where isMain: model.header.graphDescription = try graph.text(field)
      case 14: try readAnnotation(graph.message(field))
      case 15: try readSparse(graph.message(field), place)
      case 16:
        let entry = try Self.entry(graph.message(field))
        try lose(
          .metadataDropped, place.isEmpty ? entry.key : "\(place): \(entry.key)",
          "the metadata of the graph are not kept")
      default: break
      }
    }
  }

  /// Reads a node: what weights are in its attributes, and the graphs in them.
  private mutating func readNode(
    _ message: ProtobufReader, _ place: String, _ depth: Int
  ) throws(CheckpointError) {
    let node = try ONNXNode(message)
    model.nodeCount += 1
    model.operators[node.kind, default: 0] += 1
    let label = node.name.isEmpty ? node.output ?? "\(node.kind) \(model.nodeCount)" : node.name
    for range in node.attributes {
      let attribute = try ONNXAttribute(message.message(in: range))
      // What a constant is called is the name of what it gives.
      let isConstant = node.kind == "Constant"
      let name = isConstant ? node.output ?? label : "\(label).\(attribute.name)"
      for (number, range) in attribute.tensors.enumerated() {
        let key = attribute.isList ? "\(name).\(number)" : name
        try add(ONNXTensor(message, range, key), key, place, message)
      }
      for (number, range) in attribute.graphs.enumerated() {
        let path =
          (place.isEmpty ? "" : place + "/") + "\(label).\(attribute.name)"
          + (attribute.isList ? ".\(number)" : "")
        try readGraph(message.message(in: range), path, depth: depth + 1, isMain: false)
      }
      for range in attribute.sparseTensors { try readSparse(message.message(in: range), name) }
      guard isConstant else { continue }
      if let tensor = attribute.constant {
        try add(tensor, name, place, message)
      } else if attribute.hasTexts {
        try loseTexts(name)
      }
    }
  }

  private mutating func add(
    _ tensor: ONNXTensor, _ name: String, _ place: String, _ reader: ProtobufReader
  ) throws(CheckpointError) {
    guard tensor.type.typedField != .texts else { return try loseTexts(name) }
    try checkCount(reader)
    further.append((name, place, tensor))
  }

  /// Gives the tensors that are no initializers of the main graph their keys: their names, or, where another
  /// has it, that with its place before it.
  mutating func placeFurther() throws(CheckpointError) {
    for (name, place, tensor) in further {
      let wanted = name.isEmpty ? "constant" : name
      var key = wanted
      if model.tensors[key] != nil, !place.isEmpty { key = "\(place)/\(wanted)" }
      var number = 2
      while model.tensors[key] != nil {
        key = "\(place.isEmpty ? "" : place + "/")\(wanted)~\(number)"
        number += 1
      }
      if key != name {
        try lose(
          .keyChanged, key,
          "its name in the file is \"\(ProtobufReader.short(name))\", which another tensor has too")
      }
      model.tensors[key] = tensor
      try loseDescription(tensor, key)
    }
    further = []
  }

  private mutating func readAnnotation(_ message: ProtobufReader) throws(CheckpointError) {
    var message = message
    var name = ""
    var parts: [String] = []
    while let field = try message.next() {
      switch field.number {
      case 1: name = try message.text(field)
      case 2 where parts.count < 8:
        let entry = try Self.entry(message.message(field))
        parts.append("\(entry.key) \(entry.value)")
      default: break
      }
    }
    try lose(
      .metadataDropped, name,
      "how the tensor is quantised is not kept: \(parts.joined(separator: ", "))")
  }

  private mutating func readSparse(
    _ message: ProtobufReader, _ place: String
  ) throws(CheckpointError) {
    var message = message
    var name = place
    var lengths: [String] = []
    while let field = try message.next() {
      switch field.number {
      case 1:
        let values = try ONNXTensor(message, message.range(of: field), "a sparse tensor")
        if !values.name.isEmpty { name = values.name }
      case 3:
        try message.forEachVarint(field) { bits in
          if lengths.count < ONNXTensor.maximumRank {
            lengths.append("\(Int(truncatingIfNeeded: bits))")
          }
        }
      default: break
      }
    }
    try lose(
      .tensorDropped, name,
      "it is a sparse tensor of shape (\(lengths.joined(separator: ", "))), which no tensor here holds"
    )
  }

  // MARK: - Functions and training

  mutating func readFunction(_ message: ProtobufReader) throws(CheckpointError) {
    var function = message
    model.functionCount += 1
    var name = "function \(model.functionCount)"
    var nodes: [Range<Int>] = []
    while let field = try function.next() {
      switch field.number {
      case 1: name = try function.text(field)
      case 7: nodes.append(try function.range(of: field))
      default: break
      }
    }
    for range in nodes { try readNode(message.message(in: range), name, 1) }
  }

  /// Reads the initializers of the graphs by which a model is trained.
  mutating func readTraining(
    _ message: ProtobufReader, _ place: String
  ) throws(CheckpointError) {
    var training = message
    while let field = try training.next() {
      guard [1, 2].contains(field.number) else { continue }
      let part = place + (field.number == 1 ? ".initialization" : ".algorithm")
      var graph = try training.message(field)
      while let field = try graph.next() {
        guard field.number == 5 else { continue }
        let tensor = try ONNXTensor(graph, graph.range(of: field), "an initializer of \(part)")
        let key = "\(part).\(tensor.name)"
        guard tensor.type.typedField != .texts else {
          try loseTexts(key)
          continue
        }
        graph.place = key
        guard model.trainingTensors[key] == nil else {
          throw graph.damaged("there are two initializers of this name")
        }
        try checkCount(graph)
        model.trainingTensors[key] = tensor
      }
    }
  }
}
