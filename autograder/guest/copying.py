"""Copy the plain data that calls pass on, in a fraction of the time that `copy.deepcopy` takes."""

import copy
from typing import Any

import numpy as np

from autograder.guest.limits import PLAIN


def copied(value: Any) -> Any:
    """Return a deep copy. An object that occurs twice in the value also occurs twice in the copy."""
    return _copied(value, {})


def _copied(value: Any, made: dict[int, Any]) -> Any:
    kind = type(value)
    if kind in PLAIN:
        return value
    if id(value) not in made:
        if kind is np.ndarray and value.dtype.kind != "O":
            made[id(value)] = value.copy("K")
        elif kind is list or kind is tuple:
            made[id(value)] = kind([_copied(each, made) for each in value])
        elif kind is dict:
            made[id(value)] = {key: _copied(each, made) for key, each in value.items()}
        else:
            return copy.deepcopy(value, made)
    return made[id(value)]
