"""The models whose weights are written, and what every reader has to see of them. Seeds are fixed."""

import torch
from torch import nn


class Small(nn.Module):
    """Layers whose keys MLX's have too, and a buffer of integers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 4)])
        self.register_buffer("steps", torch.tensor(7))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Tied(nn.Module):
    """An output layer that has the embedding's weight."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(16, 4)
        self.norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 16, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.norm(self.embedding(x)))


def seeded(make, seed=0):
    torch.manual_seed(seed)
    return make()


def trained(model, *inputs):
    """The optimizer of a model that has made a step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    torch.manual_seed(1)
    output = model(*inputs)
    (output if isinstance(output, torch.Tensor) else output[0]).square().mean().backward()
    optimizer.step()
    return optimizer


def bits(tensor):
    """Type, shape and bytes, by which tensors are the same."""
    raw = tensor.detach().contiguous().reshape(-1)
    return str(tensor.dtype)[6:], tuple(tensor.shape), raw.view(torch.uint8).numpy().tobytes() if raw.numel() else b""


def types():
    """A tensor of every type that safetensors and PyTorch share, every byte in every place of an element."""
    names = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "bfloat16",
             "float32", "float64", "complex64", "float8_e4m3fn", "float8_e5m2"]
    state = {"bool": torch.tensor([[True, False, True]])}
    for name in names:
        dtype = getattr(torch, name)
        raw = torch.arange(256 * dtype.itemsize).mul(37).to(torch.uint8)
        state[name] = raw.view(dtype).reshape(16, 16)
        state[f"scalar.{name}"] = raw.view(dtype)[77].clone()
        state[f"empty.{name}"] = torch.empty(0, 3, dtype=dtype)
    return state


def tiny_bert():
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=30, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
                        intermediate_size=16, max_position_embeddings=12)
    return BertModel(config)


def tiny_gpt2():
    """Its output layer is tied to the embedding."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=30, n_positions=12, n_embd=8, n_layer=2, n_head=2))


def tiny_unet():
    from diffusers import UNet2DModel

    return UNet2DModel(sample_size=8, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
                       attention_head_dim=4, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
                       up_block_types=("AttnUpBlock2D", "UpBlock2D"))


def tiny_vae():
    from diffusers import AutoencoderKL

    return AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=2)
