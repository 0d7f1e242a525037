import Arrays
import Checkpoints
import Files
import Foundation
import HDF5
import Interchange
import KerasFiles
import LibHDF5
import States
import TestSupport
import Testing

/// What `make_keras.py` made, against the conventions worked out with NumPy, and hostile files.
@Suite struct KerasTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let fixtures = TestTarget.folder()
    .appending(path: "Fixtures/keras")

  private static func path(_ name: String) -> String { fixtures.appending(path: name).path }

  private struct Expected: Decodable {
    let shape: [Int]
    let hex: String
  }

  private func expected(_ name: String) throws -> [String: Expected] {
    let data = try Data(contentsOf: Self.fixtures.appending(path: "\(name).json"))
    return try JSONDecoder().decode([String: Expected].self, from: data)
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { bytes in
      [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// Several files with an index are read and not written: not one file under the index's name.
  @Test func anIndexOfWeightsIsNotWritten() throws {
    let checkpoint = try OpenedCheckpoint(Self.path("image.keras")).checkpoint
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("out.weights.json"), format: .kerasWeights)
    }
    #expect(error?.code == .unsupported)
    #expect(folder.names.isEmpty)
  }

  /// A tensor by its key, or, as `key:slot`, of the optimizer's state.
  private func tensor(_ name: String, _ checkpoint: Checkpoint) -> NDArray? {
    let parts = name.split(separator: ":").map(String.init)
    guard parts.count == 2 else { return checkpoint.state[name] }
    return checkpoint.optimizer?.state[parts[0]]?[parts[1]]?.tensor
  }

  // MARK: Conventions

  @Test(arguments: ["image", "sequence"], ["keras", "h5", "weights.h5"])
  func weightsAreThoseOfPyTorch(_ name: String, kind: String) throws {
    let opened = try OpenedCheckpoint(Self.path("\(name).\(kind)"))
    let hasConfig = kind != "weights.h5"
    let expected = try expected(name)
    #expect(Set(opened.checkpoint.state.keys) == Set(expected.keys.filter { !$0.contains(":") }))
    for (key, value) in expected where hasConfig || !key.contains(":") {
      // Without the config no one knows what stood before Flatten.
      if !hasConfig, key == "fc.weight" { continue }
      let array = try #require(tensor(key, opened.checkpoint), "\(key)")
      #expect(array.shape.dimensions == value.shape, "\(key)")
      #expect(hex(array) == value.hex, "\(key)")
    }
    if name == "image" {
      #expect(opened.checkpoint.state.entries["bn.running_mean"]?.role == .buffer)
      #expect(opened.checkpoint.state.entries["bn.weight"]?.role == .parameter)
      #expect(
        opened.losses.filter { $0.kind == .layoutGuessed }.map(\.subject)
          == (hasConfig ? [] : ["fc.weight"]))
      #expect(opened.checkpoint.optimizer?.type == (hasConfig ? "Adam" : nil))
    }
  }

  @Test func theArchitectureHasTheOptionsOfKeras() throws {
    let opened = try OpenedCheckpoint(Self.path("image.keras"))
    let children = opened.checkpoint.architecture?["children"]
    #expect(children?["bn"]?["eps"]?.doubleValue == 1e-3)
    #expect(abs((children?["bn"]?["momentum"]?.doubleValue ?? 0) - 0.01) < 1e-12)
    #expect(children?["conv"]?["module"]?.stringValue == "Conv2d")
    let kept = opened.checkpoint.origin["keras"]?["plan"]?["hyperparameters"]
    #expect(kept?["bn"]?["eps"]?.doubleValue == 1e-3)
  }

  @Test(arguments: ["keras", "h5", "weights.h5"])
  func thereAndBackIsTheSame(_ kind: String) throws {
    for name in ["image", "sequence"] {
      let first = try OpenedCheckpoint(Self.path("\(name).\(kind)"))
      let between = folder.file("\(name).h5")
      #expect(try first.checkpoint.write(to: between, format: .ballast).losses.isEmpty)
      let out = folder.file("out.\(kind)")
      let summary = try OpenedCheckpoint(between).checkpoint.write(to: out, format: first.format)
      #expect(summary.losses.isEmpty)
      let second = try OpenedCheckpoint(out)
      #expect(second.format == first.format)
      #expect(
        try CheckpointComparison(first.checkpoint, second.checkpoint).differences.isEmpty)
      #expect(
        first.checkpoint.origin["keras"] == second.checkpoint.origin["keras"])
      #expect(try Verification(out).problems.isEmpty)
    }
  }

  @Test func compressedWeightsAreReadBack() throws {
    let first = try OpenedCheckpoint(Self.path("image.keras")).checkpoint
    var options = WriteOptions()
    options.compression = .init(level: 4, shuffle: true)
    options.floatingPointType = .bfloat16
    try first.write(to: folder.file("a.keras"), format: .keras, options: options)
    let second = try OpenedCheckpoint(folder.file("a.keras")).checkpoint
    #expect(second.state["fc.weight"]?.dtype == .bfloat16)
    #expect(second.optimizer?.state["fc.weight"]?["exp_avg"]?.tensor?.dtype == .float32)
  }

  @Test func whatKerasHasNoPlaceForComesBack() throws {
    var first = try OpenedCheckpoint(Self.path("image.keras")).checkpoint
    first.metadata["epoch"] = 3
    first.metadata["betas"] = .tuple([0.5, .none])
    for (kind, format) in [("keras", FileFormat.keras), ("h5", .kerasLegacy)] {
      let path = folder.file("more.\(kind)")
      #expect(try first.write(to: path, format: format).losses.isEmpty)
      let second = try OpenedCheckpoint(path).checkpoint
      #expect(second.metadata["epoch"] == 3)
      #expect(second.metadata["betas"] == .tuple([0.5, .none]))
    }
  }

  @Test func whatIsChangedOrMissingIsTold() throws {
    let first = try OpenedCheckpoint(Self.path("image.keras")).checkpoint
    func write(_ change: (inout Checkpoint) -> Void) throws -> [ConversionLoss] {
      var changed = first
      change(&changed)
      return try changed.write(to: folder.file("x.keras"), format: .keras).losses
    }
    #expect(
      try write { $0.state.entries.swapAt(0, 1) }.map(\.kind) == [.orderLost])
    #expect(try write { $0.state.entries["extra"] = .init(NDArray([1 as Float])) }.count == 1)
    let counted = try write { $0.state["bn.num_batches_tracked"] = NDArray(4 as Int64) }
    #expect(counted.map(\.kind) == [.tensorDropped])
    #expect(throws: CheckpointError.self) { try write { $0.state["fc.weight"] = nil } }
    #expect(throws: CheckpointError.self) {
      try write { $0.state["fc.weight"] = NDArray(zeros: [12, 2]) }
    }
    #expect(try write { $0.optimizer?.type = "SGD" }.map(\.kind) == [.optimizerDropped])
    #expect(try write { $0.optimizer?.state["fc.bias"] = nil }.map(\.kind) == [.optimizerDropped])
    #expect(
      try write { $0.optimizer?.groups[0].options["eps"] = 1e-8 }.map(\.subject) == ["eps"])
    #expect(
      try write { $0.state["bn.bias"] = $0.state["bn.weight"] }.map(\.kind) == [.tieSplit])
    #expect(throws: CheckpointError.self) { try write { $0.origin["keras"] = 3 } }
    #expect(throws: CheckpointError.self) { try write { $0.origin = Origin() } }
    #expect(folder.names == ["x.keras"])
  }

  @Test func namesInSeveralAttributesAreRead() throws {
    let state = try OpenedCheckpoint(Self.path("chunked.h5")).checkpoint.state
    #expect(state["layer_0.w.weight"]?.shape == [1, 2])
    #expect(state.count == 4)
  }

  /// NumPy's `array_split` of the fewest parts that fit 64,512 bytes.
  @Test func longListsAreSplit() {
    let names = (0..<1000).map { "layer_\($0)" }
    #expect(KerasHDF5Writer.parts(names, width: 10).map(\.suffix) == [""])
    let parts = KerasHDF5Writer.parts(names, width: 200)
    #expect(parts.map(\.suffix) == ["0", "1", "2", "3"])
    #expect(parts.map(\.texts.count) == [250, 250, 250, 250])
    #expect(KerasHDF5Writer.parts(names, width: 97).map(\.texts.count) == [500, 500])
    #expect(
      KerasHDF5Writer.parts(Array(names.prefix(7)), width: 20_000).map(\.texts.count) == [3, 2, 2])
  }

  @Test(arguments: [
    ("Dense", "dense"), ("Conv2DTranspose", "conv2d_transpose"), ("LSTM", "lstm"),
    ("GlobalAveragePooling2D", "global_average_pooling2d"), ("GRUCell", "gru_cell"),
    ("BatchNormalization", "batch_normalization"), ("SimpleRNNCell", "simple_rnn_cell"),
    ("MyBlock", "my_block"), ("PReLU", "p_re_lu"),
  ])
  func groupsAreNamedAsKerasNamesThem(_ className: String, _ expected: String) {
    #expect(KerasLayer.snakeCase(className) == expected)
  }

  // MARK: Hostile files

  /// A legacy file with one layer of two weights, changed before it is closed.
  private func legacy(
    config: String? = nil, names: [String] = ["dense"], weights: [String] = ["kernel", "bias"],
    _ change: (HDF5Group) throws -> Void = { _ in }
  ) throws -> String {
    let path = folder.file("hostile.h5")
    var options = HDF5FileOptions()
    options.replacesExisting = true
    let file = try HDF5File.create(path, options: options)
    let group = try file.root.createGroup("model_weights")
    if let config { try file.root.attributes.set("model_config", to: config, as: .variable) }
    try group.attributes.set("layer_names", to: names, as: .fixed(bytes: 40))
    let layer = try group.createGroup("dense")
    try layer.attributes.set("weight_names", to: weights, as: .fixed(bytes: 40))
    try layer.createDataset("kernel", .float32, shape: [3, 2]).write(
      [Float](repeating: 1, count: 6))
    try layer.createDataset("bias", .float32, shape: [2]).write([1, 2] as [Float])
    try change(layer)
    try file.close()
    return path
  }

  private static let dense =
    #"{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Dense", "#
    + #""config": {"name": "dense", "units": 2}}]}}"#

  private func code(_ path: String) -> CheckpointError.Code? {
    do {
      _ = try OpenedCheckpoint(path)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func soundLegacyFilesAreRead() throws {
    #expect(code(try legacy()) == nil)
    #expect(code(try legacy(config: Self.dense)) == nil)
  }

  @Test(arguments: [
    "not JSON", "", "[]", "3", "{}", #"{"class_name": "Sequential"}"#,
    #"{"class_name": "Sequential", "config": {"layers": 3}}"#,
    #"{"class_name": "Sequential", "config": {"layers": [3]}}"#,
    #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}}"#,
    String(repeating: #"{"class_name":"Sequential","config":{"layers":["#, count: 100),
    dense.replacing(#""units": 2"#, with: #""use_bias": false"#),
    dense.replacing("Dense", with: "BatchNormalization"),
    dense.replacing("Dense", with: "LSTM"), dense.replacing("Dense", with: "Conv2D"),
    dense.replacing(#""name": "dense""#, with: #""name": "other""#),
    dense.replacing(#""name": "dense""#, with: #""name": """#),
  ])
  func configsThatLieAreRefused(_ config: String) throws {
    #expect(code(try legacy(config: config)) == .damaged)
  }

  /// Keras 1 had other names and arguments: what it wrote is called that, and not damaged.
  @Test(arguments: ["1.2.2", nil]) func filesOfKeras1AreNamed(_ version: String?) throws {
    let config = Self.dense.replacing(#""units": 2"#, with: #""output_dim": 2"#)
    let path = try legacy(config: config, weights: ["dense_W", "dense_b"]) { layer in
      try layer.createDataset("dense_W", .float32, shape: [3, 2]).write(
        [Float](repeating: 1, count: 6))
      try layer.createDataset("dense_b", .float32, shape: [2]).write([1, 2] as [Float])
      guard let version else { return }
      try layer.file.root.attributes.set("keras_version", to: version, as: .variable)
    }
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(error?.code == .unsupported)
    #expect(error?.reason.contains("Keras 1") == true, "\(error as Any)")
  }

  /// Theano's convolutions turn their kernels by half.
  @Test func kernelsOfTheanoAreRefused() throws {
    let config =
      #"{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Conv1D", "#
      + #""config": {"name": "dense", "filters": 2, "kernel_size": [3]}}]}}"#
    let path = try legacy(config: config) { layer in
      try layer.file.root.attributes.set("backend", to: "theano", as: .variable)
    }
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(error?.code == .unsupported)
    #expect(error?.reason.contains("Theano") == true, "\(error as Any)")
  }

  @Test func lambdasAreNeverRun() throws {
    let lambda =
      #"{"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__lambda__", "#
      + #""config": {"code": "4wEAAAA="}}}}"#
    let config = Self.dense.replacing(
      #"[{"class_name": "Dense""#, with: #"[\#(lambda), {"class_name": "Dense""#)
    let opened = try OpenedCheckpoint(legacy(config: config))
    #expect(Array(opened.checkpoint.state.keys) == ["dense.weight", "dense.bias"])
    #expect(opened.checkpoint.architecture == nil)
    #expect(opened.notes.contains { $0.contains("Lambda") })
  }

  @Test func numbersInAConfigAreBounded() throws {
    for number in [Int.max, Int.min, -1, 0] {
      for className in ["Conv2D", "MaxPooling2D", "Bidirectional", "UpSampling2D", "Embedding"] {
        let layer =
          #"{"class_name": "\#(className)", "config": {"name": "x", "strides": \#(number), "#
          + #""kernel_size": [\#(number), 3], "filters": \#(number), "pool_size": \#(number), "#
          + #""size": \#(number), "output_dim": \#(number), "merge_mode": "concat", "layer": "#
          + #"{"class_name": "LSTM", "config": {"units": \#(number)}}}}"#
        let input =
          #"{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": "#
          + #"[null, \#(number), \#(Int.max), 3]}}, "#
        let config = Self.dense.replacing(
          #"[{"class_name": "Dense""#,
          with:
            #"[\#(input)\#(layer), {"class_name": "Flatten", "config": {}}, {"class_name": "Dense""#
        )
        _ = code(try legacy(config: config))
      }
    }
  }

  @Test func listsThatLieAreRefused() throws {
    #expect(code(try legacy(names: ["dense", "dense"])) == .damaged)
    #expect(code(try legacy(names: ["other"])) == .damaged)
    #expect(code(try legacy(names: ["../dense"])) == .damaged)
    #expect(code(try legacy(weights: ["kernel", "kernel"])) == .damaged)
    #expect(code(try legacy(weights: ["kernel", "missing"])) == .damaged)
    #expect(code(try legacy(weights: ["/model_weights/dense/kernel", "bias"])) == .damaged)
    #expect(code(try legacy(config: Self.dense, weights: ["kernel"])) == .damaged)
    #expect(code(try legacy(config: Self.dense, weights: ["bias", "kernel"])) == nil)
  }

  @Test func linksOutOfTheFileAreRefused() throws {
    for weights in [["soft", "bias"], ["outside", "bias"], ["away/kernel", "bias"]] {
      let path = try legacy(weights: weights) { layer in
        try layer.createSoftLink("soft", to: "/model_weights/dense/kernel")
        try layer.createExternalLink("outside", toFile: "other.h5", path: "/kernel")
        try layer.createSoftLink("away", to: "/model_weights/dense")
      }
      #expect(code(path) == .refused)
    }
  }

  @Test func shapesThatNothingStandsBehindAreRefused() throws {
    let path = try legacy(weights: ["bomb", "bias"]) { layer in
      try layer.createDataset(
        "bomb", .float32, shape: [1 << 20, 1 << 20],
        options: HDF5DatasetOptions(layout: .chunked([1024, 1024]), filters: [.deflate(level: 1)]))
    }
    #expect(code(path) == .damaged)
  }

  @Test(arguments: ["image.keras", "image.h5", "image.weights.h5"])
  func filesThatAreCutShortAreRefused(_ name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.path(name))))
    for count in stride(from: 0, to: bytes.count, by: 509) {
      let path = try folder.write(bytes.prefix(count), to: name)
      #expect(throws: (any Error).self) { try OpenedCheckpoint(path) }
    }
  }

  /// Any byte may be another: the outcome is an answer or an error. The members of an archive have
  /// checksums, so that its answer is the right one.
  @Test(arguments: ["image.keras", "image.h5", "image.weights.h5"])
  func anyByteMayBeAnother(_ name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.path(name))))
    let intact = try OpenedCheckpoint(Self.path(name)).checkpoint.state
    for position in stride(from: 0, to: bytes.count, by: 101) {
      var changed = bytes
      changed[position] ^= UInt8(truncatingIfNeeded: position * 37) | 1
      let path = try folder.write(changed, to: name)
      let opened = try? OpenedCheckpoint(path, access: .verified)
      guard name.hasSuffix(".keras"), let state = opened?.checkpoint.state else { continue }
      #expect(state.keys == intact.keys, "byte \(position)")
      for (key, entry) in intact.entries {
        #expect(state[key]?.isBitwiseEqual(to: entry.array) == true, "byte \(position), \(key)")
      }
    }
  }

  @Test func indexesThatLieAreRefused() throws {
    let index = { (map: String) in
      try self.folder.write(#"{"weight_map": \#(map)}"#.utf8, to: "m.weights.json")
    }
    let weights = try Data(contentsOf: URL(filePath: Self.path("image.weights.h5")))
    try folder.write(weights, to: "part.weights.h5")
    #expect(code(try index(#"{"/layers/dense/vars": "part.weights.h5"}"#)) == nil)
    #expect(code(try index(#"{"/layers/other/vars": "part.weights.h5"}"#)) == .damaged)
    #expect(code(try index(#"{"/layers/dense/vars": "../part.weights.h5"}"#)) == .refused)
    #expect(code(try index(#"{"/layers/dense/vars": ["missing.h5"]}"#)) == .inputOutput)
    #expect(code(try index(#"{"/layers/dense/vars": 3}"#)) == .damaged)
    #expect(code(try index("3")) == .damaged)
    #expect(code(try folder.write("3 4".utf8, to: "n.weights.json")) == .notThisFormat)
  }
}
