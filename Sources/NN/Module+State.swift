import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// A tensor that is part of the state dict.
struct StateTensor {
  let key: String
  let tensor: Tensor
  let role: StateDict.Role
}

extension Module {
  /// The parameters and persistent buffers of this module itself, in the state dict's order.
  final func ownStateTensors(_ path: String) -> [StateTensor] {
    let members = members()
    let parameters = members.compactMap { member -> StateTensor? in
      guard case .parameter(let tensor?) = member.content else { return nil }
      return StateTensor(key: Self.join(path, member.name), tensor: tensor, role: .parameter)
    }
    let buffers = members.compactMap { member -> StateTensor? in
      guard case .buffer(let tensor?) = member.content, tensor.isPersistent else { return nil }
      return StateTensor(key: Self.join(path, member.name), tensor: tensor, role: .buffer)
    }
    return parameters + buffers
  }

  /// All that the state dict is made of, in its order.
  final func stateTensors(_ path: String = "") -> [StateTensor] {
    namedModules(prefix: path, removeDuplicate: false).flatMap { $1.ownStateTensors($0) }
  }

  /// The values of all parameters and persistent buffers by their keys. Equivalent to
  /// `torch.nn.Module.state_dict`.
  ///
  /// The order is a module's parameters, then its buffers, then its children's. A tensor with
  /// several names appears under each. Values share storage with the module until either changes,
  /// so that, unlike in PyTorch, later training steps do not affect the state dict.
  ///
  /// - Parameter prefix: Put before each key unchanged; usually empty or ending in a dot.
  /// - Precondition: No tensor is on ``/Autograd/Device/meta``, and no key occurs twice.
  public final func stateDict(prefix: String = "") -> StateDict {
    var state = StateDict(entries: [:])
    for (path, module) in namedModules(removeDuplicate: false) {
      state.moduleVersions[Self.modulePath(prefix, path)] = type(of: module).stateVersion
      for item in module.ownStateTensors(path) {
        let key = prefix + item.key
        require(
          state.entries[key] == nil, "two members of \(typeName) have the name \"\(key)\"")
        require(
          item.tensor.device != .meta,
          "stateDict: \"\(key)\" is on the meta device and has no values")
        state.entries[key] = StateDict.Entry(item.tensor.array, role: item.role)
      }
    }
    for (path, module) in namedModules().reversed() {
      let start = path.isEmpty ? prefix : "\(prefix)\(path)."
      for hook in module.hooks?.stateDict.hooks ?? [] { hook(module, &state, start) }
    }
    return state
  }

  /// The path of a module as PyTorch keeps it: the prefix of its keys without the dot at its end.
  private static func modulePath(_ prefix: String, _ path: String) -> String {
    let start = path.isEmpty ? prefix : "\(prefix)\(path)."
    return start.hasSuffix(".") ? String(start.dropLast()) : start
  }

  /// The tensors of the state dict by their keys. Equivalent to `torch.nn.Module.state_dict` with
  /// `keep_vars`.
  ///
  /// - Parameters:
  ///   - prefix: Put before each key unchanged.
  ///   - keepVars: Whether the tensors are the module's own rather than detached ones.
  public final func stateDict(
    prefix: String = "", keepVars: Bool
  ) -> OrderedDictionary<String, Tensor> {
    OrderedDictionary(
      uniqueKeysWithValues: stateTensors().map {
        (prefix + $0.key, keepVars ? $0.tensor : $0.tensor.detached())
      })
  }
}
