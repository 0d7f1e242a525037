import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

#if os(Linux)
  /// What someone cuts short while a tool has it mapped is an error of reading, and no signal.
  @Suite struct CutFileTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test(arguments: [
      "inspect FILE --stats", "verify FILE other.h5", "verify other.h5 FILE",
      "convert FILE out.npz", "convert FILE out.pth", "convert FILE out.h5 --compress 1",
    ])
    func aFileThatShrinksIsAnErrorOfReading(_ command: String) throws {
      let state: StateDict = ["w": NDArray((0..<300_000).map(Float.init))]
      try Checkpoint(state: state).write(to: bench.folder.file("other.h5"), format: .ballast)
      try Checkpoint(state: state).write(to: bench.folder.file("cut.h5"), format: .ballast)
      let words = command.split(separator: " ").map { $0 == "FILE" ? "cut.h5" : String($0) }
      let errors = try run(words, cutting: "cut.h5")
      #expect(errors.contains("it ends at byte"))
    }

    /// What is in another order in the file is read from the mapping itself, which is a signal.
    @Test func aPageThatIsGoneIsToldOf() throws {
      let whole = NDArray((0..<300_000).map(Float.init)).reshaped(to: [500, 600])
      let turned = NDArray(
        storage: whole.storage, dtype: .float32,
        layout: Layout(shape: [600, 500], strides: [1, 600], offset: 0))
      try Checkpoint(state: ["turned": turned, "whole": whole])
        .write(to: bench.folder.file("cut.pth"), format: .pytorch)
      let errors = try run(["inspect", "cut.pth", "--stats"], cutting: "cut.pth")
      #expect(errors.contains("was cut short meanwhile"))
    }

    /// Runs a tool that loses a file as soon as it has mapped it, which has to be an error of reading
    /// and leave nothing.
    ///
    /// - Returns: What it says.
    private func run(_ words: [String], cutting name: String) throws -> String {
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/cut_mapping.c").path
      let library = bench.folder.file("cut_mapping.so")
      let compiled = try Command.run(
        "/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source])
      try #require(compiled.status == 0, "\(compiled.errors)")
      let before = bench.folder.names
      let result = try Command.run(
        "\(Command.buildFolder)/ballast-\(words[0])", Array(words.dropFirst()),
        in: bench.folder.path,
        environment: ["LD_PRELOAD": library, "CUT_PATH": bench.folder.file(name)])
      #expect(result.status == 74, "\(result.status): \(result.errors)")
      #expect(bench.folder.names == before)
      return result.errors
    }
  }
#endif
