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
  /// - Parameter axis: Along which they stand one after the other, the batch's being 0; nil if their
  ///   elements are put together one by one.
  init(merging inputs: [KerasFlow], axis: Int?) {
    self = .unknown
    guard let first = inputs.first, inputs.allSatisfy({ $0.order == first.order }) else { return }
    if axis == nil, inputs.allSatisfy({ $0 == first }) { self = first }
    guard first.order == .channelsLast || first.order == .features else { return }
    order = first.order
    guard let axis, var shape = first.shape else { return }
    let index = axis < 0 ? shape.count + axis : axis - 1
    guard shape.indices.contains(index), inputs.allSatisfy({ $0.shape?.count == shape.count })
    else { return }
    let lengths = inputs.map { $0.shape?[index] }
    let sum = lengths.contains(nil) ? nil : lengths.compactMap(\.self).reduce(0, +)
    shape[index] = KerasLayer.possible(sum)
    self.shape = shape
  }
}
