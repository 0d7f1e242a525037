import Arrays
import Checkpoints
import Files
import States

extension Checkpoint {
  /// Finds out how the checkpoint is written in a format, and what of it the format cannot hold.
  ///
  /// ```swift
  /// let plan = try checkpoint.plan(to: "model.pth", format: .pytorch)
  /// guard plan.losses.isEmpty else { … }
  /// try plan.write(checking: nil)
  /// ```
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if the format cannot hold the checkpoint,
  ///   or options are given that it does not have.
  public func plan(
    to path: String, format: FileFormat, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> any WritePlan {
    if format.traits.isWritable { try options.check(for: format, file: path) }
    try checkNesting(file: path)
    var options = options
    options.sources += mappedFiles
    return try CheckpointError.reporting(path) {
      let plan = try format.implementation.plan(saturated(options), to: path, options)
      guard let report = options.onProgress else { return plan }
      return WatchedPlan(plan: plan, path: path, byteCount: tensorByteCount, report: report)
    }
  }

  /// Writes the checkpoint as a file of a format.
  ///
  /// The file takes its place only when it is whole. Tensors are streamed from where they are.
  ///
  /// - Throws: `CheckpointError`; the path then leads to what it did before.
  @discardableResult
  public func write(
    to path: String, format: FileFormat, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    let plan = try plan(to: path, format: format, options: options)
    return try CheckpointError.reporting(path) { try plan.write(checking: nil) }
  }
}

/// A plan that tells how far it has come.
private struct WatchedPlan: WritePlan {
  let plan: any WritePlan
  let path: String
  let byteCount: Int
  let report: @Sendable (WorkProgress) -> Void

  var losses: [ConversionLoss] { plan.losses }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    try WatchedWork(byteCount: byteCount, report).run(path) { try plan.write(checking: input) }
  }
}

extension Checkpoint {
  /// The bytes of all its tensors, those under several names counted once.
  fileprivate var tensorByteCount: Int {
    struct Place: Hashable {
      let storage: ObjectIdentifier
      let layout: Layout
    }
    var seen: Set<Place> = []
    return namedTensors.reduce(0) { sum, tensor in
      let place = Place(
        storage: ObjectIdentifier(tensor.array.storage), layout: tensor.array.layout)
      let isNew = seen.insert(place).inserted
      return sum + (isNew ? tensor.array.byteCount : 0)
    }
  }
}
