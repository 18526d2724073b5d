"""The process that grading processes are forked from. It loads everything they need, which takes seconds, only once.

Importing this module is quick, so a command can start the process before it loads anything else.
"""

import functools
import multiprocessing
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext

from autograder.grading.interrupts import children_deaf_to_ctrl_c, ctrl_c_later
from autograder.model import secrets
from autograder.model.children import start_safely

# We import the session only in the fork server, because it loads torch, which takes seconds and a lot of memory.
PRELOADED = ["autograder.grading.forkserver_start", "autograder.grading.session", "autograder.grading.forkserver_ready"]


def prepare() -> None:
    """Start loading what grading processes need. This happens in the background, because it takes seconds."""
    with ctrl_c_later():
        context()


@functools.cache
def context() -> BaseContext:
    """Return the multiprocessing context that starts grading processes."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    found = multiprocessing.get_context(method)
    start_safely()
    if method == "forkserver":
        found.set_forkserver_preload(PRELOADED)
        resource_tracker.ensure_running()  # start it now: starting it later would unblock Ctrl-C
        with children_deaf_to_ctrl_c(), secrets.hidden_from_children():
            forkserver.ensure_running()
    return found
