import Arrays
import Checkpoints
import OrderedCollections
import States

/// Writes checkpoints as safetensors, one file or several with an index.
///
/// A checkpoint that came from a safetensors file is written as the format's own library writes it,
/// to the byte. What the format cannot say goes into the metadata: see ``CheckpointOutline``.
///
/// A path that ends in `.safetensors.index.json`, or a size for the files, distributes the tensors
/// over `NAME-00001-of-00003.safetensors` and so on, in order, as Hugging Face's libraries do. The
/// files take their places when all are whole, the index last.
enum SafetensorsWriter {
  static func write(
    _ checkpoint: Checkpoint, to path: String, options: ExportOptions
  ) throws -> ExportSummary {
    guard options.save.compression == nil else {
      throw InterchangeError(
        .unsupported, file: path, reason: "safetensors files are never compressed")
    }
    let plan = try SafetensorsPlan(
      checkpoint, file: path, options: options.save, fileByteCount: options.shardByteCount)
    try options.reviewLosses?(plan.losses)
    let wantsIndex = path.hasSuffix(SafetensorsShards.indexSuffix)
    var summary = SaveSummary(tensorCount: plan.tensorCount)
    summary.tensorByteCount = plan.files.reduce(0) { $0 + $1.byteCount }
    if plan.files.count == 1, !wantsIndex {
      let file = try options.save.replacement(of: path)
      summary.fileByteCount = try fill([file], plan, options.save)
      try options.save.commit([file])
    } else {
      let ending = wantsIndex ? SafetensorsShards.indexSuffix : ".safetensors"
      let stem = path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path
      summary.fileByteCount = try writeShards(plan, stem: stem, options.save)
      summary.indexPath = stem + SafetensorsShards.indexSuffix
    }
    return ExportSummary(save: summary, losses: plan.losses)
  }

  /// Writes headers and tensors, on several threads, and then the headers again with checksums.
  ///
  /// - Returns: The bytes of all files.
  private static func fill(
    _ files: [ReplacementFile], _ plan: SafetensorsPlan, _ options: SaveOptions
  ) throws -> Int {
    var tensors: [(tensor: Int, array: NDArray)] = []
    var places: [(file: ReplacementFile, offset: Int, dtype: DType)] = []
    var byteCount = 0
    for (file, content) in zip(files, plan.files) {
      let header = try header(of: content, plan, for: file, isAlone: files.count == 1)
      try file.reserve(header.count + content.byteCount)
      try header.withUnsafeBytes { try file.write($0, at: 0) }
      var offset = header.count
      for (stored, entry) in content.tensors {
        tensors.append((places.count, stored.array))
        places.append((file, offset, stored.dtype))
        offset += entry.byteCount
      }
      byteCount += offset
    }
    let blocks = TensorBlock.blocks(of: tensors)
    let (sources, targets) = (tensors, places)
    let collector = plan.outline == nil ? nil : ChecksumCollector(blocks)
    try Parallel.forEach(blocks.count, threads: options.threads) { number in
      let block = blocks[number]
      let (file, offset, dtype) = targets[block.tensor]
      guard let collector else {
        return try sources[block.tensor].array.forEachBlock(
          in: block.range, as: dtype, recording: options.readChecksums
        ) { bytes, place in try file.write(bytes, at: offset + place) }
      }
      var crc = CRC32()
      try sources[block.tensor].array.forEachSummedBlock(
        in: block.range, as: dtype, recording: options.readChecksums
      ) { bytes, checksum, place in
        crc.append(checksum, byteCount: bytes.count)
        try file.write(bytes, at: offset + place)
      }
      collector.record(crc.value, forBlock: number)
    }
    if let collector {
      var checksums = collector.checksums(of: targets.map(\.dtype.itemSize))[...]
      for (file, content) in zip(files, plan.files) {
        let header = try header(
          of: content, plan, for: file, isAlone: files.count == 1,
          checksums: checksums.prefix(content.tensors.count))
        checksums.removeFirst(content.tensors.count)
        try header.withUnsafeBytes { try file.write($0, at: 0) }
      }
    }
    return byteCount
  }

  /// The header of a file.
  ///
  /// - Parameter checksums: Those of the tensors, in order; empty as long as they are not known,
  ///   which makes a header of the same length.
  private static func header(
    of content: SafetensorsPlan.File, _ plan: SafetensorsPlan, for file: ReplacementFile,
    isAlone: Bool, checksums: ArraySlice<UInt32> = []
  ) throws(InterchangeError) -> [UInt8] {
    var metadata = plan.texts
    if let outline = plan.outline {
      // The outline of several files is in their index.
      if isAlone { metadata[SafetensorsPlan.outlineKey] = outline }
      var table = SafetensorsChecksums(of: content.tensors.map(\.entry))
      for (tensor, checksum) in zip(content.tensors, checksums) {
        table.record(checksum, of: tensor.entry.name)
      }
      metadata[SafetensorsChecksums.key] = table.json
    }
    let header = SafetensorsHeader.encode(content.tensors.map(\.entry), metadata: metadata)
    guard header.count - 8 <= SafetensorsHeader.maximumByteCount else {
      throw InterchangeError(
        .unsupported, file: file.path,
        reason: "its header would have \(header.count - 8) bytes; the format allows "
          + "\(SafetensorsHeader.maximumByteCount)")
    }
    return header
  }
}

// MARK: - Several files

extension SafetensorsWriter {
  private static func writeShards(
    _ plan: SafetensorsPlan, stem: String, _ options: SaveOptions
  ) throws -> Int {
    let count = plan.files.count
    let paths = (1...count).map { number in
      "\(stem)-\(padded(number))-of-\(padded(count)).safetensors"
    }
    // The index first: it is the path that the caller may not want to be replaced.
    let index = try options.replacement(of: stem + SafetensorsShards.indexSuffix)
    let files = try paths.map { try options.replacement(of: $0) }
    var byteCount = try fill(files, plan, options)
    let json = Array(indexJSON(plan, paths: paths).utf8)
    try json.withUnsafeBytes { try index.write($0, at: 0) }
    byteCount += json.count
    try options.commit(files + [index])
    return byteCount
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }

  /// The index: which file has which tensor. The outline is in its metadata, since no file knows of
  /// the others.
  private static func indexJSON(_ plan: SafetensorsPlan, paths: [String]) -> String {
    var weightMap: OrderedDictionary<Value.Key, Value> = [:]
    for (file, path) in zip(plan.files, paths) {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      for tensor in file.tensors { weightMap[.string(tensor.stored.name)] = .string(name) }
    }
    var metadata: OrderedDictionary<Value.Key, Value> = [
      "total_size": .int(plan.files.reduce(0) { $0 + $1.byteCount })
    ]
    if let outline = plan.outline {
      metadata[.string(SafetensorsPlan.outlineKey)] = .string(outline)
    }
    let index: Value = ["metadata": .dict(metadata), "weight_map": .dict(weightMap)]
    return index.json(pretty: true) + "\n"
  }
}
