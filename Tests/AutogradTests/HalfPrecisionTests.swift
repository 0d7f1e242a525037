import Arrays
import Autograd
import Files
import Testing

/// Operations in types of half precision against PyTorch's: see `Fixtures/make_half.py`.
@Suite struct HalfPrecisionTests {
  static let samples: [OpSample] = [
    .init("linear", [2, 5], [4, 5], [4]) { $0[0].linear($0[1], $0[2]) },
    .init("matmul", [2, 2, 5], [5, 3]) { $0[0].matmul($0[1]) },
    .init("conv2d", [1, 2, 4, 4], [3, 2, 3, 3], [3]) {
      $0[0].conv2d($0[1], $0[2], padding: (1, 1))
    },
    .init("conv1d", [1, 2, 6], [2, 2, 3]) { $0[0].conv1d($0[1]) },
    .init("convTranspose2d", [1, 2, 3, 3], [2, 2, 2, 2], [2]) {
      $0[0].convTranspose2d($0[1], $0[2])
    },
    .init("maxPool2d", [1, 2, 4, 4]) { $0[0].maxPool2d((2, 2)) },
    .init("avgPool2d", [1, 2, 4, 4]) {
      $0[0].avgPool2d((3, 3), stride: (1, 1), padding: (1, 1))
    },
    .init("adaptiveAvgPool2d", [1, 2, 5, 4]) { $0[0].adaptiveAvgPool2d((3, 3)) },
    .init("adaptiveMaxPool2d", [1, 2, 5, 4]) { $0[0].adaptiveMaxPool2d((3, 3)) },
    .init("batchNorm.train", [3, 2, 4], [2], [2]) {
      $0[0].batchNorm(
        runningMean: nil, runningVar: nil, weight: $0[1], bias: $0[2], training: true)
    },
    .init("batchNorm.eval", [3, 2, 4], [2], [2]) { (x: [Tensor]) in
      let mean = Buffer(Tensor([0.5, -0.25], dtype: .float64).to(x[0].dtype))
      let variance = Buffer(Tensor([1.5, 0.75], dtype: .float64).to(x[0].dtype))
      return x[0].batchNorm(runningMean: mean, runningVar: variance, weight: x[1], bias: x[2])
    },
    .init("layerNorm", [3, 5], [5], [5]) { $0[0].layerNorm([5], weight: $0[1], bias: $0[2]) },
    .init("groupNorm", [2, 4, 3], [4], [4]) {
      $0[0].groupNorm(2, weight: $0[1], bias: $0[2])
    },
    .init("instanceNorm", [2, 2, 4]) { $0[0].instanceNorm() },
    .init("rmsNorm", [3, 5], [5]) { $0[0].rmsNorm([5], weight: $0[1]) },
    .init("bilinear", [3, 4], [3, 5], [2, 4, 5], [2]) { $0[0].bilinear($0[1], $0[2], $0[3]) },
    .init("interpolate", [1, 2, 4, 4]) { $0[0].interpolated(size: [3, 5], mode: .bilinear) },
    .init("addcmul", [3, 5], [3, 5], [3, 5]) { $0[0].addcmul($0[1], $0[2], value: 0.3) },
    .init("addcdiv", [3, 5], [3, 5], [3, 5]) { $0[0].addcdiv($0[1], $0[2], value: 0.3) },
    .init("softmax", [3, 5]) { $0[0].softmax(-1) },
    .init("logSoftmax", [3, 5]) { $0[0].logSoftmax(0) },
  ]

  /// Sums are rounded once, so that results are the exact ones within a unit in the last place.
  @Test(arguments: samples, [DType.float16, .bfloat16]) func sumsAreRoundedOnce(
    _ sample: OpSample, _ dtype: DType
  ) throws {
    let golden = try #require(Fixture.half["\(sample.name) \(dtype.rawValue) exact"])
    // The gradient of softmax follows from its rounded result, in PyTorch too.
    let factor = sample.name.hasSuffix("oftmax") ? 4.0 : 1
    let tolerance = factor * (dtype == .float16 ? 0x1p-10 : 0x1p-7)
    try expect(sample, dtype, golden) { isClose($0, $1, tolerance) }
  }

  /// The exact results, rounded once, to the bit: no sum was rounded before.
  @Test(
    arguments: samples.filter {
      ["linear", "bilinear", "interpolate", "addcmul", "addcdiv"].contains($0.name)
    }, [DType.float16, .bfloat16])
  func resultsAreThoseRoundedOnce(_ sample: OpSample, _ dtype: DType) throws {
    let golden = try #require(Fixture.half["\(sample.name) \(dtype.rawValue) exact"])
    let found = sample.function(sample.inputs(dtype))
    let exact = Tensor(golden.output, dtype: .float64).to(dtype)
    #expect(found.doubles == exact.doubles)
  }

  /// PyTorch rounds some sums on the way, and the statistics of normalisation.
  @Test(arguments: samples, [DType.float16, .bfloat16]) func resultsComeCloseToPyTorchs(
    _ sample: OpSample, _ dtype: DType
  ) throws {
    let golden = try #require(Fixture.half["\(sample.name) \(dtype.rawValue)"])
    try expect(sample, dtype, golden) { found, expected in
      let scale = max(1, expected.map(abs).max() ?? 1) * (dtype == .float16 ? 0x1p-8 : 0x1p-5)
      return found.count == expected.count
        && zip(found, expected).allSatisfy { abs($0 - $1) <= scale }
    }
  }

  private func expect(
    _ sample: OpSample, _ dtype: DType, _ golden: Fixture.Sample,
    _ agree: ([Double], [Double]) -> Bool
  ) throws {
    let inputs = sample.inputs(dtype)
    let output = sample.function(inputs)
    #expect(output.dtype == dtype)
    #expect(output.shape.dimensions == golden.shape)
    #expect(agree(output.doubles, golden.output), "\(output.doubles) \(golden.output)")
    let gradient = Tensor(pattern(output.shape, 7), shape: output.shape).to(dtype)
    let found = Tensor.gradients(of: [output], for: inputs, [gradient])
    for (gradient, expected) in zip(found, golden.gradients) {
      let gradient = try #require(gradient)
      #expect(gradient.dtype == dtype)
      #expect(agree(gradient.doubles, expected ?? []), "\(gradient.doubles) \(expected ?? [])")
    }
  }

  @Test func otherTypesTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor.ones([1, 1, 2, 2], dtype: .bool).maxPool2d((2, 2))
    }
    await #expect(processExitsWith: .failure) {
      let weight = Tensor.ones([1, 1, 1, 1])
      _ = Tensor.ones([1, 1, 2, 2], dtype: .bfloat16).conv2d(weight)
    }
  }
}
