import Arrays
import Autograd
import Testing

/// Views and what they are views of change together. The numbers are PyTorch 2.13's for the lines above
/// them.
@Suite struct ViewTests {
  @Test func aChangeReachesViewsAndBase() {
    let x = Tensor([[1.0, 2], [3, 4]])
    let (row, column) = (x[0], x.t()[1])
    x.mul_(2)
    #expect([Float](row) == [2, 4])
    row.fill_(9)
    #expect([Float](x) == [9, 9, 6, 8] && [Float](column) == [9, 8])
  }

  @Test func subscriptsOfSubscriptsChangeTheTensor() {
    let x = Tensor.zeros(2, 3)
    x[0][1] = 5
    x[0][1] += 1
    x[1..., 0][0] = 7
    x.view(-1)[5] = 1
    x[0] = x[1]
    #expect([Float](x) == [7, 0, 1, 7, 0, 1])
  }

  @Test func stridesAreFollowed() {
    let x = Tensor.arange(6).float().reshape(2, 3)
    x[0..., 1].copy_(x[0, ..<2].clone())
    x.T[2].zero_()
    x.diagonal().add_(10)
    #expect([Float](x) == [10, 0, 0, 3, 11, 0])
  }

  /// A base held elsewhere is written to in place, and what is no view keeps what it had.
  @Test func whatIsNoViewStays() {
    let x = Tensor([1.0, 2, 3])
    let (array, copy, view) = (x.array, x.clone(), x[1...])
    view[0] = 9
    x.array.withElements(as: Float.self) { #expect(Array($0) == [1, 9, 3]) }
    #expect(array.elements(as: Float.self) == [1, 2, 3] && [Float](copy) == [1, 2, 3])
  }

  /// Members come and go in any order.
  @Test func viewsThatAreGoneAreForgotten() {
    let x = Tensor.zeros(8)
    var views = (0..<8).map { x[$0] }
    for index in [3, 0, 4, 0, 1] { views.remove(at: index) }
    let rest = views.map { $0.unsqueeze(0) }
    views = []
    x.add_(1)
    rest[1].add_(1)
    #expect(rest.map { $0.item() } == [1, 2, 1] && x.sum().item() == 9)
  }

  @Test func dataIsTheTensorWithoutItsGraph() {
    let p = Parameter(Tensor([1.0, -2, 3]))
    (p * p).sum().backward()
    p.data -= 0.5 * p.grad!
    #expect([Float](p) == [0, 0, 0] && p.requiresGrad && p.isLeaf)
    p.data.add_(2)
    p.data[0] = 7
    p.data.clamp_(min: 1, max: 5)
    #expect([Float](p) == [5, 2, 2])
    p.detach().mul_(2)
    noGrad { p -= 1 }
    noGrad { p[1].zero_() }
    #expect([Float](p) == [9, 0, 3])
    p.grad!.data.zero_()
    #expect([Float](p.grad!) == [0, 0, 0])
    let before = [Float](p)
    p.data.normal_()
    #expect([Float](p) != before)
    p.data.uniform_(2, 3)
    #expect([Float](p).allSatisfy { (2..<3).contains($0) })
    p.data.zero_()
    #expect([Float](p) == [0, 0, 0])
  }

  @Test func settingDataSharesIt() {
    let (a, b) = (Tensor([1.0, 2]), Tensor([3.0, 4]))
    let old = a[0]
    a.data = b
    b.add_(1)
    a[0] = 9
    #expect([Float](a) == [9, 5] && [Float](b) == [9, 5] && old.item() == 1)
    a.data = a
    #expect([Float](a) == [9, 5])
  }

  @Test func parametersAndBuffersShareTheirTensor() {
    let x = Tensor([1.0, 2])
    let (parameter, buffer) = (Parameter(x), Buffer(x))
    x.add_(1)
    buffer.mul_(2)
    #expect([Float](parameter) == [4, 6] && [Float](x) == [4, 6])
  }

  @Test func gradientsFollowAChangeThroughAView() {
    let w = Tensor([1.0, 2, 3, 4], requiresGrad: true)
    let h = w * 2
    let (a, b) = (h[..<2], h[1..<3])
    a.mul_(3)
    ((h * Tensor([1.0, 2, 3, 4])).sum() + (b * 10).sum()).backward()
    #expect([Float](h) == [6, 12, 6, 8] && [Float](b) == [12, 6])
    #expect([Float](w.grad!) == [6, 72, 26, 8])
    #expect(h.gradFn == "CopySlices" && a.gradFn == "AsStridedBackward0")
    #expect(b.gradFn == "AsStridedBackward0")
  }

  @Test func aBaseWithoutGraphGetsThatOfItsView() {
    let w = Tensor([2.0, 3], requiresGrad: true)
    let x = Tensor.ones(2, 3)
    let v = x[1]
    x[0][1] = w[0] * 3
    v[2].copy_(w[1])
    #expect(x.requiresGrad && v.requiresGrad && !x.isLeaf)
    (x * x).sum().backward()
    #expect([Float](x) == [1, 6, 1, 1, 1, 3] && [Float](w.grad!) == [36, 6])
  }

  /// A row, a column and what neither has.
  @Test func viewsThatCrossFollowEachOther() {
    let x = Tensor([[1.0, 2], [3, 4]])
    let a = Tensor([5.0, 6], requiresGrad: true)
    let (row, column, other) = (x[0], x.t()[1], x[1, ..<1])
    row.mul_(a)
    column.mul_(2)
    #expect([Float](column) == [24, 8] && other.requiresGrad)
    (x * Tensor([[1.0, 10], [100, 1000]])).sum().backward()
    #expect([Float](a.grad!) == [1, 40] && [Float](x) == [5, 24, 3, 8])
  }

  @Test func numbersPutIntoABaseTakeItsViewsGraph() {
    let x = Tensor.zeros(3)
    let a = Tensor([1.0, 1], requiresGrad: true)
    let v = x[..<2]
    v.add_(a)
    let w = x[1...]
    x[0] = 7
    (x.sum() + (v * Tensor([10.0, 20])).sum() + w.sum()).backward()
    #expect([Float](x) == [7, 1, 0] && [Float](a.grad!) == [0, 22])
  }

  @Test func aPartThatIsALeafForbidsNothing() {
    let x = Tensor.zeros(4)
    let v = x[..<2].requiresGrad_()
    x.mul_(2)
    x[3] = 5
    #expect(v.isLeaf && v.requiresGrad && !x.requiresGrad && [Float](x) == [0, 0, 0, 5])
    let a = Tensor.ones(4).requiresGrad_()
    x.mul_(a * 3)
    #expect(!v.isLeaf)
    (v * 2).sum().backward()
    #expect([Float](a.grad!) == [0, 0, 0, 0] && v.grad == nil)
  }

  /// A view asks its base anew after a change, and only then.
  @Test func aBaseThatBecomesALeafIsThatOfItsChangedViews() {
    let x = Tensor.zeros(2, 2)
    let changed = x[0]
    x[0, 1] = 3
    let same = x[1]
    x.requiresGrad_().requiresGrad_()
    #expect(!changed.isLeaf && same.isLeaf)
    (changed * changed).sum().backward()
    #expect([Float](x.grad!) == [0, 6, 0, 0])
    let y = (x * 2).requiresGrad_()
    #expect(y.requiresGrad && !y.isLeaf)
  }

  @Test func retainedGradientsAreThoseOfTheChangedTensor() {
    let w = Tensor([1.0, 2, 3], requiresGrad: true)
    let h = w * 2
    h.retainGrad()
    h[0].mul_(5)
    (h * h).sum().backward()
    #expect([Float](h.grad!) == [20, 8, 12] && [Float](w.grad!) == [200, 16, 24])
  }

  @Test func secondDerivativesFollowToo() {
    let w = Tensor([1.0, 2, 3], requiresGrad: true)
    let h = w * w
    h[1...].mul_(w[..<2])
    let first = Tensor.gradients(of: [(h * h).sum()], for: [w], createGraph: true)[0]!
    let second = Tensor.gradients(of: [first.sum()], for: [w])[0]!
    #expect([Float](first) == [36, 356, 432] && [Float](second) == [108, 706, 864])
  }

  /// What draws numbers does not depend on what was there.
  @Test func randomNumbersHaveNoGradient() {
    let w = Tensor([1.0, 2, 3], requiresGrad: true)
    let h = w * 1
    h.normal_()
    h.sum().backward()
    #expect(h.requiresGrad && [Float](w.grad!) == [0, 0, 0])
    w.grad = nil
    let k = w * 1
    k[..<2].uniform_()
    k.sum().backward()
    #expect([Float](w.grad!) == [0, 0, 1])
  }

  @Test func leavesDoNotShareAGradient() {
    let (a, b) = (Tensor.ones(2).requiresGrad_(), Tensor.ones(2).requiresGrad_())
    (a + b).sum().backward(createGraph: true)
    #expect(a.grad !== b.grad)
    noGrad { a.grad!.mul_(5) }
    #expect([Float](a.grad!) == [5, 5] && [Float](b.grad!) == [1, 1])
  }

  @Test func gradientsAccumulateInPlace() {
    let a = Tensor([1.0, 2], requiresGrad: true)
    (a * a).sum().backward()
    let (gradient, view) = (a.grad!, a.grad![1])
    (a * a).sum().backward()
    #expect(a.grad === gradient && [Float](gradient) == [4, 8] && view.item() == 8)
  }

  @Test func detachingInPlaceMakesALeaf() {
    let h = Tensor([1.0], requiresGrad: true) * 2
    h.detach_()
    #expect(h.isLeaf && !h.requiresGrad && h.item() == 2)
  }

  @Test func integersAreClamped() {
    func x() -> Tensor { Tensor([0, 1, 2, 3]) }
    #expect([Int](x().clamp_(min: 1)) == [1, 1, 2, 3] && x().clamp_(min: 1).dtype == .int64)
    #expect([Int](x().clamp_(max: 2)) == [0, 1, 2, 2])
    #expect([Int](x().clamp_(min: 1, max: 2)) == [1, 1, 2, 2])
    #expect([Int](x().clamp_(min: Tensor([1, 2, 3, 0]))) == [1, 2, 3, 3])
    #expect([Float](Tensor([-1.0, 2]).clamp_(min: 0)) == [0, 2])
  }

  @Test func complexNumbersWithoutImaginaryPartAreReal() {
    let x = Tensor(NDArray([Complex<Float>(3, 0)]))
    #expect(Double(x) == 3 && Float(x) == 3 && Int(x) == 3 && [Float](x) == [3])
    let y = Tensor(NDArray([Complex<Float>(1, 2)]))
    #expect((y.tolist() as? [Any])?.first as? Complex<Double> == Complex(1, 2))
  }

  /// Two tensors of one array are none of each other's views, until one becomes the other's data.
  @Test func dataIsSharedWhateverTheArrays() {
    let array = NDArray([1.0, 2, 3] as [Float])
    let (x, y) = (Tensor(array), Tensor(array))
    y.add_(1)
    #expect([Float](x) == [1, 2, 3])
    let z = Tensor(array)
    x.data = z
    z.add_(1)
    #expect([Float](x) == [2, 3, 4])
  }

  /// Entwined, but each element once: places 0, 3, 2, 5, 4, 7.
  @Test func entwinedViewsAreChanged() {
    let x = Tensor.arange(8).to(.float32)
    x.asStrided([3, 2], [2, 3]).add_(1)
    #expect([Float](x) == [1, 1, 3, 4, 5, 6, 6, 8])
  }

  /// The sign in the gradient of a difference is nobody's before a power.
  @Test func gradientsAreRaisedToPowers() {
    let x = Tensor([1.0, 2], requiresGrad: true)
    let h = x * 2
    var seen: [Double] = []
    h.registerHook { gradient in
      seen.append((gradient ** 2).sum().item())
      return nil
    }
    (Tensor([1.0, 1]) - h).sum().backward()
    #expect(seen == [2])
    let g = Tensor.gradients(of: [(Tensor([3.0, 4]) - x).sum()], for: [x], createGraph: true)[0]!
    #expect((g ** 2).sum().item() == 2)
  }
}
