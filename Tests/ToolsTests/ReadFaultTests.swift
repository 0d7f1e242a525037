import Arrays
import Files
import Foundation
import HDF5
import TestSupport
import Testing

#if os(Linux)
  /// A disk that fails is told as such, at whichever read: what could not be read is not damaged, nor
  /// of another format, and nothing comes of a part of it.
  @Suite struct ReadFaultTests {
    let bench: Workbench
    private let watch: WatchedReads

    init() throws {
      bench = try Workbench()
      watch = try WatchedReads(bench)
    }

    /// A file of each format, and of each way in which one is made.
    static let files = [
      "plain.pth", "deflated.pth", "legacy.pth", "tar.pth", "bare2.pth", "script.pth", "own.pth",
      "image.keras", "own.keras", "image.weights.h5", "image.h5", "chunked.h5", "own.h5",
      "packed.h5", "own.safetensors", "parts.safetensors.index.json", "own.npz", "packed.npz",
      "arrays.npy", "datasets.h5",
    ]

    /// What is run on each, with the file in the place of `FILE`.
    static let commands = [
      ["inspect", "FILE"], ["inspect", "FILE", "--stats"], ["inspect", "FILE", "--facts"],
      ["verify", "FILE"], ["convert", "FILE", "out.npz", "--quiet"],
      ["convert", "FILE", "out.npz", "--quiet", "--no-verify"],
      ["load", "FILE", "--model", "mlp(2,3,4)", "--no-strict"],
    ]

    /// Makes one of the files.
    ///
    /// - Returns: What is to be watched: the file, or the folder that it is in.
    private func make(_ name: String) throws -> String {
      let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../InterchangeTests/Fixtures").standardized.path
      for folder in ["pytorch", "keras"] {
        let path = "\(fixtures)/\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        try FileManager.default.copyItem(atPath: path, toPath: bench.folder.file(name))
        return name
      }
      var source = Workbench.sample
      var options: [String] = []
      var watched = name
      switch name {
      case "own.keras": source = Workbench.keras("image.keras")
      case "packed.h5", "packed.npz": options = ["--compress", "4"]
      case "parts.safetensors.index.json":
        // The parts beside the index are watched with it.
        try FileManager.default.createDirectory(
          atPath: bench.folder.file("parts"), withIntermediateDirectories: false)
        let made = try bench.run(
          "convert", source, "parts/parts.safetensors", "--shard-size", "16KB", "--quiet")
        try #require(made.status == 0, "\(made.errors)")
        return "parts"
      case "arrays.npy":
        options = ["--to", "numpy"]
        watched = "arrays"
      case "datasets.h5":
        try makePlain(name)
        return name
      default: break
      }
      let made = try Command.tool(
        "ballast-convert", [source, watched, "--quiet"] + options, in: bench.folder.path)
      try #require(made.status == 0, "\(made.errors)")
      return watched
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
      try bench.folder.write(blueprint.structure().withBytes { Array($0) }, to: name)
    }

    @Test(arguments: files)
    func everyReadThatFailsIsAnErrorOfTheDisk(_ name: String) throws {
      let watched = try make(name)
      let file = watched == "parts" ? "parts/\(name)" : watched
      let before = bench.folder.names
      for command in Self.commands {
        let arguments = command.dropFirst().map { $0 == "FILE" ? file : $0 }
        let what = "\(command.joined(separator: " ")), \(name)"
        var number = 0
        while true {
          number += 1
          let (result, events) = try watch.run(
            command[0], arguments, watching: watched, failing: number)
          guard events.contains(where: { $0.kind == "fail" }) else {
            // All reads have had their turn. A model that the file is not of is refused.
            #expect([0, 1].contains(result.status), "\(what): \(result.errors)")
            // Of a folder of arrays there is nothing to tell that takes a read.
            #expect(
              number > 1 || watched == "arrays" && command.contains("--facts"),
              "\(what): nothing was read")
            break
          }
          #expect(result.status == 74, "\(what), read \(number): \(result.errors)")
          #expect(
            result.errors.contains("nput/output error"),
            "\(what), read \(number): \(result.errors)")
          #expect(!result.errors.contains("damaged"), "\(what), read \(number)")
          #expect(bench.folder.names == before, "\(what), read \(number)")
        }
        try? FileManager.default.removeItem(atPath: bench.folder.file("out.npz"))
      }
    }
  }
#endif
