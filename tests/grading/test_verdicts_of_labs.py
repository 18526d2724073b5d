"""One notebook, one verdict, in every lab: with every kind of cell, and with stubs in every state."""

import itertools
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.authoring.simulation.notebooks import Notebook, Simulation
from autograder.model.course import Lab
from autograder.model.results import Outcome
from tests.grading import verdicts
from tests.repository import COURSE

LABS = {lab.name: lab for lab in COURSE.labs}


def everything(parts: Simulation, _number: int) -> Notebook:
    """The whole notebook, solved, with cells of every kind before the stubs.

    Some stubs' cells start with such code too, except for items, whose cells have to be plain values.
    """
    starts = itertools.cycle(("%%time\n", "%precision 3\n", "import asyncio\nawait asyncio.sleep(0)\n", "# mine\n"))
    notebook = parts.solved(
        {stub: next(starts) + source for stub, source in parts.solutions.items() if stub not in COURSE.items}
    )
    first = next(place for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code")
    return simulated.with_cells(notebook, *verdicts.CELLS, at=first + 1)


def stubs_only(parts: Simulation, changed: dict[str, str]) -> Notebook:
    """The notebook without the cells that display something, since a wrong answer might keep them from ever ending."""
    notebook = parts.solved(changed)
    needed = re.compile(r"^(def |import |from |check\(|[A-Z_]+ = )", re.MULTILINE)
    notebook["cells"] = [
        cell for cell in notebook["cells"] if cell["cell_type"] == "code" and needed.search(cell["source"])
    ]
    return notebook


def turned(parts: Simulation, number: int) -> Notebook:
    """Each stub in a different state. `number`: which state the first stub is in."""
    wrong = {each.of: each for each in reversed(simulated.wrong_answers(COURSE, parts.lab)) if not each.parameters}
    right = {each.of: each for each in simulated.alternatives(COURSE, parts.lab)}

    def known(stub: str) -> str:
        return (
            simulated.source_as(stub, wrong[stub].function) if stub in wrong else f"def {stub}(*args):\n    return -1"
        )

    def otherwise(stub: str) -> str:
        return simulated.source_as(stub, right[stub].function) if stub in right else parts.solutions[stub]

    states: Sequence[Callable[[str], str]] = (
        known,
        otherwise,
        lambda stub: f"def {stub}(*args, **kwargs):\n    raise NotImplementedError()",
        lambda stub: f"def {stub}(*args, **kwargs):\n    import scipy.special\n    return scipy.special.softmax(*args)",
        lambda stub: parts.solutions[stub].replace(f"def {stub}(", f"def {stub}_1(", 1),
        lambda stub: f"def {stub}(*args, **kwargs):\n    print(args)",
        lambda stub: f"def {stub}(*args, **kwargs):\n    return undefined_name",
        lambda stub: f"def {stub}(*args, **kwargs:\n    return 0",
        lambda stub: f"1 / 0\n{parts.solutions[stub]}",
        lambda stub: f"{parts.solutions[stub]}\n1 / 0",
        lambda stub: f"def {stub}():\n    return 0",
        lambda stub: f"def {stub}(*args, **kwargs):\n    import torch\n    return torch.tensor(0.0)",
    )
    chosen = itertools.islice(itertools.cycle(states), number, None)
    return stubs_only(parts, {stub: next(chosen)(stub) for stub in parts.solutions})


def own_reference(parts: Simulation, _number: int) -> Notebook:
    """The `stages` lab's last model is its own reference, so a stage that trains in place changes both."""
    wrong = next(
        each for each in simulated.wrong_answers(COURSE, parts.lab) if each.name == "reference_is_the_model_itself"
    )
    return stubs_only(parts, {"run_stages": simulated.source_as("run_stages", wrong.function)})


def written(make: Callable[[Simulation, int], Notebook], lab: Lab, folder: Path) -> Path:
    notebook = make(simulated.simulation(COURSE, lab), 3 * COURSE.labs.index(lab))
    return simulated.write(notebook, folder / make.__name__ / lab.name / f"{lab.name}.ipynb")


def judged_alike(path: Path, lab: Lab, folder: Path) -> verdicts.Verdict:
    """Assert that all four verdicts are the same, and return it."""
    name = path.parent.parent.name
    batch = verdicts.graded(folder, path.parent.parent.parent, lab)[name]
    assert verdicts.checked(path.parent.parent.parent, [name], lab)[name] == batch
    with ThreadPoolExecutor(1) as validation:
        complaining = validation.submit(verdicts.validated, path, folder)
        live = verdicts.in_jupyter(path, lab, batch.titles)
    assert live.verdict == batch.verdict
    failing = {stub for stub, outcomes in batch.verdict.items() if set(outcomes) != {Outcome.PASSED}}
    assert set(complaining.result()) == failing
    return batch.verdict


@pytest.mark.proof
@pytest.mark.parametrize("lab", LABS)
def test_every_kind_of_cell_in_a_solved_notebook(lab: str, tmp_path: Path) -> None:
    path = written(everything, LABS[lab], tmp_path / "class")
    verdict = judged_alike(path, LABS[lab], tmp_path)
    assert {stub for stub, outcomes in verdict.items() if set(outcomes) != {Outcome.PASSED}} == set()


@pytest.mark.proof
@pytest.mark.parametrize("lab", LABS)
def test_every_state_of_a_stub(lab: str, tmp_path: Path) -> None:
    path = written(turned, LABS[lab], tmp_path / "class")
    verdict = judged_alike(path, LABS[lab], tmp_path)
    assert len(set(map(str, verdict.values()))) > 1 or len(verdict) == 1


@pytest.mark.proof
def test_a_model_that_is_its_own_reference(tmp_path: Path) -> None:
    """Within one call, one object stays one object, both in a kernel and in a worker."""
    lab = LABS["stages"]
    verdict = judged_alike(written(own_reference, lab, tmp_path / "class"), lab, tmp_path)
    failing = {stub: outcomes for stub, outcomes in verdict.items() if set(outcomes) != {Outcome.PASSED}}
    assert {stub: outcomes.count(Outcome.FAILED) for stub, outcomes in failing.items()} == {"run_stages": 1}
