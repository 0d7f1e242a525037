import Foundation
import TestSupport
import Testing

#if os(Linux)
  /// Runs programs with an eye on the calls by which they use files, and lets one of these fail: see
  /// `Peers/failing_calls.c`.
  enum FailingCalls {
    /// A call that a program made.
    struct Call {
      /// Its name; `create` for an `open` that makes a file.
      var name: String
      var hasFailed: Bool
      /// The path that it is about, or that of the descriptor; empty if there is none.
      var path: String
      /// Where that leads, of `rename` and `link`.
      var other: String
    }

    /// What becomes of a call.
    enum Failure: Equatable {
      /// It fails with an error number.
      case error(Int32)
      /// Half of what it reads or writes is done.
      case short

      var text: String {
        switch self {
        case .error(let number): "\(number)"
        case .short: "short"
        }
      }
    }

    private static let built = Result { () throws -> (library: String, folder: TemporaryFolder) in
      let folder = try TemporaryFolder()
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/failing_calls.c").path
      let library = folder.file("failing_calls.so")
      let command = try Command.run(
        "/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source])
      try #require(command.status == 0, "\(command.errors)")
      return (library, folder)
    }

    /// Runs a program with one thread, so that it makes the same calls each time.
    ///
    /// - Parameter failing: Which call fails, counted from 1, and how.
    static func run(
      _ executable: String, _ arguments: [String], in folder: TemporaryFolder,
      failing: (number: Int, failure: Failure)? = nil
    ) throws -> (command: Command, calls: [Call]) {
      let scratch = try TemporaryFolder()
      var environment = [
        "LD_PRELOAD": try built.get().library, "CALL_LOG": scratch.file("calls"),
        "BALLAST_NUM_THREADS": "1", "TMPDIR": folder.path,
      ]
      if let failing {
        environment["FAILING_CALL"] = "\(failing.number)"
        environment["FAILURE"] = failing.failure.text
      }
      let command = try Command.run(
        executable, arguments, in: folder.path, environment: environment)
      let lines = (scratch.text(of: "calls") ?? "").split(separator: "\n")
      let calls = lines.map { line in
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        return Call(
          name: parts[0], hasFailed: parts[1] == "failed", path: parts[2], other: parts[3])
      }
      return (command, calls)
    }
  }
#endif
