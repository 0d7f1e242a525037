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

  @Test func classifyImage() throws {
    let sample = try Command.tool("ClassifyImage", ["\(Self.root)/Samples/Data"])
    #expect(sample.status == 0, "\(sample.errors)")
    #expect(sample.output.contains("381    0.00691"))
    #expect(sample.output.hasSuffix("the same five classes as torchvision\n"))
    #expect(!sample.output.contains("NOT"))
  }

  @Test func sentenceEmbedding() throws {
    let sample = try Command.tool("SentenceEmbedding", ["\(Self.root)/Samples/Data"])
    #expect(sample.status == 0, "\(sample.errors)")
    #expect(sample.output.hasPrefix("<All keys matched successfully>\ncosine of sentences 0 and 1"))
    #expect(sample.output.hasSuffix("the same embeddings as transformers\n"))
    #expect(!sample.output.contains("NOT"))
  }

  @Test func trainAndResume() throws {
    let folder = try TemporaryFolder()
    let sample = try Command.tool("TrainAndResume", [folder.path])
    #expect(sample.status == 0)
    #expect(
      sample.output == """
        a training that is left alone:
          epoch 8 done after step 48
        another that is killed:
          killed by signal 9
        it goes on in a new process:
          goes on in epoch 5, after step 25
          epoch 8 done after step 48
        the same bits in 9 parameters and buffers: true
        in the optimizer: true
        in scheduler, loader, random generator, step and loss: true

        """)
    // The one that was killed left no litter.
    #expect(folder.names == ["resumed.h5", "whole.h5"])
  }

  @Test func freezeAndFineTune() throws {
    let folder = try TemporaryFolder()
    let sample = try Command.tool("FreezeAndFineTune", [folder.path])
    #expect(sample.status == 0)
    #expect(
      sample.output == """
        refused: ["head.weight", "head.bias"]
        loaded 4, missing ["head.weight", "head.bias"]
        the loss fell: true
        changed: ["head.weight", "head.bias"]
        in the optimizer's groups: 6
        in the optimizer's state: ["head.weight", "head.bias"]
          backbone.0.weight: step 1.0
          backbone.0.bias: step 1.0
          backbone.2.weight: step 1.0
          backbone.2.bias: step 1.0
          head.weight: step 41.0
          head.bias: step 41.0

        """)
  }

  @Test func runningMeanBuffer() throws {
    let sample = try Command.tool("RunningMeanBuffer", [])
    #expect(sample.status == 0)
    #expect(
      sample.output == """
        step 1: running_mean [1.0, 10.0]
        step 2: running_mean [1.5, 15.0]
        step 3: running_mean [1.75, 17.5]
        state dict: scale, running_mean
        parameters: ["scale"]
        optimizer's state: ["scale"]
        after evaluation: [1.75, 17.5]
        loaded: [1.75, 17.5]
        the buffer requires a gradient: false

        """)
  }
}
