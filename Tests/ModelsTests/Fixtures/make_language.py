"""Writes language/: what Hugging Face transformers and PyTorch's example of a language model say of
models for text, for text and images, and for speech.

    python make_language.py

needs torch==2.13.0+cpu, transformers==5.23.0 and safetensors. For each case:

- NAME.safetensors, the weights as the reference saves them. All tensors are random, those too that
  are zeros and ones at first.
- NAME.config.json, the configuration as the reference saves it.
- NAME.io.safetensors, inputs and outputs: `single.in.…`, `single.out.…`, and the same for a `batch`
  with padding; `….where` says where outputs count, if not everywhere. `generated.in` and
  `generated.out` are texts and their greedy continuation.

cases.json has the keys, shapes and types of each case in the order of `state_dict()`; sizes.json
those of the full sizes, as a count and a CRC-32, with all lines for the smallest of a family;
buckets.json the buckets of distances of T5, by their number and the largest distance.
"""

import json
import tempfile
import zlib
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

OUT = Path(__file__).with_name("language")
SHARED = dict(bos_token_id=None, eos_token_id=None)
BERT = dict(vocab_size=29, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=12, max_position_embeddings=16, type_vocab_size=3,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, layer_norm_eps=0.01)
DISTIL = dict(vocab_size=29, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=16)
GPT2 = dict(vocab_size=29, n_embd=8, n_layer=2, n_head=2, n_positions=24,
            layer_norm_epsilon=0.01, **SHARED)
LLAMA = dict(vocab_size=29, hidden_size=16, intermediate_size=12, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
             pad_token_id=None, rms_norm_eps=0.01, **SHARED)
T5 = dict(vocab_size=29, d_model=8, d_kv=4, d_ff=12, num_layers=2, num_heads=3,
          relative_attention_num_buckets=8, relative_attention_max_distance=12,
          layer_norm_epsilon=0.01)
CLIP_TEXT = dict(vocab_size=29, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
                 num_attention_heads=2, max_position_embeddings=16, layer_norm_eps=0.01,
                 bos_token_id=27, eos_token_id=28)
CLIP_VISION = dict(hidden_size=12, intermediate_size=10, num_hidden_layers=2,
                   num_attention_heads=3, image_size=8, patch_size=4, layer_norm_eps=0.01)
CLIP = dict(text_config=CLIP_TEXT, vision_config=CLIP_VISION, projection_dim=6)
WHISPER = dict(vocab_size=29, num_mel_bins=4, d_model=8, encoder_layers=2, decoder_layers=2,
               encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=12,
               decoder_ffn_dim=10, max_source_positions=6, max_target_positions=16,
               pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=3,
               begin_suppress_tokens=None)


def rope(kind: str, theta: float = 10000.0, **more) -> dict:
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


def whisper(layers: int, features: int, heads: int) -> dict:
    return dict(d_model=features, encoder_layers=layers, decoder_layers=layers,
                encoder_attention_heads=heads, decoder_attention_heads=heads,
                encoder_ffn_dim=4 * features, decoder_ffn_dim=4 * features)


