import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import States
import TestSupport
import Testing

/// A file that changed since it was written: found, named, and never read as something else.
@Suite struct DamageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What reading and verifying a file came to.
  private enum Outcome: Equatable {
    case asWritten
    case refused
    /// Something else was read, and nothing said so.
    case changedSilently([String])
  }

  private func outcome(of bytes: [UInt8], written: Checkpoint) throws -> Outcome {
    try folder.write(bytes, to: "damaged.h5")
    do {
      let file = try CheckpointFile(folder.file("damaged.h5"))
      let differences = written.differences(from: try file.read(.verified))
      let problems = try file.verify().problems
      if !problems.isEmpty { return .refused }
      return differences.isEmpty ? .asWritten : .changedSilently(differences)
    } catch is CheckpointError {
      return .refused
    } catch is FileError {
      return .refused
    }
  }

  @Test(arguments: [nil, WriteOptions.Compression(level: 6, shuffle: true)])
  func aFlippedBitInATensorIsNamed(_ compression: WriteOptions.Compression?) throws {
    let checkpoint = TestCheckpoints.everyType
    try CheckpointWriter.write(
      checkpoint, to: folder.file("a.h5"), options: WriteOptions(compression: compression))
    let bytes = try folder.bytes("a.h5")
    let regions = try CheckpointFile(folder.file("a.h5")).tensors.compactMap { tensor in
      tensor.fileRange.map { (tensor.name, $0) }
    }
    #expect(regions.count > 40)
    for (name, range) in regions {
      for position in [range.lowerBound, range.upperBound - 1, range.lowerBound + range.count / 2] {
        var damaged = bytes
        damaged[position] ^= 1 << UInt8(position % 8)
        try folder.write(damaged, to: "damaged.h5")
        let file = try CheckpointFile(folder.file("damaged.h5"))
        let problems = try file.verify().problems
        #expect(problems.count == 1 && problems.first?.place == name, "\(name) at \(position)")
        #expect(throws: CheckpointError.self) { try file.read(.verified) }
      }
    }
  }

  @Test func aFlippedBitAnywhereIsNeverReadAsSomethingElse() throws {
    var checkpoint = TestCheckpoints.training
    checkpoint.state.entries["tied"] = checkpoint.state.entries["conv.weight"]
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let bytes = try folder.bytes("a.h5")
    var generator = SeededGenerator(seed: 2024)
    for _ in 0..<400 {
      let position = Int.random(in: 0..<bytes.count, using: &generator)
      var damaged = bytes
      damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      let outcome = try outcome(of: damaged, written: checkpoint)
      if case .changedSilently(let differences) = outcome {
        Issue.record("a bit of byte \(position): \(differences)")
      }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let checkpoint = TestCheckpoints.training
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let bytes = try folder.bytes("a.h5")
    for length in stride(from: 0, to: bytes.count, by: 509) {
      #expect(
        try outcome(of: Array(bytes[..<length]), written: checkpoint) == .refused, "\(length) bytes"
      )
    }
    #expect(try outcome(of: Array(bytes.dropLast()), written: checkpoint) == .refused)
    #expect(try outcome(of: bytes + [0], written: checkpoint) == .refused)
  }

  @Test func zeroedAndSwappedSectorsAreFound() throws {
    var checkpoint = TestCheckpoints.training
    checkpoint.state.entries["large"] = .init(
      TestCheckpoints.array(.float32, [64, 257]), role: .parameter)
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let bytes = try folder.bytes("a.h5")
    for start in stride(from: 0, to: bytes.count - 1024, by: 2048) {
      var zeroed = bytes
      for index in start..<(start + 512) { zeroed[index] = 0 }
      var swapped = bytes
      swapped.replaceSubrange(start..<(start + 512), with: bytes[(start + 512)..<(start + 1024)])
      swapped.replaceSubrange((start + 512)..<(start + 1024), with: bytes[start..<(start + 512)])
      for damaged in [zeroed, swapped] {
        if case .changedSilently(let differences) = try outcome(of: damaged, written: checkpoint) {
          Issue.record("sector at \(start): \(differences)")
        }
      }
    }
  }

  @Test func aFileCutShortWhileItIsOpenIsAnErrorAndNoSignal() throws {
    let checkpoint = Checkpoint(state: ["large": TestCheckpoints.array(.float32, [300, 1000])])
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let file = try CheckpointFile(folder.file("a.h5"))
    let mapped = try file.read(.mapped)
    #expect(truncate(folder.file("a.h5"), 500_000) == 0)
    let error = #expect(throws: CheckpointError.self) { try file.read(.verified) }
    #expect(error?.code == .inputOutput)
    #expect(throws: FileError.self) { try file.verify() }
    let writing = #expect(throws: CheckpointError.self) {
      try CheckpointWriter.write(mapped, to: folder.file("copy.h5"))
    }
    #expect(writing?.code == .inputOutput)
    #expect(writing?.file == folder.file("a.h5"))
    #expect(folder.names == ["a.h5"])
  }

  @Test func anEditedFileIsReadWhereNoDigestIsAskedFor() throws {
    let checkpoint = TestCheckpoints.training
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let file = try CheckpointFile(folder.file("a.h5"))
    let range = try #require(file.tensors.first?.fileRange)
    var bytes = try folder.bytes("a.h5")
    bytes[range.lowerBound] ^= 1
    try folder.write(bytes, to: "edited.h5")
    let edited = try CheckpointFile(folder.file("edited.h5"))
    #expect(checkpoint.differences(from: try edited.read(.unverified)) == ["conv.weight: values"])
  }

  /// Several names for one tensor are fine; a tensor made of the bytes of others is not.
  @Test func tensorsThatOverlapAreRefused() throws {
    let names = ["a", "b"]
    let array = TestCheckpoints.array(.float32, [1000])
    var state = StateDict()
    for name in names { state[name] = array.copied() }
    try CheckpointWriter.write(Checkpoint(state: state), to: folder.file("a.h5"))
    let ranges = try CheckpointFile(folder.file("a.h5")).tensors.compactMap(\.fileRange)
    try #require(ranges.count == 2)
    for distance in [0, 4, 3996, 4000] {
      // The same elements at another place of the file: only the place tells.
      let place = ranges[0].lowerBound + distance
      var bytes = try moved(ranges[1].lowerBound, to: place, in: try folder.bytes("a.h5"))
      bytes.replaceSubrange(place..<(place + 4000), with: bytes[ranges[0]])
      try folder.write(bytes, to: "moved.h5")
      guard distance < 4000 else {
        #expect(try CheckpointFile(folder.file("moved.h5")).read(.verified).state.keys.count == 2)
        continue
      }
      let error = #expect(throws: CheckpointError.self) {
        try CheckpointFile(folder.file("moved.h5"))
      }
      #expect(error?.code == .damaged && error?.place == "/parameters/b", "\(error as Any)")
    }
  }

  /// The file with a dataset of 4,000 bytes said to be elsewhere.
  private func moved(_ old: Int, to new: Int, in bytes: [UInt8]) throws -> [UInt8] {
    let littleEndian = { (number: Int) in (0..<8).map { UInt8(number >> ($0 * 8) & 0xFF) } }
    // The message about the layout has the number of bytes after the address.
    let layout = littleEndian(old) + littleEndian(4000)
    let place = try #require(
      bytes.indices.dropLast(16).first { bytes[$0..<($0 + 16)].elementsEqual(layout) })
    var bytes = bytes
    bytes.replaceSubrange(place..<(place + 8), with: littleEndian(new))
    return bytes
  }
}
