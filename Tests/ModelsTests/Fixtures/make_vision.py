"""Writes vision.json and vision/: what torchvision's networks for images have and give.

    python make_vision.py

needs torch==2.13.0+cpu, safetensors==0.8.0 and torchvision==0.28.0 (installed with --no-deps and
pillow; its compiled operators are not used). Seeds are in the code.

vision.json has
- networks: of each network in full size the number of its tensors, and the CRC-32 of the listing
  of key, shape and type in the order of the state dict; of the smallest of a family the listing,
  unless it is long.
- small: of a small network of each family the description, the shape of an image, digests of the
  values that it begins with after a seed, and of the gradients and the state after a step of SGD.
- seeded: outputs of networks in full size with the values that they begin with after a seed.
- step: the outputs and digests of a step of ResNet-18.

vision/NAME.safetensors is the state of the small network with every tensor random, and
vision/NAME.values.safetensors what it gives: `batch` and `single` in evaluation mode, `trained` in
training mode after a seed.

LeNet-5 and U-Net are not in torchvision: the classes below restate their published structure.
"""

import json
import zlib
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

# The compiled operators of the wheel do not load beside a PyTorch without CUDA; their schemas are
# all that importing the models needs.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision import models  # noqa: E402
from torchvision.models.convnext import CNBlockConfig, ConvNeXt  # noqa: E402
from torchvision.models.densenet import DenseNet  # noqa: E402
from torchvision.models.efficientnet import EfficientNet, MBConvConfig  # noqa: E402
from torchvision.models.mobilenetv2 import MobileNetV2  # noqa: E402
from torchvision.models.swin_transformer import SwinTransformer  # noqa: E402
from torchvision.models.vgg import VGG, make_layers  # noqa: E402
from torchvision.models.vision_transformer import VisionTransformer  # noqa: E402

HERE = Path(__file__).parent


