"""`progress()`: the seven boxes at the top of a notebook, lit by what passed here, in a terminal, or earlier."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.notebook.seven_boxes import BOXES, TRAINING, seven_boxes
from autograder.report.check import box_parts
from tests.commands import run_mastery
from tests.kernels import Kernel, Output, words
from tests.repository import COURSE

ARCHITECTURE = notebooks.simulation(COURSE, COURSE.lab("architecture"))


@pytest.fixture(scope="module")
def kernel(labs: Path) -> Iterator[Kernel]:
    kernel = Kernel(labs / "architecture")
    yield kernel
    kernel.close()


def progress(kernel: Kernel) -> Output:
    return kernel.run("from autograder import progress; progress()")


def lit(html: str) -> str:
    (said,) = re.findall(r'aria-label="The seven boxes of a language model\. ([^"]*)"', html)
    return said


def test_a_solved_stub_lights_its_box_and_it_stays_lit(kernel: Kernel, labs: Path) -> None:
    assert lit(progress(kernel).html).startswith("0 of 7 boxes are lit.")

    wrong = kernel.check("def encode(text, vocab, unk_id):\n    return []", "encode")
    assert "seven boxes" not in wrong.html
    assert "Lit:" not in wrong.text
    right = kernel.check(ARCHITECTURE.solutions["encode"], "encode")
    assert lit(right.html).startswith("1 of 7 boxes is lit: Tokenizer.")
    assert "Lit: Tokenizer." in right.text
    assert "Lit: Tokenizer." in words(right.html)
    attention = kernel.check(
        "from autograder import keep\nfrom autograder.given import softmax\n"
        + ARCHITECTURE.solutions["causal_attention"],
        "causal_attention",
    )
    assert "Transformer Layers: 1 of 6 parts done." in attention.text

    kernel.restart()
    assert lit(progress(kernel).html).startswith("1 of 7 boxes is lit: Tokenizer.")
    kernel.check("def encode(text, vocab, unk_id):\n    return []", "encode")
    assert lit(progress(kernel).html).startswith("0 of 7 boxes are lit.")


def test_a_check_in_a_terminal_lights_it_too(kernel: Kernel, labs: Path) -> None:
    notebooks.write(ARCHITECTURE.solved(), labs / "architecture" / "architecture.ipynb")
    run_mastery("check", "architecture/architecture.ipynb", cwd=labs)
    assert lit(progress(kernel).html).startswith("2 of 7 boxes are lit: Tokenizer, Embedding Layer.")


def test_every_function_of_the_course_is_a_part_of_one_box() -> None:
    with_functions = [lab for lab in COURSE.labs if not lab.assessment and lab.name not in ("start", "readiness")]
    assert [stub.name for lab in with_functions for stub in lab.stubs if stub.box is None] == []
    assert box_parts(COURSE, frozenset()).keys() == {*BOXES, *TRAINING}
    assert all(all(parts) for parts in box_parts(COURSE, frozenset(COURSE.stubs)).values())


def test_the_parts_of_training_that_are_lit_are_named() -> None:
    shown = seven_boxes({"Tokenizer": [True], "Loss": [True, False], "Gradient descent": [True], "RLHF": [True]})
    assert shown.sentence.startswith("1 of 7 boxes is lit: Tokenizer. Lit in training: Gradient descent, RLHF. Text")
