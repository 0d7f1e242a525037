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

  /// A judge that passes over something would find most of these right.
  @Test(arguments: [
    ("values", 850), ("gradients", 650), ("seconds", 100), ("after", 3), ("state", 12),
  ])
  func noticesAnotherSign(of part: String, atLeast floor: Int) throws {
    let samples = try TemporaryFolder()
    var planted: Set<String> = []
    try unpack(into: samples) { name, bytes in
      let signs = try PlantedSigns(bytes, in: part)
      planted.formUnion(signs.samples.map { "\(name.dropLast(".safetensors".count))\t\($0)" })
      return signs.bytes
    }
    let judged = try Command.tool(
      "judge-engine", ["judge", samples.path, "--report", samples.file("report")])
    #expect(judged.status == 1, "\(judged.output)\(judged.errors)")
    var outcomes: [String: String] = [:]
    for line in try String(contentsOfFile: samples.file("report"), encoding: .utf8).split(
      separator: "\n")
    {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard cells.count > 4 else { continue }
      outcomes["\(cells[0])\t\(cells[1])"] = String(cells[4])
    }
    let noticed = planted.filter { outcomes[$0] == "wrong" }
    let passedOver = planted.filter {
      (outcomes[$0] ?? "right") == "right" || outcomes[$0] == "excused"
    }
    #expect(noticed.count > floor)
    #expect(passedOver.isEmpty, "\(passedOver.sorted())")
  }

  @Test func failsWhereNothingIsJudged() throws {
    let empty = try TemporaryFolder()
    let samples = try unpacked()
    for arguments in [[empty.path], [samples.path, "--only", "schedulers", "nothing"]] {
      let judged = try Command.tool("judge-engine", ["judge"] + arguments)
      #expect(judged.status == 1)
      #expect(judged.output.contains("NOTHING IS JUDGED: "), "\(judged.output)\(judged.errors)")
    }
  }

  /// A process that does not come to its end is told of, also where it judged nothing yet.
  @Test func tellsOfAFileThatCannotBeRead() throws {
    let samples = try unpacked()
    try samples.write(Array("no samples".utf8), to: "schedulers/broken.safetensors")
    let judged = try Command.tool("judge-engine", ["judge", samples.path, "--only", "schedulers"])
    #expect(judged.status == 1)
    #expect(judged.output.contains("crashed"), "\(judged.output)\(judged.errors)")
    #expect(judged.output.contains("before a sample"), "\(judged.output)\(judged.errors)")
  }

  /// The rules are of all samples, and these are a part of them.
  @Test func failsWhereRulesKnowWhatIsNotSo() throws {
    let samples = try unpacked()
    try samples.write(
      Array("# rules\nnn.GRU\t*\tvalues\t*\t1\t*\tit is not so\n".utf8), to: "known.tsv")
    let arguments = ["judge", samples.path, "--rules", samples.path, "--only", "schedulers"]
    #expect(try Command.tool("judge-engine", arguments).status == 0)
    let judged = try Command.tool(
      "judge-engine", ["judge", samples.path, "--rules", samples.path, "--complete"])
    #expect(judged.status == 1)
    #expect(judged.output.contains("KNOWN is what is not so: 1 rules."), "\(judged.output)")
  }

  private static let fixture = TestTarget.folder().appending(path: "Fixtures/samples.zip").path
  private static let rules = TestTarget.folder().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Tools/Judges/Engine").path

  /// A folder with the samples.
  private func unpacked() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try unpack(into: folder) { $1 }
    return folder
  }

  /// Writes the files of samples into a folder, each changed.
  private func unpack(
    into folder: TemporaryFolder, changed: (String, [UInt8]) throws -> [UInt8]
  ) throws {
    let archive = try ZipArchive(InputFile(Self.fixture))
    for entry in archive.entries {
      let kind = try #require(entry.name.split(separator: "/").first)
      try FileManager.default.createDirectory(
        atPath: folder.file(String(kind)), withIntermediateDirectories: true)
      let bytes = try archive.bytes(of: entry, limit: 1 << 24)
      try folder.write(try changed(entry.name, Array(bytes)), to: entry.name)
    }
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
