import States

extension KerasLayerKind {
  /// What makes images larger or smaller, or changes their values.
  static let resizing =
    [
      resizing("ZeroPadding1D", rank: 1, by: "padding") { $0 + $1 },
      resizing("ZeroPadding2D", rank: 2, by: "padding") { $0 + $1 },
      resizing("ZeroPadding3D", rank: 3, by: "padding") { $0 + $1 },
      resizing("Cropping1D", rank: 1, by: "cropping") { $0 - $1 },
      resizing("Cropping2D", rank: 2, by: "cropping") { $0 - $1 },
      resizing("Cropping3D", rank: 3, by: "cropping") { $0 - $1 },
      resizing("UpSampling1D", rank: 1, by: "size", isFactor: true) { $0 * $1 },
      resizing("UpSampling2D", rank: 2, by: "size", isFactor: true) { $0 * $1 },
      resizing("UpSampling3D", rank: 3, by: "size", isFactor: true) { $0 * $1 },
      sized("Resizing"), sized("CenterCrop"), sized("RandomCrop"),
    ] + passing("Rescaling", program: { call throws(Missing) in try call.rescaled() })
    + augmenting("AutoContrast", "CLAHE", "Equalization", "Solarization")
    + augmenting(
      "AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration",
      "RandomColorJitter", "RandomContrast",
      "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur",
      "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization",
      "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear",
      "RandomTranslation", "RandomZoom", program: unchanged)

  /// Classes whose layers give images of the shape that they are given.
  private static func augmenting(
    _ names: String..., program: @escaping Program = unsayable
  ) -> [KerasLayerKind] {
    names.map { KerasLayerKind(names: [$0], places: 2, output: passing, program: program) }
  }

  /// A class whose layers give images of the lengths that their arguments say.
  private static func sized(_ className: String) -> KerasLayerKind {
    KerasLayerKind(
      names: [className], places: 2,
      output: { layer, input in
        input.changingPlaces(layer, rank: 2) { places in
          places.count == 2 ? [layer.length("height"), layer.length("width")] : nil
        }
      })
  }

  /// A class of layers that change each length but that of the channels.
  ///
  /// - Parameters:
  ///   - rank: How many lengths those are.
  ///   - argument: Says by how much, for all lengths, for each, or for both ends of each.
  ///   - isFactor: Whether that is a factor, and not what is put to both ends, or taken away.
  private static func resizing(
    _ className: String, rank: Int, by argument: String, isFactor: Bool = false,
    _ change: @escaping @Sendable (Int, Int) -> Int
  ) -> KerasLayerKind {
    let output: Output = { layer, input in
      input.changingPlaces(layer, rank: rank) { places in
        guard let argument = layer.config[argument] else { return nil }
        let parts = rank == 1 && !isFactor ? [argument] : argument.elements ?? [argument]
        let sums = parts.map { part -> Int? in
          if let length = KerasLayer.possible(part.intValue) {
            return isFactor ? length : 2 * length
          }
          let ends = part.elements?.compactMap { KerasLayer.possible($0.intValue) } ?? []
          return ends.count == 2 ? ends[0] + ends[1] : nil
        }
        guard sums.count == places.count || sums.count == 1 else { return nil }
        return places.enumerated().map { axis, length in
          guard let sum = sums[sums.count == 1 ? 0 : axis] else { return nil }
          return KerasLayer.possible(length.map { change($0, sum) })
        }
      }
    }
    return KerasLayerKind(
      names: [className], places: rank, output: output,
      program: { call throws(Missing) in
        try isFactor
          ? call.enlarged() : call.padded(by: argument, isCut: argument == "cropping")
      })
  }
}

extension KerasFlow {
  /// What an image becomes of which each channel gets other lengths.
  ///
  /// - Parameters:
  ///   - rank: How many lengths an image of the layer has beside the channels.
  ///   - change: Gives the new lengths, nil if they are not known.
  func changingPlaces(
    _ layer: KerasLayer, rank: Int, _ change: ([Int?]) -> [Int?]?
  ) -> KerasFlow {
    if isOpaque { return .unknown("what \(layer.name) is given is not known") }
    let isFirst = layer.hasChannelsFirst
    var flow = isFirst ? withChannelsFirst : self
    flow.image = nil
    if flow.source != .input { flow.source = nil }
    if !isFirst, flow.order != .channelsLast {
      // A line is what the twin has the channels first of; a sequence may stay one.
      flow.order =
        rank == 1 && order == .features && source != .input
        ? .undecided("\(layer.name) works on places, and is given a sequence") : .channelsLast
      flow.lead = 0
    }
    guard let shape, shape.count == rank + 1, flow.features == .plain else {
      flow.shape = nil
      return flow
    }
    let places = isFirst ? Array(shape.dropFirst()) : Array(shape.dropLast())
    let changed = change(places)
    flow.shape = changed.map {
      isFirst ? [shape.first ?? nil] + $0 : $0 + [shape.last ?? nil]
    }
    return flow
  }
}

extension KerasLayer {
  /// Whether its input has the channels first, as PyTorch has them.
  var hasChannelsFirst: Bool { config["data_format"]?.stringValue == "channels_first" }
}
