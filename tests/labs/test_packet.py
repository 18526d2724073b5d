"""The readiness packet: correct ones pass however they're written, and wrong ones get the sentence that helps."""

import copy
import json
import shutil
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.model import untrusted_yaml
from autograder.testing.attachments import AttachmentContext, AttachmentReport
from reference import readiness
from reference.readiness import arithmetic, packet
from reference.readiness.history import revised
from solutions.readiness.attachments import MISTAKES, VARIANTS, Edit
from solutions.readiness.attachments import packet as packet_of
from tests.commands import run_mastery
from tests.repository import ROOT

TEMPLATE = ROOT / "exercises" / "readiness" / "packet.yaml"
TODAY = date(2026, 11, 25)
# The graded run that the packets cite, and another student's run.
RUN, ANOTHERS = "run-17c0ffee0001", "run-17c0ffee0002"
SOURCE = {"checked_on": "2026-11-02", "source_url": "https://models.example/prices"}
Change = Callable[[dict[str, Any]], Any]

GOOD: dict[str, Any] = {
    "packet_version": 1,
    "use_case": {
        "title": "Draft answers for the help desk",
        "users": "40 help desk agents in Leeds",
        "decision_supported": "Which draft an agent sends, after reading it",
        "out_of_scope": "Anything sent to a customer without an agent",
    },
    "model_decision": {
        "candidates": [
            {"model_id": "wren-2", "provider": "Example AI", "context_window_tokens": 128_000, **SOURCE},
            {"model_id": "lark-1-small", "provider": "Other AI", "context_window_tokens": 32_000, **SOURCE},
        ],
        "chosen": "wren-2",
        "approach": "prompt",
        "reason": "Our questions change every week with the products, and a prompt can be changed the same day. "
        "Fine-tuning is quick and still has to be done again for every model and every change of the catalogue, while "
        "pre-training costs millions and would teach the model nothing about our products that a prompt cannot say.",
        "sampling": {
            "temperature": 0.2,
            "top_p": 0.95,
            "max_new_tokens": 400,
            "stop_ids": [2],
            "reason": "Answers should hardly vary, and not be the same for ever",
        },
    },
    "cost": {
        "assumptions": {
            "requests_per_day": 10_000,
            "input_tokens": 1_500,
            "output_tokens": 300,
            "days": 30,
            "source": "Ticket log of October, tokens counted in 200 tickets",
            "checked_on": "2026-11-03",
        },
        "prices": {"usd_per_mtok_in": 1.0, "usd_per_mtok_out": 5.0, **SOURCE},
        "monthly_usd": 900.0,
        "sensitivity": [
            {"change": {"output_tokens": 600}, "monthly_usd": 1350},
            {"change": {"requests_per_day": 20_000, "usd_per_mtok_out": 4}, "monthly_usd": 1620.00},
        ],
    },
    "risks": [
        {
            "id": f"R{number}",
            "mistake": number,
            "description": f"It takes pattern {number} for a fact",
            "likelihood": number,
            "impact": 6 - number,
            "mitigation": "An agent reads every draft",
            "owner": "Head of help desk",
            "evidence_ref": ref,
        }
        for number, ref in enumerate(["E1", "E1", RUN, "cost", "wren-2"], start=1)
    ],
    "evaluation": [
        {
            "id": "E1",
            "metric": "drafts that an agent would send unchanged",
            "n": 100,
            "successes": 81,
            "threshold": 0.7,
            "interval": [0.722, 0.875],
            "dataset": "100 tickets of October, drawn at random",
            "model_id": "wren-2",
            "temperature": 0.2,
            "seed": 7,
            "run_on": "2026-11-10",
        }
    ],
    "decision": {
        "status": "go",
        "date": "2026-11-20",
        "rationale": "The lower end lies above what the desk asked for, and the bill within its budget",
        "evidence_refs": ["E1", "cost", "R1"],
    },
    "lab_evidence": {"run_id": RUN, "lessons_learned": "A low temperature is not no temperature"},
    "history": [],
}


def text_of(value: Any) -> bytes:
    value = json.loads(json.dumps(value))  # otherwise a value that occurs twice is dumped as an alias
    return yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()


def changed(*changes: Change, of: dict[str, Any] = GOOD) -> dict[str, Any]:
    made = copy.deepcopy(of)
    for change in changes:
        change(made)
    return made


