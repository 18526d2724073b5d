"""Find out whether we're running in ordinary Python or in a browser tab, which has no processes or threads."""

import sys

IN_BROWSER = sys.platform == "emscripten"
