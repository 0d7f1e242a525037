import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// Writes checkpoints as GGUF files of version 3, little-endian, as the loader of llama.cpp wants them:
/// tensors one after the other in the order of their records, each from a multiple of the alignment on.
struct GGUFWriter: WritePlan {
  private let plan: GGUFPlan
  private let path: String
  private let options: WriteOptions

  var losses: [ConversionLoss] { plan.losses }

  init(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws(CheckpointError) {
    self.path = path
    self.options = options
    plan = try GGUFPlan(checkpoint, file: path, options: options)
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    let file = try options.replacement(of: path)
    let header = header(checksums: plan.items.map { _ in 0 })
    var offsets: [Int] = []
    var end = header.count
    for item in plan.items {
      offsets.append(end)
      end += item.byteCount.rounded(upToMultipleOf: plan.alignment)
    }
    try file.reserve(end)
    try file.write(header, at: 0)
    let checksums = try write(to: file, at: offsets, recording: input?.seen)
    // What follows the last tensor: nothing has written there.
    if let last = plan.items.last, let start = offsets.last {
      let padding = end - start - last.byteCount
      try file.write([UInt8](repeating: 0, count: padding), at: end - padding)
    }
    if plan.hasOutline { try file.write(self.header(checksums: checksums), at: 0) }
    try options.commit([file], checking: input)
    return WriteSummary(
      tensorCount: plan.tensorCount, tensorByteCount: plan.items.reduce(0) { $0 + $1.byteCount },
      fileByteCount: end, losses: losses)
  }

  /// The header; with an outline it has checksums, which take as much room before they are known.
  private func header(checksums: [UInt32]) -> [UInt8] {
    var pairs = plan.pairs
    if plan.hasOutline {
      var table = ChecksumTable()
      for (item, checksum) in zip(plan.items, checksums) {
        table.record(checksum, of: item.name, item.type.name, item.dimensions.reversed())
      }
      pairs[ChecksumTable.key] = .init(
        type: .scalar(.string), value: .string(table.json))
    }
    return GGUFHeader.encode(pairs, plan.items, alignment: plan.alignment)
  }

  /// Writes the tensors.
  ///
  /// - Returns: The checksums of what was written, in the order of the tensors.
  private func write(
    to file: ReplacementFile, at offsets: [Int], recording seen: ReadChecksums?
  ) throws -> [UInt32] {
    let numbers = plan.items.indices
    let plain = numbers.filter { plan.items[$0].encoder == nil }
    let stream = plain.map {
      TensorStream.Item(
        plan.items[$0].array, as: plan.items[$0].writtenAs, to: .file(file, offset: offsets[$0]))
    }
    let sums = try TensorStream(stream, threads: options.threads, recording: seen).write()
    var checksums = numbers.map { _ in UInt32(0) }
    for (number, sum) in zip(plain, sums) { checksums[number] = sum }

    let quantised = numbers.filter { plan.items[$0].encoder != nil }
    let found = Mutex([UInt32](repeating: 0, count: quantised.count))
    try Parallel.forEach(quantised.count, threads: options.threads) { index in
      let number = quantised[index]
      let item = plan.items[number]
      guard let encoder = item.encoder else { return }
      var sum = CRC32()
      do {
        try encoder.encode(item.array, recording: seen) { bytes, place in
          sum.update(bytes)
          try file.write(bytes, at: offsets[number] + place)
          WatchedWork.current?.complete(
            byteCount: bytes.byteCount / encoder.type.blockByteCount
              * encoder.type.blockElementCount * item.array.dtype.itemSize)
        }
      } catch let failure as BlockEncoder.Failure {
        throw CheckpointError(
          .unsupported, file: path, place: item.name,
          reason: "it cannot be quantised to \(encoder.type.name): \(failure.reason)")
      }
      let value = sum.value
      found.withLock { $0[index] = value }
    }
    try quantised.lazy.map { plan.items[$0].array }.checkMappedFiles()
    for (number, sum) in zip(quantised, found.withLock { $0 }) { checksums[number] = sum }
    return checksums
  }
}