def put(path: str, value: Any) -> Change:
    """Set the value at a path such as evaluation.0.n."""

    def change(value_at: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = value_at
        for part in way:
            place = place[part]
        place[last] = value

    return change


def drop(path: str) -> Change:
    def change(value_at: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = value_at
        for part in way:
            place = place[part]
        del place[last]

    return change


def reading(value: Any, before: Any = None) -> AttachmentReport:
    return read(text_of(value), None if before is None else text_of(before))


def read(
    content: bytes, before: bytes | None = None, runs: frozenset[str] | None = frozenset({RUN})
) -> AttachmentReport:
    """Read the packet of a student who has these graded runs and submitted a different packet before."""
    text = None if before is None else before.decode("utf-8", "replace")
    return packet.read(content, AttachmentContext(on=TODAY, before=text, runs=runs))


def said(value: Any, before: Any = None) -> list[str]:
    return [f"{each.field} {each.sentence}" for each in reading(value, before).problems]


# --- right ones


def foreign(packet: dict[str, Any]) -> None:
    currency = {"code": "EUR", "usd_per_unit": 1.08, "checked_on": "2026-11-02", "source_url": "https://ecb.example/r"}
    packet["cost"]["prices"] = {"per_mtok_in": 1.0, "per_mtok_out": 5.0, "currency": currency, **SOURCE}
    packet["cost"]["monthly_usd"] = 972.0
    packet["cost"]["sensitivity"] = [
        {"change": {"usd_per_unit": 1.2}, "monthly_usd": 1080},
        {"change": {"per_mtok_out": 4}, "monthly_usd": 874.8},
    ]


def hosted_by_oneself(packet: dict[str, Any]) -> None:
    packet["cost"] = {
        "assumptions": {"hours": 2 * 720, "source": "Two GPUs, day and night", "checked_on": "2026-11-03"},
        "prices": {"usd_per_hour": 2.49, **SOURCE},
        "monthly_usd": 3585.6,
        "sensitivity": [
            {"change": {"hours": 720}, "monthly_usd": 1792.8},
            {"change": {"usd_per_hour": 3.0}, "monthly_usd": 4320},
        ],
    }


def several_metrics(packet: dict[str, Any]) -> None:
    more = {"id": "E2", "metric": "no wrong price", "n": 400, "successes": 396, "threshold": 0.97}
    packet["evaluation"].append({**packet["evaluation"][0], **more, "interval": [0.9746, 0.9961]})
    wish = {"id": "E3", "metric": "friendly", "threshold": 0.95, "required": False}
    packet["evaluation"].append({**packet["evaluation"][0], **wish})


def to_the_cent(packet: dict[str, Any]) -> None:
    packet["cost"]["assumptions"]["requests_per_day"] = 333
    packet["cost"]["prices"]["usd_per_mtok_in"] = 0.777
    packet["cost"]["monthly_usd"] = 26.63  # 26.62835…
    packet["cost"]["sensitivity"] = [
        {"change": {"days": 31}, "monthly_usd": 27.52},
        {"change": {"days": 28}, "monthly_usd": 24.85},
    ]


def with_its_own_source_for_the_lessons_model(packet: dict[str, Any]) -> None:
    put("model_decision.candidates.0.model_id", "claude-haiku-4-5-20251001")(packet)
    put("model_decision.chosen", "claude-haiku-4-5-20251001")(packet)
    put("evaluation.0.model_id", "claude-haiku-4-5-20251001")(packet)
    put("risks.4.evidence_ref", "claude-haiku-4-5-20251001")(packet)


def a_risk_from_a_lab(packet: dict[str, Any]) -> None:
    risk = {key: value for key, value in packet["risks"][0].items() if key != "mistake"}
    packet["risks"].append({**risk, "id": "R6", "owner": "QA"})


RIGHT: list[Change] = [
    lambda packet: None,
    a_risk_from_a_lab,
    put("risks.0.description", "Drafts sound certain"),
    foreign,
    hosted_by_oneself,
    several_metrics,
    to_the_cent,
    with_its_own_source_for_the_lessons_model,
    drop("history"),
    put("evaluation.0.interval", [0.7222, 0.8749]),
    put("lab_evidence.lessons_learned", ["one", "and two"]),
    put("model_decision.sampling.stop_ids", []),
    put("decision.date", "2026-11-25"),
    put("decision.date", "2026-08-27"),  # 90 days
    lambda packet: (put("evaluation.0.threshold", 0.85)(packet), put("decision.status", "limited_go")(packet)),
    lambda packet: (put("evaluation.0.threshold", 0.95)(packet), put("decision.status", "no_go")(packet)),
    lambda packet: packet["evaluation"][0].update(confidence=0.9, interval=[0.7372, 0.8658]),
]


@pytest.mark.parametrize("change", RIGHT)
def test_right_packets_pass(change: Change) -> None:
    assert said(changed(change)) == []


def test_the_authors_example_is_valid_and_each_of_its_mistakes_is_reported_in_place() -> None:
    def fields(edit: Edit | None) -> list[str]:
        return [each.field for each in read(packet_of(TODAY, RUN, edit).encode()).problems]

    assert fields(None) == []
    assert {name: fields(edit) for name, edit in VARIANTS.items()} == {name: [] for name in VARIANTS}
    for name, edit in MISTAKES.items():
        assert edit.field in fields(edit), name


def test_a_packet_as_a_person_writes_it() -> None:
    """Dates without quotes, comments, exponents, multi-line text, CRLF."""
    text = text_of(GOOD).decode().replace("'2026-11-02'", "2026-11-02 # looked up again")
    assert "2026-11-02 # looked" in text
    text = text.replace("n: 100\n", "n: 1_00\n").replace("users: 40 help", "users: |\n    40 help")
    assert read(text.encode()).problems == []
    assert read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()).problems == []


# --- wrong ones, as found in LABS and in real packets


def go_below_the_threshold(packet: dict[str, Any]) -> None:
    packet["evaluation"][0]["threshold"] = 0.85


def all_of_20_without_an_interval(packet: dict[str, Any]) -> None:
    packet["evaluation"][0].update(metric="100 % accurate", n=20, successes=20)
    del packet["evaluation"][0]["interval"]


def all_of_20(packet: dict[str, Any]) -> None:
    packet["evaluation"][0].update(n=20, successes=20, interval=[1.0, 1.0])


def the_lessons_model_without_a_source(packet: dict[str, Any]) -> None:
    with_its_own_source_for_the_lessons_model(packet)
    packet["model_decision"]["candidates"][0]["source_url"] = "https://school.example/tutorials/llm-mastery/beginner/02"


WRONG: dict[str, tuple[Change, list[str]]] = {
    "list price per 1K tokens": (
        lambda p: p["cost"]["prices"].update(usd_per_mtok_in=0.001, usd_per_mtok_out=0.005),
        ["cost.prices.usd_per_mtok_in is 0.001, which looks like a price per thousand tokens"],
    ),
    "bill at prices per 1K tokens": (
        put("cost.monthly_usd", 900_000),
        [
            "cost.monthly_usd is 900,000.00 USD, but the numbers above come to 900.00 USD; the price was treated as "
            "a price per thousand tokens."
        ],
    ),
    "output tokens priced as input": (
        put("cost.monthly_usd", 540),
        ["come to 900.00 USD; the output tokens were charged at the input price."],
    ),
    "one day": (put("cost.monthly_usd", 30), ["come to 900.00 USD; that's what one day costs."]),
    "two cents off": (put("cost.monthly_usd", 900.02), ["cost.monthly_usd is 900.02 USD, but the numbers above"]),
    "evaluated another model": (
        put("evaluation.0.model_id", "lark-1-small"),
        ["evaluation[1].model_id is “lark-1-small”, but “wren-2” is the chosen model"],
    ),
    "evaluated at another temperature": (
        put("evaluation.0.temperature", 0),
        ["evaluation[1].temperature is 0, but the model will run at 0.2"],
    ),
    "20 of 20 without an interval": (
        all_of_20_without_an_interval,
        ["evaluation[1].interval is missing: a pass rate doesn't show how certain it is"],
    ),
    "20 of 20": (
        all_of_20,
        [
            "evaluation[1].n is 20, which is too few to show much; use at least 30.",
            "evaluation[1].interval is 1 to 1, but Wilson's interval for 20 of 20 at 0.95 is 0.8389 to 1.0000.",
        ],
    ),
    "go with the interval below the threshold": (
        go_below_the_threshold,
        ["decision.status is go, but evaluation “E1” only shows a rate of at least 0.7222, and its threshold is 0.85"],
    ),
    "go with nothing required": (
        put("evaluation.0.required", False),
        ["decision.status is go, but no valid required evaluation supports it"],
    ),
    "undated price": (
        drop("cost.prices.checked_on"),
        ["cost.prices.checked_on is missing: a figure without a date can't be checked again."],
    ),
    "unsourced price": (drop("cost.prices.source_url"), ["cost.prices.source_url is missing: a reader has to be able"]),
    "the example's model, with the lesson as its source": (
        the_lessons_model_without_a_source,
        ["model_decision.candidates[1].model_id holds the lesson's own example (claude-haiku-4-5-20251001)"],
    ),
    "the example's layers": (
        put("risks.0.description", "GPT-4 has 120+ layers"),
        ["risks[1].description holds the lesson's own example (GPT-4 with more than 120 layers)"],
    ),
    "the example's vocabulary": (
        put("decision.rationale", "It chooses among ~50,000 possible next tokens"),
        ["decision.rationale holds the lesson's own example (about 50,000 tokens)"],
    ),
    "risk without an owner": (
        drop("risks.1.owner"),
        ["risks[2].owner is missing: nobody watches a risk that nobody owns."],
    ),
    "owner to be found": (put("risks.1.owner", "TBD"), ["risks[2].owner is still a placeholder; fill it in."]),
    "four risks": (lambda p: p["risks"].pop(), ["risks has only 4 of the 5 required entries."]),
    "description of one letter": (
        put("risks.1.description", "x"),
        ["risks[2].description is “x”; say in at least three words what could happen, and to whom."],
    ),
    "description of single letters": (
        put("risks.1.description", "a b c d"),
        ["risks[2].description is “a b c d”; say"],
    ),
    "mitigation of one letter": (
        put("risks.1.mitigation", "."),
        ["risks[2].mitigation is still a placeholder; fill it in."],
    ),
    "owner of one letter": (
        put("risks.1.owner", "x"),
        ["risks[2].owner is “x”; write at least one word, so that a reader knows what you mean."],
    ),
    "rationale of one letter": (put("decision.rationale", "y"), ["decision.rationale is “y”; write at least one word"]),
    "a beginner mistake without a risk": (
        drop("risks.1.mistake"),
        ["risks include none for beginner mistake 2 (“a higher temperature makes it smarter”); add mistake: 2 to the"],
    ),
    "five risks of one beginner mistake": (
        lambda p: [risk.update(mistake=4) for risk in p["risks"]],
        ["risks include none for beginner mistake 1 (“it understands meaning”), 2 (“a higher", "5 (“it picks the best"],
    ),
    "a sixth beginner mistake": (put("risks.4.mistake", 6), ["risks[5].mistake is 6; write at most 5."]),
    "somebody else's run": (
        lambda p: (put("lab_evidence.run_id", ANOTHERS)(p), put("risks.2.evidence_ref", ANOTHERS)(p)),
        [f"lab_evidence.run_id is “{ANOTHERS}”, which isn't one of your graded runs; copy one from the end of the"],
    ),
    "not a run id": (
        lambda p: (put("lab_evidence.run_id", "run-17")(p), put("risks.2.evidence_ref", "run-17")(p)),
        ["lab_evidence.run_id is “run-17”; the id of a graded run is run- followed by 12 characters"],
    ),
    "score out of range": (put("risks.0.impact", 6), ["risks[1].impact is 6; write at most 5."]),
    "score with a half": (put("risks.0.impact", 2.5), ["risks[1].impact is 2.5; write a whole number"]),
    "sensitivity not recomputed": (
        put("cost.sensitivity.0.monthly_usd", 900),
        [
            "cost.sensitivity[1].monthly_usd is 900.00 USD, which is the cost without the change; "
            "with the change, it's 1,350.00 USD."
        ],
    ),
    "sensitivity in words": (
        put("cost.sensitivity.0.change", "twice the output"),
        ["cost.sensitivity[1].change is “twice the output”; write names and numbers"],
    ),
    "sensitivity to nothing": (
        put("cost.sensitivity.0.change", {"output_tokens": 300}),
        ["cost.sensitivity[1].change changes nothing"],
    ),
    "sensitivity to an unknown name": (
        put("cost.sensitivity.0.change", {"tokens": 300}),
        ["cost.sensitivity[1].change names “tokens”, but it can only change requests_per_day, input_tokens,"],
    ),
    "one sensitivity": (
        lambda p: p["cost"]["sensitivity"].pop(),
        ["cost.sensitivity has only 1 of the 2 required entries."],
    ),
    "future date": (
        put("evaluation.0.run_on", "2026-11-26"),
        ["evaluation[1].run_on is 2026-11-26, which is in the future: the packet is read on 2026-11-25."],
    ),
    "old date": (
        put("cost.prices.checked_on", "2026-08-26"),
        ["cost.prices.checked_on is 2026-08-26, 91 days before the packet is read (2026-11-25)"],
    ),
    "not a date": (
        put("decision.date", "2026-02-30"),
        ["decision.date is “2026-02-30”, which isn't a date; write it like 2026-05-31."],
    ),
    "another date format": (
        put("decision.date", "25.11.2026"),
        ["decision.date is “25.11.2026”, which isn't a date"],
    ),
    "one candidate": (
        lambda p: p["model_decision"]["candidates"].pop(),
        ["model_decision.candidates has only 1 of the 2 required entries."],
    ),
    "the same candidate twice": (
        put("model_decision.candidates.1.model_id", "wren-2"),
        ["model_decision.candidates share the name “wren-2”; each entry needs its own"],
    ),
    "chosen isn't a candidate": (
        put("model_decision.chosen", "robin"),
        ["model_decision.chosen is “robin”, which isn't any candidate's model_id."],
    ),
    "short reason": (
        put("model_decision.reason", "It is cheap."),
        ["model_decision.reason has 3 words; use at least 40 to say why"],
    ),
    "approach": (
        put("model_decision.approach", "train"),
        ["model_decision.approach is “train”; write one of these: 'prompt', 'fine_tune' or 'pretrain'."],
    ),
    "missing evidence": (
        put("risks.0.evidence_ref", "E9"),
        ["risks[1].evidence_ref names “E9”, but the packet has no such evidence; it has “E1”, “cost”"],
    ),
    "decision without evidence": (
        put("decision.evidence_refs", []),
        ["decision.evidence_refs is a list of length 0; write at least 1"],
    ),
    "decision on missing evidence": (
        put("decision.evidence_refs", ["E1", "R9"]),
        ["decision.evidence_refs names “R9”"],
    ),
    "more successes than cases": (put("evaluation.0.successes", 101), ["evaluation[1].successes is 101, more than"]),
    "the same id twice": (put("risks.1.id", "R1"), ["risks share the name “R1”; each entry needs its own"]),
    "a number with commas": (
        put("cost.assumptions.requests_per_day", "10,000"),
        ["cost.assumptions.requests_per_day is “10,000”; write a number, without a unit or commas."],
    ),
    "a price with its unit": (
        put("cost.prices.usd_per_mtok_in", "$1"),
        ["cost.prices.usd_per_mtok_in is “$1”; write a number"],
    ),
    "infinite": (put("cost.monthly_usd", 1e400), ["cost.monthly_usd is"]),
    "misspelled": (
        lambda p: p["use_case"].update(user=p["use_case"].pop("users")),
        [
            "use_case.users is missing; add it.",
            "use_case.user isn't a field in this part of the packet; did you mean users?",
        ],
    ),
    "empty": (put("use_case.title", None), ["use_case.title is still empty; fill it in."]),
    "a part is missing": (drop("decision"), ["decision is missing; add it."]),
    "a part is text": (
        put("use_case", "help desk"),
        ["use_case is “help desk”; write these fields"],
    ),
    "not a web address": (put("cost.prices.source_url", "the web"), ["cost.prices.source_url isn't a web address"]),
    "currency without a rate": (
        lambda p: (foreign(p), p["cost"]["prices"]["currency"].pop("usd_per_unit")),
        ["cost.prices.currency.usd_per_unit is missing; add it."],
    ),
    "currency not converted": (
        lambda p: (foreign(p), put("cost.monthly_usd", 900)(p)),
        ["come to 972.00 USD; the amount wasn't converted to dollars."],
    ),
    "version 0": (put("packet_version", 0), ["packet_version is 0; it counts the revisions"]),
    "version 3 without a history": (
        put("packet_version", 3),
        ["history is empty. For revision 3, it has to hold revisions 1 to 2, unchanged and in order."],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_packets_are_refused_by_the_sentence_that_helps(name: str) -> None:
    change, sentences = WRONG[name]
    found = said(changed(change))
    for sentence in sentences:
        assert any(sentence in each for each in found), found


ALONE = [
    *("bill at prices per 1K tokens", "evaluated another model", "evaluated at another temperature", "undated price"),
    *("go with the interval below the threshold", "risk without an owner", "sensitivity not recomputed", "future date"),
    *("description of one letter", "owner of one letter", "a beginner mistake without a risk", "somebody else's run"),
    *("old date", "missing evidence", "four risks", "empty", "short reason", "two cents off", "not a date"),
]


@pytest.mark.parametrize("name", ALONE)
def test_one_mistake_is_reported_once(name: str) -> None:
    assert len(said(changed(WRONG[name][0]))) == 1


def test_the_template_is_refused_for_what_is_empty_and_nothing_else() -> None:
    found = read(TEMPLATE.read_bytes())
    assert found.revision == 1
    assert {each.field for each in found.problems} > {"use_case.title", "cost.monthly_usd", "evaluation[1].interval"}
    others = [each for each in found.problems if "is still empty" not in each.sentence]
    assert [(each.field, each.sentence) for each in others] == [
        ("decision.evidence_refs", "is a list of length 0; write at least 1.")
    ]


def test_nobody_can_tell_whose_a_run_is_before_the_packet_is_graded() -> None:
    found = read(
        text_of(changed(put("lab_evidence.run_id", ANOTHERS), put("risks.2.evidence_ref", ANOTHERS))), runs=None
    )
    assert (found.problems, found.when_graded) == ([], ["lab_evidence.run_id"])
    assert read(text_of(GOOD)).when_graded == []


# --- the arithmetic is the lab's own


def test_the_interval_is_the_references() -> None:
    for successes, n, confidence in [(0, 30, 0.95), (30, 30, 0.99), (81, 100, 0.8), (7, 900, 0.95)]:
        wanted = [each.item() for each in readiness.wilson_interval(successes, n, confidence)]
        assert arithmetic.wilson_interval(successes, n, confidence) == pytest.approx(wanted, abs=1e-12)


@given(
    requests=st.integers(1, 10**6),
    tokens=st.tuples(st.integers(0, 10**5), st.integers(0, 10**5)),
    prices=st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)),
    days=st.integers(1, 31),
)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_cost_is_the_references(
    requests: int, tokens: tuple[int, int], prices: tuple[float, float], days: int
) -> None:
    cost = readiness.monthly_cost_usd(requests, *tokens, *prices, days).item()
    made = changed(
        lambda p: p["cost"]["assumptions"].update(
            requests_per_day=requests, input_tokens=tokens[0], output_tokens=tokens[1], days=days
        ),
        lambda p: p["cost"]["prices"].update(usd_per_mtok_in=prices[0], usd_per_mtok_out=prices[1]),
        put("cost.monthly_usd", round(cost, 2)),
    )
    assert not [each for each in said(made) if each.startswith("cost.monthly_usd")]
    made["cost"]["monthly_usd"] = cost + 0.03
    assert [each for each in said(made) if each.startswith("cost.monthly_usd")]


# --- revisions


def second() -> dict[str, Any]:
    """The next revision of the good packet, with a different number of requests."""
    made: dict[str, Any] = yaml.load(revised(text_of(GOOD)), yaml.CSafeLoader)
    made["cost"]["assumptions"]["requests_per_day"] = 20_000
    made["cost"]["monthly_usd"] = 1800
    made["cost"]["sensitivity"][0]["monthly_usd"] = 2700
    made["cost"]["sensitivity"][1] = {"change": {"days": 31}, "monthly_usd": 1860}
    return made


def test_a_revision_keeps_the_one_before_and_says_what_is_different() -> None:
    found = reading(second(), before=GOOD)
    assert found.problems == []
    assert found.revision == 2
    assert "cost.monthly_usd: 900.0 → 1800" in found.changes
    assert "cost.assumptions.requests_per_day: 10000 → 20000" in found.changes
    assert not [line for line in found.changes if "use_case" in line or "packet_version" in line]


def test_entries_are_compared_by_their_ids() -> None:
    made = second()
    made["risks"].insert(0, {**made["risks"][0], "id": "R0"})
    del made["risks"][-1]
    changes = [line for line in reading(made).changes if line.startswith("risks")]
    assert {line.partition("]")[0] for line in changes} == {"risks[R0", "risks[R5"}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: changed(put("use_case.title", "Another")), "packet_version is still 1, but the packet has changed"),
        (
            lambda: changed(put("history.0.cost.monthly_usd", 1), of=second()),
            "history[1] isn't the revision that was handed in; keep earlier revisions unchanged.",
        ),
        (lambda: changed(put("history", []), of=second()), "history[1] is missing; keep earlier revisions"),
    ],
)
def test_what_was_handed_in_before_stays(make: Callable[[], dict[str, Any]], says: str) -> None:
    assert any(says in each for each in said(make(), before=GOOD))


