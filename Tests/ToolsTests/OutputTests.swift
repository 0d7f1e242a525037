import Arrays
import Foundation
import TestSupport
import Testing

/// Where the output of `ballast-convert` goes, and where it does not.
@Suite struct OutputTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func convert(to output: String, _ options: String...) throws -> Command {
    try Command.tool(
      "ballast-convert", [Workbench.sample, output] + options, in: bench.folder.path)
  }

  @Test func anExistingFileIsReplacedOnlyOnRequest() throws {
    try bench.folder.write("old".utf8, to: "a.h5")
    expectRefusal(try convert(to: "a.h5"), 73, "a.h5 exists already", "--overwrite")
    #expect(bench.folder.text(of: "a.h5") == "old")
    #expect(try convert(to: "a.h5", "--overwrite").status == 0)
    #expect(try bench.run("verify", "a.h5").status == 0)
    #expect(bench.folder.names == ["a.h5"])
  }

  @Test func permissionsOfTheOldFileAreKept() throws {
    try bench.folder.write("old".utf8, to: "a.h5")
    var status = stat()
    // What the umask takes off new files stays on what is replaced.
    for mode: mode_t in [0o640, 0o666, 0o664, 0o600] {
      chmod(bench.folder.file("a.h5"), mode)
      let replaced = try bench.shell(
        "umask 077; exec \"$@\"", "convert", Workbench.sample, "a.h5", "--overwrite")
      #expect(replaced.status == 0, "\(replaced.errors)")
      #expect(stat(bench.folder.file("a.h5"), &status) == 0)
      #expect(status.st_mode & 0o777 == mode)
    }
    let fresh = try bench.shell(
      "umask 027; exec \"$@\"", "convert", Workbench.sample, "fresh.h5")
    #expect(fresh.status == 0)
    #expect(stat(bench.folder.file("fresh.h5"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o640)
  }

  /// What does not become smaller fills the disk in the midst of compressed chunks, of which nobody
  /// knew how much room they take.
  @Test(arguments: [
    "out.h5", "out.npz", "out.safetensors", "out.pth", "out.hdf5", "out.gguf", "out.onnx",
    "out.mat",
  ])
  func aWriteBeyondTheLimitIsAnErrorHoweverItIsWritten(_ output: String) throws {
    var generator = SeededGenerator(seed: 1)
    let noise = (0..<(1 << 17)).map { _ in UInt32.random(in: 0...UInt32.max, using: &generator) }
    try bench.write(["w": NDArray(noise)], to: "in.h5")
    let isCompressed = !["out.safetensors", "out.pth", "out.gguf", "out.onnx"].contains(output)
    for options in isCompressed ? ["", "--compress 1", "--compress 9"] : [""] {
      for blocks in [1, 8, 100, 500, 1000] {
        try bench.folder.write("old".utf8, to: output)
        let command = try bench.shell(
          "ulimit -f \(blocks); exec \"$@\" \(options)", "convert", "in.h5", output, "--overwrite",
          "--quiet")
        let what = "\(options), \(blocks) blocks: \(command.errors)"
        #expect(command.status == 74, "\(what)")
        #expect(bench.folder.text(of: output) == "old", "\(what)")
        #expect(bench.folder.names == ["in.h5", output].sorted(), "\(what)")
      }
    }
  }

  @Test func whatIsNoFileIsNeverReplaced() throws {
    try FileManager.default.createDirectory(
      atPath: bench.folder.file("folder.h5"), withIntermediateDirectories: false)
    #expect(mkfifo(bench.folder.file("pipe.h5"), 0o600) == 0)
    for output in ["folder.h5", "folder.h5/", "pipe.h5", "/dev/null"] {
      expectRefusal(try convert(to: output, "--to", "ballast", "--overwrite"), 73, output)
    }
    #expect(bench.folder.names == ["folder.h5", "pipe.h5"])
  }

  @Test func aFolderThatIsMissingIsNotMade() throws {
    expectRefusal(try convert(to: "none/a.h5"), 73, "none/a.h5", "make the folder first")
    try bench.folder.write("text".utf8, to: "file")
    expectRefusal(try convert(to: "file/a.h5"), 73, "file/a.h5")
    #expect(bench.folder.names == ["file"])
  }

  @Test func aSymbolicLinkKeepsItsPlace() throws {
    try bench.folder.write("old".utf8, to: "target.h5")
    symlink("target.h5", bench.folder.file("link.h5"))
    expectRefusal(try convert(to: "link.h5"), 73, "link.h5")
    #expect(try convert(to: "link.h5", "--overwrite").status == 0)
    let target = try FileManager.default.destinationOfSymbolicLink(
      atPath: bench.folder.file("link.h5"))
    #expect(target == "target.h5")
    #expect(try bench.run("verify", "target.h5").status == 0)

    symlink("nowhere/a.h5", bench.folder.file("dangling.h5"))
    for options in [[], ["--overwrite"]] {
      let command = try Command.tool(
        "ballast-convert", [Workbench.sample, "dangling.h5"] + options, in: bench.folder.path)
      expectRefusal(command, 73, "leads nowhere")
    }
    #expect(bench.folder.names == ["dangling.h5", "link.h5", "target.h5"])
  }

  @Test func theInputItselfCanBeReplaced() throws {
    let expected = try bench.convertedSample(to: "a.h5")
    try bench.folder.write(expected, to: "b.h5")
    expectRefusal(try bench.run("convert", "b.h5", "b.h5"), 73, "b.h5 exists")
    #expect(try bench.run("convert", "b.h5", "b.h5", "--overwrite").status == 0)
    #expect(try bench.folder.bytes("b.h5") == expected)
  }

  @Test(.enabled(if: Unprivileged.isPossible, Unprivileged.reason))
  func aFolderThatMayNotBeWrittenIsRefused() throws {
    try bench.folder.write(Data(contentsOf: URL(filePath: Workbench.sample)), to: "in.pth")
    try bench.folder.write("secret".utf8, to: "closed.pth")
    chmod(bench.folder.file("closed.pth"), 0)
    chmod(bench.folder.path, 0o555)
    defer { chmod(bench.folder.path, 0o755) }
    expectRefusal(
      try Unprivileged.tool("convert", ["in.pth", "a.h5"], in: bench.folder.path), 73,
      "a.h5", "Permission denied")
    expectRefusal(
      try Unprivileged.tool("convert", ["closed.pth", "/dev/null"], in: bench.folder.path), 64)
    expectRefusal(
      try Unprivileged.tool("verify", ["closed.pth"], in: bench.folder.path), 66,
      "closed.pth", "Permission denied")
    #expect(bench.folder.names == ["closed.pth", "in.pth"])
  }
}

/// Runs of the tools by a user whom the system refuses something, even where root runs the tests.
enum Unprivileged {
  static let reason: Comment =
    "root may write everywhere, and the tools cannot be run as another user here"

  static let isPossible =
    geteuid() != 0 || (try? tool("verify", ["--version"], in: "/"))?.status == 0

  static func tool(_ name: String, _ arguments: [String], in folder: String) throws -> Command {
    guard geteuid() == 0 else {
      return try Command.tool("ballast-\(name)", arguments, in: folder)
    }
    let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
    return try Command.run(
      "/usr/bin/setpriv", nobody + ["\(Command.buildFolder)/ballast-\(name)"] + arguments,
      in: folder)
  }
}
