"""Measure how long a new student waits for the first picture that moves.

    python -m benchmarks.first_picture --json FILE [--times 3]

The clock starts with `mastery start` in an empty folder. Then JupyterLab starts there, Chromium opens the first
notebook with an empty cache, and its first cell is run. `started`: seconds until `mastery start` is done. `opened`:
until the notebook can be used. `first_picture`: until its first cell shows the picture. `moved`: until the picture has
changed. Each is the median of `--times`, in wall time, so measure on a quiet machine.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, expect

from tests.browser import SCRIPTS, TOKEN, chromium, jupyter, local_context

NOTEBOOK = "start/start.ipynb"
STEPS = ("started", "opened", "first_picture", "moved")


def seconds(browser: Browser, home: Path) -> dict[str, float]:
    """Return when each of the STEPS was reached, in seconds from the start."""
    begun = time.perf_counter()
    reached: list[float] = []

    def step() -> None:
        reached.append(time.perf_counter() - begun)

    labs = home / "my-labs"
    subprocess.run([SCRIPTS / "mastery", "start", labs], cwd=home, check=True, capture_output=True)
    step()
    with jupyter("jupyter-lab", labs, home, os.environ) as address, local_context(browser) as context:
        page = context.new_page()
        page.goto(f"{address}/lab/tree/{NOTEBOOK}?token={TOKEN}")
        cell = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").first
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
        cell.locator(".cm-content").click()
        step()
        page.keyboard.press("Shift+Enter")
        film = cell.get_by_role("img")
        expect(film).to_be_visible()
        step()
        first = film.get_attribute("aria-label") or film.inner_text()
        expect(film).not_to_have_accessible_name(re.compile(re.escape(first)))
        step()
    return dict(zip(STEPS, reached, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with chromium() as browser:
        took = []
        for _ in range(given.times):
            with tempfile.TemporaryDirectory() as home:
                took.append(seconds(browser, Path(home)))
    given.json.write_text(json.dumps({step: round(median(each[step] for each in took), 2) for step in STEPS}) + "\n")


if __name__ == "__main__":
    main()
