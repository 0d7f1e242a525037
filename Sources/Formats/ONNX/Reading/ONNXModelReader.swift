import Checkpoints
import Files
import OrderedCollections
import States

/// Reads the structure of an ONNX file: `ModelProto` of `onnx.proto`, as `onnx` 1.23 has it.
struct ONNXModelReader {
  /// What was read so far.
  var model = ONNXModel()
  private var reader: ProtobufReader
  /// The tensors that are no initializers of the main graph, in order, with the places that make their names
  /// different from others.
  var further: [(name: String, place: String, tensor: ONNXTensor)] = []
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
    var functions: [Range<Int>] = []
    var trainings: [Range<Int>] = []
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
      case 8:
        try checkLosses(model.header.opsets.count)
        model.header.opsets.append(try Self.opset(reader.message(field)))
      case 14: try takeMetadata(reader.message(field))
      case 20: trainings.append(try reader.range(of: field))
      case 25: functions.append(try reader.range(of: field))
      default:
        try checkLosses(unknown.count)
        unknown.append(field.number)
      }
    }
    guard !graphs.isEmpty, let version = model.header.version, version > 0 else {
      throw reader.error(.notThisFormat, "it has no graph and no version of ONNX")
    }
    try takeInitializers()
    for range in graphs { try readGraph(reader.message(in: range), "", depth: 0, isMain: true) }
    for range in functions { try readFunction(reader.message(in: range)) }
    try placeFurther()
    for (number, range) in trainings.enumerated() {
      try readTraining(reader.message(in: range), "training_info.\(number)")
    }
    if !trainings.isEmpty {
      try lose(
        .metadataDropped, "training_info",
        "of what the model is trained by the tensors are kept, in the metadata, not its graphs and bindings"
      )
    }
    for number in unknown {
      try lose(
        .metadataDropped, nil,
        number == 26
          ? "the configurations of devices are not kept"
          : "field \(number) of the model is not kept")
    }
    if model.nodeCount > 0 || model.functionCount > 0 {
      let functions = model.functionCount == 0 ? "" : " and \(model.functionCount) functions"
      try lose(
        .architectureDropped, nil,
        "of the model the weights and constants are kept, not its graph of \(model.nodeCount) nodes\(functions)"
      )
    }
    let consumers = try ONNXConsumers(
      of: model.tensors, initializerCount: model.initializerCount, in: graphs, reader)
    model.proposals = consumers.proposals
    model.foldedKeys = Array(consumers.folded)
  }

  mutating func lose(
    _ kind: ConversionLoss.Kind, _ subject: String?, _ detail: String
  ) throws(CheckpointError) {
    try checkLosses(model.losses.count)
    model.losses.append(ConversionLoss(kind, subject, detail))
  }

  /// What is told takes more memory than what is not read.
  private func checkLosses(_ count: Int) throws(CheckpointError) {
    guard count < Self.maximumLossCount else {
      throw reader.error(
        .refused, "it has more than \(Self.maximumLossCount) things that are not read")
    }
  }

  private static let maximumLossCount = 100_000

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
    try lose(.metadataDropped, entry.key, "the file has two values of it, of which the last counts")
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
          try loseTexts(tensor.name)
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
        try loseDescription(tensor, tensor.name)
      }
    }
    model.initializerCount = model.tensors.count
  }

  func checkCount(_ reader: ProtobufReader) throws(CheckpointError) {
    let count = model.tensors.count + further.count + model.trainingTensors.count
    guard count < ONNXModel.maximumTensorCount else {
      throw reader.error(
        .refused, "it has more than \(ONNXModel.maximumTensorCount) tensors")
    }
  }

  mutating func loseTexts(_ name: String) throws(CheckpointError) {
    try lose(.tensorDropped, name, "its elements are texts (STRING), which no tensor here holds")
  }

  mutating func loseDescription(
    _ tensor: ONNXTensor, _ key: String
  ) throws(CheckpointError) {
    guard tensor.isDescribed else { return }
    try lose(.metadataDropped, key, "the tensor's description and its metadata are not kept")
  }
}
