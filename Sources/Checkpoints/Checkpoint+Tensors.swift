import Arrays
import States

extension Checkpoint {
  /// A tensor of the model or of the optimizer's state.
  package struct NamedTensor: Sendable {
    package let name: String
    package let array: NDArray
    package let role: StateDict.Role?
  }

  /// The tensors of the model, in order.
  package var modelTensors: [NamedTensor] {
    state.entries.map { NamedTensor(name: $0.key, array: $0.value.array, role: $0.value.role) }
  }

  /// All tensors of the model and of the optimizer's state, in order.
  package var namedTensors: [NamedTensor] {
    var tensors = modelTensors
    for (parameter, slots) in optimizer?.state ?? [:] {
      for (slot, value) in slots {
        guard let array = value.tensor else { continue }
        tensors.append(
          NamedTensor(
            name: "optimizer state of \(parameter): \(slot)", array: array, role: nil))
      }
    }
    return tensors
  }
}

extension Value {
  /// Whether it is a tensor, or has one somewhere within.
  package var holdsTensors: Bool {
    switch self {
    case .tensor: true
    case .list(let elements), .tuple(let elements): elements.contains(where: \.holdsTensors)
    case .dict(let members): members.values.contains(where: \.holdsTensors)
    case .object(_, let state): state.holdsTensors
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes: false
    }
  }
}
