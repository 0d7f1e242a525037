import Arrays
import States

extension Checkpoint {
  /// A tensor of the model, of the optimizer's state, or within a value.
  package struct NamedTensor: Sendable {
    package let name: String
    package let array: NDArray
    package let role: StateDict.Role?
    /// The name of the value that it is within, if it is.
    package var owner: String?
  }

  /// All tensors, wherever they are: see ``CheckpointContents``.
  package var namedTensors: [NamedTensor] { CheckpointContents(self).tensors }
}

extension Value {
  /// Whether it is a tensor, or has one somewhere within.
  package var holdsTensors: Bool {
    switch self {
    case .tensor: true
    case .list(let elements), .tuple(let elements): elements.contains(where: \.holdsTensors)
    case .dict(let members): members.values.contains(where: \.holdsTensors)
    case .object(_, let state): state.holdsTensors
    case .model(let state): !state.isEmpty
    case .optimizer: content?.holdsTensors ?? false
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes: false
    }
  }
}
