import Arrays
import States

extension KerasLayerKind {
  /// What takes axes apart, makes one of several, or moves them.
  static let reshaping = [
    KerasLayerKind(
      names: ["Flatten"], movesAxes: true, output: flattened,
      twin: { site throws(Missing) in
        guard site.layer.kind.output(site.layer, site.input).features.reason == nil,
          site.input.lead == 0, !site.layer.hasChannelsFirst
        else { throw site.missing("the order of what it flattens is not known") }
        return ["module": "Flatten"]
      }, program: { call throws(Missing) in try call.flattened() }),
    KerasLayerKind(
      names: ["Reshape"], movesAxes: true, output: reshaped,
      program: { call throws(Missing) in try call.reshaped() }),
    KerasLayerKind(
      names: ["Permute"], movesAxes: true, output: permuted,
      program: { call throws(Missing) in try call.permuted() }),
    KerasLayerKind(
      names: ["RepeatVector"],
      output: { layer, input in
        guard input.isVector || input.shape == nil else {
          return .unknown("\(layer.name) repeats what is no vector")
        }
        return KerasFlow(
          shape: input.shape.map { [layer.length("n")] + $0 }, order: .features,
          features: input.features)
      }, program: { call throws(Missing) in try call.repeated() }),
  ]

  /// What flows out of `Flatten`. With the channels first, Keras moves them to the end before.
  private static let flattened: Output = { layer, input in
    var input = input
    if input.shape == nil || input.shape?.contains(nil) == true, let shape = layer.inputShape,
      input.shape == nil || input.shape?.count == shape.count
    {
      input.shape = shape
    }
    guard layer.hasChannelsFirst, !input.isVector else { return input.flattened(by: layer.name) }
    let first = input.withChannelsFirst
    guard case .features = first.order, first.features == .plain, let lengths = first.lengths,
      let channels = lengths.first
    else {
      // One axis that is not of one element is the same in any order.
      let isOne = (input.lengths ?? [2, 2]).count(where: { $0 != 1 }) < 2
      return isOne && !input.isOpaque
        ? input.flattened(by: layer.name)
        : .unknown("the shape before \(layer.name) is not known", shape: [nil])
    }
    var flow = first.flattened(by: layer.name)
    flow.features = .image(lengths.dropFirst() + [channels])
    return flow
  }

  // MARK: Reshape

  private static let reshaped: Output = { layer, input in
    guard let target = layer.targetShape(of: input) else {
      return .unknown("what \(layer.name) makes is not known")
    }
    guard target.count > 1 else { return input.flattened(by: layer.name) }
    let flow = KerasFlow(shape: target, order: .features)
    var input = input
    // What has as many elements as there are features is a vector.
    if input.shape == nil, let width = input.width,
      Shape(validating: target.compactMap(\.self))?.elementCount == width, !target.contains(nil)
    {
      input.shape = [width]
    }
    guard let shape = input.shape else {
      return .unknown("the shape before \(layer.name) is not known", shape: target)
    }
    return input.isVector ? image(of: input, flow, layer) : regrouped(input, shape, flow, layer)
  }

  /// What becomes of a vector.
  private static func image(
    of input: KerasFlow, _ target: KerasFlow, _ layer: KerasLayer
  ) -> KerasFlow {
    var flow = target
    let rank = target.shape?.count ?? 0
    let isImage = rank > 2
    guard input.features.reason == nil, let lengths = target.lengths else {
      guard input.features == .plain, input.source == .input else {
        return .unknown(
          input.features.reason ?? "what \(layer.name) makes is not known", shape: target.shape)
      }
      flow.order = isImage ? .channelsLast : .features
      return flow
    }
    let order = KerasArrangement.image(lengths)
    let isOneAxis = lengths.count(where: { $0 != 1 }) < 2
    if input.features == .plain {
      // In one axis, or with one channel, there is nothing to move.
      if isOneAxis || order == .plain {
        flow.order = isImage ? .channelsLast : .features
        if isOneAxis { flow.source = input.source }
        return flow
      }
      if input.source == .input {
        flow.order = isImage ? .channelsLast : .features
        flow.source = .input
        return flow
      }
      flow.order =
        isImage ? .undecided("\(layer.name) makes several axes of one") : .features
      if case .layer(let path)? = input.source {
        flow.image = KerasFlow.Image(
          source: path, features: order, rank: rank, layer: layer.name)
      } else if isImage {
        flow.order = .opaque("\(layer.name) makes several axes of one")
      }
      return flow
    }
    if input.features == order {
      flow.order = .channelsLast
      return flow
    }
    if isOneAxis {
      flow.order = isImage ? .channelsLast : .features
      flow.features = input.features
      return flow
    }
    return .unknown(
      "\(layer.name) takes features apart that are in another order in PyTorch",
      shape: target.shape)
  }

