"""Where the model is, several models, objects beside the weights, and the shapes of frameworks."""

from collections import OrderedDict

import torch
from torch import nn

from table import INTERCHANGE, chapter, described_files, maker, run_peer

FOUND = "ModelSearchTests.theModelIsFoundByStructure"
NOT_CLEAR = "ModelSearchTests.whatIsNotClearIsToldWithWhatThereIs"
TAKEN = "taken from"


@maker
def roots(folder):
    return described_files(run_peer(INTERCHANGE + "make_roots.py", folder))


@maker
def parts(folder):
    run_peer(INTERCHANGE + "make_parts.py", folder)


@maker
def several(folder):
    run_peer(INTERCHANGE + "write_several.py", folder)


@maker
def objects(folder):
    return described_files(run_peer(INTERCHANGE + "make_objects.py", folder))


@maker
def frameworks(folder):
    """The state dicts that PyTorch's own wrappers give."""
    torch.manual_seed(2)

    def net():
        return nn.Sequential(OrderedDict(fc=nn.Linear(3, 2), bn=nn.BatchNorm1d(2)))

    def save(name, value):
        torch.save(value, folder / f"{name}.pth")

    save("parallel", nn.DataParallel(net()).state_dict())
    save("compiled", torch.compile(net()).state_dict())
    averaged = torch.optim.swa_utils.AveragedModel(net())
    averaged.update_parameters(net())
    save("averaged", averaged.state_dict())
    save("wrapped", {"epoch": 3, "model": nn.DataParallel(net()).state_dict()})
    model = net()
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    # The keys of Lightning's checkpoint.
    save("lightning", {
        "epoch": 1, "global_step": 20, "pytorch-lightning_version": "2.5.0", "loops": {}, "callbacks": {},
        "state_dict": OrderedDict(("model." + key, value) for key, value in model.state_dict().items()),
        "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [],
        "hyper_parameters": {"width": 3}})
    # Of nanoGPT's: compiled, and all in one dictionary.
    save("nanogpt", {
        "model": torch.compile(model).state_dict(), "optimizer": optimizer.state_dict(),
        "model_args": {"n_layer": 1}, "iter_num": 20, "best_val_loss": torch.tensor(1.5), "config": {"lr": 0.1}})
    # Of Detectron2's model zoo: NumPy arrays under `model`.
    save("arrays", {"model": {key: value.numpy() for key, value in model.state_dict().items()},
                    "__author__": "Detectron2 Model Zoo", "matching_heuristics": True})
    half = torch.ao.quantization.quantize_dynamic(net().eval(), {nn.Linear}, torch.qint8)
    save("quantised", half.state_dict())
    for name, value in {"sparse": torch.eye(3).to_sparse(), "meta": torch.ones(3, device="meta")}.items():
        save(f"{name}_beside", {"model": model.state_dict(), "other": value})
    program = torch.export.export(net().eval(), (torch.zeros(2, 3),))
    torch.export.save(program, folder / "program.pt2")


where = chapter(
    "Where the model is",
    "The model is found by structure. Where it is not clear all are kept, each as a model, and who needs one of\n"
    "them is told which there are; `--root` names a part.")
for what, name, tells in [
    ("`{'model': {'w': W, 'step': 5}, 'ema': {'w': E}}`", "a step beside the tensors, and an average", TAKEN),
    ("numbers of NumPy among them", "NumPy scalars among them", "NumPy"),
    ("integers as keys", "integer keys", ...),
    ("`{'model': {'state_dict': …, 'args': {…}}}`", "arguments beside the state dict", TAKEN),
    ("`{'checkpoint': {'model': …, 'epoch': 1}}`", "a checkpoint in a checkpoint", TAKEN),
    ("`(state_dict, optimizer)`", "the state dict and its optimizer", ...),
    ("the attribute of an object", "the attribute of an object", TAKEN),
    ("an average alone", "the average alone", ...),
    ("BasicSR's `params` and `params_ema`", "BasicSR", TAKEN),
    ("nothing but an optimizer's tensors", "nothing but an optimizer's tensors", ...),
]:
    where.row(what, f"roots:{name}", "torch", FOUND, tells)
for what, name in [("two checkpoints in one", "two checkpoints"),
                   ("weights of a loss beside a large network", "weights of a loss")]:
    where.row(what, f"roots:{name}", "torch", NOT_CLEAR, "no part of the file was taken")

