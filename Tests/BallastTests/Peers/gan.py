"""Two networks and their optimizers in one file of PyTorch.

    python gan.py write FORM FILE           train, and save in one of the usual forms
    python gan.py compare FORM FILE OWN     whether what Ballast made of FILE has the same values
"""

import sys

import torch
from torch import nn

FORMS = {
    "plain": lambda g, d, og, od: {"g": g, "d": d},
    "suffixes": lambda g, d, og, od: {
        "g_state_dict": g, "d_state_dict": d, "optimizer_g": og, "optimizer_d": od, "epoch": 3},
    "collections": lambda g, d, og, od: {
        "models": {"g": g, "d": d}, "optimizers": {"g": og, "d": od}},
    "camel": lambda g, d, og, od: {"netG": g, "netD": d, "optG": og, "optD": od},
}


def write(form, path):
    torch.manual_seed(1)
    g = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    d = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    og = torch.optim.Adam(g.parameters(), lr=0.01)
    od = torch.optim.SGD(d.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        og.zero_grad()
        od.zero_grad()
        d(g(torch.randn(5, 3))).square().mean().backward()
        og.step()
        od.step()
    parts = [x.state_dict() for x in (g, d, og, od)]
    torch.save(FORMS[form](*parts), path)


def compare(form, path, own):
    theirs = torch.load(path)
    names = list(theirs.get("models", theirs).values())[:2]
    mine = torch.load(own)
    for name, model in zip(("g", "d"), names):
        found = mine["model_state_dict"][name]
        assert list(found) == list(model), (list(found), list(model))
        assert all(torch.equal(found[key], model[key]) for key in model), name
    if form != "plain":
        saved = list(theirs["optimizers"].values()) if "optimizers" in theirs else [
            x for x in theirs.values() if isinstance(x, dict) and "param_groups" in x]
        for name, optimizer in zip(("g", "d"), saved):
            found = mine["optimizers"][name]["state"]
            assert found.keys() == optimizer["state"].keys(), name
            for number, slots in optimizer["state"].items():
                assert all(torch.equal(found[number][k], slots[k]) for k in slots), (name, number)
    print("same")


{"write": write, "compare": compare}[sys.argv[1]](*sys.argv[2:])
