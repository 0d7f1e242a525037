"""Makes the article of names: see ../scripts/pytorch-names."""

import argparse
import collections
import csv
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ARTICLE = ROOT / "Sources/Ballast/Ballast.docc/PyTorchNames.md"
MODULES = ["Arrays", "States", "Autograd", "NN", "Optim", "Datasets", "Ballast"]

# Where a group's names are: types, of which one or another has them; none stands for functions of no type.
PLACES = {
    "torch.Tensor": ["Tensor"],
    "torch": ["Tensor", None],
    "torch.linalg": ["Tensor"],
    "torch.nn": ["init"],
    "torch.nn.Module": ["Module"],
    "torch.nn.functional": ["F"],
    "torch.nn.init": ["Initialization"],
    "torch.nn.utils": [None, "Module"],
    "torch.optim": ["init"],
    "torch.optim.lr_scheduler": ["init"],
}
# How the work is done on graphics processors has no meaning here, nor have attributes of sparse tensors.
WITHOUT_MEANING = {
    "foreach", "fused", "capturable", "differentiable", "params", "sparse", "process_group", "input", "_freeze", "_weight",
    "modules", "parameters", "values", "optimizer", "destination", "memo", "defaults",
}


def camel(name):
    """`masked_fill_` as `maskedFill_`, and `_log_api_usage_once` as it stands."""
    words = name.rstrip("_").split("_")
    return words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:]) + ("_" if name.endswith("_") else "")


class Declarations:
    """The public names in the sources: of each type, and of none, with the labels of their arguments."""

    TYPE = re.compile(r"(?:@\w+(?:\([^)]*\))?\s+)*(?:public\s+|open\s+)?(?:final\s+)?(?:extension|class|enum|struct|protocol)\s+([\w.]+)")
    MEMBER = re.compile(
        r"\s*(?:@\w+\s+)*(?:public|open)\s+(?:static |final |override |class |convenience |mutating |required |prefix )*"
        r"(func|init|var|let|typealias)\b\s*`?(\w*)")

    def __init__(self, root):
        self.labels = collections.defaultdict(lambda: collections.defaultdict(set))
        self.hints = set()
        self.bases = {}
        for module in MODULES:
            for path in sorted((root / "Sources" / module).rglob("*.swift")):
                self._read(path.read_text())
        for name in list(self.bases):
            base, seen = self.bases[name], {name}
            while base in self.labels and base != "Module" and base not in seen:
                seen.add(base)
                for member, found in list(self.labels[base].items()):
                    self.labels[name][member] |= found
                base = self.bases.get(base)

    def _read(self, text):
        lines = text.split("\n")
        owner, refused = None, False
        for number, line in enumerate(lines):
            if match := self.TYPE.match(line):
                owner = match.group(1)
                if base := re.search(r"class \w+(?:<[^>]*>)?: (\w+)", line):
                    self.bases[owner] = base.group(1)
                if refused and "class" in line:
                    self.hints.add((owner, "init"))
                    refused = False
            elif line.startswith("}"):
                owner = None
            if "@available(*, unavailable" in line or re.match(r"\s+\*, unavailable,", line):
                refused = True
            if match := self.MEMBER.match(line):
                name = match.group(2) or match.group(1)
                if refused:
                    self.hints.add((owner, name))
                    refused = False
                elif (owner, "init") not in self.hints:
                    rest = "\n".join(lines[number:number + 20])[match.end():]
                    self.labels[owner][name] |= self._labels(rest) if match.group(1) in ("func", "init") else set()

    @staticmethod
    def _labels(rest):
        start, depth, parts, part = rest.find("("), 0, [], ""
        for character in rest[start:]:
            depth += (character in "([") - (character in ")]")
            if depth == 0:
                break
            if character == "," and depth == 1:
                parts.append(part)
                part = ""
            else:
                part += character
        found = set()
        for text in [*parts, part]:
            if match := re.match(r"[\s(]*(?:@\w+\s+)?`?(\w+)`?(?:\s+`?(\w+)`?)?\s*:", text):
                found |= {word for word in match.groups() if word}
        return found

    def find(self, places, name):
        """The labels of a name in the first of some types that has it; nil if none does."""
        found = [self.labels[place][name] for place in places if place in self.labels and name in self.labels[place]]
        return set.union(*found) if found else None

    def refuses(self, places, *names):
        return any((place, name) in self.hints for place in places for name in names)


def table(name):
    with (HERE / name).open() as file:
        return {row[0]: row[1:] for row in csv.reader(file, delimiter="\t") if row and not row[0].startswith("#")}


def plain(name):
    return name.replace("_", "").lower()


