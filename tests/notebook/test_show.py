"""`show`: a figure in a notebook follows the page's theme, and is accessible to people who can't see it."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from nbclient import NotebookClient

from autograder.notebook.bars import side_by_side, stacked
from autograder.notebook.colors import COLORS
from autograder.notebook.heat_maps import BOTH_SIGNS, attention_maps
from autograder.notebook.numbers import tables
from autograder.notebook.pictures import MOST_POINTS, drawn
from autograder.notebook.shapes import LEAST
from autograder.notebook.tables import NotebookTable

SVG = "{http://www.w3.org/2000/svg}"
SENTENCE = 'Two curves & a "bar": <nothing> falls.'
# What a student's cell may draw: matplotlib's own colors, names that mean something in HTML, formulas.
CELLS = [
    "import matplotlib.pyplot as plt\nimport numpy as np\nfrom autograder import show",
    f"""figure, (left, right) = plt.subplots(1, 2)
left.plot(np.arange(121.0), np.arange(121.0) ** 2, label="$x^2$ & more")
left.plot([0, 120], [0, 9000], "k--", markerfacecolor="white", label="black")
left.axhline(0.6931, color="0", label="ln 2")
left.legend()
left.set(xlabel="step", ylabel="loss", title="After “the”")
right.bar(["mat", "floor"], [0.35, 0.28], color="black")
right.text(0, 0.1, "white", color="w")
show(figure, {SENTENCE!r})""",
    "plt.get_fignums()",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[dict]]:
    """What a real kernel shows below each of the cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    folder = tmp_path_factory.mktemp("notebook")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def page(outputs: list[list[dict]]) -> str:
    return outputs[1][0]["data"]["text/html"]


def test_a_kernel_shows_the_figure_once_and_closes_it(outputs: list[list[dict]]) -> None:
    assert outputs[0] == []
    (shown,) = outputs[1]
    assert set(shown["data"]) == {"text/html", "text/plain"}
    assert shown["data"]["text/plain"] == SENTENCE
    assert outputs[2][0]["data"]["text/plain"] == "[]"


def test_it_follows_the_theme(page: str) -> None:
    root = ElementTree.fromstring(page)
    svg = root.find(f"{SVG}svg")
    assert svg is not None
    assert svg.get("fill") == "currentColor"
    assert not re.search(r"#000000|#ffffff|#fff\b|\bblack\b(?!<)|: ?white", re.sub(r">[^<]*<", "><", page))
    # matplotlib writes black only in strokes, and its text has no fill of its own.
    assert "stroke: currentColor" in page


def test_it_reaches_nothing_beyond_itself(page: str) -> None:
    without_names = re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)
    assert "http" not in without_names
    assert "<style" not in without_names
    names = re.findall(r' id="([^"]*)"', page)
    assert all(f"#{name}" in page for name in names)


def test_its_sentence_and_its_numbers_are_there_for_a_screen_reader(page: str) -> None:
    root = ElementTree.fromstring(page)
    svg = root.find(f"{SVG}svg")
    assert svg is not None
    assert (svg.get("role"), svg.get("aria-label")) == ("img", SENTENCE)
    found = root.findall("details/table")
    captions = [each.findtext("caption") for each in found]
    assert captions == [
        "After “the”: loss by step (20 of 121 points)",
        "After “the”: loss by step",
        "After “the”: straight lines",
        "value by place",
    ]
    rows = [["".join(cell.itertext()) for cell in row] for row in found[0].iter("tr")]
    assert rows[0] == ["step", "$x^2$ & more"]
    assert (rows[1], rows[-1], len(rows)) == (["0", "0"], ["120", "14,400"], 21)
    assert ["ln 2", "height 0.6931"] in [[*cells] for cells in ([c.text for c in row] for row in found[2].iter("tr"))]
    assert [[c.text for c in row] for row in found[3].iter("tr")][1:] == [["mat", "0.35"], ["floor", "0.28"]]


@pytest.mark.parametrize("inches", [4, 10])
def test_it_is_never_shrunk_until_it_cannot_be_read(inches: float) -> None:
    figure, _ = plt.subplots(figsize=(inches, 3))
    svg = drawn(figure, SENTENCE)
    plt.close(figure)
    width, least = (float(re.search(rf"{name}([\d.]+)pt", svg)[1]) for name in ('width="', "min-width: "))
    assert least == pytest.approx(LEAST * width, abs=0.5)


