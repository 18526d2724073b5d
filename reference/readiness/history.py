"""A packet's revisions: start the next one, keep the earlier ones, and list what changed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.testing.attachments import UnreadableYaml, load_yaml
from reference.readiness.fields import KEYS, is_whole, place_of, shown

MAX_CHANGES = 40


def packet_of(content: bytes) -> dict[str, Any]:
    value = load_yaml(content)
    if not isinstance(value, dict):
        held = "nothing" if value is None else f"only {shown(value)}"
        raise UnreadableYaml(f"It holds {held}; a packet has the fields {', '.join(KEYS)}.")
    return value


def without_history(packet: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in packet.items() if key != "history"}


def revised(content: bytes) -> str:
    """The packet's text, with the current revision copied into the history and the revision number increased by 1.
    Raises UnreadableYaml."""
    packet = packet_of(content)
    version, history = packet.get("packet_version"), packet.get("history") or []
    if not is_whole(version) or not isinstance(history, list):
        raise UnreadableYaml("Its packet_version isn't a number, or its history isn't a list.")
    wanted = {**without_history(packet), "packet_version": version + 1}
    wanted["history"] = [*history, without_history(packet)]
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    body, _, earlier = _HISTORY.sub("\0", text, count=1).partition("\0")
    known = re.search(r"^( *)-", earlier, re.MULTILINE)
    indent = known[1] if known else "  "
    raised = _VERSION.sub(rf"\g<1>{version + 1}", body, count=1)
    lines = body.splitlines()
    # The first try leaves out lines that look like comments. If that changes the packet, one of them was actually part
    # of a multi-line text, so the second try keeps every line.
    for kept in ([each for each in lines if each.strip() and not each.lstrip().startswith("#")], lines):
        copied = "".join(f"{indent}    {line}".rstrip() + "\n" for line in kept)
        made = f"{raised.rstrip()}\n\nhistory:\n{earlier.strip(chr(10)) + chr(10) if earlier.strip() else ''}"
        made += f"{indent}- # revision {version}\n{copied}"
        try:
            if load_yaml(made.encode()) == wanted:
                return made
        except UnreadableYaml:
            continue
    raise UnreadableYaml(
        "mastery can't add a revision to a file with this layout. Start a line with packet_version and another with "
        "history, and make history the last field; or copy the revision into the history by hand."
    )


_HISTORY = re.compile(r"^history:[ \t]*(?:\[[ \t]*\]|~|null)?[ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)
_VERSION = re.compile(r"^(packet_version:[ \t]*)[0-9]+", re.MULTILINE)


def unkept(packet: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that conflicts with the previously submitted packet, and a sentence that says how."""
    old, new = before.get("packet_version"), packet.get("packet_version")
    if old is None or new is None or not is_whole(old) or not is_whole(new):
        return
    if new < old:
        yield "packet_version", f"is {new}, but revision {old} was handed in before; continue from there."
        return
    earlier = before.get("history") or []
    if new == old:
        if before != packet:
            yield "packet_version", f"is still {new}, but the packet has changed; raise it to {new + 1}."
        return
    wanted = [*(earlier if isinstance(earlier, list) else []), without_history(before)]
    history = packet.get("history")
    kept = history if isinstance(history, list) else []
    for number, revision in enumerate(wanted, start=1):
        if number > len(kept) or kept[number - 1] != revision:
            what = "is missing" if number > len(kept) else "isn't the revision that was handed in"
            yield f"history[{number}]", f"{what}; keep earlier revisions unchanged."


def changes_of(packet: Mapping[str, Any]) -> list[str]:
    """What changed since the newest revision in the history, one line per field."""
    history = packet.get("history")
    if not isinstance(history, list) or not history or not isinstance(history[-1], dict):
        return []
    old, new = (dict(_leaves(without_history(each), "")) for each in (history[-1], packet))
    lines = []
    for field in [*new, *(field for field in old if field not in new)]:
        if field == "packet_version":
            continue
        if field not in old:
            lines.append(f"{field}: new, {shown(new[field])}")
        elif field not in new:
            lines.append(f"{field}: removed, was {shown(old[field])}")
        elif old[field] != new[field]:
            lines.append(f"{field}: {shown(old[field])} → {shown(new[field])}")
    more = len(lines) - MAX_CHANGES
    return lines if more <= 0 else [*lines[:MAX_CHANGES], f"and {more} more"]


def _leaves(value: Any, field: str) -> Iterator[tuple[str, Any]]:
    """Yield the place of each value in the packet, and the value. In a place, a list entry that has an id is named by
    that id."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, place_of(field, (key,)))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            names = (inner.get(key) for key in ("id", "model_id")) if isinstance(inner, dict) else iter(())
            name = next((each for each in names if isinstance(each, str)), None)
            yield from _leaves(inner, f"{field}[{name:.40}]" if name else place_of(field, (number,)))
    else:
        yield field, value
