"""Writes generation.json: texts that Hugging Face transformers continues, drawn with PyTorch's random
numbers, of the small models in language/.

    python make_generation.py

needs torch==2.13.0+cpu, transformers==5.23.0 and safetensors, and what make_language.py wrote.

Texts of a batch differ in length and are padded on the left; `mask` says where. What is drawn follows
`torch.manual_seed(seed)`.
"""

import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

HERE = Path(__file__).parent
CLASSES = {"gpt2": transformers.GPT2LMHeadModel, "llama": transformers.LlamaForCausalLM}
# top_k of 0 draws from all tokens.
WAYS = {
    "greedy": dict(do_sample=False),
    "plain": dict(do_sample=True, top_k=0),
    "temperature": dict(do_sample=True, top_k=0, temperature=0.3),
    "top_k": dict(do_sample=True, top_k=4),
    "top_p": dict(do_sample=True, top_k=0, top_p=0.6),
    "all": dict(do_sample=True, top_k=12, top_p=0.9, temperature=1.7),
}
TEXTS = {
    "single": ([[5, 17, 3]], [[1, 1, 1]]),
    "batch": ([[0, 0, 7, 2], [11, 4, 9, 1], [0, 20, 21, 22]],
              [[0, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]]),
}


def main() -> None:
    cases = []
    for name, cls in CLASSES.items():
        config = transformers.AutoConfig.from_pretrained(HERE / "language" / f"{name}.config.json")
        model = cls(config).eval()
        state = load_file(HERE / "language" / f"{name}.safetensors")
        missing, unexpected = model.load_state_dict(state, strict=False)
        assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
        model.tie_weights()
        for way, options in WAYS.items():
            for text, (ids, mask) in TEXTS.items():
                for end in (None, "eos"):
                    # The third new token of the first text ends it, the second time.
                    eos = None if end is None else last[0][len(ids[0]) + 2]
                    torch.manual_seed(11)
                    with torch.no_grad():
                        out = model.generate(
                            torch.tensor(ids), attention_mask=torch.tensor(mask),
                            max_new_tokens=9, eos_token_id=eos, pad_token_id=0, **options)
                    last = out.tolist()
                    after = torch.rand(1).item()
                    cases.append(dict(
                        model=name, way=way, text=text, ids=ids, mask=mask, seed=11, end=eos,
                        temperature=options.get("temperature", 1.0), top_k=options.get("top_k", 0),
                        top_p=options.get("top_p", 1.0), sample=options["do_sample"], out=last,
                        after=after))
    (HERE / "generation.json").write_text(
        "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
