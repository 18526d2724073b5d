"""`play("temperature")`: a picture with sliders, drawn by the reference, or by your own function once it passes."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IPython.display import display

from autograder.guest import values
from autograder.guest.stand_ins import given_function
from autograder.model.escaping import terminal
from autograder.notebook.practice import has_widgets
from autograder.notebook.shapes import Picture
from autograder.notebook.toys import TOYS
from autograder.notebook.toys.declarations import Functions, Toy
from autograder.selfcheck.calling import CheckerEnded
from autograder.selfcheck.kernel import checker
from autograder.selfcheck.session import notebook_names, unattended

SECONDS_PER_PICTURE = 0.25


def play(name: str, **settings: Any) -> None:
    """Show something to play with below the cell: a picture with sliders or with a field to type in.

    name: what to play with, such as "temperature".
    settings: fixed settings, such as `temperature=0.5`, to draw it once without sliders.

    Shows pictures only and returns no values. Does nothing during grading, or inside a function that's being checked.
    Raises ValueError for an unknown name or setting.
    """
    if checker.is_checking:
        return
    if name not in TOYS:
        raise ValueError(f"there's nothing called {name!r} to play with; you can play with {', '.join(TOYS)}")
    toy = TOYS[name]
    chosen = toy.chosen(settings)
    if settings or not has_widgets():
        _show_once(name, toy, chosen, said=not settings)
        return
    from autograder.notebook.toy_panel import Panel

    panel = Panel(toy, lambda each: _drawn(name, toy, each), 0.0 if unattended() else SECONDS_PER_PICTURE)
    # A page without widgets, such as a saved notebook on the web, shows the picture.
    display({**panel.box._repr_mimebundle_(), "text/html": panel.as_html}, raw=True)
    panel.play()


def _show_once(name: str, toy: Toy, chosen: Mapping[str, Any], said: bool) -> None:
    pictures, below = _drawn(name, toy, chosen)
    shown = None
    for each in pictures if not unattended() else pictures[-1:]:
        if shown is None:
            shown = display(each, display_id=True)
        else:
            time.sleep(SECONDS_PER_PICTURE)
            shown.update(each)
    if below:
        print(terminal(below))
    if said:
        first = toy.settings[0]
        by_hand = f"play({name!r}, {first.name}={first.start!r})"
        print(f"On a page with widgets, you could change this with the mouse. Here, write: {by_hand}")


def _drawn(name: str, toy: Toy, chosen: Mapping[str, Any]) -> tuple[Sequence[Picture], str]:
    """Return the pictures, and a sentence that says whose functions drew them or what went wrong."""
    yours = " and ".join(toy.stubs)
    said = f"Drawn by the course's code. Once your {yours} pass{'es' * (len(toy.stubs) == 1)}, your code will draw it."
    if toy.mixed:
        said = (
            "A box runs your function once it passes its check, either in this notebook or in another one you've saved."
        )
    try:
        if own := _own(toy):
            try:
                drawn = list(toy.frames(Functions(lambda given: given_function(given, checker.ask), own), chosen))
                return drawn, said if toy.mixed else f"Drawn by your {yours}."
            except Exception as error:
                said = (
                    f"Your {' or '.join(own)} raised {type(error).__name__}: {error}. "
                    "So the course's code drew this picture."
                )
        reply = checker.ask({"op": "play", "name": name, "settings": dict(chosen)})
    except (CheckerEnded, values.WireError) as error:
        return [], str(error)
    if "error" in reply:
        return [], str(reply["error"])
    return [Picture(svg, sentence) for svg, sentence in reply["pictures"]], said if toy.stubs else ""


def _own(toy: Toy) -> dict[str, Callable[..., Any]]:
    """Return the student's functions that passed their last check: all that the toy needs, or none.

    For a mixed toy, return whichever ones passed.
    """
    names = notebook_names()
    live = {stub: names[stub] for stub in toy.stubs if checker.has_passed(stub) and callable(names.get(stub))}
    if not toy.mixed:
        return live if len(live) == len(toy.stubs) else {}
    return {**_saved([stub for stub in toy.stubs if stub not in live]), **live}


def _saved(stubs: Sequence[str]) -> dict[str, Callable[..., Any]]:
    """Return functions that are finished in a saved notebook, leaving out those whose code can't run here."""
    found = {}
    for stub, source in checker.ask({"op": "saved", "stubs": list(stubs)}).get("sources", {}).items():
        namespace: dict[str, Any] = {"__name__": "__main__"}
        with contextlib.suppress(Exception):
            exec(compile(source, f"the saved notebook with {stub}", "exec"), namespace)
            found[stub] = namespace[stub]
    return found
