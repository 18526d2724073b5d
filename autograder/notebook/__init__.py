"""The pictures and interactive toys that notebooks show.

During grading, a stand-in replaces this package, so nothing that a stub calls can depend on it.
"""
