import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// Every format into every other and back: the same to the bit, or with exactly the losses that
/// stand in the table.
@Suite struct MatrixTests {
  /// Formats that hold any checkpoint.
  static let written: [FileFormat] = [
    .ballast, .huggingFace, .pytorch, .pyTorchDistributed, .safetensors, .numpy, .gguf, .onnx,
    .matlab,
  ]

  /// Formats that are not written, or not without a model of Keras: see ``KerasMatrixTests``.
  static let unwritten = FileFormat.allCases.filter { !written.contains($0) }

  /// The sorts of loss that writing a fixture as a format tells of; none where nothing stands.
  static let expectedLosses: [FileFormat: [Fixture: Set<ConversionLoss.Kind>]] = [
    // Both say of a type that they lack what it really is, beside the tensors.
    .safetensors: [.types: [.dtypeChanged], .keys: [.keyChanged]],
    .huggingFace: [.types: [.dtypeChanged], .keys: [.keyChanged]],
    .numpy: [.types: [.dtypeChanged]],
    // It has signed integers alone, names of 63 bytes, and no tensors without elements.
    .gguf: [
      .types: [.dtypeChanged], .training: [.dtypeChanged], .keys: [.keyChanged],
      .empty: [.tensorDropped],
    ],
    // Each tensor is a piece of its own, state dicts are plain dictionaries, and those with keys that are no
    // texts are objects.
    .pyTorchDistributed: [
      .ties: [.viewSplit], .training: [.moduleVersionsDropped, .keyChanged],
    ],
    .onnx: [.types: [.dtypeChanged]],
    // It has no floating-point numbers of fewer than 32 bits, and names of letters, digits and `_`.
    .matlab: [.types: [.dtypeChanged], .keys: [.keyChanged]],
  ]

  /// The types that a format has no name for, by its own documentation: what safetensors 0.8 lists
  /// in its `Dtype` (of complex numbers only those of two `float32`); what `gguf` 0.19 lists in
  /// `GGMLQuantizationType`; what `onnx` 1.23 lists in `TensorProto.DataType`; and what NumPy 2.4 has
  /// by itself, where eight-bit floats and bfloat16 are of a package whose arrays are saved as bytes
  /// without a name.
  static let unnamedTypes: [FileFormat: Set<DType>] = [
    .ballast: [], .pytorch: [], .pyTorchDistributed: [],
    .safetensors: [.complex32, .complex128],
    .huggingFace: [.complex32, .complex128],
    .numpy: [
      .bfloat16, .complex32, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
      .float8E8M0FNU, .float4E2M1FNx2,
    ],
    .gguf: [
      .bool, .uint8, .uint16, .uint32, .uint64, .complex32, .complex64, .complex128, .float8E4M3FN,
      .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2,
    ],
    .onnx: [.complex32],
    .matlab: [
      .float16, .bfloat16, .complex32, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ,
      .float8E5M2FNUZ, .float8E8M0FNU, .float4E2M1FNx2,
    ],
  ]

  @Test(arguments: written) func exactlyTheTypesWithoutANameAreTold(_ format: FileFormat) throws {
    let summary = try Fixture.types.checkpoint.write(
      to: folder.file("types.\(format.endings.first ?? "h5")"), format: format)
    let expected = try #require(Self.unnamedTypes[format]).map { "t.\($0.rawValue)" }
    #expect(summary.losses.compactMap(\.subject).sorted() == expected.sorted())
    #expect(summary.losses.allSatisfy { $0.kind == .dtypeChanged })
  }

  /// Checkpoints that have, each, something that a format may not hold.
  enum Fixture: String, CaseIterable {
    case plain, types, ties, training, keys, empty
  }

  struct Pair: CustomTestStringConvertible {
    let first: FileFormat
    let second: FileFormat
    var testDescription: String { "\(first.id) → \(second.id)" }
  }

