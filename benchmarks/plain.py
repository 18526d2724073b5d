"""The checks' assertions as a cell of plain NumPy and torch, as an instructor without this project would write it."""

import copy

import numpy as np
import torch


def tensor(value):
    if not isinstance(value, np.ndarray):
        return value
    return torch.as_tensor(value, dtype=torch.float64 if value.dtype.kind == "f" else torch.int64)


def agree(stub, reference, *args, tail=False, apart_from=(), atol=0.0, **kwargs):
    wanted = reference(*map(tensor, args), **kwargs).numpy()
    got = np.asarray(stub(*copy.deepcopy(args), **kwargs))
    assert got.shape == wanted.shape
    assert got.dtype.kind == wanted.dtype.kind
    scale = 0.0 if tail else np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0) or 1.0
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=max(1e-5 * scale, atol))


def example(rng, shown, like=None):
    return shown


def leaves_unchanged(stub, *args, **kwargs):
    before = copy.deepcopy(args)
    stub(*args, **kwargs)
    for one, other in zip(before, args, strict=True):
        np.testing.assert_array_equal(one, other)


def repeatable(stub, *args, **kwargs):
    np.testing.assert_array_equal(stub(*copy.deepcopy(args), **kwargs), stub(*args, **kwargs))


def raises(stub, *args, error=ValueError, **kwargs):
    try:
        stub(*args, **kwargs)
    except error:
        return
    raise AssertionError("nothing was raised")
