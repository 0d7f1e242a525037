import Models
import NN
import States
import Testing

@Suite struct HuggingFaceConfigurationTests {
  private func reason(_ json: String) -> String {
    do {
      _ = try ModelDescription(huggingFaceConfiguration: Value(json: json)).build()
      return "built"
    } catch {
      return (error as? ModelError)?.reason ?? "\(error)"
    }
  }

  /// What the reference wrote is understood to the last member.
  @Test(arguments: LanguageFixture.all.filter { !$0.name.hasPrefix("lstm") })
  func configurationsOfTheReferenceAreUnderstood(_ fixture: LanguageFixture) throws {
    let configuration = try HuggingFaceConfiguration(try fixture.configuration())
    #expect(configuration.unknown.isEmpty)
    #expect(configuration.passedOver.contains("transformers_version"))
  }

  /// Members that ask for another computation are refused by name, and unknown ones are told.
  @Test(arguments: [
    (#""model_type": "bert""#, "architectures"),
    (#""model_type": "bert", "architectures": ["BertModel", "BertForMaskedLM"]"#, "several"),
    (#""architectures": ["BertModel"]"#, "model_type"),
    (#""model_type": "mamba", "architectures": ["MambaModel"]"#, "the family \"mamba\""),
    (
      #""model_type": "bert", "architectures": ["BertForQuestionAnswering"]"#,
      "the class BertForQuestionAnswering"
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "position_embedding_type": "relative_key""#,
      "position_embedding_type is \"relative_key\""
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "quantization_config": {"bits": 4}"#,
      "quantization_config"
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "is_decoder": true"#,
      "is_decoder is true"
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "norm_first": true"#,
      "nothing is known, norm_first"
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "hidden_size": 10, "num_attention_heads": 4"#,
      "hidden_size is 10, which does not divide into 4 heads"
    ),
    (
      #""model_type": "bert", "architectures": ["BertModel"], "hidden_act": "mish""#,
      "hidden_act is \"mish\""
    ),
    (
      #""model_type": "gpt2", "architectures": ["GPT2Model"], "reorder_and_upcast_attn": true"#,
      "reorder_and_upcast_attn"
    ),
    (
      #""model_type": "llama", "architectures": ["LlamaModel"], "rope_scaling": {"type": "yarn", "factor": 2}"#,
      "the type \"yarn\" is not supported"
    ),
    (
      #""model_type": "llama", "architectures": ["LlamaModel"], "num_attention_heads": 8, "num_key_value_heads": 3"#,
      "num_key_value_heads"
    ),
    (
      #""model_type": "qwen2", "architectures": ["Qwen2Model"], "num_hidden_layers": 1, "layer_types": ["linear_attention"]"#,
      "layer_types has linear_attention"
    ),
    (
      #""model_type": "t5", "architectures": ["T5ForConditionalGeneration"]"#,
      "T5ForConditionalGeneration"
    ),
    (
      #""model_type": "t5", "architectures": ["T5EncoderModel"], "feed_forward_proj": "swiglu""#,
      "feed_forward_proj is \"swiglu\""
    ),
    (
      #""model_type": "t5", "architectures": ["T5EncoderModel"], "dense_act_fn": "gelu_new""#,
      "dense_act_fn is \"gelu_new\", while by the other members it is \"relu\""
    ),
    (
      #""model_type": "t5", "architectures": ["T5EncoderModel"], "feed_forward_proj": "gated-gelu", "is_gated_act": false"#,
      "is_gated_act is false"
    ),
    (
      #""model_type": "whisper", "architectures": ["WhisperModel"], "encoder_layers": 2, "num_hidden_layers": 3"#,
      "num_hidden_layers is 3"
    ),
    (
      #""model_type": "clip", "architectures": ["CLIPModel"], "text_config": {"moe": 2}"#,
      "text_config.moe"
    ),
    (
      #""model_type": "clip", "architectures": ["CLIPModel"], "vision_config": {"patch_size": 300}"#,
      "patch_size is 300"
    ),
    (
      #""model_type": "whisper", "architectures": ["WhisperModel"], "scale_embedding": true"#,
      "scale_embedding is true"
    ),
  ])
  func whatIsNotSupportedIsRefused(_ members: String, _ expected: String) {
    let reason = reason("{\(members)}")
    #expect(reason.contains(expected), "\(reason)")
  }

  /// A class may be asked for that the file does not name.
  @Test func theClassMayBeChosen() throws {
    let fixture = LanguageFixture(name: "bert-masked-lm")
    let description = try ModelDescription(
      huggingFaceConfiguration: try fixture.configuration(), architecture: "BertModel")
    let model = try #require(try description.build() as? BertModel)
    #expect(model.configuration.hiddenAct == .geluNew)
    #expect(model.configuration.hiddenSize == 8)
  }

  /// What earlier versions call `rope_scaling` is what they now call `rope_parameters`.
  @Test(arguments: [
    #""rope_theta": 500.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}"#,
    #""rope_parameters": {"rope_theta": 500.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 32}"#,
  ])
  func rotaryEmbeddingsAreReadBothWays(_ members: String) throws {
    let value = try Value(
      json: #"""
        {"model_type": "llama", "architectures": ["LlamaModel"], "vocab_size": 9,
         "hidden_size": 8, "intermediate_size": 4, "num_attention_heads": 2,
         "num_hidden_layers": 1, "torch_dtype": "bfloat16", "pretraining_tp": 1, \#(members)}
        """#)
    let model = try ModelDescription(huggingFaceConfiguration: value).build()
    let configuration = try #require(model as? LlamaModel).configuration
    #expect(configuration.ropeTheta == 500)
    #expect(
      configuration.ropeScaling
        == .llama3(
          factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4,
          originalMaxPositionEmbeddings: 32))
  }

  /// The command line takes the path of a `config.json`.
  @Test func aPathOfAConfigurationIsASpec() throws {
    let path = LanguageFixture.folder.appending(path: "gpt2.config.json").path
    #expect(try ModelSpec(path).description.build() is GPT2LMHeadModel)
  }

  /// Options in a description are those of the file.
  @Test(arguments: [
    (#""BertModel", "hidden_size": 10, "num_attention_heads": 4"#, "hidden_size"),
    (#""BertModel", "pad_token_id": 40000"#, "pad_token_id"),
    (#""BertModel", "hidden_dropout_prob": 2"#, "between 0 and 1"),
    (#""BertForSequenceClassification", "num_labels": 0"#, "num_labels"),
    (#""DistilBertModel", "dim": 10, "n_heads": 3"#, "dim is 10"),
    (#""GPT2LMHeadModel", "n_layer": 100000"#, "n_layer is 100000"),
    (#""LlamaForCausalLM", "hidden_size": 12, "num_attention_heads": 4"#, "3 features"),
    (#""LlamaForCausalLM", "rope_theta": 0"#, "rope_theta"),
    (#""LlamaModel", "rope_theta": 5, "rope_parameters": {"rope_theta": 6}"#, "beside it"),
    (#""MistralForCausalLM", "sliding_window": 0"#, "sliding_window"),
    (#""T5EncoderModel", "relative_attention_num_buckets": 5"#, "relative_attention_num_buckets"),
    (#""lstm-language-model", "ntoken": 9, "nhid": 3, "tie_weights": true"#, "nhid is 3"),
    (#""CLIPModel", "text_config": {"hidden_size": 7}"#, "hidden_size is 7"),
    (#""WhisperModel", "d_model": 7"#, "d_model is 7"),
    (
      #""LlamaModel", "hidden_size": 16777216, "num_attention_heads": 16777216, "head_dim": 16777216"#,
      "hidden_size is 16777216"
    ),
    (
      #""T5EncoderModel", "d_kv": 16777216, "num_heads": 16777216, "d_model": 16777216"#,
      "d_model is 16777216"
    ),
    (
      #""CLIPModel", "vision_config": {"image_size": 16777216, "patch_size": 1}"#,
      "image_size is 16777216"
    ),
    (
      #""CLIPModel", "vision_config": {"image_size": 1048576, "patch_size": 1}"#,
      "more than memory holds"
    ),
    (#""WhisperModel", "max_source_positions": 1000000"#, "max_source_positions is 1000000"),
    (#""gpt2", "n_embd": 7"#, "n_embd is 7"), (#""gpt2", "n_embed": 7"#, "did you mean"),
  ])
  func wrongOptionsAreRefused(_ members: String, _ expected: String) throws {
    let value = try Value(json: #"{"module": \#(members)}"#)
    let error = #expect(throws: ModelError.self) { try ModelDescription(value).build() }
    #expect(error?.reason.contains(expected) == true, "\(error?.reason ?? "")")
  }
}
