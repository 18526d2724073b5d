"""What notebooks draw and play with. In grading, a stand-in replaces it, so nothing that a stub calls may need it."""
