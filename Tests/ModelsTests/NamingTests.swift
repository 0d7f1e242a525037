import Ballast
import Files
import Foundation
import TestSupport
import Testing

/// What other libraries call the tensors of well-known networks, and what their networks answer: see
/// `Fixtures/make_sources.py`.
struct SourceCase: CustomTestStringConvertible {
  let name: String
  let value: Value

  var testDescription: String { name }

  static let all: [SourceCase] = {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/sources.json")
    guard let text = try? String(contentsOf: path, encoding: .utf8),
      let value = try? Value(json: text)
    else { return [] }
    return (value.dictionary ?? [:]).map { SourceCase(name: $0.key.text, value: $0.value) }
  }()

  static func named(_ name: String) throws -> SourceCase {
    try #require(all.first { $0.name == name })
  }

  /// The model with the description, on a device.
  func model() throws -> Module {
    try ModelDescription(try #require(value["description"])).build()
  }

  /// The file that the library saves, with the numbers of its generator.
  func checkpoint(filled: Bool = true) throws -> Checkpoint {
    var state = StateDict()
    for line in try #require(value["listing"]?.elements) {
      let parts = try #require(line.stringValue).split(
        separator: " ", omittingEmptySubsequences: false)
      let (key, shape) = (
        String(parts[0]), Shape(parts[1].split(separator: ",").compactMap { Int($0) })
      )
      state[key] =
        key.hasSuffix("num_batches_tracked")
        ? NDArray(Int64(0)) : filled ? Self.pattern(key, shape) : NDArray(zeros: shape)
    }
    return Checkpoint(state: state)
  }

  /// The output of the library's network.
  func output() -> [Float]? {
    value["output"]?.elements?.compactMap { $0.doubleValue.map { Float($0) } }
  }

  /// The numbers that the generator gives a tensor.
  static func pattern(_ key: String, _ shape: Shape) -> NDArray {
    var sum = RunningDigest()
    sum.update(key)
    let seed = Int(sum.digest.crc32 % 1009)
    let inputs = shape.dropFirst().reduce(1, *)
    let scale = Float((12 / Double(inputs)).squareRoot())
    let numbers = (0..<shape.elementCount).map { place -> Float in
      let number = Float((place * 37 + seed) % 1009) / 1009 - 0.5
      if key.hasSuffix("running_var") { return number + 1 }
      if shape.rank > 1 { return number * scale }
      return key.hasSuffix("weight") ? number / 4 + 1 : number
    }
    return NDArray(numbers, shape: shape)
  }
}

/// Files with the names of other sources.
@Suite struct NamingTests {
  static let mappings: [String: [String]] = [
    "timm-convnext": ["torchvision-convnext-from-timm"],
    "timm-convnext_tiny": ["torchvision-convnext-from-timm"],
    "facebook-convnext": ["torchvision-convnext-from-facebook"],
    "timm-vit": ["torchvision-vit-from-timm"],
    "huggingface-vit": [
      "torchvision-vit-from-huggingface (that source normalises layers with 1e-12 by default, this model with "
        + "1e-6)"
    ],
    "timm-mobilenet_v2": ["torchvision-mobilenet_v2-from-timm"],
    "timm-densenet": [], "timm-resnet18": [],
    "old-densenet": ["torchvision-densenet-from-old"],
    "huggingface-resnet18": [
      "torchvision-resnet-from-huggingface (that of a configuration with downsample_in_bottleneck has other "
        + "strides)"
    ],
    "timm-vgg11": ["torchvision-vgg-from-timm"], "timm-vgg11_bn": ["torchvision-vgg-from-timm"],
  ]

  @Test func everyCaseIsTested() {
    #expect(Set(SourceCase.all.map(\.name)) == Set(Self.mappings.keys))
  }

