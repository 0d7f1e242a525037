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

  @Test func everyNameIsOfASample() {
    #expect(Self.names.isSubset(of: LayerSample.all.map(\.name)))
  }
}
