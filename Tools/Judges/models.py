"""Takes a model of each family the whole way and back, beside the library that it comes from.

    python models.py TOOLS [NAME …]

The library makes the model and saves its random weights; ballast-convert makes Ballast's HDF5 of them;
ballast-load takes that strictly; the model in Swift gives the outputs that the library's gives; it makes a
step of SGD, and is saved in the library's format; the library takes that strictly, and its outputs are those of
Swift, and those after its own step. Outputs are equal if none differs by more than 1e-4 of the greatest.
Prints a line for each, and ends with 1 if one is not so. `Tools/scripts/judge-models` calls it.
"""

import copy
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import zlib

import safetensors.torch
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATE = 0.01

# The compiled operators of the wheel do not load beside a PyTorch without CUDA, and the models do not need
# them: their schemas are all that importing takes.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
import transformers  # noqa: E402

transformers.utils.logging.disable_progress_bar()


def module_at(path):
    """A program beside the fixtures of tests, which has the small models."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


language = module_at(ROOT / "Tests/ModelsTests/Fixtures/make_language.py")

# Networks for images, and the side of the images that they take.
IMAGES = {
    "resnet18": 64, "resnet50": 64, "vgg11": 64, "vgg11_bn": 64, "mobilenet_v2": 64, "densenet121": 64,
    "efficientnet_b0": 64, "convnext_tiny": 64, "vit_b_16": 224, "swin_t": 64,
}
TEXTS = ["bert", "bert-classifier", "distilbert", "gpt2", "llama", "mistral", "qwen2", "t5", "clip", "whisper"]


class Runner:
    """The process with the model in Swift."""

    def __init__(self, tools):
        self.process = subprocess.Popen(
            [tools / "model-runner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error:"):
            raise Failure(answer or "model-runner ended")

    def outputs(self, folder):
        self.ask(f"outputs {folder}/outputs.safetensors")
        return safetensors.torch.load_file(folder / "outputs.safetensors")


class Failure(Exception):
    """What is not as it should be."""


class ImageNetwork:
    """A network of torchvision."""

    def __init__(self, name):
        self.spec = name
        self.model = getattr(torchvision.models, name)(num_classes=10).eval()
        self.spec += ":num_classes=10"
        for module in self.model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                # As of a trained network: with weights of one the values grow from block to block.
                torch.nn.init.uniform_(module.weight, 0.2, 0.6)
                torch.nn.init.normal_(module.running_mean, std=0.1)
                torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        if name.startswith("vit"):
            # It begins with zeros, which give zeros.
            torch.nn.init.normal_(self.model.heads.head.weight, std=0.05)
        self.inputs = {"input": torch.randn(2, 3, IMAGES[name], IMAGES[name])}
        self.file = "tuned.pth"

    def save(self, folder):
        torch.save(self.model.state_dict(), folder / "model.pth")
        return folder / "model.pth"

    def outputs(self, model):
        return {"output": model(self.inputs["input"])}

    def read_back(self, path):
        model = copy.deepcopy(self.model)
        model.load_state_dict(torch.load(path, weights_only=True), strict=True)
        return model


class Transformer:
    """A small model of transformers."""

    def __init__(self, name):
        kind, configuration = language.CASES[name]
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        self.model = language.make(kind, configuration).eval()
        language.randomise(self.model, generator)
        self.inputs = language.inputs_of(kind, generator, 29)["batch"]
        self.options = dict(use_cache=False) if kind.startswith((*language.DECODERS, "Whisper")) else {}
        self.file = "tuned.safetensors"

    def save(self, folder):
        self.model.save_pretrained(folder / "model")
        self.spec = folder / "model/config.json"
        return folder / "model"

    def outputs(self, model):
        return language.flat(model(**self.inputs, **self.options))

    def read_back(self, path):
        folder = path.parent / "model"
        (folder / "model.safetensors").write_bytes(path.read_bytes())
        model, info = type(self.model).from_pretrained(folder, output_loading_info=True)
        for what in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
            if info.get(what):
                raise Failure(f"the library finds {what}: {info[what]}")
        return model.eval()


def compare(what, found, expected):
    if found.keys() != expected.keys():
        raise Failure(f"{what}: {sorted(found)} instead of {sorted(expected)}")
    for name, tensor in expected.items():
        if found[name].shape != tensor.shape:
            raise Failure(f"{what}: {name} is {tuple(found[name].shape)}, not {tuple(tensor.shape)}")
        apart = ((found[name] - tensor).abs().max() / tensor.abs().max()).item()
        if not apart < 1e-4:
            raise Failure(f"{what}: {name} differs by {apart:.1e}")


def plain(outputs):
    return {name: tensor.detach().clone() for name, tensor in outputs.items()}


def judge(case, tools, folder):
    saved = case.save(folder)
    whole = folder / "whole.h5"
    subprocess.run([tools / "ballast-convert", saved, whole], check=True, capture_output=True, text=True)
    subprocess.run(
        [tools / "ballast-load", whole, "--model", case.spec], check=True, capture_output=True, text=True)
    runner = Runner(tools)
    runner.ask(f"load {case.spec} {whole}")
    safetensors.torch.save_file(case.inputs, folder / "inputs.safetensors")
    runner.ask(f"inputs {folder}/inputs.safetensors")
    first = case.outputs(case.model)
    compare("as saved", runner.outputs(folder), plain(first))

    runner.ask(f"step {RATE}")
    after = runner.outputs(folder)
    runner.ask(f"save {folder / case.file}")
    with torch.no_grad():
        compare("after a step, read by the library", plain(case.outputs(case.read_back(folder / case.file))), after)
    sum(tensor.square().mean() for tensor in first.values()).backward()
    torch.optim.SGD(case.model.parameters(), RATE).step()
    with torch.no_grad():
        own = plain(case.outputs(case.model))
    compare("after the library's own step", after, own)
    if all(torch.equal(own[name], first[name]) for name in own):
        raise Failure("the step changed nothing")


def main():
    tools, *names = sys.argv[1:]
    tools = pathlib.Path(tools).resolve()
    cases = {name: ImageNetwork for name in IMAGES} | {name: Transformer for name in TEXTS}
    if unknown := set(names) - cases.keys():
        sys.exit(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(cases)}")
    failed = 0
    for name in names or cases:
        torch.manual_seed(zlib.crc32(name.encode()))
        with tempfile.TemporaryDirectory() as folder:
            try:
                judge(cases[name](name), tools, pathlib.Path(folder))
                print(f"{name}: loads, gives the same, is trained, and goes back", flush=True)
            except Failure as failure:
                failed += 1
                print(f"{name}: {failure}", flush=True)
            except subprocess.CalledProcessError as error:
                failed += 1
                print(f"{name}: {pathlib.Path(error.cmd[0]).name} ended with {error.returncode}: "
                      f"{error.stderr or error.stdout}", flush=True)
    print(f"{len(names or cases) - failed} of {len(names or cases)} as expected")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
