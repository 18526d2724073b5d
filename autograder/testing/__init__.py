"""What checks, misconceptions and alternatives are written with."""
