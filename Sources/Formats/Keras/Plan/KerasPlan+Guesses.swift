import Checkpoints
import OrderedCollections
import States

extension KerasPlan {
  /// What is lost if it is not known which weights take what is flattened of an image.
  ///
  /// - Parameter model: The model as it was inferred, without a config.
  func guessedLayouts(_ model: KerasLayer) -> [ConversionLoss] {
    let channels = channelCounts
    let isImage = !channels.isEmpty
    // Without a convolution, a layer of which nothing is known is not taken for one that flattens.
    guard isImage ? model.mayMoveAxes : model.movesKnownAxes else { return [] }
    let kernels = mappings.filter { $0.transform == .transpose }
    let inputs = Set(kernels.compactMap { shape($0)?.first })
    // What kind of layer a vector is of follows from the other tensors of the layer.
    var transforms: [Substring: Set<KerasTransform>] = [:]
    for mapping in mappings {
      for key in mapping.keys {
        transforms[Self.layer(of: key), default: []].insert(mapping.transform)
      }
    }
    func isDoubtful(_ mapping: KerasMapping) -> Bool {
      guard let key = mapping.keys.first, let shape = shape(mapping), let last = shape.last else {
        return false
      }
      switch mapping.transform {
      case .transpose, .gatedKernel: return !key.contains("weight_hh_l0")
      case .projections: return isImage && !channels.contains(shape[0])
      case .identity where shape.count == 1 && last > 1:
        let others = transforms[Self.layer(of: key)] ?? []
        if others == [.identity] {
          return inputs.contains(last) || isImage && !channels.contains(last)
        }
        // What a Dense layer gives may be an image, too.
        return others == [.identity, .transpose]
          && channels.contains { $0 > 1 && last > $0 && last.isMultiple(of: $0) }
      default: return false
      }
    }
    return mappings.filter(isDoubtful).flatMap(\.keys).map {
      ConversionLoss(
        .layoutGuessed, $0,
        "without the config there is no telling what stands before or after the layer: if that "
          + "makes one axis of an image, or an image of one, its order is Keras's, channels last")
    }
  }

  /// The channels that convolutions take and give.
  private var channelCounts: Set<Int> {
    Set(
      mappings.flatMap { mapping -> [Int] in
        guard let shape = shape(mapping), shape.count > 2 else { return [] }
        let (first, last) = (shape[shape.count - 2], shape[shape.count - 1])
        switch mapping.transform {
        case .convolution: return [first, last]
        // Of a layer that is not known.
        case .identity where (4...5).contains(shape.count): return [first, last]
        case .depthwise: return [first, first.multipliedReportingOverflow(by: last).partialValue]
        default: return []
        }
      })
  }

  private func shape(_ mapping: KerasMapping) -> [Int]? {
    mapping.variables.first.flatMap { variables[$0].shape }
  }

  private static func layer(of key: String) -> Substring {
    key.lastIndex(of: ".").map { key[..<$0] } ?? ""
  }

  /// Leaves out orders that do not fit what a file has, which is then in Keras's order.
  mutating func dropImpossibleOrders() {
    for index in mappings.indices where !mappings[index].orders.isEmpty {
      let shapes = mappings[index].variables.compactMap { variables[$0].shape }
      let fits = mappings[index].orders.allSatisfy { order in
        shapes.allSatisfy { shape in
          order.index(ofRank: shape.count).map { shape[$0] == order.count } ?? false
        }
      }
      guard !fits else { continue }
      losses += mappings[index].keys.map {
        ConversionLoss(
          .layoutGuessed, $0,
          "it is not of the length that follows from the config, so its order is Keras's")
      }
      mappings[index].orders = []
    }
  }

  /// Takes the projections of attention apart whose inputs are of different sizes in the file, where
  /// the config does not say so: PyTorch has a tensor for each then.
  mutating func splitProjections() {
    var places: [Int] = []
    var split: [KerasMapping] = []
    for mapping in mappings {
      let inputs = mapping.variables.map { variables[$0].shape?.first ?? 0 }
      if case .projections = mapping.transform, inputs.count == 3, Set(inputs).count > 1 {
        for (variable, letter) in zip(mapping.variables, ["q", "k", "v"]) {
          var part = KerasMapping(
            variables: [variable],
            keys: mapping.keys.map { key in
              let start = key.lastIndex(of: ".").map { key.index(after: $0) } ?? key.startIndex
              return key[..<start] + "\(letter)_proj_weight"
            },
            role: mapping.role, transform: mapping.transform)
          part.orders = mapping.orders
          split.append(part)
        }
      } else {
        split.append(mapping)
      }
      places.append(split.count - 1)
    }
    mappings = split
    for index in constants.indices where places.indices.contains(constants[index].mapping) {
      constants[index].mapping = places[constants[index].mapping]
    }
  }

  /// Puts the tensors in the order of the model.
  ///
  /// - Parameter rank: The number of the layer that a variable is of, nil to stay behind the last.
  mutating func sortMappings(by rank: (KerasVariable) -> Int?) {
    let ranks = mappings.map { mapping in
      mapping.variables.first.flatMap { rank(variables[$0]) } ?? Int.max
    }
    let order = mappings.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
    var places = [Int](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { places[index] = place }
    mappings = order.map { mappings[$0] }
    for index in constants.indices where places.indices.contains(constants[index].mapping) {
      constants[index].mapping = places[constants[index].mapping]
    }
  }
}

extension KerasLayer {
  /// Whether one of its layers may put features in another order, as far as classes are known.
  fileprivate var mayMoveAxes: Bool {
    isModel ? layers.contains(where: \.mayMoveAxes) : kind.movesAxes
  }

  /// Whether one of its layers does.
  fileprivate var movesKnownAxes: Bool {
    isModel
      ? layers.contains(where: \.movesKnownAxes) : kind.movesAxes && kind.joining != .unknown
  }
}
