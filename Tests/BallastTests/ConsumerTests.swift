import Files
import Foundation
import TestSupport
import Testing

/// A package of its own that imports Ballast, built and run: the program in the README.
@Suite struct ConsumerTests {
  /// Building a second copy of everything takes minutes, so the script that runs all tests asks
  /// for it.
  static let isWanted = ProcessInfo.processInfo.environment["BALLAST_TEST_CONSUMER"] != nil

  @Test(.enabled(if: isWanted, "BALLAST_TEST_CONSUMER is not set; Tools/test sets it"))
  func theProgramInTheReadmeIsAPackageThatRuns() throws {
    let folder = try TemporaryFolder()
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Consumer")
    try FileManager.default.copyItem(atPath: source.path, toPath: folder.file("Consumer"))
    let manifest = try #require(folder.text(of: "Consumer/Package.swift.template"))
      .replacing("BALLAST_PATH", with: SampleTests.root)
    try folder.write(manifest.utf8, to: "Consumer/Package.swift")
    let main = "Consumer/Sources/main.swift"
    let program = try [#require(folder.text(of: main)), Self.programOfReadme(), "print(\"done\")"]
    try folder.write(program.joined(separator: "\n").utf8, to: main)
    let swift = try Command.run(
      "/usr/bin/env", ["swift", "run", "--configuration", "release", "Consumer"],
      in: folder.file("Consumer"))
    #expect(swift.status == 0, "\(swift.errors)")
    #expect(swift.output.contains("Total params"))
    #expect(swift.output.hasSuffix("done\n"))
    for name in ["net.h5", "net.safetensors", "runs/7"] {
      #expect(FileManager.default.fileExists(atPath: folder.file("Consumer/\(name)")), "\(name)")
    }
  }

  /// The first block of Swift in the README.
  private static func programOfReadme() throws -> String {
    let readme = try String(contentsOfFile: "\(SampleTests.root)/README.md", encoding: .utf8)
    let rest = try #require(readme.split(separator: "```swift\n", maxSplits: 1).last)
    return String(try #require(rest.split(separator: "```").first))
  }
}
