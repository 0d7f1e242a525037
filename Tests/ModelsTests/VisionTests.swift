import Ballast
import Files
import Foundation
import Testing

/// Networks for images against torchvision, LeNet-5 and U-Net against their published structure.
@Suite struct VisionTests {
  static let fullNames = ModelCatalog.architectureNames.filter {
    ((try? VisionTwins.all.get())?.networks ?? [:])[$0] != nil
  }
  static let smallNames = [
    "lenet5", "vgg11", "vgg11_bn", "mobilenet_v2", "densenet121", "efficientnet_b0",
    "convnext_tiny", "vit_b_16", "swin_t", "unet", "unet_bilinear",
  ]

  private func twin(_ name: String) throws -> VisionTwins.Small {
    try #require(try VisionTwins.all.get().small[name])
  }

  private func build(_ json: String) throws -> Module {
    try ModelDescription(Value(json: json)).build()
  }

  /// What is not a number is near nothing.
  @Test func nothingIsNearNaN() {
    withKnownIssue { expectNear([1, .nan], [1, 2]) }
  }

  @Test func everyNetworkHasATwin() throws {
    #expect(Set(Self.fullNames) == Set(try VisionTwins.all.get().networks.keys))
    #expect(Set(Self.smallNames) == Set(try VisionTwins.all.get().small.keys))
  }

