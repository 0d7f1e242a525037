import Arrays
import Autograd
import NN
import Testing

/// Tables that are trained, and tables that are not.
@Suite struct EmbeddingTests {
  private static var vectors: Tensor { Tensor([[1.0, 2], [3, 4], [5, 6]]) }

  /// As in PyTorch: `Embedding.from_pretrained(v)` and `EmbeddingBag.from_pretrained(v)` are frozen,
  /// `freeze=False` and a weight of one's own are not.
  @Test func pretrainedTablesAreFrozenUnlessTold() {
    #expect(!Embedding.fromPretrained(Self.vectors).weight.requiresGrad)
    #expect(Embedding.fromPretrained(Self.vectors, freeze: false).weight.requiresGrad)
    #expect(!EmbeddingBag.fromPretrained(Self.vectors, mode: .sum).weight.requiresGrad)
    #expect(EmbeddingBag.fromPretrained(Self.vectors, freeze: false).weight.requiresGrad)
    let parameter = Parameter(Self.vectors)
    #expect(Embedding(weight: parameter).weight === parameter && parameter.requiresGrad)
    let frozen = Parameter(Self.vectors, requiresGrad: false)
    #expect(!Embedding(weight: frozen).weight.requiresGrad)
  }

  @Test func pretrainedTablesHaveTheGivenRows() {
    let vectors = Self.vectors
    let table = Embedding.fromPretrained(vectors, freeze: false, paddingIndex: -1)
    let rows = table(Tensor([2, 0]))
    #expect([Float](rows.flattened()) == [5, 6, 1, 2])
    rows.sum().backward()
    #expect([Float](table.weight.grad?.flattened() ?? rows) == [1, 1, 0, 0, 0, 0])
    let bag = EmbeddingBag.fromPretrained(Self.vectors, mode: .sum)
    #expect([Float](bag(Tensor([[0, 2]])).flattened()) == [6, 8])
    // Its memory is shared, as in PyTorch.
    noGrad { table.weight.assign(Tensor.zeros([3, 2])) }
    #expect([Float](vectors.flattened()) == [0, 0, 0, 0, 0, 0])
  }
}
