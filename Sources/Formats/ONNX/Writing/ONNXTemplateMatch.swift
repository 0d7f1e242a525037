import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Which tensor of a checkpoint goes where in a model that is there.
struct ONNXTemplateMatch {
  /// A tensor, and the bytes of the template in whose place its own go.
  struct Part {
    let array: NDArray
    /// The type of the elements in the template.
    let writtenAs: DType
    /// The file beside the template in which the bytes are; nil for the template itself.
    let location: ExactString?
    let range: Range<Int>
  }

  /// The parts, of which none overlap.
  private(set) var parts: [Part] = []
  /// How many keys of the checkpoint have a place.
  private(set) var keyCount = 0
  /// What has none, and what of the template stays as it is.
  private(set) var losses: [ConversionLoss] = []

  let template: ONNXFile
  private let file: String
  private let options: WriteOptions

  /// Finds the places.
  ///
  /// - Parameter file: The path of the output, for errors.
  /// - Throws: `CheckpointError` with code `unsupported` if what came of it would be a model of old weights and new
  ///   ones that do not belong together, or a tensor does not fit.
  init(
    _ checkpoint: Checkpoint, _ template: ONNXFile, file: String, _ options: WriteOptions
  ) throws(CheckpointError) {
    self.template = template
    self.file = file
    self.options = options
    let metadata = template.model.metadata
    guard metadata[ONNXPlan.outlineKey] == nil, metadata[ChecksumTable.key] == nil else {
      throw unfit(
        nil,
        "the template \(template.path) is a file of weights that Ballast wrote, with their checksums",
        advice: "Take the model of which the weights are.")
    }
    try checkScopes(checkpoint.state)
    try checkFolding(checkpoint.state)
    try checkProposals(checkpoint.state)
    try checkRest(checkpoint.state)
    try takeTensors(checkpoint)
    guard keyCount > 0 else {
      throw unfit(
        nil, "the template \(template.path) has no tensor of the names that the checkpoint has",
        advice: "ballast-inspect shows its names; --map and --map-file give the tensors others.")
    }
    try checkFiles()
    loseRest(checkpoint)
  }

  func unfit(_ place: String?, _ reason: String, advice: String? = nil) -> CheckpointError {
    CheckpointError(
      .unsupported, file: file, place: place.map(ProtobufReader.short), reason: reason,
      advice: advice)
  }

  /// The tensors that keep the template's values.
  func keptKeys(_ state: StateDict) -> [String] {
    template.model.tensors.compactMap { key, tensor in
      state[key] == nil && tensor.byteCount > 0 ? key : nil
    }
  }

  /// Tells what of the template stays.
  private mutating func loseKept(_ state: StateDict) {
    for key in keptKeys(state) {
      losses.append(
        ConversionLoss(
          .tensorDropped, key,
          "the template's values stay, since the checkpoint has no tensor of this name"))
    }
    for key in template.model.trainingTensors.keys {
      losses.append(
        ConversionLoss(
          .tensorDropped, key, "the template's values stay, by which the model is trained"))
    }
    // Of what is no tensor here the template has told that it does not come over.
    for loss in template.model.losses where loss.kind == .tensorDropped {
      losses.append(
        ConversionLoss(
          .tensorDropped, loss.subject, "the template's values stay; here \(loss.detail)"))
    }
  }

  private mutating func takeTensors(_ checkpoint: Checkpoint) throws(CheckpointError) {
    let origin = checkpoint.origin.onnx
    var owners: [ONNXExternalRange.Place: (key: String, array: NDArray?)] = [:]
    loseKept(checkpoint.state)
    for (key, tensor) in template.model.tensors {
      let array = checkpoint.state[key]
      if let array {
        keyCount += 1
        try check(key, array, tensor, origin)
      }
      switch tensor.content {
      case .raw(let range):
        if let array { add(array, tensor, nil, range) }
      case .external(let external):
        let place = external.place
        // Of no bytes there are no two names.
        guard !place.range.isEmpty else { continue }
        if let owner = owners[place] {
          // Two names of the same bytes.
          let isSame =
            switch (owner.array, array) {
            case (nil, nil): true
            case (let first?, let second?): first.isBitwiseEqual(to: second)
            default: false
            }
          guard isSame else {
            throw unfit(
              key,
              "in the template it has its bytes together with \(owner.key), and here other values than that"
            )
          }
        } else {
          owners[place] = (key, array)
          if let array { add(array, tensor, place.location, place.range) }
        }
      case .typed, .numbers:
        guard let array, template.tensors[key]?.isBitwiseEqual(to: array) != true else { continue }
        throw unfit(
          key,
          "the template has its elements in \(tensor.type.typedField.name), where others take other space",
          advice: "Write the template anew, as onnx.numpy_helper.from_array does, with raw_data.")
      }
    }
  }

