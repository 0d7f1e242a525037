import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files of PyTorch written again, as they were read and after the way through Ballast's HDF5.
@Suite struct PyTorchWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What no safe pickle holds, by the fixture: the losses that must be told, and no others.
  private static let losses: [String: [String]] = [
    "module": ["ballast.pytorch"], "module_in_dict": ["ballast.pytorch"],
    "script": ["ballast.pytorch"],
    "values": [
      "frozen", "range", "path", "when", "namespace", "config", "point", "flags", "class",
      "numpy dtype",
    ],
  ]

  /// Writes a checkpoint as `name` and reads it again.
  private func write(_ checkpoint: Checkpoint, _ name: String) throws -> OpenedCheckpoint {
    let summary = try checkpoint.write(to: folder.file("\(name).pth"), format: .pytorch)
    #expect(summary.losses.compactMap(\.subject) == Self.losses[name] ?? [], "\(name)")
    let again = try OpenedCheckpoint(folder.file("\(name).pth"), reading: .verified)
    #expect(again.notes == [], "\(name)")
    if Self.losses[name] == nil {
      let lines = Dump.lines(checkpoint)
      for (line, wanted) in zip(Dump.lines(again.checkpoint), lines) {
        #expect(line == wanted, "\(name)")
      }
      #expect(Dump.lines(again.checkpoint).count == lines.count, "\(name)")
    }
    return again
  }

  /// Compares what was written with the files that it came from.
  private func differences(_ mode: String) throws -> [Substring] {
    // PyTorch does not read an archive that follows something else.
    let pairs = Fixture.names.flatMap { name in
      [Fixture.path(name == "prefixed" ? "plain" : name), folder.file("\(name).pth")]
    }
    return try Peers.run("compare_pytorch.py", [mode] + pairs).split(separator: "\n")
  }

  @Test(.needsPeers) func writesEveryFixtureAsItWas() throws {
    for name in Fixture.names {
      _ = try write(OpenedCheckpoint(Fixture.path(name)).checkpoint, name)
    }
    let differences = try differences("strides")
    #expect(differences == [])
  }

  @Test(.needsPeers) func writesEveryFixtureAsItWasAfterTheWayThroughHDF5() throws {
    for name in Fixture.names {
      let kept = folder.file("\(name).h5")
      try OpenedCheckpoint(Fixture.path(name)).checkpoint.write(to: kept, format: .ballast)
      _ = try write(OpenedCheckpoint(kept, reading: .verified).checkpoint, name)
    }
    let differences = try differences("values")
    #expect(differences == [])
  }

  @Test func writesTheSameBytesEachTime() throws {
    for name in ["adam", "views", "lightning", "values"] {
      let checkpoint = try OpenedCheckpoint(Fixture.path(name)).checkpoint
      var options = ExportOptions()
      try checkpoint.write(to: folder.file("a.pth"), format: .pytorch, options: options)
      options.save.threads = 1
      try checkpoint.write(to: folder.file("b.pt"), format: .pytorch, options: options)
      let first = try folder.bytes("a.pth")
      #expect(try folder.bytes("b.pt") == first, "\(name)")
      // What was written is a fixed point.
      let again = try OpenedCheckpoint(folder.file("a.pth")).checkpoint
      try again.write(to: folder.file("c.pt"), format: .pytorch)
      if Self.losses[name] == nil { #expect(try folder.bytes("c.pt") == first, "\(name)") }
    }
  }
}
