"""Where this runs: in ordinary Python, or in a browser tab, where there are no processes and no threads."""

import sys

IN_BROWSER = sys.platform == "emscripten"
