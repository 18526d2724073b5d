"""The stream of a model that runs elsewhere: the real client, and a server on loopback that speaks its protocol."""

import ast
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from autograder.chat import ChatFailed, stream

REPOSITORY = Path(__file__).resolve().parents[1]
KEY = "sk-of-the-tests-0123456789"
SECONDS = 30

# A program that asks, once or as often as it is told.
ASKING = """
import sys
from autograder.chat import ChatFailed, stream
for _ in range(int((sys.argv + ["1"])[1])):
    try:
        for piece in stream("Count", model="small"):
            print(piece, flush=True)
    except ChatFailed as failed:
        print(failed)
"""
START = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "small",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 1},
    },
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
END: list[dict[str, Any]] = [
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 4},
    },
    {"type": "message_stop"},
]


def delta(text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}


def answer(*pieces: str) -> list[dict[str, Any]]:
    return [START, BLOCK, {"type": "ping"}, *map(delta, pieces), *END]


class Reply(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None: ...

    def handle(self) -> None:
        # Who reads no further resets the connection.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def begin(self, content_type: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, event: dict[str, Any]) -> None:
        self.chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n")

    def events(self, events: Iterable[dict[str, Any]]) -> None:
        self.begin()
        for each in events:
            self.event(each)
        self.chunk("")

    def cut(self) -> None:
        """End the connection where it stands."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def refuse(self, status: int, kind: str, message: str, **headers: str) -> None:
        body = json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()
        self.plain(status, body, "application/json", **headers)

    def plain(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": content_type, "content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server:
    """Answers every request by `behave`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.behave: Callable[[Reply], None] = lambda reply: reply.events(answer("one", " two"))
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.left = threading.Event()
        server = self

        class Bound(Reply):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                server.asked.append({"path": self.path, **json.loads(body)})
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                try:
                    server.behave(self)
                except OSError:
                    server.left.set()

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def keys(self) -> list[str]:
        """What came in the headers that clients of this service send keys in."""
        sent = [each.get(name, "") for each in self.headers for name in ("authorization", "x-api-key")]
        return [value.removeprefix("Bearer ") for value in sent if value]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "MASTERY_CHAT_MODEL", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.address)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    yield server
    server.close()


def failure(pieces: Iterable[str]) -> tuple[list[str], str]:
    """The pieces that came, and the sentence at the end; nothing that can be reached from there holds the key."""
    came: list[str] = []

    def read() -> None:
        for piece in pieces:
            came.append(piece)

    with pytest.raises(ChatFailed) as raised:
        read()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    verbose = traceback.TracebackException.from_exception(error, capture_locals=True)
    for told in (str(error), repr(error), repr(vars(error)), "".join(verbose.format())):
        assert KEY not in told
    return came, str(error)


# --- the answer


def test_the_pieces_are_the_answer(server: Server) -> None:
    assert list(stream("Count", model="small")) == ["one", " two"]
    (asked,) = server.asked
    assert asked["path"] == "/v1/messages"
    assert asked["model"] == "small"
    assert asked["stream"] is True
    assert asked["max_tokens"] == 1_000
    assert asked["messages"] == [{"role": "user", "content": "Count"}]
    assert server.keys() == [KEY]


def test_each_piece_comes_before_the_next_is_made(server: Server) -> None:
    seen = [threading.Event() for _ in range(3)]

    def one_by_one(reply: Reply) -> None:
        reply.begin()
        for event in (START, BLOCK):
            reply.event(event)
        for number, was_seen in enumerate(seen):
            reply.event(delta(f"{number} "))
            if not was_seen.wait(SECONDS):
                reply.cut()
        for event in END:
            reply.event(event)
        reply.chunk("")

    server.behave = one_by_one
    came = []
    for piece in stream("Count", model="small"):
        came.append(piece)
        seen[int(piece)].set()
    assert came == ["0 ", "1 ", "2 "]


