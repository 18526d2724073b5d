"""Read untrusted YAML into plain values: text, numbers, booleans, lists, and mappings with text for keys.

It doesn't allow aliases, tags, dates or duplicate keys, or documents that are too large or too deeply nested. Each
error message is a sentence or two.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

MAX_BYTES = 128 * 1024
MAX_NODES = 8_000
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"
# The rules of YAML 1.2. In YAML 1.1, `no` is false, 010 is eight, 1:30 is ninety and 1e6 is text.
_PLAIN = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?(?:0|[1-9][0-9_]{0,15})",
    "float": r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?",
}


class UnreadableYaml(Exception):
    """The text can't be read. `str()` says why and, in most cases, how to fix it."""


def load(content: bytes) -> Any:
    """Return the value in the bytes. Raises UnreadableYaml."""
    if len(content) > MAX_BYTES:
        raise UnreadableYaml(f"It's larger than {MAX_BYTES >> 10} KiB; keep only what a reader needs.")
    try:
        loader = _Loader(content.decode("utf-8-sig"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except UnicodeDecodeError:
        raise UnreadableYaml("It isn't UTF-8 text; save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableYaml(
            f"Line {line} isn't valid YAML ({error.problem or error.context}). Check the indentation, and put quotes "
            "around text that contains a colon."
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise UnreadableYaml(f"It isn't valid YAML ({' '.join(str(error).split())[:200]}).") from None


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {  # noqa: RUF012
        None: [(_TAG + name, re.compile(f"(?:{pattern})$")) for name, pattern in _PLAIN.items()]
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableYaml(
                f"Line {line} refers to a value elsewhere (*{event.anchor:.40}); write the value itself."
            )
        if event.tag is not None:
            raise UnreadableYaml(f"Line {line} has a tag, which begins with an exclamation mark; remove it.")
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UnreadableYaml(f"It has more than {MAX_NODES:,} values; keep only what a reader needs.")
        if self.depth >= MAX_DEPTH:
            raise UnreadableYaml(f"Line {line} is nested more than {MAX_DEPTH} levels deep; flatten it.")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_scalar(self, node: Any) -> Any:
        value = super().construct_scalar(node)
        # An escape can produce half a surrogate pair, which we can't print or store.
        return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        for line, key in _twice_or_no_text(node):
            if key is None:
                raise UnreadableYaml(f"Line {line} has a key that isn't text; put quotes around it.")
            raise UnreadableYaml(f"Line {line} repeats the key {key:.40}; keep only one of the two.")
        return super().construct_mapping(node, deep)


def _twice_or_no_text(node: Any) -> Iterator[tuple[int, str | None]]:
    seen = set()
    for key, _ in node.value:
        if key.tag != _TAG + "str":
            yield key.start_mark.line + 1, None
        elif key.value in seen:
            yield key.start_mark.line + 1, key.value
        else:
            seen.add(key.value)
