import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Files that PyTorch made, compared with the objects that they were made from.
@Suite struct PyTorchFixtureTests {
  @Test(arguments: Fixture.names, [Access.mapped, .verified])
  func readsWhatPyTorchWrote(_ name: String, access: Access) throws {
    let file = try PyTorchFile(Fixture.path(name), access: access)
    let lines = Dump.lines(try file.read(), container: file.container)
    let expected = try Fixture.expected(name)
    for (line, wanted) in zip(lines, expected) { #expect(line == wanted) }
    #expect(lines.count == expected.count)
  }

  @Test func everyFixtureIsThere() { #expect(Fixture.names.count == 48) }

  /// `a` of 48 bytes, `b` the same, `rows` a part of it, and `other` of 20 bytes.
  @Test(.needsPeers) func checkingCountsWhatIsSharedOnce() throws {
    let folder = try TemporaryFolder()
    try Peers.run("write_shards.py", [folder.path])
    let path = folder.file("tied.pth")
    let verification = try Verification(path)
    #expect(verification.tensorCount == 3 && verification.byteCount == 68)
    // As in a file of the format that has ties.
    var checkpoint = try OpenedCheckpoint(path).checkpoint
    checkpoint.state.entries["rows"] = nil
    for name in ["a.h5", "a.safetensors", "a.npz", "a.pth"] {
      let format = try #require(FileFormat(fileName: name))
      try checkpoint.write(to: folder.file(name), format: format)
      let verification = try Verification(folder.file(name))
      #expect(verification.tensorCount == 2 && verification.byteCount == 68, "\(name)")
    }
  }

  @Test func sharesStorageBetweenTiesAndViews() throws {
    let state = try PyTorchFile(Fixture.path("views")).read().checkpoint.state
    let base = try #require(state["base"])
    for key in ["tied", "wide", "transposed", "column", "step", "middle", "repeated"] {
      #expect(state[key]?.storage === base.storage, "\(key)")
    }
    #expect(state["transposed"]?.layout.strides == [1, 6])
    #expect(state["repeated"]?.layout.strides == [0, 0])
    #expect(state["scalar"]?.storage !== base.storage)
  }

  @Test(arguments: ["plain", "legacy", "deflated", "tar", "bare4", "module", "adam"])
  func refusesEveryTruncation(_ name: String) throws {
    let bytes = try Fixture.bytes(name)
    // The tar archive ends with two blocks of zeros, of which one is enough.
    let end = name == "tar" ? bytes.count - 512 : bytes.count
    let stride = bytes.count > 2000 ? 11 : 1
    for length in Swift.stride(from: 0, to: end, by: stride) {
      let error = try failure(Array(bytes[..<length]))
      #expect(error != nil, "\(name) cut to \(length) bytes")
      #expect(
        error?.code == .damaged || error?.code == .notThisFormat, "\(length): \(error as Any)")
    }
  }

  @Test(arguments: ["plain", "deflated"])
  func noticesEveryFlippedByteOfTensors(_ name: String) throws {
    let bytes = try Fixture.bytes(name)
    let intact = Dump.lines(try read(bytes), container: .zip)
    for position in stride(from: 0, to: bytes.count, by: 5) {
      var changed = bytes
      changed[position] ^= 0x10
      let file = try TemporaryFile(changed)
      guard let result = try? PyTorchFile(file.path, access: .verified).read() else {
        continue
      }
      // A change that is accepted is one that nobody reads: padding, dates, attributes.
      #expect(Dump.lines(result, container: .zip) == intact, "byte \(position)")
    }
  }

  @Test func noticesAnAppendedTail() throws {
    for name in ["plain", "legacy", "bare2"] {
      let error = try failure(try Fixture.bytes(name) + [0])
      #expect(error?.code == .damaged, "\(name)")
    }
  }

  @Test func verifiesChecksums() throws {
    let plain = try PyTorchFile(Fixture.path("plain")).verify()
    #expect(plain.notes.isEmpty)
    #expect(plain.tensorCount > 5)
    #expect(plain.problems.isEmpty)
    let without = try PyTorchFile(Fixture.path("nocrc")).verify()
    let count = try #require(without.notes.first?.split(separator: " ").first.flatMap { Int($0) })
    #expect(count > 10)

    var bytes = try Fixture.bytes("plain")
    let weight = try #require(try read(bytes).checkpoint.state["bn.weight"])
    let values = weight.withContiguousBytes { [UInt8](copying: $0) }
    let place = try #require(bytes.firstRange(of: values))
    bytes[place.lowerBound] ^= 1
    let file = try TemporaryFile(bytes)
    let damaged = try PyTorchFile(file.path, access: .unverified)
    let problems = try damaged.verify().problems
    #expect(problems.map(\.code) == [.damaged])
    #expect(problems.first?.place?.hasPrefix("bn.weight, ") == true)
    #expect(problems.first?.place?.contains("/data/") == true)
  }

  @Test func listsGlobals() throws {
    let names = try PyTorchFile(Fixture.path("values")).globals()
    #expect(names.contains("argparse.Namespace"))
    #expect(names.contains("torch._utils._rebuild_tensor_v2"))
    #expect(names.contains("torch.nn.modules.linear.Linear"))
  }

  @Test func tellsWhatWasLeftOut() throws {
    let losses = try PyTorchFile(Fixture.path("module")).read().losses
    #expect(losses.map(\.kind) == [.architectureDropped, .tensorDropped])
    #expect(losses.map(\.subject) == [nil, "cache"])
    let ambiguous = try PyTorchFile(Fixture.path("ambiguous")).read().notes
    #expect(ambiguous.contains { $0.contains("which keep their numbers") })
  }

  @Test func countsRoles() throws {
    let result = try PyTorchFile(Fixture.path("adam")).read()
    #expect(result.roleCounts.map(\.rule) == [.dtypeOrName, .optimizerOmission, .default])
    #expect(result.roleCounts.map(\.count) == [3, 1, 8])
  }

  @Test(.needsPeers) func namesThatAreOneTextHereAreRefused() throws {
    let folder = try TemporaryFolder()
    try Peers.run("write_twin_names.py", [folder.file("twins.pth")])
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("twins.pth"))
    }
    #expect(error?.code == .unsupported)
  }

  @Test func takesRolesFromAnotherStateDict() throws {
    var plain = try OpenedCheckpoint(Fixture.path("plain"))
    let module = try OpenedCheckpoint(Fixture.path("module"))
    #expect(plain.checkpoint.state.entries["class_weights"]?.role == .parameter)
    #expect(plain.result.takeRoles(from: module.checkpoint.state) == [])
    #expect(plain.checkpoint.state.entries["class_weights"]?.role == .buffer)
    #expect(plain.roleRules["class_weights"] == .reference)

    var sure = module
    var wrong = module.checkpoint.state
    for key in wrong.keys { wrong.entries[key]?.role = .buffer }
    sure.result.takeRoles(from: wrong)
    #expect(sure.checkpoint.state.entries["scale"]?.role == .parameter)
    #expect(sure.roleRules["scale"] == .parameterObject)
  }
}
