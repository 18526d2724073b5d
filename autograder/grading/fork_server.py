"""The process that grading processes are forked from, which has loaded what they need: it takes seconds, and once.

Importing this is quick, so that it can begin before anything else that a command loads.
"""

import functools
import multiprocessing
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext

from autograder.grading.interrupts import children_deaf_to_ctrl_c, ctrl_c_later
from autograder.model import secrets
from autograder.model.children import start_safely

# The session is imported in these processes only, for it takes a large part of the memory: it holds torch.
PRELOADED = ["autograder.grading.forkserver_start", "autograder.grading.session", "autograder.grading.forkserver_ready"]


def prepare() -> None:
    """Begin to load what grading processes need, while something else is done."""
    with ctrl_c_later():
        context()


@functools.cache
def context() -> BaseContext:
    """What grading processes are started by."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    found = multiprocessing.get_context(method)
    start_safely()
    if method == "forkserver":
        found.set_forkserver_preload(PRELOADED)
        resource_tracker.ensure_running()  # which would end the deafness
        with children_deaf_to_ctrl_c(), secrets.hidden_from_children():
            forkserver.ensure_running()
    return found
