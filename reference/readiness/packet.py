"""The enterprise readiness packet: what a stranger's `packet.yaml` says, and sentences on what does not hold in it.

Form and arithmetic alone: whether a source is true, and a decision wise, is for a reader to say. docs/students.md has
the fields.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from autograder.testing.attachments import MAX_NODES, AttachmentContext, AttachmentReport, Problem, UnreadableYaml
from reference.readiness.arithmetic import mistaken_costs, monthly_usd, numbers_of, wilson_interval
from reference.readiness.fields import (
    KEYS,
    PACKET,
    URL,
    Candidate,
    Decision,
    Evaluation,
    ForeignHourlyPrice,
    ForeignTokenPrices,
    HourlyAssumptions,
    HourlyPrice,
    LabEvidence,
    ModelDecision,
    Part,
    Risk,
    Sampling,
    Sensitivity,
    TokenAssumptions,
    TokenPrices,
    UseCase,
    Within,
    day,
    is_number,
    is_whole,
    missing_key,
    no_number,
    place_of,
    sentence_of,
    shown,
    unknown_key,
)
from reference.readiness.history import changes_of, packet_of, revised, without_history

__all__ = ["read", "read_packet", "revised"]

MIN_CASES = 30
MIN_RISKS = 5
CENT = 0.01
# What an end of an interval may be off by: three decimals, and 1.96 for z.
INTERVAL_OFF = 6e-4
# A price in USD below this for a million tokens is more likely one for a thousand.
SUSPICIOUS_USD_PER_MTOK = 0.01
MAX_PROBLEMS = 100
MAX_ROWS = 400
# Of a value, to be shown: as much as a field may hold.
LONGEST_SHOWN = 4_000

Model = TypeVar("Model", bound=Part)


# --- reading


def read(content: bytes, context: AttachmentContext) -> AttachmentReport:
    """Return what the packet says, read in that context; nothing is raised, whatever the bytes are."""
    before = None if context.before is None else context.before.encode()
    return read_packet(content, context.on, before, context.grace)


def read_packet(
    content: bytes, on: date, before: bytes | None = None, grace: timedelta = timedelta()
) -> AttachmentReport:
    """What the packet says, read on that day; nothing is raised, whatever the bytes are.

    before: the packet as it was handed in the last time, whose revisions must stand in this one's history unchanged.
    grace: by so much a day in it may miss the limits, where the writer's clock may show another day.
    """
    try:
        packet = packet_of(content)
    except UnreadableYaml as error:
        return AttachmentReport(problems=[Problem(field=PACKET, sentence=str(error))], on=on)
    reader = _Reader(packet, on, grace)
    reader.read()
    if before is not None:
        try:
            reader.compare_with(packet_of(before))
        except UnreadableYaml as error:
            reader.say("history", f"cannot be compared with the packet handed in before: {error}")
    version = packet.get("packet_version")
    order = {key: number for number, key in enumerate(KEYS)}
    found = sorted(reader.problems, key=lambda each: order.get(_part_of(each), len(order)))
    problems = found[:MAX_PROBLEMS]
    if more := len(found) - len(problems):
        problems.append(Problem(field=PACKET, sentence=f"has {more} more problems after these."))
    return AttachmentReport(
        revision=version if isinstance(version, int) and not isinstance(version, bool) else None,
        problems=problems,
        changes=changes_of(packet),
        follows=not any(_part_of(each) in ("packet_version", "history") for each in found),
        rows=list(itertools.islice(_rows(without_history(packet), ""), MAX_ROWS)),
        on=on,
    )


def _part_of(finding: Problem) -> str:
    return re.split(r"[.\[]", finding.field)[0]


def _rows(value: Any, field: str) -> Iterator[tuple[str, str]]:
    """The fields that hold something themselves, and what it is, in words."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _rows(inner, place_of(field, (key,)))
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, inner in enumerate(value):
            yield from _rows(inner, place_of(field, (number,)))
    else:
        told = ", ".join(map(_told, value)) if isinstance(value, list) else _told(value)
        yield field, told if len(told) <= LONGEST_SHOWN else f"{told[:LONGEST_SHOWN]}…"