  static let pairs = written.flatMap { first in written.map { Pair(first: first, second: $0) } }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: pairs, Fixture.allCases)
  func nothingIsLostUntold(_ pair: Pair, _ fixture: Fixture) throws {
    let first = try write(fixture.checkpoint, as: pair.first, "1", fixture)
    // What a distributed checkpoint does not hold it told the first time, and is gone then.
    let isGone = pair.first == .pyTorchDistributed
    let second = try write(
      first, as: pair.second, "2", isGone && pair.second == pair.first ? nil : fixture)
    let back = try write(second, as: pair.first, "3", isGone ? nil : fixture)
    let summary = back.state.keys.count
    #expect(summary == second.state.count)
  }

  // MARK: Other judges

  /// A file, and what another library should find in it.
  private struct Expectation: Encodable {
    struct Tensor: Encodable {
      /// nil where the format has no name for the type, and has the bytes in another shape.
      let shape: [Int]?
      let hex: String
    }

    let format: String
    let path: String
    let tensors: [String: Tensor]
    /// Whether there is nothing in the file but the model.
    let isWhole: Bool

    enum CodingKeys: String, CodingKey {
      case format, path, tensors
      case isWhole = "is_whole"
    }
  }

  /// Keys and bytes are those of the arrays, as the format's own library or its specification has them.
  @Test(.needsPeers, arguments: written)
  func othersFindTheSameKeysAndBytes(_ format: FileFormat) throws {
    var expectations: [Expectation] = []
    for fixture in Fixture.allCases {
      let checkpoint = fixture.checkpoint
      let path = folder.file("\(fixture.rawValue).\(format.endings.first ?? "h5")")
      let summary = try checkpoint.write(to: path, format: format)
      let retyped = Set(summary.losses.filter { $0.kind == .dtypeChanged }.map(\.subject))
      let renamed = Set(
        summary.losses.filter { $0.kind == .keyChanged || $0.kind == .tensorDropped }
          .map(\.subject))
      var tensors: [String: Expectation.Tensor] = [:]
      for (key, entry) in checkpoint.state.entries where !renamed.contains(key) {
        let hex = entry.array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
        tensors[key] = .init(
          shape: retyped.contains(key) ? nil : Array(entry.array.shape), hex: hex)
      }
      expectations.append(
        .init(
          format: format.id, path: path, tensors: tensors,
          isWhole: renamed.isEmpty && checkpoint.metadata.isEmpty))
    }
    try folder.write(JSONEncoder().encode(expectations), to: "list.json")
    let lines = try Peers.run("matrix_bytes.py", [folder.file("list.json")])
      .split(separator: "\n")
    #expect(lines.count == Fixture.allCases.count)
    for line in lines { #expect(line.hasPrefix("ok"), "\(line)") }
  }

  @Test(arguments: written)
  func whatPyTorchWroteGoesIntoEveryFormat(_ format: FileFormat) throws {
    for name in PyTorchFixture.names {
      let source = try OpenedCheckpoint(PyTorchFixture.path(name)).checkpoint
      try write(source, as: format, name, nil)
    }
  }

  @Test(arguments: unwritten)
  func whatIsNotWrittenSaysSo(_ format: FileFormat) throws {
    let error = #expect(throws: CheckpointError.self) {
      try Fixture.plain.checkpoint.write(to: folder.file("x"), format: format)
    }
    #expect(error?.code == .unsupported)
    #expect(folder.names.isEmpty)
  }

  /// Writes a checkpoint and reads it back; whatever differs has to be told by a loss, and the
  /// losses have to be those of the table.
  @discardableResult
  private func write(
    _ checkpoint: Checkpoint, as format: FileFormat, _ name: String, _ fixture: Fixture?
  ) throws -> Checkpoint {
    let path = folder.file("\(name).\(format.endings.first ?? "h5")")
    var options = WriteOptions()
    options.isDurable = false
    let summary = try checkpoint.write(to: path, format: format, options: options)
    #expect(summary.tensorCount >= checkpoint.state.count)
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == format, "\(format) is taken for \(opened.format)")
    #expect(try Verification(path).problems.isEmpty)
    if let fixture {
      let expected = Self.expectedLosses[format]?[fixture] ?? []
      #expect(Set(summary.losses.map(\.kind)) == expected, "\(format), \(fixture)")
    }
    let losses = summary.losses + opened.losses
    let comparison = try CheckpointComparison(
      checkpoint, opened.checkpoint, extent: .everything)
    for (name, difference) in comparison.differences {
      #expect(
        losses.contains { $0.explains(difference, of: name) }, "\(format): \(name): \(difference)")
    }
    return opened.checkpoint
  }
}

