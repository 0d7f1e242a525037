"""Writes small checkpoints with the frameworks that people train with, each by the framework's own functions.

What a library would fetch from the internet is made from a configuration, with random weights. Each function
gets a folder and returns rows; `MAKERS` lists them with the library whose version is shown.
"""

import argparse
import collections
import copy
import dataclasses
import importlib.util
import logging
import os

import torch
from torch import nn
from torch.nn.utils import prune

logging.disable(logging.WARNING)


def declare_operators():
    """Declares the operators that torchvision's import wants, where its own library needs a CUDA that is not there.

    No model here calls them.
    """
    spec = importlib.util.find_spec("torchvision")
    library = os.path.join(os.path.dirname(spec.origin), "_C.so") if spec else None
    try:
        if library:
            torch.ops.load_library(library)
    except OSError:
        operators = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        KEPT.append(operators)


# What has to live as long as the program.
KEPT = []
declare_operators()


@dataclasses.dataclass
class Row:
    """A checkpoint, and what is expected of it."""
    kind: str
    path: object
    # The model's tensors by the names that the library gives them; None where the file has no model.
    tensors: dict = None
    # The names of those that are parameters; None where the file does not say it.
    parameters: set = None
    # How many tensors the file holds in all; None where it is not looked through.
    count: int = None
    # How many are the optimizer's.
    optimizer: int = None
    # Words of what has to be told, and the names of metadata that have to be there.
    told: tuple = ()
    metadata: tuple = ()
    # The words of the refusal that is expected.
    refusal: str = ""
    root: str = None
    # A further check: gets the bench, and returns what it found, in words.
    further: object = None
    failure: str = ""


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU())
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.body(x))


def trained(model, *inputs, optimizer=None, loss=lambda y: y.float().pow(2).mean(), steps=2):
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model(*inputs)).backward()
        optimizer.step()
    return optimizer


def names(model):
    return {name for name, _ in model.named_parameters()}


def kept(state):
    """A copy of a state dict as plain tensors."""
    return {key: value.detach().clone().contiguous() for key, value in state.items() if torch.is_tensor(value)}


def kept_list(tensors):
    return [value.detach().clone().contiguous() for value in tensors]


def tensor_count(value, seen=None):
    """All tensors in an object, by the places where they are; of an object that is there twice, those once."""
    if torch.is_tensor(value):
        return 1
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    if isinstance(value, dict):
        seen.add(id(value))
        return sum(tensor_count(inner, seen) for inner in value.values())
    if isinstance(value, (list, tuple)):
        seen.add(id(value))
        return sum(tensor_count(inner, seen) for inner in value)
    return 0


def saved(folder, name, content, kind, tensors, **facts):
    path = folder / name
    torch.save(content, path)
    return Row(kind, path, tensors, count=tensor_count(content), **facts)


# MARK: PyTorch

def pytorch(folder):
    model = Tiny()
    optimizer = trained(model, torch.randn(8, 4))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=10)
    state = kept(model.state_dict())
    full = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
            "rng": torch.get_rng_state(), "scaler": torch.amp.GradScaler("cpu").state_dict(),
            "history": collections.defaultdict(list, loss=[0.5]), "counts": collections.Counter("aab")}
    averaged = torch.optim.swa_utils.AveragedModel(model)
    compiled = torch.compile(model, backend="eager")
    wrapped = nn.DataParallel(model)
    rows = [
        saved(folder, "full.pth", full, "a training checkpoint", state, optimizer=18,
              metadata=("scheduler", "rng", "history", "counts"), told=("history",)),
        saved(folder, "whole.pth", model, "torch.save(model)", state, parameters=names(model),
              told=("the state dict is kept",)),
        saved(folder, "swa.pth", averaged.state_dict(), "AveragedModel", kept(averaged.state_dict())),
        saved(folder, "compiled.pth", compiled.state_dict(), "torch.compile", kept(compiled.state_dict())),
        saved(folder, "parallel.pth", wrapped.state_dict(), "DataParallel", kept(wrapped.state_dict())),
    ]
    rows[1].count = len(state)
    script = torch.jit.script(model.eval())
    script.save(folder / "script.pt")
    rows.append(Row("torch.jit.save", folder / "script.pt", state, names(model), told=("not its code",)))
    torch.export.save(torch.export.export(model.eval(), (torch.randn(2, 4),)), folder / "program.pt2")
    rows.append(Row("torch.export.save", folder / "program.pt2", state, names(model), told=("not its graph",)))
    with torch.package.PackageExporter(folder / "package.pt") as exporter:
        exporter.extern("**")
        exporter.save_pickle("model", "model.pkl", model.state_dict())
    rows.append(Row("torch.package", folder / "package.pt", state))
    return rows


