"""Gives the safetensors that Ballast writes to the libraries that people read them with, and Ballast theirs.

    python judge_safetensors.py --tools FOLDER

Tools/scripts/judge-safetensors calls it, in an environment for each version of transformers. Judges with
what is installed there: with transformers alone, or with accelerate, diffusers and MLX as well. Prints a
line for each library and kind of file, and ends with 1 if one is not as expected. What a library is
expected to refuse is in the call, with the words that it says so with.
"""

import argparse
import importlib
import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
               "TRANSFORMERS_VERBOSITY": "error", "DIFFUSERS_VERBOSITY": "error"}
warnings.simplefilter("ignore")

import torch  # noqa: E402
from safetensors.torch import save_file, save_model  # noqa: E402

import readers  # noqa: E402
from readers import Misread, load_file, same, same_model, version  # noqa: E402
from samples import Small, Tied, seeded, tiny_bert, tiny_gpt2, tiny_unet, tiny_vae, trained, types  # noqa: E402

HAS_ALL = importlib.util.find_spec("accelerate") is not None
LOADERS = {"safetensors": load_file, "transformers": readers.by_transformers}
INTO = {"safetensors": readers.into_torch}
if HAS_ALL:
    LOADERS |= {"accelerate": readers.by_accelerate, "diffusers": readers.by_diffusers, "mlx": readers.by_mlx}
    INTO |= {"accelerate": readers.into_accelerate, "mlx": readers.into_mlx}


class Table:
    def __init__(self):
        self.wrong = self.count = 0

    def judge(self, library, kind, how, check, refusal=None):
        """Runs a check; with `refusal` it has to end in an error that says this."""
        self.count += 1
        try:
            said = check()
            found = said or "as expected"
            is_right = refusal is None
        except Exception as error:
            words = " ".join(str(error).split())
            is_right = refusal is not None and not isinstance(error, Misread) and refusal in words
            found = f"refused, as expected: {refusal}" if is_right else f"{type(error).__name__}: {words[:300]}"
        if not is_right:
            self.wrong += 1
        print(f"{'' if is_right else 'WRONG  '}{version(library):<19} | {kind:<41} | {how:<27} | {found}", flush=True)


