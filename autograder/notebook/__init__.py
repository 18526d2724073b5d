"""What notebooks draw and play with.

During grading, a stand-in replaces this package, so nothing that a stub calls may need it.
"""
