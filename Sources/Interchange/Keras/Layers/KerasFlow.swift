import States

/// What flows into a layer: its shape, and the order that its features have.
///
/// Keras has the channels of images last, PyTorch first. What follows a `Flatten` therefore sees
/// its features in another order, and its weights have to be permuted.
struct KerasFlow: Equatable {
  /// What the lengths mean.
  enum Order: Equatable {
    /// An image, a line or a volume, channels last; PyTorch's twin has the channels first.
    case channelsLast
    /// A vector, or a sequence of vectors: the same in both.
    case features
    /// The output of `Flatten`, of these lengths before, channels last.
    case flattened([Int])
    /// The output of `Flatten` whose lengths before are not known.
    case flattenedUnknown
    /// Nothing is known of it.
    case unknown
  }

  /// The lengths without the batch, nil where they vary; nil if nothing is known.
  var shape: [Int?]?
  /// What they mean.
  var order: Order

  static let unknown = KerasFlow(shape: nil, order: .unknown)

  init(shape: [Int?]?, order: Order) {
    self.shape = shape
    self.order = order
  }

  /// What an input of this shape is taken for: from three lengths on, an image or a volume.
  init(input shape: [Int?]?) {
    self.shape = shape
    order = (shape?.count ?? 0) >= 3 ? .channelsLast : shape == nil ? .unknown : .features
  }

  /// What several inputs are together.
  ///
  /// - Parameter joinsChannels: Whether their channels stand one after the other. Otherwise their
  ///   elements are put together one by one.
  init(merging inputs: [KerasFlow], joinsChannels: Bool) {
    self = .unknown
    guard let first = inputs.first, inputs.allSatisfy({ $0.order == first.order }) else { return }
    let areSame = inputs.allSatisfy { $0 == first }
    if areSame && !joinsChannels { self = first }
    guard first.order == .channelsLast || first.order == .features else { return }
    order = first.order
    guard joinsChannels, let shape = first.shape, !shape.isEmpty else { return }
    let channels = inputs.map { $0.shape?.last ?? nil }
    let sum = channels.contains(nil) ? nil : channels.compactMap(\.self).reduce(0, +)
    self.shape = shape.dropLast() + [KerasLayer.possible(sum)]
  }
}
