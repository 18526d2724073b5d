"""Colors that can be read on a white page and on a black one: each has a contrast of 3 to 1 or more with both."""

from matplotlib.colors import LinearSegmentedColormap

COLORS = ("#3b86c4", "#d55e00", "#0a9a72", "#b565a7", "#a6761d", "#8b7fd0", "#8a8f98")
BLUE, ORANGE, *_, GRAY = COLORS
# How much of its color a surface keeps that text is written on.
TINT = 0.35

# Where there is nothing, the page shows through.
FROM_NOTHING = LinearSegmentedColormap.from_list("from_nothing", [f"{BLUE}00", BLUE])
BOTH_SIGNS = LinearSegmentedColormap.from_list("both_signs", [BLUE, f"{BLUE}00", f"{ORANGE}00", ORANGE])
