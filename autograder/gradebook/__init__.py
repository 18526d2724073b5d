"""All the code that works with nbgrader and with learning management systems (LMSs)."""

from autograder.model import slow_imports as slow_imports
