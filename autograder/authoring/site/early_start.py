"""Start Python while JupyterLab is still loading, so that students don't have to wait for one and then the other.

The kernel doesn't create its worker until JupyterLab has opened the first notebook. So the page creates that worker
right away and hands it over when the kernel asks for one (`early/page.js`), and the worker loads Pyodide before it's
asked to (`early/worker.js`).
"""

import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path

from autograder.model.errors import CourseError

HERE = Path(__file__).parent / "early"
WORKER = "early-worker.js"
PAGE = "early.js"
# JupyterLite registers its service worker at the same address.
SERVICE_WORKER = "../service-worker.js?enableCache=false"


def add(page: Path, kernel: Path, packages: Sequence[str]) -> None:
    """Make a site's page start Python early.

    page: its HTML file. kernel: the folder with the kernel extension's scripts. packages: the packages to load at
    startup, as in the kernel's settings. Raises CourseError.
    """
    script = _of_the_worker(kernel)
    shutil.copyfile(HERE / "worker.js", kernel / WORKER)
    shutil.copyfile(HERE / "page.js", page.with_name(PAGE))
    worker = kernel.relative_to(page.parents[1]) / WORKER
    tag = (
        f'<script src="{PAGE}" data-worker="../{escape(worker.as_posix())}" data-kernel="{escape(script)}" '
        f'data-service-worker="{SERVICE_WORKER}" data-packages="{escape(" ".join(packages))}"></script>'
    )
    page.write_text(page.read_text("utf-8").replace("<head>", f"<head>\n    {tag}", 1), encoding="utf-8")


def _of_the_worker(kernel: Path) -> str:
    """Return the name of the script that the kernel runs in a worker when the page has no shared memory."""
    texts = {path.name: path.read_text("utf-8") for path in kernel.glob("*.js")}
    found = [name for name, text in texts.items() if "importScripts(" in text and "new Worker(" not in text]
    if len(found) != 1:
        raise CourseError(
            f"{kernel} has {len(found)} scripts that look like the kernel's worker, instead of one. Install "
            "jupyterlite-pyodide-kernel 0.6.1."
        )
    return found[0]
