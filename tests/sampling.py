"""Many cases of one behavior: a few always run, and all of them run as proofs."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], *always: object) -> list[Any]:
    """Return the cases as pytest parameters. Only those in `always` (by default, the first) aren't proofs."""
    listed = list(cases)
    kept = always or listed[:1]
    return [pytest.param(case, marks=() if case in kept else pytest.mark.proof) for case in listed]
