"""`play("temperature")`: pictures with sliders that work before anything is solved, and then use what was solved."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.notebook.toys import TOYS
from tests.commands import run_mastery
from tests.kernels import Kernel, Output
from tests.repository import COURSE

WIDGET = "application/vnd.jupyter.widget-view+json"
# What the picture says for some settings. The values are the references'. Those for the last stages come from training.
SAID = {
    'play("temperature", temperature=2.0)': "At temperature 2 the next word is mat 0.26, floor 0.23, table 0.17",
    'play("top_k_top_p", k=3, p=0.8)': "2 of 6 words stay: mat 0.56, floor 0.44, table 0.00",
    'play("learning_rate", learning_rate=0.02)': "Too small: it's still on its way.",
    'play("learning_rate", learning_rate=0.05)': "Almost there: a few more steps would do.",
    'play("learning_rate", learning_rate=0.03)': (
        "its bottom near 201. Gradient descent takes 12 steps: it starts at 100, goes to 118, 133, 145, 155, 163, …,"
    ),
    'play("learning_rate", learning_rate=0.1)': "Arrived: the walk ends at the bottom.",
    'play("learning_rate", learning_rate=0.32)': "It jumps from side to side, and comes down slowly.",
    'play("learning_rate", learning_rate=0.36)': (
        "Too large: each step overshoots, and the walk climbs out of the valley."
    ),
    'play("context_window", context_window=9)': (
        "the model sees all 9, “Many people live in France . The capital of”. "
        "Its guesses at the next token: France 0.98"
    ),
    'play("context_window", context_window=3)': (
        "sees only the last 3, “The capital of”. Its guesses at the next token: Po"
    ),
    'play("attention", text="Many people live in France. The capital of")': "of at France 0.85",
    'play("boxes", text="What is the capital of France?")': (
        "Your own boxes: none yet. Detokenizer gives “ The capital of France is Paris.”."
    ),
    'play("beta", beta=5)': "plain 0.34 (from 0.30), wordy 0.44 (from 0.45), a question 0.15 (from 0.20)",
    'play("beta", beta=0.1)': "flattery 0.98 (from 0.05)",
    'play("stages", question="What is the capital of France?")': (
        "fine-tuned “The capital of France is Paris.”, "
        "preference-tuned “The capital of France is Paris. The people of France speak French.”"
    ),
}


@pytest.fixture(scope="module")
def kernel(labs: Path) -> Iterator[Kernel]:
    kernel = Kernel(labs / "softmax")
    kernel.run("from autograder import play")
    yield kernel
    kernel.close()


def played(kernel: Kernel, code: str) -> Output:
    output = kernel.run(code)
    assert not output.error
    return output


def label(output: Output) -> str:
    (said,) = re.findall(r'aria-label="([^"]*)"', output.html)
    return unescape(said)


@pytest.mark.parametrize("code", SAID)
def test_before_anything_is_solved_the_reference_draws(kernel: Kernel, code: str) -> None:
    output = played(kernel, code)
    assert SAID[code] in label(output)
    toy = TOYS[code.split('"')[1]]
    if toy.mixed:
        assert "A box runs your function once it passes its check" in output.printed
        return
    assert ("Drawn by the course's code. Once your" in output.printed) is bool(toy.stubs)


def test_at_temperature_1_the_table_is_said_once(kernel: Kernel) -> None:
    said = label(played(kernel, 'play("temperature", temperature=1.0)'))
    assert said.count("mat 0.35") == 1


def test_every_one_has_a_picture_said_here() -> None:
    assert {code.split('"')[1] for code in SAID} == TOYS.keys()


def test_the_answers_arrive_token_by_token(kernel: Kernel) -> None:
    output = played(kernel, 'play("stages", question="What is the capital of France?")')
    assert len(output.kinds) == 17


def test_only_pictures_come_back(kernel: Kernel) -> None:
    assert played(kernel, 'print(play("temperature", temperature=0.5))').printed.endswith("None\n")


@pytest.mark.processes
def test_with_widgets_there_are_sliders_and_a_picture_for_pages_without(kernel: Kernel) -> None:
    output = played(kernel, 'play("temperature")')
    assert {WIDGET, "text/html"} <= {*output.kinds[-1]}
    assert label(output).startswith("Temperature 1.")
    assert "Drawn by" not in output.printed
    film = played(kernel, 'play("stages")')
    assert WIDGET in film.kinds[-1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('play("heat")', "there's nothing called 'heat' to play with; you can play with stages, temperature"),
        ('play("temperature", k=3)', "there's no setting called k here; you can set temperature"),
        ('play("temperature", temperature="hot")', "temperature must be a number, such as 1; got 'hot'"),
        ('play("attention", text="")', "text must be some text"),
    ],
)
def test_an_unknown_name_or_setting_is_reported(kernel: Kernel, code: str, said: str) -> None:
    assert said in kernel.run(code).error


def test_a_text_that_is_too_long_gets_a_message_in_its_place(kernel: Kernel) -> None:
    output = played(kernel, 'play("attention", text="cat " * 40)')
    assert "type something shorter" in output.printed


def test_a_function_that_passes_its_check_draws(kernel: Kernel) -> None:
    solution = notebooks.simulation(COURSE, COURSE.lab("softmax")).solutions["softmax_with_temperature"]
    counted = f"""import functools
temperatures = []
{solution}
def counting(function):
    @functools.wraps(function)
    def counted(logits, temperature, axis=-1):
        temperatures.append(temperature)
        return function(logits, temperature, axis)
    return counted
softmax_with_temperature = counting(softmax_with_temperature)"""
    kernel.run(counted)
    assert "Drawn by the course's code." in played(kernel, 'play("temperature", temperature=0.7)').printed
    kernel.run('check("softmax_with_temperature"); temperatures.clear()')
    output = played(kernel, 'play("temperature", temperature=0.7)')
    assert "Drawn by your softmax_with_temperature." in output.printed
    assert played(kernel, "print(temperatures)").printed == "[0.7]\n"


def test_in_a_function_that_is_checked_it_does_nothing(kernel: Kernel) -> None:
    right = """def entropy(probs, axis=-1):
    play("temperature", temperature=0.5)
    logs = np.log(np.where(probs > 0, probs, 1.0))
    return -np.sum(probs * logs, axis=axis)"""
    checked = kernel.check(right, "entropy")
    assert re.search(r"(\d+) of \1 here", checked.text)
    assert len(checked.kinds) == 1


@pytest.mark.processes
def test_boxes_run_on_what_is_finished_here_and_in_saved_notebooks(kernel: Kernel, labs: Path) -> None:
    asked = 'play("boxes", text="What is the capital of France?")'
    architecture, sampler = (notebooks.simulation(COURSE, COURSE.lab(name)) for name in ("architecture", "sampler"))
    kernel.check(architecture.solutions["encode"], "encode")
    assert "Your own boxes: Tokenizer. Detokenizer gives “ The capital of France is Paris.”." in label(
        played(kernel, asked)
    )
    solution = sampler.solutions["sample_next_token"]
    body = solution.index("    if temperature < 0")
    notebooks.write(
        sampler.solved({"sample_next_token": f"{solution[:body]}    open('spied', 'w').close()\n{solution[body:]}"}),
        labs / "sampler" / "sampler.ipynb",
    )
    run_mastery("check", "sampler/sampler.ipynb", cwd=labs)
    assert "Your own boxes: Tokenizer, Sampling." in label(played(kernel, asked))
    assert (labs / "softmax" / "spied").exists()
