"""Numbers that a visible check shows: as is, and replaced by similar numbers in a check on fresh numbers."""

import numpy as np
import pytest

from autograder.model.seeds import fresh_seed, public_seed
from autograder.testing import example

PUBLIC = public_seed("softmax", "softmax", "known")
FRESH = [fresh_seed(draw, "softmax", "softmax", "known") for draw in (b"one", b"another")]
SHOWN = np.array([[2.0, -np.inf, 1000.0], [0.0, -4.0, 0.5]])


def test_an_ordinary_check_shows_its_numbers_and_draws_none_for_it() -> None:
    rng = np.random.default_rng(PUBLIC)
    assert example(rng, SHOWN) is SHOWN
    assert example(rng, SHOWN, lambda rng: rng.normal(size=3)) is SHOWN
    assert rng.normal() == np.random.default_rng(PUBLIC).normal()


@pytest.mark.parametrize("seed", FRESH)
def test_fresh_ones_are_others_of_the_same_kind(seed: int) -> None:
    other = example(np.random.default_rng(seed), SHOWN)
    finite = np.isfinite(SHOWN)
    assert (other[finite] != SHOWN[finite]).all()
    assert (other[~finite] == SHOWN[~finite]).all()
    assert np.abs(other[finite] - SHOWN[finite]).max() < 260
    ids, (weight, bias) = example(np.random.default_rng(seed), (np.array([3, 0, 9]), [200.0, 0.0]))
    assert ids.dtype == np.int64
    assert (ids >= [3, 0, 9]).all()
    assert weight != 200.0
    assert isinstance(bias, float)
    assert example(np.random.default_rng(seed), 3, lambda rng: int(rng.integers(90, 99))) >= 90


def test_each_draw_gives_others() -> None:
    one, another = (example(np.random.default_rng(seed), SHOWN) for seed in FRESH)
    assert not np.array_equal(one, another)
