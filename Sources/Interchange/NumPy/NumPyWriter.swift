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
    try options.reviewLosses?(plan.losses)
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
    let file = try options.replacement(of: path)
    let archive = ZipArchiveWriter(file, style: .plain)
    if let compression = options.compression {
      try compress(plan, into: archive, level: compression.level, options)
    } else {
      try store(plan, in: archive, options)
    }
    let byteCount = try archive.finish()
    try options.commit([file])
    return byteCount
  }

  /// Stores members so that their elements can be mapped.
  private static func store(
    _ plan: NumPyPlan, in archive: ZipArchiveWriter, _ options: SaveOptions
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
    try Parallel.forEach(blocks.count, threads: options.threads) { number in
      let block = blocks[number]
      let member = members[block.tensor]
      try member.array.forEachSummedBlock(
        in: block.range, as: member.dtype, recording: options.readChecksums
      ) { bytes, checksum, place in
        try archive.write(
          bytes, checksum, to: places[block.tensor], at: member.header.count + place)
      }
    }
  }

  /// Compresses as many members at a time as there are threads.
  private static func compress(
    _ plan: NumPyPlan, into archive: ZipArchiveWriter, level: Int, _ options: SaveOptions
  ) throws {
    let members = plan.members
    let length = max(options.threads, 1)
    for start in stride(from: 0, to: members.count, by: length) {
      let batch = start..<min(start + length, members.count)
      let packed = Mutex([Int: Packed]())
      try Parallel.forEach(batch.count, threads: options.threads) { number in
        let result = try Packed(
          members[start + number], level: level, recording: options.readChecksums)
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

    init(_ member: NumPyPlan.Member, level: Int, recording seen: ReadChecksums?) throws {
      var content = member.header
      content.reserveCapacity(member.byteCount)
      var sum = CRC32()
      content.withUnsafeBytes { sum.update($0) }
      try member.array.forEachSummedBlock(as: member.dtype, recording: seen) {
        block, checksum, _ in
        sum.append(checksum, byteCount: block.count)
        content += block
      }
      checksum = sum.value
      bytes = try Deflate.compress(content, level: level)
    }
  }
}
