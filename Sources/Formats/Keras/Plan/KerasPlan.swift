import Arrays
import Checkpoints
import OrderedCollections
import States

/// A variable of a Keras model and where files keep it.
struct KerasVariable: Hashable {
  /// Its path in the model: `sub/dense/kernel`. Optimizers name their variables after it.
  var path: String
  /// Where a `.weights.h5` has it, such as `layers/dense/vars/0`; nil if that is not known.
  var place: String?
  /// The layer whose group of a legacy file has it; nil if that is not known.
  var layer: String?
  /// Its name in that group, such as `dense/kernel`; nil until it was found or is to be written.
  var weightName: String?
  /// Whether an optimizer has state for it.
  var isTrainable = true
  /// Its type in Keras, as far as it is known.
  var dtype: String?
  /// Its shape, as far as it is known.
  var shape: [Int]?
  /// The position of the variable that it is once more, if it is one that files of weights have
  /// twice.
  var original: Int?
}

/// Which variables of Keras are which tensors of the state dict.
struct KerasMapping: Hashable {
  /// Variables, by their positions in the plan.
  var variables: [Int]
  /// The keys of the tensors.
  var keys: [String]
  /// What the tensors are to PyTorch's module.
  var role: StateDict.Role
  /// How one becomes the other.
  var transform: KerasTransform
  /// The orders of features along axes of each variable that PyTorch has in another.
  var orders: [Order] = []

  /// The order of the features along an axis.
  struct Order: Hashable {
    /// The axis of the variable, from the end if it is negative.
    let axis: Int
    let blocks: [KerasArrangement.Block]
  }

  init(
    variables: [Int], keys: [String], role: StateDict.Role, transform: KerasTransform
  ) {
    self.variables = variables
    self.keys = keys
    self.role = role
    self.transform = transform
  }
}

/// A tensor that PyTorch's module has and Keras's layer does not.
struct KerasConstant: Hashable {
  /// What it is filled with.
  enum Content: String, Hashable {
    /// An integer, zero.
    case count
    /// Numbers of the type and shape of the first variable of the mapping before it.
    case ones, zeros
  }

  /// The key of the tensor.
  var key: String
  /// What it is filled with.
  var content: Content
  /// What it is to PyTorch's module.
  var role: StateDict.Role
  /// After which mapping it stands, and whose tensor's type and shape it has.
  var mapping: Int
}

/// All variables of a Keras model, and how the state dict holds them.
struct KerasPlan {
  /// The variables in Keras's order, that of its optimizers.
  var variables: [KerasVariable] = []
  /// How they become tensors, in the order of the state dict.
  var mappings: [KerasMapping] = []
  /// What is added to them.
  var constants: [KerasConstant] = []
  /// The options that PyTorch's modules need to give the same outputs, by the keys of the layers; of
  /// the plan of one layer, by PyTorch's names.
  var hyperparameters: OrderedDictionary<Value.Key, Value> = [:]
  /// What the keys of a layer begin with, by where a `.weights.h5` has the layer.
  var layerKeys: OrderedDictionary<String, String> = [:]
  /// What is worth knowing, a sentence each.
  var notes: [String] = []
  /// The weights the order of whose inputs does not follow from the config.
  var losses: [ConversionLoss] = []
}

extension KerasPlan {
  /// The keys of all tensors, in the order of the state dict.
  var keys: OrderedSet<String> {
    let added = Dictionary(grouping: constants, by: \.mapping)
    return OrderedSet(
      mappings.enumerated().flatMap { number, mapping in
        mapping.keys + (added[number] ?? []).map(\.key)
      })
  }