def _told(value: Any) -> str:
    if value is None or value == {}:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Reader:
    """One pass over a packet; what is wrong is said, and the rest is read all the same."""

    def __init__(self, packet: Mapping[str, Any], on: date, grace: timedelta) -> None:
        self.packet = packet
        self.within = Within(on, grace)
        self.problems: list[Problem] = []

    def say(self, field: str, sentence: str) -> None:
        self.problems.append(Problem(field=field, sentence=sentence))

    def read(self) -> None:
        self._keys(self.packet, KEYS, "", optional=("history",))
        self._version()
        self._section(UseCase, "use_case")
        candidates, chosen, sampling = self._model_decision()
        self._cost()
        evaluations = self._evaluation(chosen, sampling)
        risks = self._list(Risk, "risks", MIN_RISKS)
        decision = self._section(Decision, "decision")
        self._section(LabEvidence, "lab_evidence")
        self._references(candidates, risks, decision)
        if decision is not None and decision.status == "go":
            self._go(evaluations)
        self._illustrations({key: value for key, value in self.packet.items() if key != "history"}, "", False)

    # --- parts

    def _section(self, model: type[Model], key: str) -> Model | None:
        return self._part(model, key, self.packet[key]) if key in self.packet else None

    def _list(self, model: type[Model], key: str, least: int) -> list[tuple[str, Model]]:
        return self._items(model, key, self.packet[key], least) if key in self.packet else []

    def _part(self, model: type[Model], field: str, value: Any) -> Model | None:
        """The part, where every field of it holds."""
        if value is None:
            self.say(field, "is still empty; fill it in.")
            return None
        if not isinstance(value, dict):
            fields = ", ".join(model.model_fields)
            self.say(field, f"is {shown(value)}, and these fields are wanted below it: {fields}.")
            return None
        try:
            return model.model_validate(value, context={"within": self.within})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                self.say(place_of(field, each["loc"]), sentence_of(dict(each), model))
            return None

    def _items(self, model: type[Model], field: str, value: Any, least: int) -> list[tuple[str, Model]]:
        """The items of a list that hold, each with its place."""
        if not isinstance(value, list) or not value:
            held = "is still empty" if value in (None, [], {}) else f"is {shown(value)}"
            self.say(field, f"{held}; a list of at least {least} is wanted, each item with a dash in front.")
            return []
        if len(value) < least:
            self.say(field, f"has {len(value)} of at least {least} entries.")
        found = []
        for number, item in enumerate(value, start=1):
            place = f"{field}[{number}]"
            if (part := self._part(model, place, item)) is not None:
                found.append((place, part))
        return found

    def _keys(self, value: Mapping[str, Any], known: Sequence[str], field: str, optional: Sequence[str] = ()) -> None:
        for key in known:
            if key not in value and key not in optional:
                self.say(place_of(field, (key,)), missing_key(key))
        for key in value:
            if key not in known:
                self.say(place_of(field, (key,)), unknown_key(key, known))

    def _mapping_at(self, field: str, known: Sequence[str]) -> Mapping[str, Any]:
        value = self.packet.get(field)
        if isinstance(value, dict):
            self._keys(value, known, field)
            return value
        if field in self.packet:
            held = "is still empty" if value is None else f"is {shown(value)}"
            self.say(field, f"{held}; these fields are wanted below it: {', '.join(known)}.")
        return {}

    def _version(self) -> None:
        version, history = self.packet.get("packet_version"), self.packet.get("history")
        if "packet_version" not in self.packet:
            return
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            self.say("packet_version", f"is {shown(version)}; it counts the revisions, and the first one is 1.")
            return
        if history is not None and not isinstance(history, list):
            self.say("history", f"is {shown(history)}; it lists the earlier revisions, each with a dash in front.")
            return
        numbers = [each.get("packet_version") if isinstance(each, dict) else None for each in history or []]
        if numbers != list(range(1, min(version, MAX_NODES))):
            held = f"holds {', '.join(map(shown, numbers[:10]))}" if numbers else "is empty"
            earlier = {1: "none", 2: "revision 1"}.get(version, f"the revisions 1 to {version - 1}")
            self.say(
                "history",
                f"{held}, and what belongs there before revision {version} is {earlier}, each as it was, the newest "
                "last; mastery packet --revise does this for you.",
            )

    def _model_decision(self) -> tuple[list[Candidate], str | None, Sampling | None]:
        field = "model_decision"
        value = self._mapping_at(field, ("candidates", "chosen", "approach", "reason", "sampling"))
        if not value:
            return [], None, None
        candidates = []
        if "candidates" in value:
            candidates = [
                each for _, each in self._items(Candidate, f"{field}.candidates", value["candidates"], least=2)
            ]
        self._some(ModelDecision, field, {key: value[key] for key in ModelDecision.model_fields if key in value})
        names = _named(value.get("candidates"), "model_id")
        chosen = value.get("chosen")
        self._twice(f"{field}.candidates", names)
        if isinstance(chosen, str) and chosen.strip() and chosen.strip() not in names:
            self.say(f"{field}.chosen", f"is {shown(chosen)}, which is none of the candidates' model_id.")
        sampling = self._part(Sampling, f"{field}.sampling", value["sampling"]) if "sampling" in value else None
        return candidates, chosen.strip() if isinstance(chosen, str) else None, sampling

    def _some(self, model: type[Part], field: str, value: Mapping[str, Any]) -> None:
        """What is wrong with the fields that are there."""
        try:
            model.model_validate(value, context={"within": self.within})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                if each["type"] != "missing":
                    self.say(place_of(field, each["loc"]), sentence_of(dict(each), model))

    def _twice(self, field: str, names: Sequence[Any]) -> None:
        for name, count in Counter(name for name in names if isinstance(name, str)).items():
            if count > 1:
                self.say(field, f"share the name {shown(name)} with another entry; each needs one of its own.")

    # --- cost

    def _cost(self) -> None:
        value = self._mapping_at("cost", ("assumptions", "prices", "monthly_usd", "sensitivity"))
        if not value:
            return
        prices_given = value.get("prices")
        given = prices_given if isinstance(prices_given, dict) else {}
        foreign, hourly = "currency" in given, "usd_per_hour" in given or "per_hour" in given
        models: dict[tuple[bool, bool], type[Part]] = {
            (False, False): TokenPrices,
            (False, True): HourlyPrice,
            (True, False): ForeignTokenPrices,
            (True, True): ForeignHourlyPrice,
        }
        prices = assumptions = None
        if "assumptions" in value:
            kind: type[Part] = HourlyAssumptions if hourly else TokenAssumptions
            assumptions = self._part(kind, "cost.assumptions", value["assumptions"])
        if "prices" in value:
            prices = self._part(models[foreign, hourly], "cost.prices", value["prices"])
        monthly = value.get("monthly_usd")
        if "monthly_usd" in value and not is_number(monthly):
            self.say("cost.monthly_usd", no_number(monthly))
        variants = []
        if "sensitivity" in value:
            variants = self._items(Sensitivity, "cost.sensitivity", value["sensitivity"], least=2)
        if prices is None or assumptions is None:
            return
        numbers = {**numbers_of(assumptions), **numbers_of(prices)}
        self._per_thousand(numbers)
        if monthly is not None and is_number(monthly):
            self._same_cost("cost.monthly_usd", monthly, numbers)
        for place, variant in variants:
            self._sensitivity(place, variant, numbers)

    def _per_thousand(self, numbers: Mapping[str, float]) -> None:
        for key, price in numbers.items():
            if "per_mtok" in key and 0 < price * numbers.get("usd_per_unit", 1.0) < SUSPICIOUS_USD_PER_MTOK:
                self.say(
                    f"cost.prices.{key}",
                    f"is {price:g}, which looks like the price of a thousand tokens; that of a million is 1,000 times "
                    "as much.",
                )

    def _same_cost(self, field: str, said: float, numbers: Mapping[str, float]) -> None:
        cost = monthly_usd(numbers)
        if math.isclose(said, cost, rel_tol=1e-12, abs_tol=CENT + 1e-9):
            return
        words = f"is {said:,.2f} USD, and what stands above comes to {cost:,.2f} USD"
        for mistake, other in mistaken_costs(numbers):
            if math.isclose(said, other, rel_tol=1e-9, abs_tol=CENT) and not math.isclose(other, cost, abs_tol=CENT):
                words += f"; {mistake}"
                break
        self.say(field, f"{words}.")

    def _sensitivity(self, place: str, variant: Sensitivity, numbers: Mapping[str, float]) -> None:
        unknown = [key for key in variant.change if key not in numbers]
        for key in unknown:
            self.say(f"{place}.change", f"names {shown(key)}, and can change {', '.join(numbers)}.")
        if unknown:
            return
        if all(numbers[key] == number for key, number in variant.change.items()):
            self.say(f"{place}.change", "changes nothing: these are the numbers that stand above.")
            return
        changed = {**numbers, **variant.change}
        base = monthly_usd(numbers)
        if math.isclose(variant.monthly_usd, base, abs_tol=CENT) and abs(monthly_usd(changed) - base) > CENT:
            self.say(
                f"{place}.monthly_usd",
                f"is {base:,.2f} USD as without the change; with it, it comes to {monthly_usd(changed):,.2f} USD.",
            )
        else:
            self._same_cost(f"{place}.monthly_usd", variant.monthly_usd, changed)

    # --- evaluation and decision

    def _evaluation(self, chosen: str | None, sampling: Sampling | None) -> list[tuple[str, Evaluation]]:
        found = self._list(Evaluation, "evaluation", least=1)
        for place, each in found:
            if each.successes > each.n:
                self.say(
                    f"{place}.successes", f"is {each.successes:,}, more than the {each.n:,} cases that were tried."
                )
                continue
            if each.n < MIN_CASES:
                self.say(f"{place}.n", f"is {each.n}; so few cases show too little, {MIN_CASES} are the least.")
            low, high = wilson_interval(each.successes, each.n, each.confidence)
            if abs(each.interval[0] - low) > INTERVAL_OFF or abs(each.interval[1] - high) > INTERVAL_OFF:
                self.say(
                    f"{place}.interval",
                    f"is {each.interval[0]:g} to {each.interval[1]:g}, and Wilson's interval for {each.successes:,} of "
                    f"{each.n:,} at {each.confidence:.4g} is {low:.4f} to {high:.4f}.",
                )
            if chosen is not None and each.model_id != chosen:
                self.say(
                    f"{place}.model_id",
                    f"is {shown(each.model_id)}, and {shown(chosen)} is chosen; what another model can do says "
                    "nothing about it.",
                )
            if sampling is not None and each.temperature != sampling.temperature:
                self.say(
                    f"{place}.temperature",
                    f"is {each.temperature:g}, and the model is to run at {sampling.temperature:g}; evaluate it as it "
                    "will be used.",
                )
        return found

    def _references(
        self, candidates: Sequence[Candidate], risks: Sequence[tuple[str, Risk]], decision: Decision | None
    ) -> None:
        # Also those of entries with problems of their own: one mistake need not be told twice.
        evaluations, risk_ids = (_named(self.packet.get(key), "id") for key in ("evaluation", "risks"))
        self._twice("evaluation", evaluations)
        self._twice("risks", [*{*evaluations}, *risk_ids])
        runs = _named([self.packet.get("lab_evidence")], "run_id")
        known = {"cost", *evaluations, *runs, *(each.model_id for each in candidates)}
        for place, risk in risks:
            if risk.evidence_ref not in known:
                self.say(f"{place}.evidence_ref", _unresolved(risk.evidence_ref, known))
        known |= set(risk_ids)
        for ref in decision.evidence_refs if decision is not None else []:
            if ref not in known:
                self.say("decision.evidence_refs", _unresolved(ref, known))

    def _go(self, evaluations: Sequence[tuple[str, Evaluation]]) -> None:
        required = [each for _, each in evaluations if each.required and each.successes <= each.n]
        entries = self.packet.get("evaluation")
        if not required and isinstance(entries, list) and len(entries) == len(evaluations):
            self.say("decision.status", "is go, and no required evaluation holds that would show it; evaluate first.")
        for each in required:
            low, _ = wilson_interval(each.successes, each.n, each.confidence)
            if low < each.threshold:
                self.say(
                    "decision.status",
                    f"is go, and evaluation {shown(each.id)} shows no more than {low:.4f} for certain where "
                    f"{each.threshold:g} is asked for; decide limited_go or no_go, or evaluate more cases.",
                )

    def _illustrations(self, value: Any, field: str, sourced: bool) -> None:
        """The lesson's examples are dated, so each needs a source and a day of one's own beside it."""
        if isinstance(value, dict):
            if value.get("source_url") is not None or value.get("checked_on") is not None:
                sourced = _is_sourced(value, self.within)
            for key, inner in value.items():
                self._illustrations(inner, place_of(field, (key,)), sourced)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self._illustrations(inner, place_of(field, (number,)), sourced)
        elif isinstance(value, str) and not sourced:
            for what, pattern in _ILLUSTRATIONS.items():
                if pattern.search(value) and not self._is_sourced_candidate(value):
                    self.say(
                        field,
                        f"holds the lesson's own example ({what}), which was out of date when you read it; give a "
                        "current figure, with your source_url and checked_on beside it.",
                    )

    def _is_sourced_candidate(self, name: str) -> bool:
        decision = self.packet.get("model_decision")
        candidates = decision.get("candidates") if isinstance(decision, dict) else None
        return any(
            isinstance(each, dict) and each.get("model_id") == name and _is_sourced(each, self.within)
            for each in (candidates if isinstance(candidates, list) else [])
        )

    # --- revisions

    def compare_with(self, before: Mapping[str, Any]) -> None:
        old, new = before.get("packet_version"), self.packet.get("packet_version")
        if old is None or new is None or not is_whole(old) or not is_whole(new):
            return
        if new < old:
            self.say("packet_version", f"is {new}, and revision {old} was handed in before; count on from there.")
            return
        earlier = before.get("history") or []
        if new == old:
            if before != self.packet:
                self.say("packet_version", f"is {new} as before, and the packet is another; raise it to {new + 1}.")
            return
        wanted = [*(earlier if isinstance(earlier, list) else []), without_history(before)]
        history = self.packet.get("history")
        kept = history if isinstance(history, list) else []
        for number, revision in enumerate(wanted, start=1):
            if number > len(kept) or kept[number - 1] != revision:
                what = "is missing" if number > len(kept) else "is not as it was handed in"
                self.say(f"history[{number}]", f"{what}; earlier revisions are kept unchanged.")