def test_characters_are_whole_where_the_network_cuts_them(server: Server) -> None:
    def cut_up(reply: Reply) -> None:
        reply.begin()
        lines = "".join(
            f"event: {each['type']}\r\ndata: {json.dumps(each, ensure_ascii=False)}\r\n\r\n"
            for each in answer("a cat: ", "🐈", "\n", "")
        )
        for byte in lines.encode():
            reply.wfile.write(b"1\r\n%c\r\n" % byte)
        reply.chunk("")

    server.behave = cut_up
    assert "".join(stream("Draw", model="small")) == "a cat: 🐈\n"


def test_what_is_no_text_is_left_out(server: Server) -> None:
    thinking = [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "an_event_of_next_year"},
    ]
    text = [{**each, "index": 1} if "index" in each else each for each in answer("one")[1:]]
    server.behave = lambda reply: reply.events([START, *thinking, *text])
    assert list(stream("Count", model="small")) == ["one"]


def test_nothing_is_asked_before_the_first_piece_is(server: Server) -> None:
    pieces = stream("Count", model="small")
    assert not server.asked
    next(pieces)
    assert len(server.asked) == 1


def test_who_reads_no_further_ends_it(server: Server) -> None:
    def endless(reply: Reply) -> None:
        reply.begin()
        reply.event(START)
        reply.event(BLOCK)
        while True:
            reply.event(delta("on and "))

    server.behave = endless
    for _piece in stream("Count", model="small"):
        break
    assert server.left.wait(SECONDS)


def test_an_interrupt_ends_it_in_a_sentence(server: Server) -> None:
    def waits(reply: Reply) -> None:
        reply.begin()
        for event in (START, BLOCK, delta("one")):
            reply.event(event)
        interrupted.wait(SECONDS)

    server.behave, interrupted = waits, threading.Event()
    with subprocess.Popen([sys.executable, "-c", ASKING], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        assert asking.stdout.readline() == "one\n"
        # It has to be back at waiting by then.
        time.sleep(0.3)
        asking.send_signal(signal.SIGINT)
        assert asking.stdout.read() == "Interrupted by you; the answer ends here.\n"
    assert asking.returncode == 0
    interrupted.set()


# --- settings


def test_the_model_is_the_arguments_else_the_settings(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERY_CHAT_MODEL", "of the environment")
    list(stream("Count"))
    list(stream("Count", "of the call", max_tokens=7))
    assert [(each["model"], each["max_tokens"]) for each in server.asked] == [
        ("of the environment", 1_000),
        ("of the call", 7),
    ]


def test_without_a_model_it_says_how_to_name_one(server: Server) -> None:
    said = failure(stream("Count"))[1]
    assert 'stream(prompt, model="…")' in said
    assert "set MASTERY_CHAT_MODEL" in said
    assert not server.asked


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_without_a_key(server: Server, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    # Another way in, which the client would take by itself.
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    if value is not None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", value)
    assert "There is no key: set ANTHROPIC_API_KEY" in failure(stream("Count", model="small"))[1]
    assert not server.asked


def test_a_key_with_a_line_end_is_that_key_and_goes_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another")
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{KEY}\n")
    list(stream("Count", model="small"))
    assert server.keys() == [KEY]


@pytest.mark.parametrize("value", [f"{KEY}é", f"{KEY} and more", f"{KEY}\nand more", f"{KEY}\x07"])
def test_a_key_that_cannot_be_sent(server: Server, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", value)
    assert "What ANTHROPIC_API_KEY holds is no key" in failure(stream("Count", model="small"))[1]
    assert not server.asked


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    assert "pip install anthropic" in failure(stream("Count", model="small"))[1]


def test_nothing_is_asked_while_nbgrader_grades(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert failure(stream("Count", model="small")) == ([], "A notebook that is being graded asks no model.")
    assert not server.asked


# --- refusals


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, "authentication_error", "The key in ANTHROPIC_API_KEY is refused; it may be mistyped, out of date or"),
        (404, "not_found_error", "There is no model 'small' for this key; the names are at https://"),
        (429, "rate_limit_error", "This key has asked too much in too short a time; wait a minute and run this again."),
        (529, "overloaded_error", "The service is overloaded; wait a minute and run this again."),
        (500, "api_error", "The service has a fault of its own; try it again later."),
        (400, "invalid_request_error", "The service refused this (invalid_request_error): said of …"),
        (403, "permission_error", "The service refused this (permission_error): said of …"),
        (402, "billing_error", "The service refused this (billing_error): said of …"),
    ],
)
def test_refused(server: Server, status: int, kind: str, said: str) -> None:
    server.behave = lambda reply: reply.refuse(status, kind, f"said of {KEY} by the\x1b[2J\nservice")
    came, sentence = failure(stream("Count", model="small"))
    assert came == []
    assert sentence.startswith(said)
    assert sentence.endswith("�[2J service" if "said of" in said else ".")
    assert len(server.asked) == 1
    # In the middle of a stream the same comes as an event.
    error = {"type": "error", "error": {"type": kind, "message": f"said of {KEY}"}}
    server.behave = lambda reply: reply.events([START, BLOCK, delta("one"), error])
    came, sentence = failure(stream("Count", model="small"))
    assert came == ["one"]
    assert sentence.startswith(said)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "The key in ANTHROPIC_API_KEY is refused"),
        (404, "There is no such service at 127.0.0.1; look at ANTHROPIC_BASE_URL."),
        (418, "The service refused this (418) and did not say why."),
        (502, "The service has a fault of its own (502)"),
    ],
)
def test_refused_by_something_else(server: Server, status: int, said: str) -> None:
    server.behave = lambda reply: reply.plain(status, f"<h1>{KEY}</h1>".encode(), "text/html")
    assert failure(stream("Count", model="small"))[1].startswith(said)


