"""Makes folders as Hugging Face's libraries write them, and beside them what is in them.

    python make_huggingface.py [folder]

Pinned: torch 2.13.0+cpu, safetensors 0.8.0, huggingface_hub 2.4.0, whose `save_torch_state_dict` is
what transformers and diffusers share. A variant is named as `_add_variant` of transformers 5.24.0 and
diffusers 0.42.1 names it; the weights are seeded with 10. `expected.json` is written from the live
tensors.
"""

import json
import pathlib
import shutil
import sys

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
OUT = FOLDER / "huggingface"
CONFIG = {"architectures": ["TinyModel"], "hidden_size": 4, "layer_norm_eps": 1e-12,
          "tie_word_embeddings": True, "id2label": {"0": "no", "1": "yes"}, "problem_type": None}


def model():
    torch.manual_seed(10)
    embedding = torch.randn(6, 4)
    return {
        "embed.weight": embedding,
        "layer.weight": torch.randn(4, 4).to(torch.bfloat16),
        "layer.bias": torch.randn(4).half(),
        "norm.running_mean": torch.randn(4),
        "norm.num_batches_tracked": torch.tensor(7),
        "position_ids": torch.arange(5).unsqueeze(0),
        "head.weight": embedding,
    }


def add_variant(name, variant):
    stem, ending = name.rsplit(".", 1)
    return f"{stem}.{variant}.{ending}"


def folder(name, config=True):
    path = OUT / name
    path.mkdir(parents=True)
    if config:
        (path / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    return path


def save(state, path, pattern, limit):
    """With `limit` bytes in a file. The library takes the other names of tensors out of what it is given."""
    save_torch_state_dict(dict(state), path, filename_pattern=pattern, max_shard_size=limit,
                          safe_serialization=pattern.endswith(".safetensors"))


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    state = model()
    half = {key: value.half() if value.is_floating_point() else value
            for key, value in state.items()}

    save(state, folder("sharded"), "model{suffix}.safetensors", 64)
    save(state, folder("sharded_bin"), "pytorch_model{suffix}.bin", 64)

    both = folder("both")
    save(state, both, "model{suffix}.safetensors", 10**9)
    save(state, both, "pytorch_model{suffix}.bin", 10**9)

    variants = folder("variants")
    save(state, variants, "model{suffix}.safetensors", 10**9)
    save(half, variants, "model.fp16{suffix}.safetensors", 64)
    index = "model.safetensors.index.json"
    (variants / "model.fp16.safetensors.index.json").rename(variants / add_variant(index, "fp16"))

    diffusers = folder("diffusers/unet")
    (diffusers.parent / "model_index.json").write_text('{"_class_name": "TinyPipeline"}\n')
    save(half, diffusers, "diffusion_pytorch_model.fp16{suffix}.safetensors", 10**9)

    adapter = folder("adapter", config=False)
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 2}\n')
    save_file({"base.lora_A.weight": torch.ones(2, 4), "base.lora_B.weight": torch.zeros(4, 2)},
              adapter / "adapter_model.safetensors", metadata={"format": "pt"})

    def rows(state):
        return {key: {"dtype": str(value.dtype)[6:], "shape": list(value.shape),
                      "hex": bytes(value.contiguous().untyped_storage().tolist()).hex()}
                for key, value in state.items()}

    (OUT / "expected.json").write_text(
        json.dumps({"plain": rows(state), "half": rows(half)}, indent=1) + "\n")


main()
