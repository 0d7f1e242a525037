import Ballast
import Foundation
import TestSupport
import Testing

/// Models that write how they are built, and are built again from it.
@Suite struct DescriptionWritingTests {
  /// Every layer, with options of which none is the default, where it has some.
  static let layers = [
    #"{"module": "Linear", "in_features": 3, "out_features": 2, "bias": false}"#,
    #"{"module": "Bilinear", "in1_features": 3, "in2_features": 4, "out_features": 2}"#,
    #"{"module": "Embedding", "num_embeddings": 5, "embedding_dim": 3, "padding_idx": -2}"#,
    #"{"module": "Embedding", "num_embeddings": 5, "embedding_dim": 3, "max_norm": 1.5, "norm_type": 1, "scale_grad_by_freq": true}"#,
    #"{"module": "EmbeddingBag", "num_embeddings": 5, "embedding_dim": 3, "max_norm": 1.5, "norm_type": 3, "scale_grad_by_freq": true, "mode": "sum", "include_last_offset": true, "padding_idx": 1}"#,
    #"{"module": "EmbeddingBag", "num_embeddings": 5, "embedding_dim": 3, "mode": "max"}"#,
    #"{"module": "Dropout", "p": 0.25}"#, #"{"module": "Dropout1d", "p": 1}"#,
    #"{"module": "Dropout2d", "p": 0.1}"#, #"{"module": "Dropout3d", "p": 0.1}"#,
    #"{"module": "AlphaDropout", "p": 0.1}"#, #"{"module": "FeatureAlphaDropout", "p": 0.1}"#,
    #"{"module": "Identity"}"#, #"{"module": "Flatten", "start_dim": 2, "end_dim": 3}"#,
    #"{"module": "Unflatten", "dim": 1, "unflattened_size": [2, 3]}"#,
    #"{"module": "CosineSimilarity", "dim": 2, "eps": 0.1}"#,
    #"{"module": "PairwiseDistance", "p": 1.5, "eps": 0.1, "keepdim": true}"#,
    #"{"module": "Conv1d", "in_channels": 4, "out_channels": 6, "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": false, "padding_mode": "reflect"}"#,
    #"{"module": "Conv1d", "in_channels": 2, "out_channels": 3, "kernel_size": 3, "padding": "same"}"#,
    #"{"module": "Conv2d", "in_channels": 4, "out_channels": 6, "kernel_size": [3, 5], "stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "groups": 2, "bias": false, "padding_mode": "circular"}"#,
    #"{"module": "Conv2d", "in_channels": 4, "out_channels": 6, "kernel_size": 1, "padding": "valid"}"#,
    #"{"module": "Conv3d", "in_channels": 4, "out_channels": 6, "kernel_size": [1, 2, 3], "stride": [1, 2, 1], "padding": [0, 1, 2], "dilation": [2, 1, 1], "groups": 2}"#,
    #"{"module": "Conv3d", "in_channels": 2, "out_channels": 3, "kernel_size": [3, 2, 3], "padding": "same", "padding_mode": "replicate"}"#,
    #"{"module": "Conv3d", "in_channels": 2, "out_channels": 3, "kernel_size": 2, "padding": "valid"}"#,
    #"{"module": "ConvTranspose1d", "in_channels": 4, "out_channels": 6, "kernel_size": 3, "stride": 3, "padding": 1, "output_padding": 2, "groups": 2, "bias": false, "dilation": 2}"#,
    #"{"module": "ConvTranspose2d", "in_channels": 4, "out_channels": 6, "kernel_size": [3, 2], "stride": [2, 3], "padding": [1, 0], "output_padding": [1, 2], "groups": 2, "dilation": [1, 2]}"#,
    #"{"module": "ConvTranspose3d", "in_channels": 2, "out_channels": 4, "kernel_size": [3, 2, 1], "stride": 2, "output_padding": 1, "groups": 2}"#,
    #"{"module": "Unfold", "kernel_size": [2, 3], "dilation": 2, "padding": [1, 0], "stride": 2}"#,
    #"{"module": "Fold", "output_size": [4, 5], "kernel_size": 2, "padding": [1, 0]}"#,
    #"{"module": "Softmax", "dim": 1}"#, #"{"module": "LogSoftmax", "dim": 0}"#,
    #"{"module": "Softmin", "dim": 0}"#, #"{"module": "GLU", "dim": 1}"#,
    #"{"module": "GELU", "approximate": "tanh"}"#, #"{"module": "ReLU"}"#,
    #"{"module": "Sigmoid"}"#, #"{"module": "Tanh"}"#, #"{"module": "SELU"}"#,
    #"{"module": "SiLU"}"#, #"{"module": "Mish"}"#, #"{"module": "Hardswish"}"#,
    #"{"module": "Hardsigmoid"}"#, #"{"module": "Softsign"}"#, #"{"module": "Tanhshrink"}"#,
    #"{"module": "LogSigmoid"}"#, #"{"module": "ReLU6"}"#, #"{"module": "Softmax2d"}"#,
    #"{"module": "LeakyReLU", "negative_slope": 1}"#,
    #"{"module": "PReLU", "num_parameters": 3}"#, #"{"module": "ELU", "alpha": 2}"#,
    #"{"module": "CELU", "alpha": 0.5}"#, #"{"module": "Softplus", "beta": 2, "threshold": 7.5}"#,
    #"{"module": "Hardtanh", "min_val": -2, "max_val": 0.5}"#,
    #"{"module": "Hardshrink", "lambd": 1}"#, #"{"module": "Softshrink", "lambd": 0.25}"#,
    #"{"module": "Threshold", "threshold": 1, "value": 2.0}"#,
    #"{"module": "RReLU", "lower": 0.25, "upper": 1}"#,
    #"{"module": "BatchNorm1d", "num_features": 3, "eps": 0.01, "momentum": null}"#,
    #"{"module": "BatchNorm2d", "num_features": 3, "momentum": 0.3, "affine": false}"#,
    #"{"module": "BatchNorm3d", "num_features": 3, "bias": false, "track_running_stats": false}"#,
    #"{"module": "InstanceNorm1d", "num_features": 3, "eps": 0.01, "momentum": 0.3}"#,
    #"{"module": "InstanceNorm2d", "num_features": 3, "affine": true}"#,
    #"{"module": "InstanceNorm3d", "num_features": 3, "affine": true, "bias": false, "track_running_stats": true}"#,
    #"{"module": "LayerNorm", "normalized_shape": [2, 3], "eps": 0.01, "bias": false}"#,
    #"{"module": "LayerNorm", "normalized_shape": 4, "elementwise_affine": false}"#,
    #"{"module": "GroupNorm", "num_groups": 2, "num_channels": 4, "eps": 0.01, "affine": false}"#,
    #"{"module": "GroupNorm", "num_groups": 2, "num_channels": 4, "bias": false}"#,
    #"{"module": "RMSNorm", "normalized_shape": 4}"#,
    #"{"module": "RMSNorm", "normalized_shape": [4], "eps": 0.01, "elementwise_affine": false}"#,
    #"{"module": "LocalResponseNorm", "size": 3, "alpha": 1, "beta": 0.5, "k": 2.5}"#,
    #"{"module": "MaxPool1d", "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "ceil_mode": true}"#,
    #"{"module": "MaxPool2d", "kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": 2, "ceil_mode": true}"#,
    #"{"module": "MaxPool2d", "kernel_size": 2}"#,
    #"{"module": "MaxPool3d", "kernel_size": [3, 2, 1], "stride": 2, "padding": [1, 0, 0]}"#,
    #"{"module": "AvgPool1d", "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": true, "count_include_pad": false}"#,
    #"{"module": "AvgPool2d", "kernel_size": [3, 2], "stride": 2, "padding": 1, "count_include_pad": false}"#,
    #"{"module": "AvgPool3d", "kernel_size": 2, "ceil_mode": true}"#,
    #"{"module": "LPPool1d", "norm_type": 2, "kernel_size": 3, "stride": 2, "ceil_mode": true}"#,
    #"{"module": "LPPool2d", "norm_type": 1.5, "kernel_size": [3, 2]}"#,
    #"{"module": "LPPool3d", "norm_type": 2.0, "kernel_size": 2, "stride": [1, 2, 1]}"#,
    #"{"module": "AdaptiveAvgPool1d", "output_size": 3}"#,
    #"{"module": "AdaptiveAvgPool2d", "output_size": [3, 2]}"#,
    #"{"module": "AdaptiveAvgPool3d", "output_size": 2}"#,
    #"{"module": "AdaptiveMaxPool1d", "output_size": 3}"#,
    #"{"module": "AdaptiveMaxPool2d", "output_size": 2}"#,
    #"{"module": "AdaptiveMaxPool3d", "output_size": [3, 2, 1]}"#,
    #"{"module": "ZeroPad1d", "padding": [1, -1]}"#, #"{"module": "ZeroPad2d", "padding": 2}"#,
    #"{"module": "ZeroPad3d", "padding": [1, 2, 3, 4, 5, 6]}"#,
    #"{"module": "ReflectionPad1d", "padding": 1}"#,
    #"{"module": "ReflectionPad2d", "padding": 1}"#,
    #"{"module": "ReflectionPad3d", "padding": 1}"#,
    #"{"module": "ReplicationPad1d", "padding": 1}"#,
    #"{"module": "ReplicationPad2d", "padding": [1, 0, 2, 1]}"#,
    #"{"module": "ReplicationPad3d", "padding": 1}"#, #"{"module": "CircularPad1d", "padding": 1}"#,
    #"{"module": "CircularPad2d", "padding": 1}"#, #"{"module": "CircularPad3d", "padding": 1}"#,
    #"{"module": "ConstantPad1d", "padding": 1, "value": 2}"#,
    #"{"module": "ConstantPad2d", "padding": [1, 2, 0, -1], "value": 2.5}"#,
    #"{"module": "ConstantPad3d", "padding": 1, "value": -1.0}"#,
    #"{"module": "PixelShuffle", "upscale_factor": 2}"#,
    #"{"module": "PixelUnshuffle", "downscale_factor": 2}"#,
    #"{"module": "ChannelShuffle", "groups": 2}"#,
    #"{"module": "Upsample", "scale_factor": 2, "mode": "bilinear", "align_corners": true}"#,
    #"{"module": "Upsample", "size": [4, 5]}"#,
    #"{"module": "Upsample", "size": 4, "mode": "linear"}"#,
    #"{"module": "UpsamplingNearest2d", "size": [4, 5]}"#,
    #"{"module": "UpsamplingBilinear2d", "scale_factor": 1.5}"#,
    #"{"module": "RNN", "input_size": 3, "hidden_size": 4, "nonlinearity": "relu", "bias": false}"#,
    #"{"module": "LSTM", "input_size": 3, "hidden_size": 4, "num_layers": 2, "dropout": 0.5, "batch_first": true, "bidirectional": true, "proj_size": 2}"#,
    #"{"module": "GRU", "input_size": 3, "hidden_size": 4, "bidirectional": true}"#,
    #"{"module": "RNNCell", "input_size": 3, "hidden_size": 4, "nonlinearity": "relu"}"#,
    #"{"module": "LSTMCell", "input_size": 3, "hidden_size": 4, "bias": false}"#,
    #"{"module": "GRUCell", "input_size": 3, "hidden_size": 4}"#,
    #"{"module": "MultiheadAttention", "embed_dim": 6, "num_heads": 3, "dropout": 0.1, "kdim": 4, "vdim": 5, "batch_first": true, "add_bias_kv": true, "add_zero_attn": true}"#,
    #"{"module": "MultiheadAttention", "embed_dim": 6, "num_heads": 2, "bias": false}"#,
    #"{"module": "Transformer", "d_model": 6, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 2, "dim_feedforward": 5, "dropout": 0.2, "activation": "gelu", "layer_norm_eps": 0.01, "batch_first": true, "norm_first": true, "bias": false}"#,
    #"{"module": "TransformerEncoder", "d_model": 6, "nhead": 3, "num_layers": 2, "norm": true, "dim_feedforward": 5}"#,
    #"{"module": "TransformerDecoder", "d_model": 6, "nhead": 3, "num_layers": 2, "dim_feedforward": 5, "norm_first": true}"#,
    #"{"module": "TransformerEncoderLayer", "d_model": 6, "nhead": 3, "dim_feedforward": 5, "activation": "gelu"}"#,
    #"{"module": "TransformerDecoderLayer", "d_model": 6, "nhead": 2, "dim_feedforward": 5, "bias": false}"#,
    #"{"module": "MSELoss", "reduction": "sum"}"#, #"{"module": "L1Loss", "reduction": "none"}"#,
    #"{"module": "SmoothL1Loss", "reduction": "sum", "beta": 2}"#,
    #"{"module": "HuberLoss", "delta": 0.5}"#,
    #"{"module": "CrossEntropyLoss", "ignore_index": 3, "reduction": "sum", "label_smoothing": 0.1}"#,
    #"{"module": "NLLLoss", "ignore_index": 3}"#, #"{"module": "BCELoss", "reduction": "sum"}"#,
    #"{"module": "BCEWithLogitsLoss", "reduction": "none"}"#,
    #"{"module": "KLDivLoss", "reduction": "batchmean", "log_target": true}"#,
    #"{"module": "CosineEmbeddingLoss", "margin": 0.5}"#,
    #"{"module": "HingeEmbeddingLoss", "margin": 0.5}"#,
    #"{"module": "MarginRankingLoss", "margin": 0.5}"#, #"{"module": "SoftMarginLoss"}"#,
    #"{"module": "TripletMarginLoss", "margin": 0.5, "p": 1, "eps": 0.1, "swap": true}"#,
    #"{"module": "MultiMarginLoss", "p": 2, "margin": 0.5}"#,
    #"{"module": "MultiLabelMarginLoss"}"#, #"{"module": "MultiLabelSoftMarginLoss"}"#,
    #"{"module": "PoissonNLLLoss", "log_input": false, "full": true, "eps": 0.1}"#,
    #"{"module": "GaussianNLLLoss", "full": true, "eps": 0.1}"#,
  ]

