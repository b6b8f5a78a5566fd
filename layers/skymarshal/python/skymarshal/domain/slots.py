"""Departure slots: calculated take-off time and coordinated airport slot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.times import ZERO, format_duration, require_aware, require_non_negative

__all__ = [
    "AIRPORT_SLOT_ARTICLE",
    "CTOT_AFTER",
    "CTOT_ARTICLE",
    "CTOT_BEFORE",
    "SlotCheck",
    "check_ctot",
    "check_slot",
]

CTOT_ARTICLE: Final = Article(
    regulation="EUROCONTROL ATFCM Users Manual",
    article="Slot tolerance",
    subject="Take-off from 5 minutes before to 10 minutes after the calculated take-off time",
    status="unverified",
    source="from memory, text not read",
)
AIRPORT_SLOT_ARTICLE: Final = Article(
    regulation="Regulation (EEC) 95/93",
    article="Art 14",
    subject="Operation at times that differ from the allocated airport slot",
    status="unverified",
    source="from memory, text not read; tolerances are the airport's",
)
CTOT_BEFORE: Final = timedelta(minutes=5)
CTOT_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCheck(RuleResult):
    """Whether a time keeps its slot; the window and verdict are None if there is no slot to keep.

    `slack` is the time left to the end of the window; negative if missed.
    """

    kept: bool | None
    earliest: datetime | None
    latest: datetime | None
    slack: timedelta | None


def check_ctot(
    *,
    off_block: datetime,
    taxi_out: timedelta,
    ctot: datetime | None,
    tolerance_before: timedelta = CTOT_BEFORE,
    tolerance_after: timedelta = CTOT_AFTER,
) -> SlotCheck:
    """Return whether a departure takes off within the tolerance of its calculated take-off time.

    Args:
        off_block: Candidate off-block.
        taxi_out: Planned taxi time.
        ctot: Calculated take-off time; None while no ATFM slot was issued.
        tolerance_before: How much earlier take-off may be.
        tolerance_after: How much later.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If a duration is negative.
    """
    require_non_negative("taxi_out", taxi_out)
    return _within(
        CTOT_ARTICLE,
        "ctot",
        require_aware("off_block", off_block) + taxi_out,
        ctot,
        tolerance_before,
        tolerance_after,
    )


def check_slot(
    *,
    movement: datetime,
    slot: datetime | None,
    tolerance_before: timedelta,
    tolerance_after: timedelta,
) -> SlotCheck:
    """Return whether an off-block or on-block time keeps its airport slot.

    Args:
        movement: Off-block or on-block.
        slot: Allocated time; None where none is needed.
        tolerance_before: How much earlier the airport accepts.
        tolerance_after: How much later.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If a tolerance is negative.
    """
    return _within(
        AIRPORT_SLOT_ARTICLE,
        "slot",
        require_aware("movement", movement),
        slot,
        tolerance_before,
        tolerance_after,
    )


def _within(
    article: Article, name: str, at: datetime, slot: datetime | None, before: timedelta, after: timedelta
) -> SlotCheck:
    require_non_negative("tolerance_before", before)
    require_non_negative("tolerance_after", after)
    earliest = latest = slack = None
    kept: bool | None = None
    text = f"no {name} to keep"
    if slot is not None:
        earliest = require_aware(name, slot) - before
        latest = require_aware(name, slot) + after
        slack = latest - at
        kept = earliest <= at <= latest
        text = f"{at:%H:%MZ} against {earliest:%H:%MZ} to {latest:%H:%MZ}: slack {format_duration(slack)}"
    return SlotCheck(
        kept=kept,
        earliest=earliest,
        latest=latest,
        slack=slack,
        articles=(article,),
        inputs={"time": at, name: slot, "tolerance_before": before, "tolerance_after": after},
        working=(text if slack is None or slack >= ZERO else f"{text}, missed",),
    )
