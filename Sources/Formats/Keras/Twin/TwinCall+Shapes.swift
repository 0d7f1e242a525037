import Arrays
import States

extension TwinCall {
  /// All axes as one.
  mutating func flattened() throws(Missing) -> TwinValue {
    let value = try input
    guard value.rank > 1 else {
      return value.rank == 1 ? value : TwinValue("\(value.code)[:, None]", [1])
    }
    if layer.hasChannelsFirst {
      // Keras moves the channels to the end, and what takes the features knows of it.
      let own = value.inKerasAxes()
      guard let lengths = own.lengths else { throw missing("the shape before it is not known") }
      let order = KerasArrangement.image(Array(lengths.dropFirst()) + [lengths[0]])
      return try flat(own, order)
    }
    return try flattened(value)
  }

  private func flattened(_ value: TwinValue) throws(Missing) -> TwinValue {
    switch value.axes {
    case .first(let lead):
      guard value.features == .plain, let lengths = value.lengths else {
        return try flattened(value.inKerasAxes())
      }
      return try flat(value, .image(lengths, lead: lead))
    case .keras:
      let order = value.features.after(Array(value.shape.dropLast()))
      return try order.reason == nil ? flat(value, order) : flat(value.inKerasAxes(), .plain)
    }
  }

  private func flat(_ value: TwinValue, _ order: KerasArrangement) throws(Missing) -> TwinValue {
    guard order.reason == nil else { throw missing("the shape before it is not known") }
    let count = value.lengths.flatMap { Shape(validating: $0)?.elementCount }
    return TwinValue("\(value.code).flatten(1)", [count], features: order)
  }

  /// Other axes.
  mutating func reshaped() throws(Missing) -> TwinValue {
    let value = try input
    guard let given = layer.config["target_shape"]?.elements?.compactMap(\.intValue),
      given.allSatisfy({ $0 >= -1 }), given.count(where: { $0 == -1 }) < 2, !given.isEmpty
    else { throw missing("the shape that it makes is not known") }
    let target = try shape()
    guard target.count == given.count else {
      throw missing("the shape that it makes is not known")
    }
    if given.count == 1, value.rank > 1 { return try flattened(value) }
    if target == value.shape { return value }
    let lengths = target.contains(nil) ? nil : target.compactMap(\.self)
    if value.rank == 1, let lengths, lengths.count > 1, value.features != .plain,
      value.features == .image(lengths)
    {
      let axes = [lengths.count - 1] + lengths.indices.dropLast()
      let list = axes.map { String(lengths[$0]) }.joined(separator: ", ")
      return TwinValue("\(value.code).reshape(-1, \(list))", target, axes: .first(0))
    }
    let own = value.inKerasAxes()
    let list = given.map(String.init).joined(separator: ", ")
    let batch = given.contains(-1) ? "\(own.code).shape[0]" : "-1"
    return TwinValue("\(own.code).reshape(\(batch), \(list))", target)
  }

  /// Axes in another order.
  mutating func permuted() throws(Missing) -> TwinValue {
    let value = try input.inKerasAxes()
    let dims = (layer.config["dims"]?.elements ?? []).compactMap(\.intValue)
    guard dims.sorted() == Array(1..<(value.rank + 1)) else {
      throw missing("its axes are not those of its input")
    }
    let list = ([0] + dims).map(String.init).joined(separator: ", ")
    return TwinValue("\(value.code).permute(\(list))", dims.map { value.shape[$0 - 1] })
  }

  /// A vector for each of several steps.
  mutating func repeated() throws(Missing) -> TwinValue {
    let value = try input
    guard value.rank == 1, let count = layer.length("n") else {
      throw missing("its input is no vector")
    }
    return TwinValue(
      "\(value.code).unsqueeze(1).repeat(1, \(count), 1)", [count] + value.shape,
      features: value.features)
  }

