"""Serve a site on this machine, to try it out before it's deployed."""

import functools
import http.server
from pathlib import Path
from typing import Any


class _Pages(http.server.SimpleHTTPRequestHandler):
    # The system's own list of file types may not include these, and browsers don't run scripts of an unknown type.
    extensions_map = {  # noqa: RUF012
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, because a single page requests hundreds of files."""


def server(site: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Return a server for the site, reachable only from this machine. It isn't running yet. Raises OSError.

    port: 0 for any free port.
    """
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Pages, directory=str(site)))
