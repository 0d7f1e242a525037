import Arrays
import Checkpoints
import Files
import Interchange
import TestSupport
import Testing

@Suite struct ZipArchiveTests {
  private func open(_ bytes: [UInt8]) throws -> (ZipArchive, TemporaryFile) {
    let file = try TemporaryFile(bytes)
    return (try ZipArchive(InputFile(file.path)), file)
  }

  /// The error of opening an archive and reading all of it, or nil.
  private func failure(_ bytes: [UInt8]) throws -> CheckpointError? {
    let file = try TemporaryFile(bytes)
    do {
      let input = try InputFile(file.path)
      let archive = try ZipArchive(input)
      for entry in archive.entries {
        try archive.verifyCRC(of: entry)
        _ = try archive.bytes(of: entry, limit: 1 << 20)
      }
      return nil
    } catch let error as CheckpointError {
      return error
    }
  }

  private func writer() -> ZipWriter { ZipWriter([("a", [1, 2, 3]), ("b/c", []), ("d", [4])]) }

  @Test func readsStoredMembers() throws {
    let (archive, file) = try open(writer().bytes())
    defer { withExtendedLifetime(file) {} }
    #expect(archive.entries.map(\.name) == ["a", "b/c", "d"])
    #expect(archive.entries.map(\.byteCount) == [3, 0, 1])
    let entry = try #require(archive["a"])
    #expect(try archive.bytes(of: entry, limit: 3) == [1, 2, 3])
    let region = try #require(try archive.region(of: entry))
    #expect(region.range == 31..<34)
    #expect(try archive.verifyCRC(of: entry))
    #expect(archive["missing"] == nil)
  }

  @Test func readsDeflatedMembers() throws {
    let content = [UInt8](repeating: 7, count: 5000) + Array(0...255)
    var writer = ZipWriter([("a", content)])
    writer.members[0].isDeflated = true
    let (archive, file) = try open(writer.bytes())
    defer { withExtendedLifetime(file) {} }
    let entry = archive.entries[0]
    #expect(entry.method == .deflated)
    #expect(try archive.region(of: entry) == nil)
    #expect(try archive.bytes(of: entry, limit: 1 << 20) == content)
    #expect(throws: CheckpointError.self) { try archive.bytes(of: entry, limit: 100) }
  }

  @Test func readsZip64() throws {
    var writer = writer()
    writer.zip64 = (nil, nil, nil, nil)
    #expect(try failure(writer.bytes()) == nil)
    writer.entryCount = 0xFFFF
    writer.directorySize = 0xFFFF_FFFF
    writer.directoryOffset = 0xFFFF_FFFF
    #expect(try failure(writer.bytes()) == nil)
  }

  @Test(arguments: [false, true])
  func findsAnArchiveBehindOtherBytes(_ countsFromFile: Bool) throws {
    var writer = writer()
    writer.prefix = Array("#!/bin/sh\n".utf8)
    writer.countsFromFile = countsFromFile
    for zip64 in [false, true] {
      writer.zip64 = zip64 ? (nil, nil, nil, nil) : nil
      let (archive, file) = try open(writer.bytes())
      let entry = try #require(archive["a"])
      #expect(try archive.bytes(of: entry, limit: 3) == [1, 2, 3])
      withExtendedLifetime(file) {}
    }
  }

  @Test func readsAnEmptyArchive() throws {
    #expect(try open(ZipWriter().bytes()).0.entries.isEmpty)
  }

  @Test func takesAChecksumOfZeroAsNotComputed() throws {
    var writer = writer()
    writer.members[0].crc = 0
    writer.members[0].localCRC = 0
    let (archive, file) = try open(writer.bytes())
    defer { withExtendedLifetime(file) {} }
    #expect(!archive.entries[0].hasChecksum)
    #expect(try !archive.verifyCRC(of: archive.entries[0]))
    #expect(try archive.verifyCRC(of: archive.entries[2]))
  }

  /// A way to spoil an archive, and how it is refused.
  struct Spoiled: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let code: CheckpointError.Code
    let change: @Sendable (inout ZipWriter) -> Void

