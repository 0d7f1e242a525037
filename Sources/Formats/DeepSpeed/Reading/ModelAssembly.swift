import Arrays
import Checkpoints
import OrderedCollections
import PyTorchFiles
import States

/// The state dict of a model: as the model states have it, with the parameters that were put together.
struct ModelAssembly {
  /// The model, in the order of its state dict.
  private(set) var state = StateDict()
  /// What the state dict has that is no tensor.
  private(set) var others: [(key: String, value: SavedValue)] = []
  /// What is worth knowing, a sentence each.
  private(set) var notes: [String] = []
  /// What the files hold, and this does not.
  var losses: [ConversionLoss] = []

  /// What the files of model states are, if there are several.
  enum Files {
    /// The only one has the whole model.
    case whole
    /// Each is of a rank that has a part of every parameter; in the state dict these have no elements.
    case ranks
    /// Each has a part of the model, whose parameters were put together before.
    case parts
  }

  let models: [ModelStates]
  private let files: Files
  private var isDivided: Bool { files == .ranks }
  let weights: OrderedDictionary<String, NDArray>
  /// The weights of which the padding of a vocabulary was cut off.
  private let cut: Set<String>
  private var frozen: [String: NDArray] = [:]
  private let folder: String

  /// The last part of a key under which modules keep what is no part of the model.
  private static let extraState = "_extra_state"

  /// - Parameters:
  ///   - models: The model states: of all ranks, if the parameters are divided, otherwise those of the whole.
  ///   - weights: The parameters that were put together.
  ///   - cut: The weights of which the padding of a vocabulary was cut off, which the state dict has with it.
  ///   - files: What the files of model states are.
  ///   - folder: The path of the folder, for errors.
  /// - Throws: `CheckpointError`: `damaged` if the files do not fit each other.
  init(
    _ models: [ModelStates], weights: OrderedDictionary<String, NDArray>, cut: Set<String> = [],
    _ files: Files, folder: String
  ) throws(CheckpointError) {
    self.models = models
    self.weights = weights
    self.cut = cut
    self.files = files
    self.folder = folder
    guard let first = models.first else { return }
    for parameter in first.frozen { frozen[parameter.name] = try gathered(parameter) }
    try takeModule(first)
    for (path, version) in first.module.moduleVersions { state.moduleVersions[path] = version }
    switch files {
    case .whole: break
    case .ranks: try compareRanks()
    case .parts:
      try compareParts()
      tellOfParts()
    }
  }

  // MARK: Parameters that are not trained

  private func gathered(_ parameter: ZeroPartition.Parameter) throws(CheckpointError) -> NDArray {
    var parts: [NDArray] = []
    for model in models {
      guard let part = model.frozenPart(parameter.name) else {
        throw CheckpointError(
          .damaged, file: model.file, place: parameter.name,
          reason: "its part of the parameter, which is not trained, is not in the file")
      }
      parts.append(try part.array(place: parameter.name))
      if !isDivided { break }
    }
    let first = parts[0]
    if parts.count == 1, first.shape.dimensions == parameter.shape { return first }
    let share = ZeroPartition.share(of: parameter.count, parts.count)
    var pieces: [TensorBundle.Piece] = []
    for (rank, part) in parts.enumerated() {
      guard isDivided, part.shape.dimensions == [share], part.dtype == first.dtype else {
        throw CheckpointError(
          .damaged, file: models[rank].file, place: parameter.name,
          reason: "its part of the parameter, which is not trained, is \(part.dtype) of shape "
            + "\(part.shape), and should be \(first.dtype) of shape "
            + "\((isDivided ? [share] : parameter.shape).listed)")
      }
      let own = min(share, max(parameter.count - rank * share, 0))
      guard own > 0 else { continue }
      pieces.append(TensorBundle.Piece(Box([rank * share], [own]), 0..<own, of: part))
    }
    var bundle = TensorBundle()
    do throws(TensorBundle.Fault) {
      return try bundle.addFlat(parameter.name, first.dtype, parameter, pieces: pieces)
    } catch {
      throw CheckpointError(.damaged, file: folder, place: parameter.name, reason: "\(error)")
    }
  }

  // MARK: The state dict

