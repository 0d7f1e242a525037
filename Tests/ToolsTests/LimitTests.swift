import Arrays
import Files
import Foundation
import TestSupport
import Testing

/// The system refuses space, descriptors or memory.
@Suite struct LimitTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(arguments: [1, 8, 40, 100, 1000])
  func aFileBeyondItsLimitIsAnError(_ blocks: Int) throws {
    // Numbers that do not become fewer by being compressed.
    var generator = SeededGenerator(seed: 5)
    let numbers = (0..<1 << 18).map { _ in UInt64.random(in: .min ... .max, using: &generator) }
    try bench.write(["w": NDArray(numbers)], to: "in.h5")
    for options in [[], ["--compress", "1"], ["--no-sync"]] {
      try bench.folder.write("old".utf8, to: "out.h5")
      // Units of 512 bytes; what is written beyond is a signal unless the tool ignores it.
      let command = try Command.run(
        "/bin/sh",
        [
          "-c", "ulimit -f \(blocks); exec \"$@\"", "sh", "\(Command.buildFolder)/ballast-convert",
          "in.h5", "out.h5", "--overwrite",
        ] + options, in: bench.folder.path)
      expectRefusal(command, 74, "out.h5")
      #expect(bench.folder.text(of: "out.h5") == "old")
      #expect(bench.folder.names == ["in.h5", "out.h5"])
    }
  }

  // With three the system cannot even load the program.
  @Test(arguments: 4...10)
  func fewDescriptorsAreEnoughOrAnError(_ count: Int) throws {
    try bench.convertedSample(to: "a.h5")
    let output = "out\(count).h5"
    let command = try bench.shell(
      "ulimit -n \(count); exec \"$@\"", "convert", Workbench.sample, output, "--quiet")
    // The file and its copy take more than two beside the three that every program has.
    #expect(count > 5 || command.status != 0)
    #expect(count < 10 || command.status == 0)
    if command.status == 0 {
      #expect(try bench.folder.bytes(output) == bench.folder.bytes("a.h5"))
    } else {
      expectRefusal(command, 74, "oo many open files")
      #expect(bench.folder.names == ["a.h5"])
    }
  }

  @Test func littleMemoryIsAnError() throws {
    try bench.write(["w": NDArray(zeros: [64 << 20], dtype: .float32)], to: "in.h5")
    let command = try bench.shell("ulimit -v 250000; exec \"$@\"", "convert", "in.h5", "out.h5")
    expectRefusal(command, 74, "in.h5", "annot map")
    #expect(bench.folder.names == ["in.h5"])
  }

  @Test(.enabled(if: SmallDisk.isPossible, "mounting a small file system takes root"))
  func aFullDiskLeavesTheOldFile() throws {
    let disk = try SmallDisk(at: bench.folder.file("disk"), mebibytes: 4)
    try bench.write(["w": NDArray(zeros: [4 << 20], dtype: .float32)], to: "in.h5")
    try bench.folder.write("old".utf8, to: "disk/out.h5")
    expectRefusal(
      try bench.run("convert", "in.h5", "disk/out.h5", "--overwrite"), 74, "disk/out.h5", "space")
    expectRefusal(try bench.run("convert", "in.h5", "disk/new.h5"), 74, "disk/new.h5", "space")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["out.h5"])
    #expect(bench.folder.text(of: "disk/out.h5") == "old")
    let verify = try Command.run(
      "\(Command.buildFolder)/ballast-verify", ["--round-trip", "in.h5"], in: bench.folder.path,
      environment: ["TMPDIR": disk.path])
    expectRefusal(verify, 74, "space")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["out.h5"])
  }
}

/// A file system of a few megabytes in memory, for as long as this object lives.
private final class SmallDisk {
  let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
    return (try? SmallDisk(at: folder.file("disk"), mebibytes: 1)) != nil
  }()

  init(at path: String, mebibytes: Int) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let mount = try Command.run(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "none", path])
    try #require(mount.status == 0)
  }

  deinit { _ = try? Command.run("/bin/umount", [path]) }
}
