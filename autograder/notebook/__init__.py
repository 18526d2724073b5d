"""What notebooks draw and play with. When graded, a stand-in takes its place, so nothing a stub calls may need it."""
