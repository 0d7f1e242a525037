import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Writes checkpoints as safetensors, one file or several with an index.
///
/// A checkpoint that came from a safetensors file is written as the format's own library writes it,
/// to the byte. What the format cannot say goes into the metadata: see `CheckpointOutline`.
///
/// A path that ends in `.safetensors.index.json`, or a size for the files, distributes the tensors
/// over `NAME-00001-of-00003.safetensors` and so on, in order, as Hugging Face's libraries do. The
/// files take their places when all are whole, the index last.
package struct SafetensorsWriter: WritePlan {
  private let plan: SafetensorsPlan
  private let path: String
  private let options: WriteOptions

  package var losses: [ConversionLoss] { plan.losses }

  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    try self.init(
      checkpoint, to: path, options, shardByteCount: options.safetensors.shardByteCount)
  }

  /// Finds out what goes into which file.
  ///
  /// - Parameters:
  ///   - path: The file or folder, for errors.
  ///   - shardByteCount: See ``SafetensorsOptions/shardByteCount``.
  package init(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions, shardByteCount: Int?
  ) throws(CheckpointError) {
    self.path = path
    self.options = options
    plan = try SafetensorsPlan(
      checkpoint, file: path, options: options, fileByteCount: shardByteCount)
  }

  /// How many files there will be, the index not counted.
  package var fileCount: Int { plan.files.count }

  /// What is going to be written.
  package var summary: WriteSummary {
    WriteSummary(
      tensorCount: plan.tensorCount,
      tensorByteCount: plan.files.reduce(0) { $0 + $1.byteCount }, losses: losses)
  }

  package func write(checking input: InputCheck?) throws -> WriteSummary {
    let wantsIndex = path.hasSuffix(SafetensorsShards.indexSuffix)
    var summary = summary
    if plan.files.count == 1, !wantsIndex {
      let file = try options.replacement(of: path)
      summary.fileByteCount = try fill([file], recording: input?.seen)
      try options.commit([file], checking: input)
    } else {
      let ending = wantsIndex ? SafetensorsShards.indexSuffix : ".safetensors"
      let stem = path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path
      summary.fileByteCount = try writeShards(stem: stem, checking: input)
      summary.indexPath = stem + SafetensorsShards.indexSuffix
    }
    return summary
  }

  /// Writes headers and tensors, and then the headers again with checksums.
  ///
  /// - Returns: The bytes of all files.
  package func fill(_ files: [ReplacementFile], recording seen: ReadChecksums?) throws -> Int {
    var items: [TensorStream.Item] = []
    var byteCount = 0
    for (file, content) in zip(files, plan.files) {
      let header = try header(of: content, for: file, isAlone: files.count == 1)
      try file.reserve(header.count + content.byteCount)
      try file.write(header, at: 0)
      var offset = header.count
      for (stored, entry) in content.tensors {
        items.append(.init(stored.array, as: stored.dtype, to: .file(file, offset: offset)))
        offset += entry.byteCount
      }
      byteCount += offset
    }
    var checksums = try TensorStream(items, threads: options.threads, recording: seen).write()[...]
    guard plan.outline != nil else { return byteCount }
    for (file, content) in zip(files, plan.files) {
      let header = try header(
        of: content, for: file, isAlone: files.count == 1,
        checksums: checksums.prefix(content.tensors.count))
      checksums.removeFirst(content.tensors.count)
      try file.write(header, at: 0)
    }
    return byteCount
  }

  /// The header of a file.
  ///
  /// - Parameter checksums: Those of the tensors, in order; empty as long as they are not known,
  ///   which makes a header of the same length.
  private func header(
    of content: SafetensorsPlan.File, for file: ReplacementFile, isAlone: Bool,
    checksums: ArraySlice<UInt32> = []
  ) throws(CheckpointError) -> [UInt8] {
    var metadata = plan.texts
    if let outline = plan.outline {
      // The outline of several files is in their index.
      if isAlone { metadata[SafetensorsPlan.outlineKey] = outline }
      var table = ChecksumTable()
      for (number, tensor) in content.tensors.enumerated() {
        let checksum = checksums.isEmpty ? 0 : checksums[checksums.startIndex + number]
        table.record(
          checksum, of: tensor.entry.name, tensor.entry.typeName, tensor.entry.dimensions)
      }
      metadata[ChecksumTable.key] = table.json
    }
    let header = SafetensorsHeader.encode(content.tensors.map(\.entry), metadata: metadata)
    guard header.count - 8 <= SafetensorsHeader.maximumByteCount else {
      throw CheckpointError(
        .unsupported, file: file.path,
        reason: "its header would have \(header.count - 8) bytes; the format allows "
          + "\(SafetensorsHeader.maximumByteCount)")
    }
    return header
  }
}

// MARK: - Several files

extension SafetensorsWriter {
  private func writeShards(stem: String, checking input: InputCheck?) throws -> Int {
    let count = plan.files.count
    let paths = (1...count).map { ShardName(stem, $0, of: count, ending: ".safetensors").name }
    // The index first: it is the path that the caller may not want to be replaced.
    let index = try options.replacement(of: stem + SafetensorsShards.indexSuffix)
    let files = try paths.map { try options.replacement(of: $0) }
    var byteCount = try fill(files, recording: input?.seen)
    let json = indexJSON(of: paths.map { $0.split(separator: "/").last.map(String.init) ?? $0 })
    try index.write(json, at: 0)
    byteCount += json.count
    try options.commit(files + [index], checking: input)
    return byteCount
  }

  /// The index: which file has which tensor. The outline is in its metadata, since no file names
  /// the others.
  package func indexJSON(of names: [String]) -> [UInt8] {
    var weightMap: OrderedDictionary<Value.Key, Value> = [:]
    for (file, name) in zip(plan.files, names) {
      for tensor in file.tensors { weightMap[.string(tensor.stored.name)] = .string(name) }
    }
    var metadata: OrderedDictionary<Value.Key, Value> = [
      "total_size": .int(plan.files.reduce(0) { $0 + $1.byteCount })
    ]
    if let outline = plan.outline {
      metadata[.string(SafetensorsPlan.outlineKey)] = .string(outline)
    }
    let index: Value = ["metadata": .dict(metadata), "weight_map": .dict(weightMap)]
    return Array((index.json(pretty: true) + "\n").utf8)
  }
}