class Bench:
    """A folder to write in, and the tools."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder

    def path(self, name):
        return str(self.folder / name)

    def run(self, tool, *arguments):
        process = subprocess.run([self.tools / f"ballast-{tool}", *arguments], cwd=self.folder,
                                 capture_output=True, text=True, timeout=120)
        if process.returncode:
            raise Misread(f"ballast-{tool} {' '.join(arguments)} ended with {process.returncode}: "
                          f"{process.stdout}{process.stderr}")
        return process.stdout + process.stderr

    def convert(self, *arguments):
        return self.run("convert", *arguments, "--no-sync")

    def save(self, name, content):
        torch.save(content, self.path(name))


# MARK: Files


def judge_file(table, bench, kind, name, expected, make=None, further=(), twin=False, loaded=None,
               refusals=None):
    """Every loader on one file, then every library with the file's model.

    `further` are the names of tensors that are not the model's; strict loading has to refuse them. `loaded`
    has what each library makes of types that it does not have, `refusals` what the loaders refuse.
    """
    path = bench.path(name)
    for library, load in LOADERS.items():
        seen = {**expected, **((loaded or {}).get(library) or {})}

        def check():
            same(load(path), seen, further)
            return f"as expected; {len(further)} further tensors" if further else None

        table.judge(library, kind, "its loader", check, (refusals or {}).get(library))
    if make:
        judge_models(table, bench, kind, path, expected, make, further, twin)


REFUSALS = {  # Of strict loading, for a file that has an optimizer.
    "safetensors": 'Unexpected key(s) in state_dict: "optimizer/',
    "accelerate": 'Unexpected key(s) in state_dict: "optimizer/', "mlx": "parameters not in model: optimizer/"}


def judge_models(table, bench, kind, path, expected, make, further, twin):
    for library in INTO:
        if library == "mlx" and not twin:
            continue
        for strict in (True, False) if further else (True,):

            def check():
                model = seeded(make, 99)
                INTO[library](path, model, strict)
                same_model(model, expected)

            table.judge(library, kind, "a model, " + ("strictly" if strict else "not strictly"), check,
                        REFUSALS[library] if further and strict else None)


def files(table, bench):
    model = seeded(Small)
    optimizer = trained(model, torch.randn(2, 4))
    state = model.state_dict()
    bench.save("plain.pth", state)
    bench.save("metadata.pth", {"model_state_dict": state, "epoch": 3, "note": "text", "classes": ["a", "b"]})
    bench.save("format.pth", {"model_state_dict": state, "epoch": 3, "format": "mine"})
    bench.save("training.pth", {"model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(),
                                "epoch": 3})
    save_file(state, bench.path("bare.safetensors"))

    def written(kind, name, *source, further=()):
        said = bench.convert(*source[:1], name, *source[1:])
        table.judge("safetensors", kind, "what ballast-convert says", lambda: noted(said, further))
        judge_file(table, bench, kind, name, state, Small, further, twin=True)

    further = [f"optimizer/state/{number}/{name}" for number in range(6) for name in ("exp_avg", "exp_avg_sq", "step")]
    written("a state dict", "plain.safetensors", "plain.pth")
    written("a file of safetensors' own, no metadata", "copy.safetensors", "bare.safetensors")
    written("with metadata", "metadata.safetensors", "metadata.pth")
    written("with metadata that have a format", "format.safetensors", "format.pth")
    written("with metadata, through HDF5", "through.safetensors", through(bench, "metadata.pth"))
    written("with metadata, --model-only", "alone.safetensors", "metadata.pth", "--model-only")
    written("with optimizer and metadata", "training.safetensors", "training.pth", further=further)
    written("with optimizer, through HDF5", "steps.safetensors", through(bench, "training.pth"), further=further)
    written("with optimizer, --model-only", "only.safetensors", "training.pth", "--model-only")

    for kind, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        half = {key: value.to(dtype) if value.is_floating_point() else value for key, value in state.items()}
        bench.save(f"{kind}.pth", half)
        bench.convert(f"{kind}.pth", f"{kind}.safetensors")
        judge_file(table, bench, kind, f"{kind}.safetensors", half, lambda: Small().to(dtype), twin=True)
        bench.convert("plain.pth", f"as_{kind}.safetensors", "--dtype", kind)
        judge_file(table, bench, f"--dtype {kind}", f"as_{kind}.safetensors", half, lambda: Small().to(dtype),
                   twin=True)

    every = types()
    bench.save("types.pth", every)
    bench.convert("types.pth", "types.safetensors")
    judge_file(table, bench, "every type", "types.safetensors", every,
               refusals={"mlx": "unsupported dtype F64"})
    # MLX has no float64 and no float8: of one of these it reads the bytes, the others it refuses.
    fewer = {key: value for key, value in every.items() if "float64" not in key and "e5m2" not in key}
    bench.convert("types.pth", "fewer.safetensors", "--exclude", "float64|e5m2")
    bytes_of = {key: value.view(torch.uint8) for key, value in fewer.items() if "float8" in key}
    judge_file(table, bench, "every type but float64, float8_e5m2", "fewer.safetensors", fewer,
               loaded={"mlx": bytes_of})

    ties(table, bench)
    shards(table, bench, state, further)


def noted(said, further):
    """Whether it says of tensors beside the model's that others take them for it, and of no others."""
    if bool(further) != ("--model-only leaves them out" in said):
        raise Misread(said)


def through(bench, name):
    """The name of a Ballast file of the same content."""
    bench.convert(name, name + ".h5")
    return name + ".h5"


def ties(table, bench):
    state = seeded(Tied).state_dict()
    for kind, order in (("tied weights", list(state)), ("tied weights, the head first", list(reversed(state)))):
        name = f"tied{len(kind)}"
        bench.save(f"{name}.pth", {key: state[key] for key in order})
        bench.convert(f"{name}.pth", f"{name}.safetensors")
        kept = next(key for key in order if key in ("head.weight", "embedding.weight"))
        other = ({"head.weight", "embedding.weight"} - {kept}).pop()
        judge_file(table, bench, kind, f"{name}.safetensors", {key: state[key] for key in state if key != other})

        def check():
            if readers.metadata(bench.path(f"{name}.safetensors")).get(other) != kept:
                raise Misread("the metadata do not name the tie")
            model = seeded(Tied, 99)
            readers.into_torch(bench.path(f"{name}.safetensors"), model, True)
            same_model(model, state)
            if model.head.weight is not model.embedding.weight:
                raise Misread("the weights are tied no more")

        table.judge("safetensors", kind, "a model, strictly", check)
        if HAS_ALL:

            def check():
                model = seeded(Tied, 99)
                readers.into_accelerate(bench.path(f"{name}.safetensors"), model, True)
                same_model(model, state)

            table.judge("accelerate", kind, "a model, strictly", check)


