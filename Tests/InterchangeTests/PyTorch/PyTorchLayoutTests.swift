import Arrays
import Checkpoints
import Files
import Interchange
import OrderedCollections
import PyTorchFiles
import States
import TestSupport
import Testing

/// The shapes of PyTorch files, and what each of them leaves out.
@Suite(.needsPeers) struct PyTorchLayoutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A model of one layer, its optimizer, and an epoch.
  private var checkpoint: Checkpoint {
    var state = StateDict(entries: [:], moduleVersions: ["": 1, "norm": 2])
    state.entries["weight"] = .init(NDArray([1, 2] as [Float]), role: .parameter)
    state.entries["norm.running_mean"] = .init(NDArray([3] as [Float]), role: .buffer)
    let optimizer = OptimizerState(
      type: "SGD", state: ["weight": ["momentum_buffer": .tensor(NDArray([5, 6] as [Float]))]],
      groups: [.init(options: ["lr": 0.5], parameters: ["weight"])])
    return Checkpoint(
      state: state, optimizer: optimizer, metadata: ["epoch": 3, "scheduler": ["last_epoch": 3]],
      architecture: ["type": "Linear"])
  }

  /// What torch loads from the file, and what was told to be lost.
  private func lines(
    _ checkpoint: Checkpoint, _ options: WriteOptions = WriteOptions()
  ) throws -> (lines: [String], losses: [ConversionLoss]) {
    let summary = try checkpoint.write(
      to: folder.file("x.pth"), format: .pytorch, options: options)
    let output = try Peers.run("show_pytorch.py", [folder.file("x.pth")])
    return (output.split(separator: "\n").map(String.init), summary.losses)
  }

  private static let weight = "'weight': tensor float32 (2,) (1,) in 0 of 8 bytes at 0"
  private static let mean = "'norm.running_mean': tensor float32 (1,) (1,) in 1 of 4 bytes at 0"
  private static let optimizer =
    "{'state': {0: {'momentum_buffer': tensor float32 (2,) (1,) in 2 of 8 bytes at 0}}, "
    + "'param_groups': [{'lr': 0.5, 'params': [0]}]}"

  @Test func plainestLayoutHoldsEverything() throws {
    let (lines, losses) = try lines(checkpoint)
    #expect(losses == [])
    #expect(
      lines == [
        "dict", "'model_state_dict': {\(Self.weight), \(Self.mean)}",
        "'optimizer_state_dict': \(Self.optimizer)", "'epoch': 3",
        "'scheduler': {'last_epoch': 3}",
      ])
  }

  @Test func aModelAloneIsAStateDict() throws {
    let model = Checkpoint(state: checkpoint.state)
    let (lines, losses) = try lines(model)
    #expect(losses == [])
    #expect(
      lines == [
        "OrderedDict", Self.weight, Self.mean,
        "_metadata {'': {'version': 1}, 'norm': {'version': 2}}",
      ])
  }

  @Test func aStateDictLeavesOutTheRest() throws {
    var options = WriteOptions()
    options.pytorch.layout = .stateDict
    let (lines, losses) = try lines(checkpoint, options)
    #expect(lines.count == 4)
    #expect(losses.map(\.kind) == [.optimizerDropped, .metadataDropped, .metadataDropped])
    #expect(losses.map(\.subject) == [nil, "epoch", "scheduler"])
  }

  @Test func lightningHasItsOwnNames() throws {
    var options = WriteOptions()
    options.pytorch.layout = .lightning
    let (lines, losses) = try lines(checkpoint, options)
    #expect(losses == [])
    #expect(
      lines == [
        "dict", "'state_dict': {\(Self.weight), \(Self.mean)}",
        "'optimizer_states': [\(Self.optimizer)]", "'epoch': 3", "'scheduler': {'last_epoch': 3}",
        "'global_step': 0", "'pytorch-lightning_version': '2.0.0'", "'loops': {}",
        "'callbacks': {}", "'lr_schedulers': [{'last_epoch': 3}]",
      ])
  }

  @Test func namesThatAreTakenAreNotUsed() throws {
    var checkpoint = checkpoint
    checkpoint.metadata["model_state_dict"] = "mine"
    let (lines, losses) = try lines(checkpoint)
    #expect(losses == [])
    #expect(lines.contains("'model_state_dict': 'mine'"))
    #expect(lines.contains("'state_dict': {\(Self.weight), \(Self.mean)}"))
  }

  @Test(arguments: [nil, .checkpoint, .lightning] as [PyTorchOptions.Layout?])
  func nothingIsLostThereAndBack(_ layout: PyTorchOptions.Layout?) throws {
    var checkpoint = checkpoint
    checkpoint.state.entries["free"] = .init(NDArray([7] as [Float]))
    var options = WriteOptions()
    options.pytorch.layout = layout
    try checkpoint.write(to: folder.file("x.pth"), format: .pytorch, options: options)
    let again = try OpenedCheckpoint(folder.file("x.pth"), access: .verified)
    #expect(Dump.lines(again.checkpoint) == Dump.lines(checkpoint))
    #expect(again.roleRules == ["weight": .outline, "norm.running_mean": .outline])
  }

  /// What is kept beside the tensors is about the model, and so about what is below a name in it.
  @Test(arguments: [nil, .checkpoint, .lightning] as [PyTorchOptions.Layout?])
  func rolesAreKnownOfAPart(_ layout: PyTorchOptions.Layout?) throws {
    var checkpoint = checkpoint
    checkpoint.state.entries["norm.scale"] = .init(NDArray([7] as [Float]), role: .buffer)
    checkpoint.state.entries["norm.free"] = .init(NDArray([8] as [Float]))
    var options = WriteOptions()
    options.pytorch.layout = layout
    try checkpoint.write(to: folder.file("x.pth"), format: .pytorch, options: options)
    let model = layout == .lightning ? "state_dict" : "model_state_dict"
    for root in [model, "\(model).norm"] {
      let part = try OpenedCheckpoint(folder.file("x.pth"), options: ReadOptions(root: root))
      let prefix = root == model ? "norm." : ""
      #expect(part.checkpoint.state.entries[prefix + "scale"]?.role == .buffer, "\(root)")
      let free = try #require(part.checkpoint.state.entries[prefix + "free"], "\(root)")
      #expect(free.role == nil, "\(root)")
      #expect(part.losses == [], "\(root)")
    }
  }

  /// A part that is one tensor has its role, and what is beside the model is none of it.
  @Test func rolesAreThoseOfTheModelAlone() throws {
    var checkpoint = checkpoint
    checkpoint.metadata["extra"] = [
      "running_mean": .tensor(NDArray([1] as [Float])), "count": .tensor(NDArray(Int64(2))),
    ]
    for layout in [nil, .checkpoint] as [PyTorchOptions.Layout?] {
      var options = WriteOptions()
      options.pytorch.layout = layout
      try checkpoint.write(to: folder.file("x.pth"), format: .pytorch, options: options)
      func roles(_ root: String) throws -> [StateDict.Role?] {
        let opened = try OpenedCheckpoint(folder.file("x.pth"), options: ReadOptions(root: root))
        #expect(opened.roleRules.values.allSatisfy { ($0 == .outline) == (root != "extra") })
        return opened.checkpoint.state.entries.values.map(\.role)
      }
      #expect(try roles("model_state_dict.norm.running_mean") == [.buffer])
      #expect(try roles("model_state_dict.weight") == [.parameter])
      #expect(try roles("extra") == [.buffer, .buffer])
    }
  }

  /// What does not fit is told of a part, too, and of none of it anything is believed.
  @Test func rolesThatDoNotFitAreToldOfAPart() throws {
    try checkpoint.write(to: folder.file("x.pth"), format: .pytorch)
    let (old, new) = (folder.file("x.pth"), folder.file("y.pth"))
    try Peers.run(
      "replace_in_member.py", [old, new, "ballast.json", "norm.running_mean", "norm.running_means"])
    for root in [nil, "model_state_dict", "model_state_dict.norm"] {
      let opened = try OpenedCheckpoint(new, options: ReadOptions(root: root))
      #expect(
        opened.losses.contains { $0.detail.contains("does not fit them") }, "\(root ?? "")")
      #expect(!opened.roleRules.values.contains(.outline), "\(root ?? "")")
    }
  }

  @Test func parameterObjectsAreWrittenWhereAskedFor() throws {
    var checkpoint = Checkpoint(state: checkpoint.state)
    checkpoint.state.entries["tied"] = checkpoint.state.entries["weight"]
    var options = WriteOptions()
    options.pytorch.parameterObjects = true
    let (lines, _) = try lines(checkpoint, options)
    #expect(lines[1] == "'weight': parameter float32 (2,) (1,) in 0 of 8 bytes at 0 grad")
    #expect(lines[2] == Self.mean)
    #expect(lines[3] == "'tied': parameter float32 (2,) (1,) in 0 of 8 bytes at 0 grad")
    let again = try OpenedCheckpoint(folder.file("x.pth"))
    #expect(again.roleRules["weight"] == .parameterObject)
  }

  @Test func anOptimizerByPositionKeepsItsNumbers() throws {
    var checkpoint = checkpoint
    let slots = try #require(checkpoint.optimizer?.state["weight"])
    checkpoint.optimizer = OptimizerState(
      naming: .positions, state: ["1": slots],
      groups: [.init(options: [:], parameters: ["0", "1"])])
    let (lines, losses) = try lines(checkpoint)
    #expect(losses == [])
    #expect(lines[2].hasPrefix("'optimizer_state_dict': {'state': {1: {'momentum_buffer'"))
    #expect(lines[2].hasSuffix("'param_groups': [{'params': [0, 1]}]}"))
    let again = try OpenedCheckpoint(folder.file("x.pth"))
    #expect(Dump.lines(again.checkpoint) == Dump.lines(checkpoint))
    #expect(again.notes == [])
  }

  /// A checkpoint that was changed after it was read need not fit the record of its structure.
  @Test func whatDoesNotFitTheStructureIsStillWritten() throws {
    var networks = try OpenedCheckpoint(Fixture.path("nested")).checkpoint
    networks.metadata["enc"] = "taken"
    var (lines, losses) = try lines(networks)
    #expect(losses.map(\.subject) == ["enc"])
    #expect(lines.map { $0.prefix(12) }.prefix(2) == ["dict", "'enc': {'l1'"])

    networks = try OpenedCheckpoint(Fixture.path("networks")).checkpoint
    networks.state.entries["new"] = .init(NDArray([1] as [Float]))
    (lines, losses) = try self.lines(networks)
    #expect(losses == [])
    #expect(lines[1].hasPrefix("'generator.0.weight': tensor"))

    var list = try OpenedCheckpoint(Fixture.path("list")).checkpoint
    list.state.entries["new"] = .init(NDArray([1] as [Float]))
    let summary = try list.write(to: folder.file("x.pth"), format: .pytorch)
    #expect(summary.tensorCount == 3)
    #expect(try OpenedCheckpoint(folder.file("x.pth")).checkpoint.state.keys == ["0", "1", "new"])
  }
}
