import Arrays
import Autograd
import Testing

/// What PyTorch would do to a view and its base together, and arrays cannot.
@Suite struct InPlaceTests {
  @Test func changesReachEveryVariableThatHoldsTheTensor() {
    var x = Tensor([1.0, 2])
    let alias = x
    x += 1
    x[0] = 5
    #expect(alias === x && [Float](alias) == [5, 3])
  }

  @Test func viewsAndTheirBasesAreNotChangedApart() async {
    await #expect(processExitsWith: .failure) {
      let x = Tensor([[1.0, 2], [3, 4]])
      let row = x[0]
      x.zero_()
      _ = row.item(as: Float.self)
    }
    await #expect(processExitsWith: .failure) { Tensor([[1.0, 2], [3, 4]])[0...].t().copyKept() }
    await #expect(processExitsWith: .failure) {
      let x = Tensor([[1.0, 2], [3, 4]])
      x[0].fill_(0)
      _ = x.shape
    }
    await #expect(processExitsWith: .failure) {
      let x = Tensor([1.0, 2], requiresGrad: true)
      x.add_(1)
    }
    await #expect(processExitsWith: .failure) { Tensor([1, 2]).add_(1.5) }
    await #expect(processExitsWith: .failure) { Tensor([1.0, 2]).add_(Tensor.ones(3, 2)) }
  }

  @Test func viewsThatAreGoneStandInNobodysWay() {
    let x = Tensor([[1.0, 2], [3, 4]])
    let sum = x[0].sum() + x.t().reshape(-1).sum()
    x.mul_(2)
    #expect(sum.item() == 13 && [Float](x) == [2, 4, 6, 8])
  }

  /// A gradient that needs what has been changed since is refused, as in PyTorch.
  @Test func savedTensorsMustBeUnchanged() async {
    await #expect(processExitsWith: .failure) {
      let w = Tensor([1.0, 2], requiresGrad: true)
      let x = w * 1
      let y = (x * x).sum()
      x.add_(1)
      y.backward()
    }
  }
}

extension Tensor {
  /// Changes a view while its base is held.
  fileprivate func copyKept() {
    let view = t()
    view.add_(1)
    _ = shape
  }
}
