"""TorchScript's roles, optimizers whose parameters are matched or not, and what is guessed."""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

from table import INTERCHANGE, chapter, maker, run_peer

ORDER = "--optimizer-in-order"
DOUBT = "beyond doubt"


@maker
def scripts(folder):
    """TorchScript: by `script`, by `trace`, and frozen."""
    run_peer(INTERCHANGE + "write_script.py", folder / "script.pt")
    torch.manual_seed(4)
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    torch.jit.trace(net, torch.zeros(2, 3)).save(folder / "traced.pt")
    torch.jit.freeze(torch.jit.script(net)).save(folder / "frozen.pt")


def layers():
    """Two layers of one shape, and one of another."""
    return nn.Sequential(OrderedDict(a=nn.Linear(3, 3), b=nn.Linear(3, 3), c=nn.Linear(3, 2)))


@maker
def optimizers(folder):
    torch.manual_seed(6)

    def save(name, optimizer_of, model=None, change=lambda state: state):
        model = model or layers()
        optimizer = optimizer_of(model)
        model(torch.randn(4, 3)).sum().backward()
        optimizer.step()
        torch.save({"model": model.state_dict(), "optimizer": change(optimizer.state_dict()), "epoch": 1},
                   folder / f"{name}.pth")

    adam, sgd = torch.optim.Adam, torch.optim.SGD
    save("unique", lambda m: adam(m.parameters()), nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)))
    save("ordered", lambda m: adam(m.parameters()))
    save("reversed", lambda m: adam(reversed(list(m.parameters()))))
    save("named_reversed", lambda m: adam(reversed(list(m.named_parameters()))))
    save("part", lambda m: adam(m.c.parameters()))
    save("muon", lambda m: torch.optim.Muon([p for p in m.parameters() if p.ndim == 2]))

    def by_name(state):
        """As FSDP's optim_state_dict has them, by name."""
        names = [name for name, _ in layers().named_parameters()]
        return {"state": {names[number]: slots for number, slots in state["state"].items()},
                "param_groups": [{**group, "params": [names[number] for number in group["params"]]}
                                 for group in state["param_groups"]]}

    save("fsdp", lambda m: adam(m.parameters()), change=by_name)
    torch.manual_seed(6)
    model = layers()
    first, second = adam(model.parameters()), sgd(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.randn(4, 3)).sum().backward()
    first.step()
    second.step()
    torch.save({"model": model.state_dict(), "optimizer": [first.state_dict(), second.state_dict()]},
               folder / "two.pth")


class Custom(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
        self.register_buffer("centroids", torch.ones(4, 3))
        self.register_buffer("moving_average", torch.zeros(2))


@maker
def guesses(folder):
    """Modules whose buffers no list tells from parameters."""
    torch.manual_seed(8)

    def save(name, module):
        torch.save(module.state_dict(), folder / f"{name}.pth")

    save("plain", nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)))
    save("custom", Custom())
    save("spectral", parametrizations.spectral_norm(nn.Linear(3, 2)))
    save("orthogonal", parametrizations.orthogonal(nn.Linear(3, 3)))
    pruned = nn.Linear(3, 2)
    prune.l1_unstructured(pruned, "weight", 0.5)
    save("pruned", pruned)
    torch.save(Custom(), folder / "module.pth")
    torch.save(OrderedDict(Custom().state_dict(keep_vars=True)), folder / "keep_vars.pth")


script = chapter("Roles in TorchScript", "The code names the parameters and the buffers. It is read, and not run.")
SCRIPT = "TorchScriptTests.theCodeSaysWhatIsAParameter"
script.row("a scripted module with buffers called `weight` and `scale`", "scripts/script.pt", "torch", SCRIPT,
           "TorchScript")
script.row("a traced module", "scripts/traced.pt", "torch", SCRIPT, "TorchScript")
script.row("a frozen module", "scripts/frozen.pt", "torch", "EverythingTests", "error: ")

matched = chapter(
    "Optimizers, and whose state it is",
    "State goes to a parameter by the names that the file has. Where it has none, it keeps its number, by which\n"
    "PyTorch itself loads it, unless `--optimizer-in-order` says that the order is the model's. Of the model of\n"
    "these rows two layers have one shape.")
matched.row(
    "Adam, whose parameters all have other shapes", "optimizers/unique.pth", "torch",
    "PyTorchFixtureTests.readsWhatPyTorchWrote", DOUBT)
matched.row(
    "Adam over `parameters()`", "optimizers/ordered.pth", "torch",
    "PyTorchLayoutTests.anOptimizerByPositionKeepsItsNumbers", DOUBT)
matched.row(
    "the same", "optimizers/ordered.pth", "torch", "PyTorchLayoutTests.anOptimizerByPositionKeepsItsNumbers",
    ..., options=(ORDER,))
matched.row("Adam over `reversed(parameters())`", "optimizers/reversed.pth", "torch", "", DOUBT)
matched.row("the same", "optimizers/reversed.pth", "torch", "", "error: ", options=(ORDER,))
matched.row("Adam over them in reverse", "optimizers/named_reversed.pth", "torch", "", ...)
matched.row("Adam over the last layer alone", "optimizers/part.pth", "torch", "", DOUBT)
matched.row("Muon over the matrices", "optimizers/muon.pth", "torch", "", DOUBT)
matched.row("state by names, as FSDP's", "optimizers/fsdp.pth", "torch", "", ...)
matched.row(
    "two optimizers in a list", "optimizers/two.pth", "torch",
    "SeveralModelsTests.modelsAndOptimizersAreFoundByTheirPlaces", DOUBT)

guessed = chapter(
    "Guesses are called guesses",
    "Where nothing says what a tensor is, its type and its name are gone by, and each is told as\n"
    "`role_guessed`. `--strict` takes no offence at that, `--strict=roles` does.")
STRICT_ROLES = "MappingTests.lossesAreToldAndRefusedIfStrict"
guessed.row("`Linear` and `BatchNorm1d`", "guesses/plain.pth", "torch", STRICT_ROLES, "taken as a buffer")
guessed.row(
    "buffers called `centroids` and `moving_average`", "guesses/custom.pth", "torch", "",
    "taken as a parameter")
guessed.row("`spectral_norm`", "guesses/spectral.pth", "torch", "", "guessed")
guessed.row("`orthogonal`", "guesses/orthogonal.pth", "torch", "", "guessed")
guessed.row("a pruned layer", "guesses/pruned.pth", "torch", "", "guessed")
guessed.row(
    "the module itself, which knows", "guesses/module.pth", "torch", "PyTorchFixtureTests.countsRoles",
    "state dict is kept")
guessed.row(
    "`state_dict(keep_vars=True)`, which knows", "guesses/keep_vars.pth", "torch",
    "PyTorchFixtureTests.countsRoles", None)
