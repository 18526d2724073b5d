"""Make HTML and plain text from model objects, without a terminal or a database."""
