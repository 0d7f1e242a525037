import Foundation
import TestSupport
import Testing

/// PyTorch writes, the tool converts, and h5py, which knows nothing of Ballast, reads.
@Suite(.needsPeers) struct PeerTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try Peers.run("write_checkpoint.py", [bench.folder.path])
  }

  @Test(arguments: [[], ["--compress", "4", "--shuffle"]])
  func h5pyReadsEveryTypeByItsPath(_ options: [String]) throws {
    let command = try Command.tool(
      "ballast-convert", ["types.pth", "types.h5"] + options, in: bench.folder.path)
    #expect(command.status == 0, "\(command.errors)")
    let output = try Peers.run(
      "compare.py", [bench.folder.file("types.pth"), bench.folder.file("types.h5")])
    #expect(output == "73 0\n")
    #expect(try bench.run("verify", "types.pth", "types.h5").status == 0)
  }

  @Test func h5pyReadsParametersBuffersAndOptimizerByTheirPaths() throws {
    let command = try bench.run("convert", "training.pth", "training.h5", "--optimizer-in-order")
    #expect(command.status == 0, "\(command.errors)")
    let output = try Peers.run(
      "compare.py", [bench.folder.file("training.pth"), bench.folder.file("training.h5")])
    #expect(output == "23 15\n")
    #expect(
      try bench.run("verify", "training.pth", "training.h5", "--optimizer-in-order").status == 0)
  }

  @Test func h5pyReadsTheSample() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    try bench.run("convert", "a.h5", "b.h5", "--compress", "9")
    for name in ["a.h5", "b.h5"] {
      let output = try Peers.run("compare.py", [Workbench.sample, bench.folder.file(name)])
      #expect(output == "16 27\n")
    }
  }

  @Test(arguments: ["convert", "verify", "inspect"])
  func anObjectThatRunsAProgramIsRefused(_ tool: String) throws {
    let output = tool == "convert" ? ["out.h5"] : []
    let command = try Command.tool(
      "ballast-\(tool)", ["evil.pth"] + output, in: bench.folder.path)
    expectRefusal(command, 65, "evil.pth", "system", "nothing was run")
    #expect(!bench.folder.names.contains("OWNED"))
    #expect(!bench.folder.names.contains("out.h5"))
    // Who knows that gets what else is in the file, and the name as a name.
    let allowed = try Command.tool(
      "ballast-\(tool)", ["evil.pth", "--allow-dangerous-names"] + output, in: bench.folder.path)
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(!bench.folder.names.contains("OWNED"))
  }

  @Test func factsNameWhatIsDangerous() throws {
    let command = try bench.run("inspect", "evil.pth", "--facts")
    #expect(command.output.contains("  dangerous (1)\n    posix.system\n"), "\(command.output)")
    #expect(!bench.folder.names.contains("OWNED"))
  }
}