# name: (class, configuration)
CASES = {
    "bert": ("BertModel", BERT),
    "bert-masked-lm": ("BertForMaskedLM", BERT | dict(hidden_act="gelu_new")),
    "bert-pretraining": ("BertForPreTraining", BERT | dict(hidden_act="relu")),
    "bert-classifier": ("BertForSequenceClassification", BERT | dict(num_labels=3)),
    "distilbert": ("DistilBertModel", DISTIL),
    "distilbert-masked-lm": ("DistilBertForMaskedLM", DISTIL | dict(activation="relu")),
    "distilbert-classifier": ("DistilBertForSequenceClassification", DISTIL | dict(num_labels=3)),
    "gpt2": ("GPT2LMHeadModel", GPT2),
    "gpt2-base": ("GPT2Model", GPT2 | dict(
        n_inner=12, scale_attn_by_inverse_layer_idx=True, scale_attn_weights=False,
        activation_function="gelu")),
    "llama": ("LlamaForCausalLM", LLAMA),
    "llama-base": ("LlamaModel", LLAMA | dict(
        attention_bias=True, mlp_bias=True, head_dim=6) | rope("linear", factor=4.0)),
    "llama3": ("LlamaForCausalLM", LLAMA | dict(tie_word_embeddings=True, hidden_size=32) | rope(
        "llama3", 500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=32)),
    "mistral": ("MistralForCausalLM", LLAMA | dict(sliding_window=3)),
    "qwen2": ("Qwen2ForCausalLM", LLAMA | dict(
        tie_word_embeddings=True, use_sliding_window=True, sliding_window=3, max_window_layers=1)),
    "t5": ("T5EncoderModel", T5),
    "t5-gated": ("T5EncoderModel", T5 | dict(feed_forward_proj="gated-gelu")),
    "clip": ("CLIPModel", CLIP),
    "clip-first": ("CLIPModel", CLIP | dict(text_config=CLIP_TEXT | dict(
        eos_token_id=2, hidden_act="gelu"))),
    "whisper": ("WhisperModel", WHISPER),
    "whisper-head": ("WhisperForConditionalGeneration", WHISPER),
}
TRAINED = "bert"
DECODERS = ("GPT2", "Llama", "Mistral", "Qwen2")
FULL = {
    # name: (class, configuration, whether all lines are kept)
    "bert-base-uncased": ("BertForPreTraining", {}, False),
    "bert-base-cased": ("BertForPreTraining", dict(vocab_size=28996), False),
    "bert-large-uncased": ("BertForPreTraining", dict(
        hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
        False),
    "all-MiniLM-L6-v2": ("BertModel", dict(
        hidden_size=384, num_hidden_layers=6, intermediate_size=1536), True),
    "all-MiniLM-L12-v2": ("BertModel", dict(hidden_size=384, intermediate_size=1536), False),
    "BertForMaskedLM": ("BertForMaskedLM", {}, False),
    "BertModel": ("BertModel", {}, False),
    "BertForSequenceClassification": ("BertForSequenceClassification", {}, False),
    "DistilBertModel": ("DistilBertModel", {}, False),
    "distilbert-base-uncased": ("DistilBertForMaskedLM", {}, True),
    "DistilBertForSequenceClassification": ("DistilBertForSequenceClassification", {}, False),
    "GPT2Model": ("GPT2Model", {}, False),
    "gpt2": ("GPT2LMHeadModel", {}, True),
    "gpt2-medium": ("GPT2LMHeadModel", dict(n_embd=1024, n_layer=24, n_head=16), False),
    "gpt2-large": ("GPT2LMHeadModel", dict(n_embd=1280, n_layer=36, n_head=20), False),
    "gpt2-xl": ("GPT2LMHeadModel", dict(n_embd=1600, n_layer=48, n_head=25), False),
    "LlamaModel": ("LlamaModel", {}, False),
    "LlamaForCausalLM": ("LlamaForCausalLM", {}, False),
    "MistralForCausalLM": ("MistralForCausalLM", {}, False),
    "Qwen2ForCausalLM": ("Qwen2ForCausalLM", {}, False),
    "t5-small-encoder": ("T5EncoderModel", {}, True),
    "t5-base-encoder": ("T5EncoderModel", dict(
        d_model=768, d_ff=3072, num_layers=12, num_heads=12), False),
    "t5-v1_1-base-encoder": ("T5EncoderModel", dict(
        d_model=768, d_ff=2048, num_layers=12, num_heads=12, feed_forward_proj="gated-gelu"),
        False),
    "clip-vit-base-patch32": ("CLIPModel", {}, True),
    "clip-vit-base-patch16": ("CLIPModel", dict(vision_config=dict(patch_size=16)), False),
    "clip-vit-large-patch14": ("CLIPModel", dict(
        text_config=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12),
        vision_config=dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24,
                           num_attention_heads=16, patch_size=14), projection_dim=768), False),
    "WhisperModel": ("WhisperModel", {}, False),
    "whisper-tiny": ("WhisperForConditionalGeneration", {}, True),
    "whisper-base": ("WhisperForConditionalGeneration", whisper(6, 512, 8), False),
    "whisper-small": ("WhisperForConditionalGeneration", whisper(12, 768, 12), False),
    "whisper-medium": ("WhisperForConditionalGeneration", whisper(24, 1024, 16), False),
}


