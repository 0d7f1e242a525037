import Arrays
import CDeflate
import Checkpoints
import Files
import Foundation
import Interchange
import TestSupport
import Testing

@Suite struct ZipArchiveWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes members, and gives the path of the archive.
  private func write(
    _ members: [(name: String, content: [UInt8])], style: ZipArchiveWriter.Style,
    alignment: Int = 1, zip64Limit: Int = 0xFFFF_FFFF
  ) throws -> String {
    let file = try ReplacementFile(folder.file("archive.zip"), durable: false)
    let archive = ZipArchiveWriter(file, style: style, zip64Limit: zip64Limit)
    for (name, content) in members { try archive.add(name, content, alignment: alignment) }
    try archive.reserve()
    let byteCount = try archive.finish()
    try file.commit()
    #expect(try folder.bytes("archive.zip").count == byteCount)
    return file.path
  }

  private static let members: [(name: String, content: [UInt8])] = [
    ("a", [1, 2, 3]), ("folder/b.npy", []), ("é模型", Array(repeating: 7, count: 300)),
    ("d", Array(0...255)),
  ]

  @Test func compressedMembersAreReadBack() throws {
    for limit in [0xFFFF_FFFF, 400, 100, 1] {
      let file = try ReplacementFile(folder.file("archive.zip"), durable: false)
      let archive = ZipArchiveWriter(file, style: .plain, zip64Limit: limit)
      for (name, content) in Self.members {
        let checksum = content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
        try archive.add(
          name, deflated: ZipWriter.deflate(content), byteCount: content.count,
          checksum: checksum)
        try archive.add("stored \(name)", content, alignment: 64)
      }
      _ = try archive.finish()
      try file.commit()
      let read = try ZipArchive(InputFile(file.path))
      for (name, content) in Self.members {
        for member in [name, "stored \(name)"] {
          let entry = try #require(read[member])
          #expect(entry.method == (member == name ? .deflated : .stored))
          #expect(try read.bytes(of: entry, limit: 1000) == content)
        }
      }
    }
  }

  @Test(arguments: [ZipArchiveWriter.Style.plain, .withDescriptors], [1, 64])
  func isReadBack(style: ZipArchiveWriter.Style, alignment: Int) throws {
    for limit in [0xFFFF_FFFF, 400, 100, 1] {
      let path = try write(Self.members, style: style, alignment: alignment, zip64Limit: limit)
      let archive = try ZipArchive(InputFile(path))
      #expect(archive.entries.map(\.name) == Self.members.map(\.name))
      for (entry, member) in zip(archive.entries, Self.members) {
        #expect(try archive.bytes(of: entry, limit: 1000) == member.content)
        #expect(try archive.verifyCRC(of: entry))
        let region = try #require(try archive.region(of: entry))
        #expect(region.range.lowerBound.isMultiple(of: alignment))
      }
    }
  }

  /// What PyTorch wrote, taken apart and put together again.
  @Test(arguments: ["plain", "views", "adam"])
  func writesTheBytesThatPyTorchWrites(_ name: String) throws {
    let archive = try ZipArchive(InputFile(Fixture.path(name)))
    let members = try archive.entries.map { entry in
      (entry.name, try archive.bytes(of: entry, limit: 1 << 20))
    }
    _ = try write(members, style: .withDescriptors, alignment: 64)
    #expect(try folder.bytes("archive.zip") == Fixture.bytes(name))
  }

  /// The last member turns out smaller than it was thought to be, and is zero in places that nobody
  /// wrote; with sizes in 64 bits where only what it was thought to be needs them.
  @Test(.needsPeers) func theLastMemberIsShortened() throws {
    for limit in [0xFFFF_FFFF, 1000, 400, 1] {
      for count in [0, 5, 300, 900] {
        let file = try ReplacementFile(folder.file("short.zip"), durable: false)
        let archive = ZipArchiveWriter(file, style: .plain, zip64Limit: limit)
        try archive.add("first", [1])
        let member = try archive.add("last", byteCount: 900, alignment: 64)
        var content = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 1) }
        let hole = min(100, count)..<min(150, count)
        try content.withBytes { bytes in
          for part in [hole.upperBound..<count, 0..<hole.lowerBound] {
            try archive.write(bytes.extracting(part), to: member, at: part.lowerBound)
          }
        }
        archive.skip(hole, of: member)
        for index in hole { content[index] = 0 }
        archive.shorten(member, to: count)
        let byteCount = try archive.finish()
        try file.commit()
        #expect(try folder.bytes("short.zip").count == byteCount)
        let read = try ZipArchive(InputFile(file.path))
        let entry = try #require(read["last"])
        #expect(try read.bytes(of: entry, limit: 1000) == content)
        let digits = content.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
          try Peers.run("list_zip.py", [file.path]) == "first 01\nlast \(digits)\n",
          "\(limit) \(count)")
      }
    }
  }

  @Test func takesContentInPiecesOfAnyOrder() throws {
    let file = try ReplacementFile(folder.file("pieces.zip"), durable: false)
    let archive = ZipArchiveWriter(file, style: .plain)
    let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try archive.add("first", [1])
    let member = try archive.add("content", byteCount: content.count, alignment: 4096)
    try archive.add("last", [2])
    let starts = Array(stride(from: 0, to: content.count, by: 7000)).reversed() as [Int]
    try Parallel.forEach(starts.count) { index in
      let part = Array(content[starts[index]..<min(starts[index] + 7000, content.count)])
      try archive.write(part, to: member, at: starts[index])
    }
    #expect(archive.checksum(of: member) == 0xDCF2_9A4B)
    _ = try archive.finish()
    try file.commit()
    let read = try ZipArchive(InputFile(file.path))
    #expect(try read.bytes(of: #require(read["content"]), limit: 1 << 20) == content)
  }

  @Test func refusesNamesThatDoNotFit() throws {
    let error = #expect(throws: CheckpointError.self) {
      try write([(String(repeating: "x", count: 65536), [])], style: .plain)
    }
    #expect(error?.code == .unsupported)
  }

  /// Python's reader, which checks the headers, checksums and zip64 fields of both styles.
  @Test(.needsPeers, arguments: [ZipArchiveWriter.Style.plain, .withDescriptors])
  func isReadByPython(_ style: ZipArchiveWriter.Style) throws {
    for limit in [0xFFFF_FFFF, 400, 100, 1] {
      let path = try write(Self.members, style: style, alignment: 64, zip64Limit: limit)
      let output = try Peers.run("list_zip.py", [path])
      let expected = Self.members.map { "\($0.name) \(Dump.hex($0.content))" }
      #expect(output.split(separator: "\n").map(String.init) == expected)
    }
  }
}
