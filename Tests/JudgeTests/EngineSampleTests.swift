import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// A few of PyTorch's own samples of each operation, module, optimizer and scheduler. All of them are
/// judged by `Tools/scripts/judge-engine`; `fixture.py` beside its sources makes these.
@Suite struct EngineSampleTests {
  @Test func answersAsPyTorchDoes() throws {
    let samples = try unpacked()
    let judged = try Command.tool(
      "judge-engine",
      ["judge", samples.path, "--rules", Self.rules, "--report", samples.file("report")])
    #expect(judged.status == 0, "\(judged.output)\(judged.errors)")
    // What judges nothing finds nothing.
    #expect(try count("right", in: judged.output) > 1500, "\(judged.output)")
  }

  @Test func noticesAnotherAnswer() throws {
    let folder = try TemporaryFolder()
    let archive = try ZipArchive(InputFile(Self.fixture))
    let entry = try #require(archive["schedulers/all.safetensors"])
    var bytes = try archive.bytes(of: entry, limit: 1 << 24)
    // Another learning rate in what PyTorch answered, in as many digits.
    let place = try #require(bytes.firstRange(of: Array("[[0.1,0.9,".utf8))?.lowerBound)
    bytes[place + 4] = UInt8(ascii: "3")
    try FileManager.default.createDirectory(
      atPath: folder.file("schedulers"), withIntermediateDirectories: true)
    try folder.write(bytes, to: "schedulers/all.safetensors")
    let judged = try Command.tool("judge-engine", ["judge", folder.path])
    #expect(judged.status == 1, "\(judged.output)\(judged.errors)")
    #expect(judged.output.contains("WRONG beyond what is known: 1 samples."), "\(judged.output)")
  }

  private static let fixture = TestTarget.folder().appending(path: "Fixtures/samples.zip").path
  private static let rules = TestTarget.folder().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Tools/Judges/Engine").path

  /// A folder with the samples.
  private func unpacked() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let archive = try ZipArchive(InputFile(Self.fixture))
    for entry in archive.entries {
      let kind = try #require(entry.name.split(separator: "/").first)
      try FileManager.default.createDirectory(
        atPath: folder.file(String(kind)), withIntermediateDirectories: true)
      try folder.write(try archive.bytes(of: entry, limit: 1 << 24), to: entry.name)
    }
    return folder
  }

  /// The sum of a column of the counts, over all kinds.
  private func count(_ column: String, in output: String) throws -> Int {
    var place = 0
    return output.split(separator: "\n").reduce(0) { sum, line in
      let cells = line.split(separator: " ")
      if cells.first == "group" { place = cells.firstIndex { $0 == column } ?? 0 }
      return cells.first == "all" && place < cells.count ? sum + (Int(cells[place]) ?? 0) : sum
    }
  }
}
