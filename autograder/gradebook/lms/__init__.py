"""Canvas and Moodle: their downloads in, their gradebooks out."""
