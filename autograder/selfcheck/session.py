"""The session that a notebook runs in: IPython's shell, its names, and whether anybody is watching."""

import sys
from collections.abc import Mapping
from typing import Any


def ipython_shell() -> Any:
    """IPython's shell, where this is one."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def unattended() -> bool:
    """Whether nbgrader, or another program, runs this notebook.

    nbgrader's variables stay in a server where a validation crashed, and every kernel started there has them. So what
    counts is whether anybody could be asked for input: each frontend that a person sits at offers that, and nbclient
    does not.
    """
    get_parent = getattr(ipython_shell(), "get_parent", None)
    return get_parent is not None and not (get_parent().get("content") or {}).get("allow_stdin", False)


def notebook_names() -> Mapping[str, Any]:
    """What the notebook has given names to; nothing outside of one."""
    shell = ipython_shell()
    return {} if shell is None else shell.user_ns
