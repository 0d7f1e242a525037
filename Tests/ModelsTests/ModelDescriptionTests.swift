import Arrays
import Autograd
import Files
import Foundation
import Models
import NN
import States
import Testing

@Suite struct ModelDescriptionTests {
  private func build(_ json: String) throws -> Module {
    try ModelDescription(Value(json: json)).build()
  }

  private func reason(_ json: String) -> String {
    do {
      _ = try build(json)
      return "built"
    } catch {
      return "\(error)"
    }
  }

  private let moreLayers = [
    #"{"module": "EmbeddingBag", "num_embeddings": 5, "embedding_dim": 3, "max_norm": 2}"#:
      "EmbeddingBag(5, 3, max_norm=2.0, mode='mean')",
    #"{"module": "Bilinear", "in1_features": 3, "in2_features": 4, "out_features": 2}"#:
      "Bilinear(in1_features=3, in2_features=4, out_features=2, bias=True)",
    #"{"module": "Conv1d", "in_channels": 2, "out_channels": 3, "kernel_size": 3, "padding": "same"}"#:
      "Conv1d(2, 3, kernel_size=(3,), stride=(1,), padding=same)",
    #"{"module": "ConvTranspose1d", "in_channels": 2, "out_channels": 3, "kernel_size": 3}"#:
      "ConvTranspose1d(2, 3, kernel_size=(3,), stride=(1,))",
    #"{"module": "ConvTranspose2d", "in_channels": 2, "out_channels": 3, "kernel_size": 3}"#:
      "ConvTranspose2d(2, 3, kernel_size=(3, 3), stride=(1, 1))",
    #"{"module": "MaxPool1d", "kernel_size": 2}"#:
      "MaxPool1d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
    #"{"module": "AvgPool1d", "kernel_size": 2}"#:
      "AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))",
    #"{"module": "GroupNorm", "num_groups": 2, "num_channels": 4}"#:
      "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)",
    #"{"module": "RMSNorm", "normalized_shape": 4}"#:
      "RMSNorm((4,), eps=None, elementwise_affine=True)",
    #"{"module": "PixelShuffle", "upscale_factor": 2}"#: "PixelShuffle(upscale_factor=2)",
    #"{"module": "Upsample", "scale_factor": 2, "mode": "bilinear"}"#:
      "Upsample(scale_factor=2.0, mode='bilinear')",
    #"{"module": "Upsample", "size": [4, 5]}"#: "Upsample(size=(4, 5), mode='nearest')",
    #"{"module": "Upsample", "size": 4, "mode": "linear"}"#: "Upsample(size=4, mode='linear')",
    #"{"module": "LogSoftmax", "dim": 0}"#: "LogSoftmax(dim=0)",
    #"{"module": "Softmin", "dim": 0}"#: "Softmin(dim=0)", #"{"module": "GLU"}"#: "GLU(dim=-1)",
    #"{"module": "SELU"}"#: "SELU()", #"{"module": "SiLU"}"#: "SiLU()",
    #"{"module": "Mish"}"#: "Mish()", #"{"module": "Hardswish"}"#: "Hardswish()",
    #"{"module": "Hardsigmoid"}"#: "Hardsigmoid()", #"{"module": "Softsign"}"#: "Softsign()",
    #"{"module": "Tanhshrink"}"#: "Tanhshrink()", #"{"module": "LogSigmoid"}"#: "LogSigmoid()",
    #"{"module": "ReLU6"}"#: "ReLU6()",
    #"{"module": "LeakyReLU", "negative_slope": 0.2}"#: "LeakyReLU(negative_slope=0.2)",
    #"{"module": "PReLU", "num_parameters": 3}"#: "PReLU(num_parameters=3)",
    #"{"module": "ELU", "alpha": 0.5}"#: "ELU(alpha=0.5)",
    #"{"module": "CELU", "alpha": 0.5}"#: "CELU(alpha=0.5)",
    #"{"module": "Softplus"}"#: "Softplus(beta=1.0, threshold=20.0)",
    #"{"module": "Hardtanh"}"#: "Hardtanh(min_val=-1.0, max_val=1.0)",
    #"{"module": "RNN", "input_size": 3, "hidden_size": 4, "nonlinearity": "relu"}"#: "RNN(3, 4)",
    #"{"module": "LSTM", "input_size": 3, "hidden_size": 4, "num_layers": 2, "dropout": 0.5}"#:
      "LSTM(3, 4, num_layers=2, dropout=0.5)",
    #"{"module": "GRU", "input_size": 3, "hidden_size": 4, "bidirectional": true}"#:
      "GRU(3, 4, bidirectional=True)",
    #"{"module": "MultiheadAttention", "embed_dim": 4, "num_heads": 2}"#:
      "MultiheadAttention(\n  (out_proj): NonDynamicallyQuantizableLinear(in_features=4, "
      + "out_features=4, bias=True)\n)",
    #"{"module": "TransformerEncoderLayer", "d_model": 4, "nhead": 2, "dim_feedforward": 6}"#:
      TransformerEncoderLayer(4, 2, Self.small).description,
    #"{"module": "TransformerDecoderLayer", "d_model": 4, "nhead": 2, "dim_feedforward": 6}"#:
      TransformerDecoderLayer(4, 2, Self.small).description,
  ]

