import Arrays
import Autograd
import Files

/// Samples along the first dimension of one or more tensors. Equivalent to
/// `torch.utils.data.TensorDataset`.
///
/// ```swift
/// let dataset = TensorDataset(images, labels)
/// let batch = dataset[[4, 0, 7]]  // three images, and their labels
/// ```
public struct TensorDataset: Dataset {
  /// The tensors, which have equal lengths along their first dimension.
  public let tensors: [Tensor]

  /// A dataset of the given tensors.
  ///
  /// - Precondition: There is at least one tensor, and all have the same length along their first
  ///   dimension.
  public init(_ tensors: Tensor...) { self.init(tensors) }

  /// A dataset of the given tensors.
  ///
  /// - Precondition: There is at least one tensor, and all have the same length along their first
  ///   dimension.
  public init(_ tensors: [Tensor]) {
    require(
      Set(tensors.map { $0.shape.dimensions.first }).count == 1 && tensors[0].rank > 0,
      "TensorDataset: the tensors differ in length: \(tensors.map(\.shape))")
    self.tensors = tensors
  }

  /// The number of samples.
  public var count: Int { tensors[0].shape[0] }

  /// The samples at the given indices, in that order: for each tensor, one with those samples.
  ///
  /// Negative indices count from the end. The result is not part of the autograd graph. Indices out
  /// of range trap.
  public subscript(indices: [Int]) -> [Tensor] {
    let indices = Tensor(NDArray(indices))
    return noGrad { tensors.map { $0.indexed([indices]) } }
  }
}
