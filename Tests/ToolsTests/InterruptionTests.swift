import Arrays
import Files
import Foundation
import TestSupport
import Testing

/// A conversion that is ended before its time, and several at once.
@Suite(.serialized) struct InterruptionTests {
  private static let byteCount = 48 << 20
  let bench: Workbench
  /// The output of an undisturbed run.
  let expected: [UInt8]
  /// How long an undisturbed run takes.
  let duration: Duration

  init() throws {
    bench = try Workbench()
    let values = NDArray(zeros: [8, Self.byteCount / 32], dtype: .float32)
    try bench.write(["a": values, "b": .init(Float(1))], to: "in.h5")
    let bench = bench
    duration = try ContinuousClock().measure { try bench.run("convert", "in.h5", "expected.h5") }
    expected = try bench.folder.bytes("expected.h5")
    try #require(expected.count > Self.byteCount)
  }

  /// Starts a conversion of `in.h5`.
  ///
  /// - Parameters:
  ///   - script: What the shell does with the tool and its arguments, `"$@"`. Nothing may be waited
  ///     for in it: Foundation starts programs with the signal of ended children blocked.
  ///   - isBlocking: Whether the tool is started with the signals blocked that end it.
  private func start(
    _ output: String = "out.h5", _ options: [String] = ["--overwrite"],
    script: String = "exec \"$@\"", blockingSignals isBlocking: Bool = true
  ) throws -> Process {
    // What is started inherits the mask of this thread, which Dispatch made and which blocks them.
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(isBlocking ? SIG_BLOCK : SIG_UNBLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments =
      ["-c", script, "sh", "\(Command.buildFolder)/ballast-convert", "in.h5", output, "--quiet"]
      + options
    process.currentDirectoryURL = URL(filePath: bench.folder.path)
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func end(_ process: Process, by signal: Int32, after delay: Duration) {
    usleep(UInt32(delay / .microseconds(1)))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
  }

  /// The output after a run: nil if there is none.
  private func output() throws -> [UInt8]? {
    FileManager.default.fileExists(atPath: bench.folder.file("out.h5"))
      ? try bench.folder.bytes("out.h5") : nil
  }

  @Test func killedAtAnyMomentLeavesTheOldOutputOrNone() throws {
    let old = Array("old".utf8)
    var generator = SeededGenerator(seed: 7)
    var killed = 0
    // How long a run takes depends on what else the machine does: the next moment is sought
    // later if the run was killed, and sooner if it had ended by itself.
    var span = duration
    for number in 0..<60 {
      let before = number.isMultiple(of: 2) ? old : nil
      try? FileManager.default.removeItem(atPath: bench.folder.file("out.h5"))
      if let before { try bench.folder.write(before, to: "out.h5") }
      let process = try start()
      end(
        process, by: SIGKILL, after: span * Double.random(in: 0...1, using: &generator))
      let isKilled = process.terminationReason == .uncaughtSignal
      killed += isKilled ? 1 : 0
      span = isKilled ? span * 1.1 : span * 0.8
      let after = try output()
      #expect(after == before || after == expected, "run \(number) left half a file")
      // No more than what this run left: the one before was swept.
      #expect(bench.litter(besides: "in.h5", "expected.h5", "out.h5").count <= 1)
    }
    #expect(killed > 20, "the runs ended before they were killed")
    #expect(try bench.run("convert", "in.h5", "out.h5", "--overwrite").status == 0)
    #expect(try output() == expected)
    #expect(bench.litter(besides: "in.h5", "expected.h5", "out.h5").isEmpty)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func interruptedByTheUserLeavesNothing(_ signal: Int32) throws {
    var interrupted = 0
    for part in 1...8 {
      let process = try start(blockingSignals: part.isMultiple(of: 2))
      end(process, by: signal, after: duration * Double(part) / 8)
      if process.terminationReason == .uncaughtSignal {
        #expect(process.terminationStatus == signal)
        interrupted += 1
      }
      #expect(bench.litter(besides: "in.h5", "expected.h5", "out.h5").isEmpty)
      if let output = try output() { #expect(output == expected) }
    }
    #expect(interrupted > 0)
  }

  @Test func aSignalThatTheCallerIgnoresStaysIgnored() throws {
    let process = try start(script: "trap '' HUP; exec \"$@\"")
    end(process, by: SIGHUP, after: duration / 3)
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(try output() == expected)
  }

  @Test func severalWritersAtOnceDoNotDisturbEachOther() throws {
    let replacing = try (0..<6).map { _ in try start() }
    replacing.forEach { $0.waitUntilExit() }
    #expect(replacing.allSatisfy { $0.terminationStatus == 0 })
    #expect(try output() == expected)

    let refusing = try (0..<6).map { _ in try start("new.h5", []) }
    refusing.forEach { $0.waitUntilExit() }
    #expect(refusing.map(\.terminationStatus).sorted() == [0, 73, 73, 73, 73, 73])
    #expect(try bench.folder.bytes("new.h5") == expected)
    #expect(bench.litter(besides: "in.h5", "expected.h5", "out.h5", "new.h5").isEmpty)
  }
}