  /// Those that PyTorch has a transformer or a cell for, losses, and what works on windows.
  private let furtherLayers = [
    #"{"module": "RNNCell", "input_size": 3, "hidden_size": 4}"#: "RNNCell(3, 4)",
    #"{"module": "LSTMCell", "input_size": 3, "hidden_size": 4, "bias": false}"#:
      "LSTMCell(3, 4, bias=False)",
    #"{"module": "GRUCell", "input_size": 3, "hidden_size": 4}"#: "GRUCell(3, 4)",
    #"{"module": "Transformer", "d_model": 4, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 2, "dim_feedforward": 6}"#:
      Transformer(4, 2, numEncoderLayers: 1, numDecoderLayers: 2, Self.small).description,
    #"{"module": "TransformerEncoder", "d_model": 4, "nhead": 2, "dim_feedforward": 6, "num_layers": 2, "norm": true}"#:
      TransformerEncoder(
        TransformerEncoderLayer(4, 2, Self.small), numLayers: 2, norm: LayerNorm(4)
      ).description,
    #"{"module": "TransformerDecoder", "d_model": 4, "nhead": 2, "dim_feedforward": 6, "num_layers": 2}"#:
      TransformerDecoder(TransformerDecoderLayer(4, 2, Self.small), numLayers: 2).description,
    #"{"module": "InstanceNorm1d", "num_features": 3}"#:
      "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
    #"{"module": "InstanceNorm2d", "num_features": 3, "affine": true}"#:
      "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
    #"{"module": "InstanceNorm3d", "num_features": 3, "track_running_stats": true}"#:
      "InstanceNorm3d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)",
    #"{"module": "AdaptiveMaxPool1d", "output_size": 2}"#: "AdaptiveMaxPool1d(output_size=2)",
    #"{"module": "AdaptiveMaxPool2d", "output_size": [2, 3]}"#:
      "AdaptiveMaxPool2d(output_size=(2, 3))",
    #"{"module": "AdaptiveAvgPool1d", "output_size": 2}"#: "AdaptiveAvgPool1d(output_size=2)",
    #"{"module": "Dropout1d"}"#: "Dropout1d(p=0.5, inplace=False)",
    #"{"module": "Dropout2d", "p": 0.25}"#: "Dropout2d(p=0.25, inplace=False)",
    #"{"module": "Unfold", "kernel_size": 2}"#:
      "Unfold(kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1))",
    #"{"module": "Fold", "output_size": [4, 5], "kernel_size": 2}"#:
      "Fold(output_size=(4, 5), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1))",
    #"{"module": "MSELoss"}"#: "MSELoss()", #"{"module": "L1Loss"}"#: "L1Loss()",
    #"{"module": "SmoothL1Loss", "beta": 0.5}"#: "SmoothL1Loss()",
    #"{"module": "HuberLoss", "delta": 2}"#: "HuberLoss()",
    #"{"module": "CrossEntropyLoss", "label_smoothing": 0.1}"#: "CrossEntropyLoss()",
    #"{"module": "NLLLoss", "reduction": "sum"}"#: "NLLLoss()",
    #"{"module": "BCELoss"}"#: "BCELoss()",
    #"{"module": "BCEWithLogitsLoss"}"#: "BCEWithLogitsLoss()",
    #"{"module": "KLDivLoss", "reduction": "batchmean"}"#: "KLDivLoss()",
    #"{"module": "CosineEmbeddingLoss", "margin": 0.5}"#: "CosineEmbeddingLoss()",
  ]

