"""Writes lora/: adapters of PEFT, as its `save_pretrained` leaves them, and what PEFT makes of them.

    PYTHONHASHSEED=0 python make_lora.py

needs torch==2.13.0+cpu, peft==0.21.2, transformers==5.23.0 and safetensors. For each case there is a
folder:

- adapter/, what `save_pretrained` wrote, without the README.
- base.safetensors, the state of the model without the adapter; config.json for models of transformers.
- merged.safetensors, the state that `merge_and_unload` leaves, of an adapter that was loaded from the
  folder.
- io.safetensors: `input`; `output` of the base; `apart`, what the model with the adapter gives;
  `merged`, what the merged model gives; `loss` of one step (the mean of the squares of `apart`), and
  `after.KEY`, the adapter's tensors after that step of SGD with a learning rate of 0.25.

Weights are multiples of 1/8 or so of small numerators, so that every sum of products is exact in float32
and merged weights are the same to the bit in whatever order they are summed. The case `rough` has random
ones.
"""

import shutil
import warnings
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch import nn

OUT = Path(__file__).with_name("lora")
GPT2 = dict(vocab_size=11, n_embd=4, n_layer=1, n_head=2, n_positions=6, resid_pdrop=0.0,
            embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=None, eos_token_id=None)


class Lines(nn.Module):
    """Linear layers, one of them square."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.square = nn.Linear(6, 6)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(torch.relu(self.square(torch.relu(self.first(x)))))


class Text(nn.Module):
    """A table, and convolutions along the text."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(9, 4, padding_idx=0)
        self.line = nn.Conv1d(4, 5, 3, padding=1)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        return self.head(torch.relu(self.line(self.table(x).transpose(1, 2))).mean(2))


class Picture(nn.Module):
    """Convolutions of images, one with windows of one element, and one in groups."""

    def __init__(self, groups=1):
        super().__init__()
        self.wide = nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(1, 0))
        self.point = nn.Conv2d(4, 6, 1, groups=groups)
        self.norm = nn.BatchNorm2d(6)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.norm(torch.relu(self.point(torch.relu(self.wide(x))))).mean((2, 3)))


def exact(shape, generator, span=4, unit=8):
    """Multiples of 1/unit from -span/unit to span/unit."""
    return torch.randint(-span, span + 1, shape, generator=generator) / unit


def fill(model, generator, rough=False):
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        values = torch.randn(tensor.shape, generator=generator) if rough else exact(
            tensor.shape, generator)
        if name.endswith("running_var"):
            values = values.abs() + 0.5
        tensor.copy_(values)


def lines_input(generator):
    return exact((3, 4), generator, 8)


def words(generator, count, length):
    return torch.randint(0, count, (2, length), generator=generator)


def picture_input(generator):
    return exact((2, 2, 5, 4), generator, 8)


def gpt2():
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**GPT2))


def config(targets, **more):
    return LoraConfig(**{**dict(r=2, lora_alpha=4, target_modules=targets), **more})


CASES = {
    "linear": (Lines, lines_input, config(["first", "square"])),
    "patterns": (Lines, lines_input, config(
        ["first", "square", "head"], rank_pattern={"^first": 3, "(square|other)": 4},
        alpha_pattern={r"sq\w+": 8, "head": 1})),
    "rslora": (Lines, lines_input, config(["first", "head"], r=3, use_rslora=True)),
    "saved": (Lines, lines_input, config(["square"], modules_to_save=["head"])),
    "biases": (Lines, lines_input, config(["square"], bias="all", modules_to_save=["head"])),
    "lora-biases": (Lines, lines_input, config(["square"], bias="lora_only")),
    "bfloat16": (Lines, lines_input, config(
        ["first", "square"], r=3, use_rslora=True, modules_to_save=["head"])),
    "float16": (Lines, lines_input, config(["first", "square"], r=3, use_rslora=True)),
    "float64": (Lines, lines_input, config(["first", "square"], use_rslora=True)),
    "rough": (Lines, lines_input, config(["first", "square", "head"], use_rslora=True)),
    "text": (Text, lambda g: words(g, 9, 5), config(["table", "line"])),
    "text-bfloat16": (Text, lambda g: words(g, 9, 5), config(
        ["table", "line"], r=3, use_rslora=True)),
    "picture": (Picture, picture_input, config(["wide", "point"], modules_to_save=["norm"])),
    "groups": (lambda: Picture(2), picture_input, config(["point"])),
    "gpt2": (gpt2, lambda g: words(g, 11, 4), config(["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)),
    "gpt2-tied": (gpt2, lambda g: words(g, 11, 4), config(["wte", "c_attn"], fan_in_fan_out=True)),
}
TYPES = {"bfloat16": torch.bfloat16, "text-bfloat16": torch.bfloat16, "float16": torch.float16,
         "float64": torch.float64}


def compute(model, x):
    output = model(x)
    return output.logits if hasattr(output, "logits") else output


def plain(tensors):
    return {key: value.detach().clone().contiguous() for key, value in tensors.items()}


def untied(state):
    """Without what is tied, which safetensors refuses."""
    return {key: value for key, value in state.items() if key != "lm_head.weight"}


def make(name):
    build, input_of, lora = CASES[name]
    dtype = TYPES.get(name, torch.float32)
    generator = torch.Generator().manual_seed(sorted(CASES).index(name))
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    base = build()
    fill(base, generator, rough=name == "rough")
    base = base.to(dtype).eval()
    state = plain(base.state_dict())
    keeps = untied if name.startswith("gpt2") else dict
    save_file(keeps(state), folder / "base.safetensors", metadata={"format": "pt"})
    if name.startswith("gpt2"):
        base.config.architectures = ["GPT2LMHeadModel"]
        (folder / "config.json").write_text(base.config.to_json_string())
    x = input_of(generator)
    if x.is_floating_point():
        x = x.to(dtype)
    with torch.no_grad():
        io = {"input": x, "output": compute(base, x)}

    trained = get_peft_model(base, lora)
    for key, parameter in trained.named_parameters():
        if parameter.requires_grad:
            values = torch.randn(parameter.shape, generator=generator) if name == "rough" else exact(
                parameter.shape, generator)
            parameter.data.copy_(values)
    for key, buffer in trained.named_buffers():
        if "modules_to_save" in key and buffer.is_floating_point():
            buffer.copy_(exact(buffer.shape, generator).abs() + 0.25)
    trained.save_pretrained(folder / "adapter")
    (folder / "adapter/README.md").unlink()

    def load(**options):
        model = build().to(dtype)
        model.load_state_dict(state, strict=False)
        return PeftModel.from_pretrained(model, folder / "adapter", **options).eval()

    model = load(is_trainable=True)
    apart = compute(model, x)
    io["apart"] = apart
    if name != "groups":
        with torch.no_grad():
            merged = load().merge_and_unload()
            save_file(keeps(plain(merged.state_dict())), folder / "merged.safetensors")
            io["merged"] = compute(merged, x)
            if name == "gpt2-tied":
                assert merged.lm_head.weight is merged.transformer.wte.weight
    loss = apart.square().mean()
    loss.backward()
    torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=0.25).step()
    io["loss"] = loss.reshape(1)
    after = get_peft_model_state_dict(model)
    io.update({f"after.{key}": value for key, value in after.items()})
    save_file(plain(io), folder / "io.safetensors")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for case in CASES:
        make(case)
