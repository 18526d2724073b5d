"""Readiness packets like the ones students write: a valid packet, packets with common mistakes, and valid
variations."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from autograder.testing.attachments import AttachmentExample
from reference.readiness.history import revised

# Placeholders in the valid packet: DAY for every date, and RUN for the graded run.
DAY, RUN = "2026-05-31", "run-20260531abcd"
_SOURCE = "source_url: https://models.example/prices"


class Edit(NamedTuple):
    """The texts to replace in the valid packet, each with its replacement. If the edit makes a mistake, `field` says
    where the problem is reported."""

    changes: Mapping[str, str]
    field: str = ""


MISTAKES = {
    "output tokens priced as input": Edit({"monthly_usd: 36.60": "monthly_usd: 24.60"}, "cost.monthly_usd"),
    "the bill for one day": Edit({"monthly_usd: 36.60": "monthly_usd: 1.22"}, "cost.monthly_usd"),
    "the price per thousand tokens": Edit(
        {"usd_per_mtok_in: 1.00": "usd_per_mtok_in: 0.001"}, "cost.prices.usd_per_mtok_in"
    ),
    "a price without its date": Edit({f"checked_on: {DAY}\n    {_SOURCE}": _SOURCE}, "cost.prices.checked_on"),
    "an old price": Edit(
        {f"checked_on: {DAY}\n    {_SOURCE}": f"checked_on: 2025-01-15\n    {_SOURCE}"}, "cost.prices.checked_on"
    ),
    "a sensitivity copied from the bill": Edit(
        {"monthly_usd: 51.60": "monthly_usd: 36.60"}, "cost.sensitivity[1].monthly_usd"
    ),
    "a rate without its interval": Edit({"    interval: [0.828, 0.918]\n": ""}, "evaluation[1].interval"),
    "an interval from another formula": Edit({"[0.828, 0.918]": "[0.835, 0.925]"}, "evaluation[1].interval"),
    "evaluated at another temperature": Edit(
        {"    temperature: 0.2\n    seed": "    temperature: 0\n    seed"}, "evaluation[1].temperature"
    ),
    "evaluated another model": Edit(
        {"    model_id: heron-2\n    temperature": "    model_id: dunnock-small\n    temperature"},
        "evaluation[1].model_id",
    ),
    "go below the threshold": Edit(
        {"    threshold: 0.8\n": "    threshold: 0.85\n", "status: limited_go": "status: go"}, "decision.status"
    ),
    "a risk without an owner": Edit({"    owner: Director\n": ""}, "risks[4].owner"),
    "a one-letter owner": Edit({"    owner: Director\n": "    owner: D\n"}, "risks[4].owner"),
    "a one-letter risk": Edit(
        {"    description: Somebody raises the temperature to get cleverer answers\n": "    description: x\n"},
        "risks[2].description",
    ),
    "a beginner mistake without a risk": Edit({"    mistake: 4\n": ""}, "risks"),
    "a run that was never graded": Edit({RUN: "run-20260531dcba"}, "lab_evidence.run_id"),
    "a risk rating off the scale": Edit({"    likelihood: 4\n": "    likelihood: 7\n"}, "risks[3].likelihood"),
    "evidence that is nowhere": Edit(
        {"evidence_refs: [E1, cost, R1]": "evidence_refs: [E7, cost, R1]"}, "decision.evidence_refs"
    ),
    "a future date": Edit({"  date: 2026-05-31": "  date: 2099-05-31"}, "decision.date"),
}
VARIANTS = {
    "prices in euros": Edit(
        {
            "    usd_per_mtok_in: 1.00\n    usd_per_mtok_out: 5.00\n": (
                "    per_mtok_in: 1.00\n    per_mtok_out: 5.00\n"
                "    currency:\n      code: EUR\n      usd_per_unit: 1.10\n"
                "      checked_on: 2026-05-31\n      source_url: https://rates.example/eur\n"
            ),
            "monthly_usd: 36.60": "monthly_usd: 40.26",
            "monthly_usd: 51.60": "monthly_usd: 56.76",
            "monthly_usd: 109.80": "monthly_usd: 120.78",
        }
    ),
    "a self-hosted model, billed by the hour": Edit(
        {
            "    requests_per_day: 400\n    input_tokens: 1800\n": "    hours: 720\n",
            "    output_tokens: 250\n    days: 30\n": "",
            "    usd_per_mtok_in: 1.00\n    usd_per_mtok_out: 5.00\n": "    usd_per_hour: 2.50\n",
            "monthly_usd: 36.60": "monthly_usd: 1800",
            "{output_tokens: 500}\n      monthly_usd: 51.60": "{hours: 360}\n      monthly_usd: 900",
            "{requests_per_day: 1200}\n      monthly_usd: 109.80": "{usd_per_hour: 3}\n      monthly_usd: 2160",
        }
    ),
    "a bill rounded to the cent": Edit(
        {
            "requests_per_day: 400": "requests_per_day: 333",
            "monthly_usd: 36.60": "monthly_usd: 30.47",
            "monthly_usd: 51.60": "monthly_usd: 42.96",
        }
    ),
    "several measures": Edit(
        {
            "    seed: 11\n    run_on: 2026-05-31\n": (
                "    seed: 11\n    run_on: 2026-05-31\n  - id: E2\n    metric: no wrong opening hour\n    n: 400\n"
                "    successes: 396\n    threshold: 0.97\n    interval: [0.975, 0.996]\n    dataset: all of May\n"
                "    model_id: heron-2\n    temperature: 0.2\n    seed: 12\n    run_on: 2026-05-31\n"
            )
        }
    ),
    "no go": Edit({"    threshold: 0.8\n": "    threshold: 0.95\n", "status: limited_go": "status: no_go"}),
}


def examples(day: date, run: str) -> Iterator[AttachmentExample]:
    """Yield the valid packet, its valid variations, and one packet for each mistake, with every date set to `day`."""
    yield AttachmentExample("that holds", packet(day, run))
    for name, edit in VARIANTS.items():
        yield AttachmentExample(name, packet(day, run, edit))
    for name, edit in MISTAKES.items():
        yield AttachmentExample(f"with {name}", packet(day, run, edit), edit.field)


def corrected(before: str, day: date, run: str) -> str:
    """Return the valid packet as the second revision, submitted after the packet `before`."""
    history = revised(before.encode()).partition("\nhistory:\n")[2]
    right = packet(day, run).replace("packet_version: 1", "packet_version: 2")
    return right.replace("history: []", f"history:\n{history}")


def packet(day: date, run: str, edit: Edit | None = None) -> str:
    """Return the valid packet with every date set to `day`, the graded run set to `run`, and the edit applied, if any.

    Raises ValueError if the text that the edit replaces isn't in the packet.
    """
    text = Path(__file__).with_name("attachments.yaml").read_text(encoding="utf-8")
    for before, after in edit.changes.items() if edit else ():
        if before not in text:
            raise ValueError(f"attachments.yaml doesn't contain {before!r}, the text that the edit replaces")
        text = text.replace(before, after)
    return text.replace(DAY, str(day)).replace(RUN, run)