  @Test(arguments: SourceCase.all)
  func everySourceIsRecognised(_ source: SourceCase) throws {
    let model = try Device.with(.meta) { try source.model() }
    let (named, mappings) = try model.namedByModel(try source.checkpoint(filled: false))
    #expect(mappings == Self.mappings[source.name])
    #expect(model.loadReport(for: named.state).isAcceptable(strict: true))
    // The inverse leads back to the source's names and shapes.
    let original = try source.checkpoint(filled: false).state
    var back = named
    for name in mappings {
      back = try #require(TensorMapping(named: String(name.prefix { $0 != " " }))).inverted().apply(
        to: back
      ).checkpoint
    }
    #expect(Set(back.state.keys) == Set(original.keys))
    for (key, entry) in original.entries {
      #expect(back.state[key]?.shape == entry.array.shape, "\(key)")
    }
  }

  @Test(arguments: SourceCase.all.filter { $0.output() != nil })
  func aLoadedNetworkAnswersAsItsSource(_ source: SourceCase) throws {
    let model = try source.model().eval()
    let folder = try TemporaryFolder()
    try source.checkpoint().save(to: folder.file("model.safetensors"))
    let report = try model.load(from: folder.file("model.safetensors"))
    #expect(report.mappings == Self.mappings[source.name])
    let told = "loaded with the mapping"
    #expect("\(report)".contains(told) == !report.mappings.isEmpty)
    let size = try #require(source.value["size"]?.intValue)
    let images = Tensor(SourceCase.pattern("pixels", [2, 3, size, size]))
    let expected = try #require(source.output())
    let output = noGrad { model(images) }.elements(as: Float.self)
    #expect(output.count == expected.count)
    let greatest = expected.map(\.magnitude).max() ?? 0
    for (mine, theirs) in zip(output, expected) {
      #expect((mine - theirs).magnitude <= 1e-4 * greatest)
    }
  }

  /// The prefixes of wrappers come before the names of another source.
  @Test func wrappersAndSourcesMayBeCombined() throws {
    let source = try SourceCase.named("old-densenet")
    let wrapped = try source.checkpoint().renamed([KeyRenaming(#"^(.+)$=_orig_mod.module.\1"#)])
    let (_, mappings) = try source.model().namedByModel(wrapped)
    #expect(mappings == ["strip-prefix _orig_mod.module.", "torchvision-densenet-from-old"])
  }

  /// What is not whole stays as it is, and is refused.
  @Test func aNamingIsTakenForTheWholeFileOnly() throws {
    let source = try SourceCase.named("old-densenet")
    var checkpoint = try source.checkpoint()
    checkpoint.state["further"] = NDArray([1] as [Float])
    let model = try source.model()
    let (named, mappings) = try model.namedByModel(checkpoint)
    #expect(mappings.isEmpty)
    #expect(named.state.keys == checkpoint.state.keys)
    #expect(throws: LoadError.self) { try model.loadStateDict(checkpoint.state) }
    // PyTorch's own call takes the model's names only.
    let plain = try source.checkpoint()
    #expect(throws: LoadError.self) { try model.loadStateDict(plain.state) }
  }

  /// Which is meant cannot be told, so that none is taken.
  @Test func twoNamingsThatFitAreRefused() throws {
    final class Pair: Module, NamedBySources {
      private let a = Linear(2, 2, bias: false)
      private let b = Linear(2, 2, bias: false)

      var namings: [KeyNaming] {
        [["x", "y"], ["y", "x"]].compactMap { names in
          guard
            let mapping = try? TensorMapping(rules: [
              .rename(pattern: "^\(names[0])\\.", to: "a.", inverse: nil),
              .rename(pattern: "^\(names[1])\\.", to: "b.", inverse: nil),
            ])
          else { return nil }
          return KeyNaming("by-\(names[0])", mapping)
        }
      }
    }
    let file = Checkpoint(state: [
      "x.weight": NDArray(zeros: [2, 2]), "y.weight": NDArray(zeros: [2, 2]),
    ])
    let error = #expect(throws: LoadError.self) { try Pair().namedByModel(file) }
    #expect(error?.advice?.contains("by-x; by-y") == true)
  }

  /// transformers' class without a head reads files of those with one whose head is that of the
  /// embeddings, and the other way round.
  @Test(arguments: [
    ("gpt2", "GPT2Model", "transformer.", "lm_head.weight", "transformer.wte.weight"),
    ("llama", "LlamaModel", "model.", "lm_head.weight", "model.embed_tokens.weight"),
  ])
  func aTiedHeadIsLeftOut(
    _ name: String, _ type: String, _ prefix: String, _ head: String, _ table: String
  ) throws {
    let fixture = LanguageFixture(name: name)
    let model = try ModelDescription(
      huggingFaceConfiguration: fixture.configuration(), architecture: type
    ).build()
    var state = try fixture.state()
    state[head] = nil
    #expect(try model.namedByModel(Checkpoint(state: state)).mappings == ["strip-prefix \(prefix)"])
    state[head] = state[table]
    let told = try model.namedByModel(Checkpoint(state: state)).mappings
    #expect(told.count == 1)
    #expect(told[0].hasPrefix("strip-prefix \(prefix) ('\(head)' is a copy of '"))
    let other = try #require(state[table])
    state[head] = NDArray(zeros: other.shape)
    #expect(try model.namedByModel(Checkpoint(state: state)).mappings.isEmpty)
  }

  @Test func filesOfTheFirstBertAreToldAsSuch() throws {
    let fixture = LanguageFixture(name: "bert")
    let model = try fixture.model()
    let old = try Checkpoint(state: fixture.state()).renamed([
      KeyRenaming(#"LayerNorm\.weight$=LayerNorm.gamma"#),
      KeyRenaming(#"LayerNorm\.bias$=LayerNorm.beta"#), KeyRenaming(#"^(.+)$=bert.\1"#),
    ])
    var state = old.state
    state["bert.embeddings.position_ids"] = NDArray((0..<16).map { Int64($0) }, shape: [1, 16])
    let (named, mappings) = try model.namedByModel(Checkpoint(state: state))
    #expect(mappings == ["strip-prefix bert."])
    let report = try model.loadStateDict(named.state)
    #expect(
      report.changes.contains(
        .renamed(from: "embeddings.LayerNorm.gamma", to: "embeddings.LayerNorm.weight")))
    #expect(report.changes.contains(.dropped("embeddings.position_ids")))
    #expect("\(report)".contains("10 keys of an older version renamed"))
  }

  @Test func whatIsTiedOrAbsentIsTold() throws {
    let model = try LanguageFixture(name: "bert-masked-lm").model()
    var state = try LanguageFixture(name: "bert-masked-lm").state()
    state["cls.predictions.decoder.weight"] = nil
    state["cls.predictions.decoder.bias"] = nil
    let report = try model.loadStateDict(state)
    #expect(
      Set(report.changes) == [
        .filled(
          "cls.predictions.decoder.weight", from: "bert.embeddings.word_embeddings.weight"),
        .filled("cls.predictions.decoder.bias", from: "cls.predictions.bias"),
      ])
    let norm = BatchNorm2d(3)
    var old = norm.stateDict()
    old["num_batches_tracked"] = nil
    old.moduleVersions = [:]
    #expect(try BatchNorm2d(3).loadStateDict(old).changes == [.added("num_batches_tracked")])
  }
}
