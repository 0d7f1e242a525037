import Ballast
import TestSupport
import Testing

/// What is said of a file that is of another model.
@Suite struct RecognitionTests {
  /// A state with the keys and shapes of an architecture, of zeros that take no memory.
  private func state(_ spec: String) throws -> StateDict {
    let model = try Device.with(.meta) { try ModelSpec(spec).description.build() }
    var state = StateDict()
    for (key, tensor) in model.stateDict(keepVars: true) {
      state[key] = NDArray(zeros: .scalar, dtype: tensor.dtype).expanded(to: tensor.shape)
    }
    return state
  }

  @Test(arguments: [
    "resnet34", "resnet152", "densenet169", "vit_l_16", "swin_s", "efficientnet_b1", "unet",
    "gpt2-medium", "bert-base-cased", "all-MiniLM-L6-v2", "lenet5",
  ])
  func anArchitectureInItsUsualSizeIsNamed(_ name: String) throws {
    #expect(
      ModelCatalog.resemblance(of: try state(name))
        == "The keys and shapes are those of \(name): --model '\(name)'.")
  }

  @Test func whatIsMissingIsNamed() throws {
    var state = try state("resnet34")
    for key in ["fc.weight", "fc.bias"] { state[key] = nil }
    #expect(
      ModelCatalog.resemblance(of: state) == "The keys and shapes are those of resnet34 without fc."
    )
    state["layer4.2.bn2.weight"] = nil
    #expect(
      ModelCatalog.resemblance(of: state)
        == "The keys and shapes are those of resnet34 without layer4.2.bn2.weight, fc.")
  }

  @Test func anotherNumberOfClassesIsRead() throws {
    #expect(
      ModelCatalog.resemblance(of: try state("resnet50(num_classes=7)"))
        == "The keys and shapes are those of resnet50 with num_classes=7: "
        + "--model 'resnet50(num_classes=7)'.")
  }

  @Test func whatStandsBesideIsNamed() throws {
    var state = try state("lenet5")
    state["further.scale"] = NDArray(zeros: [1])
    #expect(
      ModelCatalog.resemblance(of: state)
        == "The keys and shapes are those of lenet5 and also further.")
  }

  /// Sizes are read off the shapes, and the options that no shape shows are named.
  @Test func anotherSizeIsRead() throws {
    let asked = try ModelSpec("BertModel").description
    let small =
      "BertModel(hidden_size=384,num_hidden_layers=5,intermediate_size=1000,vocab_size=99,"
      + "max_position_embeddings=64)"
    let text = try #require(
      ModelCatalog.resemblance(of: try state(small), refusedBy: asked))
    for part in [
      "are those of BertModel with", "vocab_size=99", "hidden_size=384", "num_hidden_layers=5",
      "intermediate_size=1000", "max_position_embeddings=64", "not to be seen: num_attention_heads",
    ] { #expect(text.contains(part), "\(text)") }
    #expect(!text.contains("type_vocab_size"), "\(text)")
  }

  /// The options that were asked for stay where shapes do not show them.
  @Test func optionsThatWereAskedForStay() throws {
    let asked = try ModelSpec("GPT2Model(n_head=2,n_embd=16,n_layer=1)").description
    let text = try #require(
      ModelCatalog.resemblance(
        of: try state("GPT2Model(n_head=2,n_embd=32,n_layer=3)"), refusedBy: asked))
    #expect(text.contains("with n_embd=32, n_layer=3"), "\(text)")
    #expect(text.contains("--model 'GPT2Model(n_embd=32,n_head=2,n_layer=3)'"), "\(text)")
  }

  @Test func prefixesAndOtherSourcesAreSeenThrough() throws {
    let wrapped = try Checkpoint(state: state("densenet169"))
      .renamed([KeyRenaming(#"^(.+)$=module.\1"#)])
    #expect(
      ModelCatalog.resemblance(of: wrapped.state)
        == "The keys and shapes, without the prefix 'module.', are those of densenet169: "
        + "--model 'densenet169'.")
    let source = try SourceCase.named("huggingface-resnet18").checkpoint(filled: false)
    let text = try #require(ModelCatalog.resemblance(of: source.state))
    #expect(text.contains("with the mapping 'torchvision-resnet-from-huggingface',"), "\(text)")
    #expect(text.contains("are those of resnet18 with num_classes=10"), "\(text)")
  }

  @Test func whatResemblesNothingIsNotGuessed() {
    #expect(ModelCatalog.resemblance(of: StateDict()) == nil)
    let own: StateDict = ["a.weight": NDArray(zeros: [2, 3]), "b": NDArray(zeros: [4])]
    #expect(ModelCatalog.resemblance(of: own) == nil)
  }

  @Test func aRefusedLoadSaysWhatTheFileIs() throws {
    let lenet = try ModelSpec("lenet5").description.build()
    let folder = try TemporaryFolder()
    try lenet.save(to: folder.file("model.h5"))
    let error = #expect(throws: LoadError.self) {
      try UNet(nChannels: 1, nClasses: 2, width: 2).load(from: folder.file("model.h5"))
    }
    #expect(
      error?.advice == "The keys and shapes are those of lenet5: --model 'lenet5'.")
  }
}