_ILLUSTRATIONS = {
    "claude-haiku-4-5-20251001": re.compile(r"claude-haiku-4-5-20251001"),
    "GPT-4 with more than 120 layers": re.compile(r"\b120\s*\+?\s*layers|[×x]\s?96\b|\b96 (?:or more )?layers", re.I),
    "about 50,000 tokens": re.compile(r"\b50[,. ]?000 (?:possible )?(?:next )?tokens", re.I),
    "about 4096 numbers": re.compile(r"\b4[,. ]?096 numbers", re.I),
}
_LESSON_PAGE = re.compile(r"/llm-mastery/")


def _is_sourced(value: Mapping[str, Any], within: Within) -> bool:
    url = value.get("source_url")
    if not isinstance(url, str) or not URL.fullmatch(url.strip()) or _LESSON_PAGE.search(url):
        return False
    try:
        seen = day(value.get("checked_on"))
    except ValueError:
        return False
    return isinstance(seen, date) and within.first <= seen <= within.last


def _named(items: Any, key: str) -> list[str]:
    found = [each.get(key) for each in items if isinstance(each, dict)] if isinstance(items, list) else []
    return [each.strip() for each in found if isinstance(each, str)]


def _unresolved(ref: str, known: set[str]) -> str:
    return (
        f"names {shown(ref)}, and the packet has no such evidence; there is "
        f"{', '.join(shown(each) for each in sorted(known)[:12])}."
    )
