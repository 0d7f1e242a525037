import Arrays
import Checkpoints
import OrderedCollections
import States

/// The checkpoint that an ONNX file holds.
struct ONNXContent {
  private let file: ONNXFile
  private let tensors: OrderedDictionary<String, NDArray>
  private let trainingTensors: OrderedDictionary<String, NDArray>
  private var model: ONNXModel { file.model }

  /// - Parameters:
  ///   - tensors: Those of the file, mapped or in memory.
  ///   - trainingTensors: Those of what the model is trained by.
  init(
    _ file: ONNXFile, _ tensors: OrderedDictionary<String, NDArray>,
    _ trainingTensors: OrderedDictionary<String, NDArray>
  ) {
    self.file = file
    self.tensors = tensors
    self.trainingTensors = trainingTensors
  }

  /// The checkpoint, with what is to be told.
  ///
  /// - Throws: `CheckpointError` if the outline contradicts itself.
  func result() throws(CheckpointError) -> ReadResult {
    var collection = ArrayCollection(
      file: file.path, tensors: tensors, outline: model.metadata[ONNXPlan.outlineKey])
    for (key, text) in model.metadata
    where key != ONNXPlan.outlineKey && key != ChecksumTable.key {
      collection.texts[key] = text
    }
    var result = try collection.checkpoint()
    result.losses += model.losses
    result.notes += ONNXProposal.notes(model)
    for (key, array) in trainingTensors {
      if result.checkpoint.metadata.updateValue(.tensor(array), forKey: key) != nil {
        result.losses.append(
          ConversionLoss(.metadataDropped, key, "a tensor of the training has this name too"))
      }
    }
    keepOrigin(&result)
    tellOfFiles(&result)
    return result
  }

  /// Keeps what the file says that a checkpoint has no place for.
  private func keepOrigin(_ result: inout ReadResult) {
    var origin = result.checkpoint.origin.onnx
    var counts: OrderedDictionary<String, Int> = [:]
    let keys = model.metadata[ONNXPlan.outlineKey].map(CheckpointOutline.keysOfNames) ?? [:]
    for (name, tensor) in model.tensors where tensor.type.isPacked {
      guard tensors[name]?.dtype == .uint8 else { continue }
      counts[tensor.type.name, default: 0] += 1
      // Another one where the name was too long for the format: the outline says so.
      let key = keys[name]?.first ?? name
      guard result.checkpoint.state[key] != nil else { continue }
      origin.packed[key] = .init(type: tensor.type, dimensions: tensor.dimensions)
      // They are weights, though they come as bytes.
      guard result.roleRules[key] == .dtypeOrName else { continue }
      let role = result.checkpoint.state.usualRole(of: key, .float32)
      result.roleRules[key] = role == .buffer ? .dtypeOrName : .default
      result.checkpoint.state.entries[key]?.role = role
    }
    if !counts.isEmpty {
      let text = counts.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
      result.notes.append(
        "tensors of packed elements are held as their bytes, and are the same again in an ONNX file (\(text))"
      )
    }
    let types = model.tensors.values.lazy.map(\.type)
    if model.header != .usual(for: types) { origin.header = model.header }
    result.checkpoint.origin.onnx = origin
  }

  private func tellOfFiles(_ result: inout ReadResult) {
    if !file.externalFiles.isEmpty {
      let names = file.externalFiles.keys.map(\.string).sorted()
      let text = names.prefix(3).joined(separator: ", ")
      result.notes.append(
        "elements are in \(text)" + (names.count > 3 ? " and \(names.count - 3) more files" : ""))
    }
    if model.externalRanges.contains(where: \.range.hasChecksum) {
      result.notes.append("the checksums (SHA-1) of the files beside it are not compared")
    }
  }
}
