"""Show a matplotlib figure in a notebook so that it follows the page's theme and is accessible to screen readers.

When you import this module, figures get the course's colors, which are readable in light and dark themes.
"""

import io
import itertools
import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autograder.notebook.colors import COLORS, PAGE
from autograder.notebook.numbers import tables
from autograder.notebook.shapes import FONT, LEAST, Picture

# If a line or collection has more points than this, rasterize it (embed it in the SVG as a bitmap), to keep the
# notebook small and fast.
MOST_POINTS = 5_000
# Black becomes the page's text color, and white the page's background.
_THEMED = {"#000000": "currentColor", "#ffffff": PAGE}
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
# These patterns find matplotlib's list of fonts, which is repeated for every piece of text, and long coordinates, which
# have six decimals.
_FONTS, _DECIMALS = re.compile(r"'DejaVu Sans', [^;]*sans-serif"), re.compile(r"(\.\d\d)\d+")

plt.rcParams["axes.prop_cycle"] = cycler(color=COLORS)
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


def show(figure: Figure, sentence: str) -> None:
    """Show a figure below the cell, and close it.

    figure: the first value that `plt.subplots()` returns. sentence: what the picture shows and what to notice in it,
    for anyone who can't see it. The picture includes the figure's numbers, rounded and with long curves thinned to 20
    points. Screen readers find them, and everyone else can expand them. Black and white follow the page's theme.
    """
    try:
        numbers = "".join(table.as_html() for table in tables(figure))
        display(Picture(drawn(figure, sentence), sentence, numbers))
    finally:
        plt.close(figure)


def drawn(figure: Figure, sentence: str) -> str:
    """Return the figure as SVG for an HTML page, with `sentence` as its description."""
    figure.patch.set_alpha(0)
    for axes in figure.axes:
        axes.patch.set_alpha(0)
    for legend in itertools.chain(figure.legends, filter(None, (axes.get_legend() for axes in figure.axes))):
        legend.set_frame_on(False)
    for artist in itertools.chain.from_iterable(axes.get_children() for axes in figure.axes):
        if isinstance(artist, Line2D | Collection) and _points(artist) > MOST_POINTS:
            artist.set_rasterized(True)
    file = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg", bbox_inches="tight", dpi=144)
    return _for_a_page(ElementTree.fromstring(file.getvalue()), sentence)


def _points(artist: Line2D | Collection) -> int:
    if isinstance(artist, Line2D):
        return np.size(artist.get_xydata()) // 2
    corners = [np.size(path.vertices) // 2 for path in artist.get_paths()]
    return sum(corners) * max(1, np.size(artist.get_offsets()) // 2)


def _for_a_page(root: ElementTree.Element, sentence: str) -> str:
    """Return matplotlib's SVG without style sheets, metadata or names, which could affect the page around it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}metadata"):
                parent.remove(child)
    text = ElementTree.tostring(root, encoding="unicode")
    used = set(re.findall(r"#([\w-]+)", text))
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        if style := element.get("style"):
            for plain, themed in _THEMED.items():
                style = style.replace(plain, themed)
            element.set("style", _FONTS.sub(FONT, style))
        for name in ("d", "x", "y", "points"):
            if value := element.get(name):
                element.set(name, _DECIMALS.sub(r"\1", value.replace("\n", "")))
    # As with drawings, we never shrink a figure so far that its text is unreadable. A narrow page scrolls sideways
    # instead.
    smallest = f"min-width: {LEAST * float(root.attrib['width'].removesuffix('pt')):.0f}pt"
    root.attrib |= {
        "role": "img",
        "aria-label": sentence,
        "fill": "currentColor",
        "style": f"{smallest}; max-width: 100%; height: auto; stroke-linejoin: round; stroke-linecap: butt",
    }
    return ElementTree.tostring(root, encoding="unicode")
