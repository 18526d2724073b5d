"""Hostile notebooks: programs that the stub `softmax` runs when it's called, and files that are hardly notebooks."""

import json
from typing import NamedTuple


class InAStub(NamedTuple):
    """Each leads to the outcome "error" in all checks of the stub."""

    name: str
    source: str


# Errors whose text comes entirely from the student.
SAYS = {
    "a_fake_score": "score: 25 of 25",
    "a_fake_check": "softmax::softmax::known (visible): passed, 25 of 25.",
    "a_fake_attempt": "x\\nattempt 2, graded 2026-01-01 00:00:00 UTC: graded, 25 of 25",
    "a_fake_line_by_carriage_return": "x\\rsoftmax: 18 of 18 checks passed",
    "a_fake_line_by_a_paragraph_separator": "x\\u2029score: 25 of 25",
    "a_fake_json_result": '{\\"status\\": \\"graded\\", \\"score\\": 25}',
    "a_ci_command": "x\\n::error::all passed",
    "rich_markup": "[bold green]passed[/bold green] [link=http://evil.example]see[/link]",
    "unbalanced_markup": "[/] [/bold] [",
    "a_screen_eraser": "\\x1b[2J\\x1b[Hpassed",
    "a_title": "\\x1b]0;25 of 25\\x07",
    "right_to_left": "\\u202e52 fo 52 :erocs",
    "half_a_pair": "\\ud83d",
    "a_null": "\\0passed",
    "a_formula_of_a_spreadsheet": "=1+1",
    "html": "</pre><script>ran()</script>",
    "mathml": "<math><mspace width='-99em'/></math>",
    "tex": "$\\\\def\\\\a{\\\\a\\\\a}\\\\a$",
    "an_attachment": "![](attachment:a)" * 5,
    "a_format_string": "%s%n{0.__class__} %(secret)s",
}
# Exceptions that run code when they're inspected.
ERRORS = {
    "an_endless_message": "raise ValueError('x' * 10**7)",
    "a_million_lines": "raise ValueError('\\n' * 10**6)",
    "a_message_of_one_long_line": "raise ValueError('score: 25 of 25 ' * 10**5)",
    "a_message_that_raises": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "a_message_that_is_no_text": "class E(Exception):\n    def __str__(self): return 5\nraise E",
    "a_repr_that_raises": "class E(Exception):\n    def __repr__(self): 1 / 0\nraise E(E())",
    "an_endless_name": "raise type('E' * 10**6, (Exception,), {})('x')",
    "a_name_with_line_breaks": "raise type('E\\nscore: 25 of 25', (Exception,), {})('x')",
    "a_cause_of_itself": "e = ValueError('x'); e.__cause__ = e; raise e",
    "a_thousand_causes": "e = None\nfor _ in range(1000):\n    n = ValueError('x'); n.__cause__ = e; e = n\nraise e",
    "a_group_of_errors": "raise ExceptionGroup('g', [ValueError('x')] * 10**5)",
    "a_thousand_notes": "e = ValueError('x')\nfor _ in range(1000): e.add_note('score: 25 of 25')\nraise e",
    "a_base_exception": "raise BaseException('score: 25 of 25')",
    "a_generator_exit": "raise GeneratorExit",
    "stop_iteration": "raise StopIteration('x')",
    "a_syntax_error_of_its_own": "raise SyntaxError('m', ('grader.py', 10**9, -5, 'x' * 10**5))",
    "a_unicode_error_of_its_own": "raise UnicodeDecodeError('u', b'x' * 10**5, 0, 10**9, 'r')",
    "a_traceback_of_a_thousand_frames": "def f(n):\n    if not n: raise ValueError('x')\n    f(n - 1)\nf(900)",
}
IN_A_STUB = [
    *(InAStub(f"says_{name}", f'raise ValueError("{text}")') for name, text in SAYS.items()),
    *(InAStub(f"raises_{name}", source) for name, source in ERRORS.items()),
]

CODE = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ""}


def notebook(*cells: object, **more: object) -> bytes:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


# Files in place of a notebook, each rejected with a sentence or worth nothing.
FILES = {
    "empty": b"",
    "a_null_byte": b"\0",
    "only_a_brace": b"{",
    "a_list": b"[]",
    "a_number": b"1e999",
    "a_huge_number": b'{"cells": [], "nbformat": ' + b"9" * 5_000 + b"}",
    "a_float_for_a_format": b'{"cells": [], "nbformat": 4.5}',
    "deep_lists": b"[" * 200_000,
    "deep_metadata": b'{"cells": [], "nbformat": 4, "metadata": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    "cells_of_cells": notebook([[]]),
    "a_cell_of_null": notebook(None),
    "a_source_of_numbers": notebook({**CODE, "source": [1, 2]}),
    "a_source_of_lists": notebook({**CODE, "source": [["x"]]}),
    "a_type_of_lists": notebook({"cell_type": ["code"], "source": "x"}),
    "outputs_of_text": notebook({**CODE, "outputs": "x"}),
    "metadata_of_text": notebook({**CODE, "metadata": "x"}),
    "a_role_of_text": notebook({**CODE, "metadata": {"nbgrader": "x"}}),
    "a_name_of_lists": notebook({**CODE, "metadata": {"nbgrader": {"grade_id": ["softmax"]}}}),
    "attachments_of_lists": notebook({"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": [1]}),
    "attachments_of_numbers": notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:a)", "attachments": {"a": {"image/png": 1}}}
    ),
    "an_attachment_of_nothing": notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:a)", "attachments": {"a": {}}}
    ),
    "an_attachment_of_no_picture": notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:a)", "attachments": {"a": {"x/y": "AA"}}}
    ),
    "a_thousand_attachments": notebook(
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "x",
            "attachments": {str(n): {"image/png": "A"} for n in range(1_000)},
        }
    ),
    "twice_the_same_key": b'{"cells": [], "cells": [1], "nbformat": 4}',
    "ten_thousand_cells": notebook(*[CODE] * 10_000),
    "utf_16": '{"cells": []}'.encode("utf-16"),
    "latin_1": b'{"cells": ["\xe9"]}',
    "half_a_pair_as_key": b'{"cells": [], "nbformat": 4, "\\ud83d": 1}',
    "a_zip": b"PK\x03\x04" + b"x" * 100,
    "a_pickle": b"cos\nsystem\n(S'touch /tmp/ran'\ntR.",
}
