"""The fields of the enterprise readiness packet, and the messages for invalid ones."""

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import ValidationInfo as Info

MAX_AGE_DAYS = 90
REASON_WORDS = 40

# The minimum number of words in a risk's description, counting only words of two letters or more.
RISK_WORDS = 3
# The lesson's beginner mistakes, with the same numbers as in the lesson. Each is worded as someone with this
# misconception would say it.
BEGINNER_MISTAKES = {
    1: "it understands meaning",
    2: "a higher temperature makes it smarter",
    3: "its behavior is programmed",
    4: "it can be retrained quickly",
    5: "it picks the best word every time",
}

PACKET = "packet.yaml"
KEYS = (
    *("packet_version", "use_case", "model_decision", "cost", "risks", "evaluation", "decision", "lab_evidence"),
    "history",
)


_UNFILLED = re.compile(r"(?:todo|tbd|tba|n/?a|none|x{2,}|[?.…_-]+)[.!:]?", re.IGNORECASE)
RUN = re.compile(r"run-[0-9a-f]{12}")
URL = re.compile(r"https?://[^\s/?#.]+(?:\.[^\s/?#.]+)+(?:[/?#]\S*)?")


def _filled(text: str) -> str:
    if _UNFILLED.fullmatch(text):
        raise ValueError("is still a placeholder; fill it in.")
    return text


def _url(text: str) -> str:
    if not URL.fullmatch(text):
        raise ValueError("isn't a web address; give the address of the page itself, starting with https://.")
    return text


def _worded(text: str) -> str:
    if len(re.findall(r"\w", text)) < 2:
        raise ValueError(f"is {shown(text)}; write at least one word, so that a reader knows what you mean.")
    return text


def _described(text: str) -> str:
    if len(re.findall(r"\w{2,}", text)) < RISK_WORDS:
        raise ValueError(f"is {shown(text)}; say in at least three words what could happen, and to whom.")
    return text


def _run(text: str) -> str:
    if not RUN.fullmatch(text):
        raise ValueError(
            f"is {shown(text)}; the id of a graded run is run- followed by 12 characters (digits or letters from a to "
            "f). You'll find yours at the end of the feedback on a graded lab."
        )
    return text


def day(value: Any) -> Any:
    if value is None:
        return value
    text = str(value)
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is {shown(value)}, which isn't a date; write it like 2026-05-31.") from None


@dataclass(frozen=True)
class Within:
    """The dates allowed in a packet that's read on day `on`, with `grace` added at both ends."""

    on: date
    grace: timedelta = timedelta()

    @property
    def first(self) -> date:
        return self.on - timedelta(days=MAX_AGE_DAYS) - self.grace

    @property
    def last(self) -> date:
        return self.on + self.grace


def _recent(day: date, info: Info) -> date:
    within: Within = (info.context or {})["within"]
    if day > within.last:
        raise ValueError(f"is {day}, which is in the future: the packet is read on {within.on}.")
    if day < within.first:
        raise ValueError(
            f"is {day}, {(within.on - day).days} days before the packet is read ({within.on}). The limit is "
            f"{MAX_AGE_DAYS} days, so check again, and write the new date."
        )
    return day