def shards(table, bench, state, further):
    for kind, source, others in (("shards with their index", "plain.pth", ()),
                                 ("shards with optimizer", "training.pth", further)):
        stem = source.partition(".")[0] + "_parts"
        bench.convert(source, f"{stem}.safetensors", "--shard-size", "300B")
        index = json.loads(Path(bench.path(f"{stem}.safetensors.index.json")).read_text())
        parts = sorted(set(index["weight_map"].values()))
        for library, load in LOADERS.items():

            def check():
                found = {}
                for part in parts:
                    tensors = load(bench.path(part))
                    if set(tensors) != {key for key, file in index["weight_map"].items() if file == part}:
                        raise Misread(f"{part} has other tensors than the index says")
                    found |= tensors
                same(found, state, others)
                return f"as expected; {len(parts)} files"

            table.judge(library, kind, "its loader", check)
        if HAS_ALL:
            # Each file for itself has too few keys to be taken strictly; accelerate adds them up.
            index_path = bench.path(f"{stem}.safetensors.index.json")

            def check():
                model = seeded(Small, 99)
                readers.into_accelerate(index_path, model, False)
                same_model(model, state)

            table.judge("accelerate", kind, "a model, by the index", check)


# MARK: Folders


def folders(table, bench):
    from transformers import AutoModel, AutoModelForCausalLM

    tokens = torch.arange(10).reshape(2, 5)
    for make, kind, auto in ((tiny_bert, "BERT", AutoModel), (tiny_gpt2, "GPT-2, tied", AutoModelForCausalLM)):
        model = seeded(make).eval()
        optimizer = trained(model, tokens)
        state, config = model.state_dict(), model.config.to_dict()
        name = make.__name__
        content = {"model_state_dict": state, "config": plain(config)}
        bench.save(f"{name}.pth", content)
        bench.save(f"{name}_reversed.pth", content | {"model_state_dict": dict(reversed(state.items()))})
        bench.save(f"{name}_training.pth", content | {"optimizer_state_dict": optimizer.state_dict(), "epoch": 3})
        # What has no gradient, as the pooler here, has no state.
        steps = {f"optimizer/state/{number}/{part}" for number in optimizer.state_dict()["state"]
                 for part in ("exp_avg", "exp_avg_sq", "step")}
        for title, source, options, others in (
            ("folder", f"{name}.pth", (), ()),
            ("folder, keys reversed", f"{name}_reversed.pth", (), ()),
            ("folder, through HDF5", through(bench, f"{name}.pth"), (), ()),
            ("folder in shards", f"{name}.pth", ("--shard-size", "3KB"), ()),
            ("folder, --weights bin", f"{name}.pth", ("--weights", "bin"), ()),
            ("folder, bfloat16", f"{name}.pth", ("--dtype", "bfloat16"), ()),
            ("folder with optimizer", f"{name}_training.pth", (), steps),
            ("folder with optimizer, in shards", f"{name}_training.pth", ("--shard-size", "3KB"), steps),
        ):
            folder = f"{name}_{title.replace(' ', '_').replace(',', '')}"
            dtype = torch.bfloat16 if "bfloat16" in options else torch.float32
            # Version 4 looks for the embedding alone. Who keeps the module's order never has it so.
            empty = "left without values: transformer.wte.weight, lm_head.weight"
            is_empty = not HAS_ALL and make is tiny_gpt2 and "reversed" in title
            said = bench.convert(source, folder, "--to", "huggingface", *options)
            expected = {key: value.to(dtype) for key, value in state.items()}

            def check():
                noted(said, others)
                return read_folder(auto, bench.path(folder), expected, others, dtype=dtype)

            table.judge("transformers", f"{kind}: {title}", "from_pretrained", check, empty if is_empty else None)


def read_folder(auto, folder, expected, others=(), **options):
    model, said = readers.from_pretrained(auto, folder, **options)
    unexpected = set(said.pop("unexpected_keys", ()))
    if said or unexpected != set(others):
        raise Misread(f"{said}, unexpected {sorted(unexpected)}")
    if empty := [name for name, value in model.state_dict().items() if value.is_meta]:
        raise ValueError(f"left without values: {', '.join(empty)}")
    same_model(model, expected)
    return f"as expected; {len(others)} unexpected keys, said in a warning" if others else None


def plain(value):
    """A configuration as JSON has it."""
    return json.loads(json.dumps(value, default=str))


def diffusers_folders(table, bench):
    from diffusers import AutoencoderKL, UNet2DModel

    for make, kind in ((tiny_unet, UNet2DModel), (tiny_vae, AutoencoderKL)):
        model, name = seeded(make).eval(), make.__name__
        model.save_pretrained(bench.path(name))
        for title, options in (("folder", ()), ("folder in shards", ("--shard-size", "50KB"))):
            folder = f"{name}_{title.replace(' ', '_')}"
            bench.convert(through_once(bench, name), folder, "--to", "huggingface", *options)
            table.judge("diffusers", f"{kind.__name__}: {title}, through HDF5", "from_pretrained",
                        lambda: read_folder(kind, bench.path(folder), model.state_dict()))


