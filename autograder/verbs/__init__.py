"""The verbs of the `mastery` command, by who uses them."""
