import States

extension TensorMapping {
  /// The names of the mappings that come with Ballast.
  ///
  /// Each is named for what it makes and what it makes that of; its inverse leads back.
  ///
  /// | name | from | to |
  /// |---|---|---|
  /// | `torchvision-resnet-from-huggingface` | transformers' `ResNetForImageClassification` | `torchvision.models.resnet18` to `resnet152` |
  /// | `torchvision-vit-from-huggingface` | transformers' `ViTForImageClassification` | `torchvision.models.vit_b_16` and its siblings |
  /// | `torchvision-vit-from-timm` | timm's `vit_base_patch16_224` and its siblings | `torchvision.models.vit_b_16` and its siblings |
  /// | `torchvision-vgg-from-timm` | timm's `vgg11` and its siblings | `torchvision.models.vgg11` and its siblings |
  /// | `torchvision-mobilenet_v2-from-timm` | timm's `mobilenetv2_100` | `torchvision.models.mobilenet_v2` |
  /// | `torchvision-convnext-from-timm` | timm's `convnext_tiny` and its siblings | `torchvision.models.convnext_tiny` and its siblings |
  /// | `torchvision-convnext-from-facebook` | the files of ConvNeXt's authors | `torchvision.models.convnext_tiny` and its siblings |
  /// | `torchvision-densenet-from-old` | the files that torchvision itself offers | `torchvision.models.densenet121` to `densenet201` |
  /// | `nanogpt-from-huggingface-gpt2` | transformers' `GPT2LMHeadModel` | nanoGPT's `GPT` |
  /// | `gguf-llama-from-huggingface-64`, `-128` | transformers' `LlamaForCausalLM`, whose heads have so many features; any even number may stand there | llama.cpp's `llama` |
  /// | `gguf-qwen2-from-huggingface` | transformers' `Qwen2ForCausalLM` | llama.cpp's `qwen2` |
  /// | `gguf-gpt2-from-huggingface` | transformers' `GPT2LMHeadModel` | llama.cpp's `gpt2` |
  /// | `gguf-bert-from-huggingface` | transformers' `BertModel` | llama.cpp's `bert` |
  ///
  /// timm's `resnet18` to `resnet152` have torchvision's keys and need none.
  public static var builtInNames: [String] { builtIn.map(\.name) }

  /// A mapping that comes with Ballast; nil if none has this name.
  ///
  /// Keys that no rule of it matches, such as those of another head, are left as they are.
  ///
  /// ```swift
  /// if let mapping = TensorMapping(named: "nanogpt-from-huggingface-gpt2") {
  ///   let (nanoGPT, _) = try mapping.apply(to: checkpoint)
  /// }
  /// ```
  ///
  /// - Parameter name: One of ``builtInNames``.
  public init?(named name: String) {
    guard let text = Self.builtIn.first(where: { $0.name == name })?.json ?? Self.llama(name),
      let mapping = try? TensorMapping(json: text)
    else { return nil }
    self = mapping
  }

  /// Keys as `transformers` 5.23, `torchvision` 0.28, `timm` 1.0 and `gguf` 0.19 have them.
  private static let builtIn: [(name: String, json: String)] = [
    ("torchvision-resnet-from-huggingface", resNet),
    ("torchvision-vit-from-huggingface", visionTransformer),
    ("torchvision-vit-from-timm", timmVisionTransformer),
    ("torchvision-vgg-from-timm", timmVGG),
    ("torchvision-mobilenet_v2-from-timm", timmMobileNetV2),
    ("torchvision-convnext-from-timm", timmConvNeXt),
    ("torchvision-convnext-from-facebook", convNeXt),
    ("torchvision-densenet-from-old", denseNet),
    ("nanogpt-from-huggingface-gpt2", nanoGPT),
    ("gguf-llama-from-huggingface-64", llama(headSize: 64)),
    ("gguf-llama-from-huggingface-128", llama(headSize: 128)),
    ("gguf-qwen2-from-huggingface", qwen2),
    ("gguf-gpt2-from-huggingface", gpt2),
    ("gguf-bert-from-huggingface", bert),
  ]