def test_a_revision_does_not_go_back() -> None:
    assert any("revision 2 was handed in before" in each for each in said(GOOD, before=second()))


def test_the_same_packet_again_is_no_change() -> None:
    assert said(GOOD, before=GOOD) == said(second(), before=second()) == []


@pytest.mark.parametrize("numbers", [[2], [1, 1], [2, 1], [1, 2, 3], ["1", 2], [None, 2]])
def test_the_history_holds_each_earlier_revision_once_in_order(numbers: list[Any]) -> None:
    made = changed(put("packet_version", 3), put("history", [{"packet_version": each} for each in numbers]))
    assert any(each.startswith("history holds") for each in said(made))


@pytest.mark.parametrize(
    "text",
    [
        text_of(GOOD),
        TEMPLATE.read_bytes(),
        text_of({key: value for key, value in GOOD.items() if key != "history"}),
        b"packet_version: 4 # four\nuse_case:\n  title: |\n    # no comment\n\n    text\nhistory: # earlier\n"
        b"- packet_version: 1\n- packet_version: 2\n- packet_version: 3\n",
        b"packet_version: 1\r\nuse_case: {title: x}\r\nhistory: []\r\n",
        text_of(GOOD).replace(b"history: []\n", b"history: []"),
    ],
)
def test_the_next_revision_holds_this_one_unchanged(text: bytes) -> None:
    value = untrusted_yaml.load(text)
    history = value.pop("history", [])
    for _ in range(2):
        made = revised(text)
        new = untrusted_yaml.load(made.encode())
        assert new.pop("history") == [*history, value]
        assert new == {**value, "packet_version": value["packet_version"] + 1}
        text, value, history = made.encode(), new, [*history, value]