  /// The module of a description, which has forgotten from what it was built.
  private func forgetful(_ json: String) throws -> Module {
    let module = try ModelDescription(Value(json: json)).build()
    for part in module.modules() { part.builtFrom = nil }
    return module
  }

  /// The model that the description of another builds, by way of its text.
  private func again(_ module: Module) throws -> Module {
    let text = try ModelDescription(of: module).value.json()
    return try ModelDescription(Value(json: text)).build()
  }

  private func listing(_ model: Module) -> [String] {
    model.stateDict(keepVars: true).map { "\($0.key) \($0.value.shape) \($0.value.dtype)" }
  }

  private func expectSame(_ mine: Module, _ theirs: Module) {
    #expect(mine.description == theirs.description)
    #expect(listing(mine) == listing(theirs))
  }

  @Test func everyLayerIsHere() throws {
    let names = try Set(Self.layers.map { try #require(Value(json: $0)["module"]?.stringValue) })
    let layers = Set(ModelCatalog.names).subtracting(ModelCatalog.architectureNames)
    #expect(names == layers.subtracting(["Sequential"]))
  }

  @Test(arguments: layers)
  func everyLayerIsBuiltFromWhatItWrites(_ json: String) throws {
    let layer = try forgetful(json)
    let copy = try again(layer)
    expectSame(copy, layer)
    // What a description says of each option is what the layer was given.
    let written = try #require(try ModelDescription(of: layer).value.dictionary)
    for (name, value) in try #require(Value(json: json).dictionary) {
      let mine = try #require(written[name], "\(name)")
      #expect(isSame(mine, value), "\(name)")
    }
  }

  /// Whether two arguments are the same to a layer: one number stands for several.
  private func isSame(_ mine: Value, _ theirs: Value) -> Bool {
    // Negative indices are counted from the end: the layer itself is compared.
    if let index = theirs.intValue, index < 0, mine.intValue != nil { return true }
    if let a = mine.doubleValue, let b = theirs.doubleValue { return a == b }
    if let several = mine.elements, theirs.elements == nil {
      return several.allSatisfy { isSame($0, theirs) }
    }
    return mine == theirs
  }

  @Test(arguments: ModelCatalog.architectureNames.filter { $0 != "mlp" })
  func everyArchitectureIsBuiltFromWhatItWrites(_ name: String) throws {
    try Device.with(.meta) {
      // The size of a vocabulary has no default.
      let size = name == "lstm-language-model" ? #", "ntoken": 7"# : ""
      let json = #"{"module": "\#(name)"\#(size)}"#
      let model = try ModelDescription(Value(json: json)).build()
      #expect(try ModelDescription(of: model).value == Value(json: json))
      for part in model.modules() { part.builtFrom = nil }
      guard size.isEmpty else {
        // What cannot be built without arguments is not recognised, and that is said.
        #expect(throws: ModelError.self) { try again(model) }
        return
      }
      expectSame(try again(model), model)
    }
  }

  @Test func networksMadeInSwiftAreDescribed() throws {
    expectSame(try again(MLP([3, 4, 2])), MLP([3, 4, 2]))
    let small = ResNet(.resNet18, numClasses: 3)
    #expect(
      try ModelDescription(of: small).value
        == Value(json: #"{"module": "resnet18", "num_classes": 3}"#))
    var options = BertModel.Configuration()
    (options.vocabSize, options.hiddenSize, options.numHiddenLayers) = (29, 8, 2)
    (options.numAttentionHeads, options.intermediateSize) = (4, 12)
    options.hiddenDropout = 0.25
    let bert = BertModel(options)
    expectSame(try again(bert), bert)
  }

  @Test func sequencesKeepNamesAndRegistrations() throws {
    let model = Sequential(
      (
        "features",
        Sequential(
          Conv2d(1, 2, kernelSize: 3), BatchNorm2d(2), ReLU(), MaxPool2d(2), LPPool1d(2, 3))
      ),
      ("head", Linear(2, 3)))
    model.registerBuffer("weights", Tensor.zeros([3]))
    model.registerBuffer("scratch", Tensor.zeros([2], dtype: .int64), persistent: false)
    model.layers["head"]?.registerParameter("scale", Parameter(Tensor.zeros([1])))
    let copy = try again(model)
    #expect(listing(copy) == listing(model))
    #expect(copy.namedBuffers().map(\.name).contains("scratch"))
    // The order of registrations, and whether they are saved, is compared too.
    let folder = try TemporaryFolder()
    try model.save(to: folder.file("m.h5"), architecture: ModelDescription(of: model))
    let read = try Checkpoint(contentsOf: folder.file("m.h5"))
    let built = try ModelDescription(try #require(read.architecture)).build()
    #expect(try built.loadStateDict(read.state).isAcceptable(strict: true))
  }

  @Test func whatADescriptionCannotSayIsRefusedWithItsPlace() throws {
    final class Own: Module {
      let layer = Linear(2, 2)
      override func forward(_ input: Tensor) -> Tensor { layer(input) }
    }
    let unknown = #expect(throws: ModelError.self) {
      try ModelDescription(of: Sequential(("a", Sequential(Own()))))
    }
    #expect(unknown?.path == "a.0")
    // One layer twice would be two layers.
    let shared = Linear(2, 2)
    let tied = #expect(throws: ModelError.self) {
      try ModelDescription(of: Sequential(shared, shared))
    }
    #expect("\(try #require(tied))".contains("cannot be described as it is"))
    // A network that was changed is not what it was built from.
    let changed = try ModelDescription(Value(json: #"{"module": "lenet5"}"#)).build()
    changed.registerBuffer("further", Tensor.zeros([1]))
    #expect(throws: ModelError.self) { try ModelDescription(of: changed) }
  }

  @Test func classesOfTheProgramsOwnAreRegistered() throws {
    final class Towers: Module {
      let width: Int
      private let towers: ModuleList<Linear>

      init(width: Int) {
        self.width = width
        towers = ModuleList((0..<2).map { _ in Linear(width, width) })
      }
    }
    struct TooWide: Error {}
    try ModelCatalog.register("Towers", Towers.self) {
      ["width": .int($0.width)]
    } make: {
      guard let width = $0["width"]?.intValue, width < 9 else { throw TooWide() }
      return Towers(width: width)
    }
    let model = Sequential(("towers", Towers(width: 3)))
    #expect(
      try ModelDescription(of: model).value
        == Value(
          json:
            #"{"module": "Sequential", "children": {"towers": {"module": "Towers", "width": 3}}}"#))
    expectSame(try again(model), model)
    let wide = Sequential(("towers", Towers(width: 9)))
    let refused = #expect(throws: ModelError.self) { try ModelDescription(of: wide) }
    #expect(refused?.path == "towers")
    #expect(refused?.reason.contains("TooWide") == true)
    #expect(throws: ModelError.self) {
      try ModelCatalog.register("Linear", Towers.self) { _ in
        [:]
      } make: { _ in
        Towers(width: 1)
      }
    }
  }
}
