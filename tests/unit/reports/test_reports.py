"""A decision record as people read it: complete, the same every time, and safe against what it quotes."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
import zlib
from dataclasses import replace

import msgspec
import pytest

from skymarshal.domain.decision import DecisionOutcome, DecisionRecord
from skymarshal.reports import Document, ReportFormat, compose, render
from skymarshal.reports.composing import fingerprint
from skymarshal.reports.document import Bullets, Facts, Heading, Notice, Paragraph, Table, TradeOffs
from skymarshal.reports.letters import marked_up
from skymarshal.reports.pdf import render_pdf
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


def pdf_pages(content: bytes) -> list[list[str]]:
    """Return the pieces of text on each page of a PDF, in the order in which they are drawn."""
    pages = []
    for encoded in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            page = zlib.decompress(base64.a85decode(b"<~" + encoded.strip(), adobe=True))
        except ValueError:  # an embedded font
            continue
        words = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", page)
        pages.append([_unescaped(word.decode("cp1252")) for word in words])
    return pages


def _unescaped(text: str) -> str:
    text = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), text)
    return re.sub(r"\\([()\\])", r"\1", text)


def pdf_text(content: bytes) -> str:
    return " ".join(" ".join(" ".join(page) for page in pdf_pages(content)).split())


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
        "Limits checked for S1",
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
        "| crew compliance | Captain C1 has to be replaced. (and 1 more alike) | ORO.FTL.205(b)(1) Table 2 |",
        "Weather: Fog",
        "| delay | 1 time | 1 of 1 as planned (100%) |",
        "| cancel | 1 time | no outcome known |",
        "* on the critical path, which takes 0:30.",
        "Phase 1, blind: 7 agents, 0.8 s in all",
        "| Candidate 14 | Breaks limit 14. | ORO.FTL.205(b)(1) Table 2 |",
        "| Connecting flights held | - | 1 |",
        "| Rerouted from the origin | - | 3 |",
        "| Delay of later flights | 8:20 | - |",
        "| Gates blocked | - | 2 gates |",
        "| Flights that wait | - | EY283-2026-11-24 until 24 Nov 15:45Z |",
        "| Lands on the way at | - | ISB 24 Nov 16:15Z to 24 Nov 17:15Z, charges USD 2,400 |",
        "| Reserve crew | - | C900 for C101<br>C901 for C102 |",
        "| S1 | Keeps the tail and the crew.<br>Nobody misses a connection. | A delay of 6:00. |",
        "| likely cost in USD of S1 | 37,784 | 90,000 | S2 with S1 |",
        "Times are UTC, marked Z. Durations are in hours and minutes: 0:50 is 50 minutes.",
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
    assert [text for page in pdf_pages(content) for text in page if text.startswith("Page ")] == [
        f"Page {number} of {len(pdf_pages(content))}" for number in range(1, len(pdf_pages(content)) + 1)
    ]
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
        ("approved", "Recovery plan of S1\n"),
        ("overridden", "Recovery plan of S1, which was not taken"),
        ("rejected", "Limits checked for S1, which was not taken"),
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


SCRIPTS = {
    "Arabic": ("العطل الفني", b"NotoSansArabic"),
    "Hebrew": ("דליפה", b"Heebo"),
    "Cyrillic": ("утечка", b"NotoSans-Regular"),
    "Greek": ("διαρροή", b"NotoSans-Regular"),
    "Polish": ("zażółć gęślą jaźń", b"NotoSans-Regular"),
    "Thai": ("รั่ว", b"NotoSansThai"),
    "Chinese": ("液压泄漏", b"STSong-Light"),
    "Japanese": ("油圧漏れ", b"HeiseiKakuGo-W5"),
    "Korean": ("유압 누출", b"HYGothic-Medium"),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_text_is_printed_in_the_letters_of_its_script(script: str) -> None:
    words, font = SCRIPTS[script]
    whole = full()
    quoted = replace(whole, disruption=replace(whole.disruption, description=f"{words} & <b>"))
    printed = render(quoted, (), ReportFormat.PDF)
    assert font in printed
    assert "\\u" not in pdf_text(printed)
    assert render(quoted, (), ReportFormat.PDF) == printed


def test_arabic_letters_are_joined_and_set_from_right_to_left() -> None:
    marked = marked_up("Crew: عطل A6-BLA")
    letters = re.search(r">([^<]+)</font>", marked)[1]
    assert [unicodedata.name(one).rpartition(" ")[0] for one in letters.strip()] == [
        "ARABIC LETTER LAM FINAL",
        "ARABIC LETTER TAH MEDIAL",
        "ARABIC LETTER AIN INITIAL",
    ]
    assert marked.index("Crew") < marked.index("<font") < marked.index("A6-BLA")


def test_a_letter_that_no_font_has_stands_as_its_code_point() -> None:
    assert marked_up("\u0d05 <i>") == "\\u0d05 &lt;i&gt;"


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


ROWS = tuple((f"K{number}", "some value") for number in range(30))
FOLLOWERS = {
    "short table": (Table(headings=("Key", "Value"), rows=ROWS[:3], widths=(1, 1), title="Lead, too"),),
    "long table": (Table(headings=("Key", "Value"), rows=ROWS, widths=(1, 1), title="Lead, too"),),
    "words and a table": (
        Paragraph(text="Lead, too"),
        Table(headings=("Key", "Value"), rows=ROWS, widths=(1, 1)),
    ),
    "facts": (Facts(pairs=ROWS),),
    "list": (Bullets(intro="Lead, too", items=("one", "two", "three")),),
    "notice": (Notice(title="Look", text="here"),),
}


@pytest.mark.parametrize("follower", FOLLOWERS)
def test_no_page_ends_with_a_heading_or_what_leads_to_a_table(follower: str) -> None:
    pages = 0
    # Where the page ends, line by line.
    for lines in range(38, 49):
        before = Bullets(items=tuple(f"Line {number}" for number in range(lines)))
        blocks = (before, Heading(text="Lead"), *FOLLOWERS[follower])
        document = Document(title="T", reference="R", conventions="C", blocks=blocks)
        first, *_ = drawn = pdf_pages(render_pdf(document))
        assert first[first.index("Record R") - 1] not in ("1. Lead", "Lead, too"), lines
        pages += len(drawn)
    assert pages > 11, "the heading never came near the end of a page"


def test_who_signs_signs_on_the_page_that_names_the_record() -> None:
    for name, record in EVERY_KIND.items():
        signed = pdf_pages(render(record, (), ReportFormat.PDF))[-1]
        assert "Signature" in signed, name
        assert any(fingerprint(record) in text for text in signed), name


def test_an_option_that_changes_very_much_still_prints() -> None:
    whole = full()
    first, second = whole.arbitration.solutions
    many = replace(
        second,
        candidate=replace(
            second.candidate,
            held_flights={f"EY{number}-2026-11-24": first.candidate.off_block for number in range(90)},
            offloaded_awbs=tuple(f"607-{number:08d}" for number in range(200)),
        ),
        risks=tuple(f"Risk {number}: {'very long ' * 60}" for number in range(30)),
    )
    record = replace(whole, arbitration=replace(whole.arbitration, solutions=(first, many)))
    assert render(record, (), ReportFormat.PDF)
    assert "<br>and 82 more on the record" in markdown(record)


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
