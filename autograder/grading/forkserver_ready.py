"""Imported last by multiprocessing's fork server, to exempt everything that's loaded by then from garbage collection.

Otherwise each grading process would scan all of it, which would also copy the memory pages that the processes share.
"""

import gc

gc.freeze()
gc.enable()
