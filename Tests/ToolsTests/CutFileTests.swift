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
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Peers/cut_mapping.c").path
      let library = bench.folder.file("cut_mapping.so")
      let compiled = try Command.run(
        "/usr/bin/env", ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", library, source])
      try #require(compiled.status == 0, "\(compiled.errors)")
      let state: StateDict = ["w": NDArray((0..<300_000).map(Float.init))]
      try Checkpoint(state: state).write(to: bench.folder.file("other.h5"), format: .ballast)
      try Checkpoint(state: state).write(to: bench.folder.file("cut.h5"), format: .ballast)
      let before = bench.folder.names

      let words = command.split(separator: " ").map { $0 == "FILE" ? "cut.h5" : String($0) }
      let result = try Command.run(
        "\(Command.buildFolder)/ballast-\(words[0])", Array(words.dropFirst()),
        in: bench.folder.path,
        environment: ["LD_PRELOAD": library, "CUT_PATH": bench.folder.file("cut.h5")])
      #expect(result.status == 74, "\(result.status): \(result.errors)")
      #expect(result.errors.contains("cut short") || result.errors.contains("it ends at byte"))
      #expect(bench.folder.names == before)
    }
  }
#endif
