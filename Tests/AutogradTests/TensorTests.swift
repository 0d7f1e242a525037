import Arrays
import Autograd
import Files
import Kernels
import Testing

@Suite struct TensorTests {
  /// The values are those of `torch.eye`.
  @Test func theIdentityHasOnesOnItsDiagonal() {
    let identity = Tensor.eye(3)
    #expect(identity.shape == [3, 3] && identity.dtype == .float32)
    #expect(identity.elements(as: Float.self) == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(Tensor.eye(2, dtype: .int64).elements(as: Int64.self) == [1, 0, 0, 1])
    #expect(Tensor.eye(0).shape == [0, 0])
  }

  /// The values and gradients are those of `torch.nn.functional.celu(x, -1.0)`.
  @Test func celuFollowsItsFormulaForNegativeAlpha() {
    let x = Tensor([-1, 0, 2] as [Double], dtype: .float64, requiresGrad: true)
    let y = x.celu(alpha: -1)
    y.sum().backward()
    for (found, expected) in [
      (y.elements(as: Double.self), [-1.718281828459045, 0, 2]),
      (x.grad?.elements(as: Double.self) ?? [], [2.718281828459045, 1, 1]),
    ] {
      #expect(found.count == 3)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-14 }, "\(found)")
    }
  }

  @Test func typesArePromotedAsInPyTorch() {
    let half = Tensor.ones([2], dtype: .float16)
    let brain = Tensor.ones([2], dtype: .bfloat16)
    let int = Tensor([1, 2])
    let byte = Tensor([1, 2] as [UInt8])
    let signed = Tensor([1, 2] as [Int8])
    let bool = Tensor([true, false])
    #expect((half + brain).dtype == .float32)
    #expect((half + int).dtype == .float16)
    #expect((byte + signed).dtype == .int16)
    #expect((bool + byte).dtype == .uint8)
    #expect((int + Tensor(2.5 as Float)).dtype == .float32)
    #expect((half + Tensor(2.5, dtype: .float64)).dtype == .float16)
    #expect((int * 2).dtype == .int64)
    #expect((int * 2.5).dtype == .float32)
    #expect((bool * 2).dtype == .int64)
    #expect((int / int).dtype == .float32)
    #expect(int.exp().dtype == .float32)
    #expect(bool.sum().dtype == .int64)
    #expect(byte.sum().item(as: Int64.self) == 3)
  }

