"""The nouns that everything else speaks in: course, lab, stub, submission, result."""
