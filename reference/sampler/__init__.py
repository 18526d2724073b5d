from autograder.testing.forwarding import forwards

__getattr__ = forwards(__name__)
