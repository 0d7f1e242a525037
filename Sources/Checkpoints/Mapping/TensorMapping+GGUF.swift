/// Keys of transformers 5.23 to those of `gguf.TensorNameMap` in `gguf` 0.19, which llama.cpp loads.
extension TensorMapping {
  /// The renamings that decoders of Llama's kind have in common.
  private static let decoder = #"""
      {"rename": "^model\\.embed_tokens\\.", "to": "token_embd."},
      {"rename": "^model\\.norm\\.", "to": "output_norm."},
      {"rename": "^lm_head\\.", "to": "output."},
      {"rename": "^model\\.layers\\.(\\d+)\\.", "to": "blk.\\1."},
      {"rename": "^(blk\\.\\d+)\\.input_layernorm\\.", "to": "\\1.attn_norm."},
      {"rename": "^(blk\\.\\d+)\\.post_attention_layernorm\\.", "to": "\\1.ffn_norm."},
      {"rename": "^(blk\\.\\d+)\\.self_attn\\.q_proj\\.", "to": "\\1.attn_q."},
      {"rename": "^(blk\\.\\d+)\\.self_attn\\.k_proj\\.", "to": "\\1.attn_k."},
      {"rename": "^(blk\\.\\d+)\\.self_attn\\.v_proj\\.", "to": "\\1.attn_v."},
      {"rename": "^(blk\\.\\d+)\\.self_attn\\.o_proj\\.", "to": "\\1.attn_output."},
      {"rename": "^(blk\\.\\d+)\\.mlp\\.gate_proj\\.", "to": "\\1.ffn_gate."},
      {"rename": "^(blk\\.\\d+)\\.mlp\\.up_proj\\.", "to": "\\1.ffn_up."},
      {"rename": "^(blk\\.\\d+)\\.mlp\\.down_proj\\.", "to": "\\1.ffn_down."}
    """#

  /// `LlamaForCausalLM` to `llama`. transformers rotates the first half of a head's features with the second,
  /// llama.cpp each with its neighbour: the rows of queries and keys come in another order, as
  /// `LlamaModel.permute` of `convert_hf_to_gguf.py` puts them.
  ///
  /// - Parameter headSize: How many features a head has: an even number.
  static func llama(headSize: Int) -> String {
    #"""
    {"ballast_mapping": 1,
     "summary": "llama.cpp's llama from transformers' LlamaForCausalLM",
     "head_size": \#(headSize),
     "rules": [
    \#(decoder),
      {"interleave": "^blk\\.\\d+\\.attn_[qk]\\.(weight|bias)$", "rows": [2, \#(headSize / 2)]}
     ]}
    """#
  }

  /// The mapping of Llama that a name with the size of its heads stands for; nil for other names.
  static func llama(_ name: String) -> String? {
    let prefix = "gguf-llama-from-huggingface-"
    guard name.hasPrefix(prefix), let size = Int(name.dropFirst(prefix.count)),
      "\(prefix)\(size)" == name, (2...1 << 16).contains(size), size.isMultiple(of: 2)
    else { return nil }
    return llama(headSize: size)
  }

  /// `Qwen2ForCausalLM` to `qwen2`, which rotates as transformers does.
  static let qwen2 = #"""
    {"ballast_mapping": 1,
     "summary": "llama.cpp's qwen2 from transformers' Qwen2ForCausalLM",
     "rules": [
    \#(decoder)
     ]}
    """#

  /// `GPT2LMHeadModel` to `gpt2`, where the layers that OpenAI wrote as convolutions are linear.
  static let gpt2 = #"""
    {"ballast_mapping": 1,
     "summary": "llama.cpp's gpt2 from transformers' GPT2LMHeadModel",
     "rules": [
      {"rename": "^transformer\\.wte\\.", "to": "token_embd."},
      {"rename": "^transformer\\.wpe\\.", "to": "position_embd."},
      {"rename": "^transformer\\.ln_f\\.", "to": "output_norm."},
      {"rename": "^lm_head\\.", "to": "output."},
      {"rename": "^transformer\\.h\\.(\\d+)\\.", "to": "blk.\\1."},
      {"rename": "^(blk\\.\\d+)\\.ln_1\\.", "to": "\\1.attn_norm."},
      {"rename": "^(blk\\.\\d+)\\.ln_2\\.", "to": "\\1.ffn_norm."},
      {"rename": "^(blk\\.\\d+)\\.attn\\.c_attn\\.", "to": "\\1.attn_qkv."},
      {"rename": "^(blk\\.\\d+)\\.attn\\.c_proj\\.", "to": "\\1.attn_output."},
      {"rename": "^(blk\\.\\d+)\\.mlp\\.c_fc\\.", "to": "\\1.ffn_up."},
      {"rename": "^(blk\\.\\d+)\\.mlp\\.c_proj\\.", "to": "\\1.ffn_down."},
      {"transpose": "^blk\\.\\d+\\.(attn_qkv|attn_output|ffn_up|ffn_down)\\.weight$"}
     ]}
    """#

  /// `BertModel` to `bert`. Its pooler has no name there and keeps its own.
  static let bert = #"""
    {"ballast_mapping": 1,
     "summary": "llama.cpp's bert from transformers' BertModel",
     "rules": [
      {"rename": "^embeddings\\.word_embeddings\\.", "to": "token_embd."},
      {"rename": "^embeddings\\.position_embeddings\\.", "to": "position_embd."},
      {"rename": "^embeddings\\.token_type_embeddings\\.", "to": "token_types."},
      {"rename": "^embeddings\\.LayerNorm\\.", "to": "token_embd_norm."},
      {"rename": "^encoder\\.layer\\.(\\d+)\\.", "to": "blk.\\1."},
      {"rename": "^(blk\\.\\d+)\\.attention\\.self\\.query\\.", "to": "\\1.attn_q."},
      {"rename": "^(blk\\.\\d+)\\.attention\\.self\\.key\\.", "to": "\\1.attn_k."},
      {"rename": "^(blk\\.\\d+)\\.attention\\.self\\.value\\.", "to": "\\1.attn_v."},
      {"rename": "^(blk\\.\\d+)\\.attention\\.output\\.dense\\.", "to": "\\1.attn_output."},
      {"rename": "^(blk\\.\\d+)\\.attention\\.output\\.LayerNorm\\.", "to": "\\1.attn_output_norm."},
      {"rename": "^(blk\\.\\d+)\\.intermediate\\.dense\\.", "to": "\\1.ffn_up."},
      {"rename": "^(blk\\.\\d+)\\.output\\.dense\\.", "to": "\\1.ffn_down."},
      {"rename": "^(blk\\.\\d+)\\.output\\.LayerNorm\\.", "to": "\\1.layer_output_norm."}
     ]}
    """#
}
