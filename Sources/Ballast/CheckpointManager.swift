import Arrays
import BallastFiles
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// Keeps the latest and the best checkpoints of a training in a folder, and removes the others.
///
/// ```swift
/// let manager = try CheckpointManager(
///   folder: "runs/7", keepingLast: 3, best: .init(2, by: "accuracy", .highest))
/// try manager.save(checkpoint, step: step, metrics: ["accuracy": 0.93])
/// let newest = try manager.latest()
/// ```
///
/// A checkpoint is removed only after the one that supersedes it is complete and on disk, so a
/// process killed at any moment loses nothing it had. Partial files that it leaves are removed by
/// the next manager of the folder.
///
/// Files are named `checkpoint-` and the step, in at least eight digits: `checkpoint-00001200.h5`.
/// There is no separate index: the steps and metrics are in the files, as the metadata `step` and
/// `metrics`. Other files in the folder are left alone.
///
/// Only one process at a time may write to a folder; within it, any thread may.
public final class CheckpointManager: Sendable {
  /// Which checkpoints are kept for their quality.
  public struct Best: Sendable, Hashable {
    /// Whether high or low values of a metric are better.
    public enum Order: Sendable, Hashable {
      /// Higher is better, as of an accuracy.
      case highest
      /// Lower is better, as of a loss.
      case lowest
    }

    /// The number of checkpoints to keep.
    public var count: Int
    /// The name of the metric.
    public var metric: String
    /// Whether high or low values are better.
    public var order: Order

    /// The best `count` checkpoints by a metric.
    ///
    /// Checkpoints without the metric, or with NaN, are never among them. Of equally good ones,
    /// later ones are preferred.
    ///
    /// - Parameters:
    ///   - count: The number to keep; a negative one traps.
    ///   - metric: The name of the metric.
    ///   - order: Whether high or low values are better.
    public init(_ count: Int, by metric: String, _ order: Order) {
      require(count >= 0, "a manager keeps no fewer than 0 best checkpoints, not \(count)")
      self.count = count
      self.metric = metric
      self.order = order
    }
  }

  /// A checkpoint in the folder.
  public struct Entry: Sendable, Hashable {
    /// The step after which it was saved.
    public let step: Int
    /// The path of the file.
    public let path: String
    /// The metrics by name.
    public let metrics: [String: Double]
  }

  /// The path of the folder.
  public let folder: String
  /// The beginning of the file names.
  public let name: String
  /// The number of latest checkpoints that are kept.
  public let lastCount: Int
  /// Which other checkpoints are kept.
  public let best: Best?

  /// The contents of files that were read before, by path.
  private let known = Mutex<[String: Entry]>([:])
  /// Held while the folder is changed.
  private let changing = Mutex(())

  /// A manager of the checkpoints in a folder.
  ///
  /// The folder is created if it does not exist. Partial files of writers that were killed are
  /// removed.
  ///
  /// - Parameters:
  ///   - folder: The path of the folder.
  ///   - name: The beginning of the file names; not empty, and without a slash.
  ///   - lastCount: The number of latest checkpoints to keep, at least one.
  ///   - best: Which other checkpoints to keep.
  /// - Throws: `CheckpointError` if the folder cannot be created.
  public init(
    folder: String, name: String = "checkpoint", keepingLast lastCount: Int = 1, best: Best? = nil
  ) throws(CheckpointError) {
    require(lastCount >= 1, "a manager keeps at least the last checkpoint, not \(lastCount)")
    require(
      !name.isEmpty && !name.contains("/"), "the name of checkpoints cannot be \"\(name)\"")
    self.folder = folder
    self.name = name
    self.lastCount = lastCount
    self.best = best
    try reportingFileErrors { () throws(FileError) in try Folder.make(folder) }
    ReplacementFile.sweepLeftovers(in: folder) { Self.step(in: $0, name: name) != nil }
  }

  /// Saves a checkpoint, then removes those that are no longer to be kept.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint; `step` and `metrics` are added to its metadata.
  ///   - step: The number of steps so far. A checkpoint of the same step is replaced.
  ///   - metrics: The measurements by name.
  ///   - options: How the file is written. It is always made durable, since others are removed in
  ///     its favor.
  /// - Returns: What was written.
  /// - Throws: `CheckpointError`. If writing failed, nothing is removed.
  @discardableResult
  public func save(
    _ checkpoint: Checkpoint, step: Int, metrics: [String: Double] = [:],
    options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    var checkpoint = checkpoint
    checkpoint.metadata["step"] = .int(step)
    checkpoint.metadata["metrics"] = .dict(
      OrderedDictionary(
        uniqueKeysWithValues: metrics.sorted { $0.key < $1.key }
          .map { (.string($0.key), .float($0.value)) }))
    var options = options
    options.isDurable = true
    options.overwrite = .replace
    let path = path(ofStep: step)
    return try changing.withLock { (_) throws(CheckpointError) in
      let summary = try CheckpointWriter.write(checkpoint, to: path, options: options)
      known.withLock { $0[path] = Entry(step: step, path: path, metrics: metrics) }
      try rotate(keeping: path)
      return summary
    }
  }

  /// Saves a checkpoint in the background, as it is now, then removes those that are no longer to
  /// be kept.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint; `step` and `metrics` are added to its metadata.
  ///   - step: The number of steps so far. A checkpoint of the same step is replaced.
  ///   - metrics: The measurements by name.
  ///   - options: How the file is written.
  public func saveAsync(
    _ checkpoint: Checkpoint, step: Int, metrics: [String: Double] = [:],
    options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    PendingSave(to: path(ofStep: step), options) { options throws(CheckpointError) in
      try self.save(checkpoint, step: step, metrics: metrics, options: options)
    }
  }

