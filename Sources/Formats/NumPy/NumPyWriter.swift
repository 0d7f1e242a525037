import Arrays
import CDeflate
import Checkpoints
import Files
import States
import Synchronization

/// Writes checkpoints as NumPy's `.npz` archives, or as folders of `.npy` files.
///
/// `numpy.load(path, allow_pickle=False)` opens all of it. See ``NumPyPlan`` for names.
struct NumPyWriter: WritePlan {
  private let plan: NumPyPlan
  private let path: String
  private let options: WriteOptions
  private let isArchive: Bool

  var losses: [ConversionLoss] { plan.losses }

  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    guard !path.hasSuffix(".npy") else {
      throw CheckpointError(
        .unsupported, file: path, reason: "a .npy file holds one array and no name",
        advice: "Give the output a name that ends in .npz, or that of a folder.")
    }
    isArchive = path.hasSuffix(".npz")
    guard isArchive || options.compression == nil else {
      throw CheckpointError(
        .unsupported, file: path, reason: "single .npy files are never compressed",
        advice: "Give the output a name that ends in .npz.")
    }
    self.path = path
    self.options = options
    plan = try NumPyPlan(checkpoint, file: path, options: options, isFolder: !isArchive)
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    var summary = plan.summary
    summary.losses = losses
    summary.fileByteCount =
      try isArchive ? writeArchive(checking: input) : writeFolder(checking: input)
    return summary
  }

  /// Writes a file for each array.
  ///
  /// - Returns: The bytes of all files.
  private func writeFolder(checking input: InputCheck?) throws -> Int {
    try options.writeFolder(path, checking: input) { makeFile in
      // Each file is made, filled and closed by one thread: a process has not many descriptors.
      try Parallel.forEach(plan.members.count, threads: options.threads) { number in
        let member = plan.members[number]
        let file = try makeFile(member.name + ".npy")
        try file.write(member.header, at: 0)
        let item = TensorStream.Item(
          member.array, as: member.dtype, to: .file(file, offset: member.header.count))
        _ = try TensorStream([item], threads: 1, recording: input?.seen).write()
        try file.commit()
      }
      return ([], plan.members.reduce(0) { $0 + $1.byteCount })
    }
  }

  private func writeArchive(checking input: InputCheck?) throws -> Int {
    let file = try options.replacement(of: path)
    let archive = ZipArchiveWriter(file, style: .plain)
    if let compression = options.compression {
      try compress(into: archive, level: compression.level, recording: input?.seen)
    } else {
      try store(in: archive, recording: input?.seen)
    }
    let byteCount = try archive.finish()
    try options.commit([file], checking: input)
    return byteCount
  }

  /// Stores members so that their elements can be mapped.
  private func store(in archive: ZipArchiveWriter, recording seen: ReadChecksums?) throws {
    let places = try plan.members.map { member in
      try archive.add(member.name + ".npy", byteCount: member.byteCount, alignment: 64)
    }
    try archive.reserve()
    for (member, place) in zip(plan.members, places) {
      try archive.write(member.header, to: place, at: 0)
    }
    let items = zip(plan.members, places).map { member, place in
      TensorStream.Item(
        member.array, as: member.dtype,
        to: .member(place, of: archive, offset: member.header.count))
    }
    _ = try TensorStream(items, threads: options.threads, recording: seen).write()
  }

  /// Compresses as many members at a time as there are threads.
  private func compress(
    into archive: ZipArchiveWriter, level: Int, recording seen: ReadChecksums?
  ) throws {
    let members = plan.members
    let length = max(options.threads, 1)
    for start in stride(from: 0, to: members.count, by: length) {
      let batch = start..<min(start + length, members.count)
      let packed = Mutex([Int: Packed]())
      try Parallel.forEach(batch.count, threads: options.threads) { number in
        let result = try Packed(
          members[start + number], level: level, recording: seen)
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
      content.withBytes { sum.update($0) }
      try member.array.forEachSummedBlock(as: member.dtype, recording: seen) {
        block, checksum, _ in
        sum.append(checksum, byteCount: block.byteCount)
        WatchedWork.current?.complete(
          byteCount: block.byteCount / member.dtype.itemSize * member.array.dtype.itemSize)
        content.append(copying: block)
      }
      checksum = sum.value
      bytes = try Deflate.compress(content, level: level)
    }
  }
}
