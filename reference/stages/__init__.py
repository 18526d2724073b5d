from autograder.testing import forwards

__getattr__ = forwards(__name__)
