import Arrays
import Autograd
import Files
import Testing

/// The generator draws PyTorch's random numbers, and its state is PyTorch's.
@Suite struct RandomTests {
  private func golden(_ name: String) throws -> [Double] {
    try #require(Fixture.random[name]).numbers
  }

  private func numbers(_ array: NDArray) -> [Double] { Tensor(array).doubles }

  /// PyTorch's vector code has approximations of its own, good to about this much.
  private func isNear(_ found: [Double], _ golden: [Double]) -> Bool {
    found.count == golden.count && zip(found, golden).allSatisfy { abs($0 - $1) <= 1e-6 }
  }

  @Test func uniformsAreEqualToTheBit() throws {
    #expect(numbers(Generator(seed: 42).uniform([700])) == (try golden("rand")))
    #expect(numbers(Generator(seed: 42).uniform([40], dtype: .float64)) == (try golden("rand64")))
    #expect(numbers(Generator(seed: 1 << 40 + 17).uniform([4])) != (try golden("rand")))
    #expect(numbers(Generator(seed: (1 << 40) + 17).uniform([4])) == (try golden("large seed")))
  }

  /// Many numbers are made at a time, across the ends of blocks and of the generator's words.
  @Test(arguments: [1, 2, 511, 512, 513, 623, 624, 625, 1249, 5000], [0, 1, 623])
  func manyNumbersAreThoseDrawnOneByOne(_ count: Int, _ drawn: Int) {
    func twins() -> (Generator, Generator) {
      let pair = (Generator(seed: 9), Generator(seed: 9))
      for _ in 0..<drawn { _ = (pair.0.nextUInt32(), pair.1.nextUInt32()) }
      return pair
    }
    var (many, single) = twins()
    func fraction() -> Double {
      let (high, low) = (UInt64(single.nextUInt32()), UInt64(single.nextUInt32()))
      return Double((high << 32 | low) & (1 << 53 - 1)) * 0x1p-53
    }
    let floats = (0..<count).map { _ in Double(single.nextUInt32() & 0xFF_FFFF) * 0x1p-24 }
    #expect(numbers(many.uniform([count])) == floats)
    (many, single) = twins()
    #expect(numbers(many.uniform([count], dtype: .float64)) == (0..<count).map { _ in fraction() })
    for probability in [0, 0.1, 0.5, 1] {
      let expected = (0..<count).map { _ in fraction() < probability ? 2.0 : 0 }
      #expect(numbers(many.bernoulli([count], probability: probability, value: 2)) == expected)
    }
    #expect(many.nextUInt32() == single.nextUInt32())
  }

  @Test func boundedUniformsAreEqualToTheBit() throws {
    let wide = Generator(seed: 3).uniform([40], from: -0.57735, to: 0.57735)
    #expect(numbers(wide) == (try golden("uniform")))
    let narrow = Generator(seed: 3).uniform([40], from: 1e-3, to: 1.1e-3)
    #expect(numbers(narrow) == (try golden("uniform.tiny")))
  }

  @Test(arguments: [1, 5, 15, 16, 20, 37, 64]) func normalsAgree(_ count: Int) throws {
    let single = numbers(Generator(seed: 7).normal([count]))
    #expect(isNear(single, try golden("randn \(count)")))
    let double = numbers(Generator(seed: 7).normal([count], dtype: .float64))
    #expect(isClose(double, try golden("randn64 \(count)"), 1e-12))
  }

  /// Between neighbours rounding leads to the upper bound every other time, which is never drawn.
  @Test func theUpperBoundIsNeverDrawn() {
    for (low, high) in [(Float(1), Float(1).nextUp), (-2, -1.9999998), (1e6, 1_000_000.1)] {
      let drawn = Generator(seed: 5).uniform([1000], from: Double(low), to: Double(high))
      #expect(numbers(drawn).allSatisfy { $0 >= Double(low) && $0 < Double(high) }, "\(high)")
    }
  }

