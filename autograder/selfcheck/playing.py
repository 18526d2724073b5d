"""`play("temperature")`: a picture with sliders, drawn by the reference, and by your own function once it passes."""

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
from autograder.notebook.toys.declarations import Toy
from autograder.selfcheck.kernel import CheckerEnded, checker
from autograder.selfcheck.session import notebook_names, unattended

SECONDS_PER_PICTURE = 0.25


def play(name: str, **settings: Any) -> None:
    """Show something to play with below the cell: a picture with sliders, or with a field to type in.

    name: "temperature", for example. settings: to draw it once as it's set here, `temperature=0.5`, without sliders.
    Only pictures come back, no values. Does nothing inside a function while it's checked, and when graded. Raises
    ValueError on a name or a setting that there isn't.
    """
    if checker.is_checking:
        return
    if name not in TOYS:
        raise ValueError(f"there is nothing called {name!r} to play with; there is {', '.join(TOYS)}")
    toy = TOYS[name]
    chosen = toy.chosen(settings)
    if settings or not has_widgets():
        _show_once(name, toy, chosen, said=not settings)
        return
    from autograder.notebook.toy_panel import Panel

    panel = Panel(toy, lambda each: _drawn(name, toy, each), SECONDS_PER_PICTURE)
    if unattended():
        panel.still()
        display(*_with_html(panel), raw=True)
    else:
        display(*_with_html(panel), raw=True)
        panel.play()


def _with_html(panel: Any) -> Sequence[dict[str, Any]]:
    """The panel for a notebook with widgets; for one without, such as a saved one on a web page, its picture."""
    data = panel.box._repr_mimebundle_()
    return [{**data, "text/html": panel.shown}] if panel.shown else [data]


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
        print(f"Where there are widgets, you can change it with the mouse. Here, write: {by_hand}")


def _drawn(name: str, toy: Toy, chosen: Mapping[str, Any]) -> tuple[Sequence[Picture], str]:
    """The pictures, and a line on whose functions drew them, or on what's wrong."""
    own = _own(toy)
    yours = " and ".join(toy.stubs)
    if own is not None:
        try:
            return list(toy.frames(own, chosen)), f"Drawn by your {yours}."
        except Exception as error:
            said = f"Your {yours} raised {type(error).__name__}: {error}. So this is drawn by the reference."
    else:
        passes = "passes" if len(toy.stubs) == 1 else "pass"
        said = f"Drawn by the reference. Once your {yours} {passes}, it's drawn by yours." if toy.stubs else ""
    try:
        reply = checker.ask({"op": "play", "name": name, "settings": dict(chosen)})
    except (CheckerEnded, values.WireError) as error:
        return [], str(error)
    if "error" in reply:
        return [], str(reply["error"])
    return [Picture(svg, sentence) for svg, sentence in reply["pictures"]], said


def _own(toy: Toy) -> Callable[[str], Callable[..., Any]] | None:
    """The student's functions, where all of the toy's stubs passed their last check in this session; else None."""
    names = notebook_names()
    if not toy.stubs or not all(checker.has_passed(stub) and callable(names.get(stub)) for stub in toy.stubs):
        return None
    return lambda name: names[name] if name in toy.stubs else given_function(name, checker.ask)
