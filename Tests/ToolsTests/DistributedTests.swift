import Checkpoints
import Foundation
import Interchange
import TestSupport
import Testing

/// The tools on folders of `torch.distributed.checkpoint`.
@Suite struct DistributedToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../InterchangeTests/Fixtures/distributed/\(name)").standardized.path
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> Command {
    try Command.tool("ballast-\(tool)", arguments, in: bench.folder.path)
  }

  @Test(arguments: ["single", "old", "strided", "fsdp", "flat", "placed", "mesh"])
  func aFolderGoesThereAndBack(_ name: String) throws {
    let source = Self.fixture(name)
    for (from, to) in [(source, ["one.h5"]), ("one.h5", ["folder", "--to", "torch-dcp"])] {
      let command = try run("convert", [from] + to)
      #expect(command.status == 0, "\(command.errors)")
    }
    for other in ["one.h5", "folder"] {
      let command = try bench.run("verify", source, other)
      #expect(command.status == 0, "\(other): \(command.output)\(command.errors)")
      #expect(try bench.run("verify", other).status == 0)
    }
    #expect(try bench.run("verify", source).status == 0)
  }

  @Test func theRanksAreShown() throws {
    let command = try bench.run("inspect", Self.fixture("placed"), "--ranks")
    #expect(command.status == 0)
    for words in ["in_several_pieces  7", "in_one_piece  1", "__2_0.distcp"] {
      #expect(command.output.contains(words), "\(command.output)")
    }
    #expect(try bench.run("inspect", Workbench.sample, "--ranks").status == 64)
    #expect(try bench.run("inspect", Self.fixture("placed"), "--ranks", "--facts").status == 64)
  }

  @Test func whatIsBrokenIsToldInOneLine() throws {
    let copy = bench.folder.file("copy")
    func change(_ body: () throws -> Void) throws {
      try? FileManager.default.removeItem(atPath: copy)
      try FileManager.default.copyItem(atPath: Self.fixture("mesh"), toPath: copy)
      try body()
    }
    let changes: [(words: String, body: () throws -> Void)] = [
      (
        "__1_0.distcp, which is not in the folder",
        {
          try FileManager.default.removeItem(atPath: "\(copy)/__1_0.distcp")
        }
      ),
      (
        "saving it was not finished",
        {
          try FileManager.default.removeItem(atPath: "\(copy)/.metadata")
        }
      ),
      (
        "a piece should be",
        {
          let path = "\(copy)/__0_0.distcp"
          let data = try Data(contentsOf: URL(filePath: path))
          try data.dropLast(9).write(to: URL(filePath: path))
        }
      ),
    ]
    for (words, body) in changes {
      try change(body)
      for (tool, arguments) in [
        ("inspect", [copy]), ("verify", [copy]), ("convert", [copy, "out.h5"]),
      ] {
        let command = try run(tool, arguments)
        // That of a check that says no.
        #expect(command.status == (tool == "verify" ? 1 : 65), "\(tool): \(command.errors)")
        #expect((command.output + command.errors).contains(words), "\(tool): \(command.errors)")
      }
    }
    #expect(try bench.run("inspect", "nowhere").status == 66)
    #expect(try bench.run("inspect", Self.fixture("mesh") + "/__0_0.distcp").status == 65)
    #expect(!bench.folder.names.contains("out.h5"))
  }
}