  /// Those of volumes, paddings, shufflings, distances, and what is random.
  private let latestLayers = [
    #"{"module": "Conv3d", "in_channels": 2, "out_channels": 4, "kernel_size": [1, 2, 3], "groups": 2}"#:
      "Conv3d(2, 4, kernel_size=(1, 2, 3), stride=(1, 1, 1), groups=2)",
    #"{"module": "ConvTranspose3d", "in_channels": 2, "out_channels": 3, "kernel_size": 2, "stride": 2, "output_padding": [1, 0, 1]}"#:
      "ConvTranspose3d(2, 3, kernel_size=(2, 2, 2), stride=(2, 2, 2), output_padding=(1, 0, 1))",
    #"{"module": "BatchNorm3d", "num_features": 3, "bias": false}"#:
      "BatchNorm3d(3, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=True)",
    #"{"module": "MaxPool3d", "kernel_size": [1, 2, 2]}"#:
      "MaxPool3d(kernel_size=(1, 2, 2), stride=(1, 2, 2), padding=(0, 0, 0), dilation=(1, 1, 1), ceil_mode=False)",
    #"{"module": "AvgPool3d", "kernel_size": 2, "stride": [1, 2, 1]}"#:
      "AvgPool3d(kernel_size=(2, 2, 2), stride=(1, 2, 1), padding=(0, 0, 0))",
    #"{"module": "LPPool1d", "norm_type": 2, "kernel_size": 3}"#:
      "LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)",
    #"{"module": "LPPool2d", "norm_type": 1.5, "kernel_size": 3}"#:
      "LPPool2d(norm_type=1.5, kernel_size=(3, 3), stride=None, ceil_mode=False)",
    #"{"module": "LPPool3d", "norm_type": 2, "kernel_size": 2, "stride": 1, "ceil_mode": true}"#:
      "LPPool3d(norm_type=2, kernel_size=(2, 2, 2), stride=(1, 1, 1), ceil_mode=True)",
    #"{"module": "AdaptiveAvgPool3d", "output_size": [1, 2, 3]}"#:
      "AdaptiveAvgPool3d(output_size=(1, 2, 3))",
    #"{"module": "AdaptiveMaxPool3d", "output_size": 2}"#:
      "AdaptiveMaxPool3d(output_size=(2, 2, 2))",
    #"{"module": "LocalResponseNorm", "size": 5, "k": 2}"#:
      "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=2)",
    #"{"module": "ZeroPad1d", "padding": 1}"#:
      "ZeroPad1d((1, 1))",
    #"{"module": "ZeroPad2d", "padding": 2}"#:
      "ZeroPad2d((2, 2, 2, 2))",
    #"{"module": "ZeroPad3d", "padding": 3}"#:
      "ZeroPad3d((3, 3, 3, 3, 3, 3))",
    #"{"module": "ReflectionPad1d", "padding": 1}"#:
      "ReflectionPad1d((1, 1))",
    #"{"module": "ReflectionPad2d", "padding": 2}"#:
      "ReflectionPad2d((2, 2, 2, 2))",
    #"{"module": "ReflectionPad3d", "padding": 3}"#:
      "ReflectionPad3d((3, 3, 3, 3, 3, 3))",
    #"{"module": "ReplicationPad1d", "padding": 1}"#:
      "ReplicationPad1d((1, 1))",
    #"{"module": "ReplicationPad2d", "padding": 2}"#:
      "ReplicationPad2d((2, 2, 2, 2))",
    #"{"module": "ReplicationPad3d", "padding": 3}"#:
      "ReplicationPad3d((3, 3, 3, 3, 3, 3))",
    #"{"module": "CircularPad1d", "padding": 1}"#:
      "CircularPad1d((1, 1))",
    #"{"module": "CircularPad2d", "padding": 2}"#:
      "CircularPad2d((2, 2, 2, 2))",
    #"{"module": "CircularPad3d", "padding": 3}"#:
      "CircularPad3d((3, 3, 3, 3, 3, 3))",
    #"{"module": "ConstantPad1d", "padding": [1, -1], "value": 0.5}"#:
      "ConstantPad1d(padding=(1, -1), value=0.5)",
    #"{"module": "ConstantPad2d", "padding": 1, "value": 2}"#:
      "ConstantPad2d(padding=(1, 1, 1, 1), value=2)",
    #"{"module": "ConstantPad3d", "padding": [0, 1, 2, 3, 4, 5], "value": 0}"#:
      "ConstantPad3d(padding=(0, 1, 2, 3, 4, 5), value=0)",
    #"{"module": "PixelUnshuffle", "downscale_factor": 2}"#:
      "PixelUnshuffle(downscale_factor=2)",
    #"{"module": "ChannelShuffle", "groups": 2}"#:
      "ChannelShuffle(groups=2)",
    #"{"module": "UpsamplingNearest2d", "scale_factor": 2}"#:
      "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')",
    #"{"module": "UpsamplingBilinear2d", "size": [3, 4]}"#:
      "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')",
    #"{"module": "Dropout3d"}"#:
      "Dropout3d(p=0.5, inplace=False)",
    #"{"module": "AlphaDropout", "p": 0.1}"#:
      "AlphaDropout(p=0.1, inplace=False)",
    #"{"module": "FeatureAlphaDropout"}"#:
      "FeatureAlphaDropout(p=0.5, inplace=False)",
    #"{"module": "CosineSimilarity", "dim": -1}"#:
      "CosineSimilarity()",
    #"{"module": "PairwiseDistance", "p": 1, "keepdim": true}"#:
      "PairwiseDistance()",
    #"{"module": "Softmax2d"}"#:
      "Softmax2d()",
    #"{"module": "Hardshrink"}"#:
      "Hardshrink(0.5)",
    #"{"module": "Softshrink", "lambd": 0.25}"#:
      "Softshrink(0.25)",
    #"{"module": "Threshold", "threshold": 0.1, "value": 20}"#:
      "Threshold(threshold=0.1, value=20)",
    #"{"module": "RReLU", "lower": 0.25, "upper": 0.5}"#:
      "RReLU(lower=0.25, upper=0.5)",
    #"{"module": "HingeEmbeddingLoss", "margin": 2}"#:
      "HingeEmbeddingLoss()",
    #"{"module": "MarginRankingLoss"}"#:
      "MarginRankingLoss()",
    #"{"module": "SoftMarginLoss", "reduction": "none"}"#:
      "SoftMarginLoss()",
    #"{"module": "TripletMarginLoss", "swap": true}"#:
      "TripletMarginLoss()",
    #"{"module": "MultiMarginLoss", "p": 2}"#:
      "MultiMarginLoss()",
    #"{"module": "MultiLabelMarginLoss"}"#:
      "MultiLabelMarginLoss()",
    #"{"module": "MultiLabelSoftMarginLoss"}"#:
      "MultiLabelSoftMarginLoss()",
    #"{"module": "PoissonNLLLoss", "log_input": false}"#:
      "PoissonNLLLoss()",
    #"{"module": "GaussianNLLLoss", "full": true}"#:
      "GaussianNLLLoss()",
  ]

