import Files
import Foundation
import TestSupport
import Testing

/// What all tools have in common: options, usage errors, and where they write.
@Suite struct CommandLineTests {
  static let tools = ["convert", "verify", "inspect", "load"]
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(arguments: tools)
  func helpAndVersionGoToStandardOutput(_ tool: String) throws {
    let help = try bench.run(tool, "--help")
    #expect(help.status == 0)
    #expect(help.errors.isEmpty)
    for word in ["Examples:", "Exit status:", "--json", "--quiet", "--version"] {
      #expect(help.output.contains(word), "\(word)")
    }
    for line in help.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    // An example that were broken in two could not be copied.
    let examples = try #require(
      help.output.split(separator: "Examples:\n").last?.split(separator: "\n\n").first)
    for line in examples.split(separator: "\n") {
      #expect(line.hasPrefix("  ballast-\(tool) "), "\(line)")
    }
    #expect(!help.output.contains("[--json]"), "the usage lists every option")
    let version = try bench.run(tool, "--version")
    #expect(version.status == 0)
    #expect(version.output == "Ballast 0.1.0\n")
    #expect(version.errors.isEmpty)
  }

  @Test(arguments: tools)
  func wrongUsageIsStatus64(_ tool: String) throws {
    for arguments in [["--nonsense"], [], ["a", "b", "c", "--nonsense"]] {
      let command = try Command.tool("ballast-\(tool)", arguments, in: bench.folder.path)
      #expect(command.status == 64, "\(arguments)")
      #expect(command.output.isEmpty)
      #expect(!command.errors.isEmpty)
    }
  }

  @Test(arguments: [
    ["convert", "a.pth", "b.h5", "--compress", "11"],
    ["convert", "a.pth", "b.h5", "--compress", "0"],
    ["convert", "a.pth", "b.h5", "--shuffle"],
    ["convert", "a.pth", "b.h5", "--dtype", "int8"],
    ["convert", "a.pth", "b.h5", "--from", "nonsense"],
    ["convert", "a.pth", "b.h5", "--to", "hdf5"],
    ["verify", "a.h5", "--rtol", "0.1"],
    ["verify", "a.h5", "b.h5", "--rtol", "-1"],
    ["verify", "a.h5", "--round-trip", "b.h5"],
    ["verify", "a.h5", "--strip-prefix", "module."],
    ["verify", "--round-trip", "a.h5", "--through", "hdf5"],
    ["inspect", "a.h5", "--tensor", "w", "--html", "r.html"],
    ["inspect", "a.h5", "--tensor", "w", "--globals"],
    ["inspect", "a.h5", "--stats", "--facts"],
    ["inspect", "a.h5", "--overwrite"],
    ["load", "a.h5", "--model", "mlp(3,4)", "--output", "y.npy"],
  ])
  func optionsThatContradictAreStatus64(_ line: [String]) throws {
    let command = try Command.tool(
      "ballast-\(line[0])", Array(line.dropFirst()), in: bench.folder.path)
    #expect(command.status == 64)
    #expect(command.errors.hasPrefix("Error: "))
    #expect(bench.folder.names.isEmpty)
  }

  @Test(arguments: tools)
  func anArgumentThatIsNotUTF8IsRefused(_ tool: String) throws {
    let command = try bench.shell("exec \"$1\" \"$(printf 'a\\377.h5')\" out.h5", tool)
    let takesOneFile = ["inspect", "load"].contains(tool)
    let expected = takesOneFile ? "Error: " : "is not UTF-8"
    #expect(command.status == 64)
    #expect(command.errors.contains(expected))
    #expect(bench.folder.names.isEmpty)
  }

  @Test func errorsAreInTheReportToo() throws {
    let command = try bench.run("verify", "missing.h5", "--json")
    expectRefusal(command, 66, "missing.h5")
    let report = try command.json()
    #expect(report["status"] as? Int == 66)
    #expect((report["error"] as? String)?.contains("missing.h5") == true)
  }

  @Test(arguments: [
    ("convert", ["sample.pth", "out.h5"]), ("verify", ["a.h5"]), ("inspect", ["a.h5"]),
  ])
  func quietSaysNothing(_ tool: String, _ arguments: [String]) throws {
    try bench.convertedSample(to: "a.h5")
    try FileManager.default.copyItem(
      atPath: Workbench.sample, toPath: bench.folder.file("sample.pth"))
    let command = try Command.tool(
      "ballast-\(tool)", arguments + ["--quiet"], in: bench.folder.path)
    #expect(command.status == 0)
    #expect(command.output.isEmpty)
    #expect(command.errors.isEmpty)
  }

  @Test func aReportThatCannotBeWrittenIsAnError() throws {
    try bench.convertedSample(to: "a.h5")
    for redirection in [">/dev/full", ">&-"] {
      let command = try bench.shell("exec \"$@\" \(redirection)", "inspect", "a.h5", "--json")
      expectRefusal(command, 74, "cannot write the report")
    }
    // What a check found counts for more.
    try bench.write(["w": .init([Float(1)])], to: "b.h5")
    let different = try bench.shell("exec \"$@\" >/dev/full", "verify", "a.h5", "b.h5")
    #expect(different.status == 1)
  }

  @Test func aReaderThatLeavesIsNoCrash() throws {
    try bench.convertedSample(to: "a.h5")
    let command = try bench.shell(
      "\"$@\" | head -n 1; (trap '' PIPE; \"$@\" | true)", "inspect", "a.h5")
    #expect(command.status == 0)
    #expect(command.output == "a.h5  (Ballast HDF5)\n")
    #expect(!command.errors.contains("crash") && !command.errors.contains("Fatal"))
  }

  @Test func closedStandardDescriptorsDoNotReachTheOutput() throws {
    let expected = try bench.convertedSample(to: "expected.h5")
    let command = try bench.shell(
      "exec \"$@\" <&- >&- 2>&-", "convert", Workbench.sample, "a.h5")
    #expect(command.status == 74)
    #expect(try bench.folder.bytes("a.h5") == expected)
  }
}
