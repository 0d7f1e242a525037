import Foundation
import TestSupport
import Testing

/// A comparison, a manifest and a conversion cover everything in a file, or say what they do not.
@Suite(.needsPeers) struct EverythingTests {
  private let bench: Workbench

  init() throws {
    bench = try Workbench()
    try Peers.run("write_pairs.py", [bench.folder.path])
  }

  /// Files that differ in one thing, and what is said of it.
  static let pairs: [(name: String, difference: String)] = [
    ("nested", "  w: 6 values differ"),
    ("ema", "  metadata: state_dict_ema.b: 3 values differ"),
    ("list", "  metadata: models[1].w: 6 values differ"),
    ("second", "  metadata: critic.state.0.momentum_buffer: 6 values differ"),
    ("rate", "  the metadata: critic.param_groups[0].lr is 0.1 and 0.2"),
    ("epoch", "  the metadata: epoch is 1 and 2"),
    ("key", "  the metadata: table[1] only in the first"),
    ("sequence", "  the metadata: steps is [1, 2] (a list) and [1, 2] (a tuple)"),
    ("number", "  the metadata: loss is 1 (an int) and 1.0 (a float)"),
    ("instance", "  the metadata: options.number is 1 and 2"),
    ("class", "how the files are put together: pytorch.classes only in the first"),
    ("state", "the model is in a collections.OrderedDict and in a dict"),
    ("integer", "how the files are put together: pytorch.integer_keys only in the first"),
    ("extra", #"extra_state["m._extra_state"].x is 1 and 2"#),
    ("extra_tensor", #"  pytorch: extra_state["m._extra_state"].t: 2 values differ"#),
    ("gradient", "w: in the second only: that it requires a gradient"),
    ("parameter", "how the files are put together: pytorch.parameter_objects only in the second"),
    ("versions", "  the versions of modules: other for ''"),
    ("order", "  the order of the tensors: another"),
    ("scheduler", "  the metadata: base_lrs[0] is 0.1 and 0.2"),
    ("tuple", #"how the files are put together: pytorch.sequence is "list" and "tuple""#),
  ]

  @Test func whatDiffersAnywhereIsNamed() throws {
    for (name, difference) in Self.pairs {
      let (a, b, again) = ("\(name).a.pth", "\(name).b.pth", "\(name).again.pth")
      let command = try bench.run("verify", a, b, "--quiet")
      #expect(command.status == 1, "\(name)")
      #expect(command.output.contains("\(a) and \(b) differ ("), "\(command.output)")
      #expect(command.output.contains(difference), "\(command.output)")
      let same = try bench.run("verify", a, again)
      #expect(same.status == 0 && same.output.contains("are the same to the bit"), "\(name)")
    }
  }

  @Test func manifestsCoverTheSame() throws {
    for (name, _) in Self.pairs {
      let manifest = try bench.run("verify", "\(name).a.pth", "--manifest")
      try bench.folder.write(manifest.output.utf8, to: "m.txt")
      let other = try bench.run("verify", "\(name).b.pth", "--check-manifest", "m.txt")
      #expect(other.status == 1 && other.output.contains("is not as m.txt says"), "\(name)")
      let same = try bench.run("verify", "\(name).again.pth", "--check-manifest", "m.txt")
      #expect(same.status == 0 && same.output.hasPrefix("verified: "), "\(name) \(same.output)")
    }
    let nested = try bench.run("verify", "list.a.pth", "--manifest").output
    for name in ["metadata: models[0].w", "metadata: models[1].b"] {
      #expect(nested.contains("  \(name)\n"), "\(nested)")
    }
    try bench.run("convert", "epoch.a.pth", "epoch.h5")
    try bench.folder.write(
      try bench.run("verify", "epoch.a.pth", "--manifest").output.utf8, to: "m.txt")
    // A file of another format is put together in another way.
    #expect(try bench.run("verify", "epoch.h5", "--check-manifest", "m.txt").status == 0)
  }

  @Test func whatCannotBeComparedIsNamedAndNotCalledTheSame() throws {
    let number = try bench.run("verify", "numpy.a.pth", "numpy.b.pth")
    #expect(number.status == 1)
    #expect(number.output.contains("could not be compared in everything; the rest is equal"))
    #expect(number.output.contains("numpy.a.pth: not compared: lost: numbers of NumPy's float64"))
    let records = try bench.run("verify", "records.hdf5", "other_records.hdf5")
    #expect(records.status == 1 && !records.output.contains("the same"), "\(records.output)")
    #expect(records.output.contains("records.hdf5: not compared: lost: c: its type, compound"))
    // Whatever it is, of one file it is the same.
    #expect(try bench.run("verify", "records.hdf5", "records.hdf5").status == 0)
    let json = try bench.run("verify", "records.hdf5", "other_records.hdf5", "--json").json()
    #expect(json["verified"] as? Bool == false)
    let alone = try bench.run("verify", "records.hdf5")
    #expect(alone.status == 1 && alone.output.contains("nothing of it could be verified"))
    let manifest = try bench.run("verify", "records.hdf5", "--manifest")
    try bench.folder.write(manifest.output.utf8, to: "m.txt")
    let checked = try bench.run("verify", "other_records.hdf5", "--check-manifest", "m.txt")
    #expect(checked.status == 1 && !checked.output.contains("verified"), "\(checked.output)")
  }

  @Test func nestedTensorsAndValuesCount() throws {
    let nested = try bench.run("verify", "nested.a.pth")
    #expect(nested.output == "verified: nested.a.pth: 2 tensors, 36 bytes\n")
    let values = try bench.run("verify", "scheduler.a.pth")
    #expect(values.output == "verified: scheduler.a.pth: 0 tensors, 0 bytes, 8 values\n")
    let empty = try bench.run("verify", "empty.pth", "empty.pth")
    #expect(empty.status == 0 && empty.output.contains("the same to the bit (0 tensors, 0 bytes)"))
  }

  @Test func aDamagedFileIsNotCompared() throws {
    try bench.convertedSample(to: "a.h5")
    var bytes = try bench.convertedSample(to: "b.h5")
    bytes[bytes.count - 5] ^= 1
    try bench.folder.write(bytes, to: "damaged.h5")
    try bench.folder.write(bytes.prefix(bytes.count / 2), to: "cut.h5")
    for name in ["damaged.h5", "cut.h5"] {
      expectRefusal(try bench.run("verify", "a.h5", name), 65, name)
      expectRefusal(try bench.run("verify", name, "a.h5"), 65, name)
      expectRefusal(try bench.run("verify", name, name), 65, name)
      expectRefusal(try bench.run("verify", name, "--manifest"), 65, name)
    }
  }

  @Test(arguments: [
    ("scheduler.a.pth", "step_size; gamma; base_lrs; last_epoch; and 4 more"),
    ("fresh.pth", "optimizer; optimizer group 0: lr; "), ("frozen.pt", "frozen/constants/0"),
    ("group.hdf5", "g: it is an empty group"), ("attribute.hdf5", "it holds x"),
    ("texts.hdf5", "names: its type, string of variable length"),
    ("records.hdf5", "c: its type, compound of a: int32"),
  ])
  func aConversionThatCarriesNoTensorSaysWhatThereIs(_ name: String, _ content: String) throws {
    for output in [
      "out.h5", "out.safetensors", "out.pth", "out.npz", "out.gguf", "out.onnx", "out.mat",
    ] {
      expectRefusal(
        try bench.run("convert", name, output), 65, "no tensor of a model", content)
      #expect(!bench.folder.names.contains(output))
    }
  }

  @Test func aPartOfADeepSpeedCheckpointIsRefusedByName() throws {
    expectRefusal(
      try bench.run("convert", "shard.pth", "out.h5"), 65,
      "one of the files of a DeepSpeed checkpoint", "…_model_states.pt, …_optim_states.pt")
    #expect(!bench.folder.names.contains("out.h5"))
  }

  /// Who needs one of several models is asked which; a comparison and a file with a place for all of them
  /// need none.
  @Test func whatMayBeTheModelIsNamedWhereItIsNotClear() throws {
    for command in [
      ["convert", "twins.pth", "out.safetensors"], ["load", "twins.pth", "--model", "mlp(1,1)"],
      ["convert", "twins.pth", "out.h5", "--model-only"],
      ["convert", "twins.pth", "out.h5", "--dtype", "float16"],
    ] {
      expectRefusal(
        try Command.tool(
          "ballast-\(command[0])", Array(command.dropFirst()), in: bench.folder.path),
        65, "models.0", "models.1", "--root")
    }
    let same = try bench.run("verify", "twins.pth", "twins.pth")
    #expect(same.status == 0 && same.output.contains("are the same to the bit"))
    #expect(try bench.run("inspect", "twins.pth").output.contains("model models.1  "))
    let converted = try bench.run("convert", "twins.pth", "out.h5")
    #expect(converted.output.contains("  further models: models.0 ("), "\(converted.errors)")
    #expect(try bench.run("verify", "twins.pth", "out.h5").status == 0)
  }

  @Test(arguments: ["empty.pth", "nothing.hdf5", "rows.hdf5", "momentum.pth", "nested.a.pth"])
  func whatIsEmptyOrHasTensorsIsConverted(_ name: String) throws {
    #expect(try bench.run("convert", name, "out.h5").status == 0)
    #expect(try bench.run("verify", "out.h5").status == 0)
  }
}
