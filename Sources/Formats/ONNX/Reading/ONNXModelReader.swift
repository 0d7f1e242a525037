import Checkpoints
import Files
import OrderedCollections
import States

/// Reads the structure of an ONNX file: `ModelProto` of `onnx.proto`, as `onnx` 1.23 has it.
struct ONNXModelReader {
  /// What was read so far.
  private(set) var model = ONNXModel()
  private var reader: ProtobufReader
  /// The tensors that are no initializers of the main graph, in order, with the places that make their names
  /// different from others.
  private var further: [(name: String, place: String, tensor: ONNXTensor)] = []
  /// The main graph's pieces: a message may come in several, which are one.
  private var graphs: [Range<Int>] = []

  /// How deep graphs may be within each other.
  static let maximumDepth = 64

  /// Reads a file.
  ///
  /// - Throws: `CheckpointError`: `notThisFormat` if it has no graph, `damaged`, `unsupported`, `refused`.
  static func read(_ file: InputFile) throws(CheckpointError) -> ONNXModel {
    let head = try reportingFileErrors { () throws(FileError) in try file.head() }
    guard let first = head.first, ONNXFormat.begins(with: first) else {
      throw CheckpointError(
        .notThisFormat, file: file.path, reason: "it does not begin as an ONNX model does")
    }
    var reader = ONNXModelReader(reader: ProtobufReader(file))
    try reader.read()
    return reader.model
  }

  private init(reader: ProtobufReader) { self.reader = reader }

  private mutating func read() throws(CheckpointError) {
    var functions: [ProtobufField] = []
    var trainings: [ProtobufField] = []
    var unknown: OrderedSet<Int> = []
    while let field = try reader.next() {
      switch field.number {
      case 1: model.header.version = try reader.integer(field)
      case 2: model.header.producerName = try reader.text(field)
      case 3: model.header.producerVersion = try reader.text(field)
      case 4: model.header.domain = try reader.text(field)
      case 5: model.header.modelVersion = try reader.integer(field)
      case 6: model.header.description = try reader.text(field)
      case 7: graphs.append(try reader.range(of: field))
      case 8: model.header.opsets.append(try Self.opset(reader.message(field)))
      case 14: try takeMetadata(reader.message(field))
      case 20: trainings.append(field)
      case 25: functions.append(field)
      default: unknown.append(field.number)
      }
    }
    guard !graphs.isEmpty, let version = model.header.version, version > 0 else {
      throw reader.error(.notThisFormat, "it has no graph and no version of ONNX")
    }
    try takeInitializers()
    for range in graphs { try readGraph(reader.message(in: range), "", depth: 0, isMain: true) }
    for field in functions { try readFunction(reader.message(field)) }
    try placeFurther()
    for (number, field) in trainings.enumerated() {
      try readTraining(reader.message(field), "training_info.\(number)")
    }
    if !trainings.isEmpty {
      lose(
        .metadataDropped, "training_info",
        "of what the model is trained by the tensors are kept, in the metadata, not its graphs and bindings"
      )
    }
    for number in unknown {
      lose(
        .metadataDropped, nil,
        number == 26
          ? "the configurations of devices are not kept"
          : "field \(number) of the model is not kept")
    }
    if model.nodeCount > 0 || model.functionCount > 0 {
      let functions = model.functionCount == 0 ? "" : " and \(model.functionCount) functions"
      lose(
        .architectureDropped, nil,
        "of the model the weights and constants are kept, not its graph of \(model.nodeCount) nodes\(functions)"
      )
    }
    let consumers = try ONNXConsumers(
      of: model.tensors, initializerCount: model.initializerCount, in: graphs, reader)
    model.proposals = consumers.proposals
    model.foldedKeys = Array(consumers.folded)
  }

  private mutating func lose(
    _ kind: ConversionLoss.Kind, _ subject: String?, _ detail: String
  ) {
    model.losses.append(ConversionLoss(kind, subject, detail))
  }

  // MARK: - Small messages

