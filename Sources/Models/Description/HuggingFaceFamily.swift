import States

/// What is known of the members of a configuration.
struct HuggingFaceRules: Sendable {
  /// An object within the configuration.
  struct Nested: Sendable {
    let options: [String]
    let rules: HuggingFaceRules
  }

  /// Members that do not change what the model computes.
  var passedOver: Set<String> = []
  /// Members that must have one of these values, since the model computes what they stand for.
  var fixed: [String: [Value]] = [:]
  /// Members that are objects with options of their own.
  var nested: [String: Nested] = [:]

  /// Members that must be what the others say, since the reference would obey them instead.
  var implied: @Sendable (Value) -> [String: Value] = { _ in [:] }

  /// Members that do not change what any of the models computes: where the configuration comes
  /// from, the type of the saved weights, names of labels, tokens with a meaning, what else is
  /// returned, and options of training losses and of generation.
  static let passedOver: Set<String> = [
    "_name_or_path", "architectures", "model_type", "transformers_version", "dtype", "torch_dtype",
    "use_bfloat16", "tokenizer_class", "prefix", "finetuning_task", "task_specific_params",
    "id2label", "label2id", "problem_type", "bos_token_id", "eos_token_id", "sep_token_id",
    "cls_token_id", "mask_token_id", "decoder_start_token_id", "is_encoder_decoder", "use_cache",
    "output_attentions", "output_hidden_states", "output_past", "return_dict", "torchscript",
    "gradient_checkpointing", "chunk_size_feed_forward", "tf_legacy_loss", "max_length",
    "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
    "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty",
    "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
    "num_return_sequences", "output_scores", "return_dict_in_generate", "forced_bos_token_id",
    "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty",
    "suppress_tokens", "begin_suppress_tokens", "_attn_implementation_autoset",
    "transformers.js_config",
  ]

  /// Members by which any of the models would compute something else.
  static let fixed: [String: [Value]] = [
    "add_cross_attention": [false], "cross_attention_hidden_size": [.none],
    "pruned_heads": [.dict([:]), .none], "quantization_config": [.none],
    "tie_encoder_decoder": [false],
  ]
}

/// A family of models, as `model_type` names it.
struct HuggingFaceFamily: Sendable {
  /// The classes that are there.
  let classes: [String]
  let rules: HuggingFaceRules

  /// The families by `model_type`.
  static let all: [String: HuggingFaceFamily] = [
    "bert": HuggingFaceFamily(
      classes: [
        "BertModel", "BertForMaskedLM", "BertForPreTraining", "BertForSequenceClassification",
      ],
      rules: HuggingFaceRules(
        passedOver: [
          "tie_word_embeddings", "classifier_dropout", "num_labels", "directionality",
          "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
          "pooler_size_per_head", "pooler_type",
        ],
        fixed: ["is_decoder": [false], "position_embedding_type": ["absolute"]])),
    "distilbert": HuggingFaceFamily(
      classes: [
        "DistilBertModel", "DistilBertForMaskedLM", "DistilBertForSequenceClassification",
      ],
      rules: HuggingFaceRules(
        passedOver: [
          "tie_word_embeddings", "tie_weights_", "qa_dropout", "seq_classif_dropout", "num_labels",
        ],
        fixed: ["is_decoder": [false], "sinusoidal_pos_embds": [false]])),
    "gpt2": HuggingFaceFamily(
      classes: ["GPT2Model", "GPT2LMHeadModel"],
      rules: HuggingFaceRules(
        passedOver: [
          "tie_word_embeddings", "n_ctx", "summary_activation", "summary_first_dropout",
          "summary_proj_to_labels", "summary_type", "summary_use_proj", "pad_token_id",
          "is_decoder",
        ],
        fixed: ["reorder_and_upcast_attn": [false]])),
    "llama": llama("Llama", fixed: ["pretraining_tp": [1]]),
    "mistral": llama("Mistral", fixed: [:]),
    "qwen2": llama("Qwen2", fixed: [:]),
    "t5": HuggingFaceFamily(
      classes: ["T5EncoderModel"],
      rules: HuggingFaceRules(
        passedOver: [
          "tie_word_embeddings", "num_decoder_layers", "n_positions", "classifier_dropout",
          "pad_token_id", "scale_decoder_outputs", "is_decoder",
        ],
        implied: { value in
          let name = value["feed_forward_proj"]?.stringValue ?? "relu"
          let parts = name.split(separator: "-").map(String.init)
          let activation = name == "gated-gelu" ? "gelu_new" : parts.last ?? ""
          return [
            "dense_act_fn": .string(activation), "is_gated_act": .bool(parts.first == "gated"),
          ]
        })),
    "clip": HuggingFaceFamily(
      classes: ["CLIPModel"],
      rules: HuggingFaceRules(
        passedOver: ["initializer_factor", "tie_word_embeddings", "pad_token_id"],
        fixed: ["text_config_dict": [.none], "vision_config_dict": [.none]],
        nested: [
          "text_config": .init(
            options: CLIPConfiguration.textOptions, rules: tower),
          "vision_config": .init(options: CLIPConfiguration.visionOptions, rules: tower),
        ])),
    "whisper": HuggingFaceFamily(
      classes: ["WhisperModel", "WhisperForConditionalGeneration"],
      rules: HuggingFaceRules(
        passedOver: [
          "tie_word_embeddings", "classifier_proj_size", "use_weighted_layer_sum",
          "median_filter_width", "mask_time_prob", "mask_time_length", "mask_time_min_masks",
          "mask_feature_prob", "mask_feature_length",
          "mask_feature_min_masks", "forced_decoder_ids", "alignment_heads",
        ],
        fixed: [
          "scale_embedding": [false], "encoder_layerdrop": [0], "decoder_layerdrop": [0],
          "apply_spec_augment": [false],
        ],
        // Another name of the number of layers of the encoder.
        implied: { ["num_hidden_layers": $0["encoder_layers"] ?? .int(4)] })),
  ]

  /// A tower of CLIP, in which `dropout` was never used.
  private static let tower = HuggingFaceRules(
    passedOver: [
      "projection_dim", "initializer_factor", "dropout", "tie_word_embeddings", "pad_token_id",
    ],
    fixed: ["is_decoder": [false]])

  /// Llama or a sibling.
  private static func llama(_ name: String, fixed: [String: [Value]]) -> HuggingFaceFamily {
    HuggingFaceFamily(
      classes: ["\(name)Model", "\(name)ForCausalLM"],
      rules: HuggingFaceRules(
        // Positions have no table.
        passedOver: ["max_position_embeddings", "is_decoder"], fixed: fixed))
  }
}