  /// Of 16 numbers and more to the last bit, as an `Embedding` begins with.
  @Test func manyNormalsAreEqualToTheBit() throws {
    for count in [16, 20, 37, 64] {
      #expect(numbers(Generator(seed: 7).normal([count])) == (try golden("randn \(count)")))
    }
    let found = numbers(Generator(seed: 7).normal([4096], mean: 2, std: 0.5))
    #expect(found == (try golden("normal 4096")))
  }

  @Test(arguments: [1, 15, 16, 20, 37, 64], [DType.float16, .bfloat16])
  func halfPrecisionIsEqualToTheBit(_ count: Int, _ dtype: DType) throws {
    let generator = Generator(seed: 7)
    #expect(
      numbers(generator.normal([count], dtype: dtype))
        == (try golden("randn \(dtype) \(count)")))
    generator.manualSeed(7)
    #expect(
      numbers(generator.uniform([count], dtype: dtype)) == (try golden("rand \(dtype) \(count)")))
    generator.manualSeed(7)
    #expect(
      numbers(generator.uniform([count], from: -0.3, to: 0.7, dtype: dtype))
        == (try golden("uniform \(dtype) \(count)")))
  }

  @Test func normalsHaveMeanAndDeviation() throws {
    let found = numbers(Generator(seed: 7).normal([20], mean: 2, std: 0.5))
    #expect(isNear(found, try golden("normal")))
  }

  @Test func permutationsAreEqual() throws {
    #expect(Generator(seed: 5).permutation(100).map(Double.init) == (try golden("randperm")))
    #expect(Generator(seed: 5).permutation(0).isEmpty)
    #expect(Generator(seed: 5).permutation(1) == [0])
  }

  /// From 2²⁸ on two words are drawn for each, and a floating-point type rounds the ends.
  @Test func integersAreEqual() throws {
    let names = Fixture.random.keys.filter { $0.hasPrefix("randint ") }
    #expect(names.count == 11)
    for name in names {
      let parts = name.split(separator: " ")
      let dtype = DType(rawValue: String(parts[1])) ?? .int64
      let high = try #require(Int(parts[2]))
      let drawn = Tensor.randint(
        Int(parts[1]) ?? 0, high, [5], dtype: dtype, generator: Generator(seed: 3))
      #expect(drawn.dtype == dtype)
      if dtype == .int64 {
        #expect([Int](drawn).map { "\($0)" } == Fixture.random[name]?.texts, "\(name)")
      } else {
        #expect([Double](drawn) == (try golden(name)), "\(name)")
      }
    }
  }

  @Test(arguments: [DType.float32, .float64, .float16])
  func drawsByProbabilityAreThoseOfPyTorch(_ dtype: DType) throws {
    let weights = Tensor.arange(1, 31).to(dtype)
    let rows = weights.reshaped([3, 10])
    func generator() -> Generator { Generator(seed: 42) }
    let drawn = [
      "bernoulli": Tensor.bernoulli(
        Tensor.linspace(0, 1, 50, dtype: dtype), generator: generator()),
      "multinomial": Tensor.multinomial(weights, 6, generator: generator()),
      "multinomial again": .multinomial(weights, 60, replacement: true, generator: generator()),
      "multinomial rows": .multinomial(rows, 4, generator: generator()),
      "multinomial one": .multinomial(rows, 1, replacement: true, generator: generator()),
    ]
    for (name, found) in drawn {
      #expect([Double](found) == (try golden("\(name) \(dtype)")), "\(name)")
    }
    let logits = Tensor.linspace(-1, 2, 12, dtype: dtype).reshaped([3, 4])
    let soft = logits.gumbelSoftmax(tau: 0.7, generator: generator()).doubles
    let tolerance = dtype == .float16 ? 0x1p-8 : dtype == .float32 ? 1e-6 : 1e-13
    #expect(isClose(soft, try golden("gumbel \(dtype)"), tolerance))
  }

  @Test func bernoulliDrawsInTheOrderOfIndicesAndHasNoSlope() throws {
    let turned = Tensor.linspace(0, 1, 12).reshaped([3, 4]).transposed().detach().requiresGrad_()
    let drawn = Tensor.bernoulli(turned, generator: Generator(seed: 42))
    #expect(drawn.doubles == (try golden("bernoulli turned")))
    let slope = Tensor.gradients(of: [drawn.sum()], for: [turned])[0]
    #expect(slope?.doubles == [Double](repeating: 0, count: 12))
  }

  @Test func dropoutHasPyTorchsMask() throws {
    let mask = Generator(seed: 42).bernoulli([50], probability: 0.7)
    #expect(numbers(mask) == (try golden("bernoulli")))
    let generator = Generator(seed: 42)
    #expect(
      Tensor.ones([50]).dropout(0.3, generator: generator).doubles == (try golden("dropout")))
  }

  @Test func dropoutOfAViewDrawsInTheOrderOfStorage() {
    let x = Tensor.ones([2, 3, 4])
    let expected = x.dropout(generator: Generator(seed: 1))
    let turned = x.permuted([1, 2, 0]).dropout(generator: Generator(seed: 1))
    #expect(turned.doubles == expected.permuted([1, 2, 0]).doubles)
    // With gaps there is no such order.
    let rows = Tensor.ones([6, 4]).sliced(0, 0..<6, step: 2).dropout(generator: Generator(seed: 1))
    #expect(rows.doubles == Tensor.ones([3, 4]).dropout(generator: Generator(seed: 1)).doubles)
  }

  @Test func dropoutOfAllOrNothing() {
    let x = Tensor([1, 2] as [Float])
    #expect(x.dropout(0) === x)
    #expect(x.dropout(0.9, training: false) === x)
    #expect(x.dropout(1).doubles == [0, 0])
  }

  @Test func stateOfPyTorchIsRestored() throws {
    guard case .bytes(let bytes) = try #require(Fixture.random["state"]) else {
      Issue.record("the state is not bytes")
      return
    }
    let generator = Generator(seed: 0)
    try generator.restoreState(NDArray(bytes))
    let normals = generator.normal([3])
    let uniforms = generator.uniform([700])
    #expect(
      isClose(numbers(normals) + numbers(uniforms), try golden("after state"), 1e-6))
  }

  @Test func stateIsPyTorchsToTheByte() throws {
    guard case .bytes(let bytes) = try #require(Fixture.random["state"]) else {
      Issue.record("the state is not bytes")
      return
    }
    let generator = Generator(seed: 11)
    _ = generator.uniform([1000])
    _ = generator.normal([3])
    #expect(generator.saveState().elements(as: UInt8.self) == bytes)
  }

  @Test func stateContinuesWhereItWasSaved() throws {
    let generator = Generator(seed: 9)
    for draws in [0, 1, 623, 624, 625, 3] {
      _ = generator.uniform([draws])
      _ = generator.normal([1])
      let saved = generator.saveState()
      let expected = numbers(generator.normal([5])) + numbers(generator.uniform([700]))
      let other = Generator(seed: 1)
      try other.restoreState(saved)
      #expect(numbers(other.normal([5])) + numbers(other.uniform([700])) == expected)
    }
  }

  @Test func badStateIsRefusedAndChangesNothing() throws {
    let generator = Generator(seed: 9)
    let good = generator.saveState()
    #expect(throws: GeneratorStateError.self) {
      try generator.restoreState(NDArray([1, 2, 3] as [UInt8]))
    }
    var bad = good.elements(as: UInt8.self)
    bad[8] = 200
    bad[9] = 200
    #expect(throws: GeneratorStateError.self) { try generator.restoreState(NDArray(bad)) }
    #expect(generator.saveState().elements(as: UInt8.self) == good.elements(as: UInt8.self))
  }

  @Test func aTaskCanHaveAGeneratorOfItsOwn() async {
    let expected = Generator(seed: 42).uniform([3]).elements(as: Float.self)
    await withTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 {
        group.addTask {
          Generator(seed: 42).use { Tensor.rand([3]).elements(as: Float.self) }
        }
      }
      for await found in group { #expect(found == expected) }
    }
  }

  @Test func manualSeedStartsTheCurrentGeneratorOver() {
    Generator(seed: 1).use {
      manualSeed(42)
      let first = Tensor.rand([3]).doubles
      manualSeed(42)
      #expect(Tensor.rand([3]).doubles == first)
      #expect(Generator.current.initialSeed == 42)
    }
  }
}
