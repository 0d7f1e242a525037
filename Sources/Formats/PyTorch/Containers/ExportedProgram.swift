import Arrays
import Checkpoints
import OrderedCollections
import States

/// The archive that `torch.export.save` writes since PyTorch 2.7: `.pt2`.
///
/// The tensors are members of the archive as they lie in memory, and for each model a JSON text says which
/// is which: `data/weights/model_weights_config.json` and `data/constants/model_constants_config.json`, by
/// the classes `PayloadConfig` and `TensorMeta` of `torch/_export/serde/schema.py`. The program itself, in
/// `models/`, is not interpreted.
struct ExportedProgram {
  private let zip: ZipArchive
  private let root: String
  private let storages: PyTorchStorages

  /// A text of a few hundred bytes for each tensor; this is far more than any has.
  private static let maximumTextByteCount = 256 << 20
  private static let maximumExtraByteCount = 16 << 20

  /// The folder that holds everything; nil if an archive is no such one.
  static func root(of zip: ZipArchive) -> String? {
    let marker = "/archive_format"
    let names = zip.entries.lazy.map(\.name).filter { $0.hasSuffix(marker) }
    return names.map { String($0.dropLast(marker.count)) }.first { !$0.contains("/") }
  }

  init(_ zip: ZipArchive, root: String, storages: PyTorchStorages) {
    self.zip = zip
    self.root = root
    self.storages = storages
  }

  // MARK: - Reading

  /// Reads the weights of its model, or of its several models; constants and extra files as metadata.
  ///
  /// - Throws: ``CheckpointError`` if what says where the tensors are is damaged, or a tensor is of a kind
  ///   that is not read.
  func read() throws(CheckpointError) -> ReadResult {
    var known: Set<String> = []
    var models: OrderedDictionary<String, StateDict> = [:]
    var constants: OrderedDictionary<String, OrderedDictionary<Value.Key, Value>> = [:]
    var losses: [ConversionLoss] = []
    for (name, entry) in configurations("weights") {
      known.insert(entry.name)
      models[name] = try weights(entry, &known)
    }
    guard !models.isEmpty else {
      throw CheckpointError(
        .unsupported, file: zip.file.path,
        reason: "it is an archive of torch.export without a list of weights (data/weights)",
        advice: "Load it in PyTorch and save it again with torch.export.save.")
    }
    for (name, entry) in configurations("constants") {
      known.insert(entry.name)
      constants[name] = try self.constants(entry, &known, &losses)
    }
    var metadata: OrderedDictionary<String, Value> = [:]
    var state = StateDict()
    /// Adds a value, under a name that no model, nor another, has.
    func add(_ name: String, _ value: Value) {
      var free = name
      while metadata[free] != nil { free += "_" }
      metadata[free] = value
    }
    if models.count == 1, let (name, only) = models.elements.first {
      state = only
      if let values = constants.removeValue(forKey: name), !values.isEmpty {
        add("constants", .dict(values))
      }
    } else {
      for (name, model) in models { add(name, .model(model)) }
    }
    for (name, values) in constants where !values.isEmpty {
      add("\(name)_constants", .dict(values))
    }
    let extra = try extraFiles(&known, &losses)
    if !extra.isEmpty { add("extra", .dict(extra)) }
    losses += lossesOfRest(known)
    var result = ReadResult(
      Checkpoint(state: state, metadata: metadata),
      roleRules: .init(
        uniqueKeysWithValues: state.keys.map { ($0, RoleRule.parameterObject) }), losses: losses)
    if models.count > 1 {
      result.notes.append("it holds several models: \(models.keys.joined(separator: ", "))")
    }
    return result
  }

  /// The lists of a kind, by the names of their models.
  private func configurations(_ kind: String) -> [(name: String, entry: ZipArchive.Entry)] {
    let folder = "\(root)/data/\(kind)/"
    let suffix = "_\(kind)_config.json"
    return zip.entries.filter { $0.name.hasPrefix(folder) && $0.name.hasSuffix(suffix) }
      .map { (String($0.name.dropFirst(folder.count).dropLast(suffix.count)), $0) }
  }

  private func weights(
    _ entry: ZipArchive.Entry, _ known: inout Set<String>
  ) throws(CheckpointError) -> StateDict {
    var state = StateDict()
    for (key, payload) in try payloads(entry) {
      let member = try member(payload, key, beside: entry)
      known.insert(member.name)
      guard payload["use_pickle"]?.boolValue != true else {
        throw CheckpointError(
          .unsupported, file: zip.file.path, place: key,
          reason: "it is a tensor of a class of its own, which is pickled in \(member.name)",
          advice: "Convert it to a plain tensor in Python and export the model again.")
      }
      let array = try array(payload, member, key)
      let isParameter = payload["is_param"]?.boolValue ?? false
      state.entries[key] = StateDict.Entry(array, role: isParameter ? .parameter : .buffer)
    }
    return state
  }

  private func constants(
    _ entry: ZipArchive.Entry, _ known: inout Set<String>, _ losses: inout [ConversionLoss]
  ) throws(CheckpointError) -> OrderedDictionary<Value.Key, Value> {
    var constants: OrderedDictionary<Value.Key, Value> = [:]
    for (key, payload) in try payloads(entry) {
      let member = try member(payload, key, beside: entry)
      known.insert(member.name)
      guard payload["use_pickle"]?.boolValue != true else {
        losses.append(
          ConversionLoss(
            .metadataDropped, key, "the constant is an object that is pickled in \(member.name)"))
        continue
      }
      constants[.string(key)] = .tensor(try array(payload, member, key))
    }
    return constants
  }

