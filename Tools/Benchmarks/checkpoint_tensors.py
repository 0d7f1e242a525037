"""The sets of tensors that `Tools/benchmark checkpoints` saves and loads."""

import os

import numpy


def normal(shapes, dtype=numpy.float32):
    """Tensors as weights are: small, and normally distributed."""
    generator = numpy.random.default_rng(0)
    return {
        name: numpy.asarray(generator.standard_normal(shape, numpy.float32) * 0.02, dtype)
        for name, shape in shapes.items()}


def even(count, byte_count):
    """So many matrices of the same size."""
    return normal({f"layers.{i}.weight": (max(byte_count // count // 4096, 1), 1024)
                   for i in range(count)})


def many(count):
    """Vectors of 1 KiB."""
    return normal({f"blocks.{i // 100}.{i % 100}.weight": (256,) for i in range(count)})


def one(byte_count):
    return normal({"weight": (max(byte_count // 4096, 1), 1024)})


def resnet50(scale):
    """The tensors of torchvision's ResNet-50, narrower at a smaller scale."""
    width = max(int(64 * scale**0.5), 4)
    shapes = {}

    def convolution(name, *shape):
        shapes[f"{name}.weight"] = shape

    def norm(name, n):
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (n,)
        shapes[f"{name}.num_batches_tracked"] = ()

    convolution("conv1", width, 3, 7, 7)
    norm("bn1", width)
    inputs = width
    for stage, blocks in enumerate((3, 4, 6, 3)):
        planes = width << stage
        for block in range(blocks):
            name = f"layer{stage + 1}.{block}"
            convolution(f"{name}.conv1", planes, inputs, 1, 1)
            convolution(f"{name}.conv2", planes, planes, 3, 3)
            convolution(f"{name}.conv3", planes * 4, planes, 1, 1)
            for number, n in enumerate((planes, planes, planes * 4)):
                norm(f"{name}.bn{number + 1}", n)
            if block == 0:
                convolution(f"{name}.downsample.0", planes * 4, inputs, 1, 1)
                norm(f"{name}.downsample.1", planes * 4)
            inputs = planes * 4
    shapes |= {"fc.weight": (1000, inputs), "fc.bias": (1000,)}
    return normal(shapes)


def transformer(byte_count):
    """The tensors of a 7B language model, narrower: float16, 32 layers."""
    width = max(int((byte_count / 2 / 32 / 12.5) ** 0.5) // 16 * 16, 16)
    inner = width * 8 // 3
    shapes = {"model.embed_tokens.weight": (8 * width, width)}
    for layer in range(32):
        name = f"model.layers.{layer}"
        for part in "qkvo":
            shapes[f"{name}.self_attn.{part}_proj.weight"] = (width, width)
        for part, shape in (("gate", (inner, width)), ("up", (inner, width)),
                            ("down", (width, inner))):
            shapes[f"{name}.mlp.{part}_proj.weight"] = shape
        for part in ("input", "post_attention"):
            shapes[f"{name}.{part}_layernorm.weight"] = (width,)
    shapes |= {"model.norm.weight": (width,), "lm_head.weight": (8 * width, width)}
    return normal(shapes, numpy.float16)


def transformer_byte_count(free_disk):
    """How large a 7B model this machine is asked to bear, at most 13 GiB, which is the true size.

    Both workers hold it, and load it once more; five files of it lie beside each other.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(13 << 30, memory // 24, free_disk // 8)
