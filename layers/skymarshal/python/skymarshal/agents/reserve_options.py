"""The reserves who could take over, as options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from skymarshal.calculators.crew_legality import CrewLegality
from skymarshal.calculators.reserve_cover import ReserveCover, earliest_report, on_call, reserve_cover
from skymarshal.calculators.reserve_duties import read_duties
from skymarshal.domain.assessment import (
    Option,
    OptionKind,
)
from skymarshal.domain.ftl import FtlProfile
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, CrewAssignment, Flight, ReserveCrewMember

__all__ = ["distinct_reserves", "reserve_options"]


SPARE_COVERS: Final = 2
"""How many reserves are offered beside the first for each crew member who has to be replaced."""


def reserve_options(
    operations: Operations,
    flight: Flight,
    roster: Sequence[CrewAssignment],
    to_cover: Sequence[CrewLegality],
    reserves: Sequence[ReserveCrewMember],
    *,
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    now: datetime,
    off_block: datetime,
    profile: FtlProfile,
) -> tuple[Option, ...]:
    """Return the reserves who could take over from each of `to_cover`.

    Crew members with the same work are offered the same reserves, each beginning with another of them, so
    that as many as there are reserves can be replaced at once.
    """
    rows = {row.crew_id: row for row in roster}
    replaced = [rows[one.crew_id] for one in to_cover]
    callable_ = {
        row.crew_id: [
            one
            for one in reserves
            if one.crew_id not in rows and on_call(one, row.role, flight.aircraft_type, now)
        ]
        for row in replaced
    }
    ids = dict.fromkeys(one.crew_id for some in callable_.values() for one in some)
    member_rows, duties = operations.gather(
        lambda: operations.crew_members(ids), lambda: read_duties(operations, tuple(ids), now)
    )
    members = {one.crew_id: one for one in member_rows}
    options: list[Option] = []
    worked_out: dict[tuple[object, ...], tuple[list[ReserveCover], list[ReserveCover]]] = {}
    served: Counter[tuple[object, ...]] = Counter()
    for row in replaced:
        work = _same_work(row)
        if work not in worked_out:
            wanted = sum(1 for other in replaced if other.role == row.role) + SPARE_COVERS
            covers = (
                reserve_cover(
                    flight,
                    row,
                    reserve,
                    members.get(reserve.crew_id),
                    duties=duties[reserve.crew_id],
                    duty_flights=duty_flights,
                    airports=airports,
                    now=now,
                    profile=profile,
                )
                for reserve in _in_order(callable_[row.crew_id], row, now)
            )
            worked_out[work] = _chosen(covers, wanted, off_block)
        fitting, others = worked_out[work]
        served[work] += 1
        offered = [*_share(fitting, served[work] - 1), *others]
        options += [_option(replace(one, replaces=row.crew_id)) for one in offered]
    return tuple(options)


def _in_order(
    reserves: Iterable[ReserveCrewMember], row: CrewAssignment, now: datetime
) -> list[ReserveCrewMember]:
    """Return the reserves of the very role first, then by when they can report."""
    return sorted(reserves, key=lambda one: (one.role != row.role, earliest_report(one, now), one.crew_id))


def _share(fitting: Sequence[ReserveCover], place: int) -> list[ReserveCover]:
    """Return the reserves offered to the crew member at `place` among those with the same work."""
    count = min(len(fitting), 1 + SPARE_COVERS)
    return [fitting[(place + n) % len(fitting)] for n in range(count)]


def _chosen(
    covers: Iterable[ReserveCover], wanted: int, off_block: datetime
) -> tuple[list[ReserveCover], list[ReserveCover]]:
    """Return the first `wanted` who are legal for the departure, and a few others with their reasons.

    The covers come in the order in which the reserves can report, and no more are worked out than needed.
    """
    fitting: list[ReserveCover] = []
    others: list[ReserveCover] = []
    for cover in covers:
        latest = cover.latest_off_block
        if latest is not None and latest >= off_block:
            fitting.append(cover)
            if len(fitting) == wanted:
                break
        else:
            others.append(cover)
    others.sort(key=lambda one: (not one.usable, one.crew_id))
    return fitting, others[:SPARE_COVERS]


def _same_work(row: CrewAssignment) -> tuple[object, ...]:
    """Return what a reserve's duty depends on; crew members who share it need one calculation."""
    return row.role, row.duty_flights, row.report, row.debrief, row.augmented_pilots, row.rest_facility


def _option(cover: ReserveCover) -> Option:
    return Option(
        kind=OptionKind.RESERVE_CREW,
        key=cover.crew_id,
        replaces=cover.replaces,
        usable=cover.usable,
        available_from=cover.available_from,
        latest_off_block=cover.latest_off_block,
        reasons=cover.reasons,
        evidence=cover.evidence,
    )


def distinct_reserves(
    needed: Sequence[CrewLegality], options: Sequence[Option], off_block: datetime
) -> dict[str, str]:
    """Return a reserve, legal for the departure, for each who has to be replaced; none of them twice."""
    calls: dict[str, str] = {}
    for one in needed:
        free = (
            option.key
            for option in options
            if option.usable
            and option.kind is OptionKind.RESERVE_CREW
            and option.replaces == one.crew_id
            and option.latest_off_block is not None
            and option.latest_off_block >= off_block
            and option.key not in calls.values()
        )
        key = next(free, None)
        if key is not None:
            calls[one.crew_id] = key
    return calls
