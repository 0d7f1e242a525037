import Arrays
import Checkpoints
import Interchange
import States
import TestSupport
import Testing

/// Files with several models and optimizers, made by PyTorch: each is what it is, wherever it is, in
/// every format that holds it.
@Suite(.needsPeers) struct SeveralModelsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Peers.run("write_several.py", [folder.path])
  }

  private func read(_ name: String) throws -> Checkpoint {
    let opened = try OpenedCheckpoint(folder.file(name))
    #expect(opened.losses == [], "\(name)")
    return opened.checkpoint
  }

  @Test func modelsAndOptimizersAreFoundByTheirPlaces() throws {
    let training = try read("ema.pth")
    #expect(training.models.keys == ["ema", "teachers.first", "teachers.second"])
    #expect(training.optimizers.keys == ["optimizers.1"])
    let average = try #require(training.models["ema"])
    #expect(average.keys == training.state.keys)
    #expect(average.keys(of: .buffer).count == 3)
    #expect(average.moduleVersions == training.state.moduleVersions)
    #expect(average.moduleVersions["1"] == 2)
    #expect(training.optimizers["optimizers.1"]?.type == "SGD")
    #expect(training.optimizers["optimizers.1"]?.tensorCount == 4)

    let adversaries = try read("gan.pth")
    #expect(adversaries.state.keys.contains("discriminator.0.weight"))
    #expect(adversaries.optimizer?.type == "Adam")
    #expect(adversaries.optimizers.mapValues(\.type) == ["opt_d": "SGD"])

    let folds = try read("folds.pth")
    #expect(folds.state.isEmpty)
    #expect(folds.models.keys == ["models.0", "models.1", "models.2"])
  }

  /// The file comes back from every format as the same objects of Python's.
  @Test func theyGoThroughEveryFormat() throws {
    var pairs: [String] = []
    for name in ["gan", "ema", "folds", "shadow"] {
      let original = try read("\(name).pth")
      for format in [FileFormat.ballast, .pytorch, .safetensors, .numpy] {
        let path = folder.file("\(name)-\(format.id).\(format.endings[0])")
        #expect(try original.write(to: path, format: format).losses == [], "\(path)")
        #expect(try Verification(path).problems.isEmpty, "\(path)")
        let again = try OpenedCheckpoint(path, access: .verified).checkpoint
        let comparison = try CheckpointComparison(original, again)
        #expect(comparison.differences.map { "\($0)" } == [], "\(path)")
        #expect(again.models.keys == original.models.keys, "\(path)")
        #expect(again.optimizers.keys == original.optimizers.keys, "\(path)")
        let written = folder.file("\(name)-\(format.id).back.pth")
        #expect(try again.write(to: written, format: .pytorch).losses == [], "\(path)")
        pairs += [folder.file("\(name).pth"), written]
      }
    }
    #expect(try Peers.run("compare_pytorch.py", ["values"] + pairs) == "")
  }

  /// A plain name for another tool: parameters and buffers in groups of their own.
  @Test func theyAreGroupsOfHDF5() throws {
    let path = folder.file("ema.h5")
    try read("ema.pth").write(to: path, format: .ballast)
    let file = try CheckpointFile(path)
    let paths = Set(file.tensors.map(\.path))
    #expect(paths.contains("metadata/ema/parameters/0/weight"))
    #expect(paths.contains("metadata/teachers/first/buffers/1/running_mean"))
    #expect(paths.contains("metadata/optimizers/1/state/0/momentum_buffer"))
  }

  /// A role that nothing in a PyTorch file tells is kept beside it.
  @Test func rolesAreKept() throws {
    var checkpoint = try read("shadow.pth")
    guard case .model(var shadow)? = checkpoint.metadata["shadow"] else {
      Issue.record("the shadow is no model")
      return
    }
    #expect(shadow.entries["factor"]?.role == checkpoint.state.entries["factor"]?.role)
    shadow.entries["factor"]?.role = .buffer
    shadow.entries["linear.bias"]?.role = .buffer
    shadow.entries["linear.weight"]?.role = nil
    // One without a role before those with one.
    checkpoint.state.entries["linear.weight"]?.role = nil
    checkpoint.metadata["shadow"] = .model(shadow)
    for format in [FileFormat.ballast, .pytorch, .safetensors, .numpy] {
      let path = folder.file("roles.\(format.endings[0])")
      try checkpoint.write(to: path, format: format)
      let again = try OpenedCheckpoint(path).checkpoint
      #expect(again.models["shadow"]?.keys(of: .buffer) == ["factor", "linear.bias"], "\(path)")
      // Only what Ballast keeps beside PyTorch's pickle tells no role from a parameter.
      func roles(_ state: StateDict) -> [StateDict.Role?] {
        state.entries.values.map { $0.role ?? (format == .pytorch ? nil : .parameter) }
      }
      #expect(roles(again.state) == roles(checkpoint.state), "\(path)")
      let part = try OpenedCheckpoint(path, options: ReadOptions(root: "shadow")).checkpoint
      #expect(roles(part.state) == roles(shadow), "\(path)")
    }
  }

  /// One that is put into the metadata by hand is written like any other.
  @Test func modelsAreAdded() throws {
    var checkpoint = try read("shadow.pth")
    var average = checkpoint.state
    for (key, entry) in checkpoint.state.entries { average[key] = entry.array.copied() }
    checkpoint.metadata["averages"] = .list([.model(average)])
    for format in [FileFormat.ballast, .pytorch, .safetensors, .numpy] {
      let path = folder.file("added.\(format.endings[0])")
      try checkpoint.write(to: path, format: format)
      let again = try OpenedCheckpoint(path).checkpoint
      #expect(again.models.keys == checkpoint.models.keys, "\(path)")
      #expect(try CheckpointComparison(checkpoint, again).isSame, "\(path)")
    }
  }

  @Test func aPartIsReadAsTheModel() throws {
    let whole = try read("ema.pth")
    for name in ["ema.pth", "ema.h5"] {
      if name == "ema.h5" { try whole.write(to: folder.file(name), format: .ballast) }
      let teacher = try OpenedCheckpoint(
        folder.file(name), options: ReadOptions(root: "teachers.second")
      ).checkpoint
      #expect(try #require(whole.models["teachers.second"]).keys == teacher.state.keys, "\(name)")
      #expect(teacher.state.keys(of: .buffer).count == 3, "\(name)")
      let optimizer = try OpenedCheckpoint(
        folder.file(name), options: ReadOptions(root: "optimizers.1")
      ).checkpoint
      #expect(optimizer.optimizer?.type == "SGD", "\(name)")
    }
  }

  /// Which of equal models is meant is asked of who needs one, and of nobody else.
  @Test func equalModelsAreRefusedWhereOneIsNeeded() throws {
    let opened = try OpenedCheckpoint(folder.file("folds.pth"))
    #expect(opened.uncertainty?.reason.contains("\"models.1\" (7 tensors)") == true)
    #expect(opened.uncertainty?.advice == "Name one: --root models.0")
    let path = folder.file("folds.h5")
    try opened.checkpoint.write(to: path, format: .ballast)
    let again = try OpenedCheckpoint(path)
    #expect(again.uncertainty?.reason == opened.uncertainty?.reason)
    let one = try OpenedCheckpoint(path, options: ReadOptions(root: "models.2"))
    #expect(one.uncertainty == nil)
    #expect(one.checkpoint.state.count == 7)
  }
}