def parametrised(folder):
    model = nn.Sequential(nn.Linear(4, 4))
    pruned = copy.deepcopy(model)
    prune.l1_unstructured(pruned[0], "weight", 0.5)
    normed = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))
    return [saved(folder, "pruned.pth", pruned.state_dict(), "pruning", kept(pruned.state_dict())),
            saved(folder, "normed.pth", normed.state_dict(), "spectral_norm", kept(normed.state_dict()))]


def distributed(folder):
    import torch.distributed as dist
    import torch.distributed.checkpoint as dcp
    from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Replicate, Shard, distribute_tensor
    from torch.testing._internal.distributed.fake_pg import FakeStore
    model = Tiny()
    state = kept(model.state_dict())
    dcp.save({"model": model.state_dict()}, checkpoint_id=folder / "dcp", no_dist=True)
    dcp_to_torch_save(folder / "dcp", folder / "gathered.pth")
    rows = [Row("torch.distributed.checkpoint, a folder", folder / "dcp", refusal="dcp_to_torch"),
            Row("the same by dcp_to_torch_save", folder / "gathered.pth", state)]
    dist.init_process_group("fake", store=FakeStore(), rank=0, world_size=2)
    mesh = init_device_mesh("cpu", (2,))
    one = distribute_tensor(torch.arange(8.0).reshape(4, 2), mesh, [Replicate()])
    part = distribute_tensor(torch.arange(8.0).reshape(4, 2), mesh, [Shard(0)])
    rows += [saved(folder, "replicated.pth", {"w": one}, "DTensor, replicated", {"w": torch.arange(8.0).reshape(4, 2)},
                   told=("DTensor",)),
             Row("DTensor, sharded", folder / "sharded.pth", refusal="Shard(0)")]
    torch.save({"w": part}, folder / "sharded.pth")
    dist.destroy_process_group()
    return rows


def nanogpt(folder):
    """The layout of nanoGPT's train.py."""
    model = Tiny()
    optimizer = trained(model, torch.randn(8, 4))
    state = {f"_orig_mod.{key}": value for key, value in model.state_dict().items()}
    content = {"model": state, "optimizer": optimizer.state_dict(), "iter_num": 10, "best_val_loss": torch.tensor(1.5),
               "model_args": {"n_layer": 2}, "config": {"out_dir": "out"}}
    return [saved(folder, "ckpt.pt", content, "train.py", kept(state), optimizer=18,
                  metadata=("model_args", "best_val_loss"))]


# MARK: Trainers

def lightning(folder):
    import lightning as L
    from omegaconf import OmegaConf

    class Net(L.LightningModule):
        def __init__(self, config):
            super().__init__()
            self.save_hyperparameters()
            self.net = Tiny()

        def training_step(self, batch, index):
            return self.net(batch[0]).pow(2).mean()

        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters())
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(8, 4)), batch_size=4)
    rows = []
    for name, config in [("plain", {"width": 4}), ("OmegaConf", OmegaConf.create({"width": 4, "l": [1, "${width}"]}))]:
        model = Net(config)
        trainer = L.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False,
                            enable_model_summary=False, default_root_dir=folder)
        trainer.fit(model, data)
        path = folder / f"{name}.ckpt"
        trainer.save_checkpoint(path)
        content = torch.load(path, weights_only=False)
        rows.append(Row(f"a Trainer's, {name} hyper_parameters", path, kept(model.state_dict()),
                        count=tensor_count(content), optimizer=18,
                        metadata=("hyper_parameters", "lr_schedulers", "loops", "callbacks"),
                        told=("of OmegaConf",) if name != "plain" else ()))
    return rows