  /// How each tensor followed from variables.
  var mappingsByKey: [String: KerasMapping] {
    Dictionary(
      mappings.flatMap { mapping in mapping.keys.map { ($0, mapping) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The positions of the variables that an optimizer has state for, in its order.
  var trainable: [Int] { variables.indices.filter { variables[$0].isTrainable } }

  /// The positions of the variables of each layer of a legacy file in that file's order: those that
  /// are learned first.
  var legacyOrders: [String: [Int]] {
    let learnedFirst =
      trainable
      + variables.indices.filter { !variables[$0].isTrainable && variables[$0].original == nil }
    var orders: [String: [Int]] = [:]
    for index in learnedFirst {
      if let layer = variables[index].layer { orders[layer, default: []].append(index) }
    }
    return orders
  }

  /// The tensors of a model whose variables have these values.
  func state(_ values: [NDArray], file: String) throws(CheckpointError) -> StateDict {
    var state = StateDict()
    for (number, mapping) in mappings.enumerated() {
      let sources = mapping.variables.map { values[$0] }
      let tensors = try attempt(mapping, file) { () throws(KerasTransform.Mismatch) in
        try mapping.toPyTorch(sources, .weights)
      }
      for (key, tensor) in zip(mapping.keys, tensors) {
        guard state.entries[key] == nil else {
          throw CheckpointError(
            .damaged, file: file, place: key, reason: "two weights would have this key")
        }
        state.entries[key] = StateDict.Entry(tensor, role: mapping.role)
      }
      for constant in constants where constant.mapping == number {
        guard let tensor = tensors.first, state.entries[constant.key] == nil else { continue }
        state.entries[constant.key] = StateDict.Entry(
          constant.array(like: tensor), role: constant.role)
      }
    }
    return state
  }

  /// The values of the variables of a model that has these tensors.
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if a tensor is missing or its shape is not
  ///   that of Keras's variable, `damaged` if tensors do not fit the convention of their mapping.
  func values(_ state: StateDict, file: String) throws(CheckpointError) -> [NDArray] {
    var values = [NDArray?](repeating: nil, count: variables.count)
    for mapping in mappings {
      var sources: [NDArray] = []
      for key in mapping.keys {
        guard let array = state[key] else {
          throw CheckpointError(
            .unsupported, file: file, place: key,
            reason: "the Keras model has this weight, and the checkpoint does not")
        }
        sources.append(array)
      }
      let results = try attempt(mapping, file) { () throws(KerasTransform.Mismatch) in
        try mapping.toKeras(sources, .weights)
      }
      for (index, array) in zip(mapping.variables, results) {
        try check(array, is: index, file)
        values[index] = array
      }
    }
    for (index, variable) in variables.enumerated() {
      if let original = variable.original { values[index] = values[original] }
    }
    return try values.enumerated().map { index, value throws(CheckpointError) in
      guard let value else {
        throw CheckpointError(
          .unsupported, file: file, place: variables[index].path,
          reason: "nothing in the checkpoint stands for this weight of Keras")
      }
      return value
    }
  }

  private func check(
    _ array: NDArray, is index: Int, _ file: String
  ) throws(CheckpointError) {
    guard let shape = variables[index].shape, shape != array.shape.dimensions else { return }
    throw CheckpointError(
      .unsupported, file: file, place: variables[index].path,
      reason: "its shape would be \(array.shape), and the Keras model has \(Shape(shape))")
  }

  /// Runs a transform in the name of a mapping.
  func attempt<R>(
    _ mapping: KerasMapping, _ file: String, _ body: () throws(KerasTransform.Mismatch) -> R
  ) throws(CheckpointError) -> R {
    do throws(KerasTransform.Mismatch) {
      return try body()
    } catch {
      throw CheckpointError(
        .damaged, file: file, place: mapping.keys.first, reason: error.reason)
    }
  }
}

extension KerasConstant {
  /// The tensor, of the type and shape of another.
  func array(like other: NDArray) -> NDArray {
    switch content {
    case .count: return NDArray(0 as Int64)
    case .zeros: return NDArray(zeros: other.shape, dtype: other.dtype)
    case .ones:
      let ones = NDArray(repeating: 1 as Float, shape: other.shape)
      // Every type that a weight can have is one that floats convert to.
      return (try? ones.converted(to: other.dtype)) ?? ones
    }
  }

  /// Whether a tensor is still what the constant was.
  func isUnchanged(_ array: NDArray) -> Bool {
    array.isBitwiseEqual(to: self.array(like: array))
  }
}
