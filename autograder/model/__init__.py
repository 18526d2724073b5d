"""The basic types that everything else uses: course, lab, stub, submission, result."""
