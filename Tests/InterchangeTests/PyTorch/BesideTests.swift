import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What stands beside a model in a file of PyTorch's, and the dictionaries that a model is in.
@Suite(.needsPeers) struct BesideTests {
  /// The files, made once.
  private static let made = Result {
    let folder = try TemporaryFolder()
    try Peers.run("write_beside.py", [folder.path])
    return folder
  }

  private let files: TemporaryFolder
  private let folder: TemporaryFolder

  init() throws {
    files = try Self.made.get()
    folder = try TemporaryFolder()
  }

  private func open(_ name: String, root: String? = nil) throws -> OpenedCheckpoint {
    try OpenedCheckpoint(files.file("\(name).pth"), options: ReadOptions(root: root))
  }

  // MARK: Tensors that are not read

  static let unread = ["coo", "csr", "quantised", "nested", "meta", "lazy", "parameter"]

  @Test(arguments: unread) func besideTheModelTheyCostThemselves(_ kind: String) throws {
    for name in ["beside_\(kind)", "listed_\(kind)"] {
      let opened = try open(name)
      #expect(opened.checkpoint.state.count == 7, "\(name)")
      let place = name.hasPrefix("beside") ? kind : "others[1].it"
      let told = opened.losses.filter { $0.subject == place }
      #expect(told.count == 1 && told[0].kind == .metadataDropped, "\(name): \(opened.losses)")
      #expect(told.first?.detail.hasSuffix("which is not read, became None") == true)
      let metadata = opened.checkpoint.metadata
      let (kept, lost) =
        name.hasPrefix("beside")
        ? (metadata["kept"], metadata[kind])
        : (metadata["others"]?.elements?.first, metadata["others"]?.elements?.last?["it"])
      #expect(try #require(kept?.tensor).elements(as: Float.self) == [0, 1, 2])
      #expect(lost == Value.none)
    }
  }

  /// The other tensors of an average are kept, each by itself.
  @Test(arguments: unread) func aModelBesideIsKeptButForThem(_ kind: String) throws {
    let opened = try open("average_\(kind)")
    #expect(opened.checkpoint.state.count == 7)
    #expect(opened.losses.contains { $0.subject == "ema.odd" }, "\(opened.losses)")
    #expect(opened.checkpoint.metadata["ema"]?["0.weight"]?.tensor?.shape == [4, 3])
  }

  /// A part of the model that is missing would be a wrong model.
  @Test(arguments: unread) func withinTheModelTheyAreRefused(_ kind: String) throws {
    let error = #expect(throws: CheckpointError.self) { try open("within_\(kind)") }
    #expect(error?.code == .unsupported && error?.place == "odd", "\(error as Any)")
  }