def listing(model: torch.nn.Module) -> list[str]:
    return [f"{key} {tuple(value.shape)} {str(value.dtype)[6:]}"
            for key, value in model.state_dict().items()]


def randomise(model: torch.nn.Module, generator: torch.Generator) -> None:
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if tensor.is_floating_point() and not name.endswith("inv_freq"):
                scale = 0.5 if tensor.ndim > 1 else 0.3
                tensor.normal_(1 if "norm" in name.lower() and name.endswith("weight") else 0,
                               scale, generator=generator)


def make(kind: str, configuration: dict) -> torch.nn.Module:
    cls = getattr(transformers, kind)
    return cls(cls.config_class(**configuration))


def flat(output) -> dict[str, torch.Tensor]:
    return {key: value.contiguous() for key, value in output.items()
            if isinstance(value, torch.Tensor)}


def inputs_of(kind: str, generator: torch.Generator, limit: int) -> dict[str, dict]:
    def ids(*shape, top=limit):
        return torch.randint(1, top, shape, generator=generator)

    tokens = 15
    right = (torch.arange(tokens) < torch.tensor([[tokens], [9], [4]])).long()
    batch = dict(input_ids=ids(3, tokens), attention_mask=right)
    single = dict(input_ids=ids(1, 7))
    cases = dict(single=single, batch=batch)
    if kind.startswith("Bert"):
        single["token_type_ids"] = ids(1, 7, top=3)
        batch["token_type_ids"] = ids(3, tokens, top=3)
    if kind.startswith("CLIP"):
        for inputs in cases.values():
            mask = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
            inputs["input_ids"] %= 28
            inputs["input_ids"].scatter_(1, mask.sum(1, keepdim=True) - 1, 28)
        single["pixel_values"] = torch.randn(1, 3, 8, 8, generator=generator)
        batch["pixel_values"] = torch.randn(2, 3, 8, 8, generator=generator)
    if kind.startswith("Whisper"):
        cases = {name: dict(
            input_features=torch.randn(len(old["input_ids"]), 4, 12, generator=generator),
            **{f"decoder_{key}": value for key, value in old.items()})
            for name, old in cases.items()}
    if kind.startswith(DECODERS):
        left = right.flip(1)
        positions = (left.cumsum(1) - 1).clamp(min=0)
        cases["left"] = dict(input_ids=ids(3, tokens), attention_mask=left, position_ids=positions)
    return cases


def write_case(name: str, kind: str, configuration: dict, listings: dict) -> None:
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    model = make(kind, configuration).eval()
    randomise(model, generator)
    listings[name] = listing(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        (OUT / f"{name}.safetensors").write_bytes(Path(folder, "model.safetensors").read_bytes())
        (OUT / f"{name}.config.json").write_bytes(Path(folder, "config.json").read_bytes())
    tensors = {}
    for part, inputs in inputs_of(kind, generator, 29).items():
        with torch.no_grad():
            plain = dict(use_cache=False) if kind.startswith((*DECODERS, "Whisper")) else {}
            outputs = flat(model(**inputs, **plain))
        tensors |= {f"{part}.in.{key}": value for key, value in inputs.items()}
        tensors |= {f"{part}.out.{key}": value for key, value in outputs.items()}
        if part == "left":
            tensors["left.where"] = inputs["attention_mask"].clone()
    if kind.endswith(("LMHeadModel", "ForCausalLM")):
        prompt = torch.randint(1, 29, (2, 5), generator=generator)
        tensors["generated.in"] = prompt
        tensors["generated.out"] = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=10)
    save_file({key: value.contiguous().clone() for key, value in tensors.items()},
              OUT / f"{name}.io.safetensors")
    if name == TRAINED:
        model.train()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        inputs = inputs_of(kind, generator, 29)["batch"]
        # The padding, whose embedding is not trained.
        inputs["input_ids"] *= inputs["attention_mask"]
        output = model(**inputs)
        loss = output.last_hidden_state.square().mean() + output.pooler_output.square().mean()
        loss.backward()
        optimizer.step()
        save_file({f"in.{key}": value for key, value in inputs.items()}
                  | {"loss": loss.detach().reshape(1)}
                  | {f"after.{key}": value.contiguous() for key, value in model.state_dict().items()},
                  OUT / f"{name}.step.safetensors")


