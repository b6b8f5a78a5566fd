"""The facts for want of which no departure is offered, and until when an answer to each would still help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck, MissingFact
from skymarshal.domain.candidate import Candidate
from skymarshal.recovery.evaluation import Evaluator
from skymarshal.recovery.feasibility import unmet
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.preparation import lead_time
from skymarshal.recovery.situation import Situation

__all__ = ["is_open", "missing_facts", "named"]


def is_open(checks: Iterable[ConstraintCheck]) -> bool:
    """Return whether a candidate falls by what is not known alone."""
    fallen = unmet(checks)
    return bool(fallen) and all(check.outcome is CheckOutcome.UNKNOWN for check in fallen)


def missing_facts(
    situation: Situation,
    evaluator: Evaluator,
    policy: ArbitrationPolicy,
    fallen: Sequence[tuple[Candidate, tuple[ConstraintCheck, ...]]],
) -> tuple[MissingFact, ...]:
    """Return the facts that candidates lack, each with the last instant at which it would help to know it.

    Args:
        situation: what is arbitrated.
        evaluator: computes what the assessments have not said of a candidate.
        policy: how long the preparation of each kind of change takes.
        fallen: the candidates that are not offered, with the checks made so far.
    """
    rows = {one.why: one for one in situation.unknowns}
    latest: dict[str, datetime | None] = {}
    for _, checks in fallen:
        latest.update({check.text: None for check in unmet(checks) if check.outcome is CheckOutcome.UNKNOWN})
    # The latest departure that a fact alone keeps back sets its time, so the search goes back from there.
    waiting = sorted(
        (
            (
                candidate.off_block - _lead(candidate, situation, policy),
                candidate,
                checks,
            )
            for candidate, checks in fallen
            if candidate.off_block is not None and is_open(checks)
        ),
        key=lambda one: one[0],
        reverse=True,
    )
    for by, candidate, checks in waiting:
        texts = {check.text for check in unmet(checks)}
        if all(latest[text] is not None for text in texts):
            continue
        found = (*checks, *evaluator.checks(candidate))
        if is_open(found):
            for check in unmet(found):
                latest[check.text] = max(by, latest.get(check.text) or by)
    ordered = sorted(latest, key=lambda text: (latest[text] is None, latest[text] or situation.now))
    return tuple(MissingFact(text=text, unknown=rows.get(text), answer_by=latest[text]) for text in ordered)


def named(fact: MissingFact) -> str:
    """Return a missing fact in words: its row, what is missing, and until when it would help."""
    where = "" if fact.unknown is None else f"{fact.unknown.table} {fact.unknown.key} {fact.unknown.field}: "
    until = "" if fact.answer_by is None else f" An answer helps until {fact.answer_by:%Y-%m-%d %H:%MZ}."
    return f"{where}{fact.text}{until}"


def _lead(candidate: Candidate, situation: Situation, policy: ArbitrationPolicy) -> timedelta:
    return lead_time(candidate, situation.flight, situation.durations(candidate.registration, policy))
