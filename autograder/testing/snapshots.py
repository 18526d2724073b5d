"""Take snapshots of arguments before a call, with copies of whatever the call could consume or draw from."""

import copy
import operator
from typing import Any

import numpy as np

ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())), type(iter(range(0))))
# A call can't consume any of these, and long lists of them are common.
_PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None), np.ndarray, np.float64, np.int64))


def snapshot(arguments: Any) -> Any:
    """Return the arguments with copies of anything a call could consume: Generators, iterators over lists, tuples and
    ranges."""
    if isinstance(arguments, np.random.Generator):
        return _copied_generator(arguments)
    if type(arguments) in (list, tuple):
        if _PLAIN.issuperset(map(type, arguments)):
            return arguments
        items = [snapshot(each) for each in arguments]
        return arguments if all(map(operator.is_, items, arguments)) else type(arguments)(items)
    if type(arguments) is dict:
        made = {key: snapshot(value) for key, value in arguments.items()}
        return arguments if all(map(operator.is_, made.values(), arguments.values())) else made
    return copy.copy(arguments) if type(arguments) in ITERATORS else arguments


def _copied_generator(rng: np.random.Generator) -> np.random.Generator:
    again = np.random.Generator(type(rng.bit_generator)(0))
    again.bit_generator.state = rng.bit_generator.state
    return again
