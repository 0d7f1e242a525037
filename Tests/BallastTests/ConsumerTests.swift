import Foundation
import TestSupport
import Testing

/// A package of its own that imports Ballast, built and run.
@Suite struct ConsumerTests {
  /// Building a second copy of everything takes minutes, so the script that runs all tests asks
  /// for it.
  static let isWanted = ProcessInfo.processInfo.environment["BALLAST_TEST_CONSUMER"] != nil

  @Test(.enabled(if: isWanted, "BALLAST_TEST_CONSUMER is not set; Tools/test sets it"))
  func anotherPackageSavesAndLoadsAModel() throws {
    let folder = try TemporaryFolder()
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Consumer")
    try FileManager.default.copyItem(atPath: source.path, toPath: folder.file("Consumer"))
    let manifest = try #require(folder.text(of: "Consumer/Package.swift.template"))
      .replacing("BALLAST_PATH", with: SampleTests.root)
    try folder.write(manifest.utf8, to: "Consumer/Package.swift")
    let swift = try Command.run(
      "/usr/bin/env", ["swift", "run", "--configuration", "release", "Consumer"],
      in: folder.file("Consumer"))
    #expect(swift.status == 0, "\(swift.errors)")
    #expect(swift.output.contains("loaded 2 tensors"))
  }
}
