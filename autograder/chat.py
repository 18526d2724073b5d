"""`stream("Count to ten")`: the answer of a model that runs elsewhere, piece by piece, for who has a key for one.

This alone in the course uses the network, and only when it is called: nothing imports it, no check and no grading needs
it, and a notebook that is graded cannot have it.
"""

import os
import re
import textwrap
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from autograder.sinks import terminal

if TYPE_CHECKING:
    import anthropic

KEY, MODEL, ADDRESS = "ANTHROPIC_API_KEY", "MASTERY_CHAT_MODEL", "ANTHROPIC_BASE_URL"
MODELS = "https://platform.claude.com/docs/en/about-claude/models/overview"
SECONDS = 60.0
BROKEN_OFF = "The answer broke off here, before its end; run this again for another one."


def stream(prompt: str, model: str | None = None, max_tokens: int = 1_000) -> Iterator[str]:
    """The pieces of a model's answer to the prompt, each as soon as it has arrived; joined, they are the answer.

    model: the name that the service knows it by; without one, what the environment variable MASTERY_CHAT_MODEL says.
    max_tokens: the longest answer, in tokens; a longer one ends there.

    The key is taken from ANTHROPIC_API_KEY and goes to the service alone: the client's own, or ANTHROPIC_BASE_URL.
    The first piece that is asked for starts it. Raises ChatFailed, with a sentence that says why and what to do.
    """
    # Raised here, where no other exception is at hand: it would be the context, and hold the request with the key.
    failure = yield from _pieces(prompt, model or os.environ.get(MODEL, ""), max_tokens)
    if failure is not None:
        raise ChatFailed(terminal(failure))


class ChatFailed(Exception):
    """Why there is no answer, or no more of it, in a sentence; a notebook shows it without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def _pieces(prompt: str, model: str, max_tokens: int) -> Generator[str, None, str | None]:
    """The pieces of the answer, and at the end a sentence where something went wrong."""
    # Under plain `nbgrader autograde` the key would be the instructor's.
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return "A notebook that is being graded asks no model."
    try:
        import anthropic
    except ImportError:
        return "A live answer needs the package anthropic: pip install anthropic, or %pip install anthropic in a cell."
    key = os.environ.get(KEY, "").strip()
    if not key:
        return f"There is no key: set {KEY} in the terminal that you start Jupyter from, and write it into no notebook."
    # Any other could not be sent, and the exception would hold it.
    if not re.fullmatch("[!-~]+", key):
        return f"What {KEY} holds is no key: that is one word of letters, digits and signs without accents."
    if not model:
        return f'No model is named: say stream(prompt, model="…"), or set {MODEL} to one of the names at {MODELS} .'
    try:
        # A redirect would take the prompt to another host, and the wait before a retry is as long as the server likes.
        client = anthropic.Anthropic(
            api_key=key,
            timeout=anthropic.Timeout(SECONDS, connect=5.0),
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(follow_redirects=False),
        )
    except Exception:
        return f"{ADDRESS}, or the variable of a proxy, is set to something that is no address."
    try:
        with (
            client,
            client.messages.stream(
                model=model, max_tokens=max_tokens, messages=[{"role": "user", "content": prompt}]
            ) as answer,
        ):
            # Not answer.text_stream, which ends alike where the answer does and where the connection does.
            for event in answer:
                if event.type == "text":
                    yield event.text
                elif event.type == "message_stop":
                    return None
    except KeyboardInterrupt:
        return "Interrupted by you; the answer ends here."
    except anthropic.APIStatusError as error:
        return textwrap.shorten(_refusal(error, model).replace(key, "…"), 300, placeholder=" …")
    except anthropic.APITimeoutError:
        return f"{client.base_url.host} did not answer in time; try it again, or look at your network."
    except anthropic.APIConnectionError:
        return f"{client.base_url.host} cannot be reached; look at your network, and at {ADDRESS} if you have set it."
    except Exception:
        # What breaks in the middle of an answer comes as it is: of the connection, of half a line.
        return BROKEN_OFF
    return BROKEN_OFF


def _refusal(error: "anthropic.APIStatusError", model: str) -> str:
    """What the service said, by its word for it; where it has none, for it is something else, by the status."""
    kind = error.type or error.status_code
    match kind:
        case "authentication_error" | 401:
            return f"The key in {KEY} is refused; it may be mistyped, out of date or withdrawn."
        case "not_found_error":
            return f"There is no model {model!r} for this key; the names are at {MODELS} ."
        case 404:
            return f"There is no such service at {error.request.url.host}; look at {ADDRESS}."
        case "rate_limit_error" | 429:
            seconds = error.response.headers.get("retry-after", "")
            wait = f"{seconds} seconds" if seconds.isdecimal() else "a minute"
            return f"This key has asked too much in too short a time; wait {wait} and run this again."
        case "overloaded_error" | 529:
            return "The service is overloaded; wait a minute and run this again."
        case "api_error":
            return "The service has a fault of its own; try it again later."
        case _ if error.status_code >= 500:
            return f"The service has a fault of its own ({kind}); try it again later."
    match error.body:
        case {"error": {"message": str(said)}}:
            return f"The service refused this ({kind}): {said}"
    return f"The service refused this ({kind}) and did not say why."
