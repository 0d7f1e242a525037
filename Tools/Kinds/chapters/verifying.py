"""What verifying compares, what carries nothing, what other tools change, and the limits of writers."""

import subprocess

from table import BALLAST, ROOT, TOOLS, chapter, maker, run_peer


@maker
def pairs(folder):
    run_peer(TOOLS + "write_pairs.py", folder)


@maker
def edited(folder):
    """A Ballast file of the sample, edited with h5py and repacked with h5repack."""
    source = folder / "a.h5"
    subprocess.run(
        [BALLAST["tools"] / "ballast-convert", ROOT / "Samples/Data/convnet.pth", source,
         "--optimizer-in-order", "--quiet"], check=True)
    run_peer(TOOLS + "edit_checkpoint.py", source, folder)


@maker
def limits(folder):
    run_peer(TOOLS + "write_limits.py", folder)


def pair(of, what, name, tells, made="torch", held="EverythingTests.whatDiffersAnywhereIsNamed"):
    of.row(what, f"pairs/{name}.a.pth", made, held, tells, against=f"pairs/{name}.b.pth")


all_of_it = chapter(
    "Verifying compares everything",
    "Two files that differ in one thing each. What differs is named, wherever it is; what cannot be\n"
    "compared is named too, and the files are then not called the same.")
pair(all_of_it, "weights in `{'checkpoint': {'model': …, 'epoch': 1}}`", "nested", "w")
pair(all_of_it, "an average, `state_dict_ema`", "ema", "state_dict_ema")
pair(all_of_it, "a second optimizer's moments", "second", "critic")
pair(all_of_it, "`epoch`, a number beside the model", "epoch", "epoch")
pair(all_of_it, "the key `1` and the key `'1'`", "key", "table")
pair(all_of_it, "a plain and an ordered dictionary", "class", "pytorch.classes")
pair(all_of_it, "extra state of a module", "extra", "_extra_state")
pair(all_of_it, "versions of modules", "versions", "version")
pair(all_of_it, "the order of keys", "order", "order")
pair(all_of_it, "a number of NumPy and one of Python", "numpy", "NumPy")
all_of_it.row(
    "the same file twice", "pairs/nested.a.pth", "torch", "EverythingTests.whatDiffersAnywhereIsNamed",
    "the same", against="pairs/nested.again.pth")
all_of_it.row(
    "records in a plain HDF5 file", "pairs/records.hdf5", "h5py",
    "EverythingTests.whatCannotBeComparedIsNamedAndNotCalledTheSame", "not compared",
    against="pairs/other_records.hdf5")

nothing = chapter(
    "What carries nothing",
    "A conversion that would write no tensor of a file that is not empty is refused, and says what is in it.")
CARRIES = "EverythingTests.whatMayBeTheModelIsNamedWhereItIsNotClear"
nothing.row("the file of a scheduler", "pairs/scheduler.a.pth", "torch", "EverythingTests", "error: ")
nothing.row("an optimizer alone, before its first step", "pairs/fresh.pth", "torch",
            "EverythingTests", "error: ")
nothing.row("a part of a ZeRO optimizer, by its keys", "pairs/shard.pth", "torch",
            "EverythingTests", ...)
nothing.row("a frozen TorchScript", "pairs/frozen.pt", "torch", "EverythingTests", ...)
nothing.row("an empty state dict", "pairs/empty.pth", "torch",
            "EverythingTests.whatIsEmptyOrHasTensorsIsConverted", "no model")
nothing.row("HDF5 with texts alone", "pairs/texts.hdf5", "h5py", "EverythingTests", "error: ")

ADDED = "EditedFileTests.whatWasAddedIsReadAndNobodyVouchesForIt"
NO_PART = "EditedFileTests.whatIsNoPartOfACheckpointIsTold"
GONE = "EditedFileTests.whatIsGoneIsToldAndTheRestIsCarried"
other_tools = chapter(
    "What other tools do to a Ballast file",
    "The sample's Ballast file, changed in one place with h5py, or repacked. What was added is no damage.")
for what, name, held, tells in [
    ("an attribute of the root", "root_attribute", NO_PART, "@note"),
    ("a soft link among the tensors", "inner_soft", NO_PART, "/parameters/soft"),
    ("an integer in the metadata", "integer", ADDED, "metadata/n"),
    ("a text in the metadata, of variable length", "text", ADDED, "metadata/t"),
    ("records in the metadata", "record", NO_PART, "/metadata/c"),
    ("a tensor", "tensor", ADDED, "parameters/new/weight"),
    ("a second dataset for one key", "same_key", NO_PART, "another tensor has the same name"),
    ("a tensor deleted", "no_weight", GONE, "/parameters/classifier/weight"),
    ("the optimizer deleted", "no_optimizer", GONE, "lost: "),
    ("a value of a tensor changed", "changed", "EditedFileTests.whatIsVouchedForMayNotChange", "classifier"),
]:
    other_tools.row(what, f"edited/{name}.h5", "h5py", held, tells)
for what, name in [("plainly", "plain"), ("for the latest libraries", "latest"), ("with GZIP", "gzip"),
                   ("in chunks", "chunks")]:
    other_tools.row(f"repacked {what}", f"edited/repacked_{name}.h5", "h5repack",
                    "EditedFileTests.whatWasRepackedIsTheSame", None)

ODD = "WriterLimitTests.whatIsOddComesBack"
limit = chapter(
    "What is written is read",
    "Files at the limits of what formats hold. The writers have the limits of the readers.")
limit.row("keys of 300 parts", "limits/segments.pth", "torch", ODD, ...)
limit.row("metadata nested 256 deep", "limits/nested_256.pth", "torch", ODD, ...)
limit.row("metadata nested 257 deep", "limits/nested_257.pth", "torch",
          "WriterLimitTests.whatIsNestedTooDeepIsRefusedWhenItIsRead", "nested")
limit.row("two keys that differ in how an accent is composed", "limits/keys.pth", "torch",
          "WriterLimitTests.namesThatUnicodeTakesForTheSameAreRefused", "error: ")
limit.row("two modules whose names differ so", "limits/modules.pth", "torch", ODD, ...)
limit.row("a tensor of no rows and one of no dimensions", "limits/rows.pth", "torch", ODD, ...)
