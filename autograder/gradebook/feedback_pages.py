"""nbgrader's feedback generator, sped up for a whole class. It makes the same pages, but caches the parts they share.

For each page, nbgrader creates a new exporter, new templates and a new database connection, queries each score
separately, and has nbconvert parse and serialize the page's whole HTML. Most of that HTML is the same on every page of
a lab.
"""

import functools
import os
import re
import secrets
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.writers import FilesWriter
from nbgrader import api
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets import List

from autograder.gradebook import sanitizing

# The maximum number of page parts to cache, and the maximum length of each one, in characters.
MOST_KEPT = 2_000
LONGEST_KEPT = 100_000
_ELEMENTS = re.compile("<[a-z].*</[a-z0-9]+>", re.DOTALL)


@functools.lru_cache(1)
def _gradebook(url: str) -> api.Gradebook:
    return api.Gradebook(url)


class KeptGrades(GetGrades):  # type: ignore[misc]
    """nbgrader's `GetGrades`, except that it reads all of a page's scores and comments at once."""

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook with scores and comments in its cells, and nbconvert's resources with its total score."""
        named = resources["nbgrader"]
        book = _gradebook(named["db_url"])
        try:
            page = book.find_submission_notebook(named["notebook"], named["assignment"], named["student"])
            self._grades = self._by_cell(book, api.Grade, page)
            self._comments = self._by_cell(book, api.Comment, page)
            for index, cell in enumerate(notebook.cells):
                notebook.cells[index], resources = self.preprocess_cell(cell, resources, index)
            penalty = page.late_submission_penalty or 0
            named |= {"score": page.score - penalty, "max_score": page.max_score, "late_penalty": penalty}
        finally:
            book.db.remove()  # an open transaction would block other writers
        return notebook, resources

    def _by_cell(self, book: api.Gradebook, kind: Any, page: Any) -> dict[str, Any]:
        query = book.db.query(kind, api.BaseCell).join(api.BaseCell, api.BaseCell.id == kind.cell_id)
        rows = query.filter(kind.notebook_id == page.id).all()
        # If several cells share a name, nbgrader uses a task cell only if there's no other kind. So put task cells
        # first, and let later cells overwrite them.
        return {cell.name: each for each, cell in sorted(rows, key=lambda row: row[1].type != "TaskCell")}

    def _get_comment(self, cell: Any, resources: Any) -> None:
        cell.metadata.nbgrader["comment"] = self._comments[cell.metadata.nbgrader["grade_id"]].comment

    def _get_score(self, cell: Any, resources: Any) -> None:
        grade = self._grades[cell.metadata.nbgrader["grade_id"]]
        cell.metadata.nbgrader["score"] = grade.score
        cell.metadata.nbgrader["points"] = grade.max_score


class PageExporter(HTMLExporter):  # type: ignore[misc]
    """nbconvert's `HTMLExporter`, except that its final pass doesn't parse parts that were parsed for an earlier page.

    While the page is being built, an HTML comment with a random key stands in for each of those parts. Nobody can guess
    the key.
    """

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._secret = secrets.token_hex(16)
        self._comment = re.compile(f"<!--{self._secret}n([0-9]+)e-->")
        self._parts: list[str] = []
        # Other filters may output unclosed elements, so their output can't be parsed by itself.
        for name, made_by in (("markdown2html", sanitizing.markdown), ("clean_html", sanitizing.sanitized)):
            if self.environment.filters[name] is made_by:
                self.register_filter(name, self._held_filter(made_by))

    def from_notebook_node(self, notebook: Any, resources: Any = None, **options: Any) -> tuple[str, Any]:
        """Return the page and its resources."""
        self._parts = []
        html, resources = super().from_notebook_node(notebook, resources, **options)
        return self._comment.sub(lambda found: self._parts[int(found[1])], html), resources

    def register_filter(self, name: str, jinja_filter: Any) -> Any:
        """Register a filter. nbconvert registers a new syntax highlighter for each page, and we cache its output."""
        if name == "highlight_code":
            jinja_filter = self._held_filter(_Kept(jinja_filter))
        return super().register_filter(name, jinja_filter)

    def _held_filter(self, made_by: Callable[..., Any]) -> Callable[..., str]:
        takes_context = getattr(made_by, "jinja_pass_arg", None) is not None

        @pass_context
        def held(context: Any, *words: Any, **options: Any) -> str:
            return self._held(str(made_by(context, *words, **options) if takes_context else made_by(*words, **options)))

        return held

    def _held(self, html: str) -> str:
        part = html.strip()
        # Don't replace plain text, which nbconvert parses together with the text around it. Also don't replace the
        # elements that nbconvert looks for in the whole page, which have names like jp-Notebook.
        if not _ELEMENTS.fullmatch(part) or self._secret in part or "jp-" in part or len(part) > LONGEST_KEPT:
            return html
        self._parts.append(parsed(part))
        return html.replace(part, f"<!--{self._secret}n{len(self._parts) - 1}e-->")


@functools.lru_cache(MOST_KEPT)
def parsed(html: str) -> str:
    """Return part of a page as it looks after nbconvert's final pass: parsed, with alt text for images, and
    serialized."""
    soup = BeautifulSoup(html, features="html.parser")
    for picture in soup.select("img:not([alt])"):
        picture.attrs["alt"] = "No description has been provided for this image"
    return str(soup)


_colored: dict[tuple[Any, ...], Any] = {}


class _Kept:
    """A syntax highlighting filter that caches its output."""

    def __init__(self, color: Callable[..., Any]) -> None:
        self._color = color

    def __call__(self, source: str, language: str | None = None, metadata: Any = None) -> Any:
        key = (getattr(self._color, "pygments_lexer", None), source, language, repr(metadata))
        if key not in _colored:
            if len(_colored) >= MOST_KEPT:
                _colored.clear()
            _colored[key] = self._color(source, language=language, metadata=metadata)
        return _colored[key]


class PageMaker(GenerateFeedback):  # type: ignore[misc]
    """nbgrader's `GenerateFeedback`, with one exporter for all pages. To choose the page, set the student and lab in
    its `coursedir`."""

    preprocessors = List([KeptGrades, CSSHTMLHeaderPreprocessor]).tag(config=True)

    def _exporter_class_default(self) -> type[PageExporter]:
        return PageExporter

    def start(self) -> None:
        """Make the page. Raises NbGraderException."""
        self.init_notebooks()
        # Make a new writer each time, because a writer only creates a page's folder when its build directory changes.
        self.writer = FilesWriter(parent=self, config=self.config)
        if not self.trait_has_value("exporter"):
            self.exporter = self.exporter_class(parent=self, config=self.config)
            for each in self.preprocessors:
                self.exporter.register_preprocessor(each)
        before = os.getcwd()
        os.chdir(self.coursedir.root)
        try:
            self.convert_notebooks()
        finally:
            os.chdir(before)