  /// The weights of a quantised layer are no tensors of the state dict, and the model is none without them.
  @Test(arguments: ["packed", "packed_in", "packed_module"])
  func inATupleOfTheModelTheyAreRefusedToo(_ name: String) throws {
    let error = #expect(throws: CheckpointError.self) { try open(name) }
    #expect(
      error?.code == .unsupported && error?.place?.contains("packed") == true, "\(error as Any)")
  }

  // MARK: Dictionaries

  @Test(arguments: [
    "plain", "plain_model", "plain_deep", "plain_beside", "plain_ema", "plain_networks",
    "ordered_networks", "plain_model_networks", "plain_nested",
  ])
  func theirClassesComeBack(_ name: String) throws {
    let path = files.file("\(name).pth")
    let original = try open(name)
    #expect(original.losses == [])
    var written = [path]
    for format in [nil, FileFormat.ballast, .safetensors, .numpy] {
      var checkpoint = original.checkpoint
      if let format {
        let between = folder.file("\(name).\(format.endings[0])")
        #expect(try checkpoint.write(to: between, format: format).losses == [])
        checkpoint = try OpenedCheckpoint(between).checkpoint
      }
      let again = folder.file("\(name)-\(format?.id ?? "straight").pth")
      #expect(try checkpoint.write(to: again, format: .pytorch).losses == [])
      let comparison = try CheckpointComparison(
        original.checkpoint, OpenedCheckpoint(again).checkpoint, extent: .files)
      #expect(comparison.isSame, "\(again): \(comparison)")
      written.append(again)
    }
    let json = try Peers.run("show_classes.py", written)
    let classes = try JSONDecoder().decode([[String: String]].self, from: Data(json.utf8))
    #expect(classes[0].values.contains("dict"))
    for (path, found) in zip(written, classes) { #expect(found == classes[0], "\(path)") }
  }

  /// A plain dictionary has no place for the versions of modules.
  @Test func versionsThatWereAddedTakeAnOrderedDictionary() throws {
    var checkpoint = try open("plain").checkpoint
    checkpoint.state.moduleVersions = ["1": 2]
    let path = folder.file("versions.pth")
    try checkpoint.write(to: path, format: .pytorch)
    #expect(try OpenedCheckpoint(path).checkpoint.state.moduleVersions == ["1": 2])
  }

  // MARK: Whole modules

  @Test func wholeModulesBesideTheModelAreModels() throws {
    let opened = try open("modules")
    let models = opened.checkpoint.models
    #expect(models.keys == ["ema", "teachers.first"])
    let average = try #require(models["ema"])
    #expect(average.keys == opened.checkpoint.state.keys)
    #expect(average.keys(of: .buffer).map { $0 } == opened.checkpoint.state.keys(of: .buffer))
    // That of the model itself has no name.
    let dropped = opened.losses.filter { $0.kind == .architectureDropped }.map { $0.subject ?? "" }
    #expect(dropped.sorted() == ["", "ema", "teachers.first"], "\(opened.losses)")
    // From our own file the parts have the keys that they have from PyTorch's.
    let path = folder.file("modules.h5")
    try opened.checkpoint.write(to: path, format: .ballast)
    for root in ["ema", "teachers.first"] {
      let direct = try open("modules", root: root).checkpoint.state
      let ours = try OpenedCheckpoint(path, options: ReadOptions(root: root)).checkpoint.state
      #expect(ours.keys == direct.keys && ours.count == 7)
      for key in direct.keys {
        #expect(try #require(ours[key]).isBitwiseEqual(to: try #require(direct[key])), "\(key)")
        #expect(ours.entries[key]?.role == direct.entries[key]?.role, "\(key)")
      }
    }
  }

  // MARK: Random states

  @Test func statesOfGeneratorsAreNoModel() throws {
    let states = try open("rng_state")
    #expect(states.checkpoint.state.isEmpty)
    #expect(states.checkpoint.metadata["cpu"]?.tensor?.shape == [5056])
    #expect(states.notes.contains("the file holds the states of random generators, and no model"))
    let lone = try open("lone_rng")
    #expect(lone.notes.contains { $0.contains("the state of PyTorch's random generator") })
    let beside = try open("rng_beside")
    #expect(beside.checkpoint.state.count == 7)
    #expect(beside.checkpoint.metadata["rng_state"]?.tensor?.shape == [5056])
    #expect(!beside.notes.contains { $0.contains("random generator") })
  }

  // MARK: Calls

  /// What a call would have been given is all that a file says of it: where that is kept, nothing is lost.
  @Test func aCallThatIsKeptInFullIsNoLoss() throws {
    let opened = try open("call")
    #expect(opened.losses == [])
    #expect(
      opened.notes.contains("re._compile was not called; its name and arguments were kept"))
    let pattern = try #require(opened.checkpoint.metadata["pattern"])
    // The pattern and its flags, as `re.compile("a+", re.I).__reduce__()` has them.
    guard case .object("re._compile", .tuple(let arguments)) = pattern else {
      Issue.record("\(pattern)")
      return
    }
    #expect(arguments.first == "a+" && arguments.count == 2)
    for format in [FileFormat.ballast, .safetensors, .numpy] {
      let path = folder.file("call.\(format.endings[0])")
      #expect(try opened.checkpoint.write(to: path, format: format).losses == [])
      #expect(try OpenedCheckpoint(path).checkpoint.metadata["pattern"] == pattern)
    }
    // A pickle that is safe to load has no place for it.
    let summary = try opened.checkpoint.write(to: folder.file("call.pth"), format: .pytorch)
    #expect(summary.losses.map(\.subject) == ["pattern"], "\(summary.losses)")
  }
}
