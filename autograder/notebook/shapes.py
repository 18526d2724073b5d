"""The shapes that the course's own pictures are made of: boxes, circles, arrows, bars, curves and text, as SVG.

Outlines and text have the page's text color, so the same picture works on both light and dark pages. A picture doesn't
contain any names, style sheets or addresses that could affect anything outside it, and you don't need any other package
to draw it.
"""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.notebook.colors import BLUE, GRAY, PAGE, TINT

FONT = "DejaVu Sans, Verdana, sans-serif"
# Font sizes, in units of the drawing. A unit is a pixel if there's room.
SMALL, PLAIN = 12.0, 14.0
# A drawing is never shown smaller than this fraction of its size. A narrow page scrolls sideways instead.
LEAST = 0.72
Point = tuple[float, float]


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, a sentence that describes it, and its numbers as HTML tables.

    Outside notebooks, only the sentence is shown.
    """

    svg: str
    sentence: str
    numbers: str = ""

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        folded = f"<details><summary>Numbers in this picture</summary>{self.numbers}</details>" if self.numbers else ""
        return f'<div class="mastery-picture" style="overflow-x: auto">{self.svg}{folded}</div>'


class Drawing:
    """A sheet to draw shapes on. It has a width and a height, and y increases downward. `picture` returns the
    result."""

    def __init__(self, title: str, width: float, height: float) -> None:
        self.title = title
        self.width = width
        self.height = height
        self._parts: list[str] = []

    def box(
        self,
        at: Point,
        size: Point,
        words: str = "",
        *,
        color: str | None = None,
        dashed: bool = False,
        rim_only: bool = False,
    ) -> None:
        """Draw a box with text in its center. It's tinted if it has a color. `at` is its upper left corner."""
        (x, y), (width, height) = at, size
        look = _outline(color, dashed) | ({"fill": "none", "stroke_width": 3} if rim_only else {})
        self._add("rect", x=x, y=y, width=width, height=height, rx=6, **look)
        self.words((x + width / 2, y + height / 2), words)

    def circle(self, at: Point, radius: float, words: str = "", *, color: str | None = None) -> None:
        """Draw a circle with text in it. It's tinted if it has a color. `at` is its center."""
        self._add("circle", cx=at[0], cy=at[1], r=radius, **_outline(color))
        self.words(at, words)

    def dot(self, at: Point, color: str, radius: float = 4.5, *, filled: bool = True) -> None:
        """Draw a small disk, or only its outline."""
        self._add("circle", cx=at[0], cy=at[1], r=radius, fill=color if filled else "none", stroke=color)

    def bar(self, at: Point, size: Point, color: str, *, opacity: float = 1.0) -> None:
        """Draw a filled rectangle. `at` is its upper left corner."""
        self._add(
            "rect", x=at[0], y=at[1], width=size[0], height=size[1], fill=color, fill_opacity=opacity, stroke="none"
        )

    def line(self, *points: Point, color: str = "currentColor", dashed: bool = False, width: float = 1.5) -> None:
        """Draw straight lines from point to point."""
        places = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        dashes = {"stroke_dasharray": "4 4"} if dashed else {}
        self._add("polyline", points=places, fill="none", stroke=color, stroke_width=width, **dashes)

    def arrow(self, *points: Point, color: str = "currentColor", dashed: bool = False, width: float = 1.5) -> None:
        """Draw straight lines from point to point, with an arrowhead at the last one."""
        (x0, y0), (x, y) = points[-2:]
        angle = math.atan2(y - y0, x - x0)
        size = 5 + 2 * width
        wings = [(x - size * math.cos(angle + side), y - size * math.sin(angle + side)) for side in (-0.45, 0.45)]
        neck = (x - 0.8 * size * math.cos(angle), y - 0.8 * size * math.sin(angle))
        self.line(*points[:-1], neck, color=color, dashed=dashed, width=width)
        head = " ".join(f"{_number(px)},{_number(py)}" for px, py in (wings[0], (x, y), wings[1]))
        self._add("polygon", points=head, fill=color, stroke="none")

    def words(
        self,
        at: Point,
        words: str,
        *,
        anchor: str = "middle",
        size: float = PLAIN,
        bold: bool = False,
        over_lines: bool = False,
    ) -> None:
        """Draw text around a point, line by line. `anchor`: "start", "middle" or "end".

        over_lines: whether the text crosses lines. If so, the lines are hidden around each letter.
        """
        lines = words.split("\n") if words else []
        for number, line in enumerate(lines):
            y = at[1] + (number - (len(lines) - 1) / 2) * 1.25 * size + 0.35 * size
            look = ' font-weight="bold"' if bold else ""
            look += f' style="paint-order: stroke; stroke: {PAGE}; stroke-width: 8px"' if over_lines else ""
            self._parts.append(
                f'<text x="{_number(at[0])}" y="{_number(y)}" text-anchor="{anchor}" font-size="{_number(size)}"{look}>'
                f"{html.escape(line)}</text>"
            )

    def captions(self, *captions: tuple[float, float, str]) -> None:
        """Draw small text around several points. Each caption is (x, y, words)."""
        for x, y, words in captions:
            self.words((x, y), words, size=SMALL)

    def upright(self, at: Point, word: str, *, slanted: bool) -> None:
        """Draw a word as a column heading.

        If slanted, it starts at the point and slopes upward, so it takes up less width.
        """
        if not slanted:
            self.words(at, word, size=SMALL)
            return
        x, y = _number(at[0]), _number(at[1])
        self._parts.append(
            f'<text x="{x}" y="{y}" font-size="{_number(SMALL)}" transform="rotate(-55 {x} {y})">'
            f"{html.escape(word)}</text>"
        )

    def picture(self, sentence: str) -> Picture:
        """Return the drawing with its title.

        `sentence` says what it shows, with its numbers, for anyone who can't see it.
        """
        smallest = f"min-width: {LEAST * self.width:.0f}px"
        said = html.escape(f"{self.title}. {sentence}")
        root = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{said}"'
            f' viewBox="0 0 {_number(self.width)} {_number(self.height)}" font-family="{FONT}" fill="currentColor"'
            f' style="display: block; width: 100%; {smallest}; max-width: {1.15 * self.width:.0f}px; height: auto">'
        )
        return Picture(f"{root}{''.join(self._parts)}</svg>", sentence)

    def _add(self, shape: str, **attributes: float | str) -> None:
        written = "".join(
            f' {name.replace("_", "-")}="{_number(value) if isinstance(value, int | float) else value}"'
            for name, value in attributes.items()
        )
        self._parts.append(f"<{shape}{written}/>")


