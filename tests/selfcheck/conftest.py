"""What tests of a student's notebooks share."""

from pathlib import Path

import pytest

from tests.commands import run_mastery
from tests.course_copy import copy_course


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `mastery start` made, in a copy of the course."""
    root = copy_course(tmp_path_factory.mktemp("course"))
    run_mastery("start", "labs", cwd=root)
    return root / "labs"
