"""Crews: who flies what, and when they report and rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import zip_longest
from random import Random
from typing import Final, TypeAlias

from skymarshal.domain.ftl import after_local_nights, disturbances, local_nights, recovery_rest_length
from skymarshal.operations.airline.people import (
    HOME_ZONE,
    Assigned,
    Duty,
    People,
    Person,
    known_from,
)
from skymarshal.operations.airline.schedule import Rotation, Schedule
from skymarshal.operations.airline.standby import stand_by
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, AIRPORTS, CABIN_TYPES, AircraftType
from skymarshal.operations.records import (
    CrewAssignment,
    CrewMember,
    CrewRole,
    Flight,
    ReserveCrewMember,
)
from skymarshal.operations.tables import instant_text

__all__ = ["Crewing", "crew_flights", "report_lead"]

_Pool: TypeAlias = tuple[tuple[str, ...], CrewRole]
"""The types that its members are rated on, and their role."""

_HOUR: Final = timedelta(hours=1)
_DEBRIEF: Final = timedelta(minutes=30)
_ONE_MORE_PILOT: Final = timedelta(hours=10, minutes=15)
_TWO_MORE_PILOTS: Final = timedelta(hours=14)
_REST_BEFORE_YESTERDAY: Final = timedelta(hours=48)
_LAYOVER_RECOVERY: Final = timedelta(hours=110)
_SHORT_RECOVERY: Final = timedelta(hours=60)
_HOME_REST: Final = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Crewing:
    """The crew members, their roster and the reserves."""

    members: Sequence[CrewMember]
    roster: Sequence[CrewAssignment]
    reserves: Sequence[ReserveCrewMember]


def report_lead(type_: AircraftType) -> timedelta:
    """Return how long before the first departure a crew reports."""
    return timedelta(minutes=75 if type_.long_haul else 60)


def crew_flights(schedule: Schedule, random: Random) -> Crewing:
    """Return crews for every flight of the schedule and the reserves at the hub."""
    return _Rostering(schedule, random).run()


class _Rostering:
    def __init__(self, schedule: Schedule, random: Random) -> None:
        self._schedule = schedule
        self._calendar = schedule.calendar
        self._random = random
        self._people = People(schedule.calendar, random)
        self._pools: defaultdict[_Pool, list[tuple[datetime, str, Person]]] = defaultdict(list)

    def run(self) -> Crewing:
        away: dict[str, list[tuple[Person, datetime]]] = {}
        for rotation in self._schedule.rotations:
            if rotation.trip.layover:
                self._layover(rotation, away)
            else:
                self._out_and_back(rotation)
        since = known_from(self._calendar)
        roster = [row for person in self._people.hired for row in _roster_of(person, since)]
        reserves = list(stand_by(self._schedule, self._people, self._random))
        return Crewing([person.member for person in self._people.hired], roster, reserves)

    def _out_and_back(self, rotation: Rotation) -> None:
        type_ = rotation.trip.type_
        duty = _duty(type_, (rotation.out, rotation.back))
        for person in list(self._crew(duty, type_)):
            self._assign(person, duty, duty.report)
            second = len(person.assigned) % 2 == 0
            rest = _SHORT_RECOVERY if second else max(_HOME_REST, (duty.debrief - duty.report) + 2 * _HOUR)
            # After a late finish or a night duty only a local night opens an early start.
            night = after_local_nights(duty.debrief, HOME_ZONE, 1 if _late(duty) else 0)
            self._release(person, max(duty.debrief + rest, night))

    def _layover(self, rotation: Rotation, away: dict[str, list[tuple[Person, datetime]]]) -> None:
        type_ = rotation.trip.type_
        out, back = _duty(type_, (rotation.out,)), _duty(type_, (rotation.back,))
        day = timedelta(days=1)
        waiting = away.get(rotation.trip.out_number)
        if waiting is None:
            waiting = [(person, out.report - day) for person in self._crew(back, type_, fresh=True)]
            for person, reported in waiting:
                person.look_back(reported, _REST_BEFORE_YESTERDAY, self._calendar)
                self._fly(person, out, earlier=day)
        for person, reported_at_home in waiting:
            self._assign(person, back, reported_at_home)
            self._release(person, back.debrief + _LAYOVER_RECOVERY)
        outbound = list(self._crew(out, type_))
        for person in outbound:
            self._assign(person, out, out.report, next_report=back.report + day)
        away[rotation.trip.out_number] = [(person, out.report) for person in outbound]

    def _crew(self, duty: Duty, type_: AircraftType, *, fresh: bool = False) -> Iterator[Person]:
        for role, count in duty.complement:
            types = _rated_types(type_, role)
            pool = self._pools[types, role]
            for _ in range(count):
                if not fresh and pool and pool[0][0] <= duty.report:
                    yield heappop(pool)[2]
                else:
                    yield self._people.hire(role, types)

    def _release(self, person: Person, free_from: datetime) -> None:
        types = tuple(rating.aircraft_type for rating in person.member.ratings)
        entry = (free_from, person.member.crew_id, person)
        heappush(self._pools[types, person.member.role], entry)

    def _assign(
        self,
        person: Person,
        duty: Duty,
        acclimatised_at: datetime,
        next_report: datetime | None = None,
    ) -> None:
        if person.last_debrief is None:
            rest = timedelta(minutes=15 * self._random.randrange(4 * 40, 4 * 90))
            person.look_back(duty.report, rest, self._calendar)
        began = person.last_debrief or duty.report
        person.disruptive = _since_recovery(person, began, duty.report)
        person.assigned.append(
            Assigned(
                duty=duty,
                rest_before=duty.report - began,
                hours_since_home_report=round((duty.report - acclimatised_at) / _HOUR, 2),
                next_report=next_report,
                disruptive_before=person.disruptive,
                hours=person.cumulative(duty.report, self._calendar),
                past=tuple(person.past),
            )
        )
        self._fly(person, duty)

    def _fly(self, person: Person, duty: Duty, earlier: timedelta = timedelta(0)) -> None:
        person.add(duty.listed(earlier))
        person.disruptive += any(disturbances(duty.report, duty.debrief, HOME_ZONE, "early"))
        person.last_debrief = duty.debrief - earlier


def _since_recovery(person: Person, began: datetime, report: datetime) -> int:
    """Return the disruptive duties since the last recovery rest, that from `began` to `report` included."""
    needed = recovery_rest_length(disruptive_duties=person.disruptive).minimum
    rested = report - began >= needed
    return (
        0
        if rested and local_nights(began, report, AIRPORTS[person.last_place].zone) > 1
        else person.disruptive
    )


def _roster_of(person: Person, since: datetime) -> Iterator[CrewAssignment]:
    following = [later.duty.report for later in person.assigned[1:]]
    for assigned, next_report in zip_longest(person.assigned, following):
        duty, hours = assigned.duty, assigned.hours
        for sector, flight in enumerate(duty.flights, start=1):
            yield CrewAssignment(
                crew_id=person.member.crew_id,
                duty_start=f"{instant_text(duty.report)}#{sector}",
                flight_id=flight.flight_id,
                role=person.member.role,
                sector=sector,
                duty_flights=duty.flight_ids,
                report=duty.report,
                report_airport=duty.flights[0].origin,
                debrief=duty.debrief,
                rest_before=assigned.rest_before,
                next_report=assigned.next_report if next_report is None else next_report,
                duty_hours_7d=hours.duty_7d,
                duty_hours_14d=hours.duty_14d,
                duty_hours_28d=hours.duty_28d,
                flight_hours_28d=hours.flight_28d,
                flight_hours_year=hours.flight_year,
                flight_hours_12_months=hours.flight_12_months,
                acclimatised_zone=HOME_ZONE,
                hours_since_zone_report=assigned.hours_since_home_report,
                augmented_pilots=duty.augmented_pilots,
                rest_facility=duty.rest_facility,
                extensions_last_7_days=0,
                disruptive_duties=assigned.disruptive_before,
                past_duties=assigned.past,
                past_duties_from=since,
                night_duties_managed=True,
            )


def _duty(type_: AircraftType, flights: tuple[Flight, ...]) -> Duty:
    report = flights[0].std - report_lead(type_)
    planned = flights[-1].sta - report
    extra: dict[CrewRole, int] = {"captain": 0, "first_officer": 0}
    if type_.rest_facility is not None and planned > _ONE_MORE_PILOT:
        extra["first_officer"] = 1
        extra["captain"] = 1 if planned > _TWO_MORE_PILOTS else 0
    augmented = sum(extra.values())
    complement: list[tuple[CrewRole, int]] = [(role, 1 + count) for role, count in extra.items()]
    if type_.cabin_crew:
        complement += [("purser", 1), ("cabin", type_.cabin_crew - 1)]
    return Duty(
        flights=flights,
        report=report,
        debrief=flights[-1].sta + _DEBRIEF,
        complement=tuple(complement),
        augmented_pilots=augmented,
        rest_facility=type_.rest_facility if augmented else None,
    )


def _late(duty: Duty) -> bool:
    _, late, night = disturbances(duty.report, duty.debrief, HOME_ZONE, "early")
    return late or night


def _rated_types(type_: AircraftType, role: CrewRole) -> tuple[str, ...]:
    if role in ("captain", "first_officer"):
        return tuple(code for code, other in AIRCRAFT_TYPES.items() if other.rating == type_.rating)
    return CABIN_TYPES["wide" if type_.long_haul else "narrow"]
