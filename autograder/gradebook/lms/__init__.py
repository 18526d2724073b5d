"""Canvas and Moodle: read the submissions they let you download, and fill in their gradebooks."""
