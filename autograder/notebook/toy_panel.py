"""A toy as a panel, with a slider or a field for each setting, and a picture that's redrawn after each change."""

import html
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from autograder.notebook.shapes import Picture
from autograder.notebook.toys.declarations import Dial, Line, Toy

# Maps settings to the frames of the animation and the text below it.
Draw = Callable[[Mapping[str, Any]], tuple[Sequence[Picture], str]]
STYLE = """<style>
.mastery-toy { width: 100%; max-width: 46em; min-width: 0; overflow: hidden; }
.mastery-toy .widget-html, .mastery-toy .widget-html-content { height: auto; line-height: 1.5; margin: 0; }
.mastery-toy .widget-html, .mastery-toy .widget-html-content { min-width: 0; max-width: 100%; }
.mastery-toy .widget-html-content { flex: 1 1 0; }
.mastery-toy .widget-html-content { color: var(--jp-content-font-color1, inherit); white-space: normal; }
.mastery-toy .widget-label { width: auto; color: var(--jp-content-font-color1, inherit); }
.mastery-toy .widget-inline-hbox { width: auto; height: auto; max-width: 34em; flex-wrap: wrap; }
.mastery-toy .widget-hslider .slider-container { flex-basis: 100px; }
</style>"""
# In ipywidgets 8, a screen reader gets no name for a slider (a tooltip only goes to the label, which isn't attached to
# anything), and its value is just the option's number. Only a script can reach the slider's handle, and an HTML widget
# can contain a script only in an event attribute. ipywidgets adds the sliders and changes their values later, so keep
# watching.
NAMES = """<style onload="
const toy = this.closest('.mastery-toy');
const name = () => toy.querySelectorAll('.widget-slider').forEach(slider => {
  const handle = slider.querySelector('[role=slider]');
  handle.setAttribute('aria-label', slider.querySelector('label').textContent);
  handle.setAttribute('aria-valuetext', slider.querySelector('.widget-readout').textContent);
});
name();
(toy.naming ??= new MutationObserver(name)).observe(toy, {childList: true, subtree: true});
"></style>"""


class Panel:
    """The widgets of one toy, drawn with its initial settings.

    `seconds`: how long to show each frame of an animation.
    """

    def __init__(self, toy: Toy, draw: Draw, seconds: float) -> None:
        self._draw = draw
        self._seconds = seconds
        self._picture = widgets.HTML()
        self._below = widgets.HTML()
        self._settings = {each.name: _control(each) for each in toy.settings}
        self._pictures, self._words = self._drawn()
        for control in self._settings.values():
            control.observe(self._changed, names="value")
        self.box = widgets.VBox([widgets.HTML(STYLE + NAMES), *self._settings.values(), self._picture, self._below])
        self.box.add_class("mastery-toy")

    @property
    def as_html(self) -> str:
        """The last frame and the text below it, for a page without widgets."""
        pictures = "".join(each._repr_html_() for each in self._pictures[-1:])
        return f"{pictures}{_small(self._words)}"

    def play(self) -> None:
        """Show the current frames one after another, and leave the last one on screen."""
        for number, each in enumerate(self._pictures):
            if number:
                time.sleep(self._seconds)
            self._picture.value = each._repr_html_()
        self._below.value = _small(self._words)

    def _drawn(self) -> tuple[Sequence[Picture], str]:
        return self._draw({name: control.value for name, control in self._settings.items()})

    def _changed(self, _change: Any) -> None:
        self._pictures, self._words = self._drawn()
        self.play()


def _small(words: str) -> str:
    return f"<p><small>{html.escape(words)}</small></p>" if words else ""


def _control(setting: Dial | Line) -> Any:
    style = {"description_width": "initial"}
    if isinstance(setting, Dial):
        options: Iterable[tuple[str, float]] = [(f"{each:g}", each) for each in setting.values]
        return widgets.SelectionSlider(options=options, value=setting.start, description=setting.label, style=style)
    return widgets.Text(value=setting.start, description=setting.label, continuous_update=False, style=style)
