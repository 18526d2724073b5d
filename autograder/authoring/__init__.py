"""Build the notebooks, prove the checks, simulate a class."""
