"""A short soak. The long one is `python -m tests.sandbox.soak`, whose last result is in docs/security.md."""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.course_copy import copy_course
from tests.grading.test_hostile_class import shorten
from tests.sandbox.soak import kinds, soak

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]


def test_submissions_of_every_sort_get_the_verdicts_they_get_alone_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_course(tmp_path / "course")
    shorten(root / "course.yaml", {"memory_mib: 1024": "memory_mib: 512"})
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    everything = kinds(root, "softmax")
    some = ["right", "blank", *[name for name in everything if name.startswith("wrong softmax ")][::4]]
    some += [name for name in everything if name.startswith("cell ")]
    some += [
        f"program {name}" for name in ("exit_before_answering", "segfault", "giant_length", "sockets_of_every_family")
    ]
    found = soak(2 * len(some), root, {name: everything[name] for name in some})
    assert found.other_verdicts == []
    assert found.left == []
    assert found.well
    assert {"passed", "failed", "unsolved", "died", "violation"} <= set(found.outcomes)
