"""What workers inherit from the process that they're forked from: the zygote."""

import gc
import os
import sys
import types

from autograder.sandbox.mount_view import SCRATCH

# The top-level packages of the engine's code, and the attributes that say where a module was loaded from.
ENGINE = ("autograder", "msgpack")
PLACES = ("__file__", "__cached__", "__spec__", "__loader__", "__path__")
# Holes are filled for objects of up to `LARGEST` bytes. Python's own allocator rounds sizes up to 16 bytes, and leaves
# those above 512 bytes to libc.
SMALLEST, LARGEST, STEP = 48, 1024, 16
# If new objects lie side by side for `ROW_BYTES`, there are no more holes of their size. We never fill more than
# `MOST_BYTES`, since another allocator might not put objects side by side.
ROW_BYTES, MOST_BYTES = 8 * 1024, 512 * 1024
_filling: list[bytes] = []


def forget() -> None:
    """Hide the engine and the packages' folders from the processes that this one forks."""
    for name in list(sys.modules):
        if name.split(".")[0] in ENGINE:
            module = vars(sys.modules.pop(name))
            for place in PLACES:
                module.pop(place, None)
    sys.path_importer_cache.clear()
    sys.orig_argv[:] = []
    os.environ.update(HOME=SCRATCH, TMPDIR=SCRATCH)
    for name in ("LD_LIBRARY_PATH", "PWD"):
        os.environ.pop(name, None)
    sys.dont_write_bytecode = True
    sys.argv = [""]
    gc.collect()
    gc.freeze()


def fill_holes() -> None:
    """Fill the holes between this process's objects in memory with objects that stay there.

    New objects then lie side by side. If a worker's objects were spread over the holes, it would copy a page of memory
    for nearly every one of them.
    """
    for size in range(LARGEST, SMALLEST - 1, -STEP):
        last, row = 0, 0
        for _ in range(MOST_BYTES // size):
            _filling.append(bytes(size - sys.getsizeof(b"")))
            place = id(_filling[-1])
            row = row + size if 0 < place - last <= 4 * size else 0
            if row > ROW_BYTES:
                break
            last = place


def forget_places() -> None:
    """Remove the names of the engine's files from its code objects.

    Call this before `main`, since student code can see its callers' frames.
    """
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType) and (each.__module__ or "").split(".")[0] in ENGINE:
            each.__code__ = _without_place(each.__code__)


def _without_place(code: types.CodeType) -> types.CodeType:
    constants = (_without_place(each) if isinstance(each, types.CodeType) else each for each in code.co_consts)
    return code.replace(co_filename="engine", co_consts=tuple(constants))
