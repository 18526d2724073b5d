"""Colors that are readable on both white and black pages: each has a contrast of at least 3 to 1 with both."""

COLORS = ("#3b86c4", "#d55e00", "#0a9a72", "#b565a7", "#a6761d", "#8b7fd0", "#8a8f98")
BLUE, ORANGE, *_, GRAY = COLORS
# The opacity of a colored area with text on it.
TINT = 0.35
# The background color of the page in JupyterLab, VS Code and elsewhere.
PAGE = "var(--jp-layout-color0, var(--vscode-editor-background, Canvas))"
