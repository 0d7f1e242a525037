"""Times models in evaluation mode of Ballast and of PyTorch in one run, and prints how they compare.

    Tools/benchmark inference                   all models, threads and batches
    Tools/benchmark inference --model resnet50 --batch 1 --rounds 15
    Tools/benchmark inference --json            for another program
    Tools/benchmark inference --write           into Tools/Benchmarks/RESULTS.md

The networks for images are torchvision's, on 224 × 224; the encoder is transformers' BERT in the size of
all-MiniLM-L6-v2, on 128 ids. PyTorch saves its random weights, Ballast loads them strictly into the model of
its own `Models`, and both get the same inputs. The two take turns in every round, so that whatever else the
machine does slows both. A figure is the median over the rounds; the ratio is the median of the rounds'
ratios. The outputs must agree, or the work would not be the same.
"""

import argparse
import datetime
import json
import pathlib
import statistics
import sys
import tempfile
import time

import safetensors.torch
import torch
import transformers

import pairing

# The compiled operators of the wheel do not load beside a PyTorch without CUDA, and the models do not need
# them: their schemas are all that importing takes.
library = torch.library.Library("torchvision", "DEF")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402


def image_network(name):
    model = getattr(torchvision.models, name)()
    # Statistics as a trained network has them: with those of a fresh one the values grow from layer to layer.
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1)
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return model


def encoder():
    size = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    return transformers.BertModel(transformers.BertConfig(**size))


def images(batch):
    return {"input": torch.randn(batch, 3, 224, 224)}


def sentences(batch):
    return {
        "input_ids": torch.randint(0, 30522, (batch, 128)),
        "attention_mask": torch.ones(batch, 128, dtype=torch.int64),
    }


# What makes the model, the inputs of a batch, and the batches; Ballast's name of it.
MODELS = {
    "resnet18": (lambda: image_network("resnet18"), images, [1, 8], "resnet18"),
    "resnet50": (lambda: image_network("resnet50"), images, [1, 8], "resnet50"),
    "mobilenet_v2": (lambda: image_network("mobilenet_v2"), images, [1, 8], "mobilenet_v2"),
    "MiniLM": (encoder, sentences, [1, 32], "all-MiniLM-L6-v2"),
}


class PyTorch:
    """A model in this process."""

    def __init__(self, name):
        torch.manual_seed(42)
        self.model = MODELS[name][0]().eval()

    def output(self, inputs):
        if "input" in inputs:
            return self.model(inputs["input"])
        return self.model(**inputs).last_hidden_state

    def run(self, inputs, threads, times):
        torch.set_num_threads(threads)
        with torch.no_grad():
            start, start_used = time.perf_counter(), time.process_time()
            for _ in range(times):
                output = self.output(inputs)
            taken, used = time.perf_counter() - start, time.process_time() - start_used
        return taken * 1000 / times, used * 1000 / times, output


def measure(ballast, peer, name, batch, threads, options, folder):
    torch.manual_seed(batch)
    inputs = MODELS[name][1](batch)
    given, answer = folder / "inputs.safetensors", folder / "outputs.safetensors"
    safetensors.torch.save_file(inputs, given)
    ballast.ask(f"inputs {given}")
    theirs = peer.run(inputs, threads, 1)[2]
    ballast.ask(f"outputs {answer}")
    ours = safetensors.torch.load_file(answer)["output" if "input" in inputs else "last_hidden_state"]
    if ours.shape != theirs.shape:
        sys.exit(f"{name}, batch {batch}: the output is {tuple(ours.shape)}, not {tuple(theirs.shape)}")
    apart = ((ours - theirs).abs().max() / theirs.abs().max()).item()
    if not apart < 1e-4:
        sys.exit(f"{name}, batch {batch}: the outputs are {apart:.1e} apart: not the same work")
    times = max(1, min(400, int(options.seconds * 1000 / peer.run(inputs, threads, 2)[0])))

    def ours_timed():
        return tuple(map(float, ballast.ask(f"run {threads} {times}").split()))

    pairs = pairing.in_turn(ours_timed, lambda: peer.run(inputs, threads, times)[:2], options.rounds)
    return {"model": name, "threads": threads, "batch": batch, **pairing.comparison(pairs), "difference": apart}


