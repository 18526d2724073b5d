"""A student's own checks: in a notebook, in a terminal, on every save, and on submission."""