  private static var small: TransformerOptions {
    var options = TransformerOptions()
    options.dimFeedforward = 6
    return options
  }

  @Test func everyLayerIsBuilt() throws {
    let descriptions = [
      #"{"module": "Linear", "in_features": 3, "out_features": 2, "bias": false}"#:
        "Linear(in_features=3, out_features=2, bias=False)",
      #"{"module": "Conv2d", "in_channels": 4, "out_channels": 6, "kernel_size": [3, 1], "groups": 2}"#:
        "Conv2d(4, 6, kernel_size=(3, 1), stride=(1, 1), groups=2)",
      #"{"module": "BatchNorm2d", "num_features": 5, "momentum": null}"#:
        "BatchNorm2d(5, eps=1e-05, momentum=None, affine=True, bias=True, track_running_stats=True)",
      #"{"module": "BatchNorm1d", "num_features": 5, "eps": 0.5}"#:
        "BatchNorm1d(5, eps=0.5, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
      #"{"module": "LayerNorm", "normalized_shape": [4, 5]}"#:
        "LayerNorm((4, 5), eps=1e-05, elementwise_affine=True, bias=True)",
      #"{"module": "Embedding", "num_embeddings": 7, "embedding_dim": 3}"#: "Embedding(7, 3)",
      #"{"module": "MaxPool2d", "kernel_size": 2}"#:
        "MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil_mode=False)",
      #"{"module": "AvgPool2d", "kernel_size": 2, "stride": 1}"#:
        "AvgPool2d(kernel_size=(2, 2), stride=(1, 1), padding=(0, 0))",
      #"{"module": "AdaptiveAvgPool2d", "output_size": 1}"#:
        "AdaptiveAvgPool2d(output_size=(1, 1))",
      #"{"module": "Dropout", "p": 0.25}"#: "Dropout(p=0.25, inplace=False)",
      #"{"module": "Flatten"}"#: "Flatten(start_dim=1, end_dim=-1)",
      #"{"module": "Softmax", "dim": 1}"#: "Softmax(dim=1)",
      #"{"module": "GELU", "approximate": "tanh"}"#: "GELU(approximate='tanh')",
      #"{"module": "ReLU"}"#: "ReLU()", #"{"module": "Sigmoid"}"#: "Sigmoid()",
      #"{"module": "Tanh"}"#: "Tanh()", #"{"module": "Identity"}"#: "Identity()",
      #"{"module": "Unflatten", "dim": 1, "unflattened_size": [2, 3]}"#:
        "Unflatten(dim=1, unflattened_size=(2, 3))",
    ].merging(moreLayers) { $1 }.merging(furtherLayers) { $1 }
      .merging(latestLayers) { $1 }
    for (json, description) in descriptions {
      let built = try build(json)
      #expect(built.description.normalized == description)
    }
    let named = Set(descriptions.keys.compactMap { try? Value(json: $0)["module"]?.stringValue })
    let layers = Set(ModelCatalog.names).subtracting(ModelCatalog.architectureNames)
    #expect(named == layers.subtracting(["Sequential"]))
  }

