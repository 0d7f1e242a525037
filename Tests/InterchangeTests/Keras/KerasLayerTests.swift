import Arrays
import Foundation
import HDF5
import Interchange
import KerasFiles
import LibHDF5
import States
import TestSupport
import Testing

/// What is told of layers by their configs, and by their weights alone, in files of a few numbers.
@Suite struct KerasLayerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: The table

  /// A class of layers is spelled in the table's folder and nowhere else.
  @Test func classesAreNamedInOneFolderOnly() throws {
    let names = Set(KerasLayerKind.classNames)
    #expect(names.count == KerasLayerKind.classNames.count)
    #expect(names.isSuperset(of: ["Dense", "Convolution2D", "LSTM", "Model", "Concatenate"]))
    let sources = TestTarget.folder()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
    let enumerator = try #require(FileManager.default.enumerator(atPath: sources.path))
    let all = enumerator.compactMap { $0 as? String }.filter {
      $0.contains("/Keras/") && $0.hasSuffix(".swift")
    }
    func quoted(in paths: [String]) throws -> Set<String> {
      let texts = try paths.map {
        try String(contentsOf: sources.appending(path: $0), encoding: .utf8)
      }
      return names.filter { name in texts.contains { $0.contains("\"\(name)\"") } }
    }
    let rows = all.filter { $0.contains("/Keras/Layers/") }
    #expect(try quoted(in: rows) == names)
    #expect(try quoted(in: all.filter { !rows.contains($0) }) == [])
  }

  // MARK: Files

  /// Weights alone.
  private func file(_ weights: [String: [Int]]) throws -> String { try file(nil, weights) }

  /// A whole model, or weights alone if there are no layers, as Keras wrote them before version 3.
  /// The elements of each weight are 0, 1, 2 and so on.
  private func file(
    _ layers: [Value]?, _ weights: [String: [Int]], className: String = "Sequential"
  ) throws -> String {
    let path = folder.file("model.h5")
    var options = HDF5FileOptions()
    options.replacesExisting = true
    let file = try HDF5File.create(path, options: options)
    var group = try file.root
    if let layers {
      let config: Value = [
        "class_name": .string(className), "config": ["name": "m", "layers": .list(layers)],
      ]
      try file.root.attributes.set("model_config", to: config.json(), as: .variable)
      group = try file.root.createGroup("model_weights")
    }
    let byLayer = Dictionary(grouping: weights.keys.sorted()) { $0.split(separator: "/")[0] }
    let names = byLayer.keys.map(String.init).sorted()
    try group.attributes.set("layer_names", to: names, as: .fixed(bytes: 40))
    for (layer, names) in byLayer {
      let layerGroup = try group.createGroup(String(layer))
      try layerGroup.attributes.set("weight_names", to: names, as: .fixed(bytes: 40))
      for name in names {
        var parent = layerGroup
        let parts = name.split(separator: "/").map(String.init)
        for part in parts.dropLast() {
          parent = try (try? parent.group(part)) ?? parent.createGroup(part)
        }
        let shape = weights[name] ?? []
        try parent.createDataset(parts[parts.count - 1], .float32, shape: shape).write(
          (0..<shape.reduce(1, *)).map(Float.init))
      }
    }
    try file.close()
    return path
  }

  private func layer(
    _ className: String, _ name: String, after inputs: [String]? = nil, _ config: Value = .dict([:])
  ) -> Value {
    var config = config.dictionary ?? [:]
    config["name"] = .string(name)
    var layer: Value = ["class_name": .string(className), "config": .dict(config)]
    guard let inputs, var members = layer.dictionary else { return layer }
    members["name"] = .string(name)
    members["inbound_nodes"] = .list([.list(inputs.map { [.string($0), 0, 0, .dict([:])] })])
    layer = .dict(members)
    return layer
  }

  private func input(_ lengths: [Int], after inputs: [String]? = nil) -> Value {
    layer(
      "InputLayer", "i", after: inputs, ["batch_shape": .list([.none] + lengths.map(Value.int))])
  }

  private static let dense = ["d/kernel": [8, 2], "d/bias": [2]]

  /// The columns of the first row of PyTorch's weight, as rows of the kernel of Keras.
  private func rows(_ opened: OpenedCheckpoint) throws -> [Int] {
    let weight = try #require(opened.checkpoint.state["d.weight"])
    return weight.selected(axis: 0, 0).elements(as: Float.self).map { Int($0) / 2 }
  }

  // MARK: What flows

  /// Joined along an axis of the image, an image is longer, and has no more channels.
  @Test func imagesAreJoinedAlongTheAxisThatTheConfigSays() throws {
    func rows(axis: Int) throws -> [Int] {
      try self.rows(
        OpenedCheckpoint(
          file(
            [
              input([2, 1, 2], after: []),
              layer("Concatenate", "c", after: ["i", "i"], ["axis": .int(axis)]),
              layer("Flatten", "f", after: ["c"]), layer("Dense", "d", after: ["f"]),
            ], Self.dense, className: "Functional")))
    }
    // Four places of two channels; two places of four channels; and two by two of two.
    #expect(try rows(axis: 1) == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(try rows(axis: -1) == [0, 4, 1, 5, 2, 6, 3, 7])
    #expect(try rows(axis: 3) == rows(axis: -1))
    #expect(try rows(axis: 2) == [0, 2, 4, 6, 1, 3, 5, 7])
    // There is no such axis: nothing is known, and the order is Keras's.
    #expect(try rows(axis: 9) == Array(0..<8))
  }

  /// What a class does that is not known is not guessed from its name.
  @Test(arguments: ["AdaptiveAveragePooling2D", "MyConv2D"])
  func whatClassesDoIsNotGuessed(_ className: String) throws {
    let opened = try OpenedCheckpoint(
      file(
        [
          input([8, 8, 2]), layer(className, "a", ["output_size": [2, 2], "filters": 2]),
          layer("Flatten", "f"), layer("Dense", "d"),
        ], Self.dense))
    #expect(try rows(opened) == Array(0..<8))
    #expect(
      opened.losses.contains {
        $0.kind == .layoutGuessed && $0.subject?.hasPrefix("d.") == true
          && $0.detail.hasPrefix("what a makes is not known")
      })
  }

  @Test(arguments: ["LayerNormalization", "BatchNormalization", "Dense"])
  func weightsAfterFlattenOfUnknownLengthsAreNoted(_ className: String) throws {
    let weights: [String: [Int]] =
      switch className {
      case "Dense": Self.dense
      case "LayerNormalization": ["d/gamma": [8], "d/beta": [8]]
      default:
        ["d/gamma": [8], "d/beta": [8], "d/moving_mean": [8], "d/moving_variance": [8]]
      }
    let unknown = layer("InputLayer", "i", ["batch_shape": [.none, .none, .none, 2]])
    let opened = try OpenedCheckpoint(
      file([unknown, layer("Flatten", "f"), layer(className, "d")], weights))
    #expect(
      opened.losses.contains {
        $0.kind == .layoutGuessed && $0.subject?.hasPrefix("d.") == true
          && $0.detail.hasPrefix("the shape before f is not known")
      })
  }

  /// Lengths that no model has, each alone within bounds: an answer or an error, and no trap.
  @Test func productsOfLengthsInAConfigAreBounded() throws {
    let most = Int(Int32.max)
    let embedding = layer("Embedding", "e", ["input_dim": 2, "output_dim": 3])
    for layers in [
      [input([]), layer("UpSampling2D", "u", ["size": 2])],
      [input([]), layer("ZeroPadding2D", "u", ["padding": 2])],
      [
        input([most, most]), layer("Flatten", "f"), embedding,
        layer("UpSampling1D", "u", ["size": .int(most)]),
      ],
      [
        input([most, most]), layer("Flatten", "f"), embedding,
        layer("Conv1DTranspose", "u", ["strides": [.int(1 << 24)], "kernel_size": [1]]),
      ],
    ] {
      var weights = Self.dense
      if layers.count > 2 { weights["e/embeddings"] = [2, 3] }
      if layers.count > 3, layers[3]["class_name"]?.stringValue == "Conv1DTranspose" {
        weights["u/kernel"] = [1, 3, 3]
        weights["u/bias"] = [3]
      }
      _ = try OpenedCheckpoint(file(layers + [layer("Dense", "d")], weights))
    }
    let joined = [
      input([most, most], after: []), layer("Flatten", "f", after: ["i"]),
      layer("Concatenate", "c", after: ["f", "f", "f"]), layer("Dense", "d", after: ["c"]),
    ]
    _ = try OpenedCheckpoint(file(joined, Self.dense, className: "Functional"))
  }

  // MARK: What weights tell

  /// The bias tells convolutions from each other where a file has no config.
  private static let convolutions: [(kernel: [Int], bias: [Int], expected: [Int]?)] = [
    ([3, 3, 4, 2], [2], [2, 4, 3, 3]), ([3, 3, 4, 2], [4], [2, 4, 3, 3]),
    ([3, 3, 4, 2], [8], [8, 1, 3, 3]), ([3, 3, 4, 1], [4], [4, 1, 3, 3]),
    ([3, 4, 2], [4], [2, 4, 3]), ([2, 3, 3, 4, 2], [4], [2, 4, 2, 3, 3]),
    // None of them.
    ([3, 3, 4, 2], [5], nil), ([2, 3, 3, 4, 2], [8], nil),
  ]

  @Test(arguments: convolutions)
  func convolutionsAreToldByTheirBias(
    _ kernel: [Int], _ bias: [Int], _ expected: [Int]?
  ) throws {
    let state = try OpenedCheckpoint(file(["c/kernel": kernel, "c/bias": bias])).checkpoint.state
    #expect(state["c.weight"]?.shape.dimensions == expected)
    if expected == nil { #expect(state["c.kernel"]?.shape.dimensions == kernel) }
  }

  /// What is not known stays as it is, also within a model of which the rest is.
  @Test func aModelMayHoldALayerThatIsNotKnown() throws {
    let weights = [
      "block/dense/kernel": [3, 2], "block/dense/bias": [2], "block/slopes/alpha": [2],
      "block/mine/inner/w": [2], "block/mine/b": [3],
    ]
    let first = try OpenedCheckpoint(file(weights)).checkpoint
    #expect(
      first.state.entries.mapValues(\.array.shape.dimensions).sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value)" } == [
          "block.dense.bias [2]", "block.dense.weight [2, 3]", "block.mine.b [3]",
          "block.mine.inner.w [2]", "block.slopes.alpha [2]",
        ])
    try first.write(to: folder.file("back.h5"), format: .kerasLegacy)
    let second = try OpenedCheckpoint(folder.file("back.h5")).checkpoint
    #expect(try CheckpointComparison(first, second, extent: .tensors).differences.isEmpty)
  }

  /// What has more weights than a class has is not of that class, and not damaged.
  @Test func weightsThatAClassDoesNotHaveAreKept() throws {
    for weights in [["e/embeddings": [3, 2], "e/bias": [2]], ["e/gamma": [2], "e/bias": [2]]] {
      let state = try OpenedCheckpoint(file(weights)).checkpoint.state
      #expect(Set(state.keys) == Set(weights.keys.map { $0.replacing("/", with: ".") }))
    }
  }
}