/// The name that `Fixture` has elsewhere in this target.
private typealias PyTorchFixture = Fixture

extension MatrixTests.Fixture {
  /// The checkpoint.
  var checkpoint: Checkpoint {
    switch self {
    case .plain: Checkpoint(state: Self.state([("a.weight", [3, 4]), ("a.bias", [3])]))
    case .types: types
    case .ties: ties
    case .training: training
    case .keys: keys
    case .empty: Checkpoint(state: Self.state([("none", [0, 3]), ("one", [])]))
    }
  }

  private static func array(_ shape: Shape) -> NDArray {
    NDArray((0..<shape.elementCount).map { Float($0) / 8 - 1 }, shape: shape)
  }

  private static func state(_ shapes: [(String, Shape)]) -> StateDict {
    var state = StateDict()
    for (key, shape) in shapes { state.entries[key] = .init(array(shape), role: .parameter) }
    return state
  }

  /// Every type, with every byte that there is in some element.
  private var types: Checkpoint {
    var state = StateDict()
    let bytes = (0..<256).map { UInt8($0) }
    for dtype in DType.allCases {
      let content = dtype == .bool ? bytes.map { $0 & 1 } : bytes
      let storage = Storage(copying: content)
      let array = NDArray(
        storage: storage, dtype: dtype, layout: Layout([2, 128 / dtype.itemSize]))
      let role: StateDict.Role = dtype.isIntegral ? .buffer : .parameter
      state.entries["t.\(dtype.rawValue)"] = .init(array, role: role)
    }
    return Checkpoint(state: state)
  }

  private var ties: Checkpoint {
    var state = Self.state([("embed.weight", [4, 6])])
    let whole = Self.array([4, 6])
    state.entries["embed.weight"] = .init(whole, role: .parameter)
    state.entries["head.weight"] = .init(whole, role: .parameter)
    state.entries["rows"] = .init(whole.sliced(axis: 0, 1..<3), role: .parameter)
    state.entries["turned"] = .init(whole.transposed(), role: .parameter)
    return Checkpoint(state: state)
  }

  private var training: Checkpoint {
    var state = Self.state([("z.weight", [3, 2]), ("a.bias", [3])])
    state.entries["z.running_mean"] = .init(Self.array([3]), role: .buffer)
    state.entries["z.num_batches_tracked"] = .init(NDArray(Int64(5)), role: .buffer)
    state.moduleVersions = ["": 1, "z": 2, "a": 1]
    var optimizer = OptimizerState(type: "AdamW")
    for key in ["z.weight", "a.bias"] {
      let shape = state[key]?.shape ?? []
      optimizer.state[key] = [
        "step": .tensor(NDArray(Float(3))), "exp_avg": .tensor(Self.array(shape)),
      ]
    }
    optimizer.groups = [
      .init(
        options: ["lr": 0.001, "betas": .tuple([0.9, 0.999]), "amsgrad": false, "foreach": .none],
        parameters: ["z.weight", "a.bias"])
    ]
    return Checkpoint(
      state: state, optimizer: optimizer,
      metadata: [
        "epoch": 3, "loss": .float(.nan), "tags": ["a", .none, .tuple([1, true])],
        "rng": .tensor(NDArray([UInt8(1), 2])), "big": .bigInt("123456789012345678901"),
        "nested": .dict([.int(1): "one", "1": .bytes([0, 255])]),
      ],
      architecture: ["type": "mlp", "sizes": [2, 3]])
  }

  /// Keys that have been trouble somewhere.
  private var keys: Checkpoint {
    let keys = [
      "a", "a.b", "a/b", ".", "..", "a..b", "ü", "u\u{308}", "日本", " ", "a\\b", "data",
      "__metadata__",
      String(repeating: "k", count: 300), "z", "b",
    ]
    return Checkpoint(state: Self.state(keys.map { ($0, [2]) }))
  }
}
