"""Writes sources.json: the names by which other libraries save well-known networks, and what these
networks answer.

    python make_sources.py

needs torch==2.13.0+cpu, torchvision==0.28.0, timm==1.0.31, transformers==5.24.0 and safetensors.

Each case has the description of the model, the keys and shapes as the library saves them, and the
output of the library's own model for images whose pixels and whose weights follow from their places: see
`pattern`. A case without an output is too large to be run.
"""

import json
import re
import tempfile
import zlib
from pathlib import Path

import torch

# The compiled operators of the wheel do not load beside a PyTorch without CUDA; their schemas are
# all that importing the models needs.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import safetensors.torch  # noqa: E402
import timm  # noqa: E402
from timm.models import convnext, densenet, efficientnet, vision_transformer  # noqa: E402
from transformers import (  # noqa: E402
    ResNetConfig, ResNetForImageClassification, ViTConfig, ViTForImageClassification)


def pattern(key: str, shape) -> torch.Tensor:
    """Numbers that follow from the key and the place: between -1/2 and 1/2 by the number of inputs, near
    1 for what scales, small for what is added."""
    count = 1
    for length in shape:
        count *= length
    seed = zlib.crc32(key.encode()) % 1009
    steps = (torch.arange(count, dtype=torch.int64) * 37 + seed) % 1009
    values = steps.to(torch.float32) / 1009 - 0.5
    if key.endswith("running_var"):
        values = values + 1
    elif len(shape) > 1:
        inputs = 1
        for length in shape[1:]:
            inputs *= length
        values = values * (12 / inputs) ** 0.5
    elif key.endswith("weight"):
        values = values / 4 + 1
    return values.reshape(shape)


def listing(state) -> list[str]:
    return [f"{key} {','.join(map(str, value.shape))}" for key, value in state.items()]


def saved(model):
    with tempfile.TemporaryDirectory() as path:
        model.save_pretrained(path)
        return safetensors.torch.load_file(path + "/model.safetensors")


def case(description, model, size=None, state=None, names=None, batch=2) -> dict:
    """What a model says. `names` renames its keys to those of another file."""
    names = names or (lambda key: key)
    state = {names(key): value for key, value in (state or model.state_dict()).items()}
    result = dict(description=description, listing=listing(state))
    if size is None:
        return result
    own = {}
    for key in model.state_dict():
        name = names(key)
        value = model.state_dict()[key]
        own[key] = pattern(name, value.shape) if value.is_floating_point() else value * 0
    model.load_state_dict(own)
    image = pattern("pixels", (batch, 3, size, size))
    with torch.no_grad():
        output = model.eval()(image)
    output = getattr(output, "logits", output)
    return result | dict(size=size, output=output.flatten().tolist())


def facebook(key: str) -> str:
    """The name that the authors of ConvNeXt gave what timm names `key`."""
    key = re.sub(r"^stem\.", "downsample_layers.0.", key)
    key = re.sub(r"^stages\.(\d)\.downsample\.", r"downsample_layers.\1.", key)
    key = re.sub(r"^stages\.(\d)\.blocks\.", r"stages.\1.", key)
    key = key.replace(".conv_dw.", ".dwconv.")
    key = key.replace(".mlp.fc1.", ".pwconv1.").replace(".mlp.fc2.", ".pwconv2.")
    return key.replace("head.norm.", "norm.").replace("head.fc.", "head.")


def main() -> None:
    cases = {}
    small = convnext.ConvNeXt(depths=(1, 2, 1, 1), dims=(4, 8, 12, 16), num_classes=5)
    description = dict(
        module="convnext_tiny", num_classes=5, widths=[4, 8, 12, 16], depths=[1, 2, 1, 1])
    cases["timm-convnext"] = case(description, small, size=32)
    # timm reads the authors' files, so that it says whether these are their names.
    theirs = {facebook(key): value for key, value in small.state_dict().items()}
    read = convnext.checkpoint_filter_fn(theirs, small)
    assert set(read) == set(small.state_dict())
    assert all(torch.equal(read[key], value) for key, value in small.state_dict().items())
    cases["facebook-convnext"] = case(description, small, size=32, names=facebook)
    cases["timm-convnext_tiny"] = case(
        dict(module="convnext_tiny"), timm.create_model("convnext_tiny"))

    description = dict(
        module="vit_b_16", num_classes=5, image_size=16, patch_size=4, num_layers=2, num_heads=2,
        hidden_dim=8, mlp_dim=16)
    cases["timm-vit"] = case(
        description,
        vision_transformer.VisionTransformer(
            img_size=16, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2,
            num_classes=5), size=16)
    vit = ViTForImageClassification(ViTConfig(
        hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        image_size=16, patch_size=4, num_labels=5))
    cases["huggingface-vit"] = hugging_face(description, vit, 16)

    cases["timm-mobilenet_v2"] = case(
        dict(module="mobilenet_v2", num_classes=5, width_mult=0.1),
        efficientnet._gen_mobilenet_v2("mobilenetv2_100", 0.1, num_classes=5), size=64)
    cases["timm-densenet"] = case(
        dict(module="densenet121", num_classes=5, growth_rate=4, block_config=[2, 3],
             num_init_features=8, bn_size=2),
        densenet.DenseNet(growth_rate=4, block_config=(2, 3), bn_size=2, num_classes=5), size=64)
    cases["old-densenet"] = case(
        cases["timm-densenet"]["description"],
        densenet.DenseNet(growth_rate=4, block_config=(2, 3), bn_size=2, num_classes=5), size=64,
        names=lambda key: re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key))
    cases["timm-resnet18"] = case(
        dict(module="resnet18", num_classes=10),
        timm.create_model("resnet18", num_classes=10), size=64)
    resnet = ResNetForImageClassification(ResNetConfig(
        hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic", num_labels=10))
    cases["huggingface-resnet18"] = hugging_face(dict(module="resnet18", num_classes=10), resnet, 64)
    with torch.device("meta"):
        for name in ("vgg11", "vgg11_bn"):
            cases[f"timm-{name}"] = case(dict(module=name), timm.create_model(name))
    path = Path(__file__).with_name("sources.json")
    path.write_text(json.dumps(cases, indent=0) + "\n")


def hugging_face(description, model, size) -> dict:
    """A model of transformers, whose files have other keys than its `state_dict()`."""
    for key, value in model.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.zeros(value.shape))
    keys = list(saved(model))
    # What the file holds under each key is what the class reads from it.
    values = {}
    for key, value in saved(model).items():
        values[key] = pattern(key, value.shape) if value.is_floating_point() else value * 0
    with tempfile.TemporaryDirectory() as path:
        model.save_pretrained(path)
        safetensors.torch.save_file(
            values, path + "/model.safetensors", metadata={"format": "pt"})
        read = type(model).from_pretrained(path).eval()
    with torch.no_grad():
        output = read(pattern("pixels", (2, 3, size, size))).logits
    assert keys == list(values)
    return dict(
        description=description, listing=listing(values), size=size,
        output=output.flatten().tolist())


if __name__ == "__main__":
    main()
