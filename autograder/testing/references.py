"""Call torch references with numpy arguments, and get numpy answers. `tensors` stands in for torch if it isn't
installed."""

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
    """Make `import torch` find `autograder.testing.tensors` if torch isn't installed, or if `light` is true.

    This lasts for the rest of the process, so call it before any reference is imported, and only in a process that
    doesn't run a student's code. It loads nothing slow. Whichever torch is loaded first stays loaded, so the first call
    decides.
    """
    if "torch" not in sys.modules and (light or importlib.util.find_spec("torch") is None):
        from autograder.testing import tensors  # loaded only if we need it

        sys.modules.update(tensors.MODULES)


def load_torch() -> None:
    """Load the torch that the references use, limited to one thread. The real torch takes seconds to load."""
    make_torch_importable()
    torch = importlib.import_module("torch")
    if hasattr(torch, "set_num_threads"):  # its numpy stand-in has no threads
        torch.set_num_threads(1)


def to_torch(value: Any) -> Any:
    """Convert float arrays to float64 tensors and integer arrays to int64 tensors.

    Containers and iterators are converted item by item. A callable that takes and returns numpy becomes one that takes
    and returns tensors. Everything else is returned unchanged.
    """
    import torch  # takes a second, and most commands don't need a reference

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
    """Convert tensors to numpy arrays, even in containers and iterators. Everything else is returned unchanged."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    return map(from_torch, value) if values.is_iterator(value) else walk(from_torch, value)


def walk(convert: Callable[[Any], Any], value: Any) -> Any:
    """Return a list, tuple or dict with `convert` applied to its items. Return anything else unchanged."""
    if isinstance(value, list | tuple):
        return type(value)(convert(item) for item in value)
    if isinstance(value, dict):
        return {key: convert(item) for key, item in value.items()}
    return value


def call_reference(reference: Callable[..., Any], arguments: Arguments) -> Any:
    """Call a torch reference with numpy arguments, `(args, kwargs)`, and return its answer in numpy.

    Float arrays are passed as float64 tensors and integer arrays as int64 tensors. Tensors come back as arrays of the
    same dtype. The reference may change its arguments, so pass copies. Raises whatever the reference raises.
    """
    make_torch_importable()
    args, kwargs = arguments
    return from_torch(reference(*to_torch(args), **to_torch(kwargs)))


def reference_value(reference: Callable[..., Any], arguments: Arguments) -> Any:
    """Call a torch reference as `call_reference` does, but leave the arguments unchanged.

    If the arguments are plain data, the answer is cached, so don't change it. An iterator among the arguments must be
    one that can be copied, such as `iter([1, 2])`. Raises whatever the reference raises.
    """
    return reference_answer(reference, arguments, encoded_once(arguments))


def reference_answer(reference: Callable[..., Any], arguments: Arguments, encoded: bytes | None) -> Any:
    """Return the same answer as `reference_value`. encoded: what `encoded_once` returned for these arguments."""
    if encoded is None:
        return call_reference(reference, copy.deepcopy(arguments))
    return _cached_reference_value(reference, encoded)


@functools.lru_cache(maxsize=4096)
def _cached_reference_value(reference: Callable[..., Any], encoded: bytes) -> Any:
    args, kwargs = values.decode(encoded)
    return call_reference(reference, (args, kwargs))
