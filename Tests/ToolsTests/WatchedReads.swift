import Foundation
import TestSupport
import Testing

#if os(Linux)
  /// Runs the tools with an eye on what they read: see `Peers/watched_reads.c`.
  struct WatchedReads {
    /// What became of a call to a watched file.
    struct Event {
      /// `open` or `read`.
      var kind: Substring
      var offset = 0
      var byteCount = 0
    }

    private let bench: Workbench
    private let scratch: TemporaryFolder

    init(_ bench: Workbench) throws {
      self.bench = bench
      scratch = try TemporaryFolder()
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/watched_reads.c").path
      let command = try Command.run(
        "/usr/bin/env",
        ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", scratch.file("watch.so"), source])
      try #require(command.status == 0, "\(command.errors)")
    }

    /// Runs a tool.
    ///
    /// - Parameter path: The file, or the folder of files, that is watched, in the folder of the bench.
    func run(
      _ tool: String, _ arguments: [String], watching path: String
    ) throws -> (command: Command, events: [Event]) {
      try? FileManager.default.removeItem(atPath: scratch.file("log"))
      let folder = URL(filePath: bench.folder.path).resolvingSymlinksInPath().path
      let command = try Command.run(
        "\(Command.buildFolder)/ballast-\(tool)", arguments, in: bench.folder.path,
        environment: [
          "LD_PRELOAD": scratch.file("watch.so"), "WATCH_LOG": scratch.file("log"),
          "WATCHED_PATH": "\(folder)/\(path)",
        ])
      let lines = (scratch.text(of: "log") ?? "").split(separator: "\n")
      let events = lines.map { line in
        let words = line.split(separator: " ")
        return words[0] == "open"
          ? Event(kind: "open")
          : Event(kind: words[0], offset: Int(words[1]) ?? -1, byteCount: Int(words[2]) ?? 0)
      }
      return (command, events)
    }
  }
#endif
