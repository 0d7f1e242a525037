import Foundation
import TestSupport
import Testing

/// The samples run and print what they should.
@Suite struct SampleTests {
  /// The top of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  @Test func parametersAndBuffers() throws {
    let sample = try Command.tool("ParametersAndBuffers", [])
    #expect(sample.status == 0)
    #expect(
      sample.output == """
        parameters:
          conv1.0.weight (64, 1, 3, 3)
          conv1.0.bias (64,)
        buffers:
          register_buffer_in (4, 6)
        state dict:
          register_buffer_in (4, 6)
          conv1.0.weight (64, 1, 3, 3)
          conv1.0.bias (64,)
        state dict after registering a buffer:
          register_buffer_in (4, 6)
          register_buffer_out (15, 15)
          conv1.0.weight (64, 1, 3, 3)
          conv1.0.bias (64,)
        scratch is a buffer: true
        scratch is in the state dict: false
        every parameter requires a gradient: true
        frozen: true
        bias is reserved, and listed: false
        Net(
          (conv1): Sequential(
            (0): Conv2d(1, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
            (1): ReLU()
          )
        )

        """)
  }

  @Test func loadFromPyTorch() throws {
    let sample = try Command.tool("LoadFromPyTorch", ["\(Self.root)/Samples/Data"])
    #expect(sample.status == 0)
    #expect(sample.output.contains("epoch 3"))
    #expect(sample.output.contains("<All keys matched successfully>"))
    #expect(sample.output.contains("optimizer state for 9 parameters"))
    #expect(sample.output.hasSuffix("the same outputs as PyTorch\n"))
  }
}
