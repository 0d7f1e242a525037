import Arrays
import BallastFiles
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

#if os(Linux)
  /// A tool that is killed between two of the steps in which the files of a checkpoint take their
  /// places: see `Peers/killed_steps.c`.
  @Suite struct KilledStepTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    /// A number that every tensor and the configuration of a checkpoint have.
    private func write(_ number: Int, _ name: String) throws {
      var state = StateDict()
      for key in 0..<4 {
        let values = [Float](repeating: Float(number), count: 5000)
        state.entries["\(key)"] = .init(NDArray(values), role: .parameter)
      }
      let checkpoint = Checkpoint(state: state, metadata: ["config": ["number": .int(number)]])
      try CheckpointWriter.write(checkpoint, to: bench.folder.file(name))
    }

    /// The number of what is in the folder; nil if it is refused.
    ///
    /// - Parameter hasConfiguration: Whether the path is that of a whole repository.
    private func number(_ path: String, hasConfiguration: Bool) throws -> Int? {
      let checkpoint: Checkpoint
      do throws(CheckpointError) {
        checkpoint = try OpenedCheckpoint(bench.folder.file(path), access: .verified).checkpoint
      } catch {
        return nil
      }
      #expect(Set(checkpoint.state.keys) == ["0", "1", "2", "3"])
      var found = Set<Int>()
      for entry in checkpoint.state.entries.values {
        found.formUnion(entry.array.elements(as: Float.self).map { Int($0) })
      }
      if hasConfiguration {
        found.insert(try #require(checkpoint.metadata["config"]?["number"]?.intValue))
      }
      #expect(found.count == 1, "a mixture of \(found)")
      return found.first
    }

    /// Kills a conversion of `new.h5` before each of its steps, over what is there.
    ///
    /// - Parameters:
    ///   - path: What is read: a folder or an index.
    ///   - arguments: What is written.
    private func expectNoMixture(
      _ path: String, hasConfiguration: Bool, _ arguments: [String]
    ) throws {
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/killed_steps.c").path
      let library = bench.folder.file("steps.so")
      let made = try Command.run(
        "/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source])
      try #require(made.status == 0, "\(made.errors)")
      let old = bench.folder.file("old")
      try FileManager.default.copyItem(atPath: bench.folder.file("out"), toPath: old)
      var outcomes: [Int?] = []
      for step in 1...100 {
        try FileManager.default.removeItem(atPath: bench.folder.file("out"))
        try FileManager.default.copyItem(atPath: old, toPath: bench.folder.file("out"))
        let run = {
          try Command.run(
            "\(Command.buildFolder)/ballast-convert",
            ["new.h5"] + arguments + ["--overwrite", "--quiet"],
            in: bench.folder.path, environment: $0)
        }
        let killed = try run(["LD_PRELOAD": library, "KILLED_STEP": "\(step)"])
        outcomes.append(try number(path, hasConfiguration: hasConfiguration))
        // Whoever tries again gets the new one, and nothing is left of the attempt.
        if killed.status != 0 {
          #expect(killed.status == -SIGKILL, "\(killed.errors)")
          #expect(try run([:]).status == 0)
        }
        #expect(try number(path, hasConfiguration: hasConfiguration) == 2)
        let litter = try FileManager.default.contentsOfDirectory(
          atPath: bench.folder.file("out")
        ).filter { $0.hasPrefix(".") }
        #expect(litter == [])
        if killed.status == 0 { break }
      }
      // First it is the old one, then refused, if at all, and then the new one.
      #expect(outcomes.first == 1 && outcomes.last == 2)
      let order = outcomes.map { $0 == 1 ? 0 : $0 == nil ? 1 : 2 }
      #expect(order == order.sorted(), "\(outcomes)")
    }

    /// From one file to shards and back, and to more and fewer.
    @Test(
      arguments: ["safetensors", "bin"],
      ["1MB 1MB", "1MB 25KB", "25KB 1MB", "25KB 25KB", "25KB 45KB", "45KB 25KB"])
    func aRepositoryIsNeverAMixture(_ weights: String, _ sizes: String) throws {
      let sizes = sizes.split(separator: " ").map(String.init)
      func arguments(_ size: String) -> [String] {
        ["out", "--to", "huggingface", "--weights", weights, "--shard-size", size]
      }
      try write(1, "old.h5")
      try write(2, "new.h5")
      let first = try Command.tool(
        "ballast-convert", ["old.h5"] + arguments(sizes[0]), in: bench.folder.path)
      try #require(first.status == 0, "\(first.errors)")
      try expectNoMixture("out", hasConfiguration: true, arguments(sizes[1]))
    }

    @Test(arguments: ["25KB", "45KB"])
    func shardsOfSafetensorsAreNeverAMixture(_ size: String) throws {
      try write(1, "old.h5")
      try write(2, "new.h5")
      try FileManager.default.createDirectory(
        atPath: bench.folder.file("out"), withIntermediateDirectories: false)
      func arguments(_ size: String) -> [String] {
        ["out/model.safetensors.index.json", "--shard-size", size]
      }
      let first = try Command.tool(
        "ballast-convert", ["old.h5"] + arguments("25KB"), in: bench.folder.path)
      try #require(first.status == 0, "\(first.errors)")
      for path in ["out/model.safetensors.index.json", "out"] where size == "25KB" || path != "out"
      {
        try? FileManager.default.removeItem(atPath: bench.folder.file("old"))
        try expectNoMixture(path, hasConfiguration: false, arguments(size))
        _ = try Command.tool(
          "ballast-convert", ["old.h5"] + arguments("25KB") + ["--overwrite"],
          in: bench.folder.path)
      }
    }
  }
#endif
