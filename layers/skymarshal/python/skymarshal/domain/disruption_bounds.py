"""What a report may hold at most: every instant, duration and count that comes from outside.

The bounds are far beyond what an operations centre reports of one flight, and near enough that whatever
walks over time, such as the search for a departure, ends. A report that exceeds one is a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.domain.disruption import Disruption, DisruptionDetails
from skymarshal.domain.errors import OutOfRangeError

__all__ = ["LONGEST_DELAY", "LONGEST_REPAIR", "MOST_ALTERNATES", "check_bounds", "check_report"]

LONGEST_DELAY: Final = timedelta(days=7)
LONGEST_REPAIR: Final = timedelta(days=31)
_LONGEST_ENDURANCE: Final = timedelta(hours=24)
_FARTHEST_WINDOW: Final = timedelta(days=31)
_HIGHEST_CHARGES: Final = Decimal(10_000_000)
_MOST_CREW: Final = 30
_MOST_DELAY_CODES: Final = 10
MOST_ALTERNATES: Final = 10
_MOST_EXEMPTIONS: Final = 2 + MOST_ALTERNATES
_LONGEST_ID: Final = 40
_LONGEST_DESCRIPTION: Final = 4_000
_OLDEST_REPORT: Final = timedelta(days=14)


def check_report(reported_at: datetime, received_at: datetime, most_ahead: timedelta) -> None:
    """Refuse a report that was made too long ago, or that is yet to be made.

    Args:
        reported_at: when it says that it was made, aware.
        received_at: when it came in, aware UTC.
        most_ahead: by how much the reporter's clock may be ahead.

    Raises:
        OutOfRangeError: naming the field and what would be right.
    """
    first, last = received_at - _OLDEST_REPORT, received_at + most_ahead
    if not first <= reported_at <= last:
        raise OutOfRangeError("reported_at", reported_at.isoformat(), _between(first, last))


def check_bounds(disruption: Disruption) -> None:
    """Refuse a disruption that holds more than a report may.

    Raises:
        OutOfRangeError: naming the field by its path, and what would be right.
    """
    details = disruption.details
    for field, duration, most in _durations(details):
        if duration is not None and not timedelta(0) <= duration <= most:
            raise OutOfRangeError(field, str(duration), f"a duration from 0 to {_written(most)}")
    first, last = disruption.reported_at - _FARTHEST_WINDOW, disruption.reported_at + _FARTHEST_WINDOW
    for field, instant in _instants(details):
        if instant is not None and not first <= instant <= last:
            raise OutOfRangeError(field, instant.isoformat(), _between(first, last))
    for field, count, limit in (
        ("details.unavailable_crew", len(details.unavailable_crew), _MOST_CREW),
        ("details.alternates", len(details.alternates), MOST_ALTERNATES),
        ("details.delay_codes", len(details.delay_codes), _MOST_DELAY_CODES),
        ("details.exemptions", len(details.exemptions), _MOST_EXEMPTIONS),
    ):
        if count > limit:
            raise OutOfRangeError(field, f"{count} entries", f"at most {limit} entries")
    for field, text, longest in _texts(disruption):
        if text is not None and len(text) > longest:
            raise OutOfRangeError(field, f"{len(text)} characters", f"at most {longest} characters")
    for number, one in enumerate(details.alternates):
        charges = one.charges_usd
        if charges is not None and not (charges.is_finite() and 0 <= charges <= _HIGHEST_CHARGES):
            raise OutOfRangeError(
                f"details.alternates[{number}].charges_usd",
                str(charges),
                f"US dollars from 0 to {_HIGHEST_CHARGES:,}",
            )


def _durations(details: DisruptionDetails) -> Iterator[tuple[str, timedelta | None, timedelta]]:
    yield "details.delay", details.delay, LONGEST_DELAY
    yield "details.endurance", details.endurance, _LONGEST_ENDURANCE
    repair = details.repair
    if repair is not None:
        for case in ("least", "likely", "most"):
            yield f"details.repair.{case}", getattr(repair, case), LONGEST_REPAIR


def _instants(details: DisruptionDetails) -> Iterator[tuple[str, datetime | None]]:
    yield "details.window_start", details.window_start
    yield "details.window_end", details.window_end
    for number, one in enumerate(details.alternates):
        yield f"details.alternates[{number}].handling_start", one.handling_start
        yield f"details.alternates[{number}].handling_end", one.handling_end


def _texts(disruption: Disruption) -> Iterator[tuple[str, str | None, int]]:
    yield "description", disruption.description, _LONGEST_DESCRIPTION
    yield "flight_id", disruption.flight_id, _LONGEST_ID
    yield "details.ata", disruption.details.ata, _LONGEST_ID
    yield "details.cause", disruption.details.cause, _LONGEST_ID
    yield "details.inbound_flight_id", disruption.details.inbound_flight_id, _LONGEST_ID
    for number, crew_id in enumerate(disruption.details.unavailable_crew):
        yield f"details.unavailable_crew[{number}]", crew_id, _LONGEST_ID


def _between(first: datetime, last: datetime) -> str:
    return f"an instant from {first:%Y-%m-%dT%H:%M}Z to {last:%Y-%m-%dT%H:%M}Z"


def _written(duration: timedelta) -> str:
    days = duration // timedelta(days=1)
    return f"P{days}D" if days > 1 else f"PT{duration // timedelta(hours=1)}H"
