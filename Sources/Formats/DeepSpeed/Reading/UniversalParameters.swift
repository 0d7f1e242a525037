import Arrays
import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import States

/// The parameters of a universal checkpoint, as `ds_to_universal` puts them: a folder for each, with a file of
/// its weights and of each thing that the optimizer keeps.
///
/// The names and forms are those of `deepspeed/checkpoint/ds_to_universal.py` of DeepSpeed 0.18.2: of stages 1
/// and 2 a file has a dictionary with the tensor, `param`; of stage 3 the tensor alone, and flat.
struct UniversalParameters {
  /// The weights by name.
  private(set) var weights: OrderedDictionary<String, NDArray> = [:]
  /// What the optimizer keeps.
  private(set) var optimizer = OptimizerState()
  /// What the optimizer has beside its state and groups.
  private(set) var optimizerValues: [(key: String, value: SavedValue)] = []
  /// What is worth knowing, a sentence each.
  private(set) var notes: [String] = []
  /// What the files hold, and this does not.
  private(set) var losses: [ConversionLoss] = []

  private let path: String
  private let rankCount: Int
  /// The shapes of each parameter in the parts of a model, if it was in parts.
  private let parts: [String: [[Int]]]?
  /// The parameters of which the padding of a vocabulary was cut off.
  private(set) var cut: Set<String> = []
  private let access: Access
  private let options: ReadOptions
  /// The common file of the optimizer, whose losses come as its values are taken.
  private(set) var common: SavedObject?

  private static let weightsFile = "fp32.pt"
  private static let optimizerFile = "optimizer_state.pt"
  private static let suffix = ".pt"

  /// - Parameters:
  ///   - path: The path of the folder with the parameters' folders.
  ///   - groups: The parameters of each group, as the model states have them.
  ///   - rankCount: How many ranks had parts of the parameters; 1 if that is not known.
  ///   - parts: The shapes of each parameter in the parts of a model, if the model states are of such.
  ///   - access: How tensors come into memory.
  ///   - options: Whether dangerous names are kept.
  /// - Throws: `CheckpointError`.
  init(
    _ path: String, _ groups: [[ZeroPartition.Parameter]], rankCount: Int,
    parts: [String: [[Int]]]?, _ access: Access, _ options: ReadOptions
  ) throws(CheckpointError) {
    self.path = path
    self.rankCount = rankCount
    self.parts = parts
    self.access = access
    self.options = options
    let names = try reportingFileErrors { () throws(FileError) in try Self.names(in: path) }
    let there = Set(names)
    let missing = groups.joined().filter { !there.contains($0.name) }
    guard missing.isEmpty else {
      throw CheckpointError(
        .damaged, file: path,
        reason: "\(missing.map(\.name).enumeration), which the model states name, "
          + "\(missing.count == 1 ? "is" : "are") not in it")
    }
    let saved = there.contains(Self.optimizerFile) ? try open("\(path)/\(Self.optimizerFile)") : nil
    common = saved?.owner
    for (number, group) in groups.enumerated() {
      let step = try Self.step(saved, number)
      for parameter in group { try take(parameter, step: step) }
    }
    let known = Set(groups.joined().map(\.name)).union([Self.optimizerFile])
    for name in names where !known.contains(name) {
      losses.append(
        ConversionLoss(.tensorDropped, name, "it is of no parameter that the model states name"))
    }
    try takeGroups(saved, groups)
    tellOfSlots(saved)
    optimizer.type = OptimizerState.type(
      options: optimizer.groups.first?.options,
      slotNames: Set(optimizer.state.values.flatMap(\.keys)))
  }

  private func open(_ path: String) throws(CheckpointError) -> SavedValue {
    try SavedFile(path).object(access, options).root
  }

  /// The paths of all files of a folder of parameters, for comparing them with their checksums.
  static func files(_ path: String) throws(CheckpointError) -> [String] {
    try reportingFileErrors { () throws(FileError) in
      var paths: [String] = []
      for name in try names(in: path) {
        let place = "\(path)/\(name)"
        if FileStatus(place)?.isFolder == true {
          for file in try names(in: place) where file.hasSuffix(suffix) {
            paths.append("\(place)/\(file)")
          }
        } else if name.hasSuffix(suffix) {
          paths.append(place)
        }
      }
      return paths
    }
  }

