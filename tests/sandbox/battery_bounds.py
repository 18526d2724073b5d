"""Hostile notebooks that are only held once givens, reading and hand-ins are bounded; no test runs these yet.

Each is the source of a cell or of a stub's first call, and what it must come to. They were written from what's promised
and haven't been run.
"""

# In a stub of a lab after `softmax` and `generation`, where those functions are givens.
GIVENS = {
    "a_key_of_60_000_characters": ("from autograder.given import encode\nencode('a' * 60_000)", "error timeout"),
    "a_text_of_a_megabyte": ("from autograder.given import encode\nencode('ab' * 500_000)", "error timeout violation"),
    "a_given_of_gigabytes": (
        "from autograder.given import softmax\nsoftmax(np.zeros((1, 200_000)), 0)",
        "error timeout",
    ),
    "a_loop_of_slow_givens": (
        "from autograder.given import encode\nwhile True: encode('a' * 3_000)",
        "timeout violation",
    ),
    "a_loop_of_small_givens": (
        "from autograder.given import softmax\nwhile True: softmax(np.ones(2))",
        "timeout violation",
    ),
    "givens_of_nan": ("from autograder.given import softmax\nsoftmax(np.full(60_000, np.nan))", "failed passed error"),
    "givens_that_raise": (
        "from autograder.given import softmax\nfor _ in range(9_000): softmax('x')",
        "error violation",
    ),
}

# As the source of a code cell above everything else; the honest stubs below it keep their points.
CELLS = {
    "help_marks": "?" * 137_000,
    "help_marks_with_spaces": "? " * 68_000,
    "percent_signs": "%" * 137_000,
    "exclamation_marks": "!" * 137_000,
    "a_long_assignment_from_a_shell": "x = !" + "ls " * 45_000,
    "dots_and_a_help_mark": "a." * 68_000 + "?",
    "backslashes_and_a_help_mark": "a" + "\\" * 137_000 + "\n?",
    "a_line_at_the_limit": "x = '" + "a" * 1_994 + "'",
    "a_line_over_the_limit": "x = '" + "a" * 2_100 + "'  # ?",
}
