"""Build the notebooks, prove the checks, simulate a class."""

from autograder.model import slow_imports as slow_imports