  private mutating func add(
    _ array: NDArray, _ tensor: ONNXTensor, _ location: ExactString?, _ range: Range<Int>
  ) {
    guard !range.isEmpty else { return }
    parts.append(
      Part(
        array: array, writtenAs: options.type(for: array.dtype), location: location, range: range))
  }

  /// Refuses a tensor that is not what the template has under its name.
  private func check(
    _ key: String, _ array: NDArray, _ tensor: ONNXTensor, _ origin: ONNXOrigin
  ) throws(CheckpointError) {
    let dtype = options.type(for: array.dtype)
    let isSame: Bool
    if let packed = origin.packed(key, array) {
      isSame = packed.type == tensor.type && packed.dimensions == tensor.dimensions
    } else {
      let held = tensor.type.held(tensor.dimensions)
      isSame =
        tensor.type.dtype == dtype && held?.dtype == dtype
        && held?.dimensions == array.shape.dimensions
    }
    guard isSame else {
      throw unfit(
        key,
        "it is \(dtype) of shape \(array.shape), and in the template \(tensor.type.name) of shape "
          + "\(Shape(tensor.dimensions))",
        advice: "--dtype and --map-file give tensors other types and shapes.")
    }
  }

  /// Refuses to change bytes that others have too, and a file of which there is a checksum.
  private func checkFiles() throws(CheckpointError) {
    let changed = Set(
      parts.compactMap { part in
        part.location.map { ONNXExternalRange.Place(location: $0, range: part.range) }
      })
    let files = Set(changed.map(\.location))
    let model = template.model
    let others =
      model.trainingTensors.compactMap { key, tensor in
        tensor.externalRange.map { (name: key, range: $0) }
      } + model.furtherRanges
    for (name, external) in others where changed.contains(external.place) {
      throw unfit(
        name,
        "the template has its bytes together with a tensor that is replaced, and would have the new ones"
      )
    }
    for (name, external) in model.externalRanges
    where external.hasChecksum && files.contains(external.place.location) {
      throw unfit(
        name,
        "the template has a checksum of \(ProtobufReader.short(external.place.location.string)), which would be "
          + "another file's then")
    }
  }

  /// Tells what of the checkpoint the template has no place for.
  private mutating func loseRest(_ checkpoint: Checkpoint) {
    func lose(_ kind: ConversionLoss.Kind, _ subject: String?, _ detail: String) {
      losses.append(ConversionLoss(kind, subject, detail))
    }
    let origin = checkpoint.origin.onnx
    // A tie of which the template has one name is there.
    let template = template
    let taken = Set(
      checkpoint.state.entries.filter { template.tensors[$0.key] != nil }
        .values.map(\.array.identity))
    for (key, entry) in checkpoint.state.entries {
      if template.tensors[key] == nil, !taken.contains(entry.array.identity) {
        lose(.tensorDropped, key, "the template has no tensor of this name")
      }
      let dtype = origin.packed(key, entry.array) == nil ? entry.array.dtype : .float32
      if let role = entry.role, role != checkpoint.state.usualRole(of: key, dtype) {
        lose(.roleLost, key, "that it is a \(role.rawValue) is not written into a template")
      }
    }
    if checkpoint.optimizer != nil {
      lose(.optimizerDropped, nil, "a template has no place for the optimizer's state")
    }
    for (key, value) in checkpoint.metadata where template.model.metadata[key] != value.metadataText
    {
      lose(.metadataDropped, key, "the metadata of the template stay as they are")
    }
    if checkpoint.architecture != nil {
      lose(.architectureDropped, nil, "the template describes the model")
    }
    if !checkpoint.state.moduleVersions.isEmpty {
      lose(.moduleVersionsDropped, nil, "a template has no place for them")
    }
    for format in checkpoint.origin.formats where format != "onnx" {
      lose(.originDropped, format, "a template has no place for what is kept for the way back")
    }
  }
}
