"""Prints as JSON what the `gguf` package calls the tensors of transformers' models, and Llama's permutation.

    python gguf_names.py

`names` has, for each mapping, the keys of a model of two layers with their shapes, and the names that
`gguf.TensorNameMap` gives them. `rotated` has a matrix of eight heads of six features, and what `LlamaModel.permute` of
`convert_hf_to_gguf.py` of llama.cpp makes of it, whose one expression stands below. Written with gguf 0.19.0.
"""

import json

import gguf
import numpy as np
from gguf import MODEL_ARCH as ARCH


def decoder(bias, width=8):
    keys = {"model.embed_tokens.weight": [16, width], "model.norm.weight": [width], "lm_head.weight": [16, width]}
    for layer in range(2):
        start = f"model.layers.{layer}."
        for name in ("input_layernorm", "post_attention_layernorm"):
            keys[f"{start}{name}.weight"] = [width]
        for name in "qkvo":
            keys[f"{start}self_attn.{name}_proj.weight"] = [width, width]
            if bias and name != "o":
                keys[f"{start}self_attn.{name}_proj.bias"] = [width]
        for name in ("gate", "up", "down"):
            keys[f"{start}mlp.{name}_proj.weight"] = [width, 12] if name == "down" else [12, width]
    return keys


def gpt2():
    keys = {"transformer.wte.weight": [16, 8], "transformer.wpe.weight": [10, 8], "lm_head.weight": [16, 8]}
    for part in ("weight", "bias"):
        keys[f"transformer.ln_f.{part}"] = [8]
        for layer in range(2):
            start = f"transformer.h.{layer}."
            keys[f"{start}ln_1.{part}"] = keys[f"{start}ln_2.{part}"] = [8]
            for name, shape in [
                    ("attn.c_attn", [8, 24]), ("attn.c_proj", [8, 8]), ("mlp.c_fc", [8, 32]), ("mlp.c_proj", [32, 8])]:
                keys[f"{start}{name}.{part}"] = shape if part == "weight" else shape[1:]
    return keys


def bert():
    keys = {
        f"embeddings.{name}_embeddings.weight": [rows, 8]
        for name, rows in [("word", 16), ("position", 10), ("token_type", 2)]
    }
    for part in ("weight", "bias"):
        keys[f"embeddings.LayerNorm.{part}"] = [8]
        for layer in range(2):
            for name, shape in [
                    ("attention.self.query", [8, 8]), ("attention.self.key", [8, 8]), ("attention.self.value", [8, 8]),
                    ("attention.output.dense", [8, 8]), ("attention.output.LayerNorm", [8]),
                    ("intermediate.dense", [32, 8]), ("output.dense", [8, 32]), ("output.LayerNorm", [8])]:
                keys[f"encoder.layer.{layer}.{name}.{part}"] = shape if part == "weight" else shape[:1]
    return keys


def permute(weights, n_head):
    return (
        weights.reshape(n_head, 2, weights.shape[0] // n_head // 2, *weights.shape[1:])
        .swapaxes(1, 2).reshape(weights.shape)
    )


names = {}
for mapping, arch, keys in [
        ("gguf-llama-from-huggingface-4", ARCH.LLAMA, decoder(False)),
        ("gguf-llama-from-huggingface-64", ARCH.LLAMA, decoder(False, 128)),
        ("gguf-qwen2-from-huggingface", ARCH.QWEN2, decoder(True)), ("gguf-gpt2-from-huggingface", ARCH.GPT2, gpt2()),
        ("gguf-bert-from-huggingface", ARCH.BERT, bert())]:
    table = gguf.get_tensor_name_map(arch, 2)
    names[mapping] = {
        key: {"name": table.get_name(key, try_suffixes=(".weight", ".bias")), "shape": shape}
        for key, shape in keys.items()
    }
before = np.arange(48 * 3, dtype=np.float32).reshape(48, 3)
rotated = {"before": before.ravel().tolist(), "after": permute(before, 8).ravel().tolist()}
print(json.dumps({"names": names, "rotated": rotated}))
