import Arrays
import Autograd
import Checkpoints
import Files
import NN

/// What is to be undone when an adapter leaves a model.
struct LoRAAttachment {
  /// A tensor of the model that has the adapter's values for the time.
  struct Exchange {
    let tensor: Tensor
    /// The model's own values.
    let own: NDArray
  }

  var handles: [HookHandle] = []
  var exchanges: [Exchange] = []
  /// Which parameters of the model were trained.
  var wereTrained: [(parameter: Parameter, requiresGrad: Bool)] = []
}

extension LoRAAdapter {
  /// Puts the adapter beside a model, so that the model gives what it would with the adapter merged, and
  /// only the adapter is trained. Equivalent to `PeftModel.from_pretrained(model, …, is_trainable=True)`.
  ///
  /// A layer's output becomes output + scaling · B · A · dropout(input), by hooks; its weight stays as it
  /// is. Dropout follows the mode of the layer, `train()` or `eval()`. All parameters of the model are
  /// frozen until ``detach()``.
  ///
  /// Tensors of `modules_to_save` and biases are in their places in the model while it is attached, whose
  /// own values are kept aside. They are then the model's objects, so make the optimizer after this call:
  ///
  /// ```swift
  /// try adapter.attach(to: model)
  /// let optimizer = AdamW(adapter, lr: 1e-4)
  /// ```
  ///
  /// - Parameter model: The model, with the names under which PEFT had it.
  /// - Throws: `CheckpointError` that names the adapter's tensor if it has no place in the model, does not
  ///   fit there, or is for a layer of another class than linear ones, tables, and convolutions of one or
  ///   two dimensions that are not dilated and pad with zeros. The model is then unchanged.
  /// - Precondition: It is not attached to a model.
  public func attach(to model: Module) throws(CheckpointError) {
    require(!isAttached, "attach: the adapter is attached to a model already: detach it first")
    let modules = model.modulesByPath
    var hooks: [(module: Module, hook: LoRAForward)] = []
    for layer in layers {
      guard let module = modules[layer.path] else {
        throw error(.unsupported, layer.keys.a, "the model has no module \(layer.path)")
      }
      do throws(LoRALayer.Misfit) {
        hooks.append(
          (module, try LoRAForward(layer, for: module, dropout: configuration.loraDropout)))
      } catch {
        throw self.error(.unsupported, layer.keys.a, "it \(error.reason)")
      }
    }
    let places = try places(in: model)

    // From here on nothing fails.
    var attachment = LoRAAttachment()
    for parameter in model.parameters() {
      attachment.wereTrained.append((parameter, parameter.requiresGrad))
      parameter.requiresGrad = false
    }
    var seen: Set<ObjectIdentifier> = []
    for (whole, tensor) in places {
      if seen.insert(ObjectIdentifier(tensor)).inserted {
        attachment.exchanges.append(.init(tensor: tensor, own: tensor.array))
        noGrad { tensor.setValues(whole.tensor) }
      }
      whole.tensor = tensor
      (tensor as? Parameter)?.requiresGrad = isTrained(whole)
    }
    for (module, hook) in hooks {
      attachment.handles.append(module.onForward { hook.run($0, $1, $2) })
    }
    self.attachment = attachment
  }

  /// Takes the adapter from the model that it is attached to, which is then as it was before. Does nothing
  /// if it is attached to none.
  ///
  /// The tensors that were in the model's places keep their values in the adapter, as parameters of its
  /// own.
  public func detach() {
    guard let attachment else { return }
    for handle in attachment.handles { handle.remove() }
    for whole in wholes {
      whole.tensor =
        whole.tensor is Parameter
        ? Parameter(whole.tensor.array, requiresGrad: whole.tensor.requiresGrad)
        : Buffer(whole.tensor.array)
    }
    noGrad {
      for exchange in attachment.exchanges {
        exchange.tensor.setValues(Tensor(exchange.own))
        exchange.tensor.grad = nil
      }
    }
    for (parameter, requiresGrad) in attachment.wereTrained {
      parameter.requiresGrad = requiresGrad
    }
    self.attachment = nil
  }

  /// Whether a tensor that takes the place of the model's is trained, by the configuration.
  private func isTrained(_ whole: LoRAWholeTensor) -> Bool {
    configuration.savedModule(of: whole.target) != nil || isTrainedBias(whole.target)
  }

  /// Where in a model the tensors are that the adapter's take the place of.
  private func places(
    in model: Module
  ) throws(CheckpointError) -> [(whole: LoRAWholeTensor, tensor: Tensor)] {
    let parameters = model.namedParameters(removeDuplicate: false).map {
      ($0.name, $0.parameter as Tensor)
    }
    let buffers = model.namedBuffers(removeDuplicate: false)
      .filter { $0.buffer.isPersistent }.map { ($0.name, $0.buffer as Tensor) }
    let tensors = Dictionary(parameters + buffers, uniquingKeysWith: { first, _ in first })
    let wholesByTarget = Dictionary(
      wholes.map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
    let names = Dictionary(grouping: tensors.keys, by: { tensors[$0].map { ObjectIdentifier($0) } })
    for (key, _) in parameters + buffers where wholesByTarget[key] == nil {
      if let name = configuration.savedModule(of: key) { throw missing(key, savedBy: name) }
    }
    for (key, _) in parameters where wholesByTarget[key] == nil && isTrainedBias(key) {
      throw missing(bias: key)
    }
    var places: [(whole: LoRAWholeTensor, tensor: Tensor)] = []
    for whole in wholes {
      guard let tensor = tensors[whole.target] else {
        throw error(.unsupported, whole.key, "the model has no \(whole.target)")
      }
      guard tensor.device != .meta else {
        throw error(.unsupported, whole.key, "\(whole.target) of the model has no values")
      }
      try check(whole, whole.tensor.array, tensor.array)
      // PEFT copies a module that is trained as a whole, and the tie is none any more; what it only loads it
      // writes into the tensor that is there.
      let isCopied = configuration.savedModule(of: whole.target) != nil
      let others = (names[ObjectIdentifier(tensor)] ?? []).filter { key in
        guard isCopied else { return false }
        guard let other = wholesByTarget[key] else { return true }
        return !other.tensor.array.isBitwiseEqual(to: whole.tensor.array)
      }
      guard others.isEmpty else {
        throw error(
          .unsupported, whole.key,
          "\(whole.target) of the model is tied to \(others.sorted().joined(separator: ", ")), and cannot "
            + "be replaced alone")
      }
      places.append((whole, tensor))
    }
    return places
  }
}

extension Tensor {
  /// Replaces the elements of a parameter or a buffer.
  fileprivate final func setValues(_ values: Tensor) {
    switch self {
    case let parameter as Parameter: parameter.assign(values)
    case let buffer as Buffer: buffer.assign(values)
    default: break
    }
  }
}
