import Arrays
import Checkpoints
import OrderedCollections
import States

/// The checkpoint that the files of a model hold.
struct GGUFContent {
  private let parts: GGUFSet
  private var tensors: OrderedDictionary<String, NDArray>
  private var header: GGUFHeader { parts.files[0].header }
  private var path: String { parts.files[0].path }

  /// - Parameter tensors: Those of all files, mapped or in memory.
  init(_ parts: GGUFSet, _ tensors: OrderedDictionary<String, NDArray>) {
    self.parts = parts
    self.tensors = tensors
  }

  /// The checkpoint, with what is to be told.
  ///
  /// - Throws: `CheckpointError` if the outline contradicts itself.
  func result() throws(CheckpointError) -> ReadResult {
    var tensors = tensors
    let carrierNotes = try GGUFCarriers(parts.files[0]).restore(&tensors)
    var result = try ArrayCollection(
      file: path, tensors: tensors,
      outline: header.pairs[GGUFMetadata.outlineKey]?.value.stringValue
    ).checkpoint()
    result.losses += parts.losses
    result.notes += carrierNotes
    // What the file does not say itself is in the outline: values that GGUF has no types for, and tensors
    // of blocks that it could not hold as such.
    var origin = result.checkpoint.origin.gguf
    takeMetadata(&result, &origin)
    takeBlocks(&result, &origin)
    result.checkpoint.origin.gguf = origin
    if let note = result.checkpoint.quantisedNote { result.notes.append(note) }
    if header.isBigEndian {
      result.notes.append("a big-endian file; what is written is little-endian")
    }
    if parts.files.count > 1 {
      result.notes.append("\(parts.files.count) files that belong together")
    }
    return result
  }

  /// Puts the metadata of the file and those of the outline together, in their order.
  private func takeMetadata(_ result: inout ReadResult, _ origin: inout GGUFOrigin) {
    let outlined = result.checkpoint.metadata
    var metadata: OrderedDictionary<String, Value> = [:]
    for (key, pair) in header.pairs {
      if key.hasPrefix(GGUFMetadata.ownPrefix), Self.ownKeys.contains(key) { continue }
      if GGUFSet.keys.contains(key) { continue }
      if key == GGUFMetadata.architectureKey,
        pair.value == .string(GGUFMetadata.ownArchitecture)
      {
        continue
      }
      metadata[key] = pair.value
      origin.types[key] = GGUFValueType(usualFor: pair.value) == pair.type ? nil : pair.type
      if outlined[key] != nil {
        result.notes.append("the metadata \(key): the outline has another value than the file")
      }
    }
    for (key, value) in outlined where metadata[key] == nil { metadata[key] = value }
    let order = header.pairs[GGUFMetadata.orderKey]?.value.elements ?? []
    var sorted: OrderedDictionary<String, Value> = [:]
    for name in order.compactMap(\.stringValue) {
      if let value = metadata[name] { sorted[name] = value }
    }
    for (key, value) in metadata where sorted[key] == nil { sorted[key] = value }
    result.checkpoint.metadata = sorted
    // In the order of the metadata, wherever they come from.
    origin.types = OrderedDictionary(
      uniqueKeysWithValues: sorted.keys.compactMap { key in origin.types[key].map { (key, $0) } })
  }

  private static let ownKeys: Set = [
    GGUFMetadata.outlineKey, GGUFMetadata.orderKey, GGUFMetadata.carriersKey,
    ChecksumTable.key,
  ]

  /// Notes which tensors are blocks. They are weights, though they come as bytes.
  private func takeBlocks(_ result: inout ReadResult, _ origin: inout GGUFOrigin) {
    var keys: [String: [String]]?
    var roles: [(key: String, isBuffer: Bool)] = []
    let state = result.checkpoint.state
    for file in parts.files {
      for (name, entry) in file.header.entries where entry.type.isBlocks {
        if keys == nil { keys = keysOfNames(in: result.checkpoint) }
        for key in keys?[name] ?? [] {
          origin.blocks[key] = entry.type
          guard result.roleRules[key] == .dtypeOrName else { continue }
          roles.append((key, RoleRule.isBufferByTypeOrName(key, .float32) { state[$0] != nil }))
        }
      }
    }
    for (key, isBuffer) in roles {
      result.roleRules[key] = isBuffer ? .dtypeOrName : .default
      result.checkpoint.state.entries[key]?.role = isBuffer ? .buffer : .parameter
    }
  }

  /// The keys of the model by the names that their tensors have in the file.
  ///
  /// They are others where a name was too long for the format, or another tensor had it: the outline says so.
  private func keysOfNames(in checkpoint: Checkpoint) -> [String: [String]] {
    let json = header.pairs[GGUFMetadata.outlineKey]?.value.stringValue
    var keys = json.map(CheckpointOutline.keysOfNames) ?? [:]
    let listed = Set(keys.values.joined())
    // Those that another program added are keys themselves.
    for key in checkpoint.state.keys where !listed.contains(key) {
      keys[key, default: []].append(key)
    }
    return keys
  }
}
