import Foundation
import TestSupport
import Testing

#if os(Linux)
  /// A file is opened once however many look at it, and what tells of its structure is read once.
  @Suite struct ReadCountTests {
    let bench: Workbench

    init() throws { bench = try Workbench() }

    @Test(arguments: [
      "in.pth", "in.safetensors", "in.gguf", "in.onnx", "in.mat", "in.npz", "in.h5", "packed.h5",
      "in.keras",
    ])
    func aFileIsOpenedOnce(_ name: String) throws {
      let source = name.hasSuffix("keras") ? Workbench.keras("image.keras") : Workbench.sample
      let options = name.hasPrefix("packed") ? ["--compress", "4"] : []
      let made = try Command.tool(
        "ballast-convert", [source, name, "--quiet"] + options, in: bench.folder.path)
      try #require(made.status == 0, "\(made.errors)")
      let bytes = try bench.folder.bytes(name)
      let directory = Self.directory(of: bytes)
      let watch = try WatchedReads(bench)
      let other = name.hasSuffix("h5") ? "out.pth" : "out.h5"
      for command in [
        ["verify", name], ["convert", name, other, "--quiet"], ["inspect", name],
        ["inspect", name, "--facts"], ["load", name, "--model", "mlp(2,3,4)", "--no-strict"],
      ] {
        let (result, events) = try watch.run(
          command[0], Array(command.dropFirst()), watching: name)
        #expect([0, 1].contains(result.status), "\(command): \(result.errors)")
        #expect(events.count { $0.kind == "open" } == 1, "\(command)")
        let beginnings = events.filter { $0.kind == "read" && $0.offset + $0.byteCount <= 1024 }
        #expect(beginnings.map(\.byteCount) == [1024], "\(command)")
        guard let directory else { continue }
        let reads = events.filter {
          $0.kind == "read" && $0.offset == directory.lowerBound && $0.byteCount == directory.count
        }
        #expect(reads.count == 1, "\(command)")
      }
    }

    /// Where the central directory of an archive is, by the end record; nil of another file.
    private static func directory(of bytes: [UInt8]) -> Range<Int>? {
      guard bytes.starts(with: [0x50, 0x4B, 3, 4]) else { return nil }
      func number(at position: Int) -> Int {
        bytes[position..<position + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      let end = bytes.count - 22
      let start = number(at: end + 16)
      return start..<start + number(at: end + 12)
    }
  }
#endif
