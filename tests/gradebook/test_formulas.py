"""Formulas in what students write: MathML in feedback and formgrader, or their source if no MathML can be made."""

import re
import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.converters import GenerateFeedback

from autograder.gradebook.formulas import LONGEST_FORMULA
from autograder.gradebook.sanitizing import sanitized
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from tests.gradebook.test_page_limits import RESOURCES
from tests.repository import ROOT


@pytest.fixture(scope="module")
def exporter() -> HTMLExporter:
    return made("feedback")


def made(page_of: str) -> HTMLExporter:
    settings = settings_of(load(ROOT))
    config = GenerateFeedback(coursedir=settings.folders, config=settings.config).config
    return HTMLExporter(config=config, template_name=page_of)


def shown(exporter: HTMLExporter, source: str) -> str:
    """The part of a feedback page that shows a Markdown cell."""
    page, _ = exporter.from_notebook_node(new_notebook(cells=[new_markdown_cell(source)]), dict(RESOURCES))
    return str(page[page.index("text_cell_render") :])


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("so $a<b$ holds", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"$$\frac{1}{n} \sum_i x_i$$", "<mfrac>"),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "<mtable"),
        (r"$\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$", "<msub>"),
        (r"$\hat y = \sigma\left(w^\top x\right)$", "<mover"),
    ],
)
def test_a_formula_is_mathml(exporter: HTMLExporter, source: str, part: str) -> None:
    html = shown(exporter, source)
    assert "<math" in html
    assert part in html
    assert ('display="block"' in html) == (not source.startswith(("so", r"$\o", r"$\h")))


def test_every_formula_of_the_course_is_mathml(exporter: HTMLExporter) -> None:
    for path in ROOT.glob("exercises/*/*.ipynb"):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        page, _ = exporter.from_notebook_node(
            new_notebook(cells=[new_markdown_cell(c.source) for c in cells]), dict(RESOURCES)
        )
        assert not re.findall(r"<code>\$+[^<]*", page), path


BOMBS: dict[str, str] = {
    "braces": "{" * 900 + "x" + "}" * 900,
    "fractions": r"\frac{" * 200 + "x" + "}{y}" * 200,
    "powers": "x^{" * 400 + "y" + "}" * 400,
    "roots": r"\sqrt " * 300 + "x",
    "environments": r"\begin{matrix}" * 70 + r"\end{matrix}" * 70,
    "parentheses_that_grow": r"\left(" * 150 + "x" + r"\right)" * 150,
    "doubling_definitions": r"\newcommand{\a}{xx}"
    + "".join(rf"\newcommand{{\{chr(98 + n)}}}{{\{chr(97 + n)}\{chr(97 + n)}}}" for n in range(20))
    + r"\u",
    "plain_definitions": r"\def\a{\a\a}\a",
    "a_definition_of_itself": r"\let\x\x\x",
    "too_long": "x+" * LONGEST_FORMULA + "x",
    "wrong_environment": r"\begin{x}\end{y}",
    "two_subscripts": "a_b_c",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_formula_is_shown_as_it_was_written(exporter: HTMLExporter, name: str) -> None:
    begun = time.thread_time()
    html = shown(exporter, f"before $${BOMBS[name]}$$ after")
    assert time.thread_time() - begun < 3
    assert len(html) < 100_000
    assert "before" in html
    assert "after" in html
    assert "<math" not in html
    assert BOMBS[name][:40].replace("\\\\", "\\") in html


@pytest.mark.proof
def test_many_formulas_end_as_source(exporter: HTMLExporter) -> None:
    html = shown(exporter, "$a+b$ " * 3_000)
    assert html.count("<math") + html.count("<code>$a+b$</code>") in (0, 3_000)
    begun = time.thread_time()
    page, _ = exporter.from_notebook_node(
        new_notebook(cells=[new_markdown_cell("$" + "x+" * 900 + "x$") for _ in range(100)]), dict(RESOURCES)
    )
    assert time.thread_time() - begun < 12
    assert 0 < page.count("<math") < 100
    assert page.count("<math") + page.count("<code>$x+") == 100


@pytest.mark.parametrize(
    "html",
    [
        '<math><mspace width="-100em"/><mtext>25 of 25</mtext></math>',
        '<math><mpadded voffset="-30em" width="0px" height="99em">x</mpadded></math>',
        '<math href="javascript:ran()"><mi href="javascript:ran()" onclick="ran()" style="top: 0">x</mi></math>',
        "<math><annotation-xml encoding='text/html'><script>ran()</script></annotation-xml></math>",
        "<math><mtext><table><mglyph><style><img src=x onerror=ran()></style></mglyph></table></mtext></math>",
        '<math><maction actiontype="statusline#http://evil.example" xlink:href="javascript:ran()">x</maction></math>',
        '<math><mi id="softmax" class="navbar" mathbackground="red" mathsize="90em">x</mi></math>',
        "<math><mi xlink:href='data:x,<script>ran()</script>'>x</mi></math>",
    ],
)
def test_mathml_of_a_students_own_moves_covers_and_runs_nothing(html: str) -> None:
    kept = sanitized(html)
    assert not re.search(r"<(script|style|img|annotation|maction|mglyph)", kept)
    assert not re.search(r"(on\w+|href|style|id|class|voffset|mathsize|mathbackground)=", kept)
    assert not re.search(r"\d\dem|-\d", kept)
    assert sanitized(kept) == kept


@pytest.mark.parametrize("tex", [r"\text{<script>ran()</script>}", r"\text{<img src=x onerror=ran()>}", "a<b>c&lt;"])
def test_what_a_formula_says_is_text(exporter: HTMLExporter, tex: str) -> None:
    html = shown(exporter, f"${tex}$")
    assert not re.search(r"<(script|img|b)\b", html)
    assert "<math" in html


@pytest.mark.parametrize("page_of", ["feedback", "formgrade"])
def test_a_page_names_no_other_machine(page_of: str) -> None:
    page, _ = made(page_of).from_notebook_node(new_notebook(cells=[new_markdown_cell("$a$")]), dict(RESOURCES))
    assert "cdnjs" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert ("<script" in page) == (page_of == "formgrade")
