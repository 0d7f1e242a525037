import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Two hundred files that want to do harm, and as many that are odd and legitimate.
@Suite(.needsPeers) struct FileCollectionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file that a script made.
  private struct Made: Decodable {
    let name: String
    let path: String
    let tensors: [String: Tensor]?

    struct Tensor: Decodable, Equatable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }
  }

  private func made(_ script: String, _ arguments: String...) throws -> [Made] {
    let json = try Peers.run(script, [folder.path] + arguments)
    return try JSONDecoder().decode([Made].self, from: Data(json.utf8))
  }

  // MARK: - Hostile

  /// Longer than any file may take; a second is what they take on a machine with nothing else to do.
  private static let patience = Duration.seconds(10)

  /// The time is the processor's; the limit, which counts what other tests take too, is only for what would never
  /// end.
  @Test(.timeLimit(.minutes(60))) func whatHarmsIsRefused() throws {
    let canary = folder.file("canary")
    let files = try made("make_hostile.py", canary)
    #expect(files.count >= 200)
    var slowest = (name: "", duration: Duration.zero)
    for file in files {
      let duration = ProcessorTime.measure {
        #expect(refusal(file), "\(file.name) (\(file.path)) was read")
      }
      if duration > slowest.duration { slowest = (file.name, duration) }
    }
    #expect(slowest.duration < Self.patience, "\(slowest.name) took \(slowest.duration)")
    #expect(!FileManager.default.fileExists(atPath: canary))
  }

  /// Whether a file is refused, wherever it is looked at first, with one of the errors that there are.
  private func refusal(_ file: Made) -> Bool {
    var errors: [any Error] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { errors.append(error) }
    }
    attempt { _ = try OpenedCheckpoint(file.path, access: .verified) }
    attempt { errors += try Verification(file.path).problems }
    // What is mapped may be damaged where nobody has looked yet.
    _ = try? OpenedCheckpoint(file.path)
    for error in errors {
      #expect(
        error is FileError || error is CheckpointError,
        "\(file.name): \(type(of: error)): \(error)")
      #expect("\(error)".utf8.count < 2000, "\(file.name): \(error)")
    }
    return !errors.isEmpty
  }

  /// As a process, with a gigabyte of addresses and ten seconds of its own.
  @Test func toolsRefuseItInBoundedMemory() throws {
    let canary = folder.file("canary")
    let files = try made("make_hostile.py", canary)
    let limited = #"ulimit -v 1500000; ulimit -t 10; exec "$@""#
    for file in files {
      // Only reading every byte finds a damaged one, and to inspect is not to read.
      let tools: [(arguments: [String], statuses: Set<Int32>)] = [
        (["ballast-verify", file.path], [1, 65, 66]),
        (["ballast-inspect", file.path, "--stats"], [0, 65, 66]),
        (["ballast-convert", file.path, folder.file("out.h5")], [65, 66]),
      ]
      for (arguments, statuses) in tools {
        let tool = "\(Command.buildFolder)/\(arguments[0])"
        let command = try Command.run(
          "/bin/sh", ["-c", limited, "sh", tool] + arguments.dropFirst())
        #expect(
          statuses.contains(command.status),
          "\(arguments[0]) \(file.name): \(command.status) \(command.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("out.h5")), "\(file.name)")
        try? FileManager.default.removeItem(atPath: folder.file("out.h5"))
      }
    }
    #expect(!FileManager.default.fileExists(atPath: canary))
  }

  // MARK: - Odd

  @Test(arguments: [Access.mapped, .verified])
  func whatIsOddIsReadRight(_ reading: Access) throws {
    let files = try made("make_odd.py")
    #expect(files.count >= 150)
    for file in files {
      do {
        let opened = try OpenedCheckpoint(file.path, access: reading)
        let tensors = opened.checkpoint.state.entries.mapValues { tensor($0.array) }
        let expected = file.tensors ?? [:]
        #expect(
          Set(tensors.keys) == Set(expected.keys), "\(file.name): \(tensors.keys.prefix(9))")
        for (key, tensor) in expected {
          #expect(tensors[key] == tensor, "\(file.name): \(key.prefix(20))")
        }
        let problems = try Verification(file.path).problems
        #expect(problems.isEmpty, "\(file.name): \(problems)")
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
  }

  /// From the libraries of four formats into every format that holds any checkpoint.
  @Test(arguments: MatrixTests.written) func whatIsOddGoesEverywhere(_ format: FileFormat) throws {
    var options = WriteOptions()
    options.isDurable = false
    options.overwrite = .replace
    let path = folder.file("out.\(format.endings.first ?? "")")
    for file in try made("make_odd.py") {
      // A folder is not put over one that holds something.
      try? FileManager.default.removeItem(atPath: path)
      do {
        let first = try OpenedCheckpoint(file.path)
        let summary = try first.checkpoint.write(to: path, format: format, options: options)
        let second = try OpenedCheckpoint(path)
        #expect(second.format == format, "\(file.name)")
        let comparison = try CheckpointComparison(
          first.checkpoint, second.checkpoint, extent: .everything)
        for (name, difference) in comparison.differences {
          #expect(
            summary.losses.contains { $0.explains(difference, of: name) },
            "\(file.name): \(name.prefix(40)): \(difference)")
        }
      } catch {
        Issue.record("\(file.name): \(error)")
      }
    }
  }

  private func tensor(_ array: NDArray) -> Made.Tensor {
    Made.Tensor(
      dtype: array.dtype.rawValue, shape: array.shape.dimensions,
      hex: array.withContiguousBytes { bytes in
        let digits = Array("0123456789abcdef".utf8)
        return String(
          decoding: [UInt8](copying: bytes).flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
          }, as: UTF8.self)
      })
  }
}