named = chapter(
    "A part of a file",
    "`--root` takes a part as if it were all of the file, and `--model-only` leaves the rest behind.")
PART = "RootTests.aPartIsReadAsIfItWereAll"
named.row("an average", "parts/gan.pth", "torch", PART, "outside of it", options=("--root", "ema"))
named.row("a second optimizer", "parts/gan.pth", "torch", PART, "outside of it", options=("--root", "optimizers.1"))
named.row("a key with a point", "parts/gan.pth", "torch", PART, "outside of it", options=("--root", "run.1"))
named.row("a name that is not there", "parts/gan.pth", "torch", "RootTests.whatThereIsNotIsRefusedWithWhatThereIs",
          "error: ", options=("--root", "em"))
named.row("a way that can be read twice", "parts/twice.pth", "torch",
          "RootTests.whatThereIsNotIsRefusedWithWhatThereIs", "error: ", options=("--root", "a.b"))
for made, ending in [("safetensors", "safetensors"), ("h5py", "h5")]:
    named.row("what begins with `g.`", f"parts/named.{ending}", made, "RootTests.aPartIsFoundAgainInOtherFormats",
              "outside of it", options=("--root", "g"))


def read_by_safetensors(path):
    """What the library of the format makes of it."""
    import safetensors

    with safetensors.safe_open(path, "pt") as file:
        keys, metadata = list(file.keys()), file.metadata() or {}
    others = [key for key in keys if key.startswith(("optimizer", "metadata"))]
    text = f"safetensors sees {len(keys)} tensors"
    text += f", {len(others)} of them no model's" if others else ""
    return text + (f", format {metadata['format']}" if "format" in metadata else ", no format")


more = chapter(
    "Several models and optimizers", "Each is a model or an optimizer of its own, in the place where it was.")
SEVERAL = "SeveralModelsTests"
more.row("a GAN with two optimizers", "several/gan.pth", "torch", SEVERAL, ...)
more.row("the same", "several/gan.pth", "torch", SEVERAL, ..., to=".pth")
more.row("the same", "several/gan.pth", "torch", SEVERAL, ..., to=".safetensors", judge=read_by_safetensors)
more.row("a model, its average, teachers, two optimizers", "several/ema.pth", "torch", SEVERAL, TAKEN)
more.row("three folds in a list", "several/folds.pth", "torch", SEVERAL, ...)
more.row("a copy of the model with a buffer that no name tells", "several/shadow.pth", "torch", SEVERAL, TAKEN)

COSTS = "ObjectTests.objectsBesideTheWeightsCostNothing"
beside = chapter(
    "Objects beside the weights",
    "What a call would have made is kept as its name and arguments, and nothing is run. A tensor that hangs on a\n"
    "call is refused.")
for what, name in [
    ("a scheduler of torch before 2.4, with a bound method", "a scheduler with a bound method"),
    ("an object of a nested class", "a nested class"),
    ("`functools.partial`", "functools.partial"), ("`re.compile`", "re.compile"), ("a logger", "a logger"),
    ("`typing.Optional[int]`", "typing.Optional[int]"), ("a graph of torch.fx", "a graph"),
    ("an array of objects", "objects in an array"), ("a generator of NumPy", "a generator of NumPy"),
]:
    beside.row(what, f"objects:{name}, protocol 2", "torch", COSTS, ...)
beside.row(
    "a module with a hook and functions as attributes", "objects:a fused module, protocol 2", "torch", COSTS,
    ...)
beside.row("such a one in a checkpoint", "objects:a fused module in a checkpoint, protocol 2", "torch", COSTS, ...)
HANGS = "ObjectTests.whatATensorHangsOnIsRefusedByItsName"
beside.row("a tensor of the model by a function", "objects:a tensor of the model by a function, protocol 2", "torch",
           HANGS, "error: ")
beside.row("`os.system` with its arguments", "objects/dangerous-system.pth", "torch",
           "PeerTests.anObjectThatRunsAProgramIsRefused", "error: ")
beside.row("the same", "objects/dangerous-system.pth", "torch",
           "PeerTests.factsNameWhatIsDangerous", "posix.system", options=("--allow-dangerous-names",))

shapes = chapter(
    "Shapes of frameworks",
    "State dicts and archives as PyTorch's own wrappers give them, and in the form of others.")
PREFIX = "MappingTests.prefixesAreOfferedWhereTheyStandInTheWay"
FOREIGN = "ForeignFileTests.aFileOfAnotherFormatIsNamed"
FOLDER = "HuggingFaceTests"
STRIP = ("--strip-prefix",)


