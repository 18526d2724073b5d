"""Measure how long a student in a browser tab waits for the first verdict, and for every check after it.

    MASTERY_PYODIDE=FOLDER python -m benchmarks.tab --json FILE [--times 3]

Chromium opens the site, built for this purpose and served by this machine, with an empty cache. Seconds are wall time,
so measure on a quiet machine. `python`: from opening the page until a cell can run. `first_verdict`: until the first
check of `row_means`, after the first notebook's imports, says that it passed. Each is the median of `--times`.
`warm_ms`: milliseconds that a `check(...)` takes if it has run before, over all solved stubs of LABS: median and 95th
percentile.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, Page

from autograder.model.course import Course, load
from benchmarks.student import WARM
from tests.browser import chromium, local_context
from tests.site import built_site, needed_cells, run, served, wait_for_python

FIRST = "start"
LABS = ("start", "neuron", "softmax", "loss", "sampler")


def first_verdict(course: Course, browser: Browser, address: str) -> tuple[float, float]:
    """Return the seconds from opening the page until Python is ready, and until the first verdict."""
    lab = course.lab(FIRST)
    with local_context(browser) as context:
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(address)
        wait_for_python(page)
        ready = time.perf_counter() - begun
        for cell in needed_cells(course, lab):
            run(page, cell)
        said = run(page, f"from autograder import check\ncheck({lab.stubs[0].name!r})")
        assert " here" in said, said
        return ready, time.perf_counter() - begun


def warm_checks(course: Course, page: Page) -> list[float]:
    """Return how many milliseconds warm checks take in the tab."""
    took: list[float] = []
    for lab in map(course.lab, LABS):
        for cell in needed_cells(course, lab):
            run(page, cell)
        stubs = [stub.name for stub in lab.stubs]
        said = run(page, "from autograder import check\n" + WARM.format(stubs=stubs, rounds=3))
        took += [ms for _, ms in json.loads(said.splitlines()[-1])]
    return took


def measure(course: Course, site: Path, times: int) -> dict[str, Any]:
    load_at_start = os.getloadavg()[0]
    with served(site) as address, chromium() as browser:
        waits = [first_verdict(course, browser, address) for _ in range(times)]
        with local_context(browser) as context:
            page = context.new_page()
            page.goto(address)
            wait_for_python(page)
            took = warm_checks(course, page)
    ready, verdicts = (median(each) for each in zip(*waits, strict=True))
    return {
        "load_at_start": load_at_start,
        "python": round(ready, 1),
        "first_verdict": round(verdicts, 1),
        "warm_ms": {"median": round(median(took)), "p95": round(quantiles(took, n=20)[-1])},
        "site_mb": round(sum(each.stat().st_size for each in site.rglob("*") if each.is_file()) / 1e6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    course = load()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(course, built_site(course, Path(place)), asked.times)
    asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
