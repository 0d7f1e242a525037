import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// An ONNX file, open for reading.
struct ONNXSource: CheckpointSource {
  private let file: ONNXFile
  private let access: Access

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    file = try ONNXFile(try probe.file)
    self.access = access
  }

  /// Makes a checkpoint of the tensors and the metadata.
  ///
  /// With `Access.verified` all tensors are read into memory. What is read rather than mapped is compared
  /// with the checksums that Ballast writes with an outline, but for `Access.unverified`.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for the first tensor that does not match.
  func read() throws -> ReadResult {
    guard access != .unverified else {
      return try ONNXContent(file, file.tensors, file.trainingTensors).result()
    }
    let comparison = try file.compared(access == .verified ? .copying : .inMemory)
    if let name = comparison.mismatched.first {
      throw ChecksumTable.mismatch(name, in: file.path)
    }
    let training = try ChecksumComparison(
      file.trainingTensors, access == .verified ? .copying : .inMemory, expected: { _, _ in nil })
    return try ONNXContent(file, comparison.tensors, training.tensors).result()
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    verification.tensorCount = file.tensors.count + file.trainingTensors.count
    verification.byteCount =
      file.tensors.values.reduce(0) { $0 + $1.byteCount }
      + file.trainingTensors.values.reduce(0) { $0 + $1.byteCount }
    let unprotectedCount = try verification.take(file.path) {
      try file.compared(.all, known: known)
    }
    if checkpoint == nil {
      // An outline that cannot be used is damage as well: nothing can be read without it.
      do throws(CheckpointError) {
        _ = try ONNXContent(file, file.tensors, file.trainingTensors).result()
      } catch {
        guard error.code == .damaged || !verification.problems.isEmpty else { throw error }
        verification.problems.append(error)
      }
    }
    verification.notes += [
      ChecksumTable.note(
        unprotected: unprotectedCount, of: file.tensors.count, formatName: "ONNX")
    ].compactMap(\.self)
    return verification
  }

  /// The facts `ir_version`, `opsets`, `producer`, `nodes`, `operators`, `functions`, `initializers`, `constants`
  /// (tensors that are no initializers of the main graph); `types`, how many tensors are of each; `files`, those
  /// beside it with elements, and `bytes`, the size of all; and `mapping`, rules for `--map-file` where the graph
  /// tells names and shapes that the file has otherwise.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      let model = file.model
      var facts: OrderedDictionary<String, Value> = [
        "ir_version": .int(model.header.version ?? 0),
        "opsets": .list(
          model.header.opsets.map {
            .string("\($0.domain.isEmpty ? "ai.onnx" : $0.domain) \($0.version)")
          }),
      ]
      let producer = [model.header.producerName, model.header.producerVersion].compactMap(\.self)
        .filter { !$0.isEmpty }
      if !producer.isEmpty { facts["producer"] = .string(producer.joined(separator: " ")) }
      facts["nodes"] = .int(model.nodeCount)
      if !model.operators.isEmpty {
        facts["operators"] = .dict(
          OrderedDictionary(
            uniqueKeysWithValues: model.operators.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
              .map { (.string($0.key), .int($0.value)) }))
      }
      if model.functionCount > 0 { facts["functions"] = .int(model.functionCount) }
      facts["initializers"] = .int(model.initializerCount)
      facts["constants"] = .int(model.tensors.count - model.initializerCount)
      var types: OrderedDictionary<Value.Key, Value> = [:]
      for tensor in model.tensors.values {
        let key = Value.Key.string(tensor.type.name)
        types[key] = .int((types[key]?.intValue ?? 0) + 1)
      }
      facts["types"] = .dict(types)
      if !file.externalFiles.isEmpty {
        let others = file.externalFiles.values.map(\.byteCount)
        facts["files"] = .list(file.externalFiles.keys.map(\.string).sorted().map(Value.string))
        facts["bytes"] = .int(others.reduce(file.file.byteCount, +))
      }
      let rules = model.proposals.flatMap(\.rules)
      if !rules.isEmpty {
        let mapping: Value = ["ballast_mapping": 1, "rules": .list(rules)]
        facts["mapping"] = .string(mapping.json())
      }
      return facts
    }
  }
}