  @Test func sequentialsNestAndRegister() throws {
    let model = try build(
      """
      {"module": "Sequential",
       "parameters": {"scale": {"shape": [], "dtype": "float64"}},
       "buffers": {"mean": {"shape": [3]}, "cache": {"shape": [2], "persistent": false}},
       "children": {"body": {"module": "Sequential", "children": [
         {"module": "Linear", "in_features": 3, "out_features": 2}, {"module": "ReLU"}]}}}
      """)
    #expect(Array(model.stateDict().keys) == ["scale", "mean", "body.0.weight", "body.0.bias"])
    #expect(model.stateDict().entries["mean"]?.role == .buffer)
    #expect(model(Tensor.ones([1, 3])).shape == [1, 2])
  }

  @Test func architecturesTakeArguments() throws {
    #expect(
      Array(try ModelSpec("mlp(3, 4, 2)").description.build().stateDict().keys)
        == ["0.weight", "0.bias", "2.weight", "2.bias"])
    let resnet = try ModelSpec("resnet18(num_classes=7)").description.build()
    #expect(resnet.stateDict()["fc.weight"]?.shape == [7, 512])
    // Where the layer is that is unknown, or that refuses an argument.
    for layer in [#"{"module": "Unheard"}"#, #"{"module": "Linear", "in_features": -1}"#] {
      let value = try Value(json: #"{"module": "Sequential", "children": [\#(layer)]}"#)
      let error = #expect(throws: ModelError.self) { try ModelDescription(value).build() }
      #expect(error?.path == "0")
    }
    #expect(throws: ModelError.self) { try ModelSpec("resnet19").description.build() }
    #expect(throws: ModelError.self) { try ModelSpec("mlp(3").description.build() }
    #expect(throws: ModelError.self) { try ModelSpec("mlp()").description.build() }
    #expect(throws: ModelError.self) { try ModelSpec("mlp(0, 1)").description.build() }
    #expect(throws: FileError.self) { try ModelSpec("missing.json").description.build() }
  }

