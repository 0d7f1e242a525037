import Arrays
import Foundation
import TestSupport
import Testing

#if os(Linux)
  /// In which order files reach the disk and get their names: what a power cut needs to find, and what
  /// nobody sees otherwise. See `Peers/watched_writes.c`.
  @Suite struct DurabilityTests {
    /// What was done to a path. That of a name is the new one.
    private struct Event: Equatable {
      let kind: Substring
      let path: String
      var from = ""
    }

    let bench: Workbench
    private let root: String

    init() throws {
      bench = try Workbench()
      root = URL(filePath: bench.folder.path).resolvingSymlinksInPath().path
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/watched_writes.c").path
      let command = try Command.run(
        "/usr/bin/env",
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", "\(root)/watch.so", source])
      try #require(command.status == 0, "\(command.errors)")
      try FileManager.default.createDirectory(
        atPath: "\(root)/out", withIntermediateDirectories: false)
    }

    /// Runs a program that writes into the folder `out`.
    ///
    /// - Parameters:
    ///   - failing: Which of its syncs fails, counted from 1; none if 0.
    ///   - list: Which of the folders that it lists is cut off, counted from 1; none if 0.
    ///   - cutShort: Whether reads and writes are interrupted and do less than they are asked.
    private func watch(
      _ program: String, _ arguments: [String], failing: Int = 0, list: Int = 0,
      cutShort: Bool = false
    ) throws -> (command: Command, events: [Event]) {
      try? FileManager.default.removeItem(atPath: "\(root)/log")
      let command = try Command.run(
        "\(Command.buildFolder)/\(program)", arguments, in: root,
        environment: [
          "LD_PRELOAD": "\(root)/watch.so", "WATCH_LOG": "\(root)/log",
          "WATCHED_PATH": "\(root)/out", "FAILING_SYNC": "\(failing)",
          "FAILING_LIST": "\(list)",
        ].merging(cutShort ? ["CUT_SHORT": "1"] : [:]) { $1 })
      let lines = (bench.folder.text(of: "log") ?? "").split(separator: "\n")
      let events = lines.map { line in
        let words = line.split(separator: "\t")
        return words.count == 3
          ? Event(kind: words[0], path: String(words[2]), from: String(words[1]))
          : Event(kind: words[0], path: String(words[1]))
      }
      return (command, events)
    }

    /// Expects that a name is given only to what is on the disk, that the name is then on the disk too,
    /// and that nothing of the old files is gone for good before.
    ///
    /// - Returns: The paths that were given.
    @discardableResult
    private func expectDurable(_ events: [Event], _ what: String) throws -> [String] {
      var unsynced: Set<String> = []
      var written: Set<String> = []
      var named: [String] = []
      var foldersToSync: Set<String> = []
      for event in events {
        switch event.kind {
        case "write":
          unsynced.insert(event.path)
          written.insert(event.path)
        case "sync":
          unsynced.remove(event.path)
          foldersToSync.remove(event.path)
        case "name":
          let isNew = written.contains { $0 == event.from || $0.hasPrefix(event.from + "/") }
          guard isNew else { continue }
          let late = unsynced.filter { $0 == event.from || $0.hasPrefix(event.from + "/") }
          #expect(late.isEmpty, "\(what): named before it is on the disk: \(late)")
          named.append(event.path)
          foldersToSync.insert(URL(filePath: event.path).deletingLastPathComponent().path)
        case "remove":
          // A temporary name that `link` gave another is no loss.
          guard !written.contains(event.path) else { continue }
          #expect(foldersToSync.isEmpty, "\(what): \(event.path) is removed before")
        case "list": break
        default: Issue.record("\(event)")
        }
      }
      #expect(foldersToSync.isEmpty, "\(what): not synced: \(foldersToSync)")
      #expect(!named.isEmpty, "\(what): nothing was named")
      return named
    }

    /// The ways in which the tools make files: what is converted into what, by which options.
    static let conversions = [
      ["out/a.h5"], ["out/a.h5", "--compress", "1"], ["out/a.pth"], ["out/a.safetensors"],
      ["out/a.npz"], ["out/a.npz", "--compress", "1"], ["out/a.gguf"], ["out/a.onnx"],
      ["out/a.mat"], ["out/a.mat", "--compress", "1"],
      ["out/a.safetensors", "--shard-size", "16KB"],
      ["out/arrays", "--to", "numpy"], ["out/model", "--to", "huggingface"],
      ["out/model", "--to", "huggingface", "--shard-size", "16KB"],
      ["out/model", "--to", "huggingface", "--weights", "bin", "--shard-size", "16KB"],
    ]

    @Test(arguments: conversions)
    func whatHasItsNameIsOnTheDisk(_ arguments: [String]) throws {
      let all = [Workbench.sample] + arguments + ["--quiet"]
      for overwrite in [[], ["--overwrite"]] {
        // A folder of arrays is replaced only if it is empty.
        if overwrite != [], arguments.contains("numpy") { break }
        let what = "\(arguments + overwrite)"
        let (command, events) = try watch("ballast-convert", all + overwrite)
        try #require(command.status == 0, "\(command.errors)")
        let named = try expectDurable(events, what)
        // The others are found by the index. A new folder is named as a whole.
        if let index = named.lastIndex(where: { $0.contains("index") }) {
          #expect(!named[index...].contains { $0.contains("-of-") }, "\(what): \(named)")
        } else {
          #expect(!named.contains { $0.contains("-of-") }, "\(what): \(named)")
        }
      }
    }

    @Test(arguments: ["out/a.h5", "out/arrays"])
    func withoutSyncNothingWaitsForTheDisk(_ output: String) throws {
      let (command, events) = try watch(
        "ballast-convert",
        [Workbench.sample, output, "--no-sync", "--quiet"]
          + (output.hasSuffix("h5") ? [] : ["--to", "numpy"]))
      try #require(command.status == 0, "\(command.errors)")
      #expect(!events.contains { $0.kind == "sync" })
    }

    /// All that is in the folder `out`.
    private func content() throws -> [String: Data] {
      var content: [String: Data] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/out") {
        content[name] = FileManager.default.contents(atPath: "\(root)/out/\(name)") ?? Data()
      }
      return content
    }

    /// A signal may interrupt any call, and any may do less than it is asked, which is no error.
    @Test(arguments: conversions)
    func callsThatDoLessAreMadeAgain(_ arguments: [String]) throws {
      try FileManager.default.copyItem(atPath: Workbench.sample, toPath: "\(root)/out/in.pth")
      let all = ["out/in.pth"] + arguments + ["--quiet"]
      let whole = try watch("ballast-convert", all).command
      try #require(whole.status == 0, "\(whole.errors)")
      let expected = try content()
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(root)/out")
      where name != "in.pth" {
        try FileManager.default.removeItem(atPath: "\(root)/out/\(name)")
      }
      let command = try watch("ballast-convert", all, cutShort: true).command
      #expect(command.status == 0, "\(command.errors)")
      #expect(try content() == expected)
      for tool in ["ballast-inspect", "ballast-verify"] {
        let (plain, _) = try watch(tool, [arguments[0]])
        let (command, _) = try watch(tool, [arguments[0]], cutShort: true)
        #expect(command.status == plain.status, "\(tool): \(command.errors)")
        #expect(command.output == plain.output, "\(tool)")
      }
    }

    /// A folder of which the disk gives only some names is an error, and not a smaller folder.
    @Test(arguments: [
      ["out/arrays", "--to", "numpy"], ["out/model", "--to", "huggingface"],
      ["out/model", "--to", "huggingface", "--shard-size", "16KB"],
    ])
    func aListThatIsCutOffIsAnError(_ arguments: [String]) throws {
      let made = try watch("ballast-convert", [Workbench.sample] + arguments + ["--quiet"])
      try #require(made.command.status == 0, "\(made.command.errors)")
      let expected = try content()
      for command in [
        ["ballast-inspect", arguments[0]], ["ballast-verify", arguments[0]],
        ["ballast-convert", arguments[0], "out/b.h5"],
      ] {
        let whole = try watch(command[0], Array(command.dropFirst()))
        try #require(whole.command.status == 0, "\(whole.command.errors)")
        let lists = whole.events.filter { $0.kind == "list" && !$0.path.hasSuffix("/out") }
        #expect(!lists.isEmpty, "\(command)")
        try? FileManager.default.removeItem(atPath: "\(root)/out/b.h5")
        for (place, event) in whole.events.filter({ $0.kind == "list" }).enumerated()
        where !event.path.hasSuffix("/out") {
          let cut = try watch(command[0], Array(command.dropFirst()), list: place + 1).command
          #expect(cut.status == 74, "\(command), list \(place + 1): \(cut.output)\(cut.errors)")
          #expect(try content() == expected, "\(command)")
          try? FileManager.default.removeItem(atPath: "\(root)/out/b.h5")
        }
      }
    }

    /// A disk that cannot keep what it was given is an error, and the old file stays.
    @Test(arguments: conversions)
    func aSyncThatFailsIsAnError(_ arguments: [String]) throws {
      let all = [Workbench.sample] + arguments + ["--quiet"]
      let isReplaced = !arguments.contains("numpy")
      if isReplaced {
        try #require(try watch("ballast-convert", all).command.status == 0)
      }
      let before = try content()
      var failures = 0
      while failures < 200 {
        let (command, events) = try watch(
          "ballast-convert", all + (isReplaced ? ["--overwrite"] : []), failing: failures + 1)
        guard events.count(where: { $0.kind == "sync" }) > failures else {
          #expect(command.status == 0, "\(command.errors)")
          break
        }
        failures += 1
        let what = "\(arguments), sync \(failures)"
        #expect(command.status == 74, "\(what): \(command.errors)")
        #expect(command.errors.contains("nput/output error"), "\(what): \(command.errors)")
        let after = try content()
        #expect(!after.keys.contains { $0.hasPrefix(".") || $0.contains("/.") }, "\(what)")
        let hasItsName = events.contains { $0.kind == "name" && !$0.path.contains("-old") }
        // Only that the name is kept was in doubt: the new file is there, and whole.
        if !hasItsName { #expect(after == before, "\(what)") }
        if !isReplaced { try? FileManager.default.removeItem(atPath: "\(root)/\(arguments[0])") }
      }
      #expect(failures >= 2)
    }

    /// Whoever removes older checkpoints has the new one on the disk first.
    @Test func olderCheckpointsGoWhenTheNewOneIsOnTheDisk() throws {
      let (command, events) = try watch("rotation-writer", ["out", "1", "8"])
      #expect(command.status == 0, "\(command.errors)")
      let named = try expectDurable(events, "rotation")
      #expect(named.count == 8)
      #expect(events.contains { $0.kind == "remove" && $0.path.hasSuffix(".h5") })
    }
  }
#endif
