"""`show_table`: a table below a cell, for eyes, for screen readers and as text."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograder.notebook.tables import show_table


@pytest.fixture(autouse=True)
def in_ipython() -> None:
    InteractiveShell.instance()


def shown() -> dict[str, str]:
    with capture_output() as captured:
        show_table(["stage", "loss", "a < b"], [("before", 5.266, 12), ("after", -0.5, 3)])
    data: dict[str, str] = captured.outputs[0].data
    return data


def test_it_is_html_with_headers_for_rows_and_columns() -> None:
    html = shown()["text/html"]
    assert '<th scope="col">loss</th>' in html
    assert '<th scope="row">before</th><td>5.27</td><td>12</td>' in html
    assert "a &lt; b" in html
    assert "<caption" not in html


def test_as_text_its_columns_are_aligned() -> None:
    assert shown()["text/plain"].splitlines() == [
        "stage    loss    a < b",
        "before   5.27    12",
        "after    -0.50   3",
    ]
