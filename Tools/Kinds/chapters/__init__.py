"""The chapters, in their order."""

from chapters import verifying, finding, optimizers, layers, arrays  # noqa: F401
