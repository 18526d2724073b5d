"""A real Jupyter kernel, and what its cells show."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

SECONDS = 60
CHECKER_PID = "from autograder.selfcheck.kernel import checker; print(checker._process.pid)"


@dataclass
class Output:
    """What a cell showed."""

    printed: str = ""
    text: str = ""
    html: str = ""
    error: str = ""
    # The MIME types of each output, in order: ["text/html", "text/plain"].
    kinds: list[list[str]] = field(default_factory=list)


class Kernel:
    """A real kernel whose working directory is a course."""

    def __init__(self, folder: Path) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel(cwd=str(folder))
        self._connect()

    def _connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)
        self.run("import numpy as np\nfrom autograder import check, solved")

    def run(self, code: str, while_running: Callable[[str], None] | None = None) -> Output:
        """Run a cell. `while_running` is called with each piece of printed output."""
        output = Output()

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                output.printed += content["text"]
                if while_running is not None:
                    while_running(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data", "update_display_data"):
                output.text, output.html = content["data"]["text/plain"], content["data"].get("text/html", "")
                output.kinds.append(sorted(content["data"]))
            elif message["msg_type"] == "error":
                output.error = f"{content['ename']}: {content['evalue']}"

        self.client.execute_interactive(code, output_hook=hear, stdin_hook=lambda _: None, timeout=SECONDS)
        return output

    def check(self, source: str, stub: str = "softmax") -> Output:
        self.run(source)
        output = self.run(f"check({stub!r})")
        assert not output.error
        return output

    def interrupt(self, text: str) -> None:
        if "looping" in text:
            self.manager.interrupt_kernel()

    def restart(self) -> None:
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self._connect()

    def pid(self, code: str = CHECKER_PID) -> int:
        return int(self.run(code).printed)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def words(html: str) -> str:
    """The text of some HTML, without its tags and styles."""
    text = re.sub(r"<style>.*?</style>|</?code>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).replace(" :", ":").split())
