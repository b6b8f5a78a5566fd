"""What the roster already asks of a reserve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.crew_legality import HORIZON
from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.assessment import Evidence
from skymarshal.domain.ftl import FtlProfile, minimum_rest
from skymarshal.operations import Operations
from skymarshal.operations.records import CrewAssignment, ReserveCrewMember

__all__ = ["ReserveDuties", "read_duties", "reserve_duties"]

_BEFORE: Final = timedelta(days=3)
"""How far back duties are read; an older one leaves more rest than any rule asks of a reserve at base."""

_AFTER: Final = 3 * HORIZON
"""How far ahead they are read: the latest departure, the longest duty and the rest after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveDuties:
    """A reserve's own duties around a call.

    Attributes:
        conflicts: why the reserve may not be called; empty otherwise.
        next_report: the report of the next duty, before which there has to be rest; None if none is read.
        evidence: the rows that it rests on.
    """

    conflicts: tuple[str, ...] = ()
    next_report: datetime | None = None
    evidence: tuple[Evidence, ...] = ()


def read_duties(
    operations: Operations, crew_ids: Sequence[str], now: datetime
) -> dict[str, list[CrewAssignment]]:
    """Return the roster rows of each of `crew_ids` around `now`, read side by side."""
    found = operations.gather(
        *(lambda one=one: operations.duties(one, now - _BEFORE, now + _AFTER) for one in crew_ids)
    )
    return dict(zip(crew_ids, found, strict=True))


def reserve_duties(
    reserve: ReserveCrewMember,
    rows: Sequence[CrewAssignment],
    *,
    call: datetime,
    reports: datetime,
    profile: FtlProfile,
) -> ReserveDuties:
    """Return what speaks against calling a reserve at `call` to report at `reports`.

    Standby is no rest, so the rest after a duty ends before the standby begins; who is on reserve rests
    until the report. A duty that began on this standby has used it up.
    """
    last = max((row for row in rows if row.report <= call), key=lambda row: row.report, default=None)
    following = min((row for row in rows if row.report > call), key=lambda row: row.report, default=None)
    conflicts: list[str] = []
    used: list[CrewAssignment] = []
    if last is not None:
        used += [row for row in rows if row.report == last.report]
        rest = minimum_rest(
            place="home",
            preceding_duty=last.debrief - last.report,
            in_flight_rest=last.augmented_pilots > 0 and last.rest_facility is not None,
            profile=profile,
        ).minimum_rest
        rested = last.debrief + rest
        if last.debrief > call:
            conflicts.append(f"stands on the roster until {instant_value(last.debrief)}")
        elif reserve.standby_type != "reserve" and last.report >= reserve.start:
            conflicts.append(f"was called out on this standby at {instant_value(last.report)}")
        elif rested > (reports if reserve.standby_type == "reserve" else reserve.start):
            conflicts.append(f"is not rested before {instant_value(rested)}")
    if following is not None:
        used.append(following)
        if following.report < reserve.end:
            conflicts.append(
                f"stands on the roster for {following.flight_id} from {instant_value(following.report)}"
            )
    return ReserveDuties(
        conflicts=tuple(conflicts),
        next_report=None if following is None else following.report,
        evidence=tuple(
            Evidence(
                table="CrewRoster",
                key=f"{row.crew_id} {row.duty_start}",
                field="debrief",
                value=instant_value(row.debrief),
            )
            for row in used
        ),
    )
