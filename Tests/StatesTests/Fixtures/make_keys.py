"""Writes the keys and shapes of models that transformers or timm and torchvision have, a text each.

Made with torch 2.13.0, torchvision 0.28.0, transformers 5.23.0 and timm 1.0.31. The keys of
transformers are those of the files that it saves. The models are as small as their classes allow.
"""

import pathlib
import re
import tempfile

import safetensors.torch
import timm.models.vision_transformer
from torchvision.models.densenet import DenseNet
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vision_transformer import VisionTransformer
from transformers import (
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

folder = pathlib.Path(__file__).parent


def saved(model):
    with tempfile.TemporaryDirectory() as path:
        model.save_pretrained(path)
        return safetensors.torch.load_file(path + "/model.safetensors")


def write(name, state):
    lines = [f"{key} {','.join(map(str, tensor.shape))}" for key, tensor in state.items()]
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


write("torchvision-resnet-basic", ResNet(BasicBlock, [1, 1, 1, 1], num_classes=3).state_dict())
write("torchvision-resnet-bottleneck", ResNet(Bottleneck, [1, 1, 1, 2], num_classes=3).state_dict())
write(
    "torchvision-vit",
    VisionTransformer(
        image_size=8, patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=3
    ).state_dict(),
)
basic = ResNetConfig(
    hidden_sizes=[64, 128, 256, 512], depths=[1, 1, 1, 1], layer_type="basic", num_labels=3
)
write("huggingface-resnet-basic", saved(ResNetForImageClassification(basic)))
bottleneck = ResNetConfig(depths=[1, 1, 1, 2], num_labels=3)
write("huggingface-resnet-bottleneck", saved(ResNetForImageClassification(bottleneck)))
vit = ViTConfig(
    hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, image_size=8,
    patch_size=4, num_labels=3,
)
write("huggingface-vit", saved(ViTForImageClassification(vit)))
write(
    "timm-vit",
    timm.models.vision_transformer.VisionTransformer(
        img_size=8, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2, num_classes=3
    ).state_dict(),
)
# torchvision's own files say norm.1 for norm1, which it renames when it downloads them.
dense = DenseNet(4, (2, 1), 8, num_classes=3).state_dict()
write("torchvision-densenet", dense)
write(
    "torchvision-densenet-old",
    {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key): tensor
     for key, tensor in dense.items()},
)
