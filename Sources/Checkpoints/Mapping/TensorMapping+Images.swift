/// Mappings of networks for images, with the keys of `timm` 1.0, of `torchvision` 0.28, and of the
/// authors of ConvNeXt.
extension TensorMapping {
  /// `timm.models.VGG`, whose linear layers are convolutions, to `torchvision.models.vgg11` and its
  /// siblings.
  static let timmVGG = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's VGG from timm's",
     "rules": [
      {"rename": "^pre_logits\\.fc1\\.", "to": "classifier.0."},
      {"rename": "^pre_logits\\.fc2\\.", "to": "classifier.3."},
      {"rename": "^head\\.fc\\.", "to": "classifier.6."},
      {"reshape": "^classifier\\.0\\.weight$", "shape": [4096, -1], "from": [4096, -1, 7, 7]},
      {"reshape": "^classifier\\.3\\.weight$", "shape": [4096, -1], "from": [4096, -1, 1, 1]}
     ]}
    """#

  /// timm's `mobilenetv2_100` and its wider siblings to `torchvision.models.mobilenet_v2`.
  static let timmMobileNetV2 = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's MobileNetV2 from timm's",
     "rules": [
      {"rename": "^conv_stem\\.", "to": "features.0.0."},
      {"rename": "^bn1\\.", "to": "features.0.1."},
      {"rename": "^blocks\\.0\\.0\\.", "to": "features.1."},
      {"rename": "^blocks\\.1\\.0\\.", "to": "features.2."},
      {"rename": "^blocks\\.1\\.1\\.", "to": "features.3."},
      {"rename": "^blocks\\.2\\.0\\.", "to": "features.4."},
      {"rename": "^blocks\\.2\\.1\\.", "to": "features.5."},
      {"rename": "^blocks\\.2\\.2\\.", "to": "features.6."},
      {"rename": "^blocks\\.3\\.0\\.", "to": "features.7."},
      {"rename": "^blocks\\.3\\.1\\.", "to": "features.8."},
      {"rename": "^blocks\\.3\\.2\\.", "to": "features.9."},
      {"rename": "^blocks\\.3\\.3\\.", "to": "features.10."},
      {"rename": "^blocks\\.4\\.0\\.", "to": "features.11."},
      {"rename": "^blocks\\.4\\.1\\.", "to": "features.12."},
      {"rename": "^blocks\\.4\\.2\\.", "to": "features.13."},
      {"rename": "^blocks\\.5\\.0\\.", "to": "features.14."},
      {"rename": "^blocks\\.5\\.1\\.", "to": "features.15."},
      {"rename": "^blocks\\.5\\.2\\.", "to": "features.16."},
      {"rename": "^blocks\\.6\\.0\\.", "to": "features.17."},
      {"rename": "^features\\.1\\.conv_dw\\.", "to": "features.1.conv.0.0."},
      {"rename": "^features\\.1\\.bn1\\.", "to": "features.1.conv.0.1."},
      {"rename": "^features\\.1\\.conv_pw\\.", "to": "features.1.conv.1."},
      {"rename": "^features\\.1\\.bn2\\.", "to": "features.1.conv.2."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.conv_pw\\.", "to": "features.\\1.conv.0.0."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.bn1\\.", "to": "features.\\1.conv.0.1."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.conv_dw\\.", "to": "features.\\1.conv.1.0."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.bn2\\.", "to": "features.\\1.conv.1.1."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.conv_pwl\\.", "to": "features.\\1.conv.2."},
      {"rename": "^features\\.((?:[2-9]|1[0-7]))\\.bn3\\.", "to": "features.\\1.conv.3."},
      {"rename": "^conv_head\\.", "to": "features.18.0."},
      {"rename": "^bn2\\.", "to": "features.18.1."},
      {"rename": "^classifier\\.", "to": "classifier.1."}
     ]}
    """#

  /// `timm.models.ConvNeXt` to `torchvision.models.convnext_tiny` and its siblings.
  static let timmConvNeXt = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's ConvNeXt from timm's",
     "rules": [
      {"rename": "^stem\\.", "to": "features.0."},
      {"rename": "^stages\\.([1-3])\\.downsample\\.", "to": "downsample_layers.\\1."},
      {"rename": "^(stages\\.[0-3])\\.blocks\\.", "to": "\\1."},
      {"rename": "^(stages\\.[0-3]\\.\\d+)\\.conv_dw\\.", "to": "\\1.dwconv."},
      {"rename": "^(stages\\.[0-3]\\.\\d+)\\.mlp\\.fc1\\.", "to": "\\1.pwconv1."},
      {"rename": "^(stages\\.[0-3]\\.\\d+)\\.mlp\\.fc2\\.", "to": "\\1.pwconv2."},
      {"rename": "^head\\.norm\\.", "to": "classifier.0."},
      {"rename": "^head\\.fc\\.", "to": "classifier.2."},
    """# + convNeXtRules

  /// The files of the authors of ConvNeXt to `torchvision.models.convnext_tiny` and its siblings.
  static let convNeXt = #"""
    {"ballast_mapping": 1,
     "summary": "torchvision's ConvNeXt from that of its authors",
     "rules": [
      {"rename": "^downsample_layers\\.0\\.", "to": "features.0."},
      {"rename": "^norm\\.", "to": "classifier.0."},
      {"rename": "^head\\.", "to": "classifier.2."},
    """# + convNeXtRules

  /// What both have in common: the authors' names within the stages.
  private static let convNeXtRules = #"""

      {"rename": "^downsample_layers\\.1\\.", "to": "features.2."},
      {"rename": "^downsample_layers\\.2\\.", "to": "features.4."},
      {"rename": "^downsample_layers\\.3\\.", "to": "features.6."},
      {"rename": "^stages\\.0\\.", "to": "features.1."},
      {"rename": "^stages\\.1\\.", "to": "features.3."},
      {"rename": "^stages\\.2\\.", "to": "features.5."},
      {"rename": "^stages\\.3\\.", "to": "features.7."},
      {"rename": "^(features\\.[1357]\\.\\d+)\\.gamma$", "to": "\\1.layer_scale"},
      {"rename": "^(features\\.[1357]\\.\\d+)\\.dwconv\\.", "to": "\\1.block.0."},
      {"rename": "^(features\\.[1357]\\.\\d+)\\.norm\\.", "to": "\\1.block.2."},
      {"rename": "^(features\\.[1357]\\.\\d+)\\.pwconv1\\.", "to": "\\1.block.3."},
      {"rename": "^(features\\.[1357]\\.\\d+)\\.pwconv2\\.", "to": "\\1.block.5."},
      {"reshape": "^features\\.[1357]\\.\\d+\\.layer_scale$", "shape": [-1, 1, 1], "from": [-1]}
     ]}
    """#
}
