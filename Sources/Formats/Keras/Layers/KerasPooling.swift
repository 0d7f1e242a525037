import States

extension KerasLayerKind {
  /// Poolings, of windows and of all places.
  static let pooling = [
    pooling("MaxPooling1D", rank: 1, "MaxPool"), pooling("MaxPooling2D", rank: 2, "MaxPool"),
    pooling("MaxPooling3D", rank: 3, "MaxPool"), pooling("AveragePooling1D", rank: 1, "AvgPool"),
    pooling("AveragePooling2D", rank: 2, "AvgPool"),
    pooling("AveragePooling3D", rank: 3, "AvgPool"),
    KerasLayerKind(names: ["GlobalMaxPooling1D"], output: outputOfAllPlaces),
    KerasLayerKind(names: ["GlobalMaxPooling2D"], output: outputOfAllPlaces),
    KerasLayerKind(names: ["GlobalMaxPooling3D"], output: outputOfAllPlaces),
    KerasLayerKind(names: ["GlobalAveragePooling1D"], output: outputOfAllPlaces),
    KerasLayerKind(
      names: ["GlobalAveragePooling2D"], output: outputOfAllPlaces,
      modules: { site throws(Missing) in
        guard site.input.order == .channelsLast, !site.layer.flag("keepdims", default: false)
        else { throw site.missing("its input is not an image") }
        return [
          (site.layer.name, ["module": "AdaptiveAvgPool2d", "output_size": 1]),
          ("\(site.layer.name)_flatten", ["module": "Flatten"]),
        ]
      }),
    KerasLayerKind(names: ["GlobalAveragePooling3D"], output: outputOfAllPlaces),
  ]

  private static func pooling(_ className: String, rank: Int, _ twin: String) -> KerasLayerKind {
    KerasLayerKind(
      names: [className], window: .init(rank: rank, isPooling: true),
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
      })
  }

  private static let outputOfAllPlaces: Output = { layer, input in
    guard let shape = input.shape, let channels = shape.last else { return .unknown }
    guard layer.flag("keepdims", default: false) else {
      return KerasFlow(shape: [channels], order: .features)
    }
    let ones = [Int?](repeating: 1, count: shape.count - 1)
    return KerasFlow(shape: ones + [channels], order: input.order)
  }
}
