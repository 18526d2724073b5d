"""What a lab's solved notebook prints."""

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from autograder.authoring.simulation import notebooks
from autograder.model.course import Lab
from tests.repository import COURSE

SECONDS = 600


def printed_by_solved(lab: Lab, folder: Path, changed: Mapping[str, str] | None = None) -> list[str]:
    """Run the notebook in a kernel and return the lines it prints. Fail if there's any error.

    changed: stubs that have this source instead of the solution.
    """
    path = notebooks.write(notebooks.simulation(COURSE, lab).solved(changed), folder / f"{lab.name}.ipynb")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    printed = [out.text for cell in notebook.cells for out in cell.get("outputs", []) if out.output_type == "stream"]
    return [line.strip() for line in "".join(printed).splitlines() if line.strip()]
