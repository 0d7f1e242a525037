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
      try writeTurned(500)
      let errors = try run(["inspect", "cut.pth", "--stats"], cutting: "cut.pth")
      #expect(errors.contains("was cut short meanwhile"))
    }

    /// What is missing of the last page reads as zeros, without a signal.
    @Test(arguments: [
      "inspect cut.pth --stats", "inspect cut.pth --tensor turned", "convert cut.pth out.npz",
      "convert cut.pth out.h5", "convert cut.pth out.safetensors --no-verify",
      "convert cut.pth out.h5 --no-verify --compress 1",
      "convert cut.pth out.npz --no-verify --compress 1",
      "convert cut.pth out.npz --no-verify --dtype float16 --saturate",
      "convert cut.pth out.npz --no-verify --map-file cast.json",
    ])
    func theEndOfAPageThatIsGoneIsToldOf(_ command: String) throws {
      let size = try writeCut()
      let errors = try run(
        command.split(separator: " ").map(String.init), cutting: "cut.pth", to: size)
      #expect(errors.contains("it was cut short to \(size) bytes"), "\(errors)")
    }

    /// Also after it was looked at once: all of the file was compared with its checksums when it was
    /// opened.
    @Test(arguments: [
      "verify cut.pth other.npz", "verify other.npz cut.pth", "verify cut.pth --manifest",
    ])
    func whatIsGoneLaterIsToldOf(_ command: String) throws {
      let size = try writeCut()
      let errors = try run(
        command.split(separator: " ").map(String.init), cutting: "cut.pth", to: size,
        when: ["CUT_LOOKS": "2"])
      #expect(errors.contains("it was cut short to \(size) bytes"), "\(errors)")
    }

    /// A file that is written anew in place has its length again.
    @Test(arguments: ["inspect cut.pth --stats", "convert cut.pth out.npz --no-verify"])
    func aFileThatIsWrittenMeanwhileIsToldOf(_ command: String) throws {
      let size = try writeCut()
      let errors = try run(
        command.split(separator: " ").map(String.init), cutting: "cut.pth", to: size,
        when: ["CUT_BACK": "\(try byteCount("cut.pth"))"])
      #expect(errors.contains("it was changed while it was being read"), "\(errors)")
    }

    /// Writes `cut.pth`, with a matrix whose elements are in another order, and what else there is to a
    /// command.
    ///
    /// - Returns: How many bytes are left when it is cut within its last page.
    private func writeCut() throws -> Int {
      // The file ends late in a page, so that there are values in what is cut off.
      let page = sysconf(Int32(_SC_PAGESIZE))
      var rows = 500
      try writeTurned(rows)
      while try byteCount("cut.pth") % page < 3072 {
        rows += 1
        try writeTurned(rows)
      }
      let state = try OpenedCheckpoint(bench.folder.file("cut.pth")).checkpoint.state
      try Checkpoint(state: state).write(to: bench.folder.file("other.npz"), format: .numpy)
      try Data(
        #"{"ballast_mapping": 1, "rules": [{"cast": "turned", "dtype": "float64"}]}"#.utf8
      ).write(to: URL(filePath: bench.folder.file("cast.json")))
      let size = try byteCount("cut.pth")
      return size - size % page + 1
    }

    private func byteCount(_ name: String) throws -> Int {
      try #require(
        FileManager.default.attributesOfItem(atPath: bench.folder.file(name))[.size] as? Int)
    }

    /// Writes `cut.pth`, with a matrix that is the transpose of what is in memory.
    private func writeTurned(_ rows: Int) throws {
      let whole = NDArray((0..<rows * 600).map { Float($0 + 1) }).reshaped(to: [rows, 600])
      let turned = NDArray(
        storage: whole.storage, dtype: .float32,
        layout: Layout(shape: [600, rows], strides: [1, 600], offset: 0))
      try Checkpoint(state: ["turned": turned])
        .write(to: bench.folder.file("cut.pth"), format: .pytorch)
    }

    /// Runs a tool that loses a file as soon as it has mapped it, which has to be an error of reading
    /// and leave nothing.
    ///
    /// - Returns: What it says.
    private func run(
      _ words: [String], cutting name: String, to size: Int = 64, when: [String: String] = [:]
    ) throws -> String {
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
        environment: [
          "LD_PRELOAD": library, "CUT_PATH": bench.folder.file(name), "CUT_SIZE": "\(size)",
        ].merging(when) { $1 })
      #expect(result.status == 74, "\(result.status): \(result.errors)")
      #expect(bench.folder.names == before)
      return result.errors
    }
  }
#endif
