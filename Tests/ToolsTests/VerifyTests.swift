import Arrays
import Checkpoints
import Foundation
import TestSupport
import Testing

/// What `ballast-verify` finds, and what it does not call damage.
@Suite struct VerifyTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func aSoundFileIsVerified() throws {
    try bench.convertedSample(to: "a.h5")
    let command = try bench.run("verify", "a.h5")
    #expect(command.status == 0)
    #expect(command.output == "verified: a.h5: 43 tensors, 22.1 KiB\n")
    let json = try bench.run("verify", Workbench.sample, "--json").json()
    #expect(Set(json.keys) == ["file", "verified", "tensors", "bytes", "problems", "notes"])
    #expect(json["verified"] as? Bool == true)
    #expect(json["tensors"] as? Int == 43)
    #expect(json["bytes"] as? Int == 22676)
    #expect(json["problems"] as? [String] == [])
  }

  @Test func everyFlippedBitOfATensorIsFoundAndTheTensorNamed() throws {
    let bytes = try bench.convertedSample(to: "a.h5")
    let tensors = try CheckpointFile(bench.folder.file("a.h5")).tensors
    var generator = SeededGenerator(state: 42)
    var checked = 0
    for tensor in tensors {
      guard let range = tensor.fileRange else { continue }
      let position = Int.random(in: range, using: &generator)
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
      var damaged = bytes
      damaged[position] ^= bit
      try bench.folder.write(damaged, to: "damaged.h5")
      let command = try bench.run("verify", "damaged.h5", "--quiet")
      #expect(command.status == 1)
      let lines = command.output.split(separator: "\n")
      #expect(lines.first == "damaged.h5 is damaged:")
      #expect(lines.count == 2 && lines[1].contains(": \(tensor.name): "), "\(command.output)")
      checked += 1
    }
    #expect(checked == 43)
  }

  @Test func theSameBitsInTwoFormatsAreTheSame() throws {
    try bench.convertedSample(to: "a.h5")
    try bench.run("convert", "a.h5", "b.h5", "--compress", "1")
    let command = try bench.run("verify", Workbench.sample, "a.h5", "b.h5")
    #expect(command.status == 0)
    #expect(command.output.split(separator: "\n").count == 2)
    #expect(command.output.contains("are the same to the bit (43 tensors, 22.1 KiB)"))
  }

  @Test func differencesAreNamed() throws {
    try bench.write(
      [
        "same": .init([Float(1), 2]), "values": .init([Float(1), 2]), "shape": .init([Float(1)]),
        "type": .init([Float(1)]), "zero": .init([Float(0)]), "only": .init([Float(1)]),
      ], to: "a.h5")
    try bench.write(
      [
        "same": .init([Float(1), 2]), "values": .init([Float(1), 2.5]),
        "shape": .init([Float(1), 2]), "type": .init([Double(1)]), "zero": .init([-Float(0)]),
        "more": .init([Float(1)]),
      ], to: "b.h5")
    let command = try bench.run("verify", "a.h5", "b.h5", "--quiet")
    #expect(command.status == 1)
    #expect(
      command.output == """
        a.h5 and b.h5 differ (5 tensors, 28 bytes in both):
          values: 1 value differs, by at most 0.5, relatively 0.2
          shape: shape (1,) and (2,)
          type: type float32 and float64
          zero: other bits of equal values (the sign of zero or the payload of NaN)
          only: only in the first
          more: only in the second

        """)
    let json = try bench.run("verify", "a.h5", "b.h5", "--json").json()
    #expect(json["verified"] as? Bool == false)
    let first = try #require((json["comparisons"] as? [[String: Any]])?.first)
    #expect(
      Set(first.keys) == ["first", "second", "tensors", "bytes", "same", "differences"])
    #expect((first["differences"] as? [[String: String]])?.first?["tensor"] == "values")
  }

  @Test func toleranceIsRelativeToTheSecondAndNeverCoversInfinity() throws {
    try bench.write(["w": .init([Float(1), 100]), "i": .init([Float(1)])], to: "a.h5")
    try bench.write(["w": .init([Double(1.005), 100.4]), "i": .init([Float(1)])], to: "b.h5")
    #expect(try bench.run("verify", "a.h5", "b.h5", "--rtol", "1e-2").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--atol", "0.5").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--rtol", "1e-3").status == 1)
    #expect(try bench.run("verify", "a.h5", "b.h5").status == 1)
    try bench.write(["w": .init([Float(1), 100]), "i": .init([Float.infinity])], to: "c.h5")
    for pair in [["a.h5", "c.h5"], ["c.h5", "a.h5"]] {
      #expect(try bench.run("verify", pair[0], pair[1], "--rtol", "0.5").status == 1)
    }
    #expect(try bench.run("verify", "c.h5", "c.h5", "--rtol", "0.5").status == 0)
  }

  @Test func theRoundTripLeavesNothingBehind() throws {
    let command = try Command.run(
      "\(Command.buildFolder)/ballast-verify", ["--round-trip", Workbench.sample],
      in: bench.folder.path, environment: ["TMPDIR": bench.folder.path])
    #expect(command.status == 0)
    #expect(
      command.output.contains("went to HDF5 and back: 43 tensors, 22.1 KiB, equal to the bit"))
    #expect(bench.folder.names.isEmpty)
  }
}
