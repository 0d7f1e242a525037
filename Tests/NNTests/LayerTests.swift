import Arrays
import Autograd
import Files
import NN
import Testing

/// Every layer against PyTorch's.
@Suite struct LayerTests {
  @Test func tableAndFixtureListTheSameLayers() {
    #expect(Set(LayerSample.all.map(\.name)) == Set(Fixture.layers.layers.keys))
  }

  private func golden(_ sample: LayerSample) throws -> Fixture.Layer {
    try #require(Fixture.layers.layers[sample.name])
  }

  /// A state dict has PyTorch's keys in its order, and its initial values after the same seed.
  @Test(arguments: LayerSample.all) func keysShapesTypesAndFirstValues(
    _ sample: LayerSample
  ) throws {
    let golden = try golden(sample)
    let state = Generator(seed: 42).use(sample.make).stateDict()
    #expect(Array(state.keys) == golden.initial.map(\.key))
    for entry in golden.initial {
      let array = try #require(state[entry.key])
      #expect(array.shape.dimensions == entry.shape)
      #expect(array.dtype.rawValue == entry.dtype)
      // Normal numbers go through functions that libraries round differently.
      let isNormal =
        sample.name.hasPrefix("Embedding") || entry.key.hasSuffix("bias_k")
        || entry.key.hasSuffix("bias_v")
      #expect(isClose(array.doubles, entry.values, isNormal ? 1e-6 : 0), "\(entry.key)")
    }
  }

  /// No layer is left out of the comparisons with PyTorch.
  @Test func everyLayerOfPyTorchIsCompared() {
    let modules =
      LayerSample.all.flatMap { $0.make().modules() }
      + CallSample.all.flatMap { $0.run().0.modules() }
    let compared = Set(modules.map(\.typeName))
    let names = """
      Linear Bilinear Embedding Conv1d Conv2d ConvTranspose1d ConvTranspose2d BatchNorm1d BatchNorm2d
      LayerNorm GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d RMSNorm MaxPool1d MaxPool2d
      AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d
      Dropout Dropout1d Dropout2d RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention
      Transformer TransformerEncoder TransformerEncoderLayer TransformerDecoder
      TransformerDecoderLayer ReLU LeakyReLU PReLU ELU GELU SiLU Mish Sigmoid Tanh Softplus
      Hardswish Hardsigmoid Softmax LogSoftmax Flatten Unflatten Upsample PixelShuffle Identity Fold
      Unfold Sequential ModuleList MSELoss L1Loss SmoothL1Loss HuberLoss CrossEntropyLoss
      NLLLoss BCELoss BCEWithLogitsLoss KLDivLoss CosineEmbeddingLoss
      Conv3d ConvTranspose3d MaxPool3d AvgPool3d AdaptiveAvgPool3d AdaptiveMaxPool3d BatchNorm3d
      Hardshrink Softshrink Threshold Hardtanh ReLU6 SELU CELU GLU LogSigmoid Softsign Tanhshrink
      Softmin Softmax2d RReLU Dropout3d AlphaDropout FeatureAlphaDropout LPPool1d LPPool2d LPPool3d
      ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad1d
      ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d
      CircularPad1d CircularPad2d CircularPad3d LocalResponseNorm PixelUnshuffle ChannelShuffle
      UpsamplingNearest2d UpsamplingBilinear2d CosineSimilarity PairwiseDistance
      HingeEmbeddingLoss MarginRankingLoss SoftMarginLoss TripletMarginLoss
      TripletMarginWithDistanceLoss MultiMarginLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss
      PoissonNLLLoss GaussianNLLLoss
      """.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(Set(names).subtracting(compared).isEmpty)
  }

  /// A description is what PyTorch's `repr` prints.
  @Test(arguments: LayerSample.all) func descriptionIsPyTorchs(_ sample: LayerSample) throws {
    #expect(sample.make().description == (try golden(sample)).description)
  }

  /// The versions of classes are those in the `_metadata` of PyTorch's state dicts.
  @Test(arguments: LayerSample.all) func versionsArePyTorchs(_ sample: LayerSample) throws {
    let found = sample.make().stateDict().moduleVersions.map {
      [Fixture.Version.path($0.key), .number($0.value)]
    }
    #expect(found == (try golden(sample)).versions)
  }

  /// Outputs, gradients and running statistics are PyTorch's, in training and in evaluation.
  @Test(arguments: LayerSample.all) func valuesAndGradients(_ sample: LayerSample) throws {
    let golden = try golden(sample)
    let module = Generator(seed: 42).use(sample.make)
    let shape = Shape(golden.input)
    let input =
      golden.indices.map { Tensor($0, shape: shape) }
      ?? Tensor(pattern(shape, 0).array, requiresGrad: true)
    let output = Generator(seed: 1).use { module(input) }
    #expect(output.shape.dimensions == golden.outputShape)
    #expect(isClose(output.doubles, golden.output, 1e-5))
    if output.requiresGrad { output.backward(pattern(output.shape, 7)) }
    #expect(isClose(input.grad?.doubles ?? [], golden.inputGradient, 1e-5))
    for (name, parameter) in module.namedParameters() {
      let found = try #require(parameter.grad).doubles
      #expect(isClose(found, try #require(golden.gradients[name]), 1e-5), "\(name)")
    }
    #expect(module.buffers().count == golden.trained.count)
    for (buffer, expected) in zip(module.buffers(), golden.trained) {
      #expect(isClose(buffer.doubles, expected, 1e-5))
    }
    module.eval()
    #expect(isClose(module(input).doubles, golden.evaluated, 1e-5))
  }

