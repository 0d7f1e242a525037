import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import Interchange
import NumPyFiles
import States
import TestSupport
import Testing

/// What `ballast-load` builds, loads, runs and refuses.
@Suite struct LoadTests {
  let bench: Workbench
  private let data = URL(filePath: Workbench.sample).deletingLastPathComponent().path

  init() throws { bench = try Workbench() }

  @Test func theSampleGivesPyTorchsOutputs() throws {
    let command = try bench.run(
      "load", Workbench.sample, "--model", "\(data)/convnet.json",
      "--input", "\(data)/convnet-input.npy", "--output", "y.npy",
      "--expect", "\(data)/convnet-output.npy", "--save", "saved.h5")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("16 tensors loaded, 0 missing, 0 unexpected"))
    #expect(command.output.contains("greatest difference"))
    #expect(try NPYFile.read(bench.folder.file("y.npy")).shape == [16, 4])
    // What was saved describes its model.
    let again = try bench.run(
      "load", "saved.h5", "--model", "auto", "--input", "\(data)/convnet-input.npy",
      "--expect", "y.npy", "--atol", "0")
    #expect(again.status == 0, "\(again.output)\(again.errors)")
  }

  @Test func theReportIsJSON() throws {
    let json = try bench.run(
      "load", Workbench.sample, "--model", "\(data)/convnet.json", "--json"
    ).json()
    #expect(
      Set(json.keys) == [
        "file", "matched", "missing", "unexpected", "mismatched", "narrowed", "parameters", "bytes",
        "outputs", "greatest_difference", "as_expected", "not_compared", "losses", "notes",
        "mappings", "adaptations",
      ])
    #expect((json["matched"] as? [String])?.count == 16)
    #expect(json["as_expected"] as? Bool == true)
  }

  /// transformers' small BERT, its `config.json`, and what it gave: see `make_language.py`.
  @Test func aModelOfTransformersIsRunByTheNamesOfItsInputs() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ModelsTests/Fixtures/language").standardized.path
    let arrays = try OpenedCheckpoint("\(fixtures)/bert.io.safetensors").checkpoint.state
    func write(_ prefix: String, to name: String) throws {
      var state = StateDict()
      for (key, entry) in arrays.entries where key.hasPrefix(prefix) {
        state[String(key.dropFirst(prefix.count))] = entry.array
      }
      #expect(!state.isEmpty)
      try Checkpoint(state: state).write(to: bench.folder.file(name), format: .numpy)
    }
    try write("batch.in.", to: "inputs.npz")
    try write("batch.out.", to: "expected.npz")
    let model = ["\(fixtures)/bert.safetensors", "--model", "\(fixtures)/bert.config.json"]
    func run(_ arguments: [String]) throws -> Command {
      try Command.tool("ballast-load", model + arguments, in: bench.folder.path)
    }
    let command = try run([
      "--input", "inputs.npz", "--expect", "expected.npz", "--output", "outputs.npz",
    ])
    #expect(command.status == 0, "\(command.output)\(command.errors)")
    #expect(command.output.contains("last_hidden_state (3, 15, 8), pooler_output (3, 8)"))
    let outputs = try OpenedCheckpoint(bench.folder.file("outputs.npz")).checkpoint.state
    #expect(outputs.keys.sorted() == ["last_hidden_state", "pooler_output"])
    // One array by its name, and one without, which is the first input.
    let ids = try #require(arrays["single.in.input_ids"])
    try NPYFile.write(ids, to: bench.folder.file("ids.npy"))
    let named = try run(["--input", "input_ids=ids.npy", "--output", "a.npz"])
    #expect(named.status == 0, "\(named.output)\(named.errors)")
    let nameless = try run(["--input", "ids.npy", "--expect", "a.npz", "--atol", "0"])
    #expect(nameless.status == 0, "\(nameless.output)\(nameless.errors)")
    #expect(!nameless.output.contains("not compared"))
    // Outputs of which nothing is expected are named.
    let part = try OpenedCheckpoint(bench.folder.file("a.npz")).checkpoint.state
    try Checkpoint(state: ["pooler_output": try #require(part["pooler_output"])])
      .write(to: bench.folder.file("part.npz"), format: .numpy)
    let partly = try run(["--input", "ids.npy", "--expect", "part.npz", "--atol", "0"])
    #expect(partly.status == 0, "\(partly.output)\(partly.errors)")
    #expect(partly.output.contains("not compared, since part.npz has none: last_hidden_state"))
    let told = try run(["--input", "ids.npy", "--expect", "part.npz", "--json"]).json()
    #expect(told["not_compared"] as? [String] == ["last_hidden_state"])
    let json = try run(["--input", "ids.npy", "--json"]).json()
    #expect((json["outputs"] as? [String: [Int]])?["pooler_output"] == [1, 8])
    // What does not fit is wrong usage, with the reason.
    for (arguments, reason) in [
      (["--input", "id=ids.npy"], "has no such input"),
      (["--input", "ids.npy", "--input", "input_ids=ids.npy"], "there is another input_ids"),
      (["--input", "expected.npz"], "has no such input"),
      (["--input", "ids.npy", "--output", "y.npy"], "holds one array"),
      (["--input", "ids.npy", "--expect", "inputs.npz"], "and the model gives last_hidden_state"),
    ] {
      let refused = try run(arguments)
      #expect(refused.status == 64 && refused.errors.contains(reason), "\(refused.errors)")
    }
  }

  @Test func classesAndOptionsOfAConfigurationMayBeNamed() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ModelsTests/Fixtures/language").standardized.path
    let named = try bench.run(
      "load", "\(fixtures)/bert.safetensors", "--model", "BertModel", "--config",
      "\(fixtures)/bert.config.json")
    #expect(named.status == 0, "\(named.output)\(named.errors)")
    let family = try bench.run(
      "load", "\(fixtures)/bert.safetensors", "--model", "bert", "--config",
      "\(fixtures)/bert.config.json")
    #expect(family.status == 0, "\(family.output)\(family.errors)")
    let other = try bench.run(
      "load", "\(fixtures)/bert.safetensors", "--model", "GPT2Model", "--config",
      "\(fixtures)/bert.config.json")
    #expect(other.status == 65 && other.errors.contains("GPT2Model"), "\(other.errors)")
    let colon = try bench.run("load", Workbench.sample, "--model", "resnet18:num_classes=10")
    #expect(colon.status == 1 && colon.errors.contains("ResNet"), "\(colon.errors)")
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    let complex = NDArray(zeros: [16, 4], dtype: .complex64)
    try NPYFile.write(complex, to: bench.folder.file("complex.npy"))
    let run = [
      Workbench.sample, "--model", "\(data)/convnet.json", "--input", "\(data)/convnet-input.npy",
    ]
    let compared = try Command.tool(
      "ballast-load", run + ["--expect", "complex.npy"], in: bench.folder.path)
    #expect(compared.status == 64 && compared.errors.contains("complex"), "\(compared.errors)")
    let twice = try Command.tool(
      "ballast-load", run + ["--output", "o.npz", "--save", "o.npz"], in: bench.folder.path)
    #expect(twice.status == 64 && twice.errors.contains("one file"), "\(twice.errors)")
  }

  @Test func anotherOutputIsAFailedCheck() throws {
    try bench.convertedSample(to: "a.h5")
    try NPYFile.write(NDArray(zeros: [16, 4]), to: bench.folder.file("zeros.npy"))
    let command = try bench.run(
      "load", "a.h5", "--model", "\(data)/convnet.json",
      "--input", "\(data)/convnet-input.npy", "--expect", "zeros.npy")
    #expect(command.status == 1)
    #expect(command.output.contains("more than"))
  }

  /// What the model gives for an input of one number is its weight.
  private func output(_ value: Float, expecting array: NDArray) throws -> Command {
    try bench.write(["0.weight": NDArray([value], shape: [1, 1])], to: "one.h5")
    let layer = #"{"module": "Linear", "in_features": 1, "out_features": 1, "bias": false}"#
    try bench.folder.write(
      #"{"module": "Sequential", "children": [\#(layer)]}"#.utf8, to: "one.json")
    try NPYFile.write(NDArray([Float(1)], shape: [1, 1]), to: bench.folder.file("x.npy"))
    try? FileManager.default.removeItem(atPath: bench.folder.file("y.npy"))
    try NPYFile.write(array, to: bench.folder.file("y.npy"))
    return try bench.run(
      "load", "one.h5", "--model", "one.json", "--input", "x.npy", "--expect", "y.npy", "--json")
  }

  @Test(
    arguments: [
      (1, 1, true), (.nan, 1, false), (1, .nan, false), (.nan, .nan, true),
      (.infinity, 1, false), (1, .infinity, false), (.infinity, -.infinity, false),
    ] as [(Float, Float, Bool)])
  func notANumberIsWhatWasExpectedOnlyWhereItWas(
    _ mine: Float, _ theirs: Float, _ isExpected: Bool
  ) throws {
    let command = try output(mine, expecting: NDArray([theirs], shape: [1, 1]))
    #expect(command.status == (isExpected ? 0 : 1), "\(command.output)\(command.errors)")
    #expect(try command.json()["as_expected"] as? Bool == isExpected)
  }

  @Test(arguments: [[], [1], [1, 1, 1], [2, 1], [0, 1]] as [[Int]])
  func anOutputOfAnotherShapeIsAFailedCheck(_ lengths: [Int]) throws {
    let shape = Shape(lengths)
    let ones = [Float](repeating: 1, count: shape.elementCount)
    let command = try output(1, expecting: NDArray(ones, shape: shape))
    #expect(command.status == 1, "\(command.output)\(command.errors)")
    #expect(try command.json()["as_expected"] as? Bool == false)
  }

  @Test func aTableOfWordsTakesItsRowsAlone() throws {
    try bench.write(["0.weight": NDArray(zeros: [4, 3])], to: "words.h5")
    let model =
      #"{"module": "Sequential", "children": [{"module": "Embedding", "#
      + #""num_embeddings": 4, "embedding_dim": 3}]}"#
    try bench.folder.write(model.utf8, to: "words.json")
    func run(_ input: NDArray) throws -> Command {
      try NPYFile.write(input, to: bench.folder.file("x.npy"), overwrite: .replace)
      return try bench.run("load", "words.h5", "--model", "words.json", "--input", "x.npy")
    }
    #expect(try run(NDArray([0, 3, 1] as [Int64])).status == 0)
    #expect(try run(NDArray([0, 3] as [Int32])).status == 0)
    expectRefusal(try run(NDArray([0, 1] as [Float])), 64, "takes integers, not float32")
    expectRefusal(try run(NDArray([0, 4] as [Int64])), 64, "Embedding of 4 rows")
    expectRefusal(try run(NDArray([-1] as [Int64])), 64, "there is a -1")
  }

  @Test func aTableBehindOtherLayersIsWatchedToo() throws {
    try bench.write(["words.weight": NDArray(zeros: [4, 3])], to: "late.h5")
    let model =
      #"{"module": "Sequential", "children": {"flat": {"module": "Flatten", "start_dim": 0}, "#
      + #""words": {"module": "Embedding", "num_embeddings": 4, "embedding_dim": 3}}}"#
    try bench.folder.write(model.utf8, to: "late.json")
    func run(_ input: NDArray) throws -> Command {
      try NPYFile.write(input, to: bench.folder.file("x.npy"), overwrite: .replace)
      return try bench.run("load", "late.h5", "--model", "late.json", "--input", "x.npy")
    }
    #expect(try run(NDArray([0, 3] as [Int64], shape: [1, 2])).status == 0)
    expectRefusal(
      try run(NDArray([0.5] as [Float])), 64, "words is an Embedding and takes integers")
    expectRefusal(try run(NDArray([0, 4] as [Int64])), 64, "words is an Embedding of 4 rows")
  }

  @Test func aStrictLoadRefusesAndALenientOneReports() throws {
    try bench.write(
      ["0.weight": NDArray(zeros: [4, 3]), "0.baias": NDArray(zeros: [4])], to: "part.h5")
    let strict = try bench.run("load", "part.h5", "--model", "mlp(3,4)")
    #expect(strict.status == 1)
    #expect(strict.errors.contains(#"Missing key(s) in state_dict: "0.bias"."#))
    #expect(strict.errors.contains(#"Did you mean: "0.baias" for "0.bias"?"#))
    let lenient = try bench.run("load", "part.h5", "--model", "mlp(3,4)", "--no-strict")
    #expect(lenient.status == 0, "\(lenient.errors)")
    #expect(lenient.output.contains("1 tensor loaded, 1 missing, 1 unexpected"))
    let mismatch = try bench.run("load", "part.h5", "--model", "mlp(5,4)", "--no-strict")
    #expect(mismatch.status == 1)
    #expect(mismatch.errors.contains("size mismatch for 0.weight"))
    let json = try bench.run("load", "part.h5", "--model", "mlp(5,4)", "--json").json()
    #expect(json["status"] as? Int == 1)
    #expect((json["error"] as? String)?.contains("size mismatch for 0.weight") == true)
    #expect(json["missing"] as? [String] == ["0.bias"])
    let mismatched = try #require(json["mismatched"] as? [[String: Any]])
    #expect(mismatched.first?["checkpoint_shape"] as? [Int] == [4, 3])
  }

  @Test func tensorsOfAnotherShapeAreSkippedIfAsked() throws {
    try bench.write(
      ["0.weight": NDArray(zeros: [9, 3]), "0.bias": NDArray(zeros: [4])], to: "other.h5")
    let spec = ["load", "other.h5", "--model", "mlp(3,4)"]
    func run(_ options: String...) throws -> Command {
      try Command.tool("ballast-load", spec.dropFirst() + options, in: bench.folder.path)
    }
    #expect(try run("--no-strict").status == 1)
    #expect(try run("--skip-mismatched").status == 64)
    let command = try run("--no-strict", "--skip-mismatched")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("1 tensor loaded, 1 skipped, 0 missing, 0 unexpected"))
    #expect(command.output.contains("skipped: 0.weight is (9, 3) in the file and (4, 3)"))
    let json = try run("--no-strict", "--skip-mismatched", "--json").json()
    #expect((json["mismatched"] as? [[String: Any]])?.first?["key"] as? String == "0.weight")
  }

  @Test func aRefusalIsShortAndInLines() throws {
    let command = try bench.run("load", Workbench.sample, "--model", "resnet18")
    #expect(command.status == 1)
    let lines = command.errors.split(separator: "\n")
    #expect(lines.first == "ballast-load: Error(s) in loading state_dict for ResNet:")
    #expect(lines.count == 3, "\(command.errors)")
    #expect(lines.allSatisfy { $0.count < 400 }, "\(command.errors)")
    #expect(lines[1].hasSuffix("and 94 more."), "\(lines[1])")
  }

  @Test func aLoadOfNothingIsRefusedAlsoIfNotStrict() throws {
    try bench.write(["other": .init([Float(1)])], to: "other.h5")
    let command = try bench.run("load", "other.h5", "--model", "mlp(3,4)", "--no-strict")
    #expect(command.status == 1)
    #expect(command.errors.contains("Missing key(s)"))
  }

  @Test func anArrayThatTheModelCannotTakeIsAMessageAndNoCrash() throws {
    try bench.write(
      ["0.weight": NDArray(zeros: [4, 3]), "0.bias": NDArray(zeros: [4])], to: "a.h5")
    try NPYFile.write(NDArray(zeros: [2, 5]), to: bench.folder.file("x.npy"))
    let command = try bench.run(
      "load", "a.h5", "--model", "mlp(3,4)", "--input", "x.npy", "--output", "y.npy")
    expectRefusal(command, 64, "x.npy: the model does not take it", "(2, 5)")
    #expect(bench.folder.names == ["a.h5", "x.npy"])
  }

  @Test func theNameTellsTheFormatInWhichTheModelIsSaved() throws {
    try bench.write(
      ["0.weight": NDArray(zeros: [4, 3]), "0.bias": NDArray(zeros: [4])], to: "a.h5")
    for (name, format) in [
      ("b.pth", FileFormat.pytorch), ("b.safetensors", .safetensors), ("b.h5", .ballast),
    ] {
      let command = try bench.run("load", "a.h5", "--model", "mlp(3,4)", "--save", name)
      #expect(command.status == 0, "\(command.errors)")
      #expect(try FileFormat.detect(bench.folder.file(name)) == format)
      // The model knows what it is made of.
      let lines = try bench.run("verify", "a.h5", name).output.split(separator: "\n").dropFirst()
      #expect(
        lines == [
          "  the versions of modules: only in the second",
          "  the description of the model: only in the second",
        ])
    }
    expectRefusal(
      try bench.run("load", "a.h5", "--model", "mlp(3,4)", "--save", "b"), 64, "end it as in")
  }

  @Test func aDamagedFileIsNotLoaded() throws {
    var bytes = try bench.convertedSample(to: "a.h5")
    let range = try #require(CheckpointFile(bench.folder.file("a.h5")).tensors[3].fileRange)
    bytes[range.lowerBound] ^= 1
    try bench.folder.write(bytes, to: "damaged.h5")
    let command = try bench.run("load", "damaged.h5", "--model", "\(data)/convnet.json")
    expectRefusal(command, 65, "features.1.bias")
  }

  @Test func mistakesHaveTheirStatus() throws {
    try bench.convertedSample(to: "a.h5")
    #expect(try bench.run("load", "missing.h5", "--model", "mlp(3,4)").status == 66)
    #expect(try bench.run("load", "a.h5", "--model", "missing.json").status == 66)
    #expect(try bench.run("load", "a.h5", "--model", "resnet19").status == 65)
    #expect(try bench.run("load", "a.h5", "--model", "auto").status == 65)
    #expect(try bench.run("load", "a.h5").status == 64)
    #expect(try bench.run("load", "a.h5", "--model", "mlp(3,4)", "--expect", "y.npy").status == 64)
    try bench.folder.write("{".utf8, to: "broken.json")
    #expect(try bench.run("load", "a.h5", "--model", "broken.json").status == 65)
    let model = "\(data)/convnet.json"
    #expect(try bench.run("load", "a.h5", "--model", model, "--input", "none.npy").status == 66)
    let existing = try bench.run("load", "a.h5", "--model", model, "--save", "a.h5")
    #expect(existing.status == 73)
    let replaced = try bench.run(
      "load", "a.h5", "--model", model, "--save", "a.h5", "--overwrite")
    #expect(replaced.status == 0, "\(replaced.errors)")
  }

  // MARK: What is told

  private var sample: [String] {
    [Workbench.sample, "--model", "\(data)/convnet.json", "--input", "\(data)/convnet-input.npy"]
  }

  private func load(_ arguments: [String]) throws -> Command {
    try Command.tool("ballast-load", arguments, in: bench.folder.path)
  }

  @Test func furtherModelsOfTheFileAreNamed() throws {
    let state: StateDict = ["0.weight": NDArray(zeros: [4, 3]), "0.bias": NDArray(zeros: [4])]
    for (name, format) in [("two.h5", FileFormat.ballast), ("two.pth", .pytorch)] {
      try Checkpoint(state: state, metadata: ["ema": .model(state)])
        .write(to: bench.folder.file(name), format: format)
      let command = try bench.run("load", name, "--model", "mlp(3,4)")
      #expect(command.status == 0, "\(command.errors)")
      let lines = command.output.split(separator: "\n").filter { $0.contains("\"ema\"") }
      #expect(lines.count == 1 && lines[0].contains("2 tensors"), "\(command.output)")
      #expect(lines.allSatisfy { $0.contains("--root") })
      let notes = try bench.run("load", name, "--model", "mlp(3,4)", "--json").json()["notes"]
      #expect((notes as? [String])?.contains { $0.contains("\"ema\"") } == true)
    }
  }

  @Test(.needsPeers) func whatReadingTheInputsLostIsTold() throws {
    try Peers.run("write_inputs.py", ["\(data)/convnet-input.npy", bench.folder.path])
    let model = [Workbench.sample, "--model", "\(data)/convnet.json", "--input", "texts.npz"]
    let command = try load(model)
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.contains("texts.npz: lost: names"), "\(command.output)")
    let losses = try load(model + ["--json"]).json()["losses"] as? [[String: Any]]
    #expect(losses?.contains { $0["subject"] as? String == "names" } == true)
    let expected = try load(sample + ["--expect", "texts.npz"])
    #expect(expected.output.contains("texts.npz: lost: names"), "\(expected.output)")
  }

  /// A file may name an output that has no name as its own library does, and not otherwise.
  @Test func aLoneOutputIsComparedWithItsOwn() throws {
    let output = try NPYFile.read("\(data)/convnet-output.npy")
    for (name, isTaken) in [("arr_0", true), ("output", true), ("tensor", true), ("x", false)] {
      let file = "\(name).npz"
      try Checkpoint(state: [name: output]).write(to: bench.folder.file(file), format: .numpy)
      let command = try load(sample + ["--expect", file])
      #expect(command.status == (isTaken ? 0 : 64), "\(name): \(command.errors)")
      if !isTaken {
        #expect(command.errors.contains("\(file) has x, and the model gives one array"))
      }
    }
  }

  @Test func aModelGivenToConvertTellsRolesAndIsDescribed() throws {
    try bench.run("convert", Workbench.sample, "a.h5", "--model", "\(data)/convnet.json")
    let checkpoint = try bench.read("a.h5")
    #expect(checkpoint.state.entries["class_weights"]?.role == .buffer)
    #expect(checkpoint.architecture?["module"]?.stringValue == "Sequential")
    #expect(try bench.run("load", "a.h5", "--model", "auto").status == 0)
    let both = try bench.run(
      "convert", Workbench.sample, "b.h5", "--model", "mlp(1,2)", "--like", "a.h5")
    #expect(both.status == 64)
  }

  /// Names of another source are taken for the whole file, and told.
  @Test func namesOfAnotherSourceAreTakenAndTold() throws {
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ModelsTests/Fixtures/vision/lenet5.safetensors").standardized.path
    #expect(
      try bench.run("convert", source, "wrapped.h5", "--map", #"^(.+)$=module.\1"#).status == 0)
    let model = "lenet5(num_classes=4)"
    let loaded = try bench.run("load", "wrapped.h5", "--model", model)
    #expect(loaded.status == 0, "\(loaded.errors)")
    #expect(
      loaded.output.contains("  loaded with the mapping 'strip-prefix module.'"), "\(loaded.output)"
    )
    let json = try bench.run("load", "wrapped.h5", "--model", model, "--json").json()
    #expect(json["mappings"] as? [String] == ["strip-prefix module."])
    let own = try bench.run("load", source, "--model", model, "--json").json()
    #expect(own["mappings"] as? [String] == [])
    #expect(own["adaptations"] as? [String] == [])
  }

  @Test func aWrongModelSaysWhatTheFileIs() throws {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ModelsTests/Fixtures").standardized.path
    let classes = try bench.run(
      "load", "\(fixtures)/vision/lenet5.safetensors", "--model", "unet")
    #expect(classes.status == 1)
    #expect(
      classes.errors.contains("are those of lenet5 with num_classes=4"), "\(classes.errors)")
    let size = try bench.run(
      "load", "\(fixtures)/language/bert.safetensors", "--model", "all-MiniLM-L6-v2")
    #expect(size.status == 1)
    #expect(size.errors.contains("hidden_size=8, num_hidden_layers=2"), "\(size.errors)")
  }
}
