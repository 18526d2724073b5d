"""What the course is made of: the nouns everything else speaks in."""
