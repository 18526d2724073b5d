"""The torch reference's answers: numpy in, numpy out. Where torch isn't installed, `tensors` answers for it."""

import copy
import functools
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.guest import values
from autograder.testing.exports import Arguments, encoded_once


def make_torch_importable(light: bool = False) -> None:
    """Make `import torch` find `autograder.testing.tensors` where torch isn't installed, or if `light`.

    That holds for this process from here on, so call it before any reference is imported, and only where no student's
    code runs. It loads nothing that takes time. What answers for torch already stays: the first call decides.
    """
    if "torch" not in sys.modules and (light or importlib.util.find_spec("torch") is None):
        from autograder.testing import tensors  # where torch answers, nobody waits for this

        sys.modules.update(tensors.MODULES)


def load_torch() -> None:
    """Load what references compute with, torch in one thread if it's installed. Takes seconds, with torch."""
    make_torch_importable()
    torch = importlib.import_module("torch")
    if hasattr(torch, "set_num_threads"):  # its numpy stand-in has no threads
        torch.set_num_threads(1)


def to_torch(value: Any) -> Any:
    """Float arrays as float64 tensors, integer arrays as int64, containers and iterators walked, all else as it is.

    A callable takes and gives numpy; what the reference gets of it takes and gives tensors.
    """
    import torch  # takes a second, and most commands need no reference

    if isinstance(value, np.ndarray):
        kinds = {"f": torch.float64, "i": torch.int64, "u": torch.int64}
        return torch.as_tensor(value, dtype=kinds.get(value.dtype.kind))
    if isinstance(value, np.generic):
        return value.item()
    if values.is_iterator(value):
        return map(to_torch, value)
    if callable(value):
        return lambda *args: to_torch(value(*from_torch(args)))
    return walk(to_torch, value)


def from_torch(value: Any) -> Any:
    """Tensors as numpy arrays, containers and iterators walked, all else as it is."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    return map(from_torch, value) if values.is_iterator(value) else walk(from_torch, value)


def walk(convert: Callable[[Any], Any], value: Any) -> Any:
    """The same containers with what `convert` makes of their items; all else as it is."""
    if isinstance(value, list | tuple):
        return type(value)(convert(item) for item in value)
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    return value


def call_reference(reference: Callable[..., Any], arguments: Arguments) -> Any:
    """Call a torch reference on numpy arguments, `(args, kwargs)`, and return its answer in numpy.

    Float arrays go in as float64 tensors, integer arrays as int64 tensors; tensors come back as arrays of their own
    dtype. The reference may change its arguments, so pass copies. Raises what the reference raises.
    """
    make_torch_importable()
    args, kwargs = arguments
    return from_torch(reference(*to_torch(args), **to_torch(kwargs)))


def reference_value(reference: Callable[..., Any], arguments: Arguments) -> Any:
    """Call a torch reference as `call_reference` does, but leave its arguments as they are.

    For arguments that are plain data the answer is computed only once and kept, so don't change it. An iterator among
    the arguments must be one that can be copied, as `iter([1, 2])` can. Raises what the reference raises.
    """
    return reference_answer(reference, arguments, encoded_once(arguments))


def reference_answer(reference: Callable[..., Any], arguments: Arguments, encoded: bytes | None) -> Any:
    """The same for arguments that `encoded_once` was called on."""
    if encoded is None:
        return call_reference(reference, copy.deepcopy(arguments))
    return _cached_reference_value(reference, encoded)


@functools.lru_cache(maxsize=4096)
def _cached_reference_value(reference: Callable[..., Any], encoded: bytes) -> Any:
    args, kwargs = values.decode(encoded)
    return call_reference(reference, (args, kwargs))
