"""What workers inherit from the process that they're forked from."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only the sandbox forks its workers")

HOLES = """
from autograder.sandbox.inherited import fill_holes

def jumps():
    new = [bytes({size}) for _ in range(20)]
    return sum(abs(id(one) - id(other)) > 2 * {size} + 64 for one, other in zip(new, new[1:]))

objects = [bytes({size}) for _ in range(20_000)]
del objects[::50]
print(jumps())
fill_holes()
print(jumps())
"""


@pytest.mark.parametrize("size", [40, 200, 700])
def test_new_objects_lie_side_by_side_once_the_holes_are_filled(size: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", HOLES.format(size=size)], capture_output=True, text=True, check=True, timeout=60
    )
    before, after = map(int, run.stdout.split())
    assert before > 15
    assert after < 4