def bert():
    from transformers import BertConfig, BertForSequenceClassification
    return BertForSequenceClassification(BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=16))


def transformers(folder):
    from transformers import Trainer, TrainingArguments
    model = bert()
    data = [{"input_ids": torch.randint(0, 20, (6,)), "labels": torch.tensor(n % 2)} for n in range(4)]
    arguments = TrainingArguments(output_dir=str(folder / "out"), max_steps=2, save_steps=2, report_to=[],
                                  per_device_train_batch_size=2, use_cpu=True, disable_tqdm=True)
    trainer = Trainer(model=model, args=arguments, train_dataset=data)
    trainer.train()
    path = folder / "out" / "checkpoint-2"
    state = kept(model.state_dict())
    optimizer = torch.load(path / "optimizer.pt", weights_only=True)
    rng = torch.load(path / "rng_state.pth", weights_only=False)
    count = len(names(model))
    return [
        Row("a Trainer's folder", path, state, metadata=("config",)),
        Row("its optimizer.pt", path / "optimizer.pt", count=tensor_count(optimizer), optimizer=3 * count),
        Row("its rng_state.pth", path / "rng_state.pth", count=tensor_count(rng)),
        Row("its scheduler.pt", path / "scheduler.pt", refusal="no tensor of a model or an optimizer"),
        Row("its training_args.bin", path / "training_args.bin", refusal="it holds an object of class"),
    ]


def accelerate(folder):
    from accelerate import Accelerator
    accelerator = Accelerator(cpu=True)
    model = Tiny()
    optimizer = torch.optim.AdamW(model.parameters())
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer)
    model, optimizer, scheduler = accelerator.prepare(model, optimizer, scheduler)
    model(torch.randn(8, 4)).pow(2).mean().backward()
    optimizer.step()
    rows = []
    for safe in (True, False):
        path = folder / f"state_{safe}"
        accelerator.save_state(str(path), safe_serialization=safe)
        state = kept(accelerator.unwrap_model(model).state_dict())
        rows += [Row(f"save_state, {'safetensors' if safe else 'bin'}", path, state),
                 Row("its optimizer.bin", path / "optimizer.bin", optimizer=18, count=18),
                 Row("its random_states_0.pkl", path / "random_states_0.pkl")]
    return rows


def peft(folder):
    from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
    from safetensors.torch import load_file, save_file
    base = bert()
    original = copy.deepcopy(base)
    model = get_peft_model(base, LoraConfig(r=2, target_modules=["query", "value"], modules_to_save=["classifier"]))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.normal_()
    state = kept(get_peft_model_state_dict(model))
    rows = []
    for safe in (True, False):
        path = folder / f"adapter_{safe}"
        model.save_pretrained(path, safe_serialization=safe)

        def loads(bench, path=path):
            for weights in ("safetensors", "bin"):
                bench.must("convert", path, bench.folder / f"again_{weights}", "--to", "huggingface", "--weights",
                           weights, "--no-sync", "--overwrite")
                again = PeftModel.from_pretrained(copy.deepcopy(original), bench.folder / f"again_{weights}")
                found = get_peft_model_state_dict(again)
                assert found.keys() == state.keys()
                assert all(torch.equal(found[key], state[key]) for key in state), "other values"
            save_file(kept(original.state_dict()), bench.folder / "base.safetensors")
            bench.must("convert", bench.folder / "base.safetensors", bench.folder / "merged.safetensors", "--adapter",
                       path, "--no-sync", "--overwrite", "--strict")
            found = load_file(bench.folder / "merged.safetensors")
            merged = PeftModel.from_pretrained(copy.deepcopy(original), path).merge_and_unload().state_dict()
            assert found.keys() == merged.keys()
            # Sums of two products may be rounded in another order.
            assert all(torch.allclose(found[key], merged[key], rtol=1e-6, atol=1e-6) for key in merged), "merged"
            return "PEFT loads what is written back, and merges the same"

        rows.append(Row(f"save_pretrained, {'safetensors' if safe else 'bin'}", path, state,
                        told=("an adapter of PEFT of type LORA",), metadata=("adapter_config",), further=loads))
    rows.append(saved(folder, "wrapped.pth", model.state_dict(), "a wrapped model's state_dict",
                      kept(model.state_dict()), told=("a model with adapters of PEFT",)))
    return rows