def measure_adoption(ballast, rounds, folder):
    """Milliseconds until a model of 110 million parameters that has no memory has the tensors of a file: for each
    format those of Ballast, of PyTorch (or None), and their ratio."""
    model = transformers.BertModel(transformers.BertConfig())
    paths = {ending: folder / f"base.{ending}" for ending in ("safetensors", "pth", "h5")}
    safetensors.torch.save_file(model.state_dict(), paths["safetensors"])
    torch.save(model.state_dict(), paths["pth"])
    ballast.ask(f"adopt BertModel {paths['safetensors']}")
    ballast.ask(f"save {paths['h5']}")
    readers = {
        "safetensors": safetensors.torch.load_file,
        "pth": lambda path: torch.load(path, weights_only=True, mmap=True),
    }

    def theirs(ending):
        start = time.perf_counter()
        with torch.device("meta"):
            fresh = transformers.BertModel(transformers.BertConfig())
        fresh.load_state_dict(readers[ending](paths[ending]), assign=True)
        return (time.perf_counter() - start) * 1000

    rows = {}
    for ending, path in paths.items():
        pairs = [
            (float(ballast.ask(f"adopt BertModel {path}")), theirs(ending) if ending in readers else None)
            for _ in range(rounds)
        ]
        ours = statistics.median(own for own, _ in pairs)
        if ending in readers:
            rows[ending] = (
                ours, statistics.median(other for _, other in pairs),
                statistics.median(own / other for own, other in pairs),
            )
        else:
            rows[ending] = (ours, None, None)
    return rows


def adoption_table(rows):
    lines = [
        "BERT-base, 110 million parameters, made without memory and given the tensors of a file as they lie there "
        "(`assign`, on the meta device); milliseconds, the building of the model included.",
        "",
        "| file | Ballast | PyTorch | ratio |",
        "|---|---:|---:|---:|",
    ]
    for ending, (ours, other, ratio) in rows.items():
        lines.append(
            f"| .{ending} | {ours:.1f} | {'–' if other is None else f'{other:.1f}'} "
            f"| {'–' if ratio is None else f'**{ratio:.2f}**'} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        prog="Tools/benchmark inference", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pairing.add_options(parser, MODELS)
    options = parser.parse_args()

    ballast = pairing.Ballast("model-runner")
    machine = pairing.machine(ballast)
    out = sys.stderr if options.json else sys.stdout
    print(machine, file=out, flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in options.model or MODELS:
            peer = PyTorch(name)
            weights = folder / "weights.safetensors"
            safetensors.torch.save_file(peer.model.state_dict(), weights)
            ballast.ask(f"load {MODELS[name][3]} {weights}")
            for threads in options.threads or [1, 2]:
                for batch in options.batch or MODELS[name][2]:
                    rows.append(measure(ballast, peer, name, batch, threads, options, folder))
                    print(pairing.line(rows[-1]), file=out, flush=True)
        adoption = measure_adoption(ballast, options.rounds, folder)
        print(adoption_table(adoption), file=out, flush=True)
    if options.json:
        print(json.dumps({"machine": machine, "rows": rows, "adoption": adoption}, indent=2))
    if options.write:
        head = (
            f"{datetime.date.today()}, {machine}, torchvision {torchvision.__version__}, transformers "
            f"{transformers.__version__}; milliseconds for a batch, medians of {options.rounds} rounds in which "
            "the two take turns; the last column is the ratio of processor time."
        )
        pairing.write(f"{pairing.table(rows, head)}\n\n{adoption_table(adoption)}", "inference")


if __name__ == "__main__":
    main()