  @Test func containersPrintAsInPyTorch() throws {
    let golden = Fixture.layers.descriptions
    let list = ModuleList([Linear(1, 2), Linear(1, 2), ReLU(), Linear(1, 2)])
    #expect(list.description == golden["ModuleList"])
    let dict = ModuleDict(["a": ReLU(), "b": Sequential(Tanh())])
    #expect(dict.description == golden["ModuleDict"])
    #expect(Sequential().description == golden["Empty"])
    #expect(CrossEntropyLoss().description == golden["CrossEntropyLoss"])
    #expect(MSELoss().description == golden["MSELoss"])
  }

  @Test func lossesAreThoseOfTheOperations() {
    let x = pattern([3, 4], 0)
    let classes = Tensor([1, 3, 0])
    #expect(CrossEntropyLoss()(x, classes).doubles == x.crossEntropy(classes).doubles)
    let weighted = CrossEntropyLoss(weight: Tensor.ones([4]), labelSmoothing: 0.1)
    #expect(
      weighted(x, classes).doubles
        == x.crossEntropy(classes, weight: Tensor.ones([4]), labelSmoothing: 0.1).doubles)
    #expect(Array(weighted.stateDict().keys) == ["weight"])
    #expect(weighted.parameters().isEmpty)
    #expect(MSELoss(reduction: .sum)(x, x * 2).doubles == x.mseLoss(x * 2, reduction: .sum).doubles)
  }

  /// In evaluation, batch normalization uses its running statistics and leaves them alone.
  @Test func batchNormEvaluatesWithoutChangingStatistics() {
    let layer = BatchNorm2d(2)
    layer.eval()
    let before = layer.stateDict()
    _ = layer(pattern([2, 2, 3, 3], 0))
    for key in before.keys {
      #expect(before[key].map { layer.stateDict()[key]?.isBitwiseEqual(to: $0) ?? false } ?? false)
    }
  }

  @Test func batchNormOfOneValueTraps() async {
    await #expect(processExitsWith: .failure) { _ = BatchNorm1d(2)(Tensor.ones([1, 2])) }
    await #expect(processExitsWith: .failure) { _ = BatchNorm2d(2)(Tensor.ones([4, 2])) }
  }

  @Test func initialisersFollowPyTorch() {
    Generator(seed: 7).use(checkInitialisers)
  }

  private func checkInitialisers() {
    // The bound of each distribution, and fans of (out, in, …).
    #expect(Initialization.fans(of: [4, 3, 2, 2]) == (12, 16))
    let weight = Parameter(Tensor.zeros([50, 40]))
    Initialization.xavierUniform(weight, gain: 2)
    let bound = 2 * (6.0 / 90).squareRoot()
    #expect(weight.abs().max().item(as: Float.self) <= Float(bound))
    #expect(weight.abs().max().item(as: Float.self) > Float(bound) * 0.95)
    Initialization.kaimingNormal(weight, fan: .output)
    let deviation = weight.standardDeviation().item(as: Float.self)
    #expect(abs(deviation - Float(0.2)) < 0.01)
    Initialization.xavierNormal(weight)
    #expect(abs(weight.standardDeviation().item(as: Float.self) - 0.149) < 0.01)
    Initialization.constant(weight, 3)
    #expect(weight.min().item(as: Float.self) == 3 && weight.max().item(as: Float.self) == 3)
  }

  /// `1 / 8` as an argument is an eighth, as in Python, and not a quotient of integers.
  @Test func argumentsMayBeComputed() {
    #expect(LeakyReLU(negativeSlope: 1 / 8).negativeSlope == 0.125)
    #expect(RReLU(lower: 1 / 8, upper: 1 / 2).upper == 0.5)
    #expect(Hardtanh(minVal: -1 / 2, maxVal: 6).minVal == -0.5)
    #expect(ConstantPad1d(1, 1 / 4).value == 0.25)
    #expect(LPPool1d(3 / 2, 2).extraDescription.hasPrefix("norm_type=1.5"))
    #expect(Dropout(1 / 2).p == 0.5)
  }

  /// By hand: of three equal numbers and one that is the next, the mean is no float of the same size,
  /// and the deviation of a sample is half of the distance.
  @Test func theVarianceFarFromZeroIsExact() throws {
    for start in [Float(4096), -100_000, 16_777_215] {
      let step = start.nextUp - start
      let module = BatchNorm1d(1, momentum: 1)
      _ = module(Tensor(NDArray([start, start, start, start.nextUp], shape: [4, 1])))
      let variance = try #require(module.runningVar).doubles[0]
      #expect(abs(variance / Double(step * step) - 0.25) < 1e-6, "\(start): \(variance)")
    }
  }

  /// Biases of another type than the weights, as a state that is adopted may bring, are refused.
  @Test(arguments: ["rnn", "gru", "lstm"]) func cellsRefuseBiasesOfAnotherType(
    _ kind: String
  ) async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [kind = kind as String] in
      let cell: RecurrentCell =
        switch kind {
        case "rnn": RNNCell(2, 3)
        case "gru": GRUCell(2, 3)
        default: LSTMCell(2, 3)
        }
      var state = cell.stateDict()
      if let bias = state["bias_hh"] { state.entries["bias_hh"] = .init(bias.cast(to: .float64)) }
      try cell.loadStateDict(state, assign: true)
      _ = cell(Tensor.ones([1, 2]))
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("recurrence: input and weights must have the same dtype"), "\(text)")
  }
}
