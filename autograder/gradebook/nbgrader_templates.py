"""The templates of nbgrader's pages: its own, with ours in place of the parts that fetch something."""

from pathlib import Path

import nbgrader

TEMPLATES = [
    str(Path(__file__).parents[1] / "report" / "nbgrader"),
    str(Path(nbgrader.__file__).with_name("server_extensions") / "formgrader" / "templates"),
]
