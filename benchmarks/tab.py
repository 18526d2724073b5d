"""How long a student in a browser tab waits for the first verdict, and for every check after it.

    python -m benchmarks.tab --pyodide FOLDER --json FILE [--times 3]

Chromium opens the site, built for this purpose and served by this machine, with an empty cache. Seconds are by the
clock, so measure on a quiet machine. `python`: from opening the page until a cell can run. `first_verdict`: until the
first check of `row_means`, after the first notebook's imports, says that it passed. Each is the median of `--times`.
`warm_ms`: a `check(...)` that was run before, over all solved stubs of LABS: median and 95th percentile.
"""

import argparse
import json
import os
import re
import shutil
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from autograder.authoring.simulation import notebooks
from autograder.authoring.site.build import build_site
from autograder.authoring.site.serving import server
from autograder.model.course import Course, load
from autograder.model.submission import Cell
from benchmarks.student import WARM

FIRST = "start"
LABS = ("start", "neuron", "softmax", "loss", "sampler")
WAIT_MS = 180_000
IDLE = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RUN = """async (code) => {
  const { kernel } = [...jupyterapp.shell.widgets('main')].find((each) => each.context).sessionContext.session;
  const said = [];
  const running = kernel.requestExecute({ code, stop_on_error: false });
  running.onIOPub = ({ content }) => said.push(content.text ?? content.data?.['text/plain'] ?? content.evalue ?? '');
  await running.done;
  return said.join('');
}"""
# A cell that only shows something needn't run for a check.
SHOWS = re.compile(r"\b(show|check|compare|practice|ask|solved|display|interact)\(|\bplt\.(?!rc)")


def cells(course: Course, lab: str) -> list[str]:
    """Return the code that a student runs before the checks of a lab: everything except what only shows something."""
    parts = notebooks.simulation(course, course.lab(lab))
    sources = ["".join(each["source"]) for each in parts.solved()["cells"] if each["cell_type"] == "code"]
    stubs = [stub.name for stub in course.lab(lab).stubs]
    return [each for each in sources if not SHOWS.search(each) or any(Cell(0, each).defines(stub) for stub in stubs)]


def first_verdict(course: Course, browser: Browser, address: str) -> tuple[float, float]:
    """Return the seconds from opening the page until Python is ready, and until the first verdict."""
    with closing(browser.new_context()) as context:
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(address)
        page.wait_for_function(IDLE, timeout=WAIT_MS)
        ready = time.perf_counter() - begun
        for cell in cells(course, FIRST):
            page.evaluate(RUN, cell)
        said = page.evaluate(RUN, f"from autograder import check\ncheck({course.lab(FIRST).stubs[0].name!r})")
        assert " here" in said, said
        return ready, time.perf_counter() - begun


def warm_checks(course: Course, page: Page) -> list[float]:
    """Return the milliseconds of warm checks in the tab."""
    took: list[float] = []
    for lab in LABS:
        for cell in cells(course, lab):
            page.evaluate(RUN, cell)
        stubs = [stub.name for stub in course.lab(lab).stubs]
        said = page.evaluate(RUN, "from autograder import check\n" + WARM.format(stubs=stubs, rounds=3))
        took += [ms for _, ms in json.loads(said.splitlines()[-1])]
    return took


def measure(site: Path, course: Course, times: int) -> dict[str, Any]:
    with server(site, 0) as serving, sync_playwright() as playwright:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_port}"
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        waits = [first_verdict(course, browser, address) for _ in range(times)]
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function(IDLE, timeout=WAIT_MS)
        took = warm_checks(course, page)
        browser.close()
        serving.shutdown()
    ready, verdicts = (median(each) for each in zip(*waits, strict=True))
    return {
        "load_at_start": os.getloadavg()[0],
        "python": round(ready, 1),
        "first_verdict": round(verdicts, 1),
        "warm_ms": {"median": round(median(took)), "p95": round(quantiles(took, n=20)[-1])},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pyodide", type=Path, required=True, help="a folder with Pyodide's files")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    course = load()
    with tempfile.TemporaryDirectory() as place:
        site = build_site(course, Path(place, "site"), str(asked.pyodide), None).parent
        figures = measure(site, course, asked.times)
        files = [each for each in site.rglob("*") if each.is_file()]
        figures["site_mb"] = round(sum(each.stat().st_size for each in files) / 1e6)
    asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
