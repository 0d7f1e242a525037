"""Writes resnets.json: the keys of torchvision's residual networks, and outputs of seeded ones.

    python make_resnets.py

needs torch==2.13.0+cpu and torchvision==0.28.0 (installed with --no-deps; its compiled operators
are not used).
"""

import json
import zlib
from pathlib import Path

import torch

# The compiled operators of the wheel do not load beside a PyTorch without CUDA; their schemas are
# all that importing the models needs.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402

VARIANTS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


def main() -> None:
    networks = {}
    for name in VARIANTS:
        with torch.device("meta"):
            model = getattr(torchvision.models, name)()
        lines = [f"{key} {tuple(value.shape)} {str(value.dtype)[6:]}"
                 for key, value in model.state_dict().items()]
        listing = "\n".join(lines) + "\n"
        networks[name] = {
            "count": len(lines),
            "crc32": zlib.crc32(listing.encode()),
            "listing": lines if name == "resnet18" else None,
        }
    for name in ("resnet18", "resnet50"):
        torch.manual_seed(0)
        model = getattr(torchvision.models, name)(num_classes=10).eval()
        image = torch.arange(3 * 64 * 64, dtype=torch.float32).view(1, 3, 64, 64) % 17 / 17
        with torch.no_grad():
            networks[name]["output"] = model(image).flatten().tolist()
        networks[name]["stem"] = model.conv1.weight.flatten()[:8].tolist()
    path = Path(__file__).with_name("resnets.json")
    path.write_text(json.dumps(networks, indent=1) + "\n")


if __name__ == "__main__":
    main()
