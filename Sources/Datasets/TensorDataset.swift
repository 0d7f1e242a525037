import Arrays
import Autograd
import Files

/// Samples that lie along the first dimension of some tensors. Equivalent to
/// `torch.utils.data.TensorDataset`.
///
/// ```swift
/// let dataset = TensorDataset(images, labels)
/// let batch = dataset[[4, 0, 7]]  // three images, and their labels
/// ```
public struct TensorDataset {
  /// The tensors, of one length along their first dimension.
  public let tensors: [Tensor]

  /// The samples of these tensors.
  ///
  /// - Precondition: There is a tensor, and all are of one length along their first dimension.
  public init(_ tensors: Tensor...) { self.init(tensors) }

  /// The samples of these tensors.
  ///
  /// - Precondition: There is a tensor, and all are of one length along their first dimension.
  public init(_ tensors: [Tensor]) {
    require(
      Set(tensors.map { $0.shape.dimensions.first }).count == 1 && tensors[0].rank > 0,
      "TensorDataset: the tensors differ in length: \(tensors.map(\.shape))")
    self.tensors = tensors
  }

  /// The number of samples.
  public var count: Int { tensors[0].shape[0] }

  /// The samples at these places, in this order: of each tensor, one of its own. Negative places
  /// are counted from the end.
  public subscript(indices: [Int]) -> [Tensor] {
    let indices = Tensor(NDArray(indices))
    return noGrad { tensors.map { $0.indexed([indices]) } }
  }
}
