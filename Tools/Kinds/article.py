"""The article, of what the tools said."""

import collections
import re

from table import CHAPTERS

LONGEST = 220
COLUMNS = "| input | made by | kept | told | status | held by |\n|---|---|---|---|---|---|\n"
TEXT = """# Every kind of file, and what becomes of it

What is kept of each kind of checkpoint, what is told, and with which status.

## Overview

`Tools/scripts/kinds` makes each file with the library that it is of, gives it to the tools, and writes
this article; `--check` says whether it is still true. *told* is a line that a tool prints of this file,
with its first word, and then the losses by their `ConversionLoss.Kind`, as the report has them. *status*
has the exit statuses of `ballast-inspect`, `ballast-convert`, `ballast-convert --strict` and
`ballast-verify`, which compares the input with what was made of it; where nothing was made it looks at the
input alone, and where two files are compared nothing is converted. 0 is all is well, 1 a difference or
damage, 65 refused. *held by* is the suite of tests; *this table* stands where none has the very case, and
`--check` alone holds it. Nearly everything but TorchScript and Keras has to have its roles guessed:
`role_guessed` is refused by `--strict=roles` only.

What is written is a Ballast file where nothing else is said. What is made *by hand* was put together byte
by byte or, for libraries that are not among the tests' peers, as those write it. The libraries are
VERSIONS.
"""


def plain(text):
    """A text in a cell: nothing of it is Markdown."""
    text = re.sub(r", by at most .*", "", re.sub(r"\s+", " ", text))
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return re.sub(r"([\\`*_\[\]<>|~#])", r"\\\1", text)


def counted(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def kept(result):
    report = result.report
    if result.row.against:
        comparison = (report.get("comparisons") or [{}])[0]
        if not comparison:
            return "–"
        return f"{counted(comparison['tensors'], 'tensor')}, {counted(comparison['values'], 'value')} compared"
    if "parameters" not in report:
        return "nothing"
    parts = [counted(report["parameters"], "parameter")]
    if report["buffers"]:
        parts.append(counted(report["buffers"], "buffer"))
    optimizer = report.get("optimizer")
    if optimizer:
        parts.append(f"{optimizer['type'] or 'optimizer'} ({counted(optimizer['tensors'], 'tensor')})")
    text = ", ".join(parts)
    for sort in ("models", "optimizers"):
        if report.get(sort):
            text += f"; further {sort} {', '.join(report[sort])}"
    if report["metadata"]:
        names = report["metadata"]
        shown = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
        text += f"; metadata {shown}"
    if result.judged:
        text += f". {result.judged}"
    return text


def losses(result):
    if result.row.against:
        return []
    return [loss["kind"] for loss in result.report.get("losses", [])]


TOLD = re.compile(r"^(note|lost|guessed|error|warning)\b|differ|: in the|cannot be compared|damage")
ROLE = re.compile(r"nothing says what it is|for its type or its name")


def weight(line):
    """What comes first where the row does not say."""
    for number, words in enumerate(("error: ", "lost: ", "guessed: ", "note: ")):
        if line.startswith(words):
            return number + (4 if ROLE.search(line) else 0)
    return 9


def told(result, unmet):
    """The line that the row names, or else the weightiest, and the losses."""
    row = result.row
    steps = [result.converted, result.verified, result.inspected, result.strict]
    if row.against:
        steps = [result.verified]
    lines = [line for step in steps if step for line in step.lines]
    said = sorted((line for line in lines if TOLD.search(line) and "(--strict)" not in line), key=weight)
    kinds, parts = losses(result), []
    if row.tells is None:
        if said:
            unmet.append(f"{row.what}: nothing was to be told, but: {said[0]}")
        parts.append("nothing")
    elif row.tells is ...:
        if not said:
            parts.append("nothing")
        elif not (kinds and ROLE.search(said[0])):
            parts.append(plain(said[0]))
    else:
        found = [line for line in lines if row.tells in line]
        if found:
            parts.append(plain(found[0]))
        else:
            unmet.append(f"{row.what}: no tool says \"{row.tells}\"")
    if kinds:
        numbers = collections.Counter(kinds)
        parts.append(", ".join(f"`{kind}`" + (f" {n}" if n > 1 else "") for kind, n in sorted(numbers.items())))
    return "; ".join(parts)


def statuses(result):
    steps = (result.inspected, result.converted, result.strict, result.verified)
    return " ".join("–" if step is None else str(step.status) for step in steps)


def article(results, pinned):
    """The text, and what the rows wanted to be told and is not."""
    unmet = []
    by_row = {id(result.row): result for result in results}
    names = ", ".join(f"{name} {version}" for name, version in pinned.items())
    text = TEXT.replace("VERSIONS", names)
    for chapter in CHAPTERS:
        cells = []
        for row in chapter.rows:
            result = by_row.get(id(row))
            if not result:
                continue
            made = row.made if row.made not in pinned else f"{row.made} {pinned[row.made]}"
            what = row.what
            if row.convert or row.options:
                what += " (`" + " ".join((*row.options, *row.convert)) + "`)"
            if row.to != ".h5" and not row.against:
                what += f", as `{row.to}`"
            cells.append("| " + " | ".join([
                what, made, plain(kept(result)), told(result, unmet), statuses(result),
                f"`{row.held.partition('.')[0]}`" if row.held else "this table"]) + " |\n")
        if cells:
            text += f"\n## {chapter.title}\n\n{chapter.text}\n\n{COLUMNS}{''.join(cells)}"
    return text, unmet
