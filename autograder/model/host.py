"""Where this runs: a computer's own Python, or one inside a browser tab, which has no processes and no threads."""

import sys

IN_BROWSER = sys.platform == "emscripten"
