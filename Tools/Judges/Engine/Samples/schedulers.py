"""Samples of schedulers: the learning rates of 25 steps, with momentum where a scheduler changes it, and the state.

Schedulers of several have them as their names and keywords; functions are powers of a number.
"""

import math

import torch
from torch.optim import SGD, Adam, lr_scheduler

from encoding import Writer

STEPS = 25
METRICS = [1.0, 0.9, 0.95, 0.96, 0.97, 0.5, 0.5, 0.5, 0.51, 0.52, 0.53, 0.49, 0.4, 0.45, 0.46, 0.47, 0.48, 0.49,
           0.3, 0.31, 0.32, 0.33, 0.34, 0.35, 0.36]
TABLE = {
    "LambdaLR": [{"base": 0.9}],
    "MultiplicativeLR": [{"base": 0.95}],
    "SequentialLR": [
        {"schedulers": [["LinearLR", {"start_factor": 0.1, "total_iters": 4}], ["CosineAnnealingLR", {"T_max": 9}]],
         "milestones": [4]},
        {"schedulers": [["ConstantLR", {"factor": 0.5, "total_iters": 2}], ["ExponentialLR", {"gamma": 0.9}],
                        ["StepLR", {"step_size": 3}]], "milestones": [5, 12]},
        {"schedulers": [["PolynomialLR", {"total_iters": 6}], ["CosineAnnealingWarmRestarts", {"T_0": 4}]],
         "milestones": [3]}],
    "ChainedScheduler": [
        {"schedulers": [["ConstantLR", {"factor": 0.1, "total_iters": 3}], ["ExponentialLR", {"gamma": 0.9}]]},
        {"schedulers": [["LinearLR", {"total_iters": 6}], ["StepLR", {"step_size": 4, "gamma": 0.5}],
                        ["PolynomialLR", {"total_iters": 30}]]}],
    "StepLR": [{"step_size": 3}, {"step_size": 4, "gamma": 0.5}],
    "MultiStepLR": [{"milestones": [2, 5, 9]}, {"milestones": [3, 3, 11], "gamma": 0.3}],
    "ConstantLR": [{}, {"factor": 0.5, "total_iters": 4}],
    "LinearLR": [{}, {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 10}],
    "ExponentialLR": [{"gamma": 0.9}, {"gamma": 1.05}],
    "PolynomialLR": [{}, {"total_iters": 10, "power": 2.0}],
    "CosineAnnealingLR": [{"T_max": 10}, {"T_max": 7, "eta_min": 0.001}],
    "CosineAnnealingWarmRestarts": [{"T_0": 5}, {"T_0": 3, "T_mult": 2, "eta_min": 0.001}],
    "OneCycleLR": [{"max_lr": 0.5, "total_steps": 30},
                   {"max_lr": 0.3, "total_steps": 26, "anneal_strategy": "linear", "three_phase": True},
                   {"max_lr": 0.3, "epochs": 5, "steps_per_epoch": 6, "pct_start": 0.4, "div_factor": 10.0,
                    "final_div_factor": 100.0},
                   {"max_lr": 0.3, "total_steps": 26, "cycle_momentum": False}],
    "CyclicLR": [{"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4},
                 {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4, "step_size_down": 3, "mode": "triangular2"},
                 {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3, "mode": "exp_range", "gamma": 0.95},
                 {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3, "cycle_momentum": False}],
    "ReduceLROnPlateau": [{"patience": 2}, {"mode": "max", "factor": 0.5, "patience": 1},
                          {"patience": 1, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 2, "min_lr": 0.01}],
}


def options(group):
    """What of a group a scheduler can change."""
    return [group["lr"], group.get("momentum", 0.0), *group.get("betas", (0.0, 0.0))]


def made(title, optimizer, keywords):
    """A scheduler of the table's keywords."""
    kind = getattr(lr_scheduler, title)
    if title == "LambdaLR":
        return kind(optimizer, lambda epoch: keywords["base"] ** epoch)
    if title == "MultiplicativeLR":
        return kind(optimizer, lambda epoch: keywords["base"])
    if "schedulers" not in keywords:
        return kind(optimizer, **keywords)
    parts = [made(name, optimizer, options) for name, options in keywords["schedulers"]]
    if title == "ChainedScheduler":
        return kind(parts)
    return kind(optimizer, parts, milestones=keywords["milestones"])


def encoded(writer, key, value):
    if key != "schedulers":
        return writer.encode(value)
    return [{"fields": {"name": name, "keywords": {"fields": options}}} for name, options in value]


def plain(value):
    """A state as JSON; a dictionary by numbers as its pairs."""
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            return {"pairs": [[key, plain(part)] for key, part in sorted(value.items())]}
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def fill(title, writer):
    for keywords in TABLE[title]:
        for kind in (SGD, Adam):
            parameters = [torch.nn.Parameter(torch.ones(2)) for _ in range(2)]
            momentum = {"momentum": 0.9} if kind is SGD else {}
            optimizer = kind([{"params": parameters[:1], "lr": 0.1}, {"params": parameters[1:], "lr": 0.2}],
                             lr=0.1, **momentum)
            scheduler = made(title, optimizer, keywords)
            rows = [[options(group) for group in optimizer.param_groups]]
            for step in range(STEPS):
                for parameter in parameters:
                    parameter.grad = torch.ones(2)
                optimizer.step()
                scheduler.step(*([METRICS[step]] if title == "ReduceLROnPlateau" else []))
                rows.append([options(group) for group in optimizer.param_groups])
            writer.append({
                "group": kind.__name__, "optimizer": kind.__name__,
                "keywords": {key: encoded(writer, key, value) for key, value in keywords.items()},
                "metrics": METRICS, "rows": rows,
                "state": plain(scheduler.state_dict())})


def write(title, skipped):
    writer = Writer()
    fill(title, writer)
    writer.add(torch.zeros(1))
    return writer.bytes({"kind": "scheduler", "name": title})


def parts():
    for title in TABLE:
        yield "schedulers", title, lambda skipped, title=title: write(title, skipped)
