"""HTML and plain text made from model objects; no terminal, no database."""
