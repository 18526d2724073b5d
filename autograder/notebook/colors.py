"""Colors that can be read on a white page and on a black one: each has a contrast of 3 to 1 or more with both."""

COLORS = ("#3b86c4", "#d55e00", "#0a9a72", "#b565a7", "#a6761d", "#8b7fd0", "#8a8f98")
BLUE, ORANGE, *_, GRAY = COLORS
# How much of its color a surface keeps that text is written on.
TINT = 0.35
# The color of the page in JupyterLab, VS Code and elsewhere.
PAGE = "var(--jp-layout-color0, var(--vscode-editor-background, Canvas))"
