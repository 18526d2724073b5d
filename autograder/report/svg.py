"""Charts for web pages, as SVG that works offline and without scripts.

Horizontal positions are percentages and text sizes are pixels, so a chart fills the available width and its text keeps
its size. Colors come from the page's style, which has a separate set for light mode, dark mode and print. Every chart
has a title and a description in words; its numbers are in a table on the page.
"""

import itertools
from collections.abc import Iterable, Sequence

from markupsafe import Markup

# In pixels: the size of a small chart, the height of a row with its label, and the height of its bar.
WIDTH, HEIGHT = 210, 110
ROW, BAR = 36, 14
MOST_TICKS = 5


def whole_ticks(highest: int) -> list[int]:
    """Return about five whole numbers from 0 to at least `highest`, in steps of 1, 2 or 5 times a power of ten."""
    steps = (factor * 10**power for power in range(10) for factor in (1, 2, 5))
    step = next(each for each in steps if each * MOST_TICKS >= max(highest, 1))
    return list(range(0, max(highest, 1) + step, step))


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return a legend for the colors in one or more charts. Each entry is a CSS class and its meaning."""
    swatch = Markup(
        '<li><svg aria-hidden="true" width="12" height="12"><rect class="{}" width="12" height="12"/></svg> {}</li>'
    )
    return Markup('<ul class="legend">{}</ul>').format(Markup().join(swatch.format(*each) for each in entries))


def stacked_bars(title: str, rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], unit: str) -> Markup:
    """Return a chart with one stacked bar per row, made of counts by CSS class, on an axis in the given unit."""
    ticks = whole_ticks(max((sum(count for _, count in parts) for _, parts in rows), default=0))
    drawn, said = [], []
    for place, (label, parts) in enumerate(rows):
        drawn.append(_label(label, place))
        start = 0
        for name, count in parts:
            if count:
                drawn.append(_bar(name, 100 * start / ticks[-1], 100 * count / ticks[-1], place, f"{name}: {count}"))
            start += count
        said.append(f"{label}: {', '.join(f'{count} {name}' for name, count in parts if count)}.")
    axis = _axis([(100 * tick / ticks[-1], str(tick)) for tick in ticks], ROW * len(rows), unit)
    return _chart(title, said, Markup().join([axis, *drawn]), ROW * len(rows) + 34)


def share_bars(title: str, rows: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """Return a chart of shares from 0 to 1. In each row, the last share is a bar and those before it are marks."""
    drawn, said = [], []
    for place, (label, shares) in enumerate(rows):
        drawn += [_label(label, place), _bar("newest", 0, 100 * shares[-1], place, f"{shares[-1]:.0%}")]
        top = ROW * place + 18
        drawn += [_line("earlier", _inside(100 * x), top - 2, _inside(100 * x), top + BAR + 2) for x in shares[:-1]]
        said.append(f"{label}: {', '.join(f'{each:.0%}' for each in shares)}.")
    ticks = [(float(each), f"{each} %") for each in (0, 25, 50, 75, 100)]
    return _chart(title, said, Markup().join([_axis(ticks, ROW * len(rows), ""), *drawn]), ROW * len(rows) + 20)


def histogram(title: str, counts: Sequence[int], unit: str) -> Markup:
    """Return a histogram of the counts in equal bins from 0% to 100%."""
    ticks = whole_ticks(max(counts))
    left, width = 14, 84 / len(counts)
    drawn = [_grid(tick, ticks[-1], str(tick)) for tick in ticks]
    for place, count in enumerate(counts):
        height = HEIGHT * count / ticks[-1]
        drawn.append(
            Markup('<rect class="plain" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"/>').format(
                left + place * width, HEIGHT - height, width - 0.8, height
            )
        )
    drawn += [_text(left + 84 * share / 100, HEIGHT + 14, f"{share} %", "middle") for share in (0, 50, 100)]
    step = 100 // len(counts)
    said = [f"{place * step} to {(place + 1) * step}%: {count} {unit}." for place, count in enumerate(counts) if count]
    return _chart(title, said, Markup().join(drawn), HEIGHT + 20, small=True)


def lines(title: str, series: Sequence[tuple[str, Sequence[float]]], labels: Sequence[str]) -> Markup:
    """Return a line chart of shares from 0 to 1, one share per label. Each series is a CSS class and its shares."""
    drawn = [_grid(share, 100, f"{share} %", left=17) for share in (0, 50, 100)]
    at = [22 + 73 * place / max(1, len(labels) - 1) for place in range(len(labels))]
    for name, shares in series:
        points = [(x, HEIGHT * (1 - share)) for x, share in zip(at, shares, strict=True)]
        drawn += [_line(name, *one, *other) for one, other in itertools.pairwise(points)]
        drawn += [Markup('<circle class="{}" cx="{:.2f}%" cy="{:.1f}" r="3"/>').format(name, x, y) for x, y in points]
    drawn += [_text(x, HEIGHT + 14, label, "middle") for x, label in zip(at, labels, strict=True)]
    said = [f"{name}: {', '.join(f'{share:.0%}' for share in shares)}." for name, shares in series]
    return _chart(title, said, Markup().join(drawn), HEIGHT + 20, small=True)


def scatter(title: str, points: Sequence[tuple[float, float, str]], across: str, up: str) -> Markup:
    """Return a scatter plot of named points: correlations from −1 to 1 against shares from 0 to 1."""
    height = 2 * HEIGHT
    drawn = [_grid(value + 1, 2, f"{value:g}".replace("-", "−"), height, left=6) for value in (-1, -0.5, 0, 0.5, 1)]
    for x, y, name in points:
        drawn.append(
            Markup('<circle class="plain" cx="{:.2f}%" cy="{:.1f}" r="4"><title>{}</title></circle>').format(
                6 + 90 * x, height * (1 - y) / 2, name
            )
        )
    drawn += [_text(6 + 0.9 * share, height + 14, f"{share} %", "middle") for share in (0, 25, 50, 75, 100)]
    drawn.append(_text(51, height + 30, f"{across}; vertical axis: {up}", "middle"))
    said = [f"{len(points)} points. Horizontal axis: {across}; vertical axis: {up}. The table below has their numbers."]
    return _chart(title, said, Markup().join(drawn), height + 36)


# --- parts


def _chart(title: str, said: Sequence[str], drawn: Markup, height: float, small: bool = False) -> Markup:
    return Markup(
        '<svg class="{}" role="img" width="{}" height="{:.0f}"><title>{}</title><desc>{}</desc>'
        '<svg y="6" width="100%" overflow="visible">{}</svg></svg>'
    ).format("chart small" if small else "chart", WIDTH if small else "100%", height + 6, title, " ".join(said), drawn)


def _label(text: str, row: int) -> Markup:
    return _text(0, ROW * row + 13, text, "start")


def _bar(name: str, start: float, width: float, row: int, said: str) -> Markup:
    return Markup('<rect class="{}" x="{:.2f}%" y="{}" width="{:.2f}%" height="{}"><title>{}</title></rect>').format(
        name.replace(" ", "-"), _inside(start), ROW * row + 18, 0.96 * width, BAR, said
    )


def _axis(ticks: Sequence[tuple[float, str]], height: float, unit: str) -> Markup:
    drawn = [_line("grid", _inside(place), 18, _inside(place), height) for place, _ in ticks]
    ends = {0: "start", len(ticks) - 1: "end"}
    drawn += [
        _text(_inside(place), height + 15, label, ends.get(number, "middle"))
        for number, (place, label) in enumerate(ticks)
    ]
    if unit:
        drawn.append(_text(48, height + 31, unit, "middle"))
    return Markup().join(drawn)


def _grid(value: float, highest: float, label: str, height: float = HEIGHT, left: float = 13) -> Markup:
    y = height * (1 - value / highest)
    return Markup('<line class="grid" x1="{}%" x2="98%" y1="{y:.1f}" y2="{y:.1f}"/>').format(left + 1, y=y) + _text(
        left, y + 4, label, "end"
    )


def _inside(percent: float) -> float:
    """Return the horizontal position of a percentage in a row. Rows leave some room on the right."""
    return 0.96 * percent


def _line(name: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>').format(name, x1, y1, x2, y2)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.2f}%" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)
