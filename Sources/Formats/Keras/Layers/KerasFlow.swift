import States

/// What flows into a layer: its shape, which of its axes PyTorch's twin has where, and in which order
/// the features along the last one come.
struct KerasFlow: Equatable {
  /// Where the twin has the axes.
  enum Order: Equatable {
    /// An image, a line or a volume, channels last; the twin has the channels before the places.
    case channelsLast
    /// A vector, a sequence of vectors, or an image with its channels first: the same in both.
    case features
    /// The axes are Keras's, and twins may have them in one order or another, for this reason.
    case undecided(String)
    /// What a layer of which nothing is known made of features that are the same in both.
    case opaque(String)
  }

  /// Where the features come from, if nothing but their values was changed since.
  enum Source: Equatable {
    /// An input of the model.
    case input
    /// The outputs of a layer that can be in another order, by its path.
    case layer(String)
  }

  /// What a vector was reshaped to, which a convolution after it takes for an image.
  struct Image: Equatable {
    /// The path of the layer whose outputs the vector is.
    let source: String
    /// The order in which the twin has the outputs then.
    let features: KerasArrangement
    /// How many axes the image has, with the channels.
    let rank: Int
    /// The layer that reshapes it.
    let layer: String
  }

  /// The lengths without the batch, nil where they vary; nil if nothing is known.
  var shape: [Int?]?
  /// Where the twin has them.
  var order: Order
  /// How many axes of an image stand before its places, such as the steps of a film.
  var lead = 0
  /// In which order the features along the last axis come.
  var features = KerasArrangement.plain
  /// Where they come from.
  var source: Source?
  /// What it is if a convolution takes it.
  var image: Image?
  /// The length of the last axis, where no more of the shape is known.
  var width: Int?

  init(shape: [Int?]?, order: Order, features: KerasArrangement = .plain) {
    self.shape = shape
    self.order = order
    self.features = features
  }

  /// Of which nothing is known, for a reason.
  static func unknown(_ reason: String, shape: [Int?]? = nil) -> KerasFlow {
    KerasFlow(shape: shape, order: .opaque(reason), features: .unknown(reason))
  }

  /// What an input of this shape is taken for: from three lengths on, an image or a volume.
  init(input shape: [Int?]?) {
    let order: Order =
      switch shape?.count {
      case nil: .undecided("the shape of the input is not known")
      case (3...)?: .channelsLast
      default: .features
      }
    self.init(shape: shape, order: order)
    source = .input
  }

  /// The same in another shape.
  func with(shape: [Int?]?) -> KerasFlow {
    var flow = self
    flow.shape = shape
    if shape != self.shape {
      flow.image = nil
      if source != .input { flow.source = nil }
    }
    return flow
  }

  /// Whether it is a vector.
  var isVector: Bool { shape?.count == 1 }

  /// Whether the twin has it as Keras has it.
  var isPlain: Bool { (order == .features || isOpaque || isVector) && features == .plain }

  /// What it is to a layer with the channels first: the same in both.
  var withChannelsFirst: KerasFlow {
    guard order == .channelsLast else { return self }
    guard source == .input else { return .unknown("its channels would be last", shape: shape) }
    var flow = KerasFlow(shape: shape, order: .features)
    flow.source = .input
    return flow
  }

  /// The lengths, if all are known.
  var lengths: [Int]? {
    guard let shape, !shape.contains(nil) else { return nil }
    return shape.compactMap(\.self)
  }
}

// MARK: - One axis of all

extension KerasFlow {
  /// All axes as one.
  ///
  /// - Parameter name: The layer that does it.
  func flattened(by name: String) -> KerasFlow {
    if isVector { return self }
    let count = lengths.flatMap { lengths in
      lengths.reduce(1 as Int?) { product, length in
        KerasLayer.possible(product.flatMap { KerasLayer.possible($0.multipliedOrNil(by: length)) })
      }
    }
    var flow = KerasFlow(shape: [count], order: .features, features: flattenedFeatures(name))
    // One vector is as it was.
    if shape?.dropLast().allSatisfy({ $0 == 1 }) == true { flow.source = source }
    return flow
  }

  private func flattenedFeatures(_ name: String) -> KerasArrangement {
    if features.reason != nil { return features }
    // One axis that is not of one element.
    if let lengths, features == .plain, lengths.count(where: { $0 != 1 }) < 2, !isOpaque {
      return .plain
    }
    switch order {
    case .channelsLast:
      guard let lengths, features == .plain else {
        return .unknown("the shape before \(name) is not known")
      }
      return .image(lengths, lead: lead)
    case .features:
      return shape.map { features.after(Array($0.dropLast())) }
        ?? (features == .plain ? .plain : .unknown("the shape before \(name) is not known"))
    case .undecided(let reason), .opaque(let reason):
      return .unknown("\(name) makes one axis of several: \(reason)")
    }
  }

  /// Whether a layer made it of which nothing is known.
  var isOpaque: Bool {
    if case .opaque = order { return true }
    return false
  }
}

extension Int {
  fileprivate func multipliedOrNil(by other: Int) -> Int? {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : product
  }
}