  @Test(arguments: fullNames)
  func keysShapesAndTypesAreTheReferences(_ name: String) throws {
    let twin = try #require(try VisionTwins.all.get().networks[name])
    let model = try Device.with(.meta) { try build(#"{"module": "\#(name)"}"#) }
    let lines = model.stateDict(keepVars: true).map {
      "\($0.key) \($0.value.shape) \($0.value.dtype)"
    }
    if let listing = twin.listing { #expect(lines == listing) }
    #expect(lines.count == twin.count)
    var sum = RunningDigest()
    for line in lines { sum.update(line + "\n") }
    #expect(sum.digest.crc32 == twin.crc32)
  }

  @Test(arguments: smallNames)
  func initialValuesAreTheReferences(_ name: String) throws {
    let twin = try twin(name)
    let model = try Generator(seed: 7).use { try build(twin.description.text) }
    expectSums(model.stateValues, twin.initial)
  }

  @Test(arguments: smallNames)
  func aLoadedNetworkGivesTheReferencesOutputs(_ name: String) throws {
    let twin = try twin(name)
    let model = try build(twin.description.text).eval()
    try model.load(from: VisionTwins.path(name))
    let values = try Checkpoint(contentsOf: VisionTwins.path("\(name).values")).state
    let images = patternedImages([3] + twin.shape)
    for (key, range) in [("batch", 0..<3), ("single", 1..<2)] {
      let expected = try #require(values[key])
      let output = noGrad { model(images.sliced(0, range)) }
      #expect(output.shape == expected.shape)
      expectNear([Double](output), [Double](Tensor(expected)), "\(name) \(key)")
    }
  }

  @Test(arguments: smallNames)
  func aStepOfTrainingIsTheReferences(_ name: String) throws {
    let twin = try twin(name)
    let model = try build(twin.description.text).train()
    try model.load(from: VisionTwins.path(name))
    let expected = try #require(
      try Checkpoint(contentsOf: VisionTwins.path("\(name).values")).state["trained"])
    let optimizer = SGD(model, lr: 0.05, momentum: 0.9, weightDecay: 1e-3)
    let output = Generator(seed: 13).use { model(patternedImages([3] + twin.shape)) }
    expectNear([Double](output), [Double](Tensor(expected)), name)
    output.square().mean().backward()
    expectSums(model.gradientValues, twin.gradients)
    optimizer.step()
    expectSums(model.stateValues, twin.stepped)
  }

  @Test(arguments: ["mobilenet_v2", "densenet121", "efficientnet_b0", "swin_t"])
  func seededNetworksGiveTorchvisionsOutputs(_ name: String) throws {
    let expected = try #require(try VisionTwins.all.get().seeded[name])
    let model = try Generator(seed: 0).use {
      try build(#"{"module": "\#(name)", "num_classes": 10}"#).eval()
    }
    let output = noGrad { model(patternedImages([1, 3, 70, 93])) }
    expectNear([Double](output), expected, name)
  }

  @Test func aStepOfResNet18IsTorchvisions() throws {
    let twin = try VisionTwins.all.get().step
    let model = Generator(seed: 0).use { ResNet(.resNet18, numClasses: 10) }
    let optimizer = SGD(model, lr: 0.05, momentum: 0.9, weightDecay: 1e-3)
    let images = patternedImages([4, 3, 48, 40])
    let output = model(images)
    expectNear([Double](output), twin.output, "output")
    output.crossEntropy(Tensor([3, 1, 4, 9])).backward()
    expectSums(model.gradientValues, twin.gradients)
    optimizer.step()
    expectSums(model.stateValues, twin.stepped)
    let after = noGrad { model.eval()(images) }
    expectNear([Double](after), twin.after, "output after the step")
  }

  @Test func wrongOptionsAreRefused() {
    for (json, reason) in [
      (#"{"module": "vit_b_16", "hidden_dim": 100}"#, "hidden_dim 100 does not divide into 12"),
      (#"{"module": "vit_b_16", "image_size": 100}"#, "does not divide into patches of 16"),
      (#"{"module": "vit_b_16", "representation_size": 0}"#, "representation_size is 0"),
      (#"{"module": "vit_b_16", "num_layers": 1001}"#, "1001 blocks are too many"),
      (
        #"{"module": "vit_b_16", "num_layers": 1000, "mlp_dim": 16384, "hidden_dim": 12000}"#,
        "parameters"
      ),
      (
        #"{"module": "swin_t", "embed_dim": 16383, "mlp_ratio": 64, "window_size": 2}"#,
        "it would have"
      ),
      (
        #"{"module": "efficientnet_b0", "width_mult": 64, "inverted_residual_setting": [[16384, 16383, 1, 16384, 16384, 900]]}"#,
        "it would have"
      ),
      (#"{"module": "vgg16", "num_classes": 16000000}"#, "it would have 6"),
      (#"{"module": "swin_t", "num_heads": [3, 6, 12, 25]}"#, "do not divide into 25 heads"),
      (#"{"module": "swin_t", "depths": [2, 2]}"#, "there are 2 depths and 4 num_heads"),
      (#"{"module": "swin_t", "mlp_ratio": -1}"#, "mlp_ratio is -1"),
      (#"{"module": "swin_t", "window_size": [7, 0]}"#, "window_size is [7, 0]"),
      (#"{"module": "swin_t", "window_size": 5000}"#, "at most 64"),
      (
        #"{"module": "swin_t", "window_size": 64, "depths": [250, 250, 250, 250]}"#,
        "pairs of patches"
      ),
      (#"{"module": "convnext_tiny", "widths": [8]}"#, "there are 1 widths and 4 depths"),
      (#"{"module": "convnext_tiny", "depths": [1, 0, 1, 1]}"#, "depths is [1, 0, 1, 1]"),
      (#"{"module": "efficientnet_b0", "width_mult": 0}"#, "width_mult is 0"),
      (
        #"{"module": "efficientnet_b0", "inverted_residual_setting": [[1, 2, 1, 8, 8, 1]]}"#,
        "an odd kernel"
      ),
      (
        #"{"module": "mobilenet_v2", "inverted_residual_setting": [[1, 8, 1]]}"#,
        "rows of 4 positive integers"
      ),
      (#"{"module": "mobilenet_v2", "width_mult": 1000}"#, "width_mult is 1000"),
      (#"{"module": "densenet121", "block_config": []}"#, "block_config is []"),
      (#"{"module": "densenet121", "drop_rate": 2}"#, "drop_rate is 2"),
      (#"{"module": "vgg16", "width": 0}"#, "width is 0"),
      (#"{"module": "vgg16", "dropout": "half"}"#, "dropout is"),
      (#"{"module": "lenet5", "in_channels": -1}"#, "in_channels is -1"),
      (#"{"module": "unet", "bilinear": true, "width": 3}"#, "even if the network is bilinear"),
      (#"{"module": "unet", "n_class": 3}"#, "did you mean \"n_classes\"?"),
    ] {
      do {
        _ = try build(json)
        Issue.record("\(json) was built")
      } catch {
        #expect("\(error)".contains(reason), "\(json): \(error)")
      }
    }
  }

  @Test func filesOfTheFirstTransformersLoad() throws {
    let twin = try twin("vit_b_16")
    let model = try build(twin.description.text)
    var old = try Checkpoint(contentsOf: VisionTwins.path("vit_b_16")).state
    for (key, entry) in old.entries {
      for (name, former) in [("mlp.0.", "mlp.linear_1."), ("mlp.3.", "mlp.linear_2.")]
      where key.contains(name) {
        old.entries[key] = nil
        old.entries[key.replacingOccurrences(of: name, with: former)] = entry
      }
    }
    #expect(old.keys.contains("encoder.layers.encoder_layer_1.mlp.linear_2.bias"))
    try model.loadStateDict(old)
    old.moduleVersions["encoder.layers.encoder_layer_0.mlp"] = 2
    #expect(throws: LoadError.self) { try model.loadStateDict(old) }
  }

  @Test func stochasticDepthDropsWholeImages() throws {
    // A block of ConvNeXt whose last one is always dropped gives what it gets.
    let json = """
      {"module": "convnext_tiny", "widths": [4], "depths": [2], "stochastic_depth_prob": 1,
       "layer_scale": 5, "num_classes": 3}
      """
    let model = try build(json)
    let blocks = try #require(model.submodule("features.1") as? Sequential)
    let x = Tensor.randn([2, 4, 3, 3])
    let first = blocks[0](x)
    #expect([Double](blocks[1](first)) == [Double](first))
    #expect([Double](first) != [Double](x))
    model.eval()
    #expect([Double](blocks[1](first)) != [Double](first))
  }
}