  @Test func integersAreComputedExactly() {
    let large = Tensor([1 << 60, -5])
    #expect((large + large).elements(as: Int.self) == [1 << 61, -10])
    #expect((large * 3).elements(as: Int.self) == [3 << 60, -15])
    #expect(
      Tensor([1, 2, 3, 4], shape: [2, 2]).matmul(Tensor([1, 1])).elements(as: Int.self) == [3, 7])
  }

  @Test func integersWrapAsInPyTorch() {
    let (most, least) = (Int.max, Int.min)
    let x = Tensor([most, least, 3])
    #expect((x + 1).elements(as: Int.self) == [least, least + 1, 4])
    #expect((x - Tensor([3, 3, 3])).elements(as: Int.self) == [most - 3, most - 2, 0])
    #expect((x * x).elements(as: Int.self) == [1, 0, 9])
    #expect((-x).elements(as: Int.self) == [least + 1, least, -3])
    #expect(x.abs().elements(as: Int.self) == [most, least, 3])
    #expect(x.sum().item(as: Int.self) == 2)
    #expect(x.product().item(as: Int.self) == least)
    #expect(x.cumsum(0).elements(as: Int.self) == [most, -1, 2])
    let sums = Tensor([0]).scatterAdded(0, Tensor([0, 0]), Tensor([most, 1]))
    #expect(sums.elements(as: Int.self) == [least])
  }

  @Test func integersAreClampedOnOneSide() {
    let x = Tensor([Int.max, Int.min, -3, 7])
    #expect(x.clamp(min: 0).elements(as: Int.self) == [.max, 0, 0, 7])
    #expect(x.clamp(max: 5).elements(as: Int.self) == [5, .min, -3, 5])
  }

  @Test func narrowFloatsAreComputedInSinglePrecision() {
    let x = Tensor([1.5, 2.25] as [Float]).to(.bfloat16)
    #expect((x * x).dtype == .bfloat16)
    #expect((x * x).doubles == [2.25, 5.0625])
    #expect(x.exp().dtype == .bfloat16)
  }

  @Test func comparisonsGiveBooleans() {
    let x = Tensor([1.0, 2.0, .nan], dtype: .float64)
    let y = Tensor([2.0, 2.0, 2.0], dtype: .float64)
    #expect((x .< y).elements(as: Bool.self) == [true, false, false])
    #expect((x .<= y).elements(as: Bool.self) == [true, true, false])
    #expect((x .> y).elements(as: Bool.self) == [false, false, false])
    #expect((x .>= y).elements(as: Bool.self) == [false, true, false])
    #expect((x .== y).elements(as: Bool.self) == [false, true, false])
    #expect((x .!= y).elements(as: Bool.self) == [true, false, true])
    #expect((Tensor([1, 2]) .== 2).elements(as: Bool.self) == [false, true])
    #expect((Tensor([1, 2]) .> 1.5).elements(as: Bool.self) == [false, true])
  }

  @Test func extremesTellWhere() {
    let x = Tensor([3, 1, 3, 0, 5, 5] as [Float], shape: [2, 3])
    #expect(x.argmax().item(as: Int64.self) == 4)
    #expect(x.argmax(1).elements(as: Int64.self) == [0, 1])
    #expect(x.argmin(0).elements(as: Int64.self) == [1, 0, 0])
    #expect(x.argmax(0, keepDims: true).shape == [1, 3])
    #expect(x.max(along: 1).indices.elements(as: Int64.self) == [0, 1])
    #expect(Tensor([1.0, .nan, 3.0], dtype: .float64).argmax().item(as: Int64.self) == 1)
    #expect(Tensor([1.0, .nan, 3.0], dtype: .float64).max().item(as: Double.self).isNaN)
  }

  /// Of several that are no number the first is the greatest and the least, as in PyTorch.
  @Test(arguments: [4, 100, 3000]) func theFirstNaNIsTheExtreme(_ count: Int) {
    for (first, second) in [(0, 1), (1, count - 1), (count - 2, count - 1), (count / 2, count - 1)]
    {
      var values = (0..<count).map { Float($0 * 7919 % 101) }
      values[first] = .nan
      values[second] = .nan
      let x = Tensor(values)
      #expect(x.argmax().item(as: Int64.self) == Int64(first))
      #expect(x.argmin().item(as: Int64.self) == Int64(first))
      let rows = Tensor(values + values, shape: [2, count])
      #expect(rows.argmax(1).elements(as: Int64.self) == [Int64(first), Int64(first)])
      #expect(rows.max(along: 1).indices.elements(as: Int64.self) == [Int64(first), Int64(first)])
      #expect(
        rows.transposed(0, 1).argmax(0).elements(as: Int64.self) == [Int64(first), Int64(first)])
    }
  }

  /// What is no number is the greatest, wherever it stands in the window of a pool.
  @Test(arguments: 0..<16) func poolsGiveNaN(_ place: Int) {
    var values = (0..<16).map { Float($0 * 5 % 16) }
    values[place] = .nan
    for dtype in [DType.float32, .float64, .bfloat16] {
      let x = Tensor(values, shape: [1, 1, 4, 4]).to(dtype)
      #expect(x.maxPool2d((4, 4)).doubles[0].isNaN)
      #expect(x.maxPool2d((6, 6), padding: (1, 1)).doubles[0].isNaN)
      #expect(x.adaptiveMaxPool2d((1, 1)).doubles[0].isNaN)
      let pooled = x.maxPool2d((2, 2)).doubles.map(\.isNaN)
      let window = place / 8 * 2 + place % 4 / 2
      #expect(pooled == (0..<4).map { $0 == window })
      #expect(x.reshaped([1, 1, 16]).maxPool1d(16).doubles[0].isNaN)
    }
  }

  /// The average of ones is one, whatever of a window lies beyond the end; and padding that counts has
  /// its length and no more, as `torch.nn.functional.avg_pool1d` has it.
  @Test func averagesBeyondTheEndAreOfWhatIsThere() {
    for (size, kernel, stride) in [(5, 2, 2), (4, 3, 2), (7, 3, 3), (10, 4, 3)] {
      let x = Tensor.ones([1, 1, size, size])
      let average = x.avgPool2d((kernel, kernel), stride: (stride, stride), ceilMode: true)
      #expect(average.doubles.allSatisfy { $0 == 1 }, "\(size), \(kernel), \(stride)")
      let padded = x.avgPool2d(
        (kernel, kernel), stride: (stride, stride), padding: (1, 1), ceilMode: true,
        countIncludePad: false)
      #expect(padded.doubles.allSatisfy { $0 == 1 }, "\(size), \(kernel), \(stride)")
    }
    let line = Tensor.ones([1, 4]).avgPool1d(3, stride: 2, padding: 1, ceilMode: true)
    #expect(line.to(.float32).elements(as: Float.self) == [2.0 / 3, 1, 0.5])
    let column = Tensor.ones([1, 1, 4, 1])
      .avgPool2d((3, 1), stride: (2, 1), padding: (1, 0), ceilMode: true)
    #expect(column.to(.float32).elements(as: Float.self) == [2.0 / 3, 1, 0.5])
  }

  @Test func absoluteValuesHaveNoSign() {
    for dtype in [DType.float32, .float64, .float16, .bfloat16] {
      #expect(
        Tensor([-0.0, 0.0], dtype: .float64).to(dtype).abs().doubles.map(\.sign) == [.plus, .plus])
    }
  }

  /// An infinite loss that is left out leaves a finite one.
  @Test func ignoredTargetsMayHaveAnyLoss() {
    let x = Tensor([-.infinity, -1, -1, -2] as [Float], shape: [2, 2])
    let target = Tensor([0, 1])
    for reduction in [LossReduction.mean, .sum] {
      #expect(x.nllLoss(target, ignoreIndex: 0, reduction: reduction).doubles == [2])
      // log(e^-1 + e^-2) + 2
      let loss = x.crossEntropy(target, ignoreIndex: 0, reduction: reduction).doubles[0]
      #expect(abs(loss - 1.3132616875182228) < 1e-6)
    }
  }

  /// Of whole numbers, so that any order of sums gives the same.
  @Test(arguments: [(16, 3000, 300), (3000, 16, 300), (300, 300, 300)])
  func largeProductsAreThoseOfTheirColumns(_ rows: Int, _ columns: Int, _ inner: Int) {
    func matrix(_ rows: Int, _ columns: Int, _ factor: Int) -> Tensor {
      Tensor((0..<rows * columns).map { Float($0 * factor % 17 - 8) }, shape: [rows, columns])
    }
    let (a, b) = (matrix(rows, inner, 5), matrix(inner, columns, 7))
    let expected = a.matmul(b)
    let turned = Tensor(b.transposed(0, 1).array.copied()).transposed(0, 1)
    #expect(a.matmul(turned).array.isBitwiseEqual(to: expected.array))
    #expect(
      Tensor(a.transposed(0, 1).array.copied()).transposed(0, 1).matmul(b).array.isBitwiseEqual(
        to: expected.array))
    for column in [0, 1, columns / 2, columns - 1] {
      let alone = (a * b.transposed(0, 1)[column]).sum([1])
      #expect(alone.doubles == expected.transposed(0, 1)[column].doubles, "column \(column)")
    }
  }

  @Test func productsWithZerosHaveGradients() {
    let x = Tensor(
      NDArray([2, 0, 3, 0, 0, 4, 5, 6, 7] as [Double], shape: [3, 3]), requiresGrad: true)
    x.product([1]).backward(Tensor([1.0, 10.0, 100.0], dtype: .float64))
    #expect(x.grad?.doubles == [0, 6, 0, 0, 0, 0, 4200, 3500, 3000])
  }

  @Test func emptyTensorsPassThrough() {
    let x = Tensor(NDArray(zeros: [0, 3]), requiresGrad: true)
    #expect((x + 1).shape == [0, 3])
    #expect((x * x).exp().relu().softmax(1).shape == [0, 3])
    #expect(x.sum().item(as: Float.self) == 0)
    #expect(x.sum([0]).elements(as: Float.self) == [0, 0, 0])
    #expect(x.product([0]).elements(as: Float.self) == [1, 1, 1])
    #expect(x.max([1]).shape == [0])
    #expect(x.mean().item(as: Float.self).isNaN)
    #expect(x.matmul(Tensor.ones([3, 2])).shape == [0, 2])
    #expect(Tensor.ones([2, 0]).matmul(Tensor.ones([0, 2])).doubles == [0, 0, 0, 0])
    #expect(x.linear(Tensor.ones([4, 3]), Tensor.ones([4])).shape == [0, 4])
    #expect(x.reshaped(3, 0).transposed().shape == [0, 3])
    #expect(Tensor.concatenated([x, Tensor.ones([1, 3])]).shape == [1, 3])
    #expect(Tensor.ones([0, 1, 4, 4]).conv2d(Tensor.ones([2, 1, 3, 3])).shape == [0, 2, 2, 2])
    #expect(Tensor.ones([0, 1, 4, 4]).maxPool2d((2, 2)).shape == [0, 1, 2, 2])
    (x * 2).sum().backward()
    #expect(x.grad?.shape == [0, 3])
  }

  @Test func scalarsPassThrough() {
    let x = Tensor(2.0, dtype: .float64, requiresGrad: true)
    #expect(x.sum().shape == .scalar)
    #expect(x.max().item(as: Double.self) == 2)
    #expect(x.softmax(0).item(as: Double.self) == 1)
    #expect(x.flattened().shape == [1])
    #expect(x.squeezed().shape == .scalar)
    #expect(x.unsqueezed(0).shape == [1])
    #expect(x.argmax().item(as: Int64.self) == 0)
    (x * x).backward()
    #expect(x.grad?.item(as: Double.self) == 4)
  }

  @Test func elementaryFunctionsOfSinglePrecisionAreAccurate() {
    // Against double precision, over the whole range and at its ends.
    let values = (-2000...2000).map { Float($0) * 0.0437 }
    let wide = Tensor(values)
    let exact = wide.to(.float64)
    for (found, expected) in [
      (wide.exp(), exact.exp()), (wide.tanh(), exact.tanh()),
      (wide.sigmoid(), exact.sigmoid()), (wide.abs().log(), exact.abs().log()),
      ((wide * 0.01).tanh(), (exact * 0.01).tanh()),
    ] {
      for (a, b) in zip(found.doubles, expected.doubles) {
        let limit = Swift.max(abs(b) * 4e-7, Double(Float.leastNormalMagnitude))
        #expect(a == b || abs(a - b) <= limit || Float(b) == Float(a), "\(a) \(b)")
      }
    }
    let special = Tensor(
      [0, -0.0, .infinity, -.infinity, .nan, Float(bitPattern: 714), 200, -200] as [Float])
    let exp = special.exp().elements(as: Float.self)
    #expect(exp[0] == 1 && exp[2] == .infinity && exp[3] == 0 && exp[4].isNaN)
    #expect(exp[6] == .infinity && exp[7] == 0)
    let log = special.log().elements(as: Float.self)
    #expect(log[0] == -.infinity && log[2] == .infinity && log[3].isNaN && log[4].isNaN)
    #expect(abs(log[5] - -96.7) < 0.1)
    let tanh = special.tanh().elements(as: Float.self)
    #expect(tanh[2] == 1 && tanh[3] == -1 && tanh[4].isNaN && tanh[1] == 0)
  }

  @Test func longSumsKeepTheirPrecision() {
    let count = 1 << 20
    let x = Tensor.full([count], 0.1)
    #expect(abs(Double(x.sum().item(as: Float.self)) - Double(Float(0.1)) * Double(count)) < 1)
    let columns = x.reshaped(count / 4, 4).sum([0]).doubles
    #expect(columns.allSatisfy { abs($0 - Double(Float(0.1)) * Double(count / 4)) < 0.05 })
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() {
    func compute() -> [[Double]] {
      let generator = Generator(seed: 3)
      let x = Tensor(generator.normal([8, 3, 40, 40]), requiresGrad: true)
      let weight = Tensor(generator.normal([16, 3, 3, 3]), requiresGrad: true)
      let y = x.conv2d(weight, padding: (1, 1)).relu()
      y.mean().backward()
      let flat = x.reshaped(1, -1)
      return [
        y.doubles, flat.matmul(flat.transposed()).doubles, x.softmax(1).doubles,
        (x + x.select(0, 1)).doubles, x.sum().doubles, x.grad?.doubles ?? [],
      ]
    }
    let before = Threads.count
    defer { Threads.count = before }
    let many = compute()
    Threads.count = 1
    let one = compute()
    #expect(Threads.count == 1)
    Threads.count = 0
    #expect(Threads.count == 1)
    Threads.count = .max
    #expect(Threads.count == Threads.processorCount)
    for (a, b) in zip(many, one) { #expect(isClose(a, b, 1e-6)) }
  }

  @Test func errorFunctionsOfFloatsAreGoodToTheLastPlaces() {
    let places = (-50_000...50_000).map { Float($0) / 10_000 } + [0, -0.0, 1e-30, -1e-37, 9, -1e30]
    let single = Tensor(places).erf().elements(as: Float.self)
    let double = Tensor(places.map(Double.init), dtype: .float64).erf().elements(as: Double.self)
    for (x, (found, exact)) in zip(places, zip(single, double)) {
      #expect(abs(Double(found) - exact) <= 2 * Double(Float(exact).ulp), "erf(\(x))")
    }
    let edges = Tensor([.infinity, -.infinity, .nan] as [Float]).erf().elements(as: Float.self)
    #expect(edges[0] == 1 && edges[1] == -1 && edges[2].isNaN)
  }

  @Test(arguments: [1, 2, 3]) func pooledMaximaAreThoseOfTheirWindows(_ stride: Int) {
    let (height, width) = (13, 17)
    let plane = Tensor.randn([height, width], generator: Generator(seed: 1))
    let elements = plane.elements(as: Float.self)
    var expected: [Float] = []
    for y in Swift.stride(from: 0, through: height - 3, by: stride) {
      for x in Swift.stride(from: 0, through: width - 2, by: stride) {
        let window = (0..<6).map { elements[(y + $0 / 2) * width + x + $0 % 2] }
        expected.append(window.max() ?? .nan)
      }
    }
    let pooled = plane.reshaped([1, 1, height, width])
      .maxPool2d((3, 2), stride: (stride, stride))
    #expect(pooled.elements(as: Float.self) == expected)
  }

  @Test func productsOfViewsEqualProductsOfCopies() {
    let source = Tensor(pattern([6, 7], 0), shape: [6, 7])
    let left: [Tensor] = [
      source.sliced(0, 1..<4).sliced(1, 2..<6),
      source.transposed().sliced(0, 2..<5).sliced(1, 1..<5),
      source.sliced(0, 0..<6, step: 2).sliced(1, 0..<7, step: 2),
      source.select(0, 2).sliced(0, 0..<4).expanded([3, 4]),
      source.sliced(0, 2..<3).sliced(1, 1..<5),
      source.transposed().sliced(0, 2..<3).sliced(1, 1..<5),
    ]
    let right: [Tensor] = [
      source.sliced(0, 2..<6).sliced(1, 1..<3),
      source.transposed().sliced(0, 1..<5).sliced(1, 3..<6),
      source.sliced(0, 1..<5).sliced(1, 3..<4),
      source.transposed().sliced(0, 0..<4).sliced(1, 5..<6),
    ]
    for a in left {
      for b in right {
        let copied = Tensor(a.array.copied()).matmul(Tensor(b.array.copied()))
        #expect(a.matmul(b).doubles == copied.doubles)
      }
    }
  }

  @Test func metaTensorsHaveNoElements() async {
    let x = Device.with(.meta) { Tensor.zeros([1 << 20, 1 << 20]) }
    #expect(x.device == .meta && x.shape == [1 << 20, 1 << 20])
    await #expect(processExitsWith: .failure) {
      _ = Device.with(.meta) { Tensor.zeros([2]) }.elements(as: Float.self)
    }
  }

  @Test func indicesOutOfRangeTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor([5]).embedding(Tensor.ones([5, 2]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.ones([2, 2]).gather(0, Tensor([2, 0], shape: [1, 2]))
    }
    await #expect(processExitsWith: .failure) { _ = Tensor.ones([2, 2]).select(0, 2) }
  }

  @Test func convolutionsThatDoNotFitTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor.ones([1, 3, 4, 4]).conv2d(Tensor.ones([2, 2, 3, 3]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.ones([1, 2, 2, 2]).conv2d(Tensor.ones([2, 2, 3, 3]))
    }
  }

  @Test func runningStatisticsMove() {
    let mean = Buffer(NDArray([0, 0] as [Float]))
    let variance = Buffer(NDArray([1, 1] as [Float]))
    let x = Tensor([1, 10, 3, 30, 5, 50] as [Float], shape: [3, 2])
    _ = x.batchNorm(runningMean: mean, runningVar: variance, training: true, momentum: 0.5)
    #expect(isClose(mean.doubles, [1.5, 15], 1e-6))
    #expect(isClose(variance.doubles, [2.5, 200.5], 1e-6))
  }
}