  /// `ResNetForImageClassification` to `torchvision.models.resnet18` and its larger siblings.
  private static let resNet = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's ResNet from transformers' ResNetForImageClassification",
     "rules": [
      {"rename": "^resnet\\.embedder\\.embedder\\.convolution\\.", "to": "conv1."},
      {"rename": "^resnet\\.embedder\\.embedder\\.normalization\\.", "to": "bn1."},
      {"rename": "^resnet\\.encoder\\.stages\\.0\\.layers\\.", "to": "layer1."},
      {"rename": "^resnet\\.encoder\\.stages\\.1\\.layers\\.", "to": "layer2."},
      {"rename": "^resnet\\.encoder\\.stages\\.2\\.layers\\.", "to": "layer3."},
      {"rename": "^resnet\\.encoder\\.stages\\.3\\.layers\\.", "to": "layer4."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.0\\.convolution\\.", "to": "\\1.conv1."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.0\\.normalization\\.", "to": "\\1.bn1."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.1\\.convolution\\.", "to": "\\1.conv2."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.1\\.normalization\\.", "to": "\\1.bn2."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.2\\.convolution\\.", "to": "\\1.conv3."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.layer\\.2\\.normalization\\.", "to": "\\1.bn3."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.shortcut\\.convolution\\.", "to": "\\1.downsample.0."},
      {"rename": "^(layer[1-4]\\.\\d+)\\.shortcut\\.normalization\\.", "to": "\\1.downsample.1."},
      {"rename": "^classifier\\.1\\.", "to": "fc."}
     ]}
    """#

  /// `ViTForImageClassification`, as its files are named, to `torchvision.models.vit_b_16` and its
  /// siblings. One joins what the other keeps apart: the projections of queries, keys and values.
  private static let visionTransformer = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's VisionTransformer from transformers' ViTForImageClassification",
     "rules": [
      {"rename": "^vit\\.embeddings\\.cls_token$", "to": "class_token"},
      {"rename": "^vit\\.embeddings\\.position_embeddings$", "to": "encoder.pos_embedding"},
      {"rename": "^vit\\.embeddings\\.patch_embeddings\\.projection\\.", "to": "conv_proj."},
      {"rename": "^vit\\.encoder\\.layer\\.(\\d+)\\.", "to": "encoder.layers.encoder_layer_\\1."},
      {"concatenate": [
        "(encoder\\.layers\\.encoder_layer_\\d+)\\.attention\\.attention\\.query\\.(weight|bias)",
        "(encoder\\.layers\\.encoder_layer_\\d+)\\.attention\\.attention\\.key\\.(weight|bias)",
        "(encoder\\.layers\\.encoder_layer_\\d+)\\.attention\\.attention\\.value\\.(weight|bias)"],
       "axis": 0, "into": "\\1.self_attention.in_proj_\\2"},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.attention\\.output\\.dense\\.",
       "to": "\\1.self_attention.out_proj."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.layernorm_before\\.",
       "to": "\\1.ln_1."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.layernorm_after\\.",
       "to": "\\1.ln_2."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.intermediate\\.dense\\.",
       "to": "\\1.mlp.0."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.output\\.dense\\.",
       "to": "\\1.mlp.3."},
      {"rename": "^vit\\.layernorm\\.", "to": "encoder.ln."},
      {"rename": "^classifier\\.", "to": "heads.head."}
     ]}
    """#

  /// `timm.models.VisionTransformer` with a class token to `torchvision.models.vit_b_16` and its
  /// siblings. Both keep the projections of queries, keys and values as one.
  private static let timmVisionTransformer = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's VisionTransformer from timm's",
     "rules": [
      {"rename": "^cls_token$", "to": "class_token"},
      {"rename": "^pos_embed$", "to": "encoder.pos_embedding"},
      {"rename": "^patch_embed\\.proj\\.", "to": "conv_proj."},
      {"rename": "^blocks\\.(\\d+)\\.", "to": "encoder.layers.encoder_layer_\\1."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.norm1\\.", "to": "\\1.ln_1."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.norm2\\.", "to": "\\1.ln_2."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.attn\\.qkv\\.(weight|bias)$",
       "to": "\\1.self_attention.in_proj_\\2"},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.attn\\.proj\\.",
       "to": "\\1.self_attention.out_proj."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.mlp\\.fc1\\.", "to": "\\1.mlp.0."},
      {"rename": "^(encoder\\.layers\\.encoder_layer_\\d+)\\.mlp\\.fc2\\.", "to": "\\1.mlp.3."},
      {"rename": "^norm\\.", "to": "encoder.ln."},
      {"rename": "^head\\.", "to": "heads.head."}
     ]}
    """#

  /// What torchvision's own files of `densenet121` to `densenet201` have, whose layers were named
  /// when a module's name could have a dot, to the keys of today.
  private static let denseNet = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's DenseNet from its own old files",
     "rules": [
      {"rename": "^(features\\.denseblock\\d+\\.denselayer\\d+)\\.norm\\.1\\.", "to": "\\1.norm1."},
      {"rename": "^(features\\.denseblock\\d+\\.denselayer\\d+)\\.norm\\.2\\.", "to": "\\1.norm2."},
      {"rename": "^(features\\.denseblock\\d+\\.denselayer\\d+)\\.conv\\.1\\.", "to": "\\1.conv1."},
      {"rename": "^(features\\.denseblock\\d+\\.denselayer\\d+)\\.conv\\.2\\.", "to": "\\1.conv2."}
     ]}
    """#

  /// `GPT2LMHeadModel` to the model of nanoGPT: the keys are the same, and the layers that OpenAI
  /// wrote as convolutions of length one are linear there.
  private static let nanoGPT = #"""
    {"ballast_mapping": 1,
     "summary": "nanoGPT from transformers' GPT2LMHeadModel",
     "rules": [
      {"transpose": "^transformer\\.h\\.\\d+\\.attn\\.(c_attn|c_proj)\\.weight$"},
      {"transpose": "^transformer\\.h\\.\\d+\\.mlp\\.(c_fc|c_proj)\\.weight$"}
     ]}
    """#
}