def classified(group, names, ours, renamed, absent):
    """A group's names: what is called alike, what otherwise, and what is not there."""
    alike, other, missing, wrong = [], [], [], []
    for name, arguments in names.items():
        full = f"{group}.{name}"
        places = PLACES[group]
        if full in renamed:
            other.append((name, renamed[full][0]))
            for reference in re.findall(r"`([\w.]+)", renamed[full][0]):
                owner, _, member = reference.rpartition(".")
                if not any(
                    member in found or member in ours.labels for place, found in ours.labels.items()
                    if not owner or place == owner):
                    wrong.append(f"{full}: there is no {reference}")
            continue
        if places == ["init"]:
            labels = ours.find([name], "init")
            if labels is None and name in ours.labels and (name, "init") not in ours.hints:
                labels = set()
            word = name
        else:
            word = camel(name)
            labels = ours.find(places, word)
        if labels is not None:
            known = {plain(label) for label in labels}
            lacking = [
                a for a in arguments if places in (["init"], ["F"]) and a not in WITHOUT_MEANING and plain(a) not in known
                and f"{full}({a})" not in renamed]
            given = [f"`{a}` is {renamed[f'{full}({a})'][0]}" for a in arguments if f"{full}({a})" in renamed]
            notes = given + ([f"without {', '.join(f'`{a}`' for a in lacking)}"] if lacking else [])
            alike.append((word, "; ".join(notes)))
        else:
            hint = ours.refuses(places, word, name) or (places == ["init"] and (name, "init") in ours.hints)
            missing.append((name, absent.get(full, [""])[0], hint))
        if full in absent and labels is not None:
            wrong.append(f"{full} is there, and absent.tsv says that it is not")
    return alike, other, missing, wrong


def article(root):
    ours = Declarations(root)
    renamed, absent = table("renamed.tsv"), table("absent.tsv")
    groups = json.loads((HERE / "pytorch.json").read_text())
    known = {f"{group}.{name}" for group, names in groups.items() for name in names}
    wrong = [f"PyTorch has no {name}" for name in [*renamed, *absent] if name.split("(")[0] not in known]
    lines = [
        "# PyTorch's names", "",
        "Every public name of PyTorch 2.13's tensors, layers, functions, optimizers and schedulers, and whether it is here.", "",
        "## Overview", "",
        "This article is made by `Tools/scripts/pytorch-names`, and `--check` says whether it is still true. A name that is",
        "*alike* is PyTorch's in camelCase, `masked_fill` as `maskedFill`; the layers, optimizers and schedulers have PyTorch's",
        "own. What is *otherwise* has another name or another form. What is *not here* does not compile; of the names in italics",
        "the compiler says what to do instead. What they mean is in <doc:FromPyTorch>.", "",
        "Of layers, functions, optimizers and schedulers the arguments that are missing are named too, but for those that",
        "choose how a graphics processor works (`foreach`, `fused`, `capturable`), and `sparse` gradients.", "",
    ]
    counts = collections.Counter()
    for group, names in groups.items():
        alike, other, missing, faults = classified(group, names, ours, renamed, absent)
        wrong += faults
        counts.update(alike=len(alike), other=len(other), missing=len(missing))
        lines += [f"## {group}", ""]
        whole = [f"`{word}`" for word, note in alike if not note]
        if whole:
            lines += ["Alike: " + ", ".join(whole) + ".", ""]
        rows = [(f"`{word}`", note) for word, note in alike if note] + [(f"`{name}`", text) for name, text in other]
        if rows:
            lines += ["| PyTorch | Ballast |", "|---|---|"] + [f"| {name} | {text} |" for name, text in rows] + [""]
        if missing:
            told = [f"*`{name}`*" if hint else f"`{name}`" for name, reason, hint in missing if not reason]
            if told:
                lines += ["Not here: " + ", ".join(told) + ".", ""]
            reasons = collections.defaultdict(list)
            for name, reason, hint in missing:
                if reason:
                    reasons[reason].append(f"*`{name}`*" if hint else f"`{name}`")
            for reason, of in reasons.items():
                lines += [f"Not here, {reason}: " + ", ".join(of) + ".", ""]
    return "\n".join(lines).rstrip() + "\n", counts, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    text, counts, wrong = article(ROOT)
    for line in wrong:
        print(line, file=sys.stderr)
    if options.check:
        stale = not ARTICLE.exists() or ARTICLE.read_text() != text
        if stale:
            print(f"{ARTICLE.relative_to(ROOT)} is not what the sources say", file=sys.stderr)
        sys.exit(1 if stale or wrong else 0)
    ARTICLE.write_text(text)
    print(f"{counts['alike']} names alike, {counts['other']} otherwise, {counts['missing']} not here")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
