import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import TestSupport
import Testing

/// Bytes of a file that no member of an archive owns.
@Suite struct ZipCoverageTests {
  /// What an archive is refused with when it is accounted for; nil if it is sound.
  private func failure(_ bytes: [UInt8]) throws -> CheckpointError? {
    let file = try TemporaryFile(bytes)
    let archive = try ZipArchive(InputFile(file.path))
    do throws(CheckpointError) {
      let accounted = try archive.accounted()
      for (entry, other) in zip(accounted.entries, archive.entries) {
        #expect(
          try accounted.bytes(of: entry, limit: 100) == archive.bytes(of: other, limit: 100))
        let content = try ZipLocalHeader(of: other, in: archive.file).content
        #expect(entry.content == content, "\(entry.name)")
      }
      return nil
    } catch {
      return error
    }
  }

  private func writer() -> ZipWriter {
    ZipWriter([("a", [1, 2, 3]), ("b/", []), ("b/c", []), ("d", [4])])
  }

  @Test func archivesWithoutGapsAreWhole() throws {
    var writer = writer()
    writer.comment = Array("a comment is the archive's own".utf8)
    #expect(try failure(writer.bytes()) == nil)
    writer.zip64 = (nil, nil, nil, nil)
    #expect(try failure(writer.bytes()) == nil)
    #expect(try failure(ZipWriter().bytes()) == nil)
  }

  /// The record that follows the content of a member, in all its forms.
  private static func descriptors(crc: UInt32, packed: Int, size: Int) -> [[UInt8]] {
    let sizes = [le(UInt32(packed)) + le(UInt32(size)), le(UInt64(packed)) + le(UInt64(size))]
    return sizes.flatMap { [le(crc) + $0, le(0x0807_4B50 as UInt32) + le(crc) + $0] }
  }

  @Test(arguments: [0, 3])
  func descriptorsBelongToTheirMembers(_ index: Int) throws {
    let content = writer().members[index].content
    let crc = CRC32.checksum(content)
    for isDeflated in [false, true] {
      let packed = isDeflated ? ZipWriter.deflate(content) : content
      for tail in Self.descriptors(crc: crc, packed: packed.count, size: content.count) {
        var writer = writer()
        writer.members[index].flags = 8
        writer.members[index].isDeflated = isDeflated
        writer.members[index].tail = tail
        #expect(try failure(writer.bytes()) == nil, "\(tail.count)")
        // The sizes in the header may then be left open.
        writer.members[index].localSize = 0
        writer.members[index].localCRC = 0
        #expect(try failure(writer.bytes()) == nil, "\(tail.count)")
        // One that says something else is none.
        for position in tail.indices {
          var other = writer
          other.members[index].tail[position] ^= 1
          #expect(try failure(other.bytes())?.code == .refused, "\(tail.count), \(position)")
        }
        // Nor is one with something behind it, or of a member that says that it has none.
        writer.members[index].tail += [0]
        #expect(try failure(writer.bytes())?.code == .refused)
        writer.members[index].tail = tail
        writer.members[index].flags = 0
        #expect(try failure(writer.bytes()) != nil)
      }
    }
  }

  @Test(arguments: [1, 4, 12, 16, 20, 24, 25, 100])
  func otherBytesAreRefused(_ count: Int) throws {
    let bytes = [UInt8](repeating: 0x20, count: count)
    for index in 0..<4 {
      for flags in [0, 8] as [UInt16] {
        var writer = writer()
        writer.members[index].flags = flags
        writer.members[index].tail = bytes
        #expect(try failure(writer.bytes())?.code == .refused, "behind \(index)")
      }
    }
    for countsFromFile in [false, true] {
      var writer = writer()
      writer.prefix = bytes
      writer.countsFromFile = countsFromFile
      let error = try failure(writer.bytes())
      #expect(error?.code == .refused)
      #expect(error?.reason.contains("\(count) bytes before the member a ") == true)
      var empty = ZipWriter()
      empty.prefix = bytes
      empty.countsFromFile = countsFromFile
      #expect(try failure(empty.bytes())?.reason.contains("before the directory") == true)
    }
  }

  @Test func aMemberThatTheDirectoryDoesNotListIsRefused() throws {
    let all = writer().bytes()
    // The header of `d` is the first thing that the shorter archive lacks.
    var without = writer()
    without.members.removeLast()
    let shorter = without.bytes()
    let start = shorter.count - 22 - (46 * 3 + 1 + 2 + 3)
    let hidden = all[start..<start + 30 + 1 + 1]
    without.members[2].tail = Array(hidden)
    #expect(try failure(without.bytes())?.code == .refused)
  }

  /// The last archive has the directory that all readers go by.
  @Test(arguments: [FileFormat.pytorch, .keras, .numpy])
  func joinedFilesAreRefusedAsWhatTheyAre(_ format: FileFormat) throws {
    let folder = try TemporaryFolder()
    let sources: [[UInt8]] =
      switch format.id {
      case "pytorch": [try Fixture.bytes("plain"), try Fixture.bytes("tensor")]
      case "keras":
        try ["image", "sequence"].map { name in
          let path = Fixture.folder.appending(path: "../keras/\(name).keras")
          return Array(try Data(contentsOf: path))
        }
      default:
        try [1, 2].map { number in
          let array = NDArray(zeros: [number], dtype: .float32)
          var checkpoint = Checkpoint(state: [:])
          checkpoint.state.entries["w\(number)"] = .init(array, role: .parameter)
          try checkpoint.write(to: folder.file("\(number).npz"), format: .numpy)
          return try folder.bytes("\(number).npz")
        }
      }
    let path = try folder.write(sources[0] + sources[1], to: "joined")
    let words = "\(sources[0].count) bytes before the member"
    for known in [format, nil] {
      for access in [Access.mapped, .verified, .unverified] {
        let error = #expect(throws: CheckpointError.self) {
          try OpenedCheckpoint(path, format: known, access: access)
        }
        #expect(error?.code == .refused && error?.reason.contains(words) == true)
      }
      let error = #expect(throws: CheckpointError.self) {
        try Verification(path, format: known)
      }
      #expect(error?.code == .refused && error?.reason.contains(words) == true)
    }
  }
}
