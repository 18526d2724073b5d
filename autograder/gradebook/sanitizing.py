"""Filters for nbgrader's pages. These filters turn students' text into HTML that's small, runs no code and fetches
nothing.

nbgrader doesn't sanitize Markdown. The pages open in the browser of someone who's logged in to a Jupyter server, so a
script in a page could do anything that person can. Also, a few lines of Markdown can expand to gigabytes of HTML.
"""

import re
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.gradebook import formulas

# A relative link could lead to a page handed in along with the notebook, and formgrader would let that page's scripts
# run.
_MAY_POINT_TO = {"href": re.compile("https?://|mailto:", re.IGNORECASE), "src": re.compile("data:image/")}
# Nested Markdown takes time that's quadratic in its depth. Nesting needs these characters; embedded pictures have none.
_MARKUP = re.compile(r"[^\w\s+/=]")
MOST_MARKUP = 10_000
# Some Markdown patterns take time that's quadratic in the text's length. Even long cells in this course have only 3,000
# characters.
LONGEST_TEXT = 20_000
# Matches a picture embedded in the text itself, where it looks like one long word. Pictures don't count toward the
# limits on text.
_PICTURE = re.compile(r"[\w+/=]{200,}")
# Measured in base64 characters. A picture's size in bytes is about three quarters of this number.
CELL_PICTURES, PAGE_PICTURES = 3_000_000, 12_000_000
# Measured in CPU time, so that a page looks the same even if the machine is busy.
PAGE_SECONDS = 3.0
PAGE_FORMULAS = 40_000
# Characters of HTML made from Markdown. A link that's defined once and used a thousand times is written out a thousand
# times, and nbconvert parses the whole page again at the end.
PAGE_HTML = 1_000_000
LONGEST_LINK = 2_000

PICTURE_LEFT_OUT = "A picture isn't shown here, because the pictures in this {} are too large in total."
TEXT_AS_WRITTEN = "This text is too long or too deeply nested to format, so it's shown as it was written."

# The exercise's own text is on every student's page. This caches its HTML, along with how much of the page's allowance
# (formulas and seconds) it used.
MOST_KEPT, LONGEST_KEPT = 500, 100_000
_formatted_before: dict[str, tuple[str, int, float]] = {}

_TAGS = nh3.ALLOWED_TAGS | formulas.TAGS
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()} | {
    tag: set(formulas.ATTRIBUTES) for tag in formulas.TAGS
}


@dataclass
class Allowance:
    """How much one page may still use: characters of pictures, formulas and HTML, and CPU seconds to format text."""

    pictures: int = PAGE_PICTURES
    formulas: int = PAGE_FORMULAS
    html: int = PAGE_HTML
    seconds: float = PAGE_SECONDS


def sanitized(html: str) -> str:
    """Return the HTML without scripts, styles, external pictures, or names that the page's own scripts look for."""
    text = html.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=_kept,
    )


@pass_context
def markdown(context: Any, source: str) -> str:
    """Return a cell's Markdown as sanitized HTML. If it can't be formatted, the page shows it as it was written."""
    allowance = _allowance(context.get("resources"))
    renderer = _Renderer(context.get("cell", {}).get("attachments", {}), allowance)
    return _formatted(source, renderer, allowance) or _as_written(_PICTURE.sub("[a picture]", source))


def _formatted(source: str, renderer: "_Renderer", allowance: Allowance) -> str | None:
    """Return Markdown as sanitized HTML; None if it would exceed the page's allowance."""
    text = _PICTURE.sub("", source)
    if len(source) > CELL_PICTURES or len(text) > LONGEST_TEXT or len(_MARKUP.findall(text)) > MOST_MARKUP:
        return None
    if allowance.seconds <= 0:
        return None
    pictures = allowance.pictures
    # Whether this Markdown's HTML is independent of the rest of the page.
    stands_alone = "![" not in source and len(source) <= allowance.formulas
    if stands_alone and source in _formatted_before:
        html, formulas_taken, seconds = _formatted_before[source]
        allowance.formulas -= formulas_taken
        allowance.seconds -= seconds
    else:
        begun, formulas_left = time.thread_time(), allowance.formulas
        try:
            html = sanitized(MarkdownWithMath(renderer=renderer).render(source))
        except Exception:  # deep nesting, for example; the errors have no common base class
            return None
        finally:
            seconds = time.thread_time() - begun
            allowance.seconds -= seconds
        if stands_alone and len(html) <= LONGEST_KEPT:
            if len(_formatted_before) >= MOST_KEPT:
                _formatted_before.clear()
            _formatted_before[source] = html, formulas_left - allowance.formulas, seconds
    size = len(html) - (pictures - allowance.pictures)
    if size > allowance.html:
        return None
    allowance.html -= size
    return html


def _as_written(text: str) -> str:
    return sanitized(f"<p><em>{TEXT_AS_WRITTEN}</em></p><pre>{escape(text)}</pre>")


def unchanged(html: str) -> str:
    """Replace nbconvert's strip_files_prefix. No relative links are left to strip, and nbconvert's search takes
    quadratic time."""
    return html


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    def __init__(self, attachments: dict[str, dict[str, str]], allowance: Allowance) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self._allowance = allowance
        self._cell_pictures = CELL_PICTURES

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        if name != url:
            if not self.attachments.get(name):
                return f"<em>[{escape(name)} isn't attached to this cell.]</em>"
            url = self._embed_image_or_attachment(url)
        size = len(url) + len(title or "")
        if size > min(self._cell_pictures, self._allowance.pictures):
            where = "cell" if size > self._cell_pictures else "notebook"
            return f"<em>{PICTURE_LEFT_OUT.format(where)}</em>"
        self._cell_pictures -= size
        self._allowance.pictures -= size
        return str(super().image(text, url, title))

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if len(url) + len(title or "") > LONGEST_LINK:
            return text
        return str(super().link(text, url, title))

    def block_code(self, code: str, info: str | None = None) -> str:
        # In some of the 500 languages that a student could name here, highlighting a maliciously written line takes
        # forever.
        language = (info or "").split(maxsplit=1)[:1]
        return str(super().block_code(code, info if language in (["python"], ["py"]) else None))

    def inline_math(self, body: str) -> str:
        return self._formula(body, display=False)

    def block_math(self, body: str) -> str:
        return self._formula(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def _formula(self, tex: str, display: bool) -> str:
        made = formulas.mathml(tex, display) if len(tex) <= self._allowance.formulas else None
        if made is None:
            return formulas.source(tex, display)
        self._allowance.formulas -= len(tex)
        return made


def _allowance(resources: MutableMapping[str, Any] | None) -> Allowance:
    """Return the page's allowance, which we keep in the page's resources from one cell to the next."""
    if resources is None:
        return Allowance()
    found: Allowance = resources.setdefault("allowance", Allowance())
    return found


def _kept(tag: str, attribute: str, value: str) -> str | None:
    if tag in formulas.TAGS:
        return value if formulas.ATTRIBUTES[attribute].fullmatch(value) else None
    pattern = _MAY_POINT_TO.get(attribute)
    return value if pattern is None or pattern.match(value) else None
