"""Serve a site on this machine, for a look at it before it's put on a host."""

import functools
import http.server
from pathlib import Path
from typing import Any


class _Pages(http.server.SimpleHTTPRequestHandler):
    # A system's own list may lack these, and a browser refuses a program of an unknown type.
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: Any) -> None:
        """A page asks for hundreds of files, which nobody reads of."""


def server(site: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of the site that only this machine reaches, not yet running; port 0 is any free one. Raises OSError."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Pages, directory=str(site)))
