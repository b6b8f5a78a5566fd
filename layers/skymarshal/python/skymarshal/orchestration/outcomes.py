"""What became of a decision: reported later, kept beside the record, and told to whoever decides next."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from skymarshal.checkpoints import ThreadManager
from skymarshal.domain.decision import DecisionRecord, ObservedOutcome, ObservedStatus
from skymarshal.knowledge import KnowledgeUnavailable, Precedents, past_decision
from skymarshal.orchestration.errors import DecisionNotFound, InvalidDecision, NothingPending
from skymarshal.orchestration.records import DecisionRecords, decision_name

__all__ = ["FIELDS", "InvalidOutcome", "Outcomes", "Recorded", "observed_outcome"]

logger = logging.getLogger(__name__)

FIELDS: Final = ("status", "actual_delay_minutes", "actual_cost_usd", "lessons")
"""The fields of a report on an outcome; only `status` must be there."""

_LONGEST_LESSONS: Final = 2_000
_LONGEST_DELAY: Final = timedelta(days=7)
_HIGHEST_COST: Final = Decimal(1_000_000_000)


class InvalidOutcome(InvalidDecision):
    """A report on an outcome that cannot be kept; the message names the field and what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An outcome as it was kept, with the names of it and of the record that it stands beside."""

    record: str
    name: str
    observed: ObservedOutcome


class Outcomes:
    """Keeps the outcomes of decided threads."""

    def __init__(self, threads: ThreadManager, records: DecisionRecords, precedents: Precedents) -> None:
        self._threads = threads
        self._records = records
        self._precedents = precedents

    def add(self, thread_id: str, observed: ObservedOutcome) -> Recorded:
        """Keep an outcome beside the decision record, which stays as it is.

        Raises:
            ThreadNotFound: there is no such thread.
            NothingPending: the thread has no decision record yet.
        """
        name = self._record_name(thread_id)
        record = self._records.load(name)
        own = self._records.add_outcome(name, observed)
        past = past_decision(record, observed)
        if past is not None:
            try:
                self._precedents.keep(past)
            except KnowledgeUnavailable as error:
                logger.warning("the outcome of %s is not told to later decisions: %s", name, error)
        return Recorded(record=name, name=own, observed=observed)

    def of(self, thread_id: str) -> tuple[DecisionRecord, tuple[ObservedOutcome, ...]]:
        """Return the record of a thread as it was decided, and its outcomes, oldest first.

        Raises:
            ThreadNotFound: there is no such thread.
            NothingPending: the thread has no decision record yet.
        """
        name = self._record_name(thread_id)
        return self._records.load(name), self._records.outcomes(name)

    def of_decision(
        self, day: date, disruption_id: str
    ) -> tuple[DecisionRecord, tuple[ObservedOutcome, ...]]:
        """Return a record and its outcomes by the day of the decision: records outlive their threads.

        Raises:
            DecisionNotFound: there is no such record.
        """
        name = decision_name(day, disruption_id)
        record = self._records.find(name)
        if record is None:
            raise DecisionNotFound(f"there is no decision record {name!r}")
        return record, self._records.outcomes(name)

    def _record_name(self, thread_id: str) -> str:
        name = self._threads.get_thread(thread_id).details.get("record")
        if name is None:
            raise NothingPending(f"thread {thread_id!r} has no decision record yet")
        return str(name)


def observed_outcome(
    report: Mapping[str, object], *, recorded_at: datetime, recorded_by: str
) -> ObservedOutcome:
    """Return the outcome that a report tells of; of its fields only `status` must be there.

    Raises:
        InvalidOutcome: a field is missing, unknown or out of range.
    """
    return ObservedOutcome(
        status=_status(report.get("status")),
        actual_delay=_delay(report.get("actual_delay_minutes")),
        actual_cost_usd=_cost(report.get("actual_cost_usd")),
        lessons=_lessons(report.get("lessons", "")),
        recorded_at=recorded_at,
        recorded_by=recorded_by,
    )


def _status(value: object) -> ObservedStatus:
    try:
        return ObservedStatus(str(value))
    except ValueError:
        raise InvalidOutcome("status", value, f"one of {', '.join(ObservedStatus)}") from None


def _delay(value: object) -> timedelta | None:
    if value is None:
        return None
    most = _LONGEST_DELAY // timedelta(minutes=1)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise InvalidOutcome("actual_delay_minutes", value, f"whole minutes from 0 to {most}")
    return timedelta(minutes=value)


def _cost(value: object) -> Decimal | None:
    if value is None:
        return None
    expected = "US dollars from 0 on, as a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise InvalidOutcome("actual_cost_usd", value, expected)
    try:
        cost = Decimal(str(value))
    except InvalidOperation:
        raise InvalidOutcome("actual_cost_usd", value, expected) from None
    if not cost.is_finite() or not 0 <= cost <= _HIGHEST_COST:
        raise InvalidOutcome("actual_cost_usd", value, expected)
    return cost


def _lessons(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidOutcome("lessons", value, "text")
    if len(value) > _LONGEST_LESSONS:
        raise InvalidOutcome("lessons", f"{len(value)} characters", f"at most {_LONGEST_LESSONS} characters")
    return value.strip()
