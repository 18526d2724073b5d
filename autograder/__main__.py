"""Run the `mastery` command as `python -m autograder`, without importing anything from the current folder."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from autograder.cli.main import main

main()
