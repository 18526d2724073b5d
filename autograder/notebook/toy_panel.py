"""A toy as a panel: a slider or a field for each of its settings, and its picture, drawn again at each change."""

import html
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from autograder.notebook.shapes import Picture
from autograder.notebook.toys.declarations import Dial, Line, Toy

# Given settings: the pictures of the film and the words below it.
Draw = Callable[[Mapping[str, Any]], tuple[Sequence[Picture], str]]
STYLE = """<style>
.mastery-toy { max-width: 46em; overflow: hidden; }
.mastery-toy .widget-html, .mastery-toy .widget-html-content { height: auto; line-height: 1.5; margin: 0; }
.mastery-toy .widget-html-content { color: var(--jp-content-font-color1, inherit); white-space: normal; }
.mastery-toy .widget-label { width: auto; color: var(--jp-content-font-color1, inherit); }
.mastery-toy .widget-inline-hbox { width: 100%; max-width: 34em; }
</style>"""


class Panel:
    """The widgets of one toy. `seconds`: how long each picture of a film is shown."""

    def __init__(self, toy: Toy, draw: Draw, seconds: float) -> None:
        self._draw = draw
        self._seconds = seconds
        self._picture = widgets.HTML()
        self._below = widgets.HTML()
        self._settings = {each.name: _control(each) for each in toy.settings}
        for control in self._settings.values():
            control.observe(self._changed, names="value")
        self.box = widgets.VBox([widgets.HTML(STYLE), *self._settings.values(), self._picture, self._below])
        self.box.add_class("mastery-toy")

    def play(self) -> None:
        """Draw what's set. Of a film each picture is shown for some time, the last one stays."""
        pictures, below = self._draw({name: control.value for name, control in self._settings.items()})
        for number, each in enumerate(pictures):
            if number:
                time.sleep(self._seconds)
            self._picture.value = each._repr_html_()
        self._below.value = f"<p><small>{html.escape(below)}</small></p>" if below else ""

    def still(self) -> None:
        """Draw what's set, the last picture only."""
        seconds, self._seconds = self._seconds, 0.0
        try:
            self.play()
        finally:
            self._seconds = seconds

    @property
    def shown(self) -> str:
        """What's shown now, as HTML for where there are no widgets."""
        return f"{self._picture.value}{self._below.value}"

    def _changed(self, _change: Any) -> None:
        self.play()


def _control(setting: Dial | Line) -> Any:
    style = {"description_width": "initial"}
    if isinstance(setting, Dial):
        options: Iterable[tuple[str, float]] = [(f"{each:g}", each) for each in setting.values]
        return widgets.SelectionSlider(options=options, value=setting.start, description=setting.label, style=style)
    return widgets.Text(value=setting.start, description=setting.label, continuous_update=False, style=style)
