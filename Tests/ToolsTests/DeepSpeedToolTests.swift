import Checkpoints
import Foundation
import Interchange
import TestSupport
import Testing

/// The tools on folders of DeepSpeed's.
@Suite struct DeepSpeedToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../InterchangeTests/Fixtures/deepspeed/\(name)").standardized.path
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> Command {
    try Command.tool("ballast-\(tool)", arguments, in: bench.folder.path)
  }

  @Test(arguments: ["zero1", "zero2", "bf16", "universal1", "plain"])
  func aFolderIsConverted(_ name: String) throws {
    let source = Self.fixture(name)
    let command = try run("convert", [source, "one.h5", "--strict"])
    #expect(command.status == 0, "\(command.errors)")
    for arguments in [[source, "one.h5"], ["one.h5"], [source]] {
      let command = try run("verify", arguments)
      #expect(command.status == 0, "\(arguments): \(command.output)\(command.errors)")
    }
  }

  /// What only one of the ranks has is told, and refused if nothing may be lost.
  @Test func whatOtherRanksHaveIsRefusedByStrict() throws {
    let source = Self.fixture("zero3")
    #expect(try run("convert", [source, "one.h5", "--strict"]).status == 65)
    #expect(!bench.folder.names.contains("one.h5"))
    let command = try run("convert", [source, "one.h5"])
    #expect(command.status == 0, "\(command.errors)")
    #expect((command.output + command.errors).contains("rank 1 has other values of it"))
  }

  @Test func theRanksAreShown() throws {
    let command = try bench.run("inspect", Self.fixture("zero3_groups"), "--ranks")
    #expect(command.status == 0)
    for words in ["tensors  5", "zero_pp_rank_2_mp_rank_00_optim_states.pt"] {
      #expect(command.output.contains(words), "\(command.output)")
    }
    #expect(try bench.run("inspect", Self.fixture("universal1"), "--ranks").status == 64)
  }

  @Test func aMissingRankIsToldInOneLine() throws {
    let copy = bench.folder.file("copy")
    try FileManager.default.copyItem(atPath: Self.fixture("zero2"), toPath: copy)
    let rank = "zero_pp_rank_1_mp_rank_00_optim_states.pt"
    try FileManager.default.removeItem(atPath: "\(copy)/global_step2/\(rank)")
    for (tool, arguments) in [
      ("inspect", [copy]), ("verify", [copy]), ("convert", [copy, "out.h5"]),
    ] {
      let command = try run(tool, arguments)
      // That of a check that says no.
      #expect(command.status == (tool == "verify" ? 1 : 65), "\(tool): \(command.errors)")
      #expect(
        (command.output + command.errors).contains("\(rank) is not in the folder"),
        "\(tool): \(command.errors)")
    }
    #expect(!bench.folder.names.contains("out.h5"))
  }
}
