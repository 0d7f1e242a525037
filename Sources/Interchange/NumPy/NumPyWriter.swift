import Arrays
import CDeflate
import Checkpoints
import States
import Synchronization

/// Writes checkpoints as NumPy's `.npz` archives, or as folders of `.npy` files.
///
/// `numpy.load(path, allow_pickle=False)` opens all of it. See ``NumPyPlan`` for names.
enum NumPyWriter {
  static func write(
    _ checkpoint: Checkpoint, to path: String, options: ExportOptions
  ) throws -> ExportSummary {
    guard !path.hasSuffix(".npy") else {
      throw InterchangeError(
        .unsupported, file: path, reason: "a .npy file holds one array and no name",
        advice: "Give the output a name that ends in .npz, or that of a folder.")
    }
    guard options.save.compression?.shuffle != true else {
      throw InterchangeError(
        .unsupported, file: path, reason: "NumPy's archives have deflate, but no shuffle")
    }
    let isArchive = path.hasSuffix(".npz")
    let plan = try NumPyPlan(
      checkpoint, file: path, options: options.save, isFolder: !isArchive)
    var summary = plan.summary
    if isArchive {
      summary.fileByteCount = try writeArchive(plan, to: path, options.save)
    } else {
      summary.fileByteCount = try NumPyFolder.write(plan, to: path, options.save)
    }
    return ExportSummary(save: summary, losses: plan.losses)
  }

  private static func writeArchive(
    _ plan: NumPyPlan, to path: String, _ options: SaveOptions
  ) throws -> Int {
    let file = try ReplacementFile(path, overwrite: options.overwrite)
    let archive = ZipArchiveWriter(file, style: .plain)
    if let compression = options.compression {
      try compress(plan, into: archive, level: compression.level, threads: options.threads)
    } else {
      try store(plan, in: archive, threads: options.threads)
    }
    let byteCount = try archive.finish()
    try file.commit(durable: options.isDurable)
    return byteCount
  }

  /// Stores members so that their elements can be mapped.
  private static func store(
    _ plan: NumPyPlan, in archive: ZipArchiveWriter, threads: Int
  ) throws {
    let places = try plan.members.map { member in
      try archive.add(member.name + ".npy", byteCount: member.byteCount, alignment: 64)
    }
    try archive.reserve()
    for (member, place) in zip(plan.members, places) {
      try member.header.withUnsafeBytes { try archive.write($0, to: place, at: 0) }
    }
    let members = plan.members
    let blocks = TensorBlock.blocks(of: members.indices.map { ($0, members[$0].array) })
    try Parallel.forEach(blocks.count, threads: threads) { number in
      let block = blocks[number]
      let member = members[block.tensor]
      try member.array.forEachBlock(in: block.range, as: member.dtype) { bytes, place in
        try archive.write(bytes, to: places[block.tensor], at: member.header.count + place)
      }
    }
  }

  /// Compresses as many members at a time as there are threads.
  private static func compress(
    _ plan: NumPyPlan, into archive: ZipArchiveWriter, level: Int, threads: Int
  ) throws {
    let members = plan.members
    for start in stride(from: 0, to: members.count, by: max(threads, 1)) {
      let batch = start..<min(start + max(threads, 1), members.count)
      let packed = Mutex([Int: Packed]())
      try Parallel.forEach(batch.count, threads: threads) { number in
        let result = try Packed(members[start + number], level: level)
        packed.withLock { $0[number] = result }
      }
      let results = packed.withLock { $0 }
      for number in batch.indices.map({ $0 - start }) {
        guard let result = results[number] else { continue }
        try archive.add(
          members[start + number].name + ".npy", deflated: result.bytes,
          byteCount: members[start + number].byteCount, checksum: result.checksum)
      }
    }
  }

  /// The compressed bytes of a member.
  private struct Packed {
    let bytes: [UInt8]
    let checksum: UInt32

    init(_ member: NumPyPlan.Member, level: Int) throws {
      var content = member.header
      content.reserveCapacity(member.byteCount)
      try member.array.forEachBlock(as: member.dtype) { bytes, _ in content += bytes }
      checksum = content.withUnsafeBytes { CRC32.checksum($0) }
      bytes = try Deflate.compress(content, level: level)
    }
  }
}
