import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import PyTorchFiles
import TestSupport
import Testing

/// Inputs that are missing, something else, damaged or hostile.
@Suite struct InputTests {
  static let tools = ["convert", "verify", "inspect"]
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Runs a tool on an input; where it wants an output, that is `out.h5`.
  private func run(_ tool: String, on input: String) throws -> Command {
    try Command.tool(
      "ballast-\(tool)", [input] + (tool == "convert" ? ["out.h5"] : []), in: bench.folder.path)
  }

  @Test(arguments: tools)
  func whatCannotBeOpenedIsNamed(_ tool: String) throws {
    expectRefusal(try run(tool, on: "none.pth"), 66, "none.pth")
    expectRefusal(try run(tool, on: "none/a.pth"), 66, "none/a.pth")
    #expect(mkfifo(bench.folder.file("pipe"), 0o600) == 0)
    expectRefusal(try run(tool, on: "pipe"), 65, "pipe", "not a regular file")
    expectRefusal(try run(tool, on: "/dev/zero"), 65, "/dev/zero", "not a regular file")
    expectRefusal(try run(tool, on: "."), 65, "it is a folder")
    symlink("loop", bench.folder.file("loop"))
    expectRefusal(try run(tool, on: "loop"), 66, "loop")
    #expect(bench.folder.names == ["loop", "pipe"])
  }

  static let impostors: [(name: String, content: [UInt8], word: String)] = [
    ("empty.pth", [], "empty"),
    ("text.pth", Array("hello\n".utf8), "text"),
    ("page.pth", Array("<!DOCTYPE html><html><body>404</body></html>".utf8), "web page"),
    ("packed.pth", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "gzip"),
    ("seven.pth", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    ("pointer.pth", Array("version https://git-lfs.github.com/spec/v1\n".utf8), "git-lfs"),
    ("zeros.pth", [UInt8](repeating: 0, count: 4096), "not a checkpoint"),
  ]

  @Test(arguments: tools)
  func whatIsSomethingElseIsRecognised(_ tool: String) throws {
    for (name, content, word) in Self.impostors {
      try bench.folder.write(content, to: name)
      expectRefusal(try run(tool, on: name), 65, name, word)
    }
    #expect(bench.litter(besides: "out.h5").count == Self.impostors.count)
  }

  @Test func aFileOfNothingButASignatureIsDamaged() throws {
    try bench.folder.write([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], to: "head.h5")
    expectRefusal(try run("convert", on: "head.h5"), 65, "head.h5")
    expectRefusal(try run("inspect", on: "head.h5"), 65, "head.h5")
    let verify = try run("verify", on: "head.h5")
    #expect(verify.status == 1)
    #expect(verify.output.hasPrefix("head.h5 is damaged"))
  }

  @Test(arguments: tools)
  func aPickleThatAsksForAProgramIsRefused(_ tool: String) throws {
    // cos\nsystem: what pickle.dumps writes, in protocol 0, for an object whose __reduce__ gives
    // os.system and a command.
    let pickle = "cos\nsystem\n(S'touch OWNED'\ntR."
    try bench.folder.write(pickle.utf8, to: "evil.pth")
    expectRefusal(try run(tool, on: "evil.pth"), 65, "evil.pth", "os.system", "nothing was run")
    #expect(bench.folder.names == ["evil.pth"])
  }

  @Test func everyTruncationOfTheSampleIsRefused() throws {
    let bytes = try Data(contentsOf: URL(filePath: Workbench.sample))
    let path = try bench.folder.write(bytes, to: "cut.pth")
    for length in (0..<bytes.count).reversed() {
      try #require(truncate(path, off_t(length)) == 0)
      let error = #expect(throws: CheckpointError.self) {
        try PyTorchFile(path).read()
      }
      #expect([.damaged, .notThisFormat].contains(error?.code), "\(length) bytes")
    }
  }

  @Test func aTruncatedSampleIsStatus65() throws {
    let bytes = try Data(contentsOf: URL(filePath: Workbench.sample))
    for length in stride(from: 0, to: bytes.count, by: 1511) {
      try bench.folder.write(bytes.prefix(length), to: "cut.pth")
      expectRefusal(try run("convert", on: "cut.pth"), 65, "cut.pth")
      #expect(bench.folder.names == ["cut.pth"])
    }
  }

  @Test func aDamagedInputIsNotConvertedUnlessAsked() throws {
    let weight = NDArray((0..<100_000).map(Float.init))
    try bench.write(["w": weight, "v": .init(Float(1))], to: "in.h5")
    var bytes = try bench.folder.bytes("in.h5")
    let place = try #require(bytes.firstRange(of: weight.bytes))
    bytes[place.lowerBound + 77_777] ^= 4
    try bench.folder.write(bytes, to: "in.h5")
    expectRefusal(try run("convert", on: "in.h5"), 65, "in.h5 (w): ", "--no-verify")
    #expect(bench.folder.names == ["in.h5"])
    #expect(try bench.run("convert", "in.h5", "out.h5", "--no-verify").status == 0)
    #expect(try bench.read("out.h5").state["w"]?.bytes == Array(bytes[place]))
  }

  @Test func aDamagedTensorOfAPyTorchFileIsNamed() throws {
    try bench.convertedSample(to: "a.h5")
    let weight = try #require(try bench.read("a.h5").state["classifier.weight"]).bytes
    var bytes = Array(try Data(contentsOf: URL(filePath: Workbench.sample)))
    let place = try #require(bytes.firstRange(of: weight))
    bytes[place.lowerBound + 5] ^= 1
    try bench.folder.write(bytes, to: "in.pth")
    expectRefusal(try run("convert", on: "in.pth"), 65, "in.pth", "classifier.weight", "checksum")
    let verify = try run("verify", on: "in.pth")
    #expect(verify.status == 1)
    #expect(verify.output.contains("classifier.weight"))
    #expect(try bench.run("convert", "in.pth", "out.h5", "--no-verify").status == 0)
    let expected = Array(bytes[place])
    #expect(try bench.read("out.h5").state["classifier.weight"]?.bytes == expected)
  }
}