@pytest.mark.parametrize(
    "text", [b"{packet_version: 1}", b"packet_version: one\n", b"- 1", b"a: [", b"", b"packet_version: 1\nhistory: 3\n"]
)
def test_what_cannot_be_continued_stays_as_it_is(text: bytes) -> None:
    with pytest.raises(untrusted_yaml.UnreadableYaml):
        revised(text)


# --- hostile ones


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"a: &a [x]\nb: [*a, *a]", "Line 2 refers to a value elsewhere (*a); write the value itself."),
        (b"a: !!python/object/apply:os.system [ls]", "Line 1 has a tag"),
        (b"a: 1\nb: 2\na: 3", "Line 3 repeats the key a; keep only one of the two."),
        (b"1: a", "Line 1 has a key that isn't text"),
        (b"[" * 100_000, "nested more than 20 levels deep"),
        (b"a: " + b"x" * (128 * 1024), "It's larger than 128 KiB"),
        (b"- 1\n" * 10_000, "It has more than 8,000 values"),
        (b"a:\n\t- b", "Line 2 isn't valid YAML"),
        (b"\xff\xfe", "It isn't UTF-8 text"),
        (b"a: \0", "It isn't valid YAML"),
        (b"", "It holds nothing; a packet has the fields packet_version, use_case,"),
        (b"just words", "It holds only"),
        (b"a: 1\n---\nb: 2", "isn't valid YAML"),
    ],
)
def test_hostile_bytes_are_one_sentence(text: bytes, says: str) -> None:
    start = time.monotonic()
    (problem,) = read(text).problems
    assert time.monotonic() - start < 5
    assert problem.field == "packet.yaml"
    assert says in problem.sentence


