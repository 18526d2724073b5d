"""Build the notebooks, test the checks, simulate a class."""

from autograder.model import slow_imports as slow_imports
