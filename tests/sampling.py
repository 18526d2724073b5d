"""Many cases of one behavior: a few of them always run, all of them as proofs."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], *always: object) -> list[Any]:
    """The cases as pytest parameters: proofs, but for those named in `always`, or the first where none is named."""
    listed = list(cases)
    kept = always or listed[:1]
    return [pytest.param(case, marks=() if case in kept else pytest.mark.proof) for case in listed]
