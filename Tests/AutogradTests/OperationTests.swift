import Arrays
import Autograd
import Testing

/// Single operations whose names or signs mean in PyTorch what Swift would read otherwise, and what is
/// refused rather than computed in another way.
@Suite struct OperationTests {
  /// A call that ends the program with a sentence.
  enum Refusal: String, CaseIterable, Codable, Sendable {
    case signBeforePower, signBeforePowerOfTensor, parenthesesAroundSign, negativeBase
    case lerpOfIntegers, lerpByAnotherType, addcmulByFraction, addcmulOfBooleans
    case histcOfNaN, quantileBeyondOne, crossOfTypes, crossWithoutThree
    case powerOfBooleans, arangeOfNoStep, multinomialOfTooMany
    case randintEmpty, randintOfBytes, randintOfHalf, randintOfBooleans

    var words: String {
      switch self {
      case .signBeforePower, .signBeforePowerOfTensor, .parenthesesAroundSign:
        "-x ** n is (-x) ** n in Swift and -(x ** n) in Python: write -(x ** n), or (-x).pow(n)"
      case .negativeBase: "write -(2.0 ** x), or Tensor(-2.0).pow(x)"
      case .lerpOfIntegers: "lerp: it is not there for tensors of int64"
      case .lerpByAnotherType: "lerp: expected dtype float32 for `weight` but got dtype float64"
      case .addcmulByFraction: "addcmul: value 0.5 is not whole, for int64"
      case .addcmulOfBooleans: "addcmul: it is not there for tensors of bool"
      case .histcOfNaN: "histc: range of [nan, nan] is not finite"
      case .quantileBeyondOne: "quantile: 1.5 must be in the range 0 to 1"
      case .crossOfTypes: "cross: expected dtype int64 but found float32"
      case .crossWithoutThree: "cross: no dimension of size 3"
      case .powerOfBooleans: "pow: powers of bool tensors of shapes (3,) and (3,)"
      case .arangeOfNoStep: "arange: step 0.5 is zero as int64"
      case .multinomialOfTooMany: "multinomial: cannot draw 3 of 2 without replacement"
      case .randintEmpty: "randint: expects low < high"
      case .randintOfBytes: "is out of bounds for uint8"
      case .randintOfHalf: "is out of bounds for float16"
      case .randintOfBooleans: "is out of bounds for bool"
      }
    }

    func make() {
      let (x, whole) = (Tensor([1.0, 2, 3]), Tensor([1, 2, 3]))
      switch self {
      case .signBeforePower: _ = -x ** 2
      case .signBeforePowerOfTensor: _ = -x ** x
      case .parenthesesAroundSign: _ = (-x) ** 2.5
      case .negativeBase: _ = -2 ** x
      case .lerpOfIntegers: _ = whole.lerp(whole, 0.5)
      case .lerpByAnotherType: _ = x.lerp(x, x.to(.float64))
      case .addcmulByFraction: _ = whole.addcmul(whole, whole, value: 0.5)
      case .addcmulOfBooleans: _ = (x > 0).addcmul(x > 0, x > 0)
      case .histcOfNaN: _ = Tensor([1.0, .nan]).histc(3)
      case .quantileBeyondOne: _ = x.quantile(1.5)
      case .crossOfTypes: _ = whole.cross(x)
      case .crossWithoutThree: _ = Tensor.ones(2, 2).cross(Tensor.ones(2, 2))
      case .powerOfBooleans: _ = (x > 0).pow(x > 0)
      case .arangeOfNoStep: _ = Tensor.arange(0.0, 2.0, 0.5, dtype: .int64)
      case .multinomialOfTooMany: _ = Tensor.multinomial(Tensor([1.0, 0, 2]), 3)
      case .randintEmpty: _ = Tensor.randint(2, 2, [1])
      case .randintOfBytes: _ = Tensor.randint(300, [1], dtype: .uint8)
      case .randintOfHalf: _ = Tensor.randint(70000, [1], dtype: .float16)
      case .randintOfBooleans: _ = Tensor.randint(3, [1], dtype: .bool)
      }
    }
  }

  @Test(arguments: Refusal.allCases) func whatPyTorchDoesOtherwiseIsRefused(
    _ refusal: Refusal
  ) async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [refusal = refusal as Refusal] in
      refusal.make()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains(refusal.words), "\(text)")
  }

  /// The forms that the sentences name, and those in which no sign can be misread.
  @Test func powersAreThoseOfPython() {
    let x = Tensor([1.0, 2, 3])
    #expect([Float](-(x ** 2)) == [-1, -4, -9])
    #expect([Float]((-x).pow(2)) == [1, 4, 9])
    #expect([Float](-x.pow(2)) == [-1, -4, -9])
    #expect([Float](x ** -1 * 6) == [6, 3, 2])
    #expect([Float](2 ** x) == [2, 4, 8])
    #expect([Float](0.5 ** -x) == [2, 4, 8])
    #expect([Float](2 ** x ** 2) == [2, 16, 512])
    #expect([Float]((x - 4) ** 2) == [9, 4, 1])
    #expect([Float](-2 * x ** 2) == [-2, -8, -18])
    #expect([Float](Tensor(-2.0).pow(Tensor([1, 2, 3]))) == [-2, 4, -8])
    // What has been changed since is no longer what the sign made.
    let y = -x
    y.add_(1)
    #expect([Float](y ** 2) == [0, 1, 4])
  }

  /// An operation keeps no input in sight: once a view is gone, its base can be changed, though the
  /// graph is held.
  @Test(arguments: OpSample.all.map(\.name)) func graphsKeepNoViewsInSight(
    _ name: String
  ) async throws {
    await #expect(processExitsWith: .success) { [name = name as String] in
      guard let sample = OpSample.all.first(where: { $0.name == name }) else { return }
      let bases = sample.inputs().map { $0 * 1 }
      let held = sample.function(bases.map { $0.reshaped($0.shape) }) * 1
      for base in bases { base.mul_(1) }
      withExtendedLifetime(held) {}
    }
  }

  @Test func digammaKeepsNoViewInSight() async {
    await #expect(processExitsWith: .success) {
      let base = Tensor([[1.0, 2], [3, 4]], requiresGrad: true) * 1
      let held = base[0].digamma().sum()
      base.mul_(2)
      withExtendedLifetime(held) {}
    }
  }
}