def bars(
    sheet: Drawing, at: Point, size: Point, heights: Sequence[float], most: float, color: str = BLUE, gap: float = 0.25
) -> list[Point]:
    """Draw bars side by side on the lower edge of an area, and return the midpoint of each bar's top.

    at: the area's upper left corner. most: the height that fills the area. gap: the fraction of each bar's space to
    leave empty.
    """
    room = size[0] / len(heights)
    tops = []
    for number, height in enumerate(heights):
        tall = size[1] * height / most
        left = at[0] + room * (number + gap / 2)
        sheet.bar((left, at[1] + size[1] - tall), (room * (1 - gap), tall), color)
        tops.append((left + room * (1 - gap) / 2, at[1] + size[1] - tall))
    return tops


def before_and_after(
    sheet: Drawing, corner: Point, heights: tuple[float, float], *, scale: float, width: float
) -> None:
    """Draw a gray bar for the old value and a wider blue bar next to it for the new one, with the new value above it.

    corner: the lower left corner of the two bars together. heights: the two values. scale: the height of a bar whose
    value is 1. width: the width of the gray bar.
    """
    (left, floor), (before, after), wide = corner, heights, width + 8
    sheet.bar((left, floor - scale * before), (width, scale * before), GRAY, opacity=0.55)
    sheet.bar((left + width + 2, floor - scale * after), (wide, scale * after), BLUE)
    sheet.captions((left + width + 2 + wide / 2, floor - 9 - scale * after, f"{after:.2f}"))


def _outline(color: str | None, dashed: bool = False) -> dict[str, float | str]:
    look: dict[str, float | str] = {"stroke": color or "currentColor", "stroke_width": 1.5}
    look |= {"fill": color, "fill_opacity": TINT} if color else {"fill": "none"}
    return look | ({"stroke_dasharray": "4 3"} if dashed else {})


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
