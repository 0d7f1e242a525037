import Arrays
import Checkpoints
import Files
import Foundation
import HDF5
import Interchange
import States
import TestSupport
import Testing

#if os(Linux)
  /// Every call by which a tool uses files fails, one at a time, in whatever it does with each format.
  ///
  /// What fails is told, as a failure of reading or writing and not as damage; the old file stays whole,
  /// and nothing is left beside it. A call that is interrupted, or does a part of what it should, is not
  /// noticed at all.
  @Suite struct FaultTests {
    let bench: Workbench

    init() throws {
      bench = try Workbench()
      try FileManager.default.createDirectory(
        atPath: bench.folder.file("place"), withIntermediateDirectories: false)
    }

    // MARK: - What is run

    /// What is written, with the arguments behind the input; `out` is what takes its place.
    static let outputs = [
      "place/out.h5", "place/out.h5 --compress 4", "place/out.pth", "place/out.safetensors",
      "place/out.safetensors.index.json --shard-size 1KB", "place/out.npz",
      "place/out.npz --compress 4", "place/out.gguf", "place/out.onnx",
      "place/out.mat", "place/out.mat --compress 4",
      "place/out --to numpy", "place/out --to huggingface",
      "place/out --to huggingface --shard-size 1KB",
      "place/out --to huggingface --shard-size 1KB --weights bin", "place/out.keras",
      "place/out.weights.h5", "place/out.h5 --to keras-legacy", "place/out --to torch-dcp",
    ]

    @Test(arguments: outputs, [false, true])
    func writingIsWholeOrNotAtAll(_ output: String, isThere: Bool) throws {
      var arguments = output.split(separator: " ").map(String.init)
      let isKeras = output.contains("keras") || output.contains("weights.h5")
      // Only an empty folder of arrays is replaced.
      if isThere && (output.contains("numpy") || output.contains("torch-dcp")) { return }
      let (old, new) =
        try isKeras ? (Workbench.keras("image.keras"), "in.keras") : inputs()
      if isKeras {
        try FileManager.default.copyItem(
          atPath: old, toPath: bench.folder.file("in.keras"))
      }
      if isThere {
        let made = try Command.tool(
          "ballast-convert", [old] + arguments + ["--quiet"], in: bench.folder.path)
        try #require(made.status == 0, "\(made.errors)")
        arguments.append("--overwrite")
      }
      try failEach("convert", [new] + arguments)
    }

    /// A file of each format, and of each way in which one is made.
    static let files = [
      "minimal.pth", "deflated.pth", "legacy.pth", "tar.pth", "bare2.pth", "script.pth", "own.pth",
      "image.keras", "own.keras", "image.weights.h5", "image.h5", "chunked.h5", "own.h5",
      "packed.h5", "own.safetensors", "parts.safetensors.index.json", "own.npz", "packed.npz",
      "own.gguf", "own.onnx", "own.mat", "arrays", "datasets.h5", "repository",
    ]

    /// What is run on each, with the file in the place of `FILE`.
    static let commands = [
      "inspect FILE --stats", "inspect FILE --facts", "verify FILE",
      "convert FILE place/out.npz --quiet", "load FILE --model mlp(2,3,4) --no-strict",
    ]

    @Test(arguments: files)
    func whatCannotBeReadIsToldAsSuch(_ name: String) throws {
      let file = try make(name)
      // A copy that is thrown away is written as any other.
      let copies = name == "own.h5" ? ["verify --round-trip FILE", "verify FILE FILE"] : []
      for command in Self.commands + copies {
        let words = command.split(separator: " ").map { $0 == "FILE" ? file : String($0) }
        // What writing does is the same whatever was read.
        try failEach(words[0], Array(words.dropFirst())) { !Self.isOutput($0.path) }
      }
    }

    // MARK: - How it fails

    /// The errors that a call may give, which take turns.
    private static func errors(of call: String) -> [Int32] {
      switch call {
      case "open", "opendir", "fdopendir": [EMFILE, EIO]
      case "create": [ENOSPC, EMFILE, EIO]
      case "write", "pwrite", "posix_fallocate", "fsync", "rename", "link", "mkdir", "mkdtemp":
        [ENOSPC, EIO]
      case "mmap": [ENOMEM]
      case "pipe": [EMFILE]
      case "pthread_create": [EAGAIN]
      default: [EIO]
      }
    }

    private static let canBeInterrupted: Set = [
      "open", "create", "read", "pread", "write", "pwrite", "fsync", "posix_fallocate", "flock",
      "close",
    ]
    private static let canBeShort: Set = ["read", "pread", "write", "pwrite"]

    /// Whether a call is made for a good end that the work does not depend on: locks, leftovers of
    /// others, rights, a head start for the disk, a thread that waits for signals.
    private static func isCourtesy(_ call: FailingCalls.Call) -> Bool {
      switch call.name {
      case "close", "flock", "fchmod", "sync_file_range", "pipe", "pthread_create": true
      case "open":
        call.path == "/dev/null" || Self.isOutput(call.path)
          || call.path.contains(".ballast-scratch")
      // Whether there is something that the new file must not replace, which giving it its name finds
      // out too.
      case "lstat": true
      case "stat", "fstat": call.path.contains(".partial-")
      case "opendir", "readdir", "fdopendir":
        Self.isOutput(call.path) || call.path.contains(".ballast-scratch")
      default: false
      }
    }

    /// Whether a path is that of the folder of the outputs, or in it.
    private static func isOutput(_ path: String) -> Bool {
      path.hasPrefix("place") || path.contains("/place/") || path.hasSuffix("/place")
    }

    /// Runs a tool as often as it makes calls, and lets each fail in every way.
    ///
    /// - Parameter isMeant: Which of the calls.
    private func failEach(
      _ tool: String, _ arguments: [String],
      where isMeant: (FailingCalls.Call) -> Bool = { _ in true }
    ) throws {
      let executable = "\(Command.buildFolder)/ballast-\(tool)"
      let what = "\(tool) \(arguments.joined(separator: " "))"
      let before = try contents()
      let (sound, calls) = try FailingCalls.run(executable, arguments, in: bench.folder)
      // A model that the file is not of is refused.
      try #require([0, 1].contains(sound.status), "\(what): \(sound.errors)")
      let after = try contents()
      var turns: [String: Int] = [:]
      var count = 0
      for (index, call) in calls.enumerated()
      where isMeant(call) && !call.path.contains("/libexec/swift") {
        let errors = Self.errors(of: call.name)
        let turn = turns[call.name, default: 0]
        turns[call.name] = turn + 1
        var failures = [FailingCalls.Failure.error(errors[turn % errors.count])]
        // That is the same whoever reads or writes.
        if tool == "convert" {
          if Self.canBeInterrupted.contains(call.name) { failures.append(.error(EINTR)) }
          if Self.canBeShort.contains(call.name) { failures.append(.short) }
        }
        for failure in failures {
          if try contents() != before { try restore(before) }
          let (result, made) = try FailingCalls.run(
            executable, arguments, in: bench.folder, failing: (index + 1, failure))
          // What several threads do comes in another order each time.
          guard let failed = made.firstIndex(where: \.hasFailed) else { continue }
          count += 1
          let now = try contents()
          let place = "\(what): \(call.name) \(call.path), number \(index + 1), \(failure.text)"
          expect(
            result, now, [before, after], sound, made[failed], failure,
            isNamed: made[..<failed].contains { $0.name == "rename" || $0.name == "link" }, place)
        }
      }
      if try contents() != before { try restore(before) }
      #expect(count >= 5, "\(what): hardly a call failed")
      try Self.note(count, what)
    }

    /// Writes down how many calls failed, if the environment variable `BALLAST_FAULT_LOG` says where.
    private static func note(_ count: Int, _ what: String) throws {
      guard let path = ProcessInfo.processInfo.environment["BALLAST_FAULT_LOG"] else { return }
      let line = "\(count)\t\(what)\n"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
      try #require(descriptor >= 0 && write(descriptor, line, line.utf8.count) == line.utf8.count)
      close(descriptor)
    }

    /// - Parameters:
    ///   - states: What was there before, and what is there when all goes well.
    ///   - isNamed: Whether an output may have its place already.
    private func expect(
      _ result: Command, _ now: Contents, _ states: [Contents], _ sound: Command,
      _ call: FailingCalls.Call, _ failure: FailingCalls.Failure, isNamed: Bool, _ place: String
    ) {
      if failure == .short || failure == .error(EINTR) {
        #expect(result.status == sound.status, "\(place): \(result.errors)")
        #expect(result.output == sound.output, "\(place)")
        #expect(now == states[1], "\(place)")
        return
      }
      guard case .error(let number) = failure else { return }
      if ["unlink", "rmdir"].contains(call.name) {
        // What cannot be removed stays, under a name that the next one to write removes.
        #expect(result.status == sound.status, "\(place): \(result.errors)")
        #expect(Self.visible(now) == Self.visible(states[1]), "\(place)")
        return
      }
      if call.path.hasSuffix("/errors") {
        // There is nowhere left to say so.
        #expect(result.status == sound.status && now == states[1], "\(place)")
        return
      }
      if result.status == sound.status, Self.isCourtesy(call) {
        #expect(now == states[1], "\(place)")
        return
      }
      #expect(result.status == 74, "\(place): \(result.errors)")
      #expect(
        result.errors.contains(String(cString: strerror(number))), "\(place): \(result.errors)")
      #expect(!result.errors.contains("damaged"), "\(place): \(result.errors)")
      // The old file is there; or the new one, if it was only the report or the folder that failed.
      #expect(now == states[0] || isNamed && now == states[1], "\(place)")
    }

    /// Without what is hidden.
    private static func visible(_ contents: Contents) -> Contents {
      contents.filter { !$0.key.contains("/.") && !$0.key.hasPrefix(".") }
    }

    // MARK: - What is there

    /// All files in the folder, with what is in them.
    private typealias Contents = [String: Data]

    private func contents() throws -> Contents {
      var contents: Contents = [:]
      let folder = URL(filePath: bench.folder.path)
      for name in try FileManager.default.subpathsOfDirectory(atPath: bench.folder.path) {
        let file = folder.appending(path: name)
        contents[name] = (try? Data(contentsOf: file)) ?? Data()
      }
      return contents
    }

    private func restore(_ contents: Contents) throws {
      let place = bench.folder.file("place")
      for name in bench.folder.names where contents[name] == nil {
        try FileManager.default.removeItem(atPath: bench.folder.file(name))
      }
      try FileManager.default.removeItem(atPath: place)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
      for (name, bytes) in contents.sorted(by: { $0.key < $1.key }) where name.hasPrefix("place/") {
        let isFolder = contents.keys.contains { $0.hasPrefix(name + "/") }
        if isFolder {
          try FileManager.default.createDirectory(
            atPath: bench.folder.file(name), withIntermediateDirectories: false)
        } else {
          try bench.folder.write(bytes, to: name)
        }
      }
    }
  }

  // MARK: - Inputs

  extension FaultTests {
    /// Two checkpoints of a few tensors, with other numbers.
    private func inputs() throws -> (old: String, new: String) {
      for (name, number) in [("old.h5", Float(1)), ("new.h5", 2)] {
        try bench.write(
          [
            "a.weight": NDArray([Float](repeating: number, count: 300)),
            "a.bias": NDArray([number, number]), "b.weight": NDArray([number]),
          ], to: name)
      }
      return ("old.h5", "new.h5")
    }

    /// Makes a file that is read.
    private func make(_ name: String) throws -> String {
      let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../InterchangeTests/Fixtures").standardized.path
      for folder in ["pytorch", "keras"] {
        let path = "\(fixtures)/\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        try FileManager.default.copyItem(atPath: path, toPath: bench.folder.file(name))
        return name
      }
      if name == "datasets.h5" {
        try makePlain(name)
        return name
      }
      let source = try name == "own.keras" ? Workbench.keras("image.keras") : inputs().new
      var path = name
      var options: [String] = []
      switch name {
      case "packed.h5", "packed.npz": options = ["--compress", "4"]
      case "parts.safetensors.index.json":
        // The parts beside the index are watched with it.
        try FileManager.default.createDirectory(
          atPath: bench.folder.file("parts"), withIntermediateDirectories: false)
        path = "parts/\(name)"
        options = ["--shard-size", "1KB"]
      case "arrays": options = ["--to", "numpy"]
      case "repository": options = ["--to", "huggingface", "--shard-size", "1KB"]
      default: break
      }
      let made = try Command.tool(
        "ballast-convert", [source, path, "--quiet"] + options, in: bench.folder.path)
      try #require(made.status == 0, "\(made.errors)")
      return path
    }

    /// HDF5 that nobody described: datasets, and attributes that are texts.
    private func makePlain(_ name: String) throws {
      var blueprint = HDF5Blueprint()
      let text = HDF5Datatype.string(
        .init(.fixed(bytes: 5), padding: .nullPadded, characterSet: .ascii))
      try blueprint.addAttribute("note", text, Array("hello".utf8), to: .root)
      let group = try blueprint.addGroup("layer", in: .root)
      let bytes = [UInt8](repeating: 1, count: 4 * 6)
      for name in ["bias", "weight"] {
        _ = try blueprint.addDataset(name, .float32, .shape([6]), .bytes(bytes), in: group)
      }
      _ = try blueprint.addDataset(
        "comment", text, .scalar, .bytes(Array("world".utf8)), in: .root)
      try bench.folder.write(blueprint.structure().withBytes { [UInt8](copying: $0) }, to: name)
    }
  }
#endif