class LeNet5(nn.Module):
    """The network of PyTorch's tutorial on neural networks."""

    def __init__(self, in_channels=1, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(F.relu(self.fc2(x)))


class Twice(nn.Module):
    """Two convolutions of the U-Net."""

    def __init__(self, inputs, outputs, middle=None):
        super().__init__()
        channels = [inputs, middle or outputs, outputs]
        layers = []
        for before, after in zip(channels, channels[1:]):
            layers += [nn.Conv2d(before, after, 3, padding=1, bias=False),
                       nn.BatchNorm2d(after), nn.ReLU()]
        self.double_conv = nn.Sequential(*layers)

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), Twice(inputs, outputs))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, inputs, outputs, bilinear):
        super().__init__()
        half = inputs // 2
        self.up = (nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True) if bilinear
                   else nn.ConvTranspose2d(inputs, half, 2, stride=2))
        self.conv = Twice(inputs, outputs, half if bilinear else None)

    def forward(self, below, beside):
        risen = self.up(below)
        borders = []
        for axis in (3, 2):
            missing = beside.shape[axis] - risen.shape[axis]
            borders += [missing // 2, missing - missing // 2]
        return self.conv(torch.cat((beside, F.pad(risen, borders)), 1))


class Out(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        return self.conv(x)


class UNet(nn.Module):
    """A network with the keys of Pytorch-UNet by milesial (version 4.0), and a width."""

    DEPTH = 4

    def __init__(self, n_channels=3, n_classes=2, bilinear=False, width=64):
        super().__init__()
        channels = [width << level for level in range(self.DEPTH + 1)]
        given = [count // 2 if bilinear else count for count in channels]
        self.inc = Twice(n_channels, width)
        for level in range(1, self.DEPTH + 1):
            outputs = given[level] if level == self.DEPTH else channels[level]
            self.add_module(f"down{level}", Down(channels[level - 1], outputs))
        for step, level in enumerate(reversed(range(self.DEPTH)), 1):
            outputs = given[level] if level else width
            self.add_module(f"up{step}", Up(channels[level + 1], outputs, bilinear))
        self.outc = Out(width, n_classes)

    def forward(self, x):
        levels = [self.inc(x)]
        for step in range(1, self.DEPTH + 1):
            levels.append(self.get_submodule(f"down{step}")(levels[-1]))
        x = levels.pop()
        for step in range(1, self.DEPTH + 1):
            x = self.get_submodule(f"up{step}")(x, levels.pop())
        return self.outc(x)


class NarrowVGG(VGG):
    """torchvision's network of 11 layers with fewer channels and features."""

    def __init__(self, width, hidden, num_classes, batch_norm):
        nn.Module.__init__(self)
        widths = [width, "M", width * 2, "M", width * 4, width * 4, "M", width * 8, width * 8, "M",
                  width * 8, width * 8, "M"]
        self.features = make_layers(widths, batch_norm=batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(width * 8 * 7 * 7, hidden), nn.ReLU(True), nn.Dropout(),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(),
            nn.Linear(hidden, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)


FAMILIES = [
    ["lenet5"],
    ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"],
    ["mobilenet_v2"],
    ["densenet121", "densenet161", "densenet169", "densenet201"],
    [f"efficientnet_b{index}" for index in range(8)],
    ["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"],
    ["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"],
    ["swin_t", "swin_s", "swin_b"],
    ["unet"],
]
OWN = {"lenet5": LeNet5, "unet": UNet}

ROWS = [[1, 3, 1, 8, 8, 1], [3, 5, 2, 8, 10, 2]]
# The name, the options of the description, the network, and the shape of an image.
SMALL = [
    ("lenet5", {"num_classes": 4}, lambda: LeNet5(num_classes=4), (1, 32, 32)),
    ("vgg11", {"num_classes": 5, "width": 2, "hidden_features": 4},
     lambda: NarrowVGG(2, 4, 5, False), (3, 40, 64)),
    ("vgg11_bn", {"num_classes": 5, "width": 2, "hidden_features": 4},
     lambda: NarrowVGG(2, 4, 5, True), (3, 64, 70)),
    ("mobilenet_v2",
     {"num_classes": 3, "width_mult": 0.6, "round_nearest": 4,
      "inverted_residual_setting": [[1, 12, 1, 1], [3, 12, 2, 2]]},
     lambda: MobileNetV2(
         num_classes=3, width_mult=0.6, round_nearest=4,
         inverted_residual_setting=[[1, 12, 1, 1], [3, 12, 2, 2]]), (3, 26, 21)),
    ("densenet121",
     {"num_classes": 5, "growth_rate": 4, "block_config": [2, 3], "num_init_features": 8,
      "bn_size": 2, "drop_rate": 0.2},
     lambda: DenseNet(4, (2, 3), 8, bn_size=2, drop_rate=0.2, num_classes=5), (3, 41, 36)),
    ("efficientnet_b0",
     {"num_classes": 5, "width_mult": 1.4, "depth_mult": 1.2, "stochastic_depth_prob": 0.6,
      "inverted_residual_setting": ROWS},
     lambda: EfficientNet(
         [MBConvConfig(*row, width_mult=1.4, depth_mult=1.2) for row in ROWS], dropout=0.2,
         stochastic_depth_prob=0.6, num_classes=5), (3, 26, 21)),
    ("convnext_tiny",
     {"num_classes": 5, "widths": [8, 12], "depths": [1, 2], "stochastic_depth_prob": 0.6,
      "layer_scale": 0.01},
     lambda: ConvNeXt(
         [CNBlockConfig(8, 12, 1), CNBlockConfig(12, None, 2)], stochastic_depth_prob=0.6,
         layer_scale=0.01, num_classes=5), (3, 34, 43)),
    ("vit_b_16",
     {"num_classes": 5, "image_size": 16, "patch_size": 4, "num_layers": 2, "num_heads": 2,
      "hidden_dim": 8, "mlp_dim": 12, "dropout": 0.1, "attention_dropout": 0.2,
      "representation_size": 6},
     lambda: VisionTransformer(
         16, 4, 2, 2, 8, 12, dropout=0.1, attention_dropout=0.2, num_classes=5,
         representation_size=6), (3, 16, 16)),
    ("swin_t",
     {"num_classes": 5, "patch_size": 2, "embed_dim": 4, "depths": [1, 2, 2, 2],
      "num_heads": [1, 2, 2, 4], "window_size": [4, 3], "mlp_ratio": 0.5, "dropout": 0.1,
      "attention_dropout": 0.2,
      "stochastic_depth_prob": 0.6},
     lambda: SwinTransformer(
         [2, 2], 4, [1, 2, 2, 2], [1, 2, 2, 4], [4, 3], mlp_ratio=0.5, dropout=0.1,
         attention_dropout=0.2, stochastic_depth_prob=0.6, num_classes=5), (3, 27, 44)),
    ("unet", {"n_channels": 1, "n_classes": 2, "width": 1},
     lambda: UNet(1, 2, width=1), (1, 18, 21)),
    ("unet_bilinear", {"n_channels": 1, "n_classes": 2, "width": 2, "bilinear": True},
     lambda: UNet(1, 2, True, width=2), (1, 21, 18)),
]


def listing(model):
    return [f"{key} {tuple(value.shape)} {str(value.dtype)[6:]}"
            for key, value in model.state_dict().items()]


def images(count, shape):
    """Numbers between -1 and 1 without a pattern that a program of another language makes too."""
    index = torch.arange(count * shape[0] * shape[1] * shape[2])
    return ((index * index * 31 + index * 17) % 1009).float().div(504.5).sub(1).view(count, *shape)


def digest(value):
    """The sum of magnitudes, and a sum that depends on the order of the elements."""
    value = value.detach().flatten().double()
    weights = (torch.arange(value.numel()) % 7 - 3).double()
    sums = [value.abs().sum().item(), (value * weights).sum().item()]
    return [float(f"{number:.7g}") for number in sums]


def digests(state):
    return {key: digest(value) for key, value in state.items()}


def randomise(model, generator):
    """Makes every tensor random: zeros and ones would hide faults."""
    for key, value in model.state_dict().items():
        def uniform(low, high):
            return torch.rand(value.shape, generator=generator) * (high - low) + low

        if key.endswith("relative_position_index"):
            new = value[torch.randperm(value.numel(), generator=generator)]
        elif key.endswith("num_batches_tracked"):
            new = torch.randint(1, 100, value.shape, generator=generator)
        elif key.endswith(("running_var", "layer_scale")) or (
                value.dim() == 1 and key.endswith("weight")):
            new = uniform(0.5, 1.5)
        elif key.endswith(("running_mean", "bias")):
            new = uniform(-0.4, 0.4)
        else:
            bound = (4 / max(value[0].numel(), 1)) ** 0.5
            new = uniform(-bound, bound)
        value.copy_(new)


def step(model, inputs, loss_of):
    """Digests of the gradients and of the state after a step of SGD, and the output before it."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
    output = model(inputs)
    loss_of(output).backward()
    gradients = digests({key: value.grad for key, value in model.named_parameters()})
    optimizer.step()
    return output.detach(), gradients, digests(model.state_dict())


def small_networks():
    small = {}
    for name, options, make, shape in SMALL:
        torch.manual_seed(7)
        model = make().eval()
        initial = digests(model.state_dict())
        randomise(model, torch.Generator().manual_seed(11))
        state = {key: value.clone() for key, value in model.state_dict().items()}
        save_file(state, HERE / f"vision/{name}.safetensors")
        values = {}
        batch = images(3, shape)
        with torch.no_grad():
            values["batch"] = model(batch)
            values["single"] = model(batch[1:2])
        torch.manual_seed(13)
        values["trained"], gradients, stepped = step(
            model, batch, lambda output: output.square().mean())
        save_file(values, HERE / f"vision/{name}.values.safetensors")
        for path in (HERE / "vision").glob(f"{name}.*"):
            path.chmod(0o644)
        module = name.removesuffix("_bilinear")
        small[name] = {
            "description": {"module": module} | options, "shape": shape,
            "initial": initial, "gradients": gradients, "stepped": stepped,
        }
    return small


def full_networks():
    networks = {}
    for family in FAMILIES:
        for name in family:
            with torch.device("meta"):
                model = OWN[name]() if name in OWN else getattr(models, name)()
            lines = listing(model)
            text = "\n".join(lines) + "\n"
            networks[name] = {
                "count": len(lines), "crc32": zlib.crc32(text.encode()),
                "listing": lines if name == family[0] and len(lines) < 200 else None,
            }
    return networks


def seeded_networks():
    outputs = {}
    for name in ("mobilenet_v2", "densenet121", "efficientnet_b0", "swin_t"):
        torch.manual_seed(0)
        model = getattr(models, name)(num_classes=10).eval()
        with torch.no_grad():
            outputs[name] = model(images(1, (3, 70, 93))).flatten().tolist()
    return outputs


def residual_step():
    torch.manual_seed(0)
    model = models.resnet18(num_classes=10)
    inputs = images(4, (3, 48, 40))
    output, gradients, stepped = step(
        model, inputs, lambda output: F.cross_entropy(output, torch.tensor([3, 1, 4, 9])))
    with torch.no_grad():
        after = model.eval()(inputs)
    return {
        "output": output.flatten().tolist(), "gradients": gradients, "stepped": stepped,
        "after": after.flatten().tolist(),
    }


def main():
    (HERE / "vision").mkdir(exist_ok=True)
    data = {
        "networks": full_networks(), "small": small_networks(), "seeded": seeded_networks(),
        "step": residual_step(),
    }
    (HERE / "vision.json").write_text(json.dumps(data, indent=0) + "\n")


if __name__ == "__main__":
    main()