class RNNModel(torch.nn.Module):
    """The layers of pytorch/examples word_language_model, made and called in its order."""

    def __init__(self, ntoken, ninp, nhid, nlayers, dropout=0.5, tie_weights=False):
        super().__init__()
        self.drop = torch.nn.Dropout(dropout)
        self.encoder = torch.nn.Embedding(ntoken, ninp)
        self.rnn = torch.nn.LSTM(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = torch.nn.Linear(nhid, ntoken)
        if tie_weights:
            self.decoder.weight = self.encoder.weight
        torch.nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        torch.nn.init.zeros_(self.decoder.bias)
        torch.nn.init.uniform_(self.decoder.weight, -0.1, 0.1)

    def forward(self, input, state):
        hidden, state = self.rnn(self.drop(self.encoder(input)), state)
        scores = self.decoder(self.drop(hidden)).flatten(0, 1)
        return torch.log_softmax(scores, dim=1), state


def write_lstm(listings: dict) -> None:
    for name, tied in (("lstm", False), ("lstm-tied", True)):
        generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        options = dict(ntoken=29, ninp=8 if tied else 6, nhid=8, nlayers=2, tie_weights=tied)
        model = RNNModel(**options).eval()
        randomise(model, generator)
        listings[name] = listing(model)
        state = model.state_dict()
        save_file({key: value.clone() for key, value in state.items()}, OUT / f"{name}.safetensors")
        (OUT / f"{name}.config.json").write_text(
            json.dumps(dict(module="lstm-language-model", **options)) + "\n")
        tensors = {}
        for part, batch in (("single", 1), ("batch", 3)):
            inputs = dict(input=torch.randint(0, 29, (7, batch), generator=generator))
            before = None
            if batch > 1:
                before = [torch.randn(2, batch, 8, generator=generator) for _ in range(2)]
                inputs |= dict(hidden=before[0], cells=before[1])
            with torch.no_grad():
                output, after = model(inputs["input"], before)
            tensors |= {f"{part}.in.{key}": value for key, value in inputs.items()}
            tensors |= {f"{part}.out.{key}": value.contiguous() for key, value in
                        dict(output=output, hidden=after[0], cells=after[1]).items()}
        if not tied:
            # The initial values after a seed, as numbers that depend on all of them.
            torch.manual_seed(0)
            seeded = RNNModel(**options).eval()
            tensors["seeded.in.input"] = torch.arange(12).view(6, 2)
            with torch.no_grad():
                tensors["seeded.out.output"] = seeded(tensors["seeded.in.input"], None)[0]
        save_file(tensors, OUT / f"{name}.io.safetensors")


def write_sizes() -> None:
    sizes = {}
    for name, (kind, configuration, keeps) in FULL.items():
        with torch.device("meta"):
            lines = listing(make(kind, configuration))
        sizes[name] = dict(count=len(lines),
                           crc32=zlib.crc32(("\n".join(lines) + "\n").encode()),
                           listing=lines if keeps else None)
    (OUT / "sizes.json").write_text(json.dumps(sizes, indent=1) + "\n")


def write_buckets() -> None:
    from transformers.models.t5.modeling_t5 import T5Attention
    distances = torch.arange(-300, 301)
    buckets = {f"{count},{longest}": T5Attention._relative_position_bucket(
        distances, bidirectional=True, num_buckets=count, max_distance=longest).tolist()
        for count, longest in ((32, 128), (8, 12), (64, 200))}
    (OUT / "buckets.json").write_text(json.dumps(buckets) + "\n")


def main() -> None:
    OUT.mkdir(exist_ok=True)
    torch.use_deterministic_algorithms(True)
    listings = {}
    for name, (kind, configuration) in CASES.items():
        write_case(name, kind, configuration, listings)
    write_lstm(listings)
    (OUT / "cases.json").write_text(json.dumps(listings, indent=1) + "\n")
    write_sizes()
    write_buckets()


if __name__ == "__main__":
    main()
