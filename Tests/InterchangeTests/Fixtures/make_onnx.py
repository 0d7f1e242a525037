"""Makes small ONNX models by PyTorch's exporters, beside the state dict of which they are.

    python make_onnx.py [folder]

Pinned: torch 2.13.0+cpu, onnx 1.23.2, onnxscript 0.7.2, numpy 2.4.6. Weights are of seed 7.

- `model.pth`: the state dict, a convolution, a batch normalisation, an embedding, and two linear layers of which the
  second is tied to it.
- `optimized.onnx`: the exporter's default, which folds the batch normalisation into the convolution.
- `plain.onnx`: without optimisation.
- `script.onnx`: the exporter of TorchScript.
- `script_plain.onnx`: that without constant folding, for training.
"""

import pathlib
import sys
import warnings

import onnx
import torch

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent) / "onnx"


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 2, 3, bias=False)
        self.bn = torch.nn.BatchNorm2d(2)
        self.fc = torch.nn.Linear(8, 4)
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False))
        self.emb = torch.nn.Embedding(5, 3)
        self.out = torch.nn.Linear(3, 5, bias=False)
        self.out.weight = self.emb.weight

    def forward(self, image, tokens):
        features = torch.relu(self.bn(self.conv(image))).flatten(1)
        # A product of three dimensions, which is no Gemm.
        hidden = self.layers(torch.relu(self.fc(features)).unsqueeze(1))
        return self.out(hidden + self.emb(tokens))


def forget_places(path):
    """Removes from each node where in which file of the exporter's machine it comes from."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if entry.key != "pkg.torch.onnx.stack_trace"]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    path.write_bytes(model.SerializeToString())


def main():
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(7)
    model = Model()
    with torch.no_grad():
        model.bn.running_mean.uniform_(-1, 1)
        model.bn.running_var.uniform_(0.5, 2)
        model.bn.weight.uniform_(0.5, 2)
        model.bn.bias.uniform_(-1, 1)
    model.eval()
    torch.save(model.state_dict(), FOLDER / "model.pth")
    inputs = (torch.randn(2, 1, 4, 4), torch.tensor([[1, 2], [3, 4]]))
    for name, optimize in [("optimized", True), ("plain", False)]:
        program = torch.onnx.export(model, inputs, dynamo=True, optimize=optimize, verbose=False)
        program.save(FOLDER / f"{name}.onnx", external_data=False)
        forget_places(FOLDER / f"{name}.onnx")
    for name, folding in [("script", True), ("script_plain", False)]:
        training = torch.onnx.TrainingMode.EVAL if folding else torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(
            model, inputs, FOLDER / f"{name}.onnx", dynamo=False, do_constant_folding=folding, training=training)


main()
