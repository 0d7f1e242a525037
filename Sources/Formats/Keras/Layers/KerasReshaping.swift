import Arrays
import States

extension KerasLayerKind {
  /// What makes images larger or smaller, or takes them apart.
  static let reshaping =
    [
      KerasLayerKind(
        names: ["Flatten"], output: flattened,
        twin: { site throws(Missing) in
          guard site.input.order != .unknown, site.input.order != .flattenedUnknown else {
            throw site.missing("the order of what it flattens is not known")
          }
          return ["module": "Flatten"]
        }),
      KerasLayerKind(
        names: ["Resizing"], output: { KerasFlow(shape: nil, order: $1.order) }),
      KerasLayerKind(
        names: ["CenterCrop"], output: { KerasFlow(shape: nil, order: $1.order) }),
      resizing("ZeroPadding1D", by: "padding") { $0 + $1 },
      resizing("ZeroPadding2D", by: "padding") { $0 + $1 },
      resizing("ZeroPadding3D", by: "padding") { $0 + $1 },
      resizing("Cropping1D", by: "cropping") { $0 - $1 },
      resizing("Cropping2D", by: "cropping") { $0 - $1 },
      resizing("Cropping3D", by: "cropping") { $0 - $1 },
      resizing("UpSampling1D", by: "size", isFactor: true) { $0 * $1 },
      resizing("UpSampling2D", by: "size", isFactor: true) { $0 * $1 },
      resizing("UpSampling3D", by: "size", isFactor: true) { $0 * $1 },
    ] + passing("Rescaling")

  /// What flows out of `Flatten`.
  private static let flattened: Output = { layer, input in
    let shape = input.shape?.contains(nil) == false ? input.shape : layer.inputShape ?? input.shape
    let lengths = shape?.compactMap(\.self) ?? []
    let isKnown = shape != nil && lengths.count == shape?.count
    let count = isKnown ? Shape(validating: lengths)?.elementCount : nil
    let output = [KerasLayer.possible(count)]
    switch input.order {
    case .channelsLast:
      guard isKnown, let channels = lengths.last, let count else {
        return KerasFlow(shape: [nil], order: .flattenedUnknown)
      }
      // One channel, or one place: there is nothing to permute.
      let isPlain = lengths.count < 2 || channels == 1 || count == channels
      return KerasFlow(shape: output, order: isPlain ? .features : .flattened(lengths))
    case .flattened, .flattenedUnknown: return input
    case .features: return KerasFlow(shape: output, order: .features)
    case .unknown:
      let isVector = (shape?.count ?? 2) < 2
      return KerasFlow(shape: output, order: isVector ? .features : .flattenedUnknown)
    }
  }

  /// A class of layers that change each length but that of the channels.
  ///
  /// - Parameters:
  ///   - argument: Says by how much, for all lengths, for each, or for both ends of each.
  ///   - isFactor: Whether that is a factor, and not what is put to both ends, or taken away.
  private static func resizing(
    _ className: String, by argument: String, isFactor: Bool = false,
    _ change: @escaping @Sendable (Int, Int) -> Int
  ) -> KerasLayerKind {
    let output: Output = { layer, input in
      let unknown = KerasFlow(shape: nil, order: input.order)
      guard var shape = input.shape, !shape.isEmpty, let argument = layer.config[argument] else {
        return unknown
      }
      let isLine = shape.count == 2
      let parts = isLine && !isFactor ? [argument] : argument.elements ?? [argument]
      let sums = parts.map { part -> Int? in
        if let length = KerasLayer.possible(part.intValue) { return isFactor ? length : 2 * length }
        let ends = part.elements?.compactMap { KerasLayer.possible($0.intValue) } ?? []
        return ends.count == 2 ? ends[0] + ends[1] : nil
      }
      guard sums.count == shape.count - 1 || sums.count == 1 else { return unknown }
      for axis in 0..<(shape.count - 1) {
        guard let sum = sums[sums.count == 1 ? 0 : axis] else { return unknown }
        shape[axis] = KerasLayer.possible(shape[axis].map { change($0, sum) })
      }
      return KerasFlow(shape: shape, order: input.order)
    }
    return KerasLayerKind(names: [className], output: output)
  }
}
