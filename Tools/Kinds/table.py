"""What the article is made of: chapters with rows, and the makers of their files."""

import contextlib
import io
import json
import os
import runpy
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTERCHANGE = "Tests/InterchangeTests/Peers/"
TOOLS = "Tests/ToolsTests/Peers/"
FIXTURES = "Tests/InterchangeTests/Fixtures"


@dataclass
class Row:
    """A file, what is done with it, and what must be said of it.

    file: `MAKER/NAME`, or `MAKER:DESCRIPTION` where the maker describes its files; under `fixtures/` a
    file of the tests. against: a second file, with which it is compared; then nothing is converted.
    tells: words that a tool has to print, in the line to show; None if nothing may be told; or ... for what
    weighs most of what is told.
    held: `Suite.test`, or nothing where no test has the case. options go to every tool that reads the file, convert
    and verify to one; to is the ending of what is written.
    judge: a function of another library that looks at what was written and says what it found. beside:
    further files of the maker's that convert names."""

    what: str
    file: str
    made: str
    held: str
    tells: object = ...
    against: str = ""
    options: tuple = ()
    convert: tuple = ()
    verify: tuple = ()
    to: str = ".h5"
    judge: object = None
    beside: tuple = ()


@dataclass
class Chapter:
    """needs: an option of ballast-convert without which there is no such chapter."""

    title: str
    text: str
    needs: str = ""
    rows: list = field(default_factory=list)

    def row(self, *arguments, **options):
        self.rows.append(Row(*arguments, **options))


CHAPTERS = []
MAKERS = {}
BALLAST = {}  # the folder of the tools, once it is known


def chapter(title, text, needs=""):
    CHAPTERS.append(Chapter(title, text, needs))
    return CHAPTERS[-1]


def maker(function):
    """A function that fills a folder, and may return a file for each description."""
    MAKERS[function.__name__] = function
    return function


@contextlib.contextmanager
def called(script, arguments):
    """As Python runs a script with arguments; gives its path, and a file that takes what it prints."""
    path = ROOT / script
    output = io.StringIO()
    before = list(sys.argv), list(sys.path)
    sys.argv[:] = [str(path), *map(str, arguments)]
    sys.path.insert(0, str(path.parent))
    try:
        with contextlib.redirect_stdout(output):
            yield str(path), output
    except SystemExit as exit:
        if exit.code:
            raise
    finally:
        sys.argv[:], sys.path[:] = before


def run_peer(script, *arguments):
    """Runs a script of the tests in this process, whose libraries are loaded already."""
    with called(script, arguments) as (path, output):
        runpy.run_path(path, run_name="__main__")
    return output.getvalue()


def run_part(script, names, *arguments):
    """Runs a script's `make` for some of its MODELS."""
    with called(script, arguments) as (path, _):
        parts = runpy.run_path(path)
        for name in parts["MODELS"].keys() - names:
            del parts["MODELS"][name]
        parts["make"]()


def described_files(output, name="name"):
    """The files of a script that prints what it made, by their descriptions."""
    return {case[name]: os.path.basename(case["path"]) for case in json.loads(output.splitlines()[0])}
