/// Something that a conversion did not carry over exactly.
///
/// A conversion within what both formats can hold reports none. What a reader could not find out
/// (a role that it guessed) and what a writer could not keep (an order, a type) are told alike.
public struct ConversionLoss: Sendable, Hashable {
  /// What sort of loss it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// The tensor was written as another type. The values are the same unless ``ConversionLoss/detail`` says
    /// that they were rounded.
    case dtypeChanged = "dtype_changed"
    /// Two names of one tensor became two tensors.
    case tieSplit = "tie_split"
    /// A view of another tensor's storage became a tensor of its own.
    case viewSplit = "view_split"
    /// The order of the tensors is not kept.
    case orderLost = "order_lost"
    /// The tensor has another name.
    case keyChanged = "key_changed"
    /// Whether it is a parameter or a buffer is not kept.
    case roleLost = "role_lost"
    /// The file does not say whether it is a parameter or a buffer; a rule told it.
    case roleGuessed = "role_guessed"
    /// The tensor has no place in the format and was left out.
    case tensorDropped = "tensor_dropped"
    /// The optimizer's state, or part of it, was left out.
    case optimizerDropped = "optimizer_dropped"
    /// A value of the metadata was left out, or became a value of another type.
    case metadataDropped = "metadata_dropped"
    /// The description of the model was left out.
    case architectureDropped = "architecture_dropped"
    /// The versions of the modules' classes were left out.
    case moduleVersionsDropped = "module_versions_dropped"
    /// An option of a layer that its weights depend on (such as `eps`) is not kept.
    case hyperparameterMissing = "hyperparameter_missing"
  }

  /// What sort of loss it is.
  public var kind: Kind
  /// The tensor's key, the metadata's name or the layer; nil for the file as a whole.
  public var subject: String?
  /// What became of it, as a clause without a full stop.
  public var detail: String

  /// A loss with these parts.
  public init(_ kind: Kind, _ subject: String? = nil, _ detail: String) {
    self.kind = kind
    self.subject = subject
    self.detail = detail
  }
}

extension ConversionLoss: CustomStringConvertible {
  /// The loss in words.
  public var description: String { subject.map { "\($0): \(detail)" } ?? detail }
}
