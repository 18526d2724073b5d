"""Find the lesson's examples of models, layers and vocabularies in a student's packet, because they go out of date."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from reference.readiness.fields import URL, Within, day, place_of

_ILLUSTRATIONS = {
    "claude-haiku-4-5-20251001": re.compile(r"claude-haiku-4-5-20251001"),
    "GPT-4 with more than 120 layers": re.compile(r"\b120\s*\+?\s*layers|[×x]\s?96\b|\b96 (?:or more )?layers", re.I),
    "about 50,000 tokens": re.compile(r"\b50[,. ]?000 (?:possible )?(?:next )?tokens", re.I),
    "about 4096 numbers": re.compile(r"\b4[,. ]?096 numbers", re.I),
}
_LESSON_PAGE = re.compile(r"/llm-mastery/")


def borrowed(
    packet: Mapping[str, Any], value: Any, within: Within, field: str = "", sourced: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield the fields in which a student uses one of the lesson's examples without giving their own source and date.

    sourced: whether a part of the packet that contains `value` gives the student's own source and date.
    """
    if isinstance(value, dict):
        if value.get("source_url") is not None or value.get("checked_on") is not None:
            sourced = _is_sourced(value, within)
        for key, inner in value.items():
            yield from borrowed(packet, inner, within, place_of(field, (key,)), sourced)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from borrowed(packet, inner, within, place_of(field, (number,)), sourced)
    elif isinstance(value, str) and not sourced:
        for what, pattern in _ILLUSTRATIONS.items():
            if pattern.search(value) and not _is_sourced_candidate(packet, value, within):
                yield (
                    field,
                    f"holds the lesson's own example ({what}), which was already out of date when you read it; give a "
                    "current figure, with your source_url and checked_on next to it.",
                )


def _is_sourced_candidate(packet: Mapping[str, Any], name: str, within: Within) -> bool:
    decision = packet.get("model_decision")
    candidates = decision.get("candidates") if isinstance(decision, dict) else None
    return any(
        isinstance(each, dict) and each.get("model_id") == name and _is_sourced(each, within)
        for each in (candidates if isinstance(candidates, list) else [])
    )


def _is_sourced(value: Mapping[str, Any], within: Within) -> bool:
    url = value.get("source_url")
    if not isinstance(url, str) or not URL.fullmatch(url.strip()) or _LESSON_PAGE.search(url):
        return False
    try:
        seen = day(value.get("checked_on"))
    except ValueError:
        return False
    return isinstance(seen, date) and within.first <= seen <= within.last