  /// The names of what is in a folder, in order, without the folder itself and the one above it.
  private static func names(in path: String) throws(FileError) -> [String] {
    try Folder.names(in: path).filter { $0 != "." && $0 != ".." }.sorted()
  }

  // MARK: One parameter

  private mutating func take(
    _ parameter: ZeroPartition.Parameter, step: Value?
  ) throws(CheckpointError) {
    let name = parameter.name
    guard DeepSpeedFolder.isPlain(name) else {
      throw CheckpointError(
        .refused, file: path, place: name.debugDescription,
        reason: "a parameter has a name that leads out of the folder")
    }
    let folder = "\(path)/\(name)"
    let files = try reportingFileErrors { () throws(FileError) in try Self.names(in: folder) }
    guard files.contains(Self.weightsFile) else {
      throw CheckpointError(
        .damaged, file: folder,
        reason: "the weights of the parameter, \(Self.weightsFile), are not in it")
    }
    let place = "\(folder)/\(Self.weightsFile)"
    let saved = try open(place)
    let whole = try tensor(saved, place, parameter)
    losses += saved.owner.losses
    weights[name] = whole
    var slots: OptimizerState.Slots = [:]
    for file in files where file != Self.weightsFile {
      guard file.hasSuffix(Self.suffix) else {
        losses.append(
          ConversionLoss(
            .metadataDropped, "\(name)/\(file)",
            "it is no file of DeepSpeed's by its name"))
        continue
      }
      let slot = String(file.dropLast(Self.suffix.count))
      let place = "\(folder)/\(file)"
      let value = try open(place)
      if Self.holdsTensor(value) {
        let array = try tensor(value, place, parameter)
        guard array.shape == whole.shape else {
          throw CheckpointError(
            .damaged, file: place, place: name,
            reason: "it is of shape \(array.shape), and the weights are of shape \(whole.shape)")
        }
        slots[slot] = .tensor(array)
      } else {
        slots[slot] = try value.converted(place: "\(name).\(slot)")
      }
      losses += value.owner.losses
    }
    if slots["step"] == nil, let step {
      // Each has one of its own: an optimizer counts up what it has for each parameter.
      slots["step"] = step.tensor.map { .tensor($0.copied()) } ?? step
    }
    if !slots.isEmpty { optimizer.state[name] = slots }
  }

  /// Whether a file has a tensor of the parameter's shape rather than a number of steps.
  private static func holdsTensor(_ value: SavedValue) -> Bool {
    if value["param"] != nil { return true }
    return value.shape.map { !$0.isEmpty } ?? false
  }

  /// The tensor in a file, in the shape of the parameter.
  private mutating func tensor(
    _ saved: SavedValue, _ place: String, _ parameter: ZeroPartition.Parameter
  ) throws(CheckpointError) -> NDArray {
    let array = try (saved["param"] ?? saved).array(place: parameter.name)
    let shape = Shape(parameter.shape)
    if array.shape == shape { return array }
    // The padding of a vocabulary is cut off, and parts are put together.
    let isVocabulary = saved["vocab_tensor"]?.isTrue == true
    if saved["param"] != nil,
      Self.isPutTogether(
        array.shape.dimensions, of: parts?[parameter.name] ?? [parameter.shape], isVocabulary)
    {
      if isVocabulary { cut.insert(parameter.name) }
      return array
    }
    let most = ZeroPartition.share(of: parameter.count, rankCount) * rankCount
    guard saved["param"] == nil, array.shape.rank == 1, array.isContiguous,
      array.elementCount >= parameter.count, array.elementCount <= most
    else {
      throw CheckpointError(
        .damaged, file: place, place: parameter.name,
        reason: "it is of shape \(array.shape), and the model states say \(shape)")
    }
    // What ds_to_universal of DeepSpeed 0.18.2 takes too much from the last ranks comes behind all of it.
    if array.elementCount > parameter.count {
      notes.append(
        "\(array.elementCount - parameter.count) elements behind those of \(parameter.name) in "
          + "\(place) are padding, and were not read")
    }
    guard parameter.count > 0 else { return NDArray(uninitialized: shape, dtype: array.dtype) }
    return NDArray(
      storage: array.storage, dtype: array.dtype,
      layout: Layout(shape, offset: array.layout.offset))
  }