  @Test func mistakesAreNamed() {
    #expect(reason("[]").contains("\"module\""))
    #expect(reason(#"{"module": "Linaer"}"#).contains("did you mean \"Linear\"?"))
    #expect(reason(#"{"module": "Linear", "in_features": 3}"#).contains("out_features is absent"))
    #expect(
      reason(#"{"module": "Linear", "in_features": 3, "out_features": 2, "biass": true}"#)
        .contains("did you mean \"bias\"?"))
    #expect(reason(#"{"module": "Linear", "in_features": -3, "out_features": 2}"#).contains("-3"))
    #expect(
      reason(#"{"module": "Sequential", "children": {"a.b": {"module": "ReLU"}}}"#)
        .contains("a.b"))
    #expect(
      reason(
        #"{"module": "Conv2d", "in_channels": 3, "out_channels": 4, "kernel_size": 3, "groups": 2}"#
      )
      .contains("groups"))
    #expect(
      reason(
        #"{"module": "Sequential", "buffers": {"x": {"shape": [1099511627776, 1099511627776]}}}"#
      )
      .contains("shape"))
    #expect(reason(#"{"module": "Dropout", "p": 2}"#).contains("between 0 and 1"))
    #expect(reason(#"{"module": "MSELoss", "reduction": "max"}"#).contains("reduction \"max\""))
    #expect(reason(#"{"module": "Threshold", "threshold": 1}"#).contains("value is absent"))
    #expect(
      reason(#"{"module": "ZeroPad2d", "padding": [1, 2]}"#).contains("an integer or 4"))
    #expect(reason(#"{"module": "ReflectionPad1d", "padding": -1}"#).contains("at least 0"))
    #expect(
      reason(#"{"module": "MaxPool3d", "kernel_size": [2, 2]}"#).contains("an integer or 3"))
    #expect(
      reason(#"{"module": "LPPool1d", "norm_type": 0, "kernel_size": 2}"#).contains("positive"))
    #expect(
      reason(
        #"{"module": "Embedding", "num_embeddings": 3, "embedding_dim": 2, "padding_idx": 3}"#
      ).contains("from -3 to 2"))
    #expect(reason(#"{"module": "MultiMarginLoss", "p": 3}"#).contains("neither 1 nor 2"))
    #expect(reason(#"{"module": "RReLU", "lower": 0.5}"#).contains("above upper"))
    #expect(reason(#"{"module": "UpsamplingNearest2d"}"#).contains("positive scale_factor"))
    #expect(
      reason(#"{"module": "Upsample", "size": 2, "scale_factor": 2}"#).contains("not both"))
    #expect(reason(#"{"module": "Upsample", "size": 2, "scale_factor": null}"#) == "built")
    #expect(
      reason(#"{"module": "LSTM", "input_size": 3, "hidden_size": 4, "proj_size": 4}"#)
        .contains("smaller than hidden_size"))
  }

  /// There is no layer of no features; PyTorch has some, and warns of them.
  @Test(arguments: [
    #""Linear", "in_features": 0, "out_features": 2"#,
    #""Linear", "in_features": 2, "out_features": 0"#,
    #""Conv1d", "in_channels": 0, "out_channels": 2, "kernel_size": 1"#,
    #""Conv2d", "in_channels": 2, "out_channels": 0, "kernel_size": 1"#,
    #""Embedding", "num_embeddings": 0, "embedding_dim": 2"#,
    #""BatchNorm2d", "num_features": 0"#, #""LSTM", "input_size": 2, "hidden_size": 0"#,
    #""MaxPool1d", "kernel_size": 0"#, #""ConvTranspose1d", "in_channels": 0"#,
  ])
  func lengthsArePositive(_ members: String) {
    #expect(reason(#"{"module": \#(members)}"#).contains("between 1 and"), "\(members)")
  }

  /// Every option of a convolution is read: what PyTorch prints says so.
  @Test(arguments: [
    (
      #""Conv1d", "in_channels": 4, "out_channels": 6, "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": false"#,
      "Conv1d(4, 6, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, bias=False)"
    ),
    (
      #""Conv2d", "in_channels": 4, "out_channels": 6, "kernel_size": [3, 5], "stride": [2, 1], "padding": [1, 2], "dilation": [2, 3], "groups": 2, "bias": false"#,
      "Conv2d(4, 6, kernel_size=(3, 5), stride=(2, 1), padding=(1, 2), dilation=(2, 3), groups=2, bias=False)"
    ),
    (
      #""Conv3d", "in_channels": 2, "out_channels": 3, "kernel_size": [1, 2, 3], "stride": 2, "padding": 1, "dilation": [3, 1, 2]"#,
      "Conv3d(2, 3, kernel_size=(1, 2, 3), stride=(2, 2, 2), padding=(1, 1, 1), dilation=(3, 1, 2))"
    ),
  ])
  func everyOptionOfAConvolutionIsRead(_ members: String, _ expected: String) throws {
    let value = try Value(json: #"{"module": \#(members)}"#)
    #expect(try ModelDescription(value).build().description.normalized == expected)
  }

  /// Many networks that are possible one by one, layers and tensors are counted together.
  @Test func theWholeIsBounded() {
    func many(_ json: String, _ count: Int) -> String {
      let children = Array(repeating: json, count: count).joined(separator: ", ")
      return #"{"module": "Sequential", "children": [\#(children)]}"#
    }
    #expect(reason(many(#"{"module": "vgg16"}"#, 1000)).contains("it would have"))
    let linear = #"{"module": "Linear", "in_features": 65536, "out_features": 65536}"#
    #expect(reason(many(linear, 5)).contains("it would have"))
    let identity = #"{"module": "Identity", "buffers": {"x": {"shape": [4294967296]}}}"#
    #expect(reason(many(identity, 5)).contains("it would have"))
  }

  /// Tensors beside the layers of a perceptron are kept.
  @Test func perceptronsKeepBuffers() throws {
    let model = try build(
      #"{"module": "mlp", "sizes": [2, 3], "buffers": {"x": {"shape": [4]}}}"#)
    #expect(Array(model.stateDict().entries.keys) == ["x", "0.weight", "0.bias"])
  }

  /// Lengths whose product is not an `Int`.
  @Test func weightsThatCannotBeCountedAreRefused() {
    for (layer, members) in [
      (
        "Bilinear", #""in1_features": 16777216, "in2_features": 16777216, "out_features": 16777216"#
      ),
      ("Conv1d", #""in_channels": 16777216, "out_channels": 16777216, "kernel_size": 16777216"#),
      ("Conv3d", #""in_channels": 3, "out_channels": 3, "kernel_size": 16777216"#),
    ] {
      #expect(reason(#"{"module": "\#(layer)", \#(members)}"#).contains("more than memory holds"))
    }
  }

  @Test func depthIsBounded() {
    var json = #"{"module": "ReLU"}"#
    for _ in 0..<100 { json = #"{"module": "Sequential", "children": [\#(json)]}"# }
    #expect(reason(json).contains("nested"))
    // Whatever the parser of JSON accepts.
    var value: Value = ["module": "ReLU"]
    for _ in 0..<63 { value = ["module": "Sequential", "children": [value]] }
    #expect(throws: Never.self) { try ModelDescription(value).build() }
    value = ["module": "Sequential", "children": [value]]
    let error = #expect(throws: ModelError.self) { try ModelDescription(value).build() }
    #expect(error?.reason.contains("deeply nested") == true, "\(error as Any)")
  }
}

extension String {
  /// Without a trailing line break, which descriptions may or may not have.
  fileprivate var normalized: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