    init(
      _ name: String, _ code: CheckpointError.Code = .damaged,
      _ change: @escaping @Sendable (inout ZipWriter) -> Void
    ) {
      testDescription = name
      self.code = code
      self.change = change
    }
  }

  static let spoiled: [Spoiled] = [
    Spoiled("duplicate names", .refused) { $0.members[2].name = "a" },
    Spoiled("another local name") { $0.members[0].localName = "z" },
    Spoiled("a longer local name") { $0.members[0].localName = "aaaa" },
    Spoiled("another local method") { $0.members[0].localMethod = 8 },
    Spoiled("another local size") { $0.members[0].localSize = 2 },
    Spoiled("another local checksum") { $0.members[0].localCRC = 5 },
    Spoiled("encrypted locally") { $0.members[0].localFlags = 1 },
    Spoiled("encrypted", .unsupported) { $0.members[0].flags = 1 },
    Spoiled("bzip2", .unsupported) { $0.members[0].method = 12 },
    Spoiled("wrong checksum") { $0.members[0].crc = 5 },
    Spoiled("stored with two sizes") { $0.members[0].size = 9 },
    Spoiled("too long") {
      $0.members[2].size = 1 << 20
      $0.members[2].packedSize = 1 << 20
    },
    Spoiled("overlap") {
      $0.members[0].size = 8
      $0.members[0].packedSize = 8
    },
    Spoiled("one header for two") { $0.members[2].sharesHeaderOf = 0 },
    Spoiled("deflate bomb") {
      $0.members[0].isDeflated = true
      $0.members[0].size = 0xFFFF_FFFE
    },
    Spoiled("deflate larger than stated") {
      $0.members[0].content = [UInt8](repeating: 0, count: 1000)
      $0.members[0].isDeflated = true
      $0.members[0].size = 10
    },
    Spoiled("deflate smaller than stated") {
      $0.members[0].content = [UInt8](repeating: 0, count: 1000)
      $0.members[0].isDeflated = true
      $0.members[0].size = 1010
    },
    Spoiled("zip64 size without field") { $0.members[0].size = 0xFFFF_FFFF },
    Spoiled("zip64 field too short") {
      $0.members[0].size = 0xFFFF_FFFF
      $0.members[0].extra = le(1 as UInt16) + le(4 as UInt16) + [1, 2, 3, 4]
    },
    Spoiled("zip64 size of 2^63") {
      $0.members[0].size = 0xFFFF_FFFF
      $0.members[0].extra = le(1 as UInt16) + le(8 as UInt16) + le(1 << 63 as UInt64)
    },
    Spoiled("zip64 packed size of 2^64") {
      $0.members[0].packedSize = 0xFFFF_FFFF
      $0.members[0].extra = le(1 as UInt16) + le(8 as UInt16) + le(UInt64.max)
    },
    Spoiled("extra field beyond the entry") {
      $0.members[0].size = 0xFFFF_FFFF
      $0.members[0].extra = le(1 as UInt16) + le(900 as UInt16)
    },
    Spoiled("too many entries") { $0.entryCount = 60_000 },
    Spoiled("too few entries") { $0.entryCount = 2 },
    Spoiled("directory too large") { $0.directorySize = 1 << 30 },
    Spoiled("directory too small") { $0.directorySize = 60 },
    Spoiled("directory beyond the end") { $0.directoryOffset = 1 << 20 },
    Spoiled("zip64 entries of 2^60") { $0.zip64 = (1 << 60, nil, nil, nil) },
    Spoiled("zip64 contradicts") { $0.zip64 = (2, nil, nil, nil) },
    Spoiled("zip64 size of 2^64") {
      $0.zip64 = (nil, .max, nil, nil)
      $0.directorySize = 0xFFFF_FFFF
    },
    Spoiled("zip64 offset of 2^64") {
      $0.zip64 = (nil, nil, .max, nil)
      $0.directoryOffset = 0xFFFF_FFFF
    },
    Spoiled("zip64 record elsewhere") { $0.zip64 = (nil, nil, nil, 3) },
    Spoiled("zip64 record missing") { $0.directoryOffset = 0xFFFF_FFFF },
    Spoiled("a name that leads out", .refused) { $0.members[0].name = "../a" },
    Spoiled("an absolute name", .refused) { $0.members[0].name = "/etc/passwd" },
    Spoiled("a name with NUL", .refused) { $0.members[0].name = "a\0b" },
    Spoiled("no name", .refused) { $0.members[0].name = "" },
    Spoiled("an end within the comment", .refused) {
      $0.comment = Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 16) + le(2 as UInt16)
      $0.comment += [1, 2]
    },
  ]

  @Test(arguments: spoiled)
  func refusesSpoiledArchives(_ spoiled: Spoiled) throws {
    var writer = writer()
    spoiled.change(&writer)
    let error = try failure(writer.bytes())
    #expect(error?.code == spoiled.code, "\(error as Any)")
  }

  @Test func refusesTails() throws {
    let bytes = writer().bytes()
    #expect(try failure(bytes + [0])?.code == .damaged)
    #expect(try failure(bytes + [UInt8](repeating: 0, count: 100_000))?.code == .damaged)
    for length in 0..<bytes.count {
      let error = try failure(Array(bytes[..<length]))
      #expect(error?.code == (length < 4 ? .notThisFormat : .damaged), "\(length)")
    }
    let error = try failure(Array(bytes.dropLast(40)))
    #expect(error?.description.contains("the end of the archive is missing") == true)
  }

  @Test func boundsAMillionEntries() throws {
    let members = (0..<60_000).map { ("\($0)", [UInt8]()) }
    let bytes = ZipWriter(members).bytes()
    let time = try ProcessorTime.measure {
      let count = try open(bytes).0.entries.count
      #expect(count == 60_000)
    }
    #expect(time < .seconds(5))
  }
}
