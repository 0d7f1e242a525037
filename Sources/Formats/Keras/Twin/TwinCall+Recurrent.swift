import States

extension TwinCall {
  /// A layer that goes over the steps in one direction.
  ///
  /// - Parameter name: PyTorch's class.
  mutating func recurrent(
    _ name: String, activations: Set<String>
  ) throws(Missing) -> TwinValue {
    try checkDirection(layer, activations)
    let value = try steps()
    let (module, units) = try cells(name, layer, directions: 1)
    let isBackward = layer.flag("go_backwards", default: false)
    let code = "\(module)(\(value.code)\(isBackward ? ".flip(1)" : ""))[0]"
    guard layer.flag("return_sequences", default: false) else {
      return TwinValue("\(code)[:, -1]", [units])
    }
    return TwinValue(code, [value.shape[0], units])
  }

  /// A layer that goes over the steps in both directions.
  mutating func bidirectional(
    _ name: String, _ inner: KerasLayer, activations: Set<String>
  ) throws(Missing) -> TwinValue {
    let other = layer.part("backward_layer")
    let backward = other ?? inner
    try checkDirection(inner, activations)
    try checkDirection(backward, activations)
    // The layer for the way back says that it is one; a copy of the other does not.
    guard !inner.flag("go_backwards", default: false),
      other?.flag("go_backwards", default: false) ?? true
    else { throw missing("its directions are not one forward and one backward") }
    let options = ["activation", "recurrent_activation", "return_sequences", "use_bias", "units"]
    guard options.allSatisfy({ inner.config[$0] == backward.config[$0] }) else {
      throw missing("its directions differ in more than their weights")
    }
    let value = try steps()
    let (module, units) = try cells(name, inner, directions: 2)
    let all = assigned(TwinValue("\(module)(\(value.code))[0]", []), as: "states").code
    let isSequence = inner.flag("return_sequences", default: false)
    let parts =
      isSequence
      ? ["\(all)[..., :\(units)]", "\(all)[..., \(units):]"]
      : ["\(all)[:, -1, :\(units)]", "\(all)[:, 0, \(units):]"]
    let lead = isSequence ? [value.shape[0]] : []
    switch layer.config["merge_mode"]?.stringValue {
    case "concat":
      return TwinValue(
        isSequence ? all : "torch.cat((\(parts.joined(separator: ", "))), dim=-1)",
        lead + [2 * units])
    case "sum": return TwinValue(parts.joined(separator: " + "), lead + [units])
    case "mul": return TwinValue(parts.joined(separator: " * "), lead + [units])
    case "ave":
      return TwinValue("(\(parts.joined(separator: " + "))) / 2", lead + [units])
    default: throw missing("it does not join its directions")
    }
  }

  private func steps() throws(Missing) -> TwinValue {
    let value = try unmasked.inKerasAxes(order(of: "weight_ih_l0", axis: 0))
    guard value.rank == 2 else { throw missing("its input is no sequence of vectors") }
    return value
  }

  private mutating func cells(
    _ name: String, _ inner: KerasLayer, directions: Int
  ) throws(Missing) -> (module: String, units: Int) {
    let kernel = try shape(of: "weight_ih_l0", rank: 2)
    let recurrent = try shape(of: "weight_hh_l0", rank: 2)
    let hasBias = has("bias_ih_l0")
    var tensors = ["weight_ih_l0", "weight_hh_l0"]
    if hasBias { tensors += ["bias_ih_l0", "bias_hh_l0"] }
    var arguments = "\(kernel[1]), \(recurrent[1]), batch_first=True"
    if directions == 2 {
      guard try shape(of: "weight_ih_l0_reverse", rank: 2) == kernel,
        try shape(of: "weight_hh_l0_reverse", rank: 2) == recurrent
      else { throw missing("its directions are of different sizes") }
      tensors += tensors.map { $0 + "_reverse" }
      arguments += ", bidirectional=True"
    }
    if name == "RNN", inner.activation != "tanh" {
      arguments += ", nonlinearity=\(PythonText.literal(inner.activation))"
    }
    if !hasBias { arguments += ", bias=False" }
    return (try define("nn.\(name)(\(arguments))", tensors: tensors), recurrent[1])
  }

  private func checkDirection(
    _ direction: KerasLayer, _ activations: Set<String>
  ) throws(Missing) {
    for flag in ["stateful", "return_state", "time_major"]
    where direction.flag(flag, default: false) {
      throw missing("PyTorch's has no \(flag)")
    }
    // Classes that have no other have no such argument.
    if activations.isEmpty, direction.config["activation"] == nil { return }
    guard case .string(let activation)? = direction.config["activation"],
      activations.contains(activation)
    else { throw missing("PyTorch's has no such activation") }
    if let gate = direction.config["recurrent_activation"], gate != "sigmoid" {
      throw missing("PyTorch's has no such recurrent activation")
    }
  }
}
