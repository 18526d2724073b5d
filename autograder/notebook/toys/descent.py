"""Gradient descent in the loss valley of the house-price neuron, with an adjustable learning rate."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from autograder.notebook.colors import GRAY, ORANGE
from autograder.notebook.shapes import SMALL, Drawing, Picture
from autograder.notebook.toys.declarations import Dial, Functions, Settings, Toy

# Eight houses from the `training` lab, in thousands of square feet and thousands of USD.
SIZES = np.array([0.8, 1.0, 1.25, 1.5, 1.75, 2.0, 2.2, 2.5])
PRICES = np.array([155.0, 214.0, 243.0, 310.0, 336.0, 411.0, 436.0, 505.0])
START, STEPS = 100.0, 12
# The weight with the smallest loss.
BOTTOM = float(SIZES @ PRICES / (SIZES @ SIZES))
LEFT, RIGHT, HIGHEST = 60.0, 340.0, 60_000.0


def loss(weight: float) -> float:
    """Return the mean squared error at a weight in USD per square foot."""
    return float(np.mean((weight * SIZES - PRICES) ** 2))


def slope(weight: Any) -> Any:
    """Return the derivative of the loss with respect to the weight."""
    return 2 * np.mean((weight * SIZES - PRICES) * SIZES)


def frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield the valley with the path of gradient descent."""
    rate = settings["learning_rate"]
    walk = [float(each) for each in functions("gradient_descent")(slope, START, rate, STEPS)]
    inside = [weight for weight in walk if LEFT <= weight <= RIGHT]
    sheet = Drawing(f"The valley at learning rate {rate:g}", 480, 286)
    sheet.words((240, 12), f"learning rate {rate:g}", bold=True)
    sheet.line((30, 28), (30, 240), (470, 240), width=1)
    sheet.line(*map(_place, np.linspace(LEFT, RIGHT, 71)), color=GRAY, width=2.5)
    for one, other in pairwise(inside):
        sheet.line(_place(one), _place(other), color=ORANGE, width=1.2)
    for weight in inside:
        sheet.dot(_place(weight), ORANGE, 4)
    for weight in (100, 200, 300):
        sheet.words((_place(weight)[0], 253), str(weight), size=SMALL)
    sheet.words((250, 274), "weight (USD per square foot)", size=SMALL)
    sheet.words((34, 34), "loss", anchor="start", size=SMALL)
    verdict = _verdict(walk)
    sheet.words((250, 60), verdict, size=SMALL)
    places = ", ".join(f"{weight:,.0f}" if abs(weight) < 1e6 else f"{weight:.1e}" for weight in walk[1:6])
    yield sheet.picture(
        f"Plotted against the weight, the loss is a valley with its bottom near {BOTTOM:.0f}. Gradient descent takes "
        f"{STEPS} steps: it starts at {START:.0f}, goes to {places}, …, and ends at {walk[-1]:,.1f}. {verdict}"
    )


def _verdict(walk: list[float]) -> str:
    gap = abs(walk[-1] - BOTTOM)
    if gap > abs(walk[0] - BOTTOM):
        return "Too large: each step overshoots, and the walk climbs out of the valley."
    if gap < 1:
        return "Arrived: the walk ends at the bottom."
    if (walk[-1] - BOTTOM) * (walk[-2] - BOTTOM) < 0:
        return "It jumps from side to side, and comes down slowly."
    return "Almost there: a few more steps would do." if gap < 5 else "Too small: it's still on its way."


def _place(weight: float) -> tuple[float, float]:
    return 30 + 440 * (weight - LEFT) / (RIGHT - LEFT), 236 - 200 * loss(weight) / HIGHEST


LEARNING_RATE = Toy(
    [Dial("learning_rate", "learning rate", [number / 100 for number in range(1, 41)], 0.05)],
    ["gradient_descent"],
    frames,
)
