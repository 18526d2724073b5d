"""The toys for `play`: pictures with something to adjust or type, drawn with functions that students write.

A toy lists the stubs it's drawn with. It looks up these stubs and other given functions by name, so we can draw the
same toy with the reference's functions or with a student's own.
"""

from autograder.notebook.toys.answers import STAGES
from autograder.notebook.toys.boxes import BOXES_AT_WORK
from autograder.notebook.toys.declarations import Toy
from autograder.notebook.toys.descent import LEARNING_RATE
from autograder.notebook.toys.preferences import BETA
from autograder.notebook.toys.sampling import TEMPERATURE, TOP_K_TOP_P
from autograder.notebook.toys.texts import ATTENTION, CONTEXT_WINDOW

TOYS: dict[str, Toy] = {
    "stages": STAGES,
    "temperature": TEMPERATURE,
    "learning_rate": LEARNING_RATE,
    "top_k_top_p": TOP_K_TOP_P,
    "context_window": CONTEXT_WINDOW,
    "attention": ATTENTION,
    "boxes": BOXES_AT_WORK,
    "beta": BETA,
}
