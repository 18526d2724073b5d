"""The session that a notebook runs in: IPython's shell, its names, and whether a person is using it."""

import sys
from collections.abc import Mapping
from typing import Any


def ipython_shell() -> Any:
    """Return IPython's shell, or None outside IPython."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def unattended() -> bool:
    """Return whether nbgrader or another program is running this notebook.

    If a validation crashes, the Jupyter server keeps nbgrader's environment variables, and every kernel it starts
    inherits them. So check whether anyone could be asked for input: every frontend used by a person allows that, but
    nbclient doesn't.
    """
    get_parent = getattr(ipython_shell(), "get_parent", None)
    return get_parent is not None and not (get_parent().get("content") or {}).get("allow_stdin", False)


def notebook_names() -> Mapping[str, Any]:
    """Return the notebook's global names and their values; empty outside a notebook."""
    shell = ipython_shell()
    return {} if shell is None else shell.user_ns
