import Arrays
import Autograd
import Testing

extension OpSample {
  static let rearrangements: [OpSample] = [
    .init("tril", [2, 3, 4]) { $0[0].lowerTriangle(1) },
    .init("triu", [3, 4]) { $0[0].upperTriangle(-1) },
    .init("roll", [2, 5]) { $0[0].rolled(-7, 1) },
    .init("roll.flat", [2, 3]) { $0[0].rolled(2) },
    .init("flip.rows", [2, 3]) { $0[0].flipped([0]) },
    .init("repeat", [2, 3]) { $0[0].repeated([2, 1, 3]) },
    .init("outer", [2], [3]) { $0[0].outer($0[1]) },
    .init("sort", [3, 5]) { $0[0].sorted(1).values },
    .init("sort.descending", [4, 3]) { $0[0].sorted(0, descending: true).values },
    .init("topk", [2, 5]) { $0[0].topK(2).values },
    .init("topk.one", [3, 4]) { $0[0].topK(1, largest: false).values },
    .init("unfold.overlapping", [6]) { $0[0].unfolded(0, size: 4, step: 1).matmul($0[0][0..<4]) },
    .init("unfold.last", [2, 3, 5]) { $0[0].transposed().unfolded(-2, size: 2, step: 3) },
    .init("unfold.one", [5]) { $0[0].unfolded(0, size: 1, step: 2) },
    .init("diagonal.view", [4, 3, 4]) { $0[0].transposed(0, 1).diagonal(1, -1, 1).exp() },
    .init("diagonal.far", [2, 3]) { $0[0].diagonal(-4) },
  ]
}

@Suite struct RearrangementTests {
  @Test func aScalarHasOneElement() {
    let x = Tensor(3.0, dtype: .float64, requiresGrad: true)
    for count in [0, 1] {
      let (values, indices) = x.topK(count)
      #expect(values.shape == .scalar && values.item(as: Double.self) == 3)
      #expect(indices.shape == .scalar && indices.item(as: Int64.self) == 0)
    }
    #expect(x.rolled(1).shape == .scalar && x.flipped([0]).shape == .scalar)
    (x.topK(1).values * x.rolled(5)).backward()
    #expect(x.grad?.item(as: Double.self) == 6)
    #expect(x.unfolded(0, size: 1, step: 1).shape == [1])
    #expect(x.unfolded(0, size: 0, step: 1).shape == [0])
  }

  @Test func windowsAndDiagonalsShareTheStorage() {
    let x = NDArray((0..<12).map(Float.init), shape: [3, 4])
    let tensor = Tensor(x)
    for view in [tensor.unfolded(1, size: 3, step: 1), tensor.diagonal(-1)] {
      #expect(view.array.storage === x.storage)
    }
    var changed = tensor.unfolded(1, size: 2, step: 1).array
    changed.withMutableElements(as: Float.self) { $0[0] = 100 }
    #expect(x.elements(as: Float.self)[0] == 0)
    #expect(changed.elements(as: Float.self).prefix(3) == [100, 1, 1])
  }

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
