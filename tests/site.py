"""Shared by tests of the site in a browser tab: the site, built for real, and a kernel in a real tab."""

import functools
import http.server
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from autograder.authoring.simulation import notebooks
from autograder.authoring.site.build import build_site
from autograder.authoring.site.serving import server
from autograder.model.course import Course, Lab
from autograder.model.submission import Cell

# A folder with Pyodide's files; .ci/run says where it gets them.
PYODIDE = os.environ.get("MASTERY_PYODIDE")
# A call that draws, experiments or displays: it needs a person, or only takes time.
ONLY_SHOWS = re.compile(
    r"\b(show|play|picture|progress|check|compare|practice|ask|solved|display|interact)\(|\bplt\.(?!rc)"
)
RUN = """async (code) => {
  const { kernel } = [...jupyterapp.shell.widgets('main')].find((each) => each.context).sessionContext.session;
  const said = [];
  const running = kernel.requestExecute({ code, stop_on_error: false });
  running.onIOPub = ({ content }) => {
    if (content.evalue !== undefined) said.push(`${content.ename}: ${content.evalue}`);
    else if (content.text !== undefined) said.push(content.text);
    else if (content.data) said.push(content.data['text/plain']);
  };
  await running.done;
  return said.join('');
}"""


class _AnyOrigin(http.server.SimpleHTTPRequestHandler):
    """Serves files that pages on other sites may load, as a CDN does."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


def built_site(course: Course, folder: Path, cdn: str | None = None) -> Path:
    """The site of a course. Skips if there's no Pyodide, for example because no package index can be reached."""
    if not PYODIDE or not Path(PYODIDE).is_dir():
        pytest.skip("MASTERY_PYODIDE isn't a folder with Pyodide's files; docs/testing.md says where to get them")
    return build_site(course, folder / "site", PYODIDE, cdn).parent


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a site while this machine serves it."""
    with _running(server(site, 0)) as address:
        yield address


@contextmanager
def cdn() -> Iterator[str]:
    """The address of Pyodide's files on another server of this machine."""
    handler = functools.partial(_AnyOrigin, directory=PYODIDE)
    with _running(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield address


@contextmanager
def _running(serving: http.server.ThreadingHTTPServer) -> Iterator[str]:
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def wait_for_python(page: Page) -> None:
    """Wait for the kernel of the active notebook. On a busy machine, it takes a while to start."""
    idle = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    page.wait_for_function(idle, timeout=180_000)


def run(page: Page, code: str) -> Any:
    """What a cell in the notebook's kernel prints or shows."""
    return page.evaluate(RUN, code)


def needed_cells(course: Course, lab: Lab, student: str | None = None) -> list[str]:
    """The code of a lab's solved notebook that its checks need: everything except what only shows something."""
    solved = notebooks.simulation(course, lab).solved(student=student)
    cells = [each["source"] for each in solved["cells"] if each["cell_type"] == "code"]
    stubs = [stub.name for stub in lab.stubs]
    return [each for each in cells if not ONLY_SHOWS.search(each) or any(Cell(0, each).defines(stub) for stub in stubs)]
