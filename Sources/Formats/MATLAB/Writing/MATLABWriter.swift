import Arrays
import Checkpoints
import Files
import HDF5
import States

/// Writes checkpoints as MAT-files of version 7.3.
///
/// The HDF5 content has the superblock and the groups of the oldest libraries, as MATLAB's has. Tensors are
/// contiguous, or chunked where they are compressed, and their axes are the other way round: they are
/// moved in tiles as they are written, a block for each thread, so that no tensor is in memory as a
/// whole. Only those that are rounded to a type which MATLAB lacks are, one after the other.
struct MATLABWriter: WritePlan {
  private let plan: MATLABPlan
  private let path: String
  private let options: WriteOptions

  /// What the place of a tensor is a multiple of, so that it can be mapped.
  private static let alignment = 64

  var losses: [ConversionLoss] { plan.losses }

  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws {
    self.path = path
    self.options = options
    plan = try MATLABPlan(checkpoint, file: path, options: options)
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    let layout: MATLABLayout
    var structure: HDF5Structure
    do throws(HDF5Error) {
      layout = try MATLABLayout(plan, options)
      structure = try layout.blueprint.structure(alignment: Self.alignment)
    } catch {
      throw CheckpointError(.unsupported, file: path, place: error.path, reason: error.message)
    }
    structure.userBlockSize = MATLABHeader.byteCount
    let file = try options.replacement(of: path)
    try file.reserve(MATLABHeader.byteCount + structure.fileByteCount)
    let checksums = try write(layout, &structure, to: file, recording: input?.seen)
    structure.replace(layout.checksums, with: plan.checksums(checksums))
    try structure.withBytes { (bytes) throws(FileError) in
      try file.write(bytes, at: MATLABHeader.byteCount)
    }
    try file.write(MATLABHeader.bytes, at: 0)
    try options.commit([file], checking: input)
    return WriteSummary(
      tensorCount: plan.tensorCount, tensorByteCount: plan.tensorByteCount,
      fileByteCount: MATLABHeader.byteCount + structure.fileByteCount, losses: losses)
  }

  /// Writes the tensors.
  ///
  /// - Returns: The checksums of what was written, in the order of the plan; 0 of tensors without elements.
  private func write(
    _ layout: MATLABLayout, _ structure: inout HDF5Structure, to file: ReplacementFile,
    recording seen: ReadChecksums?
  ) throws -> [UInt32] {
    var checksums = [UInt32](repeating: 0, count: plan.items.count)
    /// Writes some of the tensors.
    func write(_ numbers: [Int]) throws {
      let items = try numbers.map { number in
        let item = plan.items[number]
        return DatasetWriter.Item(
          try item.stored(), as: item.carrier.dtype, to: layout.datasets[number])
      }
      let sums = try DatasetWriter(items, options, recording: seen)
        .write(&structure, to: .file(file, offset: MATLABHeader.byteCount))
      for (number, sum) in zip(numbers, sums) { checksums[number] = sum }
    }
    let filled = plan.items.indices.filter { plan.items[$0].array.elementCount > 0 }
    try write(filled.filter { !plan.items[$0].isRounded })
    for number in filled where plan.items[number].isRounded { try write([number]) }
    return checksums
  }
}

extension MATLABPlan {
  /// The JSON of the checksums of what was written.
  func checksums(_ checksums: [UInt32]) -> String {
    var table = ChecksumTable()
    for (item, checksum) in zip(items, checksums) {
      table.record(
        checksum, of: item.name, item.carrier.dtype.rawValue, item.storedShape.dimensions)
    }
    return table.json
  }
}