def _reason(text: str) -> str:
    if (words := len(text.split())) < REASON_WORDS:
        raise ValueError(
            f"has {words} words; use at least {REASON_WORDS} to say why you chose it and not the other two approaches."
        )
    return text


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000), AfterValidator(_filled)]
Words = Annotated[Text, AfterValidator(_worded)]
Url = Annotated[Text, AfterValidator(_url)]
Day = Annotated[date, AfterValidator(_recent), BeforeValidator(day)]
Amount = Annotated[float, Field(ge=0, le=1e12)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[int, Field(ge=1, le=5)]
Temperature = Annotated[float, Field(ge=0, le=10)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class UseCase(Part):
    title: Words
    users: Words
    decision_supported: Words
    out_of_scope: Words


class Candidate(Part):
    model_id: Text
    provider: Text
    context_window_tokens: Annotated[int, Field(ge=1, le=10**12)]
    checked_on: Day
    source_url: Url


class Sampling(Part):
    temperature: Temperature
    top_p: Annotated[float, Field(gt=0, le=1)]
    max_new_tokens: Annotated[int, Field(ge=1, le=10**9)]
    stop_ids: list[Count | Text]
    reason: Words


class ModelDecision(Part):
    chosen: Text
    approach: Literal["prompt", "fine_tune", "pretrain"]
    reason: Annotated[Text, AfterValidator(_reason)]


class TokenAssumptions(Part):
    requests_per_day: Amount
    input_tokens: Amount
    output_tokens: Amount
    days: Annotated[float, Field(gt=0, le=366)]
    source: Words
    checked_on: Day


class HourlyAssumptions(Part):
    hours: Annotated[float, Field(gt=0, le=1e9)]
    source: Words
    checked_on: Day


class Currency(Part):
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    usd_per_unit: Annotated[float, Field(gt=0, le=1e9)]
    checked_on: Day
    source_url: Url


class TokenPrices(Part):
    usd_per_mtok_in: Amount
    usd_per_mtok_out: Amount
    checked_on: Day
    source_url: Url


class HourlyPrice(Part):
    usd_per_hour: Amount
    checked_on: Day
    source_url: Url


class ForeignTokenPrices(Part):
    per_mtok_in: Amount
    per_mtok_out: Amount
    currency: Currency
    checked_on: Day
    source_url: Url


class ForeignHourlyPrice(Part):
    per_hour: Amount
    currency: Currency
    checked_on: Day
    source_url: Url


class Sensitivity(Part):
    """What the month costs if you replace the assumptions or prices named in `change` with the values given there."""

    change: Annotated[dict[str, Amount], Field(min_length=1)]
    monthly_usd: Amount


class Risk(Part):
    id: Text
    mistake: Annotated[int, Field(ge=1, le=len(BEGINNER_MISTAKES))] | None = None
    description: Annotated[Text, AfterValidator(_described)]
    likelihood: Score
    impact: Score
    mitigation: Words
    owner: Words
    evidence_ref: Text


class Evaluation(Part):
    id: Text
    metric: Words
    n: Annotated[int, Field(ge=1, le=10**9)]
    successes: Count
    threshold: Share
    interval: Annotated[list[float], Field(min_length=2, max_length=2)]
    dataset: Words
    model_id: Text
    temperature: Temperature
    seed: int
    run_on: Day
    confidence: Annotated[float, Field(ge=0.5, le=0.9999)] = 0.95
    required: bool = True


class Decision(Part):
    status: Literal["go", "limited_go", "no_go"]
    date: Day
    rationale: Words
    evidence_refs: Annotated[list[Text], Field(min_length=1)]


class LabEvidence(Part):
    run_id: Annotated[Text, AfterValidator(_run)]
    lessons_learned: Annotated[list[Words], Field(min_length=1), BeforeValidator(_as_list)]


# --- messages

# Why a field is required, if its name doesn't make that clear.
_WHY = {
    "owner": "nobody watches a risk that nobody owns",
    "interval": "a pass rate doesn't show how certain it is; give both ends of its Wilson interval, such as "
    "[0.722, 0.875]",
    "checked_on": "a figure without a date can't be checked again",
    "run_on": "a figure without a date can't be checked again",
    "source_url": "a reader has to be able to check your source",
    "source": "say where these numbers come from",
    "sensitivity": "say what the month would cost if an assumption were different, for at least two changes",
    "currency": "prices in another currency need its code, usd_per_unit, checked_on and source_url",
}


def is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> TypeGuard[float]:
    return (is_whole(value) or isinstance(value, float)) and math.isfinite(value) and 0 <= value <= 1e15


def shown(value: Any) -> str:
    """Describe a value for a message, shortened if it's long."""
    if isinstance(value, dict | list):
        return f"{'a mapping of size' if isinstance(value, dict) else 'a list of length'} {len(value)}"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:58]}…" + ("”" if isinstance(value, str) else "")


def place_of(field: str, parts: Sequence[int | str]) -> str:
    for part in parts:
        if isinstance(part, int):
            field += f"[{part + 1}]"
        else:
            name = part if len(part) <= 60 else f"{part[:58]}…"
            field = f"{field}.{name}" if field else name
    return field


def missing_key(key: str) -> str:
    return f"is missing: {_WHY[key]}." if key in _WHY else "is missing; add it."


def unknown_key(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key[:60], known, n=1)
    return f"isn't a field in this part of the packet; {f'did you mean {close[0]}?' if close else 'remove it.'}"


def no_number(value: Any) -> str:
    if value is None:
        return "is still empty; give the number."
    return f"is {shown(value)}; write a number of 0 or more, without a unit or commas."


def sentence_of(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    """Turn a Pydantic error into a sentence that tells a student what to fix."""
    kind, value, limits = error["type"], error["input"], error.get("ctx", {})
    key = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if kind == "missing":
        return missing_key(key)
    if kind == "extra_forbidden":
        return unknown_key(key, list(model.model_fields))
    if kind == "value_error":
        return str(limits["error"])
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        return f"is still empty: {_WHY[key]}." if key in _WHY else "is still empty; fill it in."
    said = _SAID.get(kind)
    return f"is {shown(value)}; {said(limits) if said else 'write something else'}."


_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda limits: "write text, in quotes if it looks like a number",
    "string_too_long": lambda limits: f"write at most {limits['max_length']:,} characters",
    "string_pattern_mismatch": lambda limits: "write a code of three capital letters, such as EUR",
    "int_type": lambda limits: "write a whole number, without a unit or commas",
    "float_type": lambda limits: "write a number, without a unit or commas",
    "finite_number": lambda limits: "write a finite number",
    "bool_type": lambda limits: "write true or false",
    "date_type": lambda limits: "write a date like 2026-05-31",
    "greater_than_equal": lambda limits: f"write at least {limits['ge']:g}",
    "greater_than": lambda limits: f"write more than {limits['gt']:g}",
    "less_than_equal": lambda limits: f"write at most {limits['le']:g}",
    "literal_error": lambda limits: f"write one of these: {limits['expected']}",
    "list_type": lambda limits: "write a list, with a dash in front of each item",
    "dict_type": lambda limits: "write names and numbers, such as output_tokens: 600",
    "model_type": lambda limits: "write its fields below it",
    "too_short": lambda limits: f"write at least {limits['min_length']}",
    "too_long": lambda limits: f"write at most {limits['max_length']}",
}
