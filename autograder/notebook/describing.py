"""Describe a value in a few words."""

from typing import Any

import numpy as np


def described(value: Any) -> str:
    """Return a short description of what a box returned."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return f"{value.shape[0]} rows of {value.shape[1]} numbers; the last: {described(value[-1])}"
    if isinstance(value, np.ndarray):
        return f"[{', '.join(f'{number:.2f}' for number in value[:4])} …]"
    return repr(value)
