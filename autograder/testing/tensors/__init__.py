"""The part of torch that references use, implemented with numpy. It stands in for torch if that isn't installed.

`references.load_torch` decides whether `import torch` finds the real torch or this one. Names, dtypes, results and
errors are the same as in torch. The rest of torch is missing here, and a reference that uses it gets an AttributeError
that says so. Gradients come from a tape, and random draws are the same as torch's, bit for bit.
"""

import importlib.util
import math
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from autograder.testing.tensors import chance, functional, operations, shapes
from autograder.testing.tensors.tensor import Tensor


def _module(name: str, **offered: Any) -> ModuleType:
    """Return a module with this name that contains only these attributes."""

    def missing(attribute: str) -> Any:
        raise AttributeError(
            f"{name}.{attribute} needs torch, which isn't loaded here. autograder.testing.tensors stands in for it and "
            "has only what this course's references use."
        )

    module = importlib.util.module_from_spec(ModuleSpec(name, None))
    vars(module).update(offered, __getattr__=missing)
    return module


_PARTS = {
    "autograd": _module("torch.autograd", grad=operations.grad),
    "linalg": _module("torch.linalg", lstsq=operations.lstsq),
    "nn": _module("torch.nn", functional=functional),
    "special": _module("torch.special", entr=operations.entr, ndtri=operations.ndtri),
}
_NAMES = (
    *("arange", "argmax", "as_tensor", "dot", "exp", "eye", "log", "log_softmax", "ones", "relu", "softmax", "sort"),
    *("sqrt", "stack", "sub", "tensor", "topk", "zeros"),
)
_TORCH = _module(
    "torch",
    **_PARTS,
    **{name: getattr(operations, name) for name in _NAMES},
    Generator=chance.Generator,
    Size=tuple,
    Tensor=Tensor,
    bool=shapes.boolean,
    float32=shapes.float32,
    float64=shapes.float64,
    inf=math.inf,
    int64=shapes.int64,
    multinomial=chance.multinomial,
    randn=chance.randn,
)
# What you get from `import torch` and imports of its submodules when this package stands in for torch.
MODULES = {
    "torch": _TORCH,
    "torch.nn.functional": functional,
    **{f"torch.{name}": part for name, part in _PARTS.items()},
}