  private func payloads(
    _ entry: ZipArchive.Entry
  ) throws(CheckpointError) -> [(key: String, value: Value)] {
    let bytes = try zip.bytes(of: entry, limit: Self.maximumTextByteCount)
    let value: Value
    do throws(JSONError) {
      value = try Value(json: bytes)
    } catch {
      throw damaged(entry.name, "it is no JSON: \(error)")
    }
    guard let config = value["config"]?.dictionary else {
      throw damaged(entry.name, "it has no dictionary \"config\" of tensors")
    }
    return config.compactMap { key, value in
      if case .string(let name) = key { (name, value) } else { nil }
    }
  }

  private func member(
    _ payload: Value, _ key: String, beside entry: ZipArchive.Entry
  ) throws(CheckpointError) -> ZipArchive.Entry {
    let folder = entry.name.prefix(through: entry.name.lastIndex(of: "/") ?? entry.name.startIndex)
    guard let name = payload["path_name"]?.stringValue, let member = zip["\(folder)\(name)"] else {
      throw damaged(key, "its values are not in the archive, where \(entry.name) has them")
    }
    return member
  }

  private func array(
    _ payload: Value, _ member: ZipArchive.Entry, _ key: String
  ) throws(CheckpointError) -> NDArray {
    guard let meta = payload["tensor_meta"], let sizes = Self.lengths(meta["sizes"]),
      let strides = Self.lengths(meta["strides"]),
      let offset = meta["storage_offset"]?["as_int"]?.intValue, offset >= 0
    else { throw damaged(key, "its shape and strides are not said in numbers") }
    guard let code = meta["dtype"]?.intValue, let dtype = Self.types[code],
      meta["layout"]?.intValue ?? Self.strided == Self.strided
    else {
      throw CheckpointError(
        .unsupported, file: zip.file.path, place: key,
        reason: "it is of type \(meta["dtype"]?.intValue ?? 0) and layout "
          + "\(meta["layout"]?.intValue ?? 0) of torch.export, which are not read")
    }
    let path = String(member.name.dropFirst(root.count + "/data/".count))
    let storage = PickleStorage(
      key: path, dtype: dtype, location: "cpu", byteCount: member.byteCount)
    return try storages.array(
      PickleTensor(storage: storage, dtype: dtype, offset: offset, shape: sizes, strides: strides),
      place: key)
  }

  /// Numbers as `[{"as_int": 2}, …]`; nil if one is a symbol.
  private static func lengths(_ value: Value?) -> [Int]? {
    guard let elements = value?.elements else { return nil }
    let numbers = elements.compactMap { $0["as_int"]?.intValue }
    return numbers.count == elements.count ? numbers : nil
  }

  /// The numbers of `ScalarType` in `torch/_export/serde/schema.py`.
  private static let types: [Int: DType] = [
    1: .uint8, 2: .int8, 3: .int16, 4: .int32, 5: .int64, 6: .float16, 7: .float32, 8: .float64,
    9: .complex32, 10: .complex64, 11: .complex128, 12: .bool, 13: .bfloat16, 28: .uint16,
    29: .float8E4M3FN, 30: .float8E5M2, 31: .float8E4M3FNUZ, 32: .float8E5M2FNUZ,
    33: .float8E8M0FNU, 34: .uint32, 35: .uint64,
  ]
  /// That of `Layout` which has elements at strides.
  private static let strided = 7

  // MARK: - What is beside the tensors

  /// What the user put into the archive: texts, or bytes.
  private func extraFiles(
    _ known: inout Set<String>, _ losses: inout [ConversionLoss]
  ) throws(CheckpointError) -> OrderedDictionary<Value.Key, Value> {
    let folder = "\(root)/extra/"
    var files: OrderedDictionary<Value.Key, Value> = [:]
    for entry in zip.entries where entry.name.hasPrefix(folder) {
      known.insert(entry.name)
      let name = String(entry.name.dropFirst(folder.count))
      guard entry.byteCount <= Self.maximumExtraByteCount else {
        losses.append(
          ConversionLoss(.metadataDropped, name, "the extra file of \(entry.byteCount) bytes"))
        continue
      }
      let bytes = try zip.bytes(of: entry, limit: Self.maximumExtraByteCount)
      let text = String(validating: bytes, as: UTF8.self)
      files[.string(name)] = text.map(Value.string) ?? .bytes(bytes)
    }
    return files
  }

  /// What nothing above has read.
  private func lossesOfRest(_ known: Set<String>) -> [ConversionLoss] {
    let ours: Set = ["archive_format", "archive_version", "byteorder", "version"]
    var losses: [ConversionLoss] = []
    var programs: [String] = []
    for entry in zip.entries where !known.contains(entry.name) {
      guard entry.name.hasPrefix(root + "/") else {
        losses.append(entry.besideRoot)
        continue
      }
      let name = String(entry.name.dropFirst(root.count + 1))
      if name.hasPrefix("models/") {
        programs.append(name)
      } else if !ours.contains(name) && !name.hasPrefix(".data/") {
        losses.append(
          ConversionLoss(
            .metadataDropped, name,
            name.hasPrefix("data/sample_inputs/")
              ? "the sample inputs are not kept" : "it is not read"))
      }
    }
    guard !programs.isEmpty else { return losses }
    let text = "of the program the weights and constants are kept, not its graph"
    return [ConversionLoss(.architectureDropped, programs.joined(separator: ", "), text)] + losses
  }

  private func damaged(_ place: String, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: zip.file.path, place: place, reason: reason)
  }
}
