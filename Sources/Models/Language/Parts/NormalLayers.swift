import Arrays
import Autograd
import NN
import States

/// Makes layers with the initial values of transformers' language models: normally distributed
/// weights of one spread, and biases of zero. Each draws its numbers once.
struct NormalLayers {
  /// The standard deviation of the weights, `initializer_range`.
  let std: Double

  /// A linear layer.
  func linear(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true) -> Linear {
    Linear(
      weight: weight([outFeatures, inFeatures]),
      bias: bias ? Parameter(Tensor.zeros([outFeatures])) : nil)
  }

  /// A table of vectors, in which the row of the padding is zero.
  func embedding(_ count: Int, _ features: Int, paddingIndex: Int? = nil) -> Embedding {
    let layer = Embedding(weight: weight([count, features]), paddingIndex: paddingIndex)
    if let row = layer.paddingIndex, layer.weight.device != .meta {
      noGrad {
        let isPadding = Tensor.arange(count) .== Double(row)
        layer.weight.assign(layer.weight.maskedFill(isPadding.unsqueezed(1), 0))
      }
    }
    return layer
  }

  /// A weight.
  func weight(_ shape: Shape) -> Parameter {
    let weight = Parameter(Tensor.zeros(shape))
    Initialization.normal(weight, std: std)
    return weight
  }
}

extension StateDict {
  /// Adds what a file leaves out because it is the same tensor as another: transformers saves tied
  /// tensors once.
  mutating func fillTie(_ key: String, from other: String) {
    if self[key] == nil, let array = self[other] { self[key] = array }
  }

  /// Gives the keys that start with `prefix` another beginning, in place.
  mutating func renameKeys(_ rename: (String) -> String) {
    var renamed = StateDict(entries: [:], moduleVersions: moduleVersions)
    for (key, entry) in entries { renamed.entries[rename(key)] = entry }
    self = renamed
  }

  /// Removes the numbers 0, 1, 2, … that earlier versions of transformers saved as the positions of
  /// tokens. Any other numbers stay, and are refused as unexpected.
  mutating func dropPositions(_ key: String) {
    guard let array = self[key], array.dtype.isIntegral,
      array.cast(to: .int64).elements(as: Int64.self).enumerated().allSatisfy({
        $0.element == Int64($0.offset)
      })
    else { return }
    self[key] = nil
  }
}