  /// The path of the checkpoint of a step, whether it exists or not.
  public func path(ofStep step: Int) -> String {
    let digits = String(step)
    return
      "\(folder)/\(name)-\(String(repeating: "0", count: max(8 - digits.count, 0)))\(digits).h5"
  }

  /// The step in a file name; nil if it is not that of a checkpoint.
  private static func step(in fileName: String, name: String) -> Int? {
    guard fileName.hasPrefix("\(name)-"), fileName.hasSuffix(".h5") else { return nil }
    let digits = fileName.dropFirst(name.count + 1).dropLast(3)
    guard digits.utf8.count >= 8, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(digits)
  }
}

extension CheckpointManager {
  /// The checkpoints in the folder in the order of their steps, without damaged ones.
  ///
  /// - Throws: `CheckpointError` if the folder, or a file in it, cannot be read, or is of a newer version:
  ///   that says nothing of what is in it.
  public func checkpoints() throws(CheckpointError) -> [Entry] {
    try entries(refusingNewer: true)
  }

  private func entries(refusingNewer: Bool) throws(CheckpointError) -> [Entry] {
    var entries: [Entry] = []
    for (path, step) in try paths() {
      if let entry = try entry(path, step: step, refusingNewer) { entries.append(entry) }
    }
    return entries
  }

  /// The latest checkpoint whose contents verify; nil if there is none.
  ///
  /// Damaged ones are skipped. The file is read in full to verify its checksums.
  ///
  /// - Throws: `CheckpointError` if the folder, or a file in it, cannot be read.
  public func latest() throws(CheckpointError) -> Entry? {
    try firstWhole(checkpoints().reversed())
  }

  /// The best checkpoint by the metric of ``best`` whose contents verify; nil if there is none.
  ///
  /// - Throws: `CheckpointError` if the folder, or a file in it, cannot be read.
  public func bestCheckpoint() throws(CheckpointError) -> Entry? {
    try firstWhole(ranked(checkpoints()))
  }

  /// Removes the checkpoints of later steps, for a training that resumes from an earlier one.
  ///
  /// Otherwise they would count as the latest.
  ///
  /// - Parameter step: The last step to keep.
  /// - Throws: `CheckpointError` if the folder cannot be read, or a file cannot be removed.
  public func discard(after step: Int) throws(CheckpointError) {
    try changing.withLock { (_) throws(CheckpointError) in
      for (path, _) in try paths().filter({ $0.step > step }) { try remove(path) }
    }
  }

  private func firstWhole(_ entries: [Entry]) throws(CheckpointError) -> Entry? {
    for entry in entries {
      let verification = try Self.unlessDamaged(entry.path) { try CheckpointFile($0).verify() }
      if verification?.problems.isEmpty == true { return entry }
    }
    return nil
  }

  /// What `body` reads of a file; nil if the file is damaged, or gone meanwhile.
  ///
  /// - Throws: `CheckpointError` if the file cannot be read, or, if those are refused, is of a newer version.
  static func unlessDamaged<R>(
    _ path: String, refusingNewer: Bool = true, _ body: (String) throws -> R
  ) throws(CheckpointError) -> R? {
    do throws(CheckpointError) {
      return try CheckpointError.reporting(path) { try body(path) }
    } catch {
      if refusingNewer && error.code == .newerVersion { throw error }
      guard let cause = error.cause, !cause.isNotFound else { return nil }
      throw error
    }
  }

  /// The files of checkpoints, whatever is in them, by their steps.
  private func paths() throws(CheckpointError) -> [(path: String, step: Int)] {
    let names = try reportingFileErrors { () throws(FileError) in try Folder.names(in: folder) }
    return names.compactMap { fileName in
      Self.step(in: fileName, name: name).map { ("\(folder)/\(fileName)", $0) }
    }.sorted { $0.step < $1.step }
  }

  /// What a file says about itself; nil if it is damaged.
  private func entry(
    _ path: String, step: Int, _ refusingNewer: Bool
  ) throws(CheckpointError) -> Entry? {
    if let entry = known.withLock({ $0[path] }) { return entry }
    let metadata = try Self.unlessDamaged(path, refusingNewer: refusingNewer) {
      try CheckpointFile($0).read().metadata
    }
    guard let metadata else { return nil }
    var metrics: [String: Double] = [:]
    for (key, value) in metadata["metrics"]?.dictionary ?? [:] {
      metrics[key.text] = value.doubleValue
    }
    let entry = Entry(step: step, path: path, metrics: metrics)
    known.withLock { $0[path] = entry }
    return entry
  }

  /// The checkpoints that have the metric, the best first.
  private func ranked(_ entries: [Entry]) -> [Entry] {
    guard let best else { return [] }
    let measured = entries.compactMap { entry in
      entry.metrics[best.metric].flatMap { $0.isNaN ? nil : (entry: entry, value: $0) }
    }
    return measured.sorted { a, b in
      if a.value == b.value { return a.entry.step > b.entry.step }
      return (a.value > b.value) == (best.order == .highest)
    }.map(\.entry)
  }

  /// Removes what is not kept, now that `newest` is whole.
  private func rotate(keeping newest: String) throws(CheckpointError) {
    // One of a newer version stays, too.
    let entries = try entries(refusingNewer: false)
    var kept = Set(entries.suffix(lastCount).map(\.path))
    kept.insert(newest)
    if let best { kept.formUnion(ranked(entries).prefix(best.count).map(\.path)) }
    // Damaged files are left to those who may want to look at them.
    for entry in entries where !kept.contains(entry.path) { try remove(entry.path) }
  }

  private func remove(_ path: String) throws(CheckpointError) {
    try reportingFileErrors { () throws(FileError) in try Folder.remove(path) }
    known.withLock { _ = $0.removeValue(forKey: path) }
  }
}