@pytest.mark.parametrize(("header", "wait"), [("7", "7 seconds"), ("4000000", "4000000 seconds"), ("soon", "a minute")])
def test_waiting_is_left_to_the_student(server: Server, header: str, wait: str) -> None:
    server.behave = lambda reply: reply.refuse(429, "rate_limit_error", "slower", **{"retry-after": header})
    assert f"; wait {wait} and run" in failure(stream("Count", model="small"))[1]


def test_no_redirect_is_followed(server: Server) -> None:
    other = Server()
    with contextlib.closing(other):
        server.behave = lambda reply: reply.plain(307, b"", "text/html", location=f"{other.address}/v1/messages")
        assert failure(stream("Count", model="small"))[1].startswith("The service refused this (307)")
        assert not other.asked


# --- no network


def test_nobody_there(server: Server) -> None:
    server.close()
    said = failure(stream("Count", model="small"))[1]
    assert said == "127.0.0.1 cannot be reached; look at your network, and at ANTHROPIC_BASE_URL if you have set it."


def test_a_name_that_is_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://nowhere.invalid")
    assert failure(stream("Count", model="small"))[1].startswith("nowhere.invalid cannot be reached")


@pytest.mark.parametrize("address", ["http://[::1", "http://127.0.0.1:port", "no address"])
def test_an_address_that_is_none(server: Server, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    assert "ANTHROPIC_BASE_URL" in failure(stream("Count", model="small"))[1]


def test_silence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.chat.SECONDS", 0.3)
    over = threading.Event()

    def silent(reply: Reply) -> None:
        over.wait(SECONDS)
        reply.cut()

    def silent_after_one(reply: Reply) -> None:
        reply.begin()
        for event in (START, BLOCK, delta("one")):
            reply.event(event)
        silent(reply)

    server.behave = silent
    assert failure(stream("Count", model="small"))[1].startswith("127.0.0.1 did not answer in time")
    server.behave = silent_after_one
    came, said = failure(stream("Count", model="small"))
    assert came == ["one"]
    assert said.startswith("The answer broke off here")
    over.set()


# --- broken off


def cut_between(reply: Reply) -> None:
    reply.begin()
    for event in (START, BLOCK, delta("one")):
        reply.event(event)
    reply.cut()


def cut_within_a_line(reply: Reply) -> None:
    reply.begin()
    for event in (START, BLOCK, delta("one")):
        reply.event(event)
    reply.chunk('event: content_block_delta\ndata: {"type": "content_bl')
    reply.cut()


def ended_early(reply: Reply) -> None:
    reply.events([START, BLOCK, delta("one")])


def no_json(reply: Reply) -> None:
    reply.begin()
    for event in (START, BLOCK, delta("one")):
        reply.event(event)
    reply.chunk("event: content_block_delta\ndata: <h1>504</h1>\n\n")


def out_of_order(reply: Reply) -> None:
    reply.events([START, BLOCK, delta("one"), {**delta("two"), "index": 5}, *END])


@pytest.mark.parametrize("broken", [cut_between, cut_within_a_line, ended_early, no_json, out_of_order])
def test_broken_off(server: Server, broken: Callable[[Reply], None]) -> None:
    server.behave = broken
    came, said = failure(stream("Count", model="small"))
    assert came == ["one"]
    assert said.startswith("The answer broke off here")


def test_a_page_in_place_of_a_stream(server: Server) -> None:
    """What a café's network answers before one has agreed to its terms."""
    server.behave = lambda reply: reply.plain(200, b"<h1>Welcome</h1>", "text/html")
    came, said = failure(stream("Count", model="small"))
    assert came == []
    assert said.startswith("The answer broke off here")


# --- the key


def test_no_log_holds_the_key(server: Server) -> None:
    replies: list[Callable[[Reply], None]] = [
        lambda reply: reply.events(answer("one", " two")),
        cut_between,
        lambda reply: reply.refuse(401, "authentication_error", "invalid x-api-key"),
        Reply.cut,
    ]
    server.behave = lambda reply: replies[len(server.asked) - 1](reply)
    logging = "import logging, sys\nlogging.basicConfig(level=logging.DEBUG, stream=sys.stdout)\n"
    done = subprocess.run(
        [sys.executable, "-c", logging + ASKING, str(len(replies))],
        env={**os.environ, "ANTHROPIC_LOG": "debug"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert len(server.asked) == len(replies)
    assert "DEBUG:anthropic" in done.stdout
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("mode", ["Context", "Verbose"])
def test_in_a_notebook(server: Server, tmp_path: Path, mode: str) -> None:
    """Each piece is shown before the next is made, and what goes wrong is a sentence; the key is in no message."""
    shown = threading.Event()

    def breaks_off(reply: Reply) -> None:
        reply.begin()
        for event in (START, BLOCK, delta("one")):
            reply.event(event)
        if shown.wait(SECONDS):
            reply.event(delta(" two"))
        reply.cut()

    server.behave = breaks_off
    messages: list[dict[str, Any]] = []

    def hear(message: dict[str, Any]) -> None:
        messages.append(message)
        if message["content"].get("text") == "one":
            shown.set()

    manager = KernelManager()
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        for code in (
            f"%xmode {mode}",
            "from autograder.chat import stream",
            "for piece in stream('Count', model='small'):\n    print(piece, end='', flush=True)",
        ):
            reply = client.execute_interactive(code, output_hook=hear, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    kinds = {kind: [each["content"] for each in messages if each["msg_type"] == kind] for kind in ("stream", "error")}
    assert "".join(each["text"] for each in kinds["stream"][-2:]) == "one two"
    (error,) = kinds["error"]
    assert error["traceback"] == ["The answer broke off here, before its end; run this again for another one."]
    assert KEY not in repr(messages) + repr(reply)


# --- nobody else's


def test_nothing_of_the_engine_uses_it() -> None:
    used = {
        path.stem: {name for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in _imported(node)}
        for folder in ("autograder", "reference", "solutions/checks", "solutions/alternatives")
        for path in (REPOSITORY / folder).rglob("*.py")
    }
    assert [name for name, modules in used.items() if "anthropic" in modules] == ["chat"]
    assert [name for name, modules in used.items() if "autograder.chat" in modules] == []


def _imported(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (each.name for each in names)
        case ast.ImportFrom(str(module), names):
            yield module
            yield from (f"{module}.{each.name}" for each in names)


def test_importing_it_loads_no_client() -> None:
    code = "import sys, autograder.chat; print({'anthropic', 'httpx2', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "set()\n"
