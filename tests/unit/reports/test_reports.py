"""A decision record as people read it: complete, the same every time, and safe against what it quotes."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace

import msgspec
import pytest

from skymarshal.domain.decision import DecisionOutcome, DecisionRecord
from skymarshal.reports import ReportFormat, compose, render
from skymarshal.reports.composing import fingerprint
from skymarshal.reports.document import Heading, Notice, TradeOffs
from tests.unit.reports.records import OUTCOMES, ending, full, manual_review

A4 = (595.2756, 841.8898)
EVERY_KIND = {
    "approved": full(),
    "selected": replace(
        full(), decision=replace(full().decision, outcome=DecisionOutcome.SELECTED, solution_id="S2")
    ),
    "overridden": ending(DecisionOutcome.OVERRIDDEN, instruction="Bus to Islamabad", reason="Road is clear"),
    "rejected": ending(DecisionOutcome.REJECTED, reason="Wait for the next forecast"),
    "expired": ending(DecisionOutcome.EXPIRED, approver="nobody", role=""),
    "manual review": manual_review(),
}


def markdown(record: DecisionRecord, outcomes=()) -> str:
    return render(record, outcomes, ReportFormat.MARKDOWN).decode()


def pdf_text(content: bytes) -> str:
    """Return the words of a PDF as its streams hold them."""
    pages = []
    for encoded in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        page = zlib.decompress(base64.a85decode(b"<~" + encoded.strip(), adobe=True))
        words = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", page)
        pages.append(b" ".join(words).decode("cp1252"))
    text = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), " ".join(pages))
    return " ".join(re.sub(r"\\([()\\])", r"\1", text).split())


def test_the_decision_comes_first_then_what_it_rests_on() -> None:
    document = compose(full())
    first = document.blocks[0]
    assert isinstance(first, Notice)
    assert first.title == "Approved as recommended by d.manager (duty-manager), 24 Nov 2026 15:19:00Z"
    assert first.text == "Delay EY241 to 23:45Z (+6:00)"
    assert [block.text for block in document.blocks if isinstance(block, Heading)] == [
        "Decision and reason",
        "What happened",
        "Options side by side",
        "What would change the ranking",
        "Limits that S1 was checked against",
        "Recovery plan of S1",
        "What was looked at and not offered",
        "What was not known, and what rests on unverified rules",
        "Timeline",
        "What the agents found",
        "Conflicts and how they were resolved",
        "Guidance and precedent",
        "Where it comes from",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "S1 (recommended, chosen) | S2",
        "| Cost | USD 37,784 (30,000 to 50,000) | USD 37,784 (30,000 to 50,000) |",
        "| Composite score | 80.4 to 85.2 | 71.0 |",
        "| Tightest limit | 1:15 to ORO.FTL.205(b)(1) Table 2 |",
        "Captain C1 may leave until 2026-11-25 01:00Z. (and 1 more with the same limit)",
        "CrewRoster C1 report=16:45Z",
        "| weight of safety | 0.40 | 0.62 | S2 with S1 |",
        "Weather LHE, rvr_m: no forecast covers 04:00Z",
        "- CAT.OP.MPA.110",
        "- Delays beyond 18:00 were not tried.",
        "The limit of regulatory holds.",
        "Weather: Fog",
        "| delay | 1 time | 1 of 1 as planned (100%) |",
        "| cancel | 1 time | no outcome known |",
        "* on the critical path, which takes 0:30.",
        "Phase 1, blind: 7 agents, 0.8 s in all",
        "The record lists 3 more candidates.",
    ],
)
def test_a_report_says_what_a_reader_asks_for(said: str) -> None:
    assert said in markdown(full()).replace("\\", "")


def test_pdf_and_markdown_say_the_same() -> None:
    printed = pdf_text(render(full(), OUTCOMES, ReportFormat.PDF))
    for said in (
        "Approved as recommended by d.manager (duty-manager)",
        "Options side by side",
        "ORO.FTL.205(b)(1)",
        "S2 with S1",
        "CAT.OP.MPA.110",
        "What became of it",
        "SHA-256 of the record",
        "Page 1 of",
    ):
        assert said in printed


@pytest.mark.parametrize("name", EVERY_KIND)
def test_every_kind_of_decision_prints_on_a4(name: str) -> None:
    content = render(EVERY_KIND[name], OUTCOMES, ReportFormat.PDF)
    assert content.startswith(b"%PDF-1.")
    boxes = {tuple(map(float, box.split()[2:])) for box in re.findall(rb"/MediaBox \[ ([\d. ]+) \]", content)}
    assert boxes == {A4}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("selected", "Another option selected by d.manager"),
        ("overridden", "Bus to Islamabad"),
        ("overridden", "its limits, cost and effects were not computed"),
        ("manual review", "Why no option was offered: It keeps"),
        ("approved", "Why S1 was recommended: It keeps"),
        ("rejected", "Wait for the next forecast"),
        ("expired", "Expired: nobody decided in time by nobody"),
        ("manual review", "Settle: the runway visual range at LHE."),
    ],
)
def test_a_report_tells_how_it_was_decided(name: str, said: str) -> None:
    assert said in markdown(EVERY_KIND[name]).replace("\\", "")


@pytest.mark.parametrize("name", ["overridden", "rejected", "expired", "manual review"])
def test_what_departs_from_the_computed_is_marked(name: str) -> None:
    first = compose(EVERY_KIND[name]).blocks[0]
    assert isinstance(first, Notice)
    assert first.alarming


def test_a_manual_review_draws_no_scores() -> None:
    assert not [block for block in compose(manual_review()).blocks if isinstance(block, TradeOffs)]


def test_an_unverified_profile_and_its_acknowledgement_are_told() -> None:
    whole = full()
    unverified = replace(
        whole, arbitration=replace(whole.arbitration, rule_profile="GCAA", rule_profile_verified=False)
    )
    assert "profile GCAA, NOT verified; not acknowledged by the approver" in markdown(unverified)


def test_outcomes_stand_beside_the_record_and_change_nothing_in_it() -> None:
    text = markdown(full(), OUTCOMES)
    assert "partly (superseded below)" in text
    assert "| **Delay** | 6:20 actual, 6:00 expected |" in text
    assert "The fog lifted an hour later than forecast." in text
    assert fingerprint(full()) in text
    assert fingerprint(full()) in markdown(full())


def test_json_holds_the_record_whole_and_the_outcomes() -> None:
    content = json.loads(render(full(), OUTCOMES, ReportFormat.JSON))
    assert msgspec.convert(content["record"], DecisionRecord) == full()
    assert [one["status"] for one in content["outcomes"]] == ["partly", "as_planned"]


@pytest.mark.parametrize("form", list(ReportFormat))
def test_the_same_record_gives_the_same_bytes(form: ReportFormat) -> None:
    assert render(full(), OUTCOMES, form) == render(full(), OUTCOMES, form)


HOSTILE = "</para><img src='x'/> [click](http://x) | # **bold** <script>\x00\x07\n\n# Approved \u0639\u0645"


def test_what_a_reporter_wrote_is_text_and_nothing_else() -> None:
    whole = full()
    quoted = replace(whole, disruption=replace(whole.disruption, description=HOSTILE))
    text = markdown(quoted)
    assert "<script>" not in text
    assert "[click](" not in text
    assert "\n# Approved" not in text
    assert text.count("\n## ") == markdown(whole).count("\n## ")
    printed = pdf_text(render(quoted, (), ReportFormat.PDF))
    assert "<imgsrc='x'/>" in printed.replace(" ", "")
    assert "\\u0639" in printed


def test_a_report_of_any_length_fits_its_pages() -> None:
    whole = full()
    long = "very long " * 6_000
    quoted = replace(
        whole,
        disruption=replace(whole.disruption, description=long),
        decision=replace(whole.decision, reason=long[:2_000]),
        arbitration=replace(
            whole.arbitration,
            rejected=tuple(replace(one, reason=long) for one in whole.arbitration.rejected),
            unknowns=tuple(replace(one, why=long) for one in whole.arbitration.unknowns),
            citations=tuple(replace(one, text=long) for one in whole.arbitration.citations),
        ),
    )
    printed = render(quoted, tuple(replace(one, lessons=long[:2_000]) for one in OUTCOMES), ReportFormat.PDF)
    assert printed.count(b"/Type /Page\n") <= 12
    assert json.loads(render(quoted, (), ReportFormat.JSON))["record"]["disruption"]["description"] == long


def test_an_option_whose_cost_is_unknown_is_drawn_without_it() -> None:
    whole = full()
    first, second = whole.arbitration.solutions
    record = replace(
        whole,
        arbitration=replace(whole.arbitration, solutions=(first, replace(second, cost_usd=None))),
    )
    (chart,) = [block for block in compose(record).blocks if isinstance(block, TradeOffs)]
    assert [cost is None for _, _, cost in chart.options] == [False, True]
    assert render(record, (), ReportFormat.PDF)
    assert "| Cost | USD 37,784 (30,000 to 50,000) | unknown |" in markdown(record)
