"""Everything that touches nbgrader and the learning management systems."""

from autograder.model import slow_imports as slow_imports
