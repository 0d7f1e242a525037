import OrderedCollections
import States

/// A call of a layer, of which a class of layers makes a part of the program.
struct TwinCall {
  typealias Missing = KerasSite.Missing

  /// The layer where it stands in the model.
  let site: KerasSite
  /// What it is given.
  var inputs: [TwinValue]
  /// What it is given by name.
  var named: OrderedDictionary<String, TwinValue> = [:]
  /// The arguments of the call that are true.
  var flags: Set<String> = []
  /// Keras's shape of what it gives, nil if it is not known.
  let result: [Int?]?
  /// The part of the program that is being written.
  var module: TwinModule
  /// How the weights of the whole model follow from Keras's.
  let mappings: [String: KerasMapping]
  /// Whether the model is of a Keras before version 3.
  let isOld: Bool?

  var layer: KerasLayer { site.layer }

  /// That the layer cannot be said in PyTorch.
  func missing(_ reason: String) -> Missing { site.missing(reason) }

  /// The one input of the layer.
  var input: TwinValue {
    get throws(Missing) {
      guard inputs.count == 1, named.isEmpty else {
        throw missing("it is given \(inputs.count + named.count) tensors")
      }
      return inputs[0]
    }
  }

  /// The one input, of layers that skip the steps that are masked, which PyTorch's do not.
  var unmasked: TwinValue {
    get throws(Missing) {
      let value = try input
      guard !value.isMasked else {
        throw missing("a layer before it masks steps, which PyTorch's does not know")
      }
      return value
    }
  }

  /// What is known of the shape that it gives.
  func shape() throws(Missing) -> [Int?] {
    guard let result else { throw missing("the shape of what it gives is not known") }
    return result
  }
}

// MARK: - Weights

extension TwinCall {
  /// The shape of a tensor, which has to have so many dimensions.
  func shape(of name: String, rank: Int) throws(Missing) -> [Int] {
    guard let shape = site.shape(name), shape.count == rank, mappings[key(name)] != nil else {
      throw missing(
        untwinnedReason ?? "the checkpoint does not have its \(name) of \(rank) dimensions")
    }
    return shape
  }

  /// Whether it has a tensor.
  func has(_ name: String) -> Bool { site.shape(name) != nil }

  /// Whether a tensor is a variable of Keras's, and no constant that PyTorch wants.
  func isVariable(_ name: String) -> Bool { mappings[key(name)] != nil }

  /// The order of features that a tensor was converted for, along an axis of Keras's variable.
  func order(of name: String, axis: Int) -> KerasArrangement {
    let order = mappings[key(name)]?.orders.first { $0.axis == axis }
    return order.map { .blocks($0.blocks) } ?? .plain
  }

  private func key(_ name: String) -> String { "\(site.key).\(name)" }

  private var untwinnedReason: String? {
    KerasPart(layer, input: site.input).untwinnedReason
  }
}

// MARK: - The program

extension TwinCall {
  /// A name for a value that is needed more than once.
  mutating func assigned(_ value: TwinValue, as name: String? = nil) -> TwinValue {
    var value = value
    value.code = module.assign(value.code, name)
    return value
  }

  /// Defines the layer's module, and gives the expression for it.
  ///
  /// - Parameter tensors: The names of its tensors, which the checkpoint has to have.
  mutating func define(
    _ constructor: String, at path: String = "", tensors: [String]
  ) throws(Missing) -> String {
    let names = layerPath + path.split(separator: ".").map(String.init)
    guard module.define(names, constructor) else {
      throw missing("another layer has its name")
    }
    module.keys += tensors.map { key(path.isEmpty ? $0 : "\(path).\($0)") }
    return TwinModule.reference(names)
  }

  /// The path of its module in that of the model.
  private var layerPath: [String] { [String(site.key.dropFirst(module.prefix.count))] }
}
