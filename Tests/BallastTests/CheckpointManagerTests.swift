import Ballast
import Foundation
import TestSupport
import Testing

@Suite struct CheckpointManagerTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func checkpoint(_ value: Int) -> Checkpoint {
    Checkpoint(state: ["a": NDArray(Int64(value))])
  }

  private func steps(_ manager: CheckpointManager) throws -> [Int] {
    try manager.checkpoints().map(\.step)
  }

  @Test func keepsTheLastAndTheBest() throws {
    let manager = try CheckpointManager(
      folder: folder.file("runs/7"), keepingLast: 2, best: .init(2, by: "loss", .lowest))
    var kept: [[Int]] = []
    for (step, loss) in [5.0, 1.0, .nan, 3.0, 1.0, 9.0, 8.0].enumerated() {
      try manager.save(checkpoint(step), step: step, metrics: ["loss": loss])
      kept.append(try steps(manager))
    }
    #expect(
      kept == [
        [0], [0, 1], [0, 1, 2], [1, 2, 3], [1, 3, 4], [1, 4, 5], [1, 4, 5, 6],
      ])
    #expect(try manager.latest()?.step == 6)
    let best = try #require(try manager.bestCheckpoint())
    #expect(best.step == 4)
    #expect(try CheckpointFile(best.path).read().state["a"]?.item(as: Int64.self) == 4)
    #expect(try CheckpointFile(best.path).read().metadata["step"]?.intValue == 4)

    // Another manager finds out all this from the files.
    let other = try CheckpointManager(
      folder: folder.file("runs/7"), keepingLast: 1, best: .init(1, by: "loss", .highest))
    #expect(try steps(other) == [1, 4, 5, 6])
    #expect(try other.bestCheckpoint()?.step == 5)
    try other.save(checkpoint(7), step: 7)
    #expect(try steps(other) == [5, 7])
  }

  @Test func passesOverDamagedOnes() throws {
    let manager = try CheckpointManager(folder: folder.path, keepingLast: 3)
    for step in 1...3 { try manager.save(checkpoint(step), step: step) }
    var bytes = try folder.bytes("checkpoint-00000003.h5")
    let range = try #require(try CheckpointFile(manager.path(ofStep: 3)).tensors.first?.fileRange)
    bytes[range.lowerBound] ^= 1
    try folder.write(bytes, to: "checkpoint-00000003.h5")
    try folder.write(Array(repeating: 7, count: 100), to: "checkpoint-00000004.h5")
    let fresh = try CheckpointManager(folder: folder.path, keepingLast: 3)
    #expect(try fresh.latest()?.step == 2)
    #expect(try steps(fresh) == [1, 2, 3])
  }

  @Test func theLatestWholeOneIsRestored() throws {
    let manager = try CheckpointManager(folder: folder.path, keepingLast: 3)
    let model = Linear(2, 2)
    let optimizer = Adam(model.namedParameters(), lr: 0.1)
    #expect(try manager.restoreLatest(model: model, optimizer: optimizer) == nil)
    var wanted: [[Float]] = []
    for step in 1...3 {
      model(Tensor.ones(1, 2)).sum().backward()
      optimizer.step()
      optimizer.zeroGrad()
      wanted.append([Float](model.weight.detach()))
      try manager.save(Checkpoint(model: model, optimizer: optimizer), step: step)
    }
    var bytes = try folder.bytes("checkpoint-00000003.h5")
    let range = try #require(try CheckpointFile(manager.path(ofStep: 3)).tensors.first?.fileRange)
    bytes[range.lowerBound] ^= 1
    try folder.write(bytes, to: "checkpoint-00000003.h5")
    let fresh = Linear(2, 2)
    let other = Adam(fresh.namedParameters(), lr: 0.5)
    let restored = try manager.restoreLatest(model: fresh, optimizer: other)
    #expect(restored?.step == 2 && [Float](fresh.weight.detach()) == wanted[1])
    #expect(other.groups[0].lr == 0.1)
    // One that is whole and does not fit is no reason to take an older one.
    #expect(throws: LoadError.self) { try manager.restoreLatest(model: Linear(3, 2)) }
  }

  /// What a newer program wrote may be whole: no older one is given in its place, nor is it removed.
  @Test func tellsOfOnesOfANewerVersion() throws {
    let manager = try CheckpointManager(folder: folder.path, keepingLast: 2)
    for step in 1...2 {
      try manager.save(Checkpoint(model: Linear(2, 2)), step: step)
    }
    var bytes = try folder.bytes("checkpoint-00000002.h5")
    // A name, a type and a dataspace come before the number.
    let name = try #require(bytes.firstRange(of: Array("format_version".utf8) + [0, 0]))
    let number = name.upperBound + 24..<name.upperBound + 28
    #expect(bytes[number] == [1, 0, 0, 0])
    bytes[number.lowerBound] = 9
    try folder.write(bytes, to: "checkpoint-00000002.h5")
    let fresh = try CheckpointManager(folder: folder.path, keepingLast: 2)
    for body in [
      { _ = try fresh.checkpoints() }, { _ = try fresh.latest() },
      { _ = try fresh.restoreLatest(model: Linear(2, 2)) },
    ] as [() throws -> Void] {
      let error = #expect(throws: CheckpointError.self) { try body() }
      #expect(error?.code == .newerVersion)
      #expect(error?.description.contains("it is a checkpoint of version 9") == true)
    }
    // Saving goes on, and counts the others alone.
    for step in 3...5 {
      try fresh.save(Checkpoint(model: Linear(2, 2)), step: step)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == [2, 4, 5].map { "checkpoint-0000000\($0).h5" })
  }

  /// What the system cannot read may be whole: no older one is given in its place.
  @Test func tellsOfOnesThatCannotBeRead() throws {
    let manager = try CheckpointManager(
      folder: folder.path, keepingLast: 3, best: .init(1, by: "loss", .lowest))
    for step in 1...2 { try manager.save(checkpoint(step), step: step, metrics: ["loss": 1]) }
    // A link in a circle cannot be opened by anyone.
    let path = manager.path(ofStep: 3)
    #expect(symlink(path, path) == 0)
    #expect(throws: CheckpointError.self) { try manager.checkpoints() }
    #expect(throws: CheckpointError.self) { try manager.latest() }
    #expect(throws: CheckpointError.self) { try manager.bestCheckpoint() }
    #expect(unlink(path) == 0)
    // The files that were looked at before are read again to verify them.
    #expect(rename(manager.path(ofStep: 2), folder.file("aside.h5")) == 0)
    #expect(symlink(manager.path(ofStep: 2), manager.path(ofStep: 2)) == 0)
    #expect(throws: CheckpointError.self) { try manager.latest() }
    #expect(unlink(manager.path(ofStep: 2)) == 0)
    // One that is gone is none.
    #expect(try manager.latest()?.step == 1)
  }

  @Test func aFailedSaveRemovesNothing() throws {
    let manager = try CheckpointManager(folder: folder.path)
    try manager.save(checkpoint(1), step: 1)
    let tooDeep = NDArray(zeros: Shape(Array(repeating: 1, count: 33)), dtype: .float32)
    #expect(throws: CheckpointError.self) {
      try manager.save(Checkpoint(state: ["a": tooDeep]), step: 2)
    }
    #expect(folder.names == ["checkpoint-00000001.h5"])
  }

  @Test func leavesOtherFilesAlone() throws {
    let others = [
      "checkpoint-1.h5", "checkpoint-final.h5", "notes.txt", ".other.h5.partial-abcdef",
    ]
    for name in others { try folder.write([1], to: name) }
    try folder.write([1], to: ".checkpoint-00000009.h5.partial-abcdef")
    let manager = try CheckpointManager(folder: folder.path)
    #expect(folder.names == others.sorted())
    for step in 1...3 { try manager.save(checkpoint(step), step: step) }
    #expect(folder.names == (others + ["checkpoint-00000003.h5"]).sorted())
  }

  @Test func goesBackToAnEarlierStep() throws {
    let manager = try CheckpointManager(folder: folder.path, keepingLast: 2)
    for step in [10, 20, 30] { try manager.save(checkpoint(step), step: step) }
    // What was just saved stays, whatever its step.
    try manager.save(checkpoint(5), step: 5)
    #expect(try steps(manager) == [5, 20, 30])
    try manager.discard(after: 5)
    #expect(try manager.latest()?.step == 5)
  }

  /// Kills a process that saves at random moments: 50 times, or as often as `BALLAST_KILLS` says.
  @Test func survivesKills() throws {
    let kills = ProcessInfo.processInfo.environment["BALLAST_KILLS"].flatMap(Int.init) ?? 50
    let runs = folder.file("runs")
    var lastStep = 0
    var bestScore = -1.0
    // What is kept is counted anew by each save that a writer lives to finish.
    var notRotated = 0
    for _ in 0..<kills {
      let done = try killedWriter(in: runs, from: lastStep + 1)
      for step in done { bestScore = max(bestScore, Double(step * 7919 % 1009)) }
      lastStep = max(lastStep, done.last ?? 0)

      notRotated = done.isEmpty ? notRotated + 1 : 1
      let before = try #require(try? FileManager.default.contentsOfDirectory(atPath: runs))
      #expect(
        before.count <= 4 + notRotated + 1, "4 kept, some just made, and one half made: \(before)")
      let manager = try CheckpointManager(
        folder: runs, keepingLast: 2, best: .init(2, by: "score", .highest))
      let after = try FileManager.default.contentsOfDirectory(atPath: runs)
      #expect(after.allSatisfy { !$0.contains("partial") })
      guard lastStep > 0 else { continue }
      let latest = try #require(try manager.latest())
      #expect(latest.step >= lastStep)
      let state = try CheckpointFile(latest.path).read(.verified).state
      #expect(state["step"]?.item(as: Int64.self) == Int64(latest.step))
      let best = try #require(try manager.bestCheckpoint())
      #expect(best.metrics["score"] ?? -1 >= bestScore)
      #expect(try manager.checkpoints().count == after.count, "all that are there are whole")
      lastStep = latest.step
    }
    #expect(lastStep > 0)
  }

  /// Runs the writer for some moments, and returns the steps that it said were done.
  private func killedWriter(in runs: String, from step: Int) throws -> [Int] {
    let process = Process()
    process.executableURL = URL(filePath: "\(Command.buildFolder)/rotation-writer")
    process.arguments = [runs, String(step)]
    let output = try FileHandle(forWritingTo: URL(filePath: folder.write([], to: "steps")))
    process.standardOutput = output
    try process.run()
    // Until it has begun to save, and some random time more.
    while process.isRunning, !FileManager.default.fileExists(atPath: runs) { usleep(500) }
    usleep(.random(in: 0...60_000))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "the writer ended by itself")
    return (folder.text(of: "steps") ?? "").split(separator: "\n").compactMap { Int($0) }
  }
}