  /// What becomes of several axes.
  private static func regrouped(
    _ input: KerasFlow, _ shape: [Int?], _ target: KerasFlow, _ layer: KerasLayer
  ) -> KerasFlow {
    if input.shape == target.shape { return input }
    var flow = target
    let rank = target.shape?.count ?? 0
    let reason = "\(layer.name) changes the axes"
    if shape.last == target.shape?.last, (shape.last ?? nil) != nil || input.features == .plain {
      // The features stay as they are.
      flow.features = input.features
      let isOneAxis = (target.lengths ?? [2, 2]).dropLast().count(where: { $0 != 1 }) < 1
      let isSame = input.order == .features && rank == 2
      flow.order = isSame || (isOneAxis && rank == 2) ? .features : .undecided(reason)
      if input.isOpaque { flow.order = input.order }
      if isOneAxis, rank > 2 { flow.order = .channelsLast }
      return flow
    }
    guard case .features = input.order, input.features == .plain, rank == 2 else {
      return merging(input, into: flow, layer)
    }
    return flow
  }

  /// What becomes of an image of which places and channels become one axis: the steps of a line of
  /// text, of which the twin has the channels before the places.
  private static func merging(
    _ input: KerasFlow, into target: KerasFlow, _ layer: KerasLayer
  ) -> KerasFlow {
    let unknown = KerasFlow.unknown(
      "\(layer.name) makes other axes of several", shape: target.shape)
    guard let lengths = input.lengths, let last = target.lengths?.last, let goal = target.lengths,
      input.features == .plain, input.lead == 0
    else { return unknown }
    // The axes at the end that become one, and those before, which have to stay.
    var count = 1
    var start = lengths.count
    while start > 0, count < last {
      start -= 1
      let (product, overflow) = count.multipliedReportingOverflow(by: lengths[start])
      guard !overflow else { return unknown }
      count = product
    }
    let before = lengths[..<start].filter { $0 != 1 }
    guard count == last, start < lengths.count - 1,
      before == goal.dropLast().filter({ $0 != 1 })
    else { return unknown }
    var flow = target
    switch input.order {
    case .channelsLast: flow.features = .image(Array(lengths[start...]))
    case .features: flow.features = .plain
    case .undecided, .opaque: return unknown
    }
    return flow
  }

  // MARK: Permute

  private static let permuted: Output = { layer, input in
    let dims = (layer.config["dims"]?.elements ?? []).compactMap(\.intValue)
    guard let shape = input.shape, dims.sorted() == Array(1...max(shape.count, 1)) else {
      return .unknown("what \(layer.name) makes is not known")
    }
    guard dims != dims.sorted() else { return input }
    let axes = dims.map { $0 - 1 }
    var flow = KerasFlow(shape: axes.map { shape[$0] }, order: input.order)
    let reason = "\(layer.name) moves axes"
    guard input.features == .plain else {
      return .unknown("\(reason), of which one is in another order in PyTorch", shape: flow.shape)
    }
    flow.source = input.source == .input ? .input : nil
    switch input.order {
    case .channelsLast:
      let isInput = input.source == .input
      if input.lead > 0 || isInput {
        flow.order = .undecided(reason)
      } else if axes.last != shape.count - 1 {
        // The twin has the axes as Keras has them now.
        flow.order = .features
      }
    case .features: if shape.count > 2 { flow.order = .undecided(reason) }
    case .undecided, .opaque: break
    }
    return flow
  }
}

extension KerasLayer {
  /// The lengths that `Reshape` makes, of which one may follow from the others.
  fileprivate func targetShape(of input: KerasFlow) -> [Int?]? {
    guard let elements = config["target_shape"]?.elements else { return nil }
    var lengths = elements.compactMap(\.intValue)
    guard lengths.count == elements.count, lengths.allSatisfy({ $0 >= -1 }),
      Shape(validating: lengths.map { abs($0) }) != nil
    else { return nil }
    guard let open = lengths.firstIndex(of: -1) else {
      return lengths.map { KerasLayer.possible($0) }
    }
    let known = lengths.enumerated().filter { $0.offset != open }.map(\.element)
    let product = known.reduce(1, *)
    guard !known.contains(-1), product > 0 else { return nil }
    if let all = input.lengths, let count = Shape(validating: all)?.elementCount {
      guard count.isMultiple(of: product) else { return nil }
      lengths[open] = count / product
      return lengths.map { KerasLayer.possible($0) }
    }
    return lengths.map { $0 < 0 ? nil : KerasLayer.possible($0) }
  }
}
