"""Imported by multiprocessing's fork server before all else: it ends with the process that started it.

It would else outlive that one for as long as a grading process is busy, since each holds the fork server's line open.
And it loads torch, which takes each process forked from it a second otherwise. What is imported is no garbage, so
none is looked for until `forkserver_ready`.
"""

import gc
import os

from autograder.model.children import end_with
from autograder.testing.references import load_torch

end_with(os.getppid())
gc.disable()
load_torch()
