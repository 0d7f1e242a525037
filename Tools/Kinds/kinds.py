"""Makes the files, runs the tools, and writes the article; Tools/scripts/kinds says how it is called."""

import argparse
import difflib
import importlib.metadata
import json
import logging
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from table import BALLAST, CHAPTERS, FIXTURES, MAKERS, ROOT
from article import TOLD, article, kept

ARTICLE = ROOT / "Sources/Interchange/Interchange.docc/Kinds.md"


class Wrong(Exception):
    pass


@dataclass
class Run:
    command: list
    status: int
    output: str
    errors: str

    @property
    def lines(self):
        text = self.output + "\n" + self.errors
        return [re.sub(r"^ballast-\w+: ", "error: ", line.strip()) for line in text.splitlines() if line.strip()]


@dataclass
class Result:
    row: object
    inspected: Run
    converted: Run
    strict: Run
    verified: Run
    report: dict
    judged: str = ""


def make(arguments):
    name, folder = arguments
    folder.mkdir()
    # Of Keras's advice and PyTorch's plans nothing is asked here.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    try:
        return name, MAKERS[name](folder) or {}
    except Exception as error:
        return name, Wrong(f"{name} were not made: {type(error).__name__}: {error}")


def make_all(scratch, names, processes):
    """Each maker in a process of its own, forked from this one, which has the libraries."""
    import h5py, numpy, safetensors.torch, torch  # noqa: E401, F401

    context = multiprocessing.get_context("fork")
    with context.Pool(processes, maxtasksperchild=1) as pool:
        return dict(pool.imap_unordered(make, [(name, scratch / name) for name in names], chunksize=1))


def ending(path):
    match = re.search(r"(\.weights)?\.[a-z0-9]+(\.index\.json)?$", path.name) if not path.is_dir() else None
    return match.group(0) if match else ""


def source(file, scratch, described):
    if file.startswith("fixtures/"):
        return ROOT / FIXTURES / file.removeprefix("fixtures/")
    name, colon, description = file.partition(":")
    if not colon:
        return scratch / file
    if description not in described[name]:
        raise Wrong(f"{name} makes no \"{description}\"")
    return scratch / name / described[name][description]


def place(row, file, name, folder, scratch, described):
    path = source(file, scratch, described)
    if not path.exists():
        raise Wrong(f"{row.what}: there is no {file}")
    target = folder / (name + ending(path))
    (shutil.copytree if path.is_dir() else shutil.copyfile)(path, target)
    return target.name


