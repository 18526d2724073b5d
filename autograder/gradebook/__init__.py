"""Everything that touches nbgrader and the learning management systems."""
