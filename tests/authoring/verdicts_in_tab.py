"""Run in a site's kernel: print what the visible checks say there about notebooks that differ in one stub."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from autograder import check
from autograder.selfcheck.kernel import checker
from autograder.selfcheck.session import ipython_shell

os.environ["JUPYTERHUB_USER"] = "somebody"
check("loads what checks need")
Grader = sys.modules["autograder.grading.grader"].Grader


def say(cells: list[str], solved: dict[str, str], submissions: list[tuple[str, str | None, str]]) -> None:
    """Print what the checks say. A submission is its name, the stub that differs from the solution, and its source."""
    heard: list[Any] = []
    evidence = Grader.evidence

    def overheard(self: Any, entry: Any) -> Any:
        found = evidence(self, entry)
        heard.extend((each.id, str(each.outcome), each.misconception, each.slip and each.slip.name) for each in found)
        return found

    Grader.evidence = overheard
    try:
        print("SAID" + json.dumps(list(_said(cells, solved, submissions, heard))))
    finally:
        Grader.evidence = evidence


def _said(
    cells: list[str], solved: dict[str, str], submissions: list[tuple[str, str | None, str]], heard: list[Any]
) -> Iterator[tuple[Any, ...]]:
    here = ipython_shell()
    for cell in cells:
        here.run_cell(cell, store_history=True)
    for name, stub, source in submissions:
        here.run_cell(source, store_history=True)
        heard.clear()
        for each in [stub] if stub else solved:
            checker.check(each, here.user_ns)
        yield from ((name, *each) for each in heard)
        if stub:
            here.run_cell(solved[stub], store_history=True)
