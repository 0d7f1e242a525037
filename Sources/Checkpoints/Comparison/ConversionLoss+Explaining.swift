import States

extension ConversionLoss {
  /// Whether a difference between a checkpoint and its copy in another format is what this loss
  /// reported beforehand.
  ///
  /// Tensors are matched by kind and name. Other things are matched by kind alone: one loss of
  /// metadata explains every difference of the metadata, and one of the optimizer's state every
  /// difference of the optimizer.
  ///
  /// ```swift
  /// let unexplained = comparison.differences.filter { name, difference in
  ///   !losses.contains { $0.explains(difference, of: name) }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - difference: What differs.
  ///   - name: The name that ``CheckpointComparison/differences`` gives it.
  public func explains(_ difference: CheckpointComparison.Difference, of name: String) -> Bool {
    let isAbout = subject == nil || subject == name
    return switch (kind, difference) {
    case (.dtypeChanged, .dtype), (.valueRounded, .dtype), (.valueOverflowed, .dtype),
      (.valueUnderflowed, .dtype), (.signLost, .dtype), (.valueRounded, .values),
      (.valueOverflowed, .values), (.valueUnderflowed, .values), (.signLost, .values),
      (.dtypeChanged, .values):
      isAbout
    case (.tieSplit, .tie), (.viewSplit, .tie): isAbout
    case (.keyChanged, .renamed), (.keyChanged, .missing): isAbout
    case (.keyChanged, .unexpected): true
    case (.roleLost, .role), (.roleGuessed, .role): isAbout
    case (.tensorDropped, .missing): isAbout
    case (.optimizerDropped, .missing), (.optimizerDropped, .optimizer),
      (.optimizerDropped, .dtype), (.optimizerDropped, .values):
      name.contains("optimizer")
    case (.metadataDropped, .other), (.classChanged, .other), (.architectureDropped, .other),
      (.moduleVersionsDropped, .other), (.orderLost, .other):
      name == kind.differenceName
    default: false
    }
  }
}

extension ConversionLoss.Kind {
  /// What a comparison calls that of which this is the loss.
  fileprivate var differenceName: String? {
    switch self {
    case .metadataDropped, .classChanged: "the metadata"
    case .architectureDropped: "the description of the model"
    case .moduleVersionsDropped: "the versions of modules"
    case .orderLost: "the order of the tensors"
    default: nil
    }
  }
}