  private mutating func takeModule(_ model: ModelStates) throws(CheckpointError) {
    let entries = model.module.entries ?? []
    /// The parameters by what their tensors in this file are, for those that have two names.
    var names: [String: String] = [:]
    for (key, value) in entries where weights[key] != nil || frozen[key] != nil {
      if let identity = value.tensorIdentity { names[identity] = key }
    }
    for (key, value) in entries {
      if let whole = weights[key] ?? frozen[key] {
        try check(value, key, whole)
        try add(whole, .parameter, key)
      } else if !model.buffers.contains(key),
        let name = model.aliases[key] ?? value.tensorIdentity.flatMap({ names[$0] }),
        let whole = weights[name] ?? frozen[name]
      {
        try check(value, key, whole, of: name)
        try tellOfAlias(value, key, model.module[name])
        try add(whole, .parameter, key)
      } else if value.isTensor {
        try addOther(value, key, model)
      } else {
        others.append((key, value))
      }
    }
    // What the state dict left out, as DeepSpeed's script adds it.
    for (key, whole) in weights where state.entries[key] == nil { try add(whole, .parameter, key) }
    for parameter in model.frozen where state.entries[parameter.name] == nil {
      if let whole = frozen[parameter.name] { try add(whole, .parameter, parameter.name) }
    }
    for (key, name) in model.aliases where state.entries[key] == nil {
      if let whole = weights[name] ?? frozen[name] { try add(whole, .parameter, key) }
    }
    if files == .whole, let key = weights.keys.first {
      let type = model.module[key]?.dtype.map { " in \($0)" } ?? ""
      notes.append(
        "the weights are those in float32 that the optimizer has; the model's own\(type) were not "
          + "compared with them")
    }
  }

  /// Tells if what is said to be another parameter has values of its own in the file.
  private mutating func tellOfAlias(
    _ value: SavedValue, _ key: String, _ other: SavedValue?
  ) throws(CheckpointError) {
    guard !isDivided, let other, value.tensorIdentity != other.tensorIdentity,
      value.shape?.contains(0) == false, other.isTensor,
      try !value.array(place: key).isBitwiseEqual(to: other.array(place: key))
    else { return }
    losses.append(
      ConversionLoss(
        .tensorDropped, key,
        "its own values were left out: it is said to be a parameter (shared_params) whose values are "
          + "others in the state dict"))
  }

  /// Refuses a parameter's entry in the state dict that is not of its shape, nor of no elements where ranks have
  /// parts.
  ///
  /// - Parameter name: The name of the parameter, if the entry has another.
  private func check(
    _ value: SavedValue, _ key: String, _ whole: NDArray, of name: String? = nil
  ) throws(CheckpointError) {
    guard let shape = value.shape else {
      throw CheckpointError(
        .damaged, file: models[0].file, place: key,
        reason: "it is \(value.kind) in the state dict, and a parameter of shape \(whole.shape)")
    }
    let isCut =
      cut.contains(name ?? key) && shape.count == whole.rank && shape[0] >= whole.shape[0]
      && shape.dropFirst().elementsEqual(whole.shape.dimensions.dropFirst())
    guard
      shape == whole.shape.dimensions || files == .parts || isCut
        || isDivided && shape.contains(0)
    else {
      throw CheckpointError(
        .damaged, file: models[0].file, place: key,
        reason: "it is of shape \(shape.listed) in the state dict, and its parts make up one of "
          + "shape \(whole.shape)")
    }
  }

  private mutating func addOther(
    _ value: SavedValue, _ key: String, _ model: ModelStates
  ) throws(CheckpointError) {
    let isExtra = key.split(separator: ".").last.map(String.init) == Self.extraState
    let isBuffer = model.buffers.contains(key)
    if isDivided, !isBuffer, !isExtra, value.shape?.contains(0) == true {
      throw CheckpointError(
        .damaged, file: model.file, place: key,
        reason: "it has no elements in the state dict, as of a parameter that is divided, and no "
          + "rank has a part of it")
    }
    try add(
      try value.array(place: key), isBuffer ? .buffer : isExtra ? nil : .parameter, key)
    losses += value.losses(ofTensor: key)
  }

  private mutating func add(
    _ array: NDArray, _ role: StateDict.Role?, _ key: String
  ) throws(CheckpointError) {
    guard state.entries.updateValue(StateDict.Entry(array, role: role), forKey: key) == nil else {
      throw CheckpointError(
        .unsupported, file: models[0].file, place: key,
        reason: "two tensors have names that are the same text in other code points")
    }
  }
}
