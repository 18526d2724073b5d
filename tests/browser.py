"""What the tests in a browser share: a real Jupyter server, and a Chromium that talks only to this machine."""

import os
import shutil
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

SCRIPTS = Path(sysconfig.get_path("scripts"))
CHROMIUM = os.environ.get("MASTERY_CHROMIUM") or shutil.which("chromium")
# Long enough for torch on a busy machine. No test waits longer than it has to.
SECONDS = 60
TOKEN = "of-the-tests"
# Where to put screenshots for a person to look at. Without it, none are taken.
PICTURES = os.environ.get("MASTERY_SCREENSHOTS")


def screenshot(page: Page, name: str, *, full_page: bool = False) -> None:
    if PICTURES is not None:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=full_page)


@contextmanager
def jupyter(app: str, folder: Path, home: Path, environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """Yield the address of Jupyter running in a folder, with the settings in `home` and none of this machine's."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    command = [
        SCRIPTS / app,
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--IdentityProvider.token={TOKEN}",
        *options,
    ]
    environment = {**environment, **{key: str(home / name) for key, name in folders.items()}}
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    slow = threading.Timer(SECONDS, process.kill)
    slow.start()
    said = []
    for line in process.stderr:
        said.append(line)
        if "is running at" in line:
            break
    else:
        pytest.fail(f"{app} did not start:\n{''.join(said)}")
    slow.cancel()
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        _wait_for_server(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(SECONDS)


def _wait_for_server(port: int) -> None:
    """Wait until the server is listening, because Jupyter says it's running a moment before it listens."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < end, f"nothing is listening on port {port}"
            time.sleep(0.05)


@contextmanager
def chromium() -> Iterator[Browser]:
    assert CHROMIUM is not None, "there is no Chromium here; docs/testing.md says how to get one"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        expect.set_options(timeout=SECONDS * 1_000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@contextmanager
def local_context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a context that blocks and records requests to anywhere but this machine; fail if there were any."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(SECONDS * 1_000)
    outside: list[str] = []

    def is_outside(address: str) -> bool:
        return urlsplit(address).scheme not in ("data", "blob", "file") and urlsplit(address).hostname != "127.0.0.1"

    def note(route: Route) -> None:
        outside.append(route.request.url)
        route.abort()

    context.route(is_outside, note)
    yield context
    context.close()
    assert outside == []
