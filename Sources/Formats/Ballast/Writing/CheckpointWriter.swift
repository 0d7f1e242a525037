import Arrays
import Checkpoints
import Files
import HDF5
import States

/// Writes a checkpoint as an HDF5 file, laid out as <doc:Layout> says.
///
/// First the file is laid out in memory: groups, headers, values, and a place for each tensor. Then
/// the bytes of the tensors go to their places, from where they are and on several threads, each
/// read once for its digest too; and last the structures, which say all that is known by then. All
/// this happens beside the path, which leads to the old file until the new one is whole; see
/// `ReplacementFile`.
public struct CheckpointWriter: WritePlan {
  /// The name and version of the program that writes, as the file records it.
  public static let producer = "Ballast 0.1.0"

  /// Nothing: the layout holds everything that it does not refuse.
  public var losses: [ConversionLoss] { [] }

  private let plan: CheckpointPlan
  private let layout: FileLayout
  private let path: String
  private let options: WriteOptions

  /// Lays a checkpoint out. A tensor without a role becomes a parameter.
  ///
  /// - Throws: ``CheckpointError`` with code `unsupported` if the checkpoint cannot be laid out.
  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    self.path = path
    self.options = options
    plan = try CheckpointPlan(checkpoint, file: path, options: options)
    do throws(HDF5Error) {
      layout = try FileLayout(plan, options)
    } catch {
      throw CheckpointError(.unsupported, file: path, place: error.path, reason: error.message)
    }
  }

  /// Writes `checkpoint` to `path`.
  ///
  /// A tensor without a role is written as a parameter.
  ///
  /// - Throws: `CheckpointError` if the checkpoint cannot be laid out, or if the system refuses,
  ///   with the `FileError` that it gave. The path then leads to what it did before.
  @discardableResult
  public static func write(
    _ checkpoint: Checkpoint, to path: String, options: WriteOptions = WriteOptions()
  ) throws -> WriteSummary {
    try CheckpointWriter(checkpoint, to: path, options).write(checking: nil)
  }

  /// Writes the file. See `WritePlan.write(checking:)`.
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

  /// Writes all tensors to the places that the layout gives them, each once.
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
