import Arrays
import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ReadChecksumsTests {
  private let bytes = (0..<9_500_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
  private let folder: TemporaryFolder
  private let file: InputFile

  init() throws {
    folder = try TemporaryFolder()
    file = try InputFile(folder.write(bytes, to: "file"))
  }

  private func checksum(_ range: Range<Int>) -> UInt32 {
    bytes.withBytes { CRC32.checksum($0.extracting(range)) }
  }

  private static let ranges = [
    0..<9_500_000, 0..<0, 5..<6, 1000..<9_000_001, 1_000_000..<1_000_500, 9_499_999..<9_500_000,
  ]

  @Test func nothingKnownReadsEverything() throws {
    let regions = try Self.ranges.map { try FileRegion(file, $0) }
    #expect(try ReadChecksums.checksums(of: regions) == Self.ranges.map(checksum))
    #expect(
      try ReadChecksums.checksums(of: regions, known: ReadChecksums())
        == Self.ranges.map(checksum))
  }

  /// Pieces in any order, that repeat and overlap each other, and the ends of regions.
  @Test func whatIsKnownFitsIn() throws {
    let known = ReadChecksums()
    for piece in [
      9_000_000..<9_000_002, 1_000_100..<1_000_300, 1_000_100..<1_000_300, 1_000_000..<1_000_150,
      999..<1001, 3_000_000..<8_000_000, 5..<6, 2_000_000..<2_000_000, 0..<5,
    ] {
      known.record(checksum(piece), of: piece, in: file)
    }
    let regions = try Self.ranges.map { try FileRegion(file, $0) }
    #expect(
      try ReadChecksums.checksums(of: regions, known: known) == Self.ranges.map(checksum))
  }

  @Test func whatIsKnownIsNotReadAgain() throws {
    let known = ReadChecksums()
    known.record(checksum(0..<100), of: 100..<200, in: file)
    known.record(checksum(0..<100), of: 400..<500, in: try InputFile(file.path))
    let region = try FileRegion(file, 50..<1000)
    let expected = [50..<100, 0..<100, 200..<400, 0..<100, 500..<1000]
      .reduce(into: [UInt8]()) { $0 += bytes[$1] }
    #expect(
      try ReadChecksums.checksums(of: [region], known: known)
        == [CRC32.checksum(expected)])
  }

  @Test func aFileThatWasCutIsAnError() throws {
    let regions = [try FileRegion(file, 0..<9_500_000)]
    #expect(truncate(file.path, 1_000_000) == 0)
    #expect(throws: FileError.self) { try ReadChecksums.checksums(of: regions) }
  }
}
