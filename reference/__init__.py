"""What students receive: a folder for each lab, and the other givens next to them."""
