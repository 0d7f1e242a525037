import Arrays
import Autograd
import Testing

/// A change in place that PyTorch refuses too, or that would drop something.
enum ForbiddenChange: String, CaseIterable, Codable, Sendable {
  case leaf, viewOfLeaf, viewOfLeafView, partOfLeaf, viewMadeInNoGrad, partMadeInNoGrad,
    repeatedElements
  case savedTensor, savedThroughView, savedView, savedThroughData, savedByStep
  case halfInIntegers, halfClampOfIntegers, shapeGrows, dataOfOtherType
  case complexAsDouble, complexAsFloat, complexAsInt, complexAsArray, complexToReal
  case complexCopied, complexPut

  /// What the sentence must hold.
  var words: [String] {
    switch self {
    case .leaf: ["add_", "a leaf of shape (2,) that requires grad", "noGrad"]
    case .viewOfLeaf: ["add_", "a view, of shape (), of a leaf that requires grad", "noGrad"]
    case .viewOfLeafView: ["mul_", "a view, of shape (3,), of a leaf that requires grad"]
    case .partOfLeaf: ["index", "a view, of shape (1,), of a leaf that requires grad"]
    case .viewMadeInNoGrad: ["add_", "created in noGrad mode"]
    case .partMadeInNoGrad: ["index", "created in noGrad mode"]
    case .repeatedElements: ["add_", "more than one element", "clone()"]
    case .savedTensor, .savedThroughView, .savedView, .savedThroughData, .savedByStep:
      ["modified by an in-place operation", "expected version"]
    case .halfInIntegers: ["add_", "can't be cast to the desired output type int64"]
    case .halfClampOfIntegers: ["clamp_", "can't be cast to the desired output type int64"]
    case .shapeGrows: ["add_", "doesn't match the broadcast shape (3, 2)"]
    case .dataOfOtherType: ["data", "float64", "float32"]
    case .complexAsDouble, .complexAsFloat, .complexAsInt: ["item", "imaginary part"]
    case .complexAsArray, .complexToReal: ["to", "imaginary part", "float32"]
    case .complexCopied: ["copy_", "imaginary part"]
    case .complexPut: ["index", "imaginary part"]
    }
  }

  func make() {
    let x = Tensor([1.0, 2], requiresGrad: true)
    let imaginary = Tensor(NDArray([Complex<Float>(1, 2)]))
    switch self {
    case .leaf: x.add_(1)
    case .viewOfLeaf: x[0].add_(1)
    case .viewOfLeafView: Tensor.zeros(2, 3).reshaped(3, 2).t().requiresGrad_()[0].mul_(2)
    case .partOfLeaf: x[..<1][0] = 1
    case .viewMadeInNoGrad:
      let h = x * 1
      let view = noGrad { h[0] }
      view.add_(1)
      print(h)
    case .partMadeInNoGrad:
      let h = x * 1
      let view = noGrad { h[..<1] }
      view[0] = 1
      print(h)
    case .repeatedElements:
      let one = Tensor.ones(1)
      one.expand(3).add_(1)
      print(one)
    case .savedTensor:
      let h = x * 1
      let y = (h * h).sum()
      h.add_(1)
      y.backward()
    case .savedThroughView:
      let h = x * 1
      let y = (h * h).sum()
      h[0].add_(1)
      y.backward()
    case .savedView:
      let h = x * 1
      let y = (h[..<1] * h[1...]).sum()
      h.add_(1)
      y.backward()
    case .savedThroughData:
      let y = (x * x).sum()
      x.data.add_(1)
      y.backward()
    case .savedByStep:
      let y = (x * x).sum()
      noGrad { x -= 1 }
      y.backward()
    case .halfInIntegers: Tensor([1, 2]).add_(1.5)
    case .halfClampOfIntegers: Tensor([1, 2]).clamp_(min: 0.5)
    case .shapeGrows: Tensor([1.0, 2]).add_(Tensor.ones(3, 2))
    case .dataOfOtherType: x.data = Tensor([1.0, 2], dtype: .float64)
    case .complexAsDouble: print(Double(imaginary))
    case .complexAsFloat: print(Float(imaginary))
    case .complexAsInt: print(Int(imaginary))
    case .complexAsArray: print([Float](imaginary))
    case .complexToReal: print(imaginary.to(.float32))
    case .complexCopied: Tensor([1.0]).copy_(imaginary)
    case .complexPut: Tensor([1.0])[0] = imaginary[0]
    }
  }
}

@Suite struct InPlaceTests {
  @Test func changesReachEveryVariableThatHoldsTheTensor() {
    var x = Tensor([1.0, 2])
    let alias = x
    x += 1
    x[0] = 5
    alias -= 1
    alias *= Tensor([2.0, 3])
    alias /= 2
    #expect(alias === x && [Float](alias) == [4, 3])
    // What is put back is a copy.
    alias[alias .> 3] += 10
    x[x .> 3] *= 2
    #expect([Float](alias) == [28, 3])
  }

  @Test func valuesComputedBeforeStay() {
    let x = Tensor([[1.0, 2], [3, 4]])
    let sum = x[0].sum() + x.t().reshape(-1).sum()
    x.mul_(2)
    #expect(sum.item() == 13 && [Float](x) == [2, 4, 6, 8])
  }

  @Test(arguments: ForbiddenChange.allCases)
  func whatCannotBeChangedIsNamed(_ change: ForbiddenChange) async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [change = change as ForbiddenChange] in
      change.make()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    for word in change.words { #expect(text.contains(word), "\(text)") }
  }
}