def fastai(folder):
    import fastai.callback.progress  # noqa: F401
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner
    from fastai.losses import MSELossFlat
    data = torch.utils.data.TensorDataset(torch.randn(8, 4), torch.randn(8, 2))
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    learner = Learner(DataLoaders(loader, loader), Tiny(), loss_func=MSELossFlat(), path=folder)
    with learner.no_bar(), learner.no_logging():
        learner.fit(1)
    path = learner.save("model", with_opt=True)
    content = torch.load(path, weights_only=False)
    return [Row("Learner.save", path, kept(learner.model.state_dict()), count=tensor_count(content))]


# MARK: Vision

def timm(folder):
    from timm import create_model
    from timm.utils import CheckpointSaver, ModelEmaV3
    model = create_model("test_vit", pretrained=False, num_classes=3)
    optimizer = trained(model, torch.randn(1, 3, 160, 160), steps=1)
    ema = ModelEmaV3(model)
    arguments = argparse.Namespace(model="test_vit", lr=0.1, aug=None)
    saver = CheckpointSaver(model, optimizer, args=arguments, model_ema=ema, checkpoint_dir=str(folder),
                            recovery_dir=str(folder))
    saver.save_checkpoint(1, metric=0.5)
    path = folder / "last.pth.tar"
    content = torch.load(path, weights_only=False)
    return [Row("CheckpointSaver", path, kept(model.state_dict()), count=tensor_count(content),
                optimizer=tensor_count(content["optimizer"]), metadata=("state_dict_ema", "args"))]


