"""Writes the data of the samples ClassifyImage and SentenceEmbedding, and what the references give.

    python make_models.py

needs torch==2.13.0+cpu, torchvision==0.28.0, transformers==5.24.0, safetensors and numpy==2.4.6. Writes
beside itself:

    picture.ppm         96 by 80 pixels: a disc and a bar before a slope of colours
    picture-top5.json   the five best classes of torchvision's resnet18 with the values that it begins
                        with after torch.manual_seed(0), for the middle 64 by 64 pixels
    encoder/            a BertModel of MiniLM's shape, though narrower, as transformers saves it:
                        config.json and model.safetensors
    sentences.json      token ids of three sentences of different lengths, padded, with their mask
    sentences.npy       their embeddings: the mean over the tokens, of length 1

The weights are random, so that neither classes nor embeddings mean anything: the samples show the way.
"""

import json
from pathlib import Path

import numpy as np
import torch

# The compiled operators of the wheel do not load beside a PyTorch without CUDA; their schemas are
# all that importing the models needs.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

OUT = Path(__file__).parent
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def picture() -> np.ndarray:
    """(height, width, 3) of bytes."""
    rows, columns = np.mgrid[0:80, 0:96]
    pixels = np.stack([columns * 2, rows * 3, 255 - columns - rows], axis=2)
    pixels[(rows - 36) ** 2 + (columns - 52) ** 2 < 320] = [230, 60, 40]
    pixels[(rows > 60) & (rows < 68)] = [20, 20, 20]
    return pixels.astype(np.uint8)


def classify(pixels: np.ndarray) -> dict:
    torch.manual_seed(0)
    model = torchvision.models.resnet18().eval()
    middle = torch.from_numpy(pixels[8:72, 16:80].copy()).permute(2, 0, 1).float() / 255
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    with torch.no_grad():
        scores = model(((middle - mean) / std).unsqueeze(0))[0]
    best = torch.topk(scores.softmax(0), 6)
    # The order is one that rounding does not change.
    assert (best.values[:-1] - best.values[1:]).min() > 1e-5, best.values
    return dict(classes=best.indices[:5].tolist(), probabilities=best.values[:5].tolist())


def embed() -> None:
    torch.manual_seed(1)
    model = BertModel(
        BertConfig(
            vocab_size=64, hidden_size=24, num_hidden_layers=3, num_attention_heads=4,
            intermediate_size=48, max_position_embeddings=32, initializer_range=0.3,
        )).eval()
    model.save_pretrained(OUT / "encoder")
    ids = [[2, 17, 40, 9, 33, 3], [2, 17, 41, 9, 3, 0], [2, 55, 3, 0, 0, 0]]
    mask = [[1 if token else 0 for token in text] for text in ids]
    with torch.no_grad():
        hidden = model(torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state
    weights = torch.tensor(mask).unsqueeze(2).float()
    mean = (hidden * weights).sum(1) / weights.sum(1)
    (OUT / "sentences.json").write_text(json.dumps(dict(input_ids=ids, attention_mask=mask)) + "\n")
    np.save(OUT / "sentences.npy", torch.nn.functional.normalize(mean).numpy())


def main() -> None:
    pixels = picture()
    header = f"P6\n{pixels.shape[1]} {pixels.shape[0]}\n255\n".encode()
    (OUT / "picture.ppm").write_bytes(header + pixels.tobytes())
    (OUT / "picture-top5.json").write_text(json.dumps(classify(pixels)) + "\n")
    embed()


if __name__ == "__main__":
    main()