def shape(what, file, held="", tells=..., made="torch", **options):
    shapes.row(what, file, made, held, tells, **options)


shape("`DataParallel`", "frameworks/parallel.pth", PREFIX, "--strip-prefix removes it")
shape("the same", "frameworks/parallel.pth", PREFIX, convert=STRIP, verify=STRIP)
shape("`torch.compile`", "frameworks/compiled.pth", tells="--strip-prefix removes it")
shape("`AveragedModel`", "frameworks/averaged.pth")
shape("a checkpoint of Lightning's form", "frameworks/lightning.pth", "PyTorchFixtureTests.readsWhatPyTorchWrote")
shape("a checkpoint of nanoGPT's form", "frameworks/nanogpt.pth")
shape("arrays of NumPy, as Detectron2's", "frameworks/arrays.pth", "LossTests.whatIsLostIsListedAndRefusedIfStrict",
      "NumPy")
shape("`quantize_dynamic`", "frameworks/quantised.pth", "BesideTests.inATupleOfTheModelTheyAreRefusedToo", "error: ")
UNREAD = "BesideTests.besideTheModelTheyCostThemselves"
shape("a sparse tensor beside the model", "frameworks/sparse_beside.pth", UNREAD, "became None")
shape("a tensor on `meta` beside the model", "frameworks/meta_beside.pth", UNREAD, "became None")
shape("`torch.export`", "frameworks/program.pt2", "FrameworkTests.anExportedProgramGivesItsWeights", "not its graph")
shape("`torch.package`, with a program", "fixtures/frameworks/package.pt",
      "FrameworkTests.aPackageIsReadWithoutItsProgram", "is not kept")
shape("a replicated `DTensor`", "fixtures/frameworks/dtensor.pth", "FrameworkTests.aReplicatedTensorIsWhole", "DTensor")
shape("a part of a `DTensor`", "fixtures/frameworks/dtensor_shard.pth", "FrameworkTests.aPartOfATensorIsRefused",
      "error: ")
shape("a whole module with attributes", "fixtures/frameworks/module.pth",
      "FrameworkTests.whatAModuleHasBesideItsTensorsIsKeptOrTold", "refers to a module")
shape("`DictConfig` and `ListConfig`", "fixtures/frameworks/omegaconf.ckpt",
      "FrameworkTests.configurationsAreTheirPlainValues", "of OmegaConf", made="omegaconf 2.4.0")
shape("FSDP2 on two processes", "fixtures/distributed/fsdp", "DistributedTests.tensorsAreWhatPyTorchFinds")
shape("`DTensor` on three processes", "fixtures/distributed/placed", "DistributedTests.tensorsAreWhatPyTorchFinds")
shape("one process's pieces alone", "fixtures/distributed/fsdp/__1_0.distcp",
      "DistributedTests.onePieceAloneIsRefused", "error: ")
DEEPSPEED = "deepspeed 0.18.2"
for name, title in (("zero1", "ZeRO of stage 1 on two ranks"), ("zero2", "ZeRO of stage 2 on three ranks"),
                    ("zero3", "ZeRO of stage 3 on two ranks"), ("universal3", "a universal folder of it")):
    shape(title, f"fixtures/deepspeed/{name}", "DeepSpeedTests.weightsAreWhatTheScriptFinds", made=DEEPSPEED)
shape("a folder in shards", "fixtures/huggingface/sharded", FOLDER, made="huggingface_hub 2.4.0")
shape("safetensors and `.bin` in one", "fixtures/huggingface/both", "HuggingFaceTests.safetensorsAndIndexesComeFirst",
      "note: ", made="huggingface_hub 2.4.0")
shape("an adapter", "fixtures/huggingface/adapter", "HuggingFaceTests.anAdapterIsRead", made="safetensors")
PEFT = "peft 0.21.2"
shape("an adapter of PEFT", "fixtures/frameworks/peft_lora", "FrameworkTests.anAdapterIsReadAndTold",
      "an adapter of PEFT", made=PEFT)
shape("a model with adapters", "fixtures/frameworks/peft_wrapped.pth", "FrameworkTests.aSingleFileIsTold",
      "a model with adapters of PEFT", made=PEFT)
shape("a pipeline", "fixtures/huggingface/diffusers", "HuggingFaceTests.aPipelineIsNamed", "error: ", "safetensors")
