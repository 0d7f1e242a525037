import Arrays
import Checkpoints
import Files
import HDF5
import States

/// Writes a checkpoint as an HDF5 file with the layout that <doc:Layout> specifies.
///
/// The file is first laid out in memory: groups, headers, values, and a place for each tensor. Then
/// the tensors are written to their places on several threads, each read once and its digest
/// computed in the same pass. The structures, which record the digests, come last. All this happens
/// under a temporary name, so that the path leads to the old file until the new one is complete;
/// see `ReplacementFile`.
public struct CheckpointWriter: WritePlan {
  /// The name and version of the program that writes, which the file records.
  public static let producer = "Ballast 0.1.0"

  /// Always empty: the layout holds everything that it does not refuse.
  public var losses: [ConversionLoss] { [] }

  /// Which tensors and values are written, and under which paths.
  private let plan: CheckpointPlan
  /// Where everything goes in the file.
  private let layout: FileLayout
  /// The path that the file will have.
  private let path: String
  /// Compression, threads, overwriting and durability.
  private let options: WriteOptions

  /// Lays a checkpoint out. A tensor without a role becomes a parameter.
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if the layout cannot hold the checkpoint.
  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    self.path = path
    self.options = options
    try checkpoint.checkNesting(file: path)
    let checkpoint = try CheckpointError.reporting(path) { try checkpoint.saturated(options) }
    plan = try CheckpointPlan(checkpoint, file: path, options: options)
    do throws(HDF5Error) {
      layout = try FileLayout(plan, options)
    } catch {
      throw CheckpointError(.unsupported, file: path, place: error.path, reason: error.message)
    }
  }

  /// Writes a checkpoint to a path.
  ///
  /// A tensor without a role is written as a parameter.
  ///
  /// - Parameters:
  ///   - checkpoint: What is written. Its tensors may be in files; they are read block by block.
  ///   - path: The path that the file will have.
  ///   - options: Compression, the type of the elements, threads, overwriting and durability.
  /// - Returns: The number and bytes of the tensors, and the bytes of the file.
  /// - Throws: `CheckpointError`: `unsupported` if the layout cannot hold the checkpoint; otherwise
  ///   the failure of the system that is its cause. The path then leads to what it did before, unless
  ///   only the folder could not be synchronized: see `ReplacementFile.commit()`.
  @discardableResult
  public static func write(
    _ checkpoint: Checkpoint, to path: String, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    let writer = try CheckpointWriter(checkpoint, to: path, options)
    return try CheckpointError.reporting(path) { try writer.write(checking: nil) }
  }

  /// Writes the file as planned.
  ///
  /// - Parameter input: The check of the file that the tensors come from, which is completed before
  ///   the new file takes its path; nil for none.
  /// - Returns: The number and bytes of the tensors, and the bytes of the file.
  /// - Throws: `FileError` if a file cannot be read or written, and what `InputCheck.finish()`
  ///   throws. The path then leads to what it did before, unless only the folder could not be
  ///   synchronized: see `ReplacementFile.commit()`.
  public func write(checking input: InputCheck?) throws -> WriteSummary {
    var layout = layout
    let replacement = try options.replacement(of: path)
    try replacement.reserve(layout.structure.fileByteCount)
    try writeTensors(&layout, to: replacement, recording: input?.seen)
    layout.index.copyDigestsOfAliases()
    try layout.write(to: replacement)
    try options.commit([replacement], checking: input)
    return WriteSummary(plan, fileByteCount: layout.structure.fileByteCount)
  }

  /// Writes each tensor once, to the place that the layout gives it, and records its digest in the
  /// index.
  private func writeTensors(
    _ layout: inout FileLayout, to file: ReplacementFile, recording seen: ReadChecksums?
  ) throws {
    let rows = layout.index.tensors
    let items = layout.datasets.enumerated().compactMap { number, dataset in
      dataset.map {
        (number, DatasetWriter.Item(plan.tensors[number].array, as: rows[number].dtype, to: $0))
      }
    }
    let writer = DatasetWriter(items.map(\.1), options, recording: seen)
    let checksums = try writer.write(&layout.structure, to: .file(file, offset: 0))
    for ((number, _), checksum) in zip(items, checksums) {
      var sum = RunningDigest(dtype: rows[number].dtype, shape: rows[number].shape)
      sum.append(checksum, byteCount: rows[number].byteCount)
      layout.index.tensors[number].digest = sum.digest
    }
  }
}

extension CheckpointIndex {
  /// Gives each further name of a tensor the digest of the first.
  fileprivate mutating func copyDigestsOfAliases() {
    for number in tensors.indices {
      if let original = tensors[number].aliasOf {
        tensors[number].digest = tensors[original].digest
      }
    }
  }
}

extension WriteSummary {
  fileprivate init(_ plan: CheckpointPlan, fileByteCount: Int) {
    self.init()
    tensorCount = plan.tensors.count
    tensorByteCount = plan.tensors.reduce(0) { sum, tensor in
      sum + (tensor.row.aliasOf == nil ? tensor.row.byteCount : 0)
    }
    self.fileByteCount = fileByteCount
  }
}