odd = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["2026-11-20", "https://a.example/x", "E1", "wren-2", "go", "\ud800", "\x1b[2J", "x" * 5000])
)
values = st.recursive(
    odd, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*way, key))
    return found


def is_sense(found: AttachmentReport) -> None:
    """Assert that there are only sentences that can be stored and printed, on lines of reasonable length."""
    json.loads(found.model_dump_json())
    for each in found.problems:
        assert each.field
        assert each.sentence.endswith((".", "?")), each
        assert len(each.sentence) < 1500
        assert "Traceback" not in each.sentence
        assert "pydantic" not in each.sentence
        assert "write something else" not in each.sentence, each


@pytest.mark.proof
@given(edits=st.lists(st.tuples(st.sampled_from(places(second())), values), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_value_of_a_field_is_answered_in_sentences(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    made = second()
    for way, value in edits:
        place: Any = made
        try:
            for part in way[:-1]:
                place = place[part]
            place[way[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    text = json.dumps(made).encode()
    is_sense(read(text, before=text_of(GOOD)))
    is_sense(read(text_of(GOOD), before=text))


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.text("[]{}:,-?&*!|>'\"%@`#~ \n\tabc019._", max_size=200).map(str.encode)
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_bytes_are_answered_in_sentences(content: bytes) -> None:
    is_sense(read(content, before=content))


@given(cut=st.integers(0, 6_000), noise=st.binary(max_size=6))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_a_packet_that_is_damaged_is_answered_in_sentences(cut: int, noise: bytes) -> None:
    text = text_of(second())
    is_sense(read(text[:cut] + noise + text[cut:]))
    is_sense(read(text[:cut] + noise))


# --- the command


def test_the_command_says_what_it_reads_and_how_it_went(tmp_path: Path) -> None:
    path = tmp_path / "packet.yaml"
    path.write_bytes(text_of(GOOD))
    used = run_mastery("packet", "packet.yaml", "--on", "2026-11-25", cwd=tmp_path)
    assert used.returncode == 0, used.stdout + used.stderr
    assert "only checks format and arithmetic" in used.stdout
    assert "lab_evidence.run_id: checked during grading" in used.stdout
    assert "whether your sources are real" in " ".join(used.stdout.split())
    path.write_bytes(text_of(changed(put("use_case.title", "\x1b[2J [bold]x"), put("cost.monthly_usd", 1))))
    used = run_mastery("packet", "packet.yaml", "--on", "2026-11-25", cwd=tmp_path)
    assert used.returncode == 1
    assert "cost.monthly_usd is 1.00 USD" in used.stdout
    assert "\x1b" not in used.stdout


def test_the_command_in_json(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes(text_of(second()))
    (tmp_path / "old.yaml").write_bytes(text_of(GOOD))
    used = run_mastery("packet", "p.yaml", "--on", "2026-11-25", "--before", "old.yaml", "--json", cwd=tmp_path)
    assert used.returncode == 0
    assert json.loads(used.stdout)["revision"] == 2
    used = run_mastery("packet", "p.yaml", "--on", "2027-11-25", "--json", cwd=tmp_path)
    assert used.returncode == 1
    assert {"field", "sentence"} == set(json.loads(used.stdout)["problems"][0])


def test_the_command_on_what_is_not_there(tmp_path: Path) -> None:
    for words in (["missing.yaml"], ["missing.yaml", "--revise"], ["."]):
        used = run_mastery("packet", *words, cwd=tmp_path)
        assert (used.returncode, used.stdout) == (2, "")
        assert len(used.stderr.strip().splitlines()) == 1


def test_the_command_starts_the_next_revision(tmp_path: Path) -> None:
    shutil.copyfile(TEMPLATE, tmp_path / "packet.yaml")
    used = run_mastery("packet", "packet.yaml", "--revise", cwd=tmp_path)
    assert used.returncode == 1
    assert "revision 2" in used.stdout
    assert "# The enterprise readiness packet" in (tmp_path / "packet.yaml").read_text("utf-8")
    (tmp_path / "packet.yaml").write_text("a: [", encoding="utf-8")
    used = run_mastery("packet", "packet.yaml", "--revise", cwd=tmp_path)
    assert used.returncode == 2
    assert "wasn't changed" in used.stderr
    assert (tmp_path / "packet.yaml").read_text("utf-8") == "a: ["
