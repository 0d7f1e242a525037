import Arrays
import Autograd
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
    ]
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
  }

  @Test func depthIsBounded() {
    var json = #"{"module": "ReLU"}"#
    for _ in 0..<100 { json = #"{"module": "Sequential", "children": [\#(json)]}"# }
    #expect(reason(json).contains("nested"))
  }
}

extension String {
  /// Without a trailing line break, which descriptions may or may not have.
  fileprivate var normalized: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