def run(tools, folder, tool, *arguments):
    command = [f"ballast-{tool}", *arguments]
    process = subprocess.run(
        [tools / command[0], *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    if process.returncode < 0:
        raise Wrong(f"{' '.join(command)} ended by signal {-process.returncode}")
    return Run(command, process.returncode, process.stdout, process.stderr)


def report_of(run):
    try:
        return json.loads(run.output)
    except ValueError:
        return {}


def examine(row, number, scratch, described, tools):
    folder = scratch / "rows" / str(number)
    folder.mkdir(parents=True)
    name = place(row, row.file, "model", folder, scratch, described)
    for extra in row.beside:
        shutil.copyfile(source(extra, scratch, described), folder / Path(extra).name)
    options, out = row.options, "written" + row.to
    inspected = run(tools, folder, "inspect", name, *options)
    if row.against:
        other = place(row, row.against, "other", folder, scratch, described)
        verified = run(tools, folder, "verify", name, other, *options)
        report = report_of(run(tools, folder, "verify", name, other, *options, "--json"))
        return Result(row, inspected, None, None, verified, report)
    how = (*options, *row.convert)
    converted = run(tools, folder, "convert", name, out, *how)
    report = report_of(run(tools, folder, "convert", name, "again" + row.to, *how, "--json", "--overwrite"))
    strict = run(tools, folder, "convert", name, "strict" + row.to, *how, "--strict", "--overwrite")
    if (folder / out).exists():
        other = ("--other-root", "") if "--root" in options else ()
        verified = run(tools, folder, "verify", name, out, *options, *other, *row.verify)
    else:
        verified = run(tools, folder, "verify", name, *options)
    judged = row.judge(folder / out) if row.judge and (folder / out).exists() else ""
    return Result(row, inspected, converted, strict, verified, report, judged)


def show(result):
    """All that was told, once: the first tool that says it."""
    print(f"== {result.row.what} ({result.row.file})\n   {kept(result)}")
    said = set()
    for step in (result.inspected, result.converted, result.strict, result.verified):
        if step:
            print(f"-- {' '.join(step.command)}: {step.status}")
            for line in step.lines:
                if line not in said and (TOLD.search(line) or step is result.verified):
                    print("  ", line)
                said.add(line)


def tests_by_suite():
    found = {}
    for path in (ROOT / "Tests").rglob("*.swift"):
        text = path.read_text()
        for match in re.finditer(r"@Suite.*?struct (\w+)|^struct (\w+Tests)\b", text, re.S | re.M):
            found.setdefault(match.group(1) or match.group(2), set()).update(
                re.findall(r"@Test[^\n]*?(?:\n[^\n]*?)*?func (\w+)", text))
    return found


def held(row, suites):
    suite, _, test = row.held.partition(".")
    if row.held and (suite not in suites or test and test not in suites[suite]):
        raise Wrong(f"{row.what}: there is no test {row.held}")


def versions():
    """Of the libraries that made the files, as pinned; another one would make other files."""
    pinned = dict(line.split("==") for line in (ROOT / "Tools/scripts/peers.txt").read_text().splitlines()
                  if line and not line.startswith("#"))
    pinned["torch"] = re.search(r"^torch=(\S+)", (ROOT / "Tools/scripts/install-peers").read_text(), re.M)[1]
    names = {"torch": "torch", "h5py": "h5py", "Keras": "keras", "NumPy": "numpy", "safetensors": "safetensors"}
    for name in names.values():
        installed = importlib.metadata.version(name).partition("+")[0]
        if installed != pinned[name]:
            raise Wrong(f"{name} is {installed}, and not {pinned[name]}")
    return {shown: pinned[name] for shown, name in names.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tools", type=Path, default=ROOT / ".build/release")
    parser.add_argument("--show")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    tools = BALLAST["tools"] = options.tools.resolve()

    import chapters  # noqa: F401

    pinned, suites = versions(), tests_by_suite()
    known = run(tools, ".", "convert", "--help").output
    words = options.show or ""
    rows = [row for chapter in CHAPTERS if chapter.needs in known for row in chapter.rows
            if words in row.what or words in chapter.title]
    wrong = []
    scratch = Path(tempfile.mkdtemp(prefix="ballast-kinds-"))
    try:
        files = [file for row in rows for file in (row.file, row.against) if file]
        names = sorted({re.split("[/:]", file)[0] for file in files} - {"fixtures"}, reverse=True)
        described = make_all(scratch, names, 2)
        unmade = [name for name, files in described.items() if isinstance(files, Wrong)]
        wrong += [str(described[name]) for name in unmade]
        rows = [row for row in rows if re.split("[/:]", row.file)[0] not in unmade]

        def examined(pair):
            number, row = pair
            try:
                if options.show is None:
                    held(row, suites)
                return examine(row, number, scratch, described, tools)
            except (Wrong, OSError, subprocess.TimeoutExpired) as error:
                wrong.append(str(error))

        with ThreadPoolExecutor(2) as pool:
            results = [result for result in pool.map(examined, enumerate(rows)) if result]
        if options.show is not None:
            for result in results:
                show(result)
        text, unmet = article(results, pinned)
    finally:
        if options.keep:
            shutil.copytree(scratch, options.keep, dirs_exist_ok=True)
        shutil.rmtree(scratch)
    if options.show is not None:
        unmet = unmet if not options.show else []
    for line in wrong + unmet:
        print("kinds:", line, file=sys.stderr)
    if wrong or unmet:
        return 1
    if options.show is not None:
        return 0
    if not options.check:
        ARTICLE.write_text(text)
        return 0
    if not ARTICLE.exists() or ARTICLE.read_text() != text:
        old = ARTICLE.read_text().splitlines() if ARTICLE.exists() else []
        print("\n".join(difflib.unified_diff(old, text.splitlines(), ARTICLE.name, "the tools", "", "", 0, "")))
        print(f"kinds: {ARTICLE.name} is not what the tools say; Tools/scripts/kinds writes it", file=sys.stderr)
        return 1
    print(f"{len(results)} kinds are what {ARTICLE.name} says")
    return 0


sys.exit(main())
