"""What notebooks draw and play with. When graded, a stand-in replaces it, so nothing that a stub calls may need it."""
