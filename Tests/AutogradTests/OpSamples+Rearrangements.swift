import Arrays
import Autograd
import Testing

extension OpSample {
  static let rearrangements: [OpSample] = [
    .init("tril", [2, 3, 4]) { $0[0].lowerTriangle(1) },
    .init("triu", [3, 4]) { $0[0].upperTriangle(-1) },
    .init("roll", [2, 5]) { $0[0].rolled(-7, 1) },
    .init("repeat", [2, 3]) { $0[0].repeated([2, 1, 3]) },
    .init("outer", [2], [3]) { $0[0].outer($0[1]) },
    .init("sort", [3, 5]) { $0[0].sorted(1).values },
    .init("sort.descending", [4, 3]) { $0[0].sorted(0, descending: true).values },
    .init("topk", [2, 5]) { $0[0].topK(2).values },
  ]
}

@Suite struct RearrangementTests {
  @Test func sortingIsStableAndPutsNaNLast() {
    let x = Tensor([2, .nan, 1, 2, -.infinity] as [Float])
    #expect(x.argsort().elements(as: Int.self) == [4, 2, 0, 3, 1])
    #expect(x.argsort(descending: true).elements(as: Int.self) == [1, 0, 3, 2, 4])
  }

  @Test func masksAndClassesPick() {
    let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2], requiresGrad: true)
    let picked = x.maskedSelect(x .> 2)
    #expect(picked.elements(as: Float.self) == [3, 4])
    picked.sum().backward()
    #expect(x.grad?.elements(as: Float.self) == [0, 0, 1, 1])
    #expect(Tensor([2, 0]).oneHot(3).elements(as: Int.self) == [0, 0, 1, 1, 0, 0])
  }
}
