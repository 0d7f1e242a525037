import Arrays
import Checkpoints
import Files
import States

/// Checkpoints that the tests save and load.
enum TestCheckpoints {
  /// Bytes that depend on the place, so that no two tensors are alike.
  static func array(_ dtype: DType, _ shape: Shape, seed: UInt8 = 0) -> NDArray {
    var array = NDArray(zeros: shape, dtype: dtype)
    array.withMutableContiguousBytes { bytes in
      for index in bytes.byteOffsets {
        bytes[index] =
          dtype == .bool ? UInt8(index % 2) : UInt8(truncatingIfNeeded: index * 37) &+ seed
      }
    }
    return array
  }

  /// A tensor of every type, in several shapes.
  static var everyType: Checkpoint {
    var state = StateDict()
    for (number, dtype) in DType.allCases.enumerated() {
      let role: StateDict.Role = number.isMultiple(of: 2) ? .parameter : .buffer
      for (name, shape) in [
        ("scalar", Shape.scalar), ("vector", [70]), ("empty", [3, 0]), ("grid", [2, 3, 5]),
      ] {
        state.entries["\(dtype.rawValue).\(name)"] = StateDict.Entry(
          array(dtype, shape, seed: UInt8(number)), role: role)
      }
    }
    return Checkpoint(state: state)
  }

  /// A small training checkpoint with everything that one may have.
  static var training: Checkpoint {
    var state = StateDict()
    state.entries["conv.weight"] = .init(array(.float32, [4, 3, 2, 2]), role: .parameter)
    state.entries["conv.bias"] = .init(array(.float32, [4]), role: .parameter)
    state.entries["bn.running_mean"] = .init(array(.float32, [4], seed: 3), role: .buffer)
    state.entries["bn.num_batches_tracked"] = .init(NDArray(Int64(7)), role: .buffer)
    state.moduleVersions = ["": 1, "conv": 1, "bn": 2]
    var optimizer = OptimizerState(type: "Adam")
    optimizer.state["conv.weight"] = [
      "step": .tensor(NDArray(Float(12))),
      "exp_avg": .tensor(array(.float32, [4, 3, 2, 2], seed: 5)),
      "exp_avg_sq": .tensor(array(.float32, [4, 3, 2, 2], seed: 6)),
    ]
    optimizer.groups = [
      OptimizerState.Group(
        options: [
          "lr": 0.001, "betas": .tuple([0.9, 0.999]), "eps": 1e-8, "weight_decay": 0,
          "amsgrad": false, "foreach": nil,
        ], parameters: ["conv.weight", "conv.bias"])
    ]
    return Checkpoint(
      state: state, optimizer: optimizer, metadata: metadata,
      architecture: ["module": "Sequential", "children": []])
  }

  static let metadata: [(String, Value)] = [
    ("epoch", 3), ("loss", 0.25), ("name", "Größe ∂"), ("none", nil), ("flag", true), ("empty", ""),
    ("nul", "a\0b\0"), ("big", .bigInt("-123456789012345678901234567890")),
    ("nan", .float(.nan)), ("negative zero", .float(-0.0)), ("c", .complex(real: 1, imaginary: -2)),
    ("bytes", .bytes([0, 255, 3])), ("no bytes", .bytes([])),
    ("list", [1, 2, 3]), ("tuple", .tuple([0.5, 1.5])), ("flags", [true, false]),
    ("texts", ["horizontal", "", "ä"]), ("texts with NUL", ["a\0", "b"]),
    ("mixed", [1, "two", 3.0, [4, .tuple([])]]), ("nothing", []),
    ("nested", ["zeta": 1, "alpha": ["x": nil], "": "empty key", "a/b.c%": 5]),
    (
      "keys",
      .dict([
        1: "int", "1": "text", .bool(true): "bool", .none: "none", .float(1.5): "float",
        .tuple([.string("a"), .int(2), .tuple([])]): "tuple", .string("%i3"): "escape",
      ])
    ),
    ("args", .object(type: "argparse.Namespace", state: ["lr": 0.1])),
    ("rng", .tensor(TestCheckpoints.array(.uint8, [40]))),
    ("zero-dimensional", .tensor(NDArray(Int64(5)))),
    ("11", 11), ("2", 2),
  ]
}

extension Checkpoint {
  init(
    state: StateDict, optimizer: OptimizerState?, metadata: [(String, Value)], architecture: Value
  ) {
    self.init(
      state: state, optimizer: optimizer,
      metadata: .init(uniqueKeysWithValues: metadata), architecture: architecture)
  }

  /// What differs between two checkpoints, in words; empty if nothing does, to the bit.
  func differences(from other: Checkpoint) -> [String] {
    var differences: [String] = []
    if state.keys != other.state.keys {
      differences.append("keys: \(Array(state.keys)) and \(Array(other.state.keys))")
    }
    for (key, entry) in state.entries {
      guard let theirs = other.state.entries[key] else { continue }
      if !entry.array.isBitwiseEqual(to: theirs.array) { differences.append("\(key): values") }
      if entry.role != theirs.role { differences.append("\(key): role") }
    }
    if state.moduleVersions != other.state.moduleVersions { differences.append("module versions") }
    if Array(metadata.keys) != Array(other.metadata.keys) {
      differences.append("metadata keys \(other.metadata.keys)")
    }
    for (key, value) in metadata where value != other.metadata[key] {
      differences.append("metadata \(key): \(value) and \(String(describing: other.metadata[key]))")
    }
    if architecture != other.architecture { differences.append("architecture") }
    switch (optimizer, other.optimizer) {
    case (nil, nil): break
    case (let mine?, let theirs?):
      if mine.type != theirs.type || mine.naming != theirs.naming {
        differences.append("optimizer type")
      }
      if Array(mine.state).map(\.key) != Array(theirs.state).map(\.key) {
        differences.append("optimizer state: \(mine.state.keys) and \(theirs.state.keys)")
      }
      for (key, slots) in mine.state {
        let mineSlots = Value.dict(
          .init(uniqueKeysWithValues: slots.map { (.string($0.key), $0.value) }))
        let theirSlots = Value.dict(
          .init(
            uniqueKeysWithValues: (theirs.state[key] ?? [:]).map { (.string($0.key), $0.value) }))
        if mineSlots != theirSlots {
          differences.append("optimizer state of \(key): \(mineSlots) and \(theirSlots)")
        }
      }
      if mine.groups.map(\.parameters) != theirs.groups.map(\.parameters) {
        differences.append("groups")
      }
      for (a, b) in zip(mine.groups, theirs.groups)
      where Array(a.options.keys) != Array(b.options.keys)
        || Array(a.options.values) != Array(b.options.values)
      {
        differences.append("options: \(a.options) and \(b.options)")
      }
    default: differences.append("optimizer")
    }
    return differences
  }
}
