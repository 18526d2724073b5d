"""Imported by multiprocessing's fork server before anything else, so that it exits when the process that started it
does.

Otherwise it would keep running while any grading process is busy, because each one holds the fork server's pipe open.
This also loads torch, which would otherwise take each forked process a second. Nothing imported is garbage, so the
garbage collector is off until `forkserver_ready`.
"""

import gc
import os

from autograder.model.children import end_with
from autograder.testing.references import load_torch

end_with(os.getppid())
gc.disable()
load_torch()
