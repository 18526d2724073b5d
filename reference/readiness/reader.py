"""Check a packet part by part: read its fields, recompute its numbers and resolve its references."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from autograder.testing.attachments import MAX_NODES, AttachmentContext, Problem
from reference.readiness.arithmetic import mistaken_costs, monthly_usd, numbers_of, wilson_interval
from reference.readiness.fields import (
    BEGINNER_MISTAKES,
    KEYS,
    RUN,
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
    is_number,
    missing_key,
    no_number,
    place_of,
    sentence_of,
    shown,
    unknown_key,
)
from reference.readiness.history import without_history
from reference.readiness.illustrations import borrowed

MIN_CASES = 30
MIN_RISKS = 5
CENT = 0.01
# How far off each end of an interval may be. The ends are given to three decimals, and z may be rounded to 1.96.
INTERVAL_OFF = 6e-4
# A price per million tokens below this, in USD, is more likely a price per thousand.
SUSPICIOUS_USD_PER_MTOK = 0.01

Model = TypeVar("Model", bound=Part)


class Reader:
    """Reads a packet once. It reports each problem and then continues with the rest of the packet."""

    def __init__(self, packet: Mapping[str, Any], context: AttachmentContext) -> None:
        self.packet = packet
        self.within = Within(context.on, context.grace)
        self.runs = context.runs
        self.problems: list[Problem] = []
        self.when_graded: list[str] = []

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
        self._beginner_mistakes()
        decision = self._section(Decision, "decision")
        self._section(LabEvidence, "lab_evidence")
        self._run()
        self._references(candidates, risks, decision)
        if decision is not None and decision.status == "go":
            self._go(evaluations)
        for field, sentence in borrowed(self.packet, without_history(self.packet), self.within):
            self.say(field, sentence)

    # --- parts

    def _section(self, model: type[Model], key: str) -> Model | None:
        return self._part(model, key, self.packet[key]) if key in self.packet else None

    def _list(self, model: type[Model], key: str, least: int) -> list[tuple[str, Model]]:
        return self._items(model, key, self.packet[key], least) if key in self.packet else []

    def _part(self, model: type[Model], field: str, value: Any) -> Model | None:
        """The part, or None if any of its fields is invalid."""
        if value is None:
            self.say(field, "is still empty; fill it in.")
            return None
        if not isinstance(value, dict):
            fields = ", ".join(model.model_fields)
            self.say(field, f"is {shown(value)}; write these fields below it: {fields}.")
            return None
        try:
            return model.model_validate(value, context={"within": self.within})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                self.say(place_of(field, each["loc"]), sentence_of(dict(each), model))
            return None

    def _items(self, model: type[Model], field: str, value: Any, least: int) -> list[tuple[str, Model]]:
        """The valid items in a list, and the place of each one."""
        if not isinstance(value, list) or not value:
            held = "is still empty" if value in (None, [], {}) else f"is {shown(value)}"
            self.say(field, f"{held}; write a list of at least {least}, with a dash in front of each item.")
            return []
        if len(value) < least:
            self.say(field, f"has only {len(value)} of the {least} required entries.")
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
            self.say(field, f"{held}; write these fields below it: {', '.join(known)}.")
        return {}

    def _version(self) -> None:
        version, history = self.packet.get("packet_version"), self.packet.get("history")
        if "packet_version" not in self.packet:
            return
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            self.say("packet_version", f"is {shown(version)}; it counts the revisions, starting at 1.")
            return
        if history is not None and not isinstance(history, list):
            self.say(
                "history", f"is {shown(history)}; it's the list of earlier revisions, with a dash in front of each."
            )
            return
        numbers = [each.get("packet_version") if isinstance(each, dict) else None for each in history or []]
        if numbers != list(range(1, min(version, MAX_NODES))):
            held = f"holds {', '.join(map(shown, numbers[:10]))}" if numbers else "is empty"
            needed = {1: "nothing", 2: "revision 1, unchanged"}.get(
                version, f"revisions 1 to {version - 1}, unchanged and in order"
            )
            self.say(
                "history",
                f"{held}. For revision {version}, it has to hold {needed}. mastery packet --revise does this for you.",
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
            self.say(f"{field}.chosen", f"is {shown(chosen)}, which isn't any candidate's model_id.")
        sampling = self._part(Sampling, f"{field}.sampling", value["sampling"]) if "sampling" in value else None
        return candidates, chosen.strip() if isinstance(chosen, str) else None, sampling

    def _some(self, model: type[Part], field: str, value: Mapping[str, Any]) -> None:
        """Report what's wrong with the fields that are present."""
        try:
            model.model_validate(value, context={"within": self.within})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                if each["type"] != "missing":
                    self.say(place_of(field, each["loc"]), sentence_of(dict(each), model))

    def _twice(self, field: str, names: Sequence[Any]) -> None:
        for name, count in Counter(name for name in names if isinstance(name, str)).items():
            if count > 1:
                self.say(field, f"share the name {shown(name)}; each entry needs its own.")

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
                    f"is {price:g}, which looks like a price per thousand tokens; the price per million is 1,000 times "
                    "as much.",
                )

    def _same_cost(self, field: str, said: float, numbers: Mapping[str, float]) -> None:
        cost = monthly_usd(numbers)
        if math.isclose(said, cost, rel_tol=1e-12, abs_tol=CENT + 1e-9):
            return
        words = f"is {said:,.2f} USD, but the numbers above come to {cost:,.2f} USD"
        for mistake, other in mistaken_costs(numbers):
            if math.isclose(said, other, rel_tol=1e-9, abs_tol=CENT) and not math.isclose(other, cost, abs_tol=CENT):
                words += f"; {mistake}"
                break
        self.say(field, f"{words}.")

    def _sensitivity(self, place: str, variant: Sensitivity, numbers: Mapping[str, float]) -> None:
        unknown = [key for key in variant.change if key not in numbers]
        for key in unknown:
            self.say(f"{place}.change", f"names {shown(key)}, but it can only change {', '.join(numbers)}.")
        if unknown:
            return
        if all(numbers[key] == number for key, number in variant.change.items()):
            self.say(f"{place}.change", "changes nothing: these are the same numbers as above.")
            return
        changed = {**numbers, **variant.change}
        base = monthly_usd(numbers)
        if math.isclose(variant.monthly_usd, base, abs_tol=CENT) and abs(monthly_usd(changed) - base) > CENT:
            self.say(
                f"{place}.monthly_usd",
                f"is {base:,.2f} USD, which is the cost without the change; with the change, it's "
                f"{monthly_usd(changed):,.2f} USD.",
            )
        else:
            self._same_cost(f"{place}.monthly_usd", variant.monthly_usd, changed)

    # --- risks and graded runs

    def _beginner_mistakes(self) -> None:
        risks = self.packet.get("risks")
        if not isinstance(risks, list) or len(risks) < MIN_RISKS:  # already reported
            return
        tied = [each.get("mistake") for each in risks if isinstance(each, dict)]
        if loose := [number for number in BEGINNER_MISTAKES if number not in tied]:
            named = [f"{number} (“{BEGINNER_MISTAKES[number]}”)" for number in loose]
            self.say(
                "risks",
                f"include none for beginner mistake {', '.join(named)}; add mistake: {loose[0]} to the risk that comes "
                f"from it{', and so on' if loose[1:] else ''}.",
            )

    def _run(self) -> None:
        for run in _named([self.packet.get("lab_evidence")], "run_id"):
            if not RUN.fullmatch(run):  # already reported
                continue
            if self.runs is None:
                self.when_graded.append("lab_evidence.run_id")
            elif run not in self.runs:
                self.say(
                    "lab_evidence.run_id",
                    f"is {shown(run)}, which isn't one of your graded runs; copy one from the end of the feedback on "
                    "one of your labs.",
                )

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
                self.say(f"{place}.n", f"is {each.n}, which is too few to show much; use at least {MIN_CASES}.")
            low, high = wilson_interval(each.successes, each.n, each.confidence)
            if abs(each.interval[0] - low) > INTERVAL_OFF or abs(each.interval[1] - high) > INTERVAL_OFF:
                self.say(
                    f"{place}.interval",
                    f"is {each.interval[0]:g} to {each.interval[1]:g}, but Wilson's interval for {each.successes:,} of "
                    f"{each.n:,} at {each.confidence:.4g} is {low:.4f} to {high:.4f}.",
                )
            if chosen is not None and each.model_id != chosen:
                self.say(
                    f"{place}.model_id",
                    f"is {shown(each.model_id)}, but {shown(chosen)} is the chosen model; evaluate that one.",
                )
            if sampling is not None and each.temperature != sampling.temperature:
                self.say(
                    f"{place}.temperature",
                    f"is {each.temperature:g}, but the model will run at {sampling.temperature:g}; evaluate it at "
                    "that temperature.",
                )
        return found

    def _references(
        self, candidates: Sequence[Candidate], risks: Sequence[tuple[str, Risk]], decision: Decision | None
    ) -> None:
        # These ids include those of invalid entries, so a reference to such an entry isn't reported as a second
        # mistake.
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
            self.say(
                "decision.status", "is go, but no valid required evaluation supports it; evaluate the model first."
            )
        for each in required:
            low, _ = wilson_interval(each.successes, each.n, each.confidence)
            if low < each.threshold:
                self.say(
                    "decision.status",
                    f"is go, but evaluation {shown(each.id)} only shows a rate of at least {low:.4f}, and its "
                    f"threshold is {each.threshold:g}; choose limited_go or no_go, or evaluate more cases.",
                )


def _named(items: Any, key: str) -> list[str]:
    found = [each.get(key) for each in items if isinstance(each, dict)] if isinstance(items, list) else []
    return [each.strip() for each in found if isinstance(each, str)]


def _unresolved(ref: str, known: set[str]) -> str:
    return (
        f"names {shown(ref)}, but the packet has no such evidence; it has "
        f"{', '.join(shown(each) for each in sorted(known)[:12])}."
    )
