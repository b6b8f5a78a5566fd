"""What a report says: the decision first, then what it rests on, then how it came about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from skymarshal.domain.decision import DecisionOutcome, DecisionRecord, ObservedOutcome
from skymarshal.domain.wording import counted
from skymarshal.reports.background import background
from skymarshal.reports.document import Block, Bullets, Document, Facts, Heading, Notice, Paragraph, SignOff
from skymarshal.reports.options import options
from skymarshal.reports.wording import clipped, cost_range, moment, plain, span, usd

__all__ = ["compose", "fingerprint"]

_CONVENTIONS: Final = (
    "Times are UTC, marked Z. Durations are in hours and minutes: 0:50 is 50 minutes. "
    "Amounts are in US dollars."
)
_LONGEST_REPORT: Final = 1_500
_DIGITS: Final = 16
_WORDS: Final = {
    DecisionOutcome.APPROVED: "Approved as recommended",
    DecisionOutcome.SELECTED: "Another option selected",
    DecisionOutcome.OVERRIDDEN: "Overridden",
    DecisionOutcome.REJECTED: "Rejected",
    DecisionOutcome.EXPIRED: "Expired: nobody decided in time",
}
_ALARMING: Final = (DecisionOutcome.OVERRIDDEN, DecisionOutcome.REJECTED, DecisionOutcome.EXPIRED)


def compose(record: DecisionRecord, outcomes: Sequence[ObservedOutcome] = ()) -> Document:
    """Return the report on a decision.

    Args:
        record: the decision as it was kept.
        outcomes: what became of it, oldest first.
    """
    disruption = record.disruption
    number, _, day = disruption.flight_id.partition("-")
    where = f" at {disruption.airport}" if disruption.airport else ""
    return Document(
        title=f"Decision record: {number} of {day}, {plain(disruption.type)}{where}",
        reference=f"{disruption.disruption_id}, sha256 {fingerprint(record)[:_DIGITS]}",
        conventions=_CONVENTIONS,
        blocks=(
            *_decision(record),
            *_outcomes(record, outcomes),
            *_event(record),
            *options(record),
            *_unknown(record),
            *background(record, outcomes),
            *_provenance(record),
        ),
    )


def fingerprint(record: DecisionRecord) -> str:
    """Return the SHA-256 of a record's content as it is kept."""
    return hashlib.sha256(msgspec.json.encode(record)).hexdigest()


def _decision(record: DecisionRecord) -> Iterator[Block]:
    decision, arbitration, chosen = record.decision, record.arbitration, record.chosen
    if decision.outcome is DecisionOutcome.OVERRIDDEN:
        what = decision.instruction or ""
    else:
        what = chosen.title if chosen else "No action is taken."
    yield Notice(
        title=f"{_WORDS[decision.outcome]} by {decision.approver}"
        + (f" ({decision.role})" if decision.role else "")
        + f", {moment(decision.decided_at)}",
        text=what,
        alarming=decision.outcome in _ALARMING or arbitration.manual_review,
    )
    yield Heading(text="Decision and reason")
    if decision.outcome is DecisionOutcome.OVERRIDDEN:
        yield Paragraph(
            text="The instruction is the approver's own: its limits, cost and effects were not computed."
        )
    about = (
        "no option was offered" if arbitration.manual_review else f"{arbitration.recommended} was recommended"
    )
    yield Paragraph(text=f"Why {about}: {arbitration.narrative or arbitration.justification}")
    pairs = [("Recommended", _recommended(record))]
    if chosen is not None:
        pairs.append(("Chosen", f"{chosen.solution_id}: {chosen.title}"))
        if not arbitration.manual_review:
            pairs.append(("Expected", f"delay {span(chosen.delay)}, cost {cost_range(chosen.cost_usd)}"))
    pairs += [
        ("Reason given", decision.reason or "none given"),
        ("Departs from the recommendation", "yes" if record.human_override else "no"),
        ("Confidence", f"{arbitration.confidence:.0%}"),
        ("Rules", _profile(record)),
    ]
    yield Facts(pairs=tuple(pairs))
    if chosen is not None and chosen.recommendations:
        yield Bullets(intro="What is to be done:", items=chosen.recommendations)
    if arbitration.safety_overrides:
        yield Bullets(intro="Safety went before:", items=arbitration.safety_overrides)


