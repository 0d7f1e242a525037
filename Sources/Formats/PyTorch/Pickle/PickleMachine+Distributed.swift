import Checkpoints

/// Tensors that are spread over several processes, as `torch.distributed.tensor.DTensor` describes them.
extension PickleMachine {
  /// The class's name, now and in earlier versions.
  static let distributedTypes: Set<String> = [
    "torch.distributed.tensor.DTensor", "torch.distributed.tensor._api.DTensor",
    "torch.distributed._tensor.DTensor", "torch.distributed._tensor.api.DTensor",
  ]
  /// How values are spread that have to be added up to be the tensor's.
  private static let partial = ["Partial", "_Partial", "_NormPartial", "_MaskPartial"]

  /// The tensor that a process holds, if that is all of it: it is replicated, or only one process has a
  /// part.
  ///
  /// - Parameters:
  ///   - arguments: What `_rebuild_wrapper_subclass` takes: the class, the type, the shape, ….
  ///   - state: What the object has beside them: `_local_tensor` and `_spec`.
  /// - Returns: Nil if this is none that is known; an ``UnreadTensor`` for a part of one, whose others are in
  ///   other files.
  func distributedTensor(
    _ arguments: [PickleValue], _ state: PickleValue
  ) throws(CheckpointError) -> PickleValue? {
    let members = [state.dict].compactMap(\.self) + (state.elements ?? []).compactMap(\.dict)
    func member(_ name: String) -> PickleValue? { members.lazy.compactMap { $0[name] }.first }
    guard arguments.count >= 3, case .tensor(let local)? = member("_local_tensor"),
      let shape = lengths(arguments[2]), case .instance(let spec)? = member("_spec"),
      let placements = spec.attributes?["placements"]?.elements
    else { return nil }
    let names = placements.map(Self.placement)
    let isSum = names.contains { name in Self.partial.contains { name.hasPrefix($0) } }
    guard local.shape == shape, !isSum else {
      if policy == .survey { return .tensor(local) }
      let what = "one process's part of a distributed tensor"
      return try unread(
        UnreadTensor(
          reason: "it holds \(what) (DTensor, \(names.joined(separator: ", "))): "
            + "\(local.shape) of \(shape), the rest is in other files",
          advice: "Save the whole in PyTorch: get_model_state_dict with full_state_dict, or "
            + "tensor.full_tensor().", what: what),
        type: "torch.distributed.tensor.DTensor")
    }
    let isParameter = member("_is_param")?.boolValue == true
    let gradient = arguments.count > 7 ? arguments[7].boolValue ?? false : local.requiresGradient
    let whole = try adopt(local.whole(isParameter: isParameter, requiresGradient: gradient))
    whole.typeName = "torch.distributed.tensor.DTensor"
    let known: Set = ["_local_tensor", "_spec", "_is_param", "_tensor_meta"]
    for dict in members {
      whole.attributeNames += dict.keys.map(\.description).filter { !known.contains($0) }
    }
    return .tensor(whole)
  }

  /// How one axis of the processes is used, as `Shard(0)`.
  private static func placement(_ value: PickleValue) -> String {
    guard case .instance(let instance) = value else { return value.kind }
    let name = String(instance.type.split(separator: ".").last ?? "")
    guard let dim = instance.attributes?["dim"]?.intValue else { return name }
    return "\(name)(\(dim))"
  }
}
