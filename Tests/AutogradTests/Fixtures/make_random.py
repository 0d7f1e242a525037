"""Random numbers, made by PyTorch 2.13.0. Run: python make_random.py > random.json"""

import base64
import json

import torch

assert torch.__version__.startswith("2.13.0"), torch.__version__


def seeded(seed, function):
    torch.manual_seed(seed)
    return function().flatten().tolist()


def uniform(low, high):
    return lambda: torch.empty(40).uniform_(low, high)


results = {
    "rand": seeded(42, lambda: torch.rand(700)),
    "rand64": seeded(42, lambda: torch.rand(40, dtype=torch.float64)),
    "uniform": seeded(3, uniform(-0.57735, 0.57735)),
    "uniform.tiny": seeded(3, uniform(1e-3, 1.1e-3)),
    "randperm": seeded(5, lambda: torch.randperm(100)),
    "bernoulli": seeded(42, lambda: torch.empty(50).bernoulli_(0.7)),
    "dropout": seeded(42, lambda: torch.nn.functional.dropout(torch.ones(50), 0.3)),
    "large seed": seeded(2**40 + 17, lambda: torch.rand(4)),
}
for count in (1, 5, 15, 16, 20, 37, 64):
    results[f"randn {count}"] = seeded(7, lambda: torch.randn(count))
    results[f"randn64 {count}"] = seeded(7, lambda: torch.randn(count, dtype=torch.float64))
for count in (1, 15, 16, 20, 37, 64):
    for dtype in (torch.float16, torch.bfloat16):
        name = str(dtype).removeprefix("torch.")
        results[f"randn {name} {count}"] = seeded(7, lambda: torch.randn(count, dtype=dtype))
        results[f"rand {name} {count}"] = seeded(7, lambda: torch.rand(count, dtype=dtype))
        results[f"uniform {name} {count}"] = seeded(7, lambda: torch.empty(count, dtype=dtype).uniform_(-0.3, 0.7))
for dtype in (torch.float32, torch.float64, torch.float16):
    name = str(dtype).removeprefix("torch.")
    shares = torch.linspace(0, 1, 50, dtype=dtype)
    weights = torch.arange(1, 31).to(dtype)
    results[f"bernoulli {name}"] = seeded(42, lambda: torch.bernoulli(shares))
    results[f"multinomial {name}"] = seeded(42, lambda: torch.multinomial(weights, 6))
    results[f"multinomial again {name}"] = seeded(42, lambda: torch.multinomial(weights, 60, replacement=True))
    results[f"multinomial rows {name}"] = seeded(42, lambda: torch.multinomial(weights.view(3, 10), 4))
    results[f"multinomial one {name}"] = seeded(42, lambda: torch.multinomial(weights.view(3, 10), 1, replacement=True))
    logits = torch.linspace(-1, 2, 12, dtype=dtype).view(3, 4)
    results[f"gumbel {name}"] = seeded(42, lambda: torch.nn.functional.gumbel_softmax(logits, 0.7))
results["bernoulli turned"] = seeded(42, lambda: torch.bernoulli(torch.linspace(0, 1, 12).view(3, 4).t()))
results["normal 4096"] = seeded(7, lambda: torch.empty(4096).normal_(2.0, 0.5))
results["normal"] = seeded(7, lambda: torch.empty(20).normal_(2.0, 0.5))


# Integers: from 2**28 on two words are drawn for each, and the ends are rounded to the type.
for low, high in [(0, 10), (-3, 2**28 - 4), (0, 2**28), (0, 2**32 + 5), (-(2**62), 2**62), (-(2**63), 2**63 - 1)]:
    results[f"randint {low} {high}"] = [str(n) for n in seeded(3, lambda: torch.randint(low, high, (5,)))]
for dtype, high in [("float32", 2**30), ("bfloat16", 300), ("float16", 2050), ("uint8", 256), ("bool", 2)]:
    numbers = seeded(3, lambda: torch.randint(high, (5,), dtype=getattr(torch, dtype)))
    results[f"randint {dtype} {high}"] = [float(n) for n in numbers]

# A pair of normal numbers is half used when the state is taken.
torch.manual_seed(11)
torch.rand(1000)
torch.randn(3)
results["state"] = base64.b64encode(bytes(torch.get_rng_state().tolist())).decode()
results["after state"] = torch.cat([torch.randn(3), torch.rand(700)]).tolist()
print(json.dumps(results, separators=(",", ":")).replace("],", "],\n"))
