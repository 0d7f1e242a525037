import Arrays
import Autograd
import Files
import NN
import Testing

/// Layers that were moved to a type of half precision.
@Suite struct HalfModuleTests {
  private static let names: Set = [
    "Linear", "Conv2d", "Conv1d", "ConvTranspose2d", "BatchNorm2d", "LayerNorm", "GroupNorm",
    "InstanceNorm2d", "RMSNorm", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d", "RNN", "LSTM", "LSTM projected", "GRU", "LSTMCell", "Softmax", "GELU",
    "MultiheadAttention", "TransformerEncoderLayer", "Upsample bilinear", "net",
  ]

  /// A module converted to half precision computes the same, up to rounding.
  @Test(
    arguments: LayerSample.all.filter { names.contains($0.name) }, [DType.float16, .bfloat16])
  func outputsAreThoseOfFloat32Rounded(_ sample: LayerSample, _ dtype: DType) throws {
    let golden = try #require(Fixture.layers.layers[sample.name])
    let module = Generator(seed: 42).use(sample.make).eval().requiresGrad(false)
    let input = pattern(Shape(golden.input), 0)
    let expected = module(input).doubles
    let output = module.to(dtype)(Tensor(input.to(dtype).array, requiresGrad: true))
    #expect(output.dtype == dtype)
    // Weights, and what layers within give each other, are rounded.
    let scale = max(1, expected.map(abs).max() ?? 1) * (dtype == .float16 ? 0x1p-8 : 0x1p-5)
    #expect(zip(output.doubles, expected).allSatisfy { abs($0 - $1) <= scale })
    output.backward(pattern(output.shape, 7, dtype: dtype))
  }

  /// Attention with masks of booleans, and causal: outputs and gradients are PyTorch's of `float32`,
  /// but for rounding.
  @Test(
    arguments: CallSample.all.filter {
      $0.name.hasPrefix("MultiheadAttention") || $0.name.hasPrefix("Transformer")
    }, [DType.float16, .bfloat16])
  func maskedAttentionIsPyTorchsRounded(_ sample: CallSample, _ dtype: DType) throws {
    let golden = try #require(Fixture.calls[sample.name])
    let (module, call) = Generator(seed: 42).use(sample.run)
    module.to(dtype)
    let inputs = golden.shapes.enumerated().map {
      Tensor(pattern(Shape($0.element), $0.offset, dtype: dtype).array, requiresGrad: true)
    }
    let outputs = call(inputs)
    func expect(_ found: [Double], _ expected: [Double], _ what: String) {
      let scale = max(1, expected.map(abs).max() ?? 1) * (dtype == .float16 ? 0x1p-7 : 0x1p-4)
      #expect(found.count == expected.count, "\(what)")
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= scale }, "\(what)")
    }
    for (index, (output, expected)) in zip(outputs, golden.outputs).enumerated() {
      #expect(output.dtype == dtype)
      expect(output.doubles, expected, "output \(index)")
    }
    let gradients = Tensor.gradients(
      of: outputs, for: inputs,
      outputs.enumerated().map { pattern($0.element.shape, 7 + $0.offset, dtype: dtype) })
    for (index, (found, expected)) in zip(gradients, golden.inputGradients).enumerated() {
      #expect(found?.dtype == dtype)
      expect(found?.doubles ?? [], expected, "gradient \(index)")
    }
  }

  /// A Boolean mask is one of the queries' type, of which 0 keeps and negative infinity leaves out.
  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
  func masksAreOfTheQueriesType(_ dtype: DType) {
    let module = MultiheadAttention(4, 2, batchFirst: true)
    module.to(dtype)
    let x = pattern([2, 3, 4], 1, dtype: dtype)
    let isLeftOut = NDArray((0..<9).map { $0 % 3 > $0 / 3 }, shape: [3, 3])
    let added = NDArray((0..<9).map { $0 % 3 > $0 / 3 ? -Float.infinity : 0 }, shape: [3, 3])
    let (output, weights) = module(x, x, x, attentionMask: Tensor(isLeftOut))
    let (expected, _) = module(x, x, x, attentionMask: Tensor(added).to(dtype))
    #expect(output.dtype == dtype && weights?.dtype == dtype)
    #expect(output.doubles == expected.doubles)
  }

  @Test func everyNameIsOfASample() {
    #expect(Self.names.isSubset(of: LayerSample.all.map(\.name)))
  }
}