def _recommended(record: DecisionRecord) -> str:
    if record.arbitration.manual_review:
        return f"Manual review: {record.arbitration.final_decision}"
    best = record.arbitration.solutions[0]
    return f"{best.solution_id}: {best.title}"


def _profile(record: DecisionRecord) -> str:
    arbitration = record.arbitration
    if arbitration.rule_profile_verified:
        return f"profile {arbitration.rule_profile}, verified"
    acknowledged = "acknowledged" if record.decision.acknowledged_unverified else "not acknowledged"
    return f"profile {arbitration.rule_profile}, NOT verified; {acknowledged} by the approver"


def _outcomes(record: DecisionRecord, outcomes: Sequence[ObservedOutcome]) -> Iterator[Block]:
    if not outcomes:
        return
    chosen = record.chosen
    yield Heading(text="What became of it")
    for place, one in enumerate(outcomes, start=1):
        yield Facts(
            pairs=(
                ("Outcome", f"{plain(one.status)}{' (superseded below)' if place < len(outcomes) else ''}"),
                (
                    "Delay",
                    f"{span(one.actual_delay)} actual, {span(chosen.delay if chosen else None)} expected",
                ),
                (
                    "Cost",
                    f"{'-' if one.actual_cost_usd is None else usd(one.actual_cost_usd)} actual, "
                    f"{cost_range(chosen.cost_usd) if chosen else '-'} expected",
                ),
                ("Lessons", one.lessons or "none told"),
                ("Recorded", f"{moment(one.recorded_at)} by {one.recorded_by or 'unnamed'}"),
            )
        )
    yield Paragraph(text="Outcomes are kept beside the record, which stays as it was when it was decided.")


def _event(record: DecisionRecord) -> Iterator[Block]:
    disruption, details = record.disruption, record.disruption.details
    known = {
        "Flight": disruption.flight_id,
        "Kind": plain(disruption.type),
        "Airport": disruption.airport,
        "Reported": moment(disruption.reported_at),
        "ATA chapter": details.ata,
        "Repair estimate": None
        if details.repair is None
        else " / ".join(
            span(one) for one in (details.repair.least, details.repair.likely, details.repair.most)
        ),
        "Certain delay": None if details.delay is None else span(details.delay),
        "Stated cause": None if details.cause is None else plain(details.cause),
        "Delay codes": ", ".join(details.delay_codes),
        "Crew not available": ", ".join(details.unavailable_crew),
        "Inbound flight": details.inbound_flight_id,
        "From": None if details.window_start is None else moment(details.window_start),
        "Until": None if details.window_end is None else moment(details.window_end),
        "As reported": clipped(disruption.description, _LONGEST_REPORT),
    }
    yield Heading(text="What happened")
    yield Facts(pairs=tuple((name, value) for name, value in known.items() if value))


def _unknown(record: DecisionRecord) -> Iterator[Block]:
    arbitration = record.arbitration
    yield Heading(text="What was not known, and what rests on unverified rules")
    if not arbitration.unknowns:
        yield Paragraph(text="No fact that was needed is missing.")
    else:
        yield Bullets(
            intro=f"{counted(len(arbitration.unknowns), 'fact')} missing:",
            items=tuple(
                clipped(f"{one.table} {one.key}, {one.field}: {one.why}", 300) for one in arbitration.unknowns
            ),
        )
    if arbitration.unverified_rules:
        yield Bullets(
            intro="Rules that were used and not verified at their source:", items=arbitration.unverified_rules
        )
    else:
        yield Paragraph(text="Every rule that was used was verified at its source.")
    if arbitration.search_limits:
        yield Bullets(intro="What the search left out:", items=arbitration.search_limits)


def _provenance(record: DecisionRecord) -> Iterator[Block]:
    yield Heading(text="Where it comes from")
    versions = ", ".join(f"{plain(name)} {version}" for name, version in sorted(record.versions.items()))
    yield Facts(
        pairs=(
            ("Disruption", record.disruption.disruption_id),
            ("Thread", record.thread_id),
            ("Decided at checkpoint", record.checkpoint_id),
            ("Versions", versions),
            ("SHA-256 of the record", fingerprint(record)),
        )
    )
    yield SignOff(roles=("Duty manager", "Reviewed by"))