def torchvision(folder):
    """The layout of the reference trainings in torchvision, and a whole model."""
    from torchvision.models import shufflenet_v2_x0_5
    model = shufflenet_v2_x0_5(num_classes=3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    trained(model, torch.randn(2, 3, 64, 64), optimizer=optimizer, steps=1)
    content = {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
               "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 3).state_dict(), "epoch": 1,
               "args": argparse.Namespace(lr=0.1, data_path="data"),
               "model_ema": torch.optim.swa_utils.AveragedModel(model).state_dict()}
    state = kept(model.state_dict())
    return [saved(folder, "checkpoint.pth", content, "references/classification", state,
                  optimizer=tensor_count(optimizer.state_dict()), metadata=("model_ema", "args", "lr_scheduler")),
            saved(folder, "whole.pth", model, "a whole model", state, parameters=names(model))]


def ultralytics(folder):
    from ultralytics import YOLO
    model = YOLO("yolov8n.yaml", verbose=False)
    path = folder / "model.pt"
    model.save(path)
    content = torch.load(path, weights_only=False)["model"]
    state = kept(content.state_dict())
    fused = YOLO("yolo11n.yaml", verbose=False)
    fused.model.fuse(verbose=False)
    torch.save({"model": fused.model.half(), "epoch": -1}, folder / "fused.pt")
    return [Row("YOLOv8, model.save", path, state, names(content), metadata=("model_attributes",)),
            Row("YOLO11, fused", folder / "fused.pt", kept(fused.model.state_dict()), names(fused.model),
                metadata=("model_attributes",))]


def diffusers(folder):
    from diffusers import AutoencoderKL, UNet2DModel
    from diffusers.training_utils import EMAModel
    vae = AutoencoderKL(block_out_channels=(4,), norm_num_groups=2, latent_channels=2)
    unet = UNet2DModel(sample_size=8, block_out_channels=(4, 8), norm_num_groups=2, layers_per_block=1,
                       down_block_types=("DownBlock2D", "AttnDownBlock2D"),
                       up_block_types=("AttnUpBlock2D", "UpBlock2D"))
    rows = []
    for name, model in [("AutoencoderKL", vae), ("UNet2DModel", unet)]:
        for safe in (True, False):
            path = folder / f"{name}_{safe}"
            model.save_pretrained(path, safe_serialization=safe)
            rows.append(Row(f"{name}, {'safetensors' if safe else 'bin'}", path, kept(model.state_dict()),
                            metadata=("config",)))
    # An average without names: which part is the model has to be said.
    ema = EMAModel(unet.parameters()).state_dict()
    averages = {str(number): value for number, value in enumerate(kept_list(ema["shadow_params"]))}
    torch.save(ema, folder / "ema.pt")
    rows += [Row("EMAModel.state_dict", folder / "ema.pt", refusal="no tensor of a model or an optimizer"),
             Row("the same with --root shadow_params", folder / "ema.pt", averages, root="shadow_params")]
    return rows


def open_clip_torch(folder):
    """The layout of open_clip's training."""
    import open_clip
    model = open_clip.CLIP(8, vision_cfg={"layers": 1, "width": 16, "head_width": 8, "patch_size": 8, "image_size": 16},
                           text_cfg={"context_length": 8, "vocab_size": 20, "width": 16, "heads": 2, "layers": 1})
    optimizer = trained(model, torch.randn(2, 3, 16, 16), torch.randint(0, 20, (2, 8)),
                        loss=lambda y: sum(part.pow(2).mean() for part in y))
    state = {f"module.{key}": value for key, value in model.state_dict().items()}
    content = {"epoch": 3, "name": "run", "state_dict": state, "optimizer": optimizer.state_dict()}
    return [saved(folder, "epoch_3.pt", content, "training/main.py", kept(state),
                  optimizer=tensor_count(optimizer.state_dict()))]


def sentence_transformers(folder):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    words = StaticEmbedding(Tokenizer(WordLevel({"a": 0, "b": 1, "[UNK]": 2}, unk_token="[UNK]")), embedding_dim=4)
    dense = Dense(4, 2)
    path = folder / "model"
    SentenceTransformer(modules=[words, dense], device="cpu").save(str(path))
    return [Row("StaticEmbedding", next(p.parent for p in sorted(path.rglob("*.safetensors")) if "Dense" not in str(p)),
                kept(words.state_dict())),
            Row("Dense", next(p.parent for p in path.rglob("*.safetensors") if "Dense" in str(p)),
                kept(dense.state_dict()))]


# MARK: Others

def omegaconf(folder):
    """The layout of fairseq's checkpoint_utils, whose configuration OmegaConf makes."""
    from omegaconf import OmegaConf
    model = Tiny()
    optimizer = trained(model, torch.randn(8, 4), optimizer=torch.optim.Adam(model.parameters()))
    config = OmegaConf.create({"_name": None, "common": {"seed": 1, "fp16": False, "tags": ["a", "b"]},
                               "model": argparse.Namespace(arch="tiny").__dict__, "optimizer": {"lr": [0.1]}})
    content = {"args": None, "cfg": config, "model": model.state_dict(), "criterion": None,
               "optimizer_history": [{"criterion_name": "CE", "optimizer_name": "Adam", "num_updates": 2}],
               "task_state": {}, "extra_state": {"metrics": collections.OrderedDict(loss=1.0), "epoch": 1},
               "last_optimizer_state": optimizer.state_dict()}
    return [saved(folder, "checkpoint_last.pt", content, "fairseq's layout", kept(model.state_dict()), optimizer=18,
                  metadata=("cfg", "extra_state", "optimizer_history"), told=("of OmegaConf",))]


def deepspeed(folder):
    """The files of ZeRO's first stage, as DeepSpeed's engine names and lays them out."""
    model = Tiny()
    state = kept(model.state_dict())
    flat = torch.cat([parameter.detach().reshape(-1).float() for parameter in model.parameters()])
    shapes = [collections.OrderedDict((name, p.shape) for name, p in model.named_parameters())]
    step = folder / "global_step2"
    step.mkdir()
    (folder / "latest").write_text("global_step2")
    module = {"module": model.state_dict(), "buffer_names": [n for n, _ in model.named_buffers()], "optimizer": None,
              "param_shapes": shapes, "frozen_param_shapes": None, "shared_params": {}, "lr_scheduler": None,
              "data_sampler": None, "random_ltd": None, "sparse_tensor_module_names": set(),
              "skipped_steps": 0, "global_steps": 2, "global_samples": 8, "dp_world_size": 1, "mp_world_size": 1,
              "ds_config": {"zero_optimization": {"stage": 1}}, "ds_version": "0.17.0"}
    zero = {"optimizer_state_dict": {
        "base_optimizer_state": {"state": {0: {"step": 2, "exp_avg": flat * 0.1, "exp_avg_sq": flat * flat}},
                                 "param_groups": [{"lr": 0.1, "params": [0]}]},
        "single_partition_of_fp32_groups": [flat], "zero_stage": 1, "group_paddings": [0], "partition_count": [1],
        "loss_scaler": None, "dynamic_loss_scale": False, "overflow": False, "clip_grad": 0.0},
        "param_shapes": shapes, "ds_config": {}, "ds_version": "0.17.0"}
    moments = 2 * len(shapes[0])
    rows = [saved(step, "mp_rank_00_model_states.pt", module, "ZeRO's model states", state, optimizer=moments,
                  metadata=("zero_optimizer", "ds_config"), told=("whose folder was read",)),
            saved(step, "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt", zero, "ZeRO's optimizer states", state,
                  optimizer=moments, told=("whose folder was read",))]
    # Each stands for the folder: the tensors in one file are no measure.
    for row in rows:
        row.count = None
    return rows


def bitsandbytes(folder):
    import bitsandbytes as bnb
    model = nn.Sequential(bnb.nn.Linear4bit(64, 64, quant_type="nf4", compute_dtype=torch.float32))
    model = model.to("cpu")
    model(torch.randn(1, 64))
    state = model.state_dict()
    return [saved(folder, "nf4.pth", collections.OrderedDict(state), "Linear4bit, nf4", kept(state)),
            saved(folder, "whole.pth", model, "a whole model", kept({key: state[key] for key in ("0.weight", "0.bias")}))]


def stable_baselines3(folder):
    from stable_baselines3 import PPO
    import zipfile
    agent = PPO("MlpPolicy", "CartPole-v1", device="cpu")
    agent.save(folder / "agent")
    with zipfile.ZipFile(folder / "agent.zip") as archive:
        archive.extractall(folder / "agent")
    return [Row("an agent's zip", folder / "agent.zip", refusal="Unpack it"),
            Row("policy.pth in it", folder / "agent" / "policy.pth", kept(agent.policy.state_dict()))]


MAKERS = [("torch", pytorch), ("torch", parametrised), ("torch", distributed), ("torch", nanogpt),
          ("lightning", lightning), ("transformers", transformers), ("accelerate", accelerate), ("peft", peft),
          ("fastai", fastai), ("timm", timm), ("torchvision", torchvision), ("ultralytics", ultralytics),
          ("diffusers", diffusers), ("open_clip_torch", open_clip_torch),
          ("sentence-transformers", sentence_transformers), ("omegaconf", omegaconf), ("torch", deepspeed),
          ("bitsandbytes", bitsandbytes)]
