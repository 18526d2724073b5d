"""The templates for nbgrader's pages. We replace the ones that load MathJax with our own."""

from pathlib import Path

import nbgrader

TEMPLATES = [
    str(Path(__file__).parents[1] / "report" / "nbgrader"),
    str(Path(nbgrader.__file__).with_name("server_extensions") / "formgrader" / "templates"),
]