def luminance(color: str) -> float:
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("page_color", ["#ffffff", "#111111"])
def test_colors_can_be_read_on_white_and_on_black(page_color: str) -> None:
    for color in COLORS:
        darker, lighter = sorted((luminance(color), luminance(page_color)))
        assert (lighter + 0.05) / (darker + 0.05) >= 3, color


def only_table(figure: plt.Figure) -> NotebookTable:
    drawn(figure, SENTENCE)
    (found,) = tables(figure)
    plt.close(figure)
    return found


def test_numbers_of_bars_that_belong_together_are_one_table() -> None:
    for draw in (side_by_side, stacked):
        figure, axes = plt.subplots()
        draw(axes, ["mat", "floor"], {"before": np.array([0.123456, 1e-9]), "after": [310_000, -2]})
        found = only_table(figure)
        assert found.head == ["place", "before", "after"]
        assert found.rows == [("mat", "0.1235", "310,000"), ("floor", "1e-09", "-2")]


def test_the_legend_of_grouped_bars_never_covers_one() -> None:
    figure, axes = plt.subplots()
    side_by_side(axes, ["floor", "mat"], {"probability": [0.9, 0.9], "slope": [0.9, -0.9]})
    axes.set_xlabel("next word")
    figure.canvas.draw()
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_window_extent().ymax < axes.xaxis.label.get_window_extent().ymin
    plt.close(figure)


def test_numbers_of_a_band_are_from_where_to_where() -> None:
    figure, axes = plt.subplots()
    axes.fill_between([10, 20], [0.1, 0.2], [0.9, 0.8], label="95 % interval")
    assert only_table(figure).rows == [("10", "0.1 to 0.9"), ("20", "0.2 to 0.8")]


def test_numbers_of_a_heat_map_have_the_words_of_its_axes() -> None:
    found = only_table(attention_maps([(["The", "cat"], [[1, 0], [0.75, 0.25]])]))
    assert found.head == ["looks \\ is looked at", "The", "cat"]
    assert found.rows == [["The", "1", "0"], ["cat", "0.75", "0.25"]]


def test_small_numbers_have_a_color_that_can_be_seen() -> None:
    opacity = [BOTH_SIGNS(0.5 + size / 2)[3] for size in (0.0, 0.03, 0.15, 0.5, 1.0)]
    assert opacity[0] == 0
    assert opacity[1] > 0.15
    assert opacity == sorted(set(opacity))
    below, above = BOTH_SIGNS(0.48), BOTH_SIGNS(0.52)
    assert below[2] > below[0]
    assert above[0] > above[2]


def test_a_large_heat_map_is_thinned_and_says_so() -> None:
    figure, axes = plt.subplots()
    axes.imshow(np.zeros((30, 40)))
    found = only_table(figure)
    assert found.caption == "row by place (20 of 30 rows, 12 of 40 columns)"
    assert {len(row) for row in found.rows} == {13}


def test_a_drawing_without_numbers_gives_its_words() -> None:
    figure, axes = plt.subplots()
    for text, place in (("What", (0, 0)), ("is", (1, 0)), ("The\nend", (0, 1))):
        axes.text(*place, text)
    assert only_table(figure).rows == [["1", "What is"], ["2", "The end"]]


def test_what_has_too_many_points_is_an_image_within_the_picture() -> None:
    sizes = {}
    for points in (MOST_POINTS, MOST_POINTS + 1):
        figure, axes = plt.subplots()
        axes.plot(np.random.default_rng(0).normal(size=points), ".")
        sizes[points] = drawn(figure, SENTENCE)
        plt.close(figure)
    assert "<image" not in sizes[MOST_POINTS]
    assert "<image" in sizes[MOST_POINTS + 1]
    assert "<text" in sizes[MOST_POINTS + 1]


def test_the_package_needs_matplotlib_only_to_draw() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; import autograder, autograder.notebook.language_model, "
        "autograder.notebook.tables; from autograder import check, solved; assert 'torch' not in sys.modules"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
