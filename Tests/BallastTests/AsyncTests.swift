import Ballast
import Foundation
import Synchronization
import TestSupport
import Testing

/// Reading and writing on other threads, watched and cancelled.
@Suite struct AsyncTests {
  private let folder: TemporaryFolder
  private let checkpoint: Checkpoint

  init() throws {
    folder = try TemporaryFolder()
    let model = Sequential(Linear(300, 200), Linear(200, 1000))
    checkpoint = Checkpoint(
      model: model, optimizer: SGD(model.namedParameters(), lr: 0.1), metadata: ["epoch": 3])
  }

  /// What was told, in order.
  private final class Reports: Sendable {
    let all = Mutex<[WorkProgress]>([])

    func add(_ progress: WorkProgress) { all.withLock { $0.append(progress) } }

    /// Whether it went from part to part up to all.
    var areWhole: Bool {
      let all = all.withLock { $0 }
      let counts = all.map(\.completedByteCount)
      return all.count > 2 && counts == counts.sorted() && all.last?.fraction == 1
        && all.allSatisfy { $0.completedByteCount <= $0.totalByteCount }
    }
  }

  private func write(_ format: FileFormat, _ reports: Reports? = nil) throws -> String {
    var options = WriteOptions()
    options.isDurable = false
    if let reports { options.onProgress = { reports.add($0) } }
    if format == .huggingFace { options.huggingFace.shardByteCount = 500_000 }
    let path = folder.file("\(format.id)-\(UUID())")
    try checkpoint.write(to: path, format: format, options: options)
    return path
  }

  @Test(
    arguments: [
      FileFormat.ballast, .pytorch, .safetensors, .numpy, .huggingFace,
    ])
  func progressGoesFromNothingToAll(_ format: FileFormat) async throws {
    let written = Reports()
    let path = try write(format, written)
    #expect(written.areWhole, "\(written.all.withLock { $0 })")
    let read = Reports()
    let again = try await Checkpoint.readAsync(contentsOf: path) { read.add($0) }
    #expect(read.areWhole, "\(read.all.withLock { $0 })")
    let known = try Checkpoint(contentsOf: path)
    #expect(again.state.keys == known.state.keys && again.metadata == known.metadata)
    for (key, entry) in checkpoint.state.entries {
      #expect(again.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }

  @Test func compressedTensorsCountAsTheyAreInMemory() throws {
    let reports = Reports()
    var options = WriteOptions(compression: .init(level: 1))
    options.onProgress = { reports.add($0) }
    try checkpoint.write(to: folder.file("a.h5"), format: .ballast, options: options)
    #expect(reports.areWhole)
    let bytes = checkpoint.state.entries.values.reduce(0) { $0 + $1.array.byteCount }
    #expect(reports.all.withLock { $0.last?.totalByteCount ?? 0 } >= bytes)
  }

  /// Wherever reading is, also where the file is still being recognised, it gives nothing then.
  @Test(
    arguments: [FileFormat.ballast, .pytorch, .safetensors, .numpy, .huggingFace],
    [1, 2, 3, 5, 8, 13])
  func aTaskThatIsCancelledEndsReading(_ format: FileFormat, at number: Int) async throws {
    let path = try write(format)
    let reading = Mutex<Task<Checkpoint, any Error>?>(nil)
    let count = Mutex(0)
    let isCancelled = Mutex(false)
    let task = Task {
      try await Checkpoint.readAsync(contentsOf: path) { progress in
        let isDue = count.withLock { count in
          count += 1
          return count == number
        }
        guard isDue, progress.fraction < 1 else { return }
        while reading.withLock({ $0 == nil }) { usleep(1000) }
        reading.withLock { $0?.cancel() }
        isCancelled.withLock { $0 = true }
      }
    }
    reading.withLock { $0 = task }
    let result = await task.result
    guard isCancelled.withLock({ $0 }) else {
      // There were not as many reports.
      _ = try result.get()
      return
    }
    let error = #expect(throws: CheckpointError.self) { try result.get() }
    #expect(error?.code == .cancelled, "\(error as Any)")
  }

  /// A file that was opened by watched work is read later by whoever has it.
  @Test func whatIsReadLaterIsNotWatched() async throws {
    let path = try write(.ballast)
    let reports = Reports()
    let task = Task {
      try await OpenedCheckpoint.openAsync(path) { reports.add($0) }
    }
    let opened = try await task.value
    let count = reports.all.withLock { $0.count }
    task.cancel()
    try opened.checkpoint.write(
      to: folder.file("b.h5"), format: .ballast, options: WriteOptions())
    try opened.check().finish()
    #expect(reports.all.withLock { $0.count } == count)
  }

  @Test func whatAFormatCannotHoldIsWrittenWithoutIt() async throws {
    var options = WriteOptions()
    options.huggingFace.weights = .bin
    let save = checkpoint.writeAsync(
      to: folder.file("model"), format: .huggingFace, options: options)
    let losses = try await save.value.losses
    #expect(losses.contains { $0.kind == .optimizerDropped }, "\(losses)")
  }

  @Test func aWriteThatIsCancelledLeavesWhatWasThere() async throws {
    let path = folder.file("a.h5")
    try Checkpoint(state: ["a": NDArray(Int64(7))]).save(to: path)
    let writing = Mutex<PendingSave?>(nil)
    var options = WriteOptions()
    options.onProgress = { _ in
      while writing.withLock({ $0 == nil }) { usleep(1000) }
      writing.withLock { $0?.cancel() }
    }
    let save = checkpoint.writeAsync(to: path, format: .ballast, options: options)
    writing.withLock { $0 = save }
    let error = await #expect(throws: CheckpointError.self) { try await save.value }
    #expect(error?.code == .cancelled, "\(error as Any)")
    #expect(try Checkpoint(contentsOf: path).state["a"]?.item(as: Int64.self) == 7)
  }

  /// A report may itself use files, and begin tasks.
  @Test func whatAReportDoesIsNotWatched() async throws {
    let path = try write(.ballast)
    let count = Mutex(0)
    _ = try await Checkpoint.readAsync(contentsOf: path) { _ in
      count.withLock { $0 += 1 }
      let again = try? Checkpoint(contentsOf: path)
      if again == nil { Issue.record("a report cannot read") }
    }
    #expect(count.withLock { $0 } > 2)
  }

  @Test func errorsOfReadingAreThrown() async throws {
    let error = await #expect(throws: CheckpointError.self) {
      try await Checkpoint.readAsync(contentsOf: folder.file("nothing.h5"))
    }
    #expect(error?.code == .inputOutput)
  }
}
