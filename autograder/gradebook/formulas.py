"""Convert TeX formulas to MathML, which browsers render themselves, so pages don't need to fetch a script for them."""

import itertools
import re
from html import escape

from latex2mathml.converter import convert

LONGEST_FORMULA = 2_000
# No real formula nests deeper than this. Deeper nesting would only slow down the browser.
DEEPEST_FORMULA = 50
# Each definition can expand to several copies of the one before it, so eleven lines of them can turn into gigabytes.
_DEFINES = re.compile(r"\\(?:re|provide)?newcommand|\\(?:[gex]?def|let|newenvironment|DeclareMathOperator)(?![a-zA-Z])")

TAGS = frozenset(
    """math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt mstyle
    msub msubsup msup mtable mtd mtext mtr munder munderover""".split()  # noqa: SIM905
)
# Sizes must be small and positive. A negative size could move a formula over our own text.
_SIZE = re.compile(r"\d?(?:\.\d{1,4})?(?:em|ex|px)?")
_WORDS = re.compile(r"[a-z -]{0,60}")
_SIZES = ("width", "lspace", "rspace", "linethickness", "minsize", "maxsize", "columnspacing", "rowspacing")
_OTHERS = (
    *("accent", "accentunder", "columnalign", "columnlines", "display", "displaystyle", "fence", "form", "largeop"),
    *("mathvariant", "movablelimits", "notation", "rowlines", "separator", "stretchy", "symmetric"),
)
ATTRIBUTES: dict[str, re.Pattern[str]] = {**dict.fromkeys(_SIZES, _SIZE), **dict.fromkeys(_OTHERS, _WORDS)}


def mathml(tex: str, display: bool) -> str | None:
    """Return a formula as MathML; None if it's too large, isn't TeX, or defines commands.

    display: whether the formula gets its own paragraph.
    """
    if len(tex) > LONGEST_FORMULA or _DEFINES.search(tex):
        return None
    try:
        made = convert(tex, display="block" if display else "inline")
    except Exception:  # the converter's own errors, and others that bad TeX causes: IndexError, RecursionError, …
        return None
    return made if _depth(made) <= DEEPEST_FORMULA else None


def _depth(made: str) -> int:
    steps = (0 if tag[2] else -1 if tag[1] else 1 for tag in re.finditer(r"<(/?)[^>]*?(/?)>", made))
    return max(itertools.accumulate(steps), default=0)


def source(tex: str, display: bool) -> str:
    """Return the formula's source with its dollar signs, as HTML."""
    sign = "$$" if display else "$"
    return f"<code>{sign}{escape(tex, quote=False)}{sign}</code>"
