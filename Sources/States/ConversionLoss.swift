/// Something that a conversion did not carry over exactly.
///
/// A conversion within what both formats can hold reports none. What a reader could not find out
/// (a role that it guessed) or has no place for (the class of a dictionary), and what a writer
/// could not keep (an order, a type), are reported alike.
public struct ConversionLoss: Sendable, Hashable {
  /// What sort of loss it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// The tensor has another type. What became of values that this type does not have is reported
    /// beside it, as one of the next four kinds; without one of those the values are the same.
    case dtypeChanged = "dtype_changed"
    /// Values were rounded to the nearest that their new type has.
    case valueRounded = "value_rounded"
    /// Values beyond the range of their new type became infinity, NaN, or its largest number.
    case valueOverflowed = "value_overflowed"
    /// Values too small for their new type became zero, or its smallest number.
    case valueUnderflowed = "value_underflowed"
    /// Values lost their sign, which their new type does not have, or does not have for zero.
    case signLost = "sign_lost"
    /// Two names of one tensor became two tensors.
    case tieSplit = "tie_split"
    /// A view of another tensor's storage became a tensor of its own.
    case viewSplit = "view_split"
    /// The order of the tensors is not kept.
    case orderLost = "order_lost"
    /// The tensor or the value has another name, or a name of another type: the text `"1"` where
    /// the integer 1 was.
    case keyChanged = "key_changed"
    /// The file does not say in which order the elements of the tensor are: what it is made of may
    /// come in another order than the model expects.
    case layoutGuessed = "layout_guessed"
    /// Whether it is a parameter or a buffer is not kept.
    case roleLost = "role_lost"
    /// The file does not say whether it is a parameter or a buffer; a rule decided it.
    case roleGuessed = "role_guessed"
    /// The tensor has no place in the format and was left out.
    case tensorDropped = "tensor_dropped"
    /// The optimizer's state, or part of it, was left out.
    case optimizerDropped = "optimizer_dropped"
    /// A value of the metadata, or an attribute of a tensor or of a dictionary, was left out, or
    /// became a value of another type.
    case metadataDropped = "metadata_dropped"
    /// What `Checkpoint.origin` keeps for the way back to a format was left out, or a part of it:
    /// the model and all that its user saved are there, and files of that format are put together
    /// anew.
    case originDropped = "origin_dropped"
    /// A value is of a plainer class than it was: a `defaultdict` became a dictionary, a number of
    /// NumPy's one of Python's, an array a tensor. What it holds is the same.
    case classChanged = "class_changed"
    /// The description of the model was left out: the classes of its modules, and their options.
    case architectureDropped = "architecture_dropped"
    /// The versions of the modules' classes were left out.
    case moduleVersionsDropped = "module_versions_dropped"
    /// An option of a layer that its weights depend on (such as `eps`) is not kept.
    case hyperparameterMissing = "hyperparameter_missing"
  }

  /// What sort of loss it is.
  public var kind: Kind
  /// The tensor's key, the metadata's name, the place of a value within it, or the layer; nil for
  /// the file as a whole.
  public var subject: String?
  /// What became of it, as a clause without a full stop.
  public var detail: String

  /// Whether two files of which this is told alike have the same there: it names a type that became
  /// a plainer one, and what is of that type is all there. Of what was left out, or is another value
  /// now, it does not say enough for that.
  package let saysAll: Bool

  /// A loss with these parts.
  public init(_ kind: Kind, _ subject: String? = nil, _ detail: String) {
    let saysAll = subject != nil && (kind == .classChanged || kind == .keyChanged)
    self.init(kind, subject, detail, saysAll: saysAll)
  }

  /// A loss of which it is known whether it says all.
  package init(_ kind: Kind, _ subject: String?, _ detail: String, saysAll: Bool) {
    self.kind = kind
    self.subject = subject
    self.detail = detail
    self.saysAll = saysAll
  }

  /// Whether two losses say the same.
  public static func == (first: ConversionLoss, second: ConversionLoss) -> Bool {
    (first.kind, first.subject, first.detail) == (second.kind, second.subject, second.detail)
  }

  /// Feeds what the loss says to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(subject)
    hasher.combine(detail)
  }
}

extension ConversionLoss.Kind {
  /// Whether the file left it open, so that a rule decided it; otherwise something is lost.
  public var isGuess: Bool { self == .roleGuessed || self == .layoutGuessed }

  /// Whether it is about what a model is made of, and not only about what is saved beside it.
  public var concernsModel: Bool {
    switch self {
    case .optimizerDropped, .metadataDropped, .originDropped, .classChanged, .orderLost, .roleLost,
      .roleGuessed:
      false
    case .dtypeChanged, .valueRounded, .valueOverflowed, .valueUnderflowed, .signLost, .tieSplit,
      .viewSplit, .keyChanged, .layoutGuessed, .tensorDropped, .architectureDropped,
      .moduleVersionsDropped, .hyperparameterMissing:
      true
    }
  }
}

extension ConversionLoss: CustomStringConvertible {
  /// The loss in words.
  public var description: String { subject.map { "\($0): \(detail)" } ?? detail }
}
