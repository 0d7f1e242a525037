import Arrays
import Autograd
import Files

/// Sums, means or maxima of rows of a table. Equivalent to `torch.nn.EmbeddingBag` with bags of equal
/// length or offsets, and dense gradients.
///
/// State dict: `weight` (count, features).
public final class EmbeddingBag: Module {
  /// What the rows of a bag become.
  public enum Mode: String, Sendable {
    /// Their sum.
    case sum
    /// Their mean; zeros for an empty bag.
    case mean
    /// The maximum of each feature; zeros for an empty bag.
    case max
  }

  /// (count, features).
  public var weight: Parameter
  /// What the rows of a bag become.
  public let mode: Mode

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - mode: What the rows of a bag become.
  public init(_ numEmbeddings: Int, _ embeddingDim: Int, mode: Mode = .mean) {
    weight = Parameter(Tensor.zeros([numEmbeddings, embeddingDim]))
    self.mode = mode
    super.init()
    Initialization.normal(weight)
  }

  private init(_ weight: Parameter, _ mode: Mode) {
    require(weight.rank == 2, "EmbeddingBag: a weight of shape \(weight.shape) is no table")
    self.weight = weight
    self.mode = mode
  }

  /// A table of given vectors, which is not trained unless told. Equivalent to
  /// `torch.nn.EmbeddingBag.from_pretrained`.
  ///
  /// - Parameters:
  ///   - embeddings: (count, features), whose memory is shared; other ranks trap.
  ///   - freeze: Whether the table stays as it is. If false, it is trained.
  ///   - mode: What the rows of a bag become.
  public static func fromPretrained(
    _ embeddings: Tensor, freeze: Bool = true, mode: Mode = .mean
  ) -> EmbeddingBag {
    EmbeddingBag(Parameter(embeddings, requiresGrad: !freeze), mode)
  }

  /// (bags, features) for integers of shape (bags, length).
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 2,
      "EmbeddingBag: input of shape \(input.shape) has to be 2D, or 1D with offsets")
    guard input.shape[1] > 0 else {
      return Tensor.zeros([input.shape[0], weight.shape[1]], dtype: weight.dtype)
    }
    let rows = input.embedding(weight)
    switch mode {
    case .sum: return rows.sum([1])
    case .mean: return rows.mean([1])
    case .max: return rows.max(along: 1).values
    }
  }

  /// The bags of a list of integers.
  ///
  /// - Parameters:
  ///   - input: (count,).
  ///   - offsets: Where each bag begins, (bags,), in ascending order from 0.
  /// - Returns: (bags, features).
  public func callAsFunction(_ input: Tensor, offsets: Tensor) -> Tensor {
    require(
      input.rank == 1 && offsets.rank == 1,
      "EmbeddingBag: input of shape \(input.shape) and offsets of \(offsets.shape) have to be 1D")
    let starts = [Int](offsets)
    require(
      starts.first ?? 0 == 0 && zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }
        && (starts.last ?? 0) <= input.elementCount,
      "EmbeddingBag: offsets \(starts) do not divide \(input.elementCount) indices")
    let ends = starts.dropFirst() + [input.elementCount]
    return withHooks([input]) { inputs in
      let bags = zip(starts, ends).map { start, end in
        forward(inputs[0].sliced(0, start..<end).reshaped([1, end - start]))
      }
      return [
        bags.isEmpty
          ? Tensor.zeros([0, weight.shape[1]], dtype: weight.dtype) : .concatenated(bags)
      ]
    }[0]
  }

  /// The arguments as PyTorch prints them: `10, 4, mode='mean'`.
  public override var extraDescription: String {
    "\(weight.shape[0]), \(weight.shape[1]), mode='\(mode.rawValue)'"
  }
}
