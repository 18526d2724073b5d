"""Rebuild a numpy Generator from its state, which the other side may have forged."""

import hashlib
from typing import Any

import numpy as np

from autograder.guest.limits import WireError

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def read_generator(state: Any, written: bytes) -> np.random.Generator:
    """Return a Generator that has this state. `written` is the encoded state.

    The generators that it spawns depend on its state, just as an ordinary Generator's depend on its seed. Raises
    WireError for a state that no seed can produce.
    """
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if name not in BIT_GENERATORS:
        raise WireError("a generator of a kind that isn't allowed")
    bit_generator = getattr(np.random, name)(int.from_bytes(hashlib.sha256(written).digest(), "big"))
    if not (_is_alike(state, bit_generator.state) and _is_sound(state)):
        raise WireError("a generator in a state that no seed can produce")
    bit_generator.state = state
    return np.random.Generator(bit_generator)


def _is_alike(state: Any, model: Any) -> bool:
    """Return whether types, keys, dtypes and shapes match the model's. numpy itself doesn't check an array's size."""
    if type(state) is not type(model):
        return False
    if isinstance(model, dict):
        return state.keys() == model.keys() and all(_is_alike(state[key], model[key]) for key in model)
    if isinstance(model, np.ndarray):
        return bool(state.dtype == model.dtype and state.shape == model.shape)
    return True


def _is_sound(state: Any) -> bool:
    """Return whether it's safe to draw from this state.

    numpy accepts any state. A Generator with a bad position would read outside its buffer, and one that produces the
    same number every time could keep drawing forever.
    """
    inner = state["state"]
    match state["bit_generator"]:
        case "MT19937":
            return 0 <= inner["pos"] <= len(inner["key"]) and bool(inner["key"][1:].any())
        case "Philox":
            return bool(0 <= state["buffer_pos"] <= len(state["buffer"]))
        case "SFC64":
            return True
        case _:
            return bool(inner["inc"] % 2 == 1)
