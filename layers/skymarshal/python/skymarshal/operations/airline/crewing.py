"""Crews: who flies what, when they report and rest, and who is on call at the hub."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from heapq import heappop, heappush
from itertools import zip_longest
from random import Random
from typing import Final, Literal, TypeAlias

from skymarshal.operations.airline.names import person_name
from skymarshal.operations.airline.schedule import Calendar, Rotation, Schedule
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, AIRPORTS, HUB, AircraftType
from skymarshal.operations.records import (
    CrewAssignment,
    CrewMember,
    CrewRole,
    Flight,
    Rating,
    ReserveCrewMember,
)
from skymarshal.operations.tables import instant_text

__all__ = ["Crewing", "crew_flights", "report_lead"]

_Complement: TypeAlias = tuple[tuple[CrewRole, int], ...]

_HOUR: Final = timedelta(hours=1)
_DEBRIEF: Final = timedelta(minutes=30)
_HOME_ZONE: Final = AIRPORTS[HUB].zone
_HOME_OFFSET: Final = timedelta(hours=4)
"""The hub keeps UTC+4 all year."""

_ONE_MORE_PILOT: Final = timedelta(hours=10, minutes=15)
_TWO_MORE_PILOTS: Final = timedelta(hours=14)
_RECOVERY_REST: Final = timedelta(hours=36)
_LAYOVER_RECOVERY: Final = timedelta(hours=110)
_SHORT_RECOVERY: Final = timedelta(hours=60)
_DUTY_PER_FLIGHT_HOUR: Final = 1.8

_HOME_REST: Final = timedelta(hours=14)
_STANDBYS: Final[
    tuple[tuple[Literal["airport", "home"], tuple[int, ...], timedelta, _Complement, _Complement], ...]
] = (
    (
        "airport",
        (0, 6, 12, 18),
        timedelta(hours=8),
        (("captain", 1), ("first_officer", 1)),
        (("purser", 1), ("cabin", 4)),
    ),
    (
        "home",
        (2, 14),
        timedelta(hours=12),
        (("captain", 2), ("first_officer", 2)),
        (("purser", 1), ("cabin", 8)),
    ),
)
"""Standby type, starting hours at the hub, length, and how many pilots of each rating and cabin crew."""

_CABIN_TYPES: Final = {"narrow": ("A320", "A321"), "wide": ("A35K", "B77W", "B789")}


@dataclass(frozen=True, slots=True)
class Crewing:
    """The crew members, their roster and the reserves."""

    members: Sequence[CrewMember]
    roster: Sequence[CrewAssignment]
    reserves: Sequence[ReserveCrewMember]


@dataclass(frozen=True, slots=True)
class _Duty:
    flights: tuple[Flight, ...]
    report: datetime
    debrief: datetime
    complement: _Complement
    augmented_pilots: int
    rest_facility: Literal["class1", "class2", "class3"] | None

    @property
    def flight_ids(self) -> tuple[str, ...]:
        return tuple(flight.flight_id for flight in self.flights)

    @property
    def hours(self) -> float:
        return (self.debrief - self.report) / _HOUR

    @property
    def flight_hours(self) -> float:
        return sum((flight.block / _HOUR for flight in self.flights), 0.0)


@dataclass(frozen=True, slots=True)
class _Hours:
    duty_7d: float
    duty_14d: float
    duty_28d: float
    flight_28d: float
    flight_year: float
    flight_12_months: float


@dataclass(frozen=True, slots=True)
class _Assigned:
    duty: _Duty
    rest_before: timedelta
    hours_since_home_report: float
    next_report: datetime | None
    disruptive_before: int
    hours: _Hours


@dataclass(slots=True)
class _Person:
    """A crew member while the roster is being made.

    Before the first day the member flew `rate` hours a day, and in the last week `week_share` of that.
    """

    member: CrewMember
    rate: float
    week_share: float
    last_debrief: datetime | None = None
    disruptive: int = 0
    assigned: list[_Assigned] = field(default_factory=list)

    def cumulative(self, at: datetime, calendar: Calendar) -> _Hours:
        """Return the hours at report: an even past before the first day, and the roster since."""
        since_start = (at - calendar.start) / timedelta(days=1)

        def past(days: int) -> float:
            return self.rate * days * min(1.0, max(0.0, 1 - since_start / days))

        def duty(days: int, share: float) -> float:
            since = at - timedelta(days=days)
            done = sum(one.duty.hours for one in self.assigned if one.duty.report >= since)
            return round(past(days) * _DUTY_PER_FLIGHT_HOUR * share + done, 2)

        def flown(since: datetime) -> float:
            return sum(one.duty.flight_hours for one in self.assigned if one.duty.report >= since)

        new_year = at.replace(month=1, day=1, hour=0, minute=0)
        year_before = self.rate * max(0.0, (calendar.start - new_year) / timedelta(days=1))
        return _Hours(
            duty_7d=duty(7, self.week_share),
            duty_14d=duty(14, (1 + self.week_share) / 2),
            duty_28d=duty(28, 1.0),
            flight_28d=round(past(28) + flown(at - timedelta(days=28)), 2),
            flight_year=round(year_before + flown(new_year), 2),
            flight_12_months=round(self.rate * 365 + flown(calendar.start), 2),
        )


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
        self._pools: defaultdict[tuple[tuple[str, ...], CrewRole], list[tuple[datetime, str, _Person]]]
        self._pools = defaultdict(list)
        self._people: list[_Person] = []

    def run(self) -> Crewing:
        away: dict[str, list[tuple[_Person, datetime]]] = {}
        for rotation in self._schedule.rotations:
            if rotation.trip.layover:
                self._layover(rotation, away)
            else:
                self._out_and_back(rotation)
        roster = [row for person in self._people for row in _roster_of(person)]
        reserves = list(self._reserves())
        return Crewing([person.member for person in self._people], roster, reserves)

    def _out_and_back(self, rotation: Rotation) -> None:
        type_ = rotation.trip.type_
        duty = _duty(type_, (rotation.out, rotation.back))
        for person in list(self._crew(duty, type_)):
            self._assign(person, duty, self._rest_before(person, duty.report), duty.report)
            second = len(person.assigned) % 2 == 0
            rest = _SHORT_RECOVERY if second else max(_HOME_REST, (duty.debrief - duty.report) + 2 * _HOUR)
            self._release(person, duty.debrief + rest)

    def _layover(self, rotation: Rotation, away: dict[str, list[tuple[_Person, datetime]]]) -> None:
        type_ = rotation.trip.type_
        out, back = _duty(type_, (rotation.out,)), _duty(type_, (rotation.back,))
        day = timedelta(days=1)
        waiting = away.get(rotation.trip.out_number)
        if waiting is None:
            waiting = [(person, out.report - day) for person in self._crew(back, type_, fresh=True)]
            for person, _ in waiting:
                person.last_debrief = out.debrief - day
                person.disruptive = 1 if _disruptive(out) else 0
        for person, reported_at_home in waiting:
            self._assign(person, back, self._rest_before(person, back.report), reported_at_home)
            self._release(person, back.debrief + _LAYOVER_RECOVERY)
        outbound = list(self._crew(out, type_))
        for person in outbound:
            rest = self._rest_before(person, out.report)
            self._assign(person, out, rest, out.report, next_report=back.report + day)
        away[rotation.trip.out_number] = [(person, out.report) for person in outbound]

    def _crew(self, duty: _Duty, type_: AircraftType, *, fresh: bool = False) -> Iterator[_Person]:
        for role, count in duty.complement:
            types = _rated_types(type_, role)
            pool = self._pools[types, role]
            for _ in range(count):
                if not fresh and pool and pool[0][0] <= duty.report:
                    yield heappop(pool)[2]
                else:
                    yield self._hire(role, types)

    def _hire(self, role: CrewRole, types: tuple[str, ...]) -> _Person:
        person = _Person(
            self._member(role, types),
            rate=self._random.uniform(1.6, 2.3),
            week_share=self._random.uniform(0.6, 1.1),
        )
        self._people.append(person)
        return person

    def _member(self, role: CrewRole, types: Sequence[str]) -> CrewMember:
        after = self._calendar.end
        pilot = role in ("captain", "first_officer")

        def days(least: int, most: int) -> datetime:
            return after + timedelta(days=self._random.randrange(least, most))

        valid_until = days(20, 330)
        return CrewMember(
            crew_id=f"CR{len(self._people) + 1:05d}",
            name=person_name(self._random),
            role=role,
            base=HUB,
            ratings=tuple(Rating(aircraft_type=type_, valid_until=valid_until) for type_ in types),
            medical_valid_until=days(10, 330),
            recency_until=days(3, 80) if pilot else None,
            home_zone=_HOME_ZONE,
        )

    def _release(self, person: _Person, free_from: datetime) -> None:
        types = tuple(rating.aircraft_type for rating in person.member.ratings)
        entry = (free_from, person.member.crew_id, person)
        heappush(self._pools[types, person.member.role], entry)

    def _rest_before(self, person: _Person, report: datetime) -> timedelta:
        if person.last_debrief is None:
            return timedelta(minutes=15 * self._random.randrange(4 * 40, 4 * 90))
        return report - person.last_debrief

    def _assign(
        self,
        person: _Person,
        duty: _Duty,
        rest: timedelta,
        acclimatised_at: datetime,
        next_report: datetime | None = None,
    ) -> None:
        if rest >= _RECOVERY_REST:
            person.disruptive = 0
        person.assigned.append(
            _Assigned(
                duty=duty,
                rest_before=rest,
                hours_since_home_report=round((duty.report - acclimatised_at) / _HOUR, 2),
                next_report=next_report,
                disruptive_before=person.disruptive,
                hours=person.cumulative(duty.report, self._calendar),
            )
        )
        person.disruptive += 1 if _disruptive(duty) else 0
        person.last_debrief = duty.debrief

    def _reserves(self) -> Iterator[ReserveCrewMember]:
        types_flown = {rotation.trip.aircraft_type for rotation in self._schedule.rotations}
        pilot_groups = dict.fromkeys(
            AIRCRAFT_TYPES[code].rating for code in AIRCRAFT_TYPES if code in types_flown
        )
        more = max(1, len(self._schedule.rotations) // len(self._calendar.days) // 50)
        for day in (*self._calendar.days, self._calendar.last + timedelta(days=1)):
            midnight = datetime.combine(day, time(), self._calendar.start.tzinfo) - _HOME_OFFSET
            for standby_type, starts, length, pilots, cabin in _STANDBYS:
                for hour in starts:
                    start = midnight + timedelta(hours=hour)
                    for rating in pilot_groups:
                        types = tuple(c for c, type_ in AIRCRAFT_TYPES.items() if type_.rating == rating)
                        for role, count in pilots:
                            for _ in range(count * more):
                                yield self._reserve(standby_type, start, length, role, types)
                    for types in _CABIN_TYPES.values():
                        for role, count in cabin:
                            for _ in range(count * more):
                                yield self._reserve(standby_type, start, length, role, types)

    def _reserve(
        self,
        standby_type: Literal["airport", "home"],
        start: datetime,
        length: timedelta,
        role: CrewRole,
        types: tuple[str, ...],
    ) -> ReserveCrewMember:
        person = self._hire(role, types)
        hours = person.cumulative(start, self._calendar)
        call_out = 0 if standby_type == "airport" else 15 * self._random.randrange(4, 9)
        return ReserveCrewMember(
            base=HUB,
            crew_id=person.member.crew_id,
            standby_type=standby_type,
            start=start,
            end=start + length,
            role=role,
            aircraft_types=types,
            call_out=timedelta(minutes=call_out),
            duty_hours_7d=hours.duty_7d,
            duty_hours_14d=hours.duty_14d,
            duty_hours_28d=hours.duty_28d,
            flight_hours_28d=hours.flight_28d,
            flight_hours_year=hours.flight_year,
            flight_hours_12_months=hours.flight_12_months,
        )


def _roster_of(person: _Person) -> Iterator[CrewAssignment]:
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
                acclimatised_zone=_HOME_ZONE,
                hours_since_zone_report=assigned.hours_since_home_report,
                augmented_pilots=duty.augmented_pilots,
                rest_facility=duty.rest_facility,
                extensions_last_7_days=0,
                disruptive_duties=assigned.disruptive_before,
            )


def _duty(type_: AircraftType, flights: tuple[Flight, ...]) -> _Duty:
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
    return _Duty(
        flights=flights,
        report=report,
        debrief=flights[-1].sta + _DEBRIEF,
        complement=tuple(complement),
        augmented_pilots=augmented,
        rest_facility=type_.rest_facility if augmented else None,
    )


def _disruptive(duty: _Duty) -> bool:
    """Whether the duty is an early start, a late finish or a night duty (ORO.FTL.105(8), early type)."""
    starts, ends = duty.report + _HOME_OFFSET, duty.debrief + _HOME_OFFSET
    if time(5) <= starts.time() < time(6) or ends.time() >= time(23) or ends.time() < time(2):
        return True
    night = datetime.combine(starts.date(), time(2), starts.tzinfo)
    return any(
        starts < begins + timedelta(hours=3) and ends > begins
        for begins in (night, night + timedelta(days=1))
    )


def _rated_types(type_: AircraftType, role: CrewRole) -> tuple[str, ...]:
    if role in ("captain", "first_officer"):
        return tuple(code for code, other in AIRCRAFT_TYPES.items() if other.rating == type_.rating)
    return _CABIN_TYPES["wide" if type_.long_haul else "narrow"]
