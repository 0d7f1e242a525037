import Arrays
import Autograd
import Files
import Kernels

/// A table of vectors. Equivalent to `torch.nn.Embedding` with dense gradients.
///
/// State dict: `weight` (count, features). ``fromPretrained(_:freeze:paddingIndex:)`` makes a table that is not
/// trained, and ``init(weight:paddingIndex:)`` one over a parameter, which is.
public final class Embedding: Module {
  /// (count, features).
  public var weight: Parameter
  /// A row that is zero at first and gets no gradient.
  public let paddingIndex: Int?

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - paddingIndex: A row that is zero at first and gets no gradient; from the end if negative.
  public init(_ numEmbeddings: Int, _ embeddingDim: Int, paddingIndex: Int? = nil) {
    require(
      paddingIndex.map { (-numEmbeddings..<numEmbeddings).contains($0) } ?? true,
      "Embedding: padding index \(paddingIndex ?? 0) is not among \(numEmbeddings) rows")
    self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + numEmbeddings : $0 }
    weight = Parameter(Tensor.zeros([numEmbeddings, embeddingDim]))
    super.init()
    resetParameters()
  }

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - paddingIndex: A row that is zero at first and gets no gradient; from the end if negative.
  public convenience init(numEmbeddings: Int, embeddingDim: Int, paddingIndex: Int? = nil) {
    self.init(numEmbeddings, embeddingDim, paddingIndex: paddingIndex)
  }

  /// A table over a parameter that exists already, such as that of another layer, with which it is
  /// then tied. It is trained if the parameter is.
  ///
  /// Equivalent to making a `torch.nn.Embedding` and assigning its `weight`. For a table that is not
  /// trained, which `from_pretrained` makes by default, see ``fromPretrained(_:freeze:paddingIndex:)``.
  ///
  /// - Parameters:
  ///   - weight: (count, features); other ranks trap.
  ///   - paddingIndex: A row that gets no gradient; from the end if negative.
  public init(weight: Parameter, paddingIndex: Int? = nil) {
    require(
      weight.rank == 2
        && (paddingIndex.map { (-weight.shape[0]..<weight.shape[0]).contains($0) } ?? true),
      "Embedding: a weight of shape \(weight.shape) is no table, or has no row "
        + "\(paddingIndex ?? 0)")
    self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + weight.shape[0] : $0 }
    self.weight = weight
  }

  /// A table of given vectors, which is not trained unless told. Equivalent to
  /// `torch.nn.Embedding.from_pretrained`.
  ///
  /// - Parameters:
  ///   - embeddings: (count, features), whose memory is shared; other ranks trap.
  ///   - freeze: Whether the table stays as it is. If false, it is trained.
  ///   - paddingIndex: A row that gets no gradient; from the end if negative.
  public static func fromPretrained(
    _ embeddings: Tensor, freeze: Bool = true, paddingIndex: Int? = nil
  ) -> Embedding {
    Embedding(
      weight: Parameter(embeddings, requiresGrad: !freeze), paddingIndex: paddingIndex)
  }

  /// Sets the initial values again, from the current random generator.
  public func resetParameters() {
    Initialization.normal(weight)
    guard let paddingIndex, weight.device != .meta else { return }
    noGrad {
      let isPadding = Tensor.arange(weight.shape[0]) .== Double(paddingIndex)
      weight.assign(weight.maskedFill(isPadding.unsqueezed(1), 0))
    }
  }

  /// (…, features) for integers of shape (…).
  public override func forward(_ input: Tensor) -> Tensor {
    input.embedding(weight, paddingIndex: paddingIndex)
  }

  /// The arguments as PyTorch prints them: `10, 4, padding_idx=0`.
  public override var extraDescription: String {
    "\(weight.shape[0]), \(weight.shape[1])"
      + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
  }
}
