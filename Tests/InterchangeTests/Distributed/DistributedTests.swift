import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Folders that `torch.distributed.checkpoint` wrote on one to four processes: see `make_distributed.py`.
/// PyTorch's own conversion, `dcp_to_torch_save`, says what is in them.
@Suite struct DistributedTests {
  static let fixtures = TestTarget.folder().appending(path: "Fixtures/distributed").path
  static let names = ["single", "old", "strided", "fsdp", "flat", "placed", "mesh"]

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What PyTorch found at a place: a tensor, or another value as Python writes it.
  struct Expected: Decodable {
    let dtype: String?
    let shape: [Int]?
    let hex: String?
    let text: String?
  }

  static func expected(_ name: String) throws -> [String: Expected] {
    let data = try Data(contentsOf: URL(filePath: "\(fixtures)/expected.json"))
    return try #require(
      JSONDecoder().decode([String: [String: Expected]].self, from: data)[name])
  }

  private static func path(_ name: String) -> String { "\(fixtures)/\(name)" }

  /// The tensors of a checkpoint by the ways to them that PyTorch has.
  private func tensors(_ checkpoint: Checkpoint, _ name: String) -> [String: NDArray] {
    var found: [String: NDArray] = [:]
    let isTraining = checkpoint.optimizer != nil
    for (key, entry) in checkpoint.state.entries {
      found[isTraining ? "model/\(key)" : key] = entry.array
    }
    if let optimizer = checkpoint.optimizer {
      let parameters = optimizer.groups.flatMap(\.parameters)
      for (parameter, slots) in optimizer.state {
        for (slot, value) in slots {
          let place: String
          switch name {
          case "single", "old":
            place = "optim/state/\(parameters.firstIndex(of: parameter) ?? -1)/\(slot)"
          case "flat": place = "optim/state.\(parameter).\(slot)"
          default: place = "optim/state/\(parameter)/\(slot)"
          }
          found[place] = value.tensor
        }
      }
    }
    func add(_ value: Value, _ place: String) {
      if let tensor = value.tensor {
        found[place] = tensor
      } else {
        for (member, inner) in value.members { add(inner, "\(place)/\(member)") }
      }
    }
    for (key, value) in checkpoint.metadata { add(value, key) }
    return found
  }

  @Test(arguments: names, [Access.mapped, .verified, .unverified])
  func tensorsAreWhatPyTorchFinds(_ name: String, _ access: Access) throws {
    let opened = try OpenedCheckpoint(Self.path(name), access: access)
    #expect(opened.format == .pyTorchDistributed)
    let found = tensors(opened.checkpoint, name)
    let expected = try Self.expected(name).filter { $0.value.hex != nil }
    #expect(Set(found.keys) == Set(expected.keys))
    for (place, tensor) in expected {
      let array = try #require(found[place], "\(place)")
      #expect(array.dtype.rawValue == tensor.dtype, "\(place)")
      #expect(array.shape.dimensions == tensor.shape, "\(place)")
      #expect(
        array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) } == tensor.hex, "\(place)")
    }
    #expect(opened.losses.isEmpty)
  }

  @Test(arguments: names) func aFolderIsVerified(_ name: String) throws {
    let verification = try Verification(Self.path(name))
    #expect(verification.problems.isEmpty)
    let count = try Self.expected(name).values.count { $0.hex != nil }
    #expect(verification.tensorCount == count)
    #expect(verification.notes.contains { $0.contains("pieces tile each tensor was proved") })
  }

  @Test func valuesAreThoseThatWereSaved() throws {
    let checkpoint = try OpenedCheckpoint(Self.path("single")).checkpoint
    let metadata = checkpoint.metadata
    #expect(metadata["epoch"] == 3)
    #expect(metadata["name"] == "ä first one")
    #expect(metadata["loss"] == 0.25)
    #expect(metadata["flags"] == [true, nil])
    #expect(metadata["pair"] == .tuple([1, "two"]))
    #expect(metadata["nested"] == ["a": ["b": 7]])
    #expect(metadata["big"] == .bigInt("1180591620717411303424"))
    #expect(metadata["raw"] == .bytes([0, 1, 2]))
  }

  /// The numbers of parameters, which are texts in the folder, are of the parameters again.
  @Test(arguments: ["single", "old", "fsdp", "flat"])
  func anOptimizerIsOfTheModel(_ name: String) throws {
    let opened = try OpenedCheckpoint(Self.path(name))
    let optimizer = try #require(opened.checkpoint.optimizer)
    #expect(optimizer.type == "AdamW")
    #expect(optimizer.groups.count == 1)
    #expect(optimizer.groups[0].options["lr"] == 0.01)
    #expect(optimizer.groups[0].options["betas"] == .tuple([0.9, 0.999]))
    let parameters = optimizer.groups[0].parameters
    #expect(parameters.count == (name == "flat" ? 2 : 6))
    #expect(Set(optimizer.state.keys) == Set(parameters))
    let hasNumbers = ["single", "old"].contains(name)
    #expect(opened.notes.contains { $0.contains("numbers again") } == hasNumbers)
    #expect(opened.notes.contains { $0.contains("flat keys") } == (name == "flat"))
    guard optimizer.naming == .keys else { return }
    for parameter in parameters {
      #expect(
        optimizer.state[parameter]?["exp_avg"]?.tensor?.shape
          == opened.checkpoint.state[parameter]?.shape)
      #expect(opened.checkpoint.state.entries[parameter]?.role == .parameter)
    }
  }

  /// Elements that PyTorch saved in another order stay in it, and are not copied.
  @Test func anOrderOfElementsIsKept() throws {
    let state = try OpenedCheckpoint(Self.path("strided"), access: .mapped).checkpoint.state
    #expect(state["turned"]?.layout.strides == [1, 7])
    #expect(state["image"]?.layout.strides == [12, 1, 6, 3])
    #expect(state["turned"]?.storage.source != nil)
  }

  /// Whoever saves into a folder that Ballast wrote leaves what was kept beside the table.
  @Test func whatWasKeptIsOfItsTableAlone() throws {
    let path = folder.file("out")
    let single = try OpenedCheckpoint(Self.path("single")).checkpoint
    try single.write(to: path, format: .pyTorchDistributed)
    #expect(try OpenedCheckpoint(path).notes.allSatisfy { !$0.contains("passed over") })
    for name in [".metadata", "__0_0.distcp"] {
      try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      try FileManager.default.copyItem(
        atPath: "\(Self.path("old"))/\(name)", toPath: "\(path)/\(name)")
    }
    let opened = try OpenedCheckpoint(path)
    #expect(opened.notes.contains { $0.contains("ballast.json in the folder is not of its") })
    let old = try OpenedCheckpoint(Self.path("old")).checkpoint
    #expect(try CheckpointComparison(old, opened.checkpoint, extent: .everything).isSame)
  }

  @Test func factsTellTheFilesOfTheRanks() throws {
    let facts = try OpenedCheckpoint.facts(of: Self.path("placed"))
    let ranks = try #require(facts["ranks"]?.elements)
    #expect(
      ranks.map { $0["name"] } == ["__0_0.distcp", "__1_0.distcp", "__2_0.distcp"])
    #expect(facts["tensors"] == 8)
    #expect(facts["in_one_piece"] == 1)
    #expect(facts["in_several_pieces"] == 7)
  }

  /// The table leads to the folder, and so does a slash behind its name.
  @Test func aFolderHasSeveralNames() throws {
    let whole = try OpenedCheckpoint(Self.path("mesh")).checkpoint
    for path in ["mesh/", "mesh/.metadata"] {
      let other = try OpenedCheckpoint(Self.path(path)).checkpoint
      #expect(try CheckpointComparison(whole, other).isSame)
    }
  }

  /// A part of a checkpoint is never taken for the whole.
  @Test func onePieceAloneIsRefused() throws {
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(Self.path("fsdp/__1_0.distcp"))
    }
    #expect(error?.code == .refused)
    #expect(error?.advice == "Name the folder: \(Self.path("fsdp")).")
  }

  @Test(arguments: names) func itIsTheSameInAnotherFormatAndBack(_ name: String) throws {
    let opened = try OpenedCheckpoint(Self.path(name), access: .mapped)
    var checkpoint = opened.checkpoint
    for (number, format) in [FileFormat.ballast, .pyTorchDistributed, .pytorch].enumerated() {
      let path = folder.file("\(number).\(format.endings.first ?? "folder")")
      let summary = try checkpoint.write(to: path, format: format)
      #expect(summary.losses.isEmpty, "\(format)")
      let back = try OpenedCheckpoint(path)
      #expect(back.format == format)
      let comparison = try CheckpointComparison(opened.checkpoint, back.checkpoint)
      #expect(comparison.differences.isEmpty, "\(format): \(comparison)")
      checkpoint = back.checkpoint
    }
  }

  /// What is in several pieces is written a block at a time, and compared with its checksums on the way.
  @Test func damageIsFoundOnTheWay() throws {
    let copy = folder.file("copy")
    try FileManager.default.copyItem(atPath: Self.path("placed"), toPath: copy)
    let clean = try OpenedCheckpoint(copy, access: .mapped)
    _ = try clean.checkpoint.plan(to: folder.file("clean.h5"), format: .ballast)
      .write(checking: clean.check())
    // A bit of the values of a tensor, which no part of an archive but its checksum tells.
    let row = try #require(clean.checkpoint.state["rows"]).withContiguousBytes {
      [UInt8](copying: $0).prefix(16)
    }
    let path = "\(copy)/__0_0.distcp"
    var data = try Data(contentsOf: URL(filePath: path))
    let place = try #require(data.range(of: Data(row))).lowerBound
    data[place] ^= 1
    try data.write(to: URL(filePath: path))
    let opened = try OpenedCheckpoint(copy, access: .mapped)
    #expect(throws: DamagedInput.self) {
      try opened.checkpoint.plan(to: folder.file("damaged.h5"), format: .ballast)
        .write(checking: opened.check())
    }
    #expect(!folder.names.contains("damaged.h5"))
    let problems = try Verification(copy).problems
    #expect(problems.count == 1)
    #expect(problems.first?.place?.hasPrefix("rows, archive/data/0") == true)
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(copy) }
    #expect(error?.code == .damaged)
  }
}