  /// A key and a value: `StringStringEntryProto`.
  static func entry(
    _ message: ProtobufReader
  ) throws(CheckpointError) -> (key: String, value: String) {
    var message = message
    var entry = (key: "", value: "")
    while let field = try message.next() {
      switch field.number {
      case 1: entry.key = try message.text(field)
      case 2: entry.value = try message.text(field)
      default: break
      }
    }
    return entry
  }

  private static func opset(_ message: ProtobufReader) throws(CheckpointError) -> ONNXHeader.Opset {
    var message = message
    var opset = ONNXHeader.Opset()
    while let field = try message.next() {
      switch field.number {
      case 1: opset.domain = try message.text(field)
      case 2: opset.version = try message.integer(field)
      default: break
      }
    }
    return opset
  }

  private mutating func takeMetadata(_ message: ProtobufReader) throws(CheckpointError) {
    let entry = try Self.entry(message)
    guard let known = model.metadata.updateValue(entry.value, forKey: entry.key) else { return }
    guard known != entry.value else { return }
    lose(.metadataDropped, entry.key, "the file has two values of it, of which the last counts")
  }

  // MARK: - Graphs

  /// Takes the initializers of the main graph, whose names are their keys.
  private mutating func takeInitializers() throws(CheckpointError) {
    for range in graphs {
      var graph = reader.message(in: range)
      while let field = try graph.next() {
        guard field.number == 5 else { continue }
        let what = "initializer \(model.tensors.count + 1)"
        let tensor = try ONNXTensor(graph, graph.range(of: field), what)
        guard !tensor.name.isEmpty else {
          graph.place = what
          throw graph.damaged("it has no name")
        }
        graph.place = tensor.name
        guard tensor.type.typedField != .texts else {
          loseTexts(tensor.name)
          continue
        }
        if let index = model.tensors.index(forKey: tensor.name) {
          throw graph.damaged(
            model.tensors.keys[index].utf8.elementsEqual(tensor.name.utf8)
              ? "there are two initializers of this name"
              : "two initializers have names that differ only in how they encode an accent")
        }
        try checkCount(graph)
        model.tensors[tensor.name] = tensor
        loseDescription(tensor, tensor.name)
      }
    }
    model.initializerCount = model.tensors.count
  }

  private func checkCount(_ reader: ProtobufReader) throws(CheckpointError) {
    let count = model.tensors.count + further.count + model.trainingTensors.count
    guard count < ONNXModel.maximumTensorCount else {
      throw reader.error(
        .refused, "it has more than \(ONNXModel.maximumTensorCount) tensors")
    }
  }

  private mutating func loseTexts(_ name: String) {
    lose(.tensorDropped, name, "its elements are texts (STRING), which no tensor here holds")
  }

  private mutating func loseDescription(_ tensor: ONNXTensor, _ key: String) {
    guard tensor.isDescribed else { return }
    lose(.metadataDropped, key, "the tensor's description and its metadata are not kept")
  }

  /// Reads a graph: of the main one all but its initializers.
  ///
  /// - Parameter place: Where the graph is; empty for the main one.
  private mutating func readGraph(
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
        lose(
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
        loseTexts(name)
      }
    }
  }

  private mutating func add(
    _ tensor: ONNXTensor, _ name: String, _ place: String, _ reader: ProtobufReader
  ) throws(CheckpointError) {
    guard tensor.type.typedField != .texts else { return loseTexts(name) }
    try checkCount(reader)
    further.append((name, place, tensor))
  }

  /// Gives the tensors that are no initializers of the main graph their keys: their names, or, where another
  /// has it, that with its place before it.
  private mutating func placeFurther() throws(CheckpointError) {
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
        lose(
          .keyChanged, key,
          "its name in the file is \"\(ProtobufReader.short(name))\", which another tensor has too")
      }
      model.tensors[key] = tensor
      loseDescription(tensor, key)
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
    lose(
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
    lose(
      .tensorDropped, name,
      "it is a sparse tensor of shape (\(lengths.joined(separator: ", "))), which no tensor here holds"
    )
  }

  // MARK: - Functions and training

  private mutating func readFunction(_ message: ProtobufReader) throws(CheckpointError) {
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
  private mutating func readTraining(
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
          loseTexts(key)
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