def through_once(bench, name):
    return name + ".h5" if Path(bench.path(name + ".h5")).exists() else through(bench, name)


# MARK: What the libraries write


def others_files(table, bench):
    """What each library writes, to HDF5 and back."""

    def whole(library, kind, name, expected, ending=".safetensors", auto=None):
        def check():
            bench.run("verify", name)
            stem = kind.replace(" ", "_").replace(",", "").replace("/", "_") + "_back"
            bench.convert(name, stem + ".h5", "--strict")
            bench.run("verify", name, stem + ".h5")
            back = stem + ending
            bench.convert(stem + ".h5", back, "--strict", *(() if ending else ("--to", "huggingface")))
            bench.run("verify", name, back)
            if auto:
                read_folder(auto, bench.path(back), expected)
                return None
            same(load_file(bench.path(back)), expected)
            if Path(bench.path(back)).read_bytes() == Path(bench.path(name)).read_bytes():
                return "as expected; comes back to the byte"
            if readers.metadata(bench.path(back)) != readers.metadata(bench.path(name)):
                theirs, ours = readers.metadata(bench.path(name)), readers.metadata(bench.path(back))
                return f"as expected; metadata {sorted(theirs or {})} come back as {sorted(ours or {})}"

        table.judge(library, kind, "read by Ballast, and back", check)

    from transformers import AutoModel, AutoModelForCausalLM

    for make, auto in ((tiny_bert, AutoModel), (tiny_gpt2, AutoModelForCausalLM)):
        model = seeded(make).eval()
        for title, size in (("save_pretrained", "5GB"), ("save_pretrained in shards", "3KB")):
            name = f"{make.__name__}_{title.replace(' ', '_')}"
            model.save_pretrained(bench.path(name), max_shard_size=size)
            whole("transformers", f"{make.__name__[5:]}: {title}", name, model.state_dict(), "", auto)

    small, tied = seeded(Small), seeded(Tied)
    save_model(tied, bench.path("saved_model.safetensors"))
    kept = load_file(bench.path("saved_model.safetensors"))
    whole("safetensors", "save_model, tied", "saved_model.safetensors", kept)
    save_file(small.state_dict(), bench.path("saved_file.safetensors"), metadata={"format": "pt", "step": "3"})
    whole("safetensors", "save_file with metadata", "saved_file.safetensors", small.state_dict())
    if not HAS_ALL:
        return

    import mlx.core as mx
    from accelerate import Accelerator
    from diffusers import UNet2DModel

    for title, size in (("save_model", 10**9), ("save_model in shards", 300)):
        name = title.replace(" ", "_")
        Accelerator(cpu=True).save_model(small, bench.path(name), max_shard_size=size)
        if size > 300:
            whole("accelerate", title, f"{name}/model.safetensors", small.state_dict())
        else:
            whole("accelerate", title, name, small.state_dict(), "", SmallFolder)
    unet = seeded(tiny_unet).eval()
    for title, size in (("save_pretrained", "5GB"), ("save_pretrained in shards", "50KB")):
        name = f"unet_{title.replace(' ', '_')}"
        unet.save_pretrained(bench.path(name), max_shard_size=size)
        whole("diffusers", f"UNet2DModel: {title}", name, unet.state_dict(), "", UNet2DModel)
    arrays = {key: mx.array(value.numpy()) for key, value in small.state_dict().items()}
    for title, metadata in (("save_safetensors", None), ("save_safetensors with metadata", {"format": "mlx", "a": "1"})):
        name = title.replace(" ", "_") + ".safetensors"
        mx.save_safetensors(bench.path(name), arrays, metadata)
        whole("mlx", title, name, small.state_dict())


class SmallFolder:
    """Loads a folder of accelerate's as `from_pretrained` would."""

    @staticmethod
    def from_pretrained(folder, **_):
        model = seeded(Small, 99)
        readers.into_accelerate(folder, model, False)
        return model, {}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    importlib.import_module("transformers.utils.logging").disable_progress_bar()
    torch.set_num_threads(1)
    table = Table()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        bench = Bench(options.tools.resolve(), folder.resolve())
        files(table, bench)
        folders(table, bench)
        if HAS_ALL:
            diffusers_folders(table, bench)
        others_files(table, bench)
    print(f"\n{table.count - table.wrong} as expected, {table.wrong} not\n")
    sys.exit(1 if table.wrong or not table.count else 0)


main()
