"""What a student wrote, as HTML of which nothing runs and nothing is fetched. nbgrader_config.py names the filters.

nbgrader shows Markdown as it is, in the browser of someone who is logged in to a Jupyter server: a script there could
do whatever they can.
"""

import re
from html import escape
from typing import Any

import nh3
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# A relative link could lead to a page that was handed in beside the notebook, where formgrader lets it run.
_MAY_POINT_TO = {"href": re.compile("https?://|mailto:", re.IGNORECASE), "src": re.compile("data:image/")}
# What nests costs the square of its depth. A picture in the text has none of these characters.
_MARKUP = re.compile(r"[^\w\s+/=]")
MOST_MARKUP = 10_000


def sanitized(html: str) -> str:
    """The HTML without scripts, styles, names that the page's own scripts look for, and pictures from elsewhere."""
    text = html.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(text, url_schemes={"http", "https", "mailto", "data"}, attribute_filter=_kept)


@pass_context
def markdown(context: Any, source: str) -> str:
    """A cell's Markdown as sanitized HTML; what cannot be rendered is shown as it was written."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=attachments)
    try:
        if len(_MARKUP.findall(source)) <= MOST_MARKUP:
            return sanitized(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # of a picture that is not attached, or of the depth of a nesting; there is no common one
        pass
    return sanitized(f"<pre>{escape(source)}</pre>")


def _kept(_tag: str, attribute: str, value: str) -> str | None:
    pattern = _MAY_POINT_TO.get(attribute)
    return value if pattern is None or pattern.match(value) else None
