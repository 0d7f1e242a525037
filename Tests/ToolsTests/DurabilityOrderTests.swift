import Arrays
import Foundation
import TestSupport
import Testing

#if os(Linux)
  /// In which order bytes and names go to the disk: after a power failure, what has a name must be whole.
  @Suite struct DurabilityOrderTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    /// Converts over what is there, and gives the calls that were made.
    private func calls(_ arguments: [String]) throws -> [FailingCalls.Call] {
      for (name, number) in [("old.h5", Float(1)), ("new.h5", 2)] {
        try bench.write(
          [
            "a": NDArray([Float](repeating: number, count: 80_000)), "b": NDArray([number]),
            "c": NDArray([Float](repeating: number, count: 300)),
          ], to: name)
      }
      let convert = "\(Command.buildFolder)/ballast-convert"
      let old = try Command.run(convert, ["old.h5"] + arguments, in: bench.folder.path)
      try #require(old.status == 0, "\(old.errors)")
      let (new, calls) = try FailingCalls.run(
        convert, ["new.h5"] + arguments + ["--overwrite"], in: bench.folder)
      try #require(new.status == 0, "\(new.errors)")
      return calls
    }

    /// Whether a path, as it was named or as the system has it, is that of a file.
    private func isSame(_ path: String, _ other: String) -> Bool {
      func absolute(_ path: String) -> String {
        let path = path.hasPrefix("/") ? path : "\(bench.folder.path)/\(path)"
        return URL(filePath: path).standardized.path.replacing("/private/", with: "/")
      }
      return absolute(path) == absolute(other)
    }

    private func isNaming(_ call: FailingCalls.Call) -> Bool {
      ["rename", "link"].contains(call.name) && call.path.contains(".partial-")
        && !call.path.hasSuffix("-old")
    }

    @Test(arguments: [
      "out.h5", "out.h5 --compress 1", "out.pth", "out.npz", "out.safetensors", "out.gguf",
      "out.onnx", "out.mat", "out.mat --compress 1",
      "out.safetensors.index.json --shard-size 10KB", "out --to huggingface",
      "out --to huggingface --shard-size 10KB", "out --to huggingface --weights bin",
    ])
    func bytesComeBeforeNamesAndTheFolderLast(_ output: String) throws {
      let calls = try calls(output.split(separator: " ").map(String.init))
      let namings = calls.indices.filter { isNaming(calls[$0]) }
      try #require(!namings.isEmpty)
      var lastSync = 0
      for naming in namings {
        let temporary = calls[naming].path
        let writes = calls.indices.filter {
          ["pwrite", "write", "posix_fallocate"].contains(calls[$0].name)
            && isSame(calls[$0].path, temporary)
        }
        let syncs = calls.indices.filter {
          calls[$0].name == "fsync" && isSame(calls[$0].path, temporary)
        }
        let last = try #require(writes.last)
        let sync = try #require(syncs.first { $0 > last && $0 < naming }, "\(temporary)")
        lastSync = max(lastSync, sync)
        let folder = (calls[naming].other as NSString).deletingLastPathComponent
        let folderSync = calls.indices.first {
          $0 > naming && calls[$0].name == "fsync"
            && isSame(calls[$0].path, folder.isEmpty ? "." : folder)
        }
        #expect(folderSync != nil, "the name \(calls[naming].other) is not made durable")
      }
      // Nothing that was there goes before all that comes is on the disk.
      let taken = calls.indices.filter {
        calls[$0].name == "rename" && calls[$0].other.hasSuffix("-old")
      }
      let first = try #require(namings.first)
      for index in taken {
        let firstSyncs = namings.compactMap { naming in
          calls.indices.first {
            calls[$0].name == "fsync" && isSame(calls[$0].path, calls[naming].path)
          }
        }
        #expect(firstSyncs.allSatisfy { $0 < index }, "\(calls[index].path)")
        // That it is gone is durable before anything new can be found.
        #expect(
          calls[index..<first].contains { $0.name == "fsync" && !$0.path.contains("partial") })
      }
      // It is removed when the new files are there for good.
      let end = calls.indices.last { calls[$0].name == "fsync" } ?? 0
      let removed = calls.indices.filter {
        calls[$0].name == "unlink" && !calls[$0].path.contains(".partial-")
          || calls[$0].path.hasSuffix("-old") && calls[$0].name == "unlink"
      }
      #expect(removed.count == taken.count)
      #expect(removed.allSatisfy { $0 > end })
    }

    @Test func withoutSyncingNothingIsWaitedFor() throws {
      let calls = try calls(["out.h5", "--no-sync"])
      #expect(calls.contains(where: isNaming))
      #expect(!calls.contains { $0.name == "fsync" || $0.name == "sync_file_range" })
    }

    /// What a manager of checkpoints removes goes when the newest has its name for good.
    @Test func oldCheckpointsGoLast() throws {
      let (_, calls) = try FailingCalls.run(
        "\(Command.buildFolder)/rotation-writer", ["place", "1", "12"], in: bench.folder)
      let removals = calls.indices.filter {
        calls[$0].name == "unlink" && !calls[$0].path.contains(".partial-")
      }
      try #require(removals.count >= 3)
      for removal in removals {
        let naming = try #require(calls[..<removal].lastIndex(where: isNaming))
        #expect(
          calls[naming..<removal].contains { $0.name == "fsync" && isSame($0.path, "place") },
          "\(calls[removal].path)")
      }
    }
  }
#endif
