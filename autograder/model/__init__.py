"""The nouns that everything else uses: course, lab, stub, submission, result."""
