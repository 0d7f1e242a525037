"""How `Tools/benchmark checkpoints` runs contenders and sees what they take of the machine."""

import contextlib
import ctypes
import dataclasses
import mmap
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

# A program loads once, when it starts, and then memory is new to it. So no load of the rounds finds
# what an earlier one left: glibc maps large tensors each by itself, in whichever order they come
# and go, and does not raise the limit as it otherwise does.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(8 << 20)}


@dataclasses.dataclass
class Resources:
    """What an operation took of the machine, in bytes. `None` where the system does not tell."""

    anonymous: int | None = None
    """The greatest anonymous resident memory: of a worker beyond what it had when it began."""
    resident: int | None = None
    """The greatest resident memory, mapped files included, likewise."""
    read: int | None = None
    """Read by system calls: what is mapped is not among it."""
    written: int | None = None
    """Written by system calls."""
    from_disk: int | None = None
    """Fetched from the disk."""
    to_disk: int | None = None
    """Given to the file system to be brought to the disk, at once or later."""
    file: int | None = None
    """The size of the file that was made."""


class Watch:
    """Follows a process while a block runs, by what the kernel counts in /proc."""

    def __init__(self, process_id, is_whole):
        self.folder = pathlib.Path("/proc", str(process_id))
        self.is_whole = is_whole
        """Whether the process is what is measured, rather than a worker that was there before."""
        self.done = threading.Event()
        self.anonymous = self.resident = 0

    def numbers(self, name):
        try:
            text = (self.folder / name).read_text()
        except OSError:
            return {}
        return {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+)", text, re.M)}

    def look(self):
        status = self.numbers("status")
        self.anonymous = max(self.anonymous, status.get("RssAnon", 0))
        self.resident = max(self.resident, status.get("VmHWM", 0))

    def sample(self):
        while True:
            self.look()
            if self.done.wait(0.001):
                break

    def __enter__(self):
        if not self.is_whole:
            # The mark of the highest resident memory begins anew.
            with contextlib.suppress(OSError):
                (self.folder / "clear_refs").write_text("5")
        self.status, self.moved = self.numbers("status"), self.numbers("io")
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.look()
        self.end = self.numbers("io")

    def resources(self):
        if not self.status:
            return Resources()

        def moved(key):
            return self.end.get(key, 0) - (0 if self.is_whole else self.moved.get(key, 0))

        before = {} if self.is_whole else self.status
        return Resources(
            anonymous=max(self.anonymous - before.get("RssAnon", 0), 0) * 1024,
            resident=max(self.resident - before.get("VmRSS", 0), 0) * 1024,
            read=moved("rchar"), written=moved("wchar"), from_disk=moved("read_bytes"),
            to_disk=moved("write_bytes"))


# MARK: Contenders


class Worker:
    """A process that does what it is told, a line each, and says how long it took."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | MEMORY | {"KERAS_BACKEND": "torch"})

    def run(self, *command):
        self.process.stdin.write("\t".join(str(part) for part in command) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        try:
            return float(answer)
        except ValueError:
            sys.exit(f"{command[0]}: {answer or 'the worker is gone'}")

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


class Task:
    """A contender: a command to a worker, which times it."""

    def __init__(self, worker, *command, output=None):
        self.worker = worker
        self.command = command
        self.output = output
        """The file that it makes."""

    def run(self):
        return self.worker.run(*self.command)

    def watched(self):
        # Memory that earlier work left, and that would be used again, is given back.
        self.worker.run("trim")
        with Watch(self.worker.process.pid, is_whole=False) as watch:
            self.run()
        return watch.resources()


class Program:
    """A contender: a process, timed from its start to its end."""

    def __init__(self, *command, folder, output=None):
        self.command = command
        self.folder = folder
        self.output = output

    def start(self):
        return subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder)

    def end(self, process):
        _, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"{self.command[0]} failed: {errors.decode(errors='replace').strip()}")

    def run(self):
        start = time.perf_counter()
        process = self.start()
        self.end(process)
        return time.perf_counter() - start

    def watched(self):
        process = self.start()
        with Watch(process.pid, is_whole=True) as watch:
            # Its counts are gone once somebody has taken note of its end.
            if hasattr(os, "waitid"):
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.end(process)
        return watch.resources()


# MARK: Rounds


def compare(measurement, contenders, rounds, cold=None):
    """Lets contenders take turns, and notes in the measurement what each took.

    Memory and counts of bytes come of a round before the others, in which the clock does not count.
    Before a turn that writes, what an earlier one made is gone and `sync` has waited for the disk:
    the kernel slows down whoever writes while much is still on its way there. `cold` are files, by
    contender, that the page cache forgets before each turn.
    """
    names = list(contenders)
    measurement.seconds |= {name: [] for name in names}
    for number in range(rounds + 1):
        # Nobody always comes after the same one.
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            contender = contenders[name]
            if contender.output:
                contender.output.unlink(missing_ok=True)
                os.sync()
            if cold and not forget(cold[name]):
                sys.exit(f"{measurement.operation}: the page cache keeps the file of {name}")
            if number > 0:
                measurement.seconds[name].append(contender.run())
            else:
                measurement.resources[name] = contender.watched()
            if contender.output and contender.output.exists():
                measurement.resources[name].file = contender.output.stat().st_size
                contender.output.unlink()


# MARK: The page cache


def forget(path):
    """Lets the page cache forget a file.

    - Returns: Whether it did: a file system in memory cannot, nor can every operating system.
    """
    if not hasattr(os, "posix_fadvise"):
        return False
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return cached_part(file) < 0.01


def cached_part(file):
    """Which part of an open file's pages is in the page cache, as `mincore` tells."""
    size = os.fstat(file.fileno()).st_size
    pages = -(-size // mmap.PAGESIZE)
    # A private mapping, since only of a writable one there is an address.
    with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY) as mapping:
        anchor = ctypes.c_char.from_buffer(mapping)
        found = (ctypes.c_ubyte * pages)()
        failed = ctypes.CDLL(None, use_errno=True).mincore(
            ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(size), found)
        del anchor
        if failed:
            raise OSError(ctypes.get_errno(), "mincore")
    return sum(page & 1 for page in found) / pages
