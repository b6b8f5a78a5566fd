"""The duties before a roster row, each as a line of text.

`2026-03-01T05:00Z/2026-03-01T14:30Z AUH-LHR flight 7:20` is a duty with its report and debriefing, where it
began and ended, what it was, and the block time as operating crew member. `in-flight-rest` may follow, and
`+4:00` for what a planned extension or a reduced rest before it adds to the rest after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, cast, get_args

from skymarshal.domain.errors import DomainError, InvalidInputError, OutOfRangeError
from skymarshal.domain.ftl import DutyKind, PastDuty
from skymarshal.domain.times import ZERO, format_duration, parse_duration

__all__ = ["ListedDuty", "located", "parse_past_duty", "past_duty_text", "places_of"]

_FORM: Final = "%Y-%m-%dT%H:%MZ"
_IN_FLIGHT_REST: Final = "in-flight-rest"
_LONGEST: Final = timedelta(hours=36)
_EXPECTED: Final = "a duty such as 2026-03-01T05:00Z/2026-03-01T14:30Z AUH-LHR flight 7:20"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDuty:
    """A past duty as the roster lists it; see `skymarshal.domain.ftl.PastDuty`."""

    report: datetime
    debrief: datetime
    start: str
    end: str
    kind: DutyKind
    flight_time: timedelta = ZERO
    in_flight_rest: bool = False
    rest_added: timedelta = ZERO


@lru_cache(maxsize=16384)
def past_duty_text(duty: ListedDuty) -> str:
    """Return the duty as a line of text."""
    words = [
        f"{duty.report:{_FORM}}/{duty.debrief:{_FORM}}",
        f"{duty.start}-{duty.end}",
        duty.kind,
        format_duration(duty.flight_time),
    ]
    if duty.in_flight_rest:
        words.append(_IN_FLIGHT_REST)
    if duty.rest_added > ZERO:
        words.append(f"+{format_duration(duty.rest_added)}")
    return " ".join(words)


@lru_cache(maxsize=16384)
def parse_past_duty(text: str) -> ListedDuty:
    """Return the duty that a line of text says.

    Raises:
        InvalidInputError: If it is not written so.
        OutOfRangeError: If it ends before it starts, lasts more than 36 h, or has more flight time than that.
    """
    words = text.split()
    try:
        times, places, kind, flown, *more = words
        report, debrief = (datetime.strptime(one, _FORM).replace(tzinfo=UTC) for one in times.split("/"))
        start, end = places.split("-")
        flight_time = parse_duration("past_duties", flown)
        added = [parse_duration("past_duties", one[1:]) for one in more if one.startswith("+")]
    except (ValueError, DomainError) as error:
        raise InvalidInputError("past_duties", text, _EXPECTED) from error
    unread = [one for one in more if one != _IN_FLIGHT_REST and not one.startswith("+")]
    if kind not in get_args(DutyKind) or unread or len(added) > 1 or not start or not end:
        raise InvalidInputError("past_duties", text, _EXPECTED)
    if not ZERO < debrief - report <= _LONGEST or flight_time > debrief - report:
        raise OutOfRangeError("past_duties", text, "a duty of at most 36:00 that holds its flight time")
    return ListedDuty(
        report=report,
        debrief=debrief,
        start=start,
        end=end,
        kind=cast("DutyKind", kind),
        flight_time=flight_time,
        in_flight_rest=_IN_FLIGHT_REST in more,
        rest_added=sum(added, ZERO),
    )


@lru_cache(maxsize=16384)
def located(duty: ListedDuty, start_zone: str, end_zone: str) -> PastDuty:
    """Return the duty as the rules take it, with the IANA zones of its places."""
    return PastDuty(
        report=duty.report,
        debrief=duty.debrief,
        start=duty.start,
        end=duty.end,
        start_zone=start_zone,
        end_zone=end_zone,
        kind=duty.kind,
        flight_time=duty.flight_time,
        in_flight_rest=duty.in_flight_rest,
        rest_added=duty.rest_added,
    )


def places_of(text: str) -> tuple[str, ...]:
    """Return the places that a line of text names, at little cost; none if it is not written as a duty."""
    words = text.split(" ", 2)
    return tuple(words[1].split("-")) if len(words) > 1 else ()
