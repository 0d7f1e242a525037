import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Archives whose small members are damaged: their checksums tell, and not whoever interprets them.
@Suite struct DamagedMemberTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func fixture(_ name: String) throws -> [UInt8] {
    let path = TestTarget.folder()
      .appending(path: "Fixtures/\(name)").path
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  /// A file of each format of archives, and the member that is interpreted before the tensors.
  private func file(_ name: String) throws -> (bytes: [UInt8], member: String) {
    switch name {
    case "npz":
      let state: StateDict = ["a": NDArray([1, 2, 3] as [Float]), "b": NDArray(Float(1))]
      try Checkpoint(state: state).write(to: folder.file("in"), format: .numpy)
      // A folder has no checksums; an archive has.
      try Checkpoint(state: state).write(to: folder.file("in.npz"), format: .numpy)
      return (try folder.bytes("in.npz"), "a.npy")
    case "keras": return (try Self.fixture("keras/image.keras"), "config.json")
    default: return (try Self.fixture("pytorch/plain.pth"), "data.pkl")
    }
  }

  @Test(arguments: ["pth", "npz", "keras"])
  func aDamagedMemberIsToldByItsChecksum(_ ending: String) throws {
    let (bytes, member) = try file(ending)
    let path = try folder.write(bytes, to: "damaged.\(ending)")
    let archive = try #require(try FileProbe(path).zip())
    let entry = try #require(archive.entries.first { $0.name.hasSuffix(member) })
    let range = try #require(try archive.region(of: entry)?.range)
    for place in stride(from: range.lowerBound, to: range.upperBound, by: max(range.count / 100, 1))
    {
      var damaged = bytes
      damaged[place] ^= 0x15
      try folder.write(damaged, to: "damaged.\(ending)")
      let verification = try Verification(path)
      #expect(verification.problems.count == 1, "byte \(place)")
      let problem = try #require(verification.problems.first)
      #expect(problem.code == .damaged, "byte \(place): \(problem)")
      #expect(problem.reason.contains("checksum"), "byte \(place): \(problem)")
      #expect(problem.place?.hasSuffix(member) == true, "byte \(place): \(problem)")
      let thrown = #expect(throws: CheckpointError.self, "byte \(place)") {
        try OpenedCheckpoint(path, access: .verified)
      }
      #expect(thrown?.code == .damaged, "byte \(place): \(thrown?.description ?? "")")
      #expect(
        thrown?.reason.contains("checksum") == true, "byte \(place): \(thrown?.description ?? "")")
    }
  }

  /// What else is damaged is told too.
  @Test func allDamagedMembersAreTold() throws {
    var (bytes, _) = try file("pth")
    let path = try folder.write(bytes, to: "damaged.pth")
    let archive = try #require(try FileProbe(path).zip())
    var count = 0
    for entry in archive.entries where entry.byteCount > 0 {
      guard entry.name.hasSuffix("data.pkl") || entry.name.contains("/data/") else { continue }
      bytes[try #require(try archive.region(of: entry)?.range.lowerBound) + 1] ^= 0x15
      count += 1
    }
    try folder.write(bytes, to: "damaged.pth")
    #expect(count > 1)
    #expect(try Verification(path).problems.count == count)
  }
}
