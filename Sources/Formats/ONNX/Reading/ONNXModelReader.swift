import Checkpoints
import Files
import OrderedCollections
import States

/// Reads the structure of an ONNX file: `ModelProto` of `onnx.proto`, as `onnx` 1.23 has it.
struct ONNXModelReader {
  /// What was read so far.
  var model = ONNXModel()
  private var reader: ProtobufReader
  /// The tensors that are no initializers of the main graph, in order.
  var further: [ONNXFurtherTensor] = []
  /// Where names of tensors mean something, first the main graph.
  var scopes = [ONNXScope(path: "", outer: nil, isOfTraining: false)]
  /// That nodes take what may be a tensor of the file.
  var uses: [ONNXUse] = []
  /// The fields that are not known, as they are told.
  private var unknown: OrderedSet<String> = []
  /// The bytes of texts that were put together of those in the file.
  private var textByteCount = 0
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
      case 26: try tellUnknown("the configurations of devices are not kept")
      default: try takeUnknown([field.number], of: "the model")
      }
    }
    guard !graphs.isEmpty, let version = model.header.version, version > 0 else {
      throw reader.error(.notThisFormat, "it has no graph and no version of ONNX")
    }
    try takeInitializers()
    for range in graphs { try readGraph(reader.message(in: range), ONNXScope.main, depth: 0) }
    for range in functions { try readFunction(reader.message(in: range)) }
    for (number, range) in trainings.enumerated() {
      try readTraining(reader.message(in: range), "training_info.\(number)")
    }
    let keys = try placeFurther()
    if !trainings.isEmpty {
      try lose(
        .metadataDropped, "training_info",
        "of what the model is trained by the tensors are kept, in the metadata, not its graphs and bindings"
      )
    }
    for text in unknown { try lose(.metadataDropped, nil, text) }
    if model.nodeCount > 0 || model.functionCount > 0 {
      let functions = model.functionCount == 0 ? "" : " and \(model.functionCount) functions"
      try lose(
        .architectureDropped, nil,
        "of the model the weights and constants are kept, not its graph of \(model.nodeCount) nodes\(functions)"
      )
    }
    if model.nodeCount == 0, model.functionCount == 0, model.valueCount > 0 {
      try lose(
        .architectureDropped, nil,
        "of the graph the inputs, outputs and types of values are not kept")
    }
    let consumers = ONNXConsumers(of: model, uses) { key(of: $0, keys) }
    model.proposals = consumers.proposals
    model.rightKeys = consumers.rightKeys
    model.foldedKeys = consumers.foldedKeys
  }

  mutating func lose(
    _ kind: ConversionLoss.Kind, _ subject: String?, _ detail: String
  ) throws(CheckpointError) {
    try checkLosses(model.losses.count)
    try charge((subject?.utf8.count ?? 0) + detail.utf8.count)
    model.losses.append(ConversionLoss(kind, subject, detail))
  }

  /// Counts the bytes of a text that is put together of those in the file, and of what is kept of small parts of it.
  ///
  /// - Throws: `CheckpointError` with code `refused` if all of them are far more than the file has: a long name
  ///   that is part of many others takes memory that the file does not justify.
  mutating func charge(_ byteCount: Int) throws(CheckpointError) {
    textByteCount += byteCount
    let most = min(max(Self.usualTextByteCount, 8 * min(reader.file.byteCount, 1 << 40)), 1 << 30)
    guard textByteCount <= most else {
      throw reader.error(
        .refused, "its names and the places of its tensors take more than \(most) bytes")
    }
  }

  private static let usualTextByteCount = 16 << 20

  /// Takes fields that are not known, to be told once each.
  mutating func takeUnknown(_ fields: Set<Int>, of what: String) throws(CheckpointError) {
    for number in fields.sorted() { try tellUnknown("field \(number) of \(what) is not kept") }
  }

  private mutating func tellUnknown(_ text: String) throws(CheckpointError) {
    try checkLosses(unknown.count)
    unknown.append(text)
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
        try loseDetails(of: tensor, tensor.name)
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

  /// Tells what of a tensor's record does not come over.
  mutating func loseDetails(
    of tensor: ONNXTensor, _ key: String
  ) throws(CheckpointError) {
    try takeUnknown(tensor.unknownFields, of: "a tensor")
    guard tensor.isDescribed else { return }
    try lose(.metadataDropped, key, "the tensor's description and its metadata are not kept")
  }
}