  /// The layer in it for each step.
  mutating func distributed() throws(Missing) -> TwinValue {
    guard let inner = layer.part("layer"), !inner.isModel else {
      throw missing("what it runs for each step is no layer")
    }
    var value = try unmasked
    if value.axes == .first(0) { value = value.inKerasAxes() }
    guard value.rank > 1 else { throw missing("its input has no steps") }
    let whole = assigned(value)
    let steps = module.assign("\(whole.code).shape[1]", "steps")
    let axes: TwinValue.Axes =
      if case .first(let lead) = whole.axes { .first(lead - 1) } else { .keras }
    let flat = TwinValue(
      "\(whole.code).flatten(0, 1)", Array(whole.shape.dropFirst()), axes: axes,
      features: whole.features)
    var call = TwinCall(
      site: site.with(inner), inputs: [assigned(flat)],
      result: result.map { Array($0.dropFirst()) }, module: module, mappings: mappings,
      isOld: isOld)
    let made = try inner.kind.program(&call)
    module = call.module
    let outer: TwinValue.Axes =
      if case .first(let lead) = made.axes { .first(lead + 1) } else { .keras }
    var result = TwinValue(
      "\(module.assign(made.code)).unflatten(0, (-1, \(steps)))", [whole.shape[0]] + made.shape,
      axes: outer, features: made.features)
    // Keras 3 forgets what the layer in it masks; TF-Keras does not.
    result.isMasked = made.isMasked && isOld != false
    return result
  }

  // MARK: Images

  /// For both ends of each direction, what an argument says.
  private func ends(_ name: String, rank: Int) -> [[Int]]? {
    guard let argument = layer.config[name] else { return nil }
    if let length = KerasLayer.possible(argument.intValue) {
      return [[Int]](repeating: [length, length], count: rank)
    }
    func pair(_ value: Value) -> [Int]? {
      if let length = KerasLayer.possible(value.intValue) { return [length, length] }
      let ends = value.elements?.compactMap { KerasLayer.possible($0.intValue) } ?? []
      return ends.count == 2 ? ends : nil
    }
    if rank == 1 { return pair(argument).map { [$0] } }
    let pairs = argument.elements?.compactMap(pair) ?? []
    return pairs.count == rank && pairs.count == argument.elements?.count ? pairs : nil
  }

  /// Zeros around an image, or its ends cut off.
  ///
  /// - Parameter name: The argument that says how many.
  mutating func padded(by name: String, isCut: Bool) throws(Missing) -> TwinValue {
    let value = try channels()
    guard value.rank == (layer.kind.places ?? 0) + 1,
      let ends = ends(name, rank: value.rank - 1)
    else { throw missing("its input is of another rank") }
    let pads = ends.reversed().flatMap { isCut ? $0.map { -$0 } : $0 }
    return TwinValue(
      "F.pad(\(value.code), \(PythonText.tuple(pads)))", try shape(), axes: value.axes)
  }

  /// A larger image.
  mutating func enlarged() throws(Missing) -> TwinValue {
    let value = try channels()
    let rank = value.rank - 1
    let size = layer.config["size"]
    let factors =
      size?.intValue.map { [Int](repeating: $0, count: rank) }
      ?? size?.elements?.compactMap(\.intValue) ?? []
    guard rank == layer.kind.places, factors.count == rank,
      factors.allSatisfy({ (1...(1 << 16)).contains($0) })
    else { throw missing("its input is of another rank") }
    let scale =
      Set(factors).count == 1
      ? "\(factors[0])" : "(" + factors.map(String.init).joined(separator: ", ") + ")"
    let mode: String
    switch layer.config["interpolation"]?.stringValue ?? "nearest" {
    case "nearest": mode = "\"nearest\""
    case "bilinear" where rank == 2: mode = "\"bilinear\", align_corners=False"
    case let other: throw missing("PyTorch has no interpolation \(PythonText.literal(other))")
    }
    return TwinValue(
      "F.interpolate(\(value.code), scale_factor=\(scale), mode=\(mode))", try shape(),
      axes: value.axes)
  }
}
