import States

/// What a twin's program holds at a place: an expression, and where Keras's axes are in it.
struct TwinValue {
  /// Where the features are, Keras's last axis.
  enum Axes: Equatable {
    /// Where Keras has them.
    case keras
    /// Behind so many axes beside the batch; all others are as in Keras.
    case first(Int)
  }

  /// The expression.
  var code: String
  /// Keras's lengths without the batch, nil where they vary.
  var shape: [Int?]
  /// Where the features are.
  private(set) var axes: Axes
  /// In which order they are: never one that is not known.
  private(set) var features: KerasArrangement
  /// Whether Keras would pass over some of the steps.
  var isMasked = false

  init(
    _ code: String, _ shape: [Int?], axes: Axes = .keras, features: KerasArrangement = .plain
  ) {
    self.code = code
    self.shape = shape
    // A vector has one axis wherever its features are.
    self.axes = shape.count < 2 ? .keras : axes
    self.features = features
  }

  /// How many axes it has beside the batch.
  var rank: Int { shape.count }

  /// The lengths, if all are known.
  var lengths: [Int]? {
    shape.contains(nil) ? nil : shape.compactMap(\.self)
  }

  /// The program's dimension that is an axis of Keras's, counted without the batch.
  func dimension(_ axis: Int) -> Int {
    guard case .first(let lead) = axes else { return axis + 1 }
    if axis == rank - 1 { return lead + 1 }
    return axis < lead ? axis + 1 : axis + 2
  }

  /// The same where Keras has it, with its features in this order.
  func inKerasAxes(_ features: KerasArrangement = .plain) -> TwinValue {
    var value = self
    if case .first(let lead) = axes {
      value.code = "\(code).movedim(\(lead + 1), -1)"
      value.axes = .keras
    }
    guard features != self.features else { return value }
    if case .blocks(let blocks) = self.features {
      value.code = "reorder(\(value.code), \(Self.text(blocks.map(\.inverse))))"
    }
    if case .blocks(let blocks) = features {
      value.code = "reorder(\(value.code), \(Self.text(blocks)))"
    }
    value.features = features
    return value
  }

  /// The same with the features behind so many axes, as convolutions take them.
  func featuresFirst(_ features: KerasArrangement = .plain, lead: Int = 0) -> TwinValue {
    if rank < 2 { return inKerasAxes(features) }
    if axes == .first(lead), features == self.features { return self }
    var value = inKerasAxes(features)
    value.code = "\(value.code).movedim(-1, \(lead + 1))"
    value.axes = .first(lead)
    return value
  }

  private static func text(_ blocks: [KerasArrangement.Block]) -> String {
    blocks.map { "(\(PythonText.list($0.lengths)), \(PythonText.list($0.order)))" }
      .joined(separator: ", ")
  }
}

extension KerasArrangement.Block {
  /// The block that puts what is in the twin's order into Keras's.
  fileprivate var inverse: KerasArrangement.Block {
    KerasArrangement.Block(
      lengths: order.map { lengths[$0] },
      order: lengths.indices.map { order.firstIndex(of: $0) ?? $0 })
  }
}
