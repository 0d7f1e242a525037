import Arrays
import HDF5
import States

/// Writes a checkpoint as an HDF5 file, laid out as <doc:Layout> says.
///
/// The file is built in two steps. First libhdf5 lays it out: groups, headers, values, and room
/// for each tensor. Then the bytes of the tensors go straight into that room, from where they are
/// and on several threads, each read once for its digest too. All this happens beside the path,
/// which leads to the old file until the new one is whole; see `ReplacementFile`.
public enum CheckpointWriter {
  /// The name and version of the program that writes, as the file records it.
  public static let producer = "Ballast 0.1.0"

  /// Writes `checkpoint` to `path`.
  ///
  /// A tensor without a role is written as a parameter.
  ///
  /// - Throws: ``CheckpointError`` if the checkpoint cannot be laid out, `FileError` if the
  ///   system refuses. The path then leads to what it did before.
  @discardableResult
  public static func write(
    _ checkpoint: Checkpoint, to path: String, options: SaveOptions = SaveOptions()
  ) throws -> SaveSummary {
    let plan = try CheckpointPlan(checkpoint, file: path, options: options)
    let replacement = try ReplacementFile(path, overwrite: options.overwrite)
    do {
      let layout = try FileLayout(
        plan, at: replacement.temporaryPath, options)
      try replacement.reserve(layout.index.fileByteCount)
      var index = layout.index
      try writeTensors(plan, &index, to: replacement, options)
      try write(index, layout, to: replacement)
      try replacement.commit(durable: options.isDurable)
      return SaveSummary(plan, fileByteCount: index.fileByteCount)
    } catch let error as HDF5Error {
      throw CheckpointError(error, file: path)
    }
  }

  /// Writes the bytes of the tensors that have a place in the file, and records their digests.
  private static func writeTensors(
    _ plan: CheckpointPlan, _ index: inout CheckpointIndex, to file: ReplacementFile,
    _ options: SaveOptions
  ) throws {
    let rows = index.tensors
    let placed = rows.indices.filter { rows[$0].aliasOf == nil && rows[$0].hasRoom }
      .map { (tensor: $0, array: plan.tensors[$0].array) }
    let blocks = TensorBlock.blocks(of: placed)
    let digests = DigestCollector(blocks)
    try Parallel.forEach(blocks.count, threads: options.threads) { number in
      let block = blocks[number]
      var sum = RunningDigest()
      // Small enough to be in the cache still when it is written.
      let tensor = plan.tensors[block.tensor]
      try tensor.array.forEachBlock(
        in: block.range, as: tensor.row.dtype, ofByteCount: 1 << 18
      ) { bytes, place in
        sum.update(bytes)
        try file.write(bytes, at: (rows[block.tensor].dataOffset ?? 0) + place)
      }
      digests.record(sum, forBlock: number)
    }
    for (tensor, digest) in digests.digests(of: placed, as: { rows[$0].dtype }) {
      index.tensors[tensor].digest = digest
    }
    for tensor in index.tensors.indices {
      if let original = rows[tensor].aliasOf {
        index.tensors[tensor].digest = index.tensors[original].digest
        index.tensors[tensor].dataOffset = index.tensors[original].dataOffset
      }
    }
  }

  /// Fills the room that was left in the index, now that all digests are known.
  private static func write(
    _ index: CheckpointIndex, _ layout: FileLayout, to file: ReplacementFile
  ) throws {
    let encoded = index.encoded()
    if let offset = layout.room.tensorRows {
      try encoded.tensors.withUnsafeBytes { try file.write($0, at: offset) }
    }
    try encoded.fileByteCountBytes.withUnsafeBytes {
      try file.write($0, at: layout.room.fileSize)
    }
    try withUnsafeBytes(of: encoded.checksum.littleEndian) {
      try file.write($0, at: layout.room.checksum)
    }
  }
}

extension CheckpointIndex.TensorRow {
  /// Whether the bytes are in one piece in the file, or there are none.
  fileprivate var hasRoom: Bool { dataOffset != nil || shape.elementCount == 0 }
}

extension SaveSummary {
  fileprivate init(_ plan: CheckpointPlan, fileByteCount: Int) {
    tensorCount = plan.tensors.count
    tensorByteCount = plan.tensors.reduce(0) { sum, tensor in
      sum + (tensor.row.aliasOf == nil ? tensor.row.byteCount : 0)
    }
    self.fileByteCount = fileByteCount
  }
}
