import Arrays
import BallastFiles
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// The checkpoints of a training in a folder: the last ones and the best ones, and no others.
///
/// ```swift
/// let manager = try CheckpointManager(
///   folder: "runs/7", keepingLast: 3, best: .init(2, by: "accuracy", .highest))
/// try manager.save(checkpoint, step: step, metrics: ["accuracy": 0.93])
/// let newest = try manager.latest()
/// ```
///
/// A checkpoint is removed only when the one that makes it superfluous is whole and on the disk, so
/// that a process that is killed at any moment leaves at least what it had. What it leaves half
/// written is removed by the next manager of the folder.
///
/// Files are called `checkpoint-` and the step, of eight digits or more: `checkpoint-00001200.h5`.
/// There is no list of them beside the files: what is there, and what its metrics are, the files
/// say themselves, in the metadata `step` and `metrics`. Other files in the folder are left alone.
///
/// One process at a time writes to a folder. Within it any thread may.
public final class CheckpointManager: Sendable {
  /// Which checkpoints are kept because they are good.
  public struct Best: Sendable, Hashable {
    /// Which values of a metric are good.
    public enum Order: Sendable, Hashable {
      /// High ones, as of an accuracy.
      case highest
      /// Low ones, as of a loss.
      case lowest
    }

    /// How many are kept.
    public var count: Int
    /// The name of the metric.
    public var metric: String
    /// Which values are good.
    public var order: Order

    /// The best `count` by a metric. Checkpoints without the metric, or with NaN, are not among
    /// them; of equal ones the later are.
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
    /// Its file.
    public let path: String
    /// What was measured, by name.
    public let metrics: [String: Double]
  }

  /// The folder.
  public let folder: String
  /// What the names of the files begin with.
  public let name: String
  /// How many of the last checkpoints are kept.
  public let lastCount: Int
  /// Which others are kept.
  public let best: Best?

  /// What is known of files that were looked at before, by path.
  private let known = Mutex<[String: Entry]>([:])
  /// Held while the folder is changed.
  private let changing = Mutex(())

  /// Manages the checkpoints in a folder, which is made if it is missing; removes what writers that
  /// were killed have left behind.
  ///
  /// - Parameters:
  ///   - folder: Its path.
  ///   - name: What the names of the files begin with.
  ///   - lastCount: How many of the last checkpoints are kept, at least one.
  ///   - best: Which others are kept.
  /// - Throws: `FileError` if the folder cannot be made.
  public init(
    folder: String, name: String = "checkpoint", keepingLast lastCount: Int = 1, best: Best? = nil
  ) throws(FileError) {
    require(lastCount >= 1, "a manager keeps at least the last checkpoint, not \(lastCount)")
    require(
      !name.isEmpty && !name.contains("/"), "the name of checkpoints cannot be \"\(name)\"")
    self.folder = folder
    self.name = name
    self.lastCount = lastCount
    self.best = best
    try Folder.make(folder)
    ReplacementFile.sweepLeftovers(in: folder) { Self.step(in: $0, name: name) != nil }
  }

  /// Saves a checkpoint and removes those that are no longer kept.
  ///
  /// - Parameters:
  ///   - checkpoint: Its metadata get `step` and `metrics`.
  ///   - step: The number of steps so far. A checkpoint of the same step is replaced.
  ///   - metrics: What was measured, by name.
  ///   - options: Always as durable as can be: what is removed has to have a successor.
  /// - Throws: As `CheckpointWriter.write(_:to:options:)`; nothing is removed then.
  @discardableResult
  public func save(
    _ checkpoint: Checkpoint, step: Int, metrics: [String: Double] = [:],
    options: WriteOptions = WriteOptions()
  ) throws -> WriteSummary {
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
    return try changing.withLock { _ in
      let summary = try CheckpointWriter.write(checkpoint, to: path, options: options)
      known.withLock { $0[path] = Entry(step: step, path: path, metrics: metrics) }
      try rotate(keeping: path)
      return summary
    }
  }

  /// As ``save(_:step:metrics:options:)``, in the background.
  public func saveAsync(
    _ checkpoint: Checkpoint, step: Int, metrics: [String: Double] = [:],
    options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    PendingSave(to: path(ofStep: step)) {
      try self.save(checkpoint, step: step, metrics: metrics, options: options)
    }
  }

  /// The path of the checkpoint of a step.
  public func path(ofStep step: Int) -> String {
    let digits = String(step)
    return
      "\(folder)/\(name)-\(String(repeating: "0", count: max(8 - digits.count, 0)))\(digits).h5"
  }

  /// The step that the name of a file tells, nil if it is not that of a checkpoint.
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
  /// The checkpoints in the folder by their steps, without those whose structure is damaged.
  ///
  /// - Throws: `FileError` if the folder cannot be read.
  public func checkpoints() throws(FileError) -> [Entry] {
    try paths().compactMap { entry($0.path, step: $0.step) }
  }

  /// The newest checkpoint that is whole to the last byte, nil if there is none.
  ///
  /// One that is damaged is passed over, and the one before it is looked at.
  ///
  /// - Throws: `FileError` if the folder cannot be read.
  public func latest() throws(FileError) -> Entry? {
    try checkpoints().last { isWhole($0) }
  }

  /// The best checkpoint by the metric of ``best`` that is whole to the last byte.
  ///
  /// - Throws: `FileError` if the folder cannot be read.
  public func bestCheckpoint() throws(FileError) -> Entry? {
    ranked(try checkpoints()).first { isWhole($0) }
  }

  /// Removes the checkpoints of later steps, for a training that goes on from an earlier one: they
  /// would else count as the last.
  ///
  /// - Throws: `FileError` if the folder cannot be read, or a file not removed.
  public func discard(after step: Int) throws {
    try changing.withLock { _ in
      for (path, _) in try paths().filter({ $0.step > step }) { try remove(path) }
    }
  }

  private func isWhole(_ entry: Entry) -> Bool {
    guard let verification = try? CheckpointFile(entry.path).verify() else { return false }
    return verification.problems.isEmpty
  }

  /// The files of checkpoints, whatever is in them, by their steps.
  private func paths() throws(FileError) -> [(path: String, step: Int)] {
    try Folder.names(in: folder).compactMap { fileName in
      Self.step(in: fileName, name: name).map { ("\(folder)/\(fileName)", $0) }
    }.sorted { $0.step < $1.step }
  }

  /// What a file says of itself, nil if it cannot be read.
  private func entry(_ path: String, step: Int) -> Entry? {
    if let entry = known.withLock({ $0[path] }) { return entry }
    guard let metadata = try? CheckpointFile(path).read().metadata else { return nil }
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
  private func rotate(keeping newest: String) throws {
    let entries = try checkpoints()
    var kept = Set(entries.suffix(lastCount).map(\.path))
    kept.insert(newest)
    if let best { kept.formUnion(ranked(entries).prefix(best.count).map(\.path)) }
    // Files that cannot be read are left to those who may want to look at them.
    for entry in entries where !kept.contains(entry.path) { try remove(entry.path) }
  }

  private func remove(_ path: String) throws(FileError) {
    try Folder.remove(path)
    known.withLock { _ = $0.removeValue(forKey: path) }
  }
}
