"""What students receive of each lab, a folder each, and the other givens beside them."""