  /// Whether parts of these shapes make up one: they are that, or one behind the other along an axis, of a
  /// vocabulary without what padded it.
  private static func isPutTogether(
    _ whole: [Int], of parts: [[Int]], _ isVocabulary: Bool
  ) -> Bool {
    guard let first = parts.first, parts.allSatisfy({ $0.count == whole.count }) else {
      return false
    }
    if parts.allSatisfy({ $0 == whole }) { return true }
    return first.indices.contains { axis in
      guard
        parts.allSatisfy({ part in
          part.indices.allSatisfy { $0 == axis || part[$0] == whole[$0] }
        })
      else { return false }
      let length = parts.reduce(0) { $0 + $1[axis] }
      return whole[axis] == length || isVocabulary && axis == 0 && whole[axis] <= length
    }
  }

  // MARK: The optimizer

  /// Tells what the common file keeps for flat tensors and no parameter's folder has.
  private mutating func tellOfSlots(_ saved: SavedValue?) {
    let state = saved?["optimizer_state_dict"]?["state"]?.entries ?? []
    let known = Set(optimizer.state.values.flatMap(\.keys)).union(["step"])
    let left = Set(state.flatMap { ($0.value.entries ?? []).map(\.key) }).subtracting(known)
    for slot in left.sorted() {
      losses.append(
        ConversionLoss(
          .optimizerDropped, slot,
          "it was left out: \(Self.optimizerFile) has what one rank kept of it, and the folders of "
            + "parameters have none"))
    }
  }

  /// What the common file of the optimizer says of a group's steps.
  private static func step(
    _ saved: SavedValue?, _ group: Int
  ) throws(CheckpointError) -> Value? {
    guard let slots = saved?["optimizer_state_dict"]?["state"]?.entry(of: group),
      let step = slots["step"], step.shape?.isEmpty ?? true
    else { return nil }
    return try step.converted(place: "step")
  }

  private mutating func takeGroups(
    _ saved: SavedValue?, _ groups: [[ZeroPartition.Parameter]]
  ) throws(CheckpointError) {
    guard let saved, let list = saved["param_groups"]?.elements else {
      losses.append(
        ConversionLoss(
          .optimizerDropped, "param_groups",
          "the options of the groups are not there: \(Self.optimizerFile) has none"))
      optimizer.groups = groups.map { .init(options: [:], parameters: $0.map(\.name)) }
      return
    }
    var rest = Set(groups.indices)
    for (number, group) in list.enumerated() {
      let members = group["params"]?.lengths ?? []
      guard members.allSatisfy({ rest.remove($0) != nil }) else {
        throw CheckpointError(
          .damaged, file: saved.owner.file, place: "param_groups[\(number)]",
          reason: "it has groups of parameters \(members.listed), and the model states have "
            + "\(groups.count)")
      }
      var options: OrderedDictionary<String, Value> = [:]
      for (key, value) in group.entries ?? [] where key != "params" {
        options[key] = try value.converted(place: "optimizer.param_groups[\(number)].\(key)")
      }
      optimizer.groups.append(
        .init(options: options, parameters: members.flatMap { groups[$0].map(\.name) }))
    }
    guard rest.isEmpty else {
      throw CheckpointError(
        .damaged, file: saved.owner.file, place: "param_groups",
        reason: "group \(rest.min() ?? 0) of the model states' parameters is in none of them")
    }
    let told: Set = [
      "param_groups", "optimizer_state_dict", "fp32_flat_groups", "partition_count",
      "group_paddings",
      "ds_version", "zero_stage",
    ]
    let base = (saved["optimizer_state_dict"]?.entries ?? [])
      .filter { $0.key != "state" && $0.key != "param_groups" }
    optimizerValues =
      (saved.entries ?? []).filter { !told.contains($0.key) }
      + base.map { ("optimizer_state_dict.\($0.key)", $0.value) }
  }
}
