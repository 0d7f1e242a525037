import Arrays
import Checkpoints
import States
import Testing

extension Checkpoint {
  /// A checkpoint with something of everything that a checkpoint may hold.
  static func rich() -> Checkpoint {
    var checkpoint = Checkpoint(state: StateDict())
    let weight = NDArray((0..<12).map { Float($0) - 5.5 }, shape: [3, 4])
    checkpoint.state.entries["zeta.weight"] = .init(weight, role: .parameter)
    let odd: [Float] = [-0.0, .infinity, Float(bitPattern: 0x7FC0_1234), .leastNonzeroMagnitude]
    checkpoint.state.entries["odd"] = .init(NDArray(odd), role: .buffer)
    for (number, dtype) in DType.allCases.enumerated() {
      for (label, shape) in [("scalar", Shape([])), ("grid", [2, 3]), ("empty", [0, 4])] {
        checkpoint.state.entries["\(dtype).\(label)"] = .init(
          .patterned(dtype, shape, seed: number), role: number % 2 == 0 ? .parameter : .buffer)
      }
    }
    checkpoint.state.entries["tied.weight"] = .init(weight, role: .parameter)
    let flat = NDArray((0..<10).map { Float($0) })
    checkpoint.state.entries["flat"] = .init(flat, role: .parameter)
    checkpoint.state.entries["flat.end"] = .init(
      flat.sliced(axis: 0, 6..<10), role: .parameter)
    checkpoint.state.entries["flat.even"] = .init(
      flat.sliced(axis: 0, 0..<10, step: 2), role: .parameter)
    checkpoint.state.entries["transposed"] = .init(
      NDArray((0..<6).map { Double($0) }, shape: [2, 3]).transposed(0, 1), role: .parameter)
    for (number, key) in ["", "a", "a.b", "a/b", "..", "../x", "é ü 名", "a\"b\\c\n", "optimizer"]
      .enumerated()
    {
      checkpoint.state.entries["key \(number) " + key] = .init(
        NDArray([Int32(number)]), role: .buffer)
    }
    checkpoint.state.moduleVersions = ["": 1, "bn": 2]
    checkpoint.optimizer = OptimizerState(
      type: "Adam",
      state: [
        "zeta.weight": [
          "step": .tensor(NDArray(Float(7))), "exp_avg": .tensor(weight.copied()),
          "note": "text",
        ],
        "flat": ["step": 3, "momentum_buffer": .none],
      ],
      groups: [
        .init(
          options: [
            "lr": 0.001, "betas": .tuple([0.9, 0.999]), "foreach": .none, "amsgrad": false,
            "lr_tensor": .tensor(NDArray(Double.pi)),
          ], parameters: ["zeta.weight", "flat"]),
        .init(options: [:], parameters: []),
      ])
    checkpoint.metadata = [
      "epoch": 3, "loss": 0.25, "text": "naïve \u{1F600} \"quoted\"\n", "none": .none,
      "flag": true, "big": .bigInt("-123456789012345678901234567890"),
      "numbers": [
        .float(.nan), .float(-.infinity), .float(-0.0), .float(1e300),
        .float(.leastNonzeroMagnitude), 1, -1.0,
        .float(Double(bitPattern: 0x7FF8_0000_0000_1234)), .int(.min), .int(.max),
      ],
      "complex": .complex(real: -0.0, imaginary: .nan), "bytes": .bytes([0, 127, 255]),
      "rng": .tensor(NDArray([1, 2, 3] as [UInt8])),
      "nested": [
        "dict": ["x": [.tensor(weight), .tuple([])]], "tuple": 1, "tensor": "not a tensor",
      ],
      "pairs": .dict([
        .int(1): "one", .string("1"): "text", .float(.infinity): 1, .bool(true): 2, .none: 3,
        .tuple([.int(1), .string("a")]): .list([]),
      ]),
      "object": .object(type: "argparse.Namespace", state: ["lr": 0.1]), "empty": [:],
    ]
    checkpoint.architecture = ["name": "mlp", "sizes": [1, 2, 3]]
    return checkpoint
  }

  /// Holds that another checkpoint is this one: order, roles, bits, ties, views and all values.
  func expectSame(_ other: Checkpoint, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(Array(state.keys) == Array(other.state.keys), sourceLocation: sourceLocation)
    for (key, entry) in state.entries {
      let array = other.state[key]
      #expect(
        array.map { $0.dtype == entry.array.dtype && entry.array.isBitwiseEqual(to: $0) } == true,
        "\(key)", sourceLocation: sourceLocation)
      #expect(
        entry.role == other.state.entries[key]?.role, "\(key)", sourceLocation: sourceLocation)
    }
    #expect(
      state.moduleVersions == other.state.moduleVersions, sourceLocation: sourceLocation)
    #expect(state.ties.map(\.key) == other.state.ties.map(\.key), sourceLocation: sourceLocation)
    #expect(
      state.ties.map(\.original) == other.state.ties.map(\.original),
      sourceLocation: sourceLocation)
    #expect(storageGroups == other.storageGroups, sourceLocation: sourceLocation)
    #expect(metadata.keys == other.metadata.keys, sourceLocation: sourceLocation)
    for (name, value) in metadata {
      #expect(value == other.metadata[name], "\(name)", sourceLocation: sourceLocation)
    }
    #expect(architecture == other.architecture, sourceLocation: sourceLocation)
    expectSameOptimizer(other.optimizer, sourceLocation)
  }

  private func expectSameOptimizer(_ other: OptimizerState?, _ location: SourceLocation) {
    #expect(optimizer?.type == other?.type, sourceLocation: location)
    #expect(optimizer?.naming == other?.naming, sourceLocation: location)
    #expect(optimizer?.state == other?.state, sourceLocation: location)
    #expect(optimizer?.groups.count == other?.groups.count, sourceLocation: location)
    for (mine, theirs) in zip(optimizer?.groups ?? [], other?.groups ?? []) {
      #expect(mine.options == theirs.options, sourceLocation: location)
      #expect(mine.parameters == theirs.parameters, sourceLocation: location)
    }
  }

  /// The keys of tensors that share a storage.
  private var storageGroups: [[String]] {
    let groups = Dictionary(grouping: state.entries.filter { $0.value.array.elementCount > 0 }) {
      ObjectIdentifier($0.value.array.storage)
    }
    return groups.values.map { $0.map(\.key) }.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }
}

extension NDArray {
  /// An array of bytes that differ from one another; of truths, zeros and ones.
  static func patterned(_ dtype: DType, _ shape: Shape, seed: Int = 0) -> NDArray {
    let count = shape.elementCount * dtype.itemSize
    let bytes = (0..<count).map { index in
      dtype == .bool ? UInt8(index % 2) : UInt8(truncatingIfNeeded: index * 37 + seed + 120)
    }
    let storage = Storage(copying: bytes)
    return NDArray(storage: storage, dtype: dtype, layout: Layout(shape))
  }
}
