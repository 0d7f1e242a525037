import States

extension KerasLayerKind {
  /// Poolings, of windows and of all places.
  static let pooling = [
    pooling("MaxPooling1D", rank: 1, "MaxPool"), pooling("MaxPooling2D", rank: 2, "MaxPool"),
    pooling("MaxPooling3D", rank: 3, "MaxPool"), pooling("AveragePooling1D", rank: 1, "AvgPool"),
    pooling("AveragePooling2D", rank: 2, "AvgPool"),
    pooling("AveragePooling3D", rank: 3, "AvgPool"),
    poolingOfAllPlaces("GlobalMaxPooling1D", rank: 1, "amax"),
    poolingOfAllPlaces("GlobalMaxPooling2D", rank: 2, "amax"),
    poolingOfAllPlaces("GlobalMaxPooling3D", rank: 3, "amax"),
    poolingOfAllPlaces("GlobalAveragePooling1D", rank: 1, "mean"),
    KerasLayerKind(
      names: ["GlobalAveragePooling2D"], places: 2, output: outputOfAllPlaces,
      modules: { site throws(Missing) in
        guard site.input.order == .channelsLast, site.input.lead == 0,
          !site.layer.hasChannelsFirst, !site.layer.flag("keepdims", default: false)
        else { throw site.missing("its input is not an image") }
        return [
          (site.layer.name, ["module": "AdaptiveAvgPool2d", "output_size": 1]),
          ("\(site.layer.name)_flatten", ["module": "Flatten"]),
        ]
      }, program: { call throws(Missing) in try call.ofAllPlaces("mean") }),
    poolingOfAllPlaces("GlobalAveragePooling3D", rank: 3, "mean"),
  ]

  private static func poolingOfAllPlaces(
    _ className: String, rank: Int, _ function: String
  ) -> KerasLayerKind {
    KerasLayerKind(
      names: [className], places: rank, output: outputOfAllPlaces,
      program: { call throws(Missing) in try call.ofAllPlaces(function) })
  }

  private static func pooling(_ className: String, rank: Int, _ twin: String) -> KerasLayerKind {
    KerasLayerKind(
      names: [className], window: .init(rank: rank, isPooling: true), output: KerasWindow.output,
      twin: { site throws(Missing) in
        let window = try site.window()
        // Zeros count for a mean.
        guard let padding = window.padding(site.input),
          twin == "MaxPool" || padding.allSatisfy({ $0 == 0 })
        else { throw site.missing("PyTorch pads both ends alike") }
        return [
          "module": .string(twin + window.suffix),
          "kernel_size": KerasWindow.argument(window.size),
          "stride": KerasWindow.argument(window.strides),
          "padding": KerasWindow.argument(padding),
        ]
      },
      program: { call throws(Missing) in
        try twin == "MaxPool" ? call.maximum() : call.mean()
      })
  }

  private static let outputOfAllPlaces: Output = { layer, input in
    let isFirst = layer.hasChannelsFirst
    let input = isFirst ? input.withChannelsFirst : input
    if input.features.reason != nil { return input.with(shape: nil) }
    let channels = (isFirst ? input.shape?.first : input.shape?.last) ?? nil
    let rank = input.shape?.count ?? 0
    let hasAxes = layer.flag("keepdims", default: false)
    let ones = [Int?](repeating: 1, count: hasAxes ? max(rank - 1, 0) : 0)
    // Of a sequence the last axis has the features, of an image with its channels first the first.
    guard !isFirst || input.features == .plain else {
      return .unknown("\(layer.name) keeps an axis that is in another order in PyTorch")
    }
    return KerasFlow(
      shape: hasAxes && rank == 0 ? nil : isFirst ? [channels] + ones : ones + [channels],
      order: isFirst || !hasAxes ? .features : .channelsLast, features: input.features)
  }
}
