"""Crew members while the roster is being made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal, TypeAlias

from skymarshal.operations.airline.names import person_name
from skymarshal.operations.airline.schedule import Calendar
from skymarshal.operations.airline.world import AIRPORTS, HUB
from skymarshal.operations.records import CrewMember, CrewRole, Flight, Rating

__all__ = ["HOME_OFFSET", "HOME_ZONE", "Assigned", "Complement", "Duty", "Hours", "People", "Person"]

Complement: TypeAlias = tuple[tuple[CrewRole, int], ...]
"""How many of each role."""

HOME_ZONE: Final = AIRPORTS[HUB].zone
HOME_OFFSET: Final = timedelta(hours=4)
"""The hub keeps UTC+4 all year."""

_HOUR: Final = timedelta(hours=1)
_DUTY_PER_FLIGHT_HOUR: Final = 1.8


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a whole crew: `complement` says how many of each role fly it."""

    flights: tuple[Flight, ...]
    report: datetime
    debrief: datetime
    complement: Complement
    augmented_pilots: int
    rest_facility: Literal["class1", "class2", "class3"] | None

    @property
    def flight_ids(self) -> tuple[str, ...]:
        """The sectors in order."""
        return tuple(flight.flight_id for flight in self.flights)

    @property
    def hours(self) -> float:
        """Hours on duty."""
        return (self.debrief - self.report) / _HOUR

    @property
    def flight_hours(self) -> float:
        """Block hours."""
        return sum((flight.block / _HOUR for flight in self.flights), 0.0)


@dataclass(frozen=True, slots=True)
class Hours:
    """Cumulative hours at an instant."""

    duty_7d: float
    duty_14d: float
    duty_28d: float
    flight_28d: float
    flight_year: float
    flight_12_months: float


@dataclass(frozen=True, slots=True)
class Assigned:
    """A duty given to a person, with what the roster says at its report."""

    duty: Duty
    rest_before: timedelta
    hours_since_home_report: float
    next_report: datetime | None
    disruptive_before: int
    hours: Hours


@dataclass(slots=True)
class Person:
    """A crew member while the roster is being made.

    Before the first day the member flew `rate` hours a day, and in the last week `week_share` of that.
    """

    member: CrewMember
    rate: float
    week_share: float
    last_debrief: datetime | None = None
    disruptive: int = 0
    assigned: list[Assigned] = field(default_factory=list)

    def cumulative(self, at: datetime, calendar: Calendar) -> Hours:
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
        return Hours(
            duty_7d=duty(7, self.week_share),
            duty_14d=duty(14, (1 + self.week_share) / 2),
            duty_28d=duty(28, 1.0),
            flight_28d=round(past(28) + flown(at - timedelta(days=28)), 2),
            flight_year=round(year_before + flown(new_year), 2),
            flight_12_months=round(self.rate * 365 + flown(calendar.start), 2),
        )


class People:
    """Everyone who was hired so far, in that order."""

    def __init__(self, calendar: Calendar, random: Random) -> None:
        self.hired: list[Person] = []
        self._calendar = calendar
        self._random = random

    def hire(self, role: CrewRole, types: tuple[str, ...]) -> Person:
        """Return a new crew member who is rated on `types`."""
        person = Person(
            self._member(role, types),
            rate=self._random.uniform(1.6, 2.3),
            week_share=self._random.uniform(0.6, 1.1),
        )
        self.hired.append(person)
        return person

    def _member(self, role: CrewRole, types: Sequence[str]) -> CrewMember:
        after = self._calendar.end
        pilot = role in ("captain", "first_officer")

        def days(least: int, most: int) -> datetime:
            return after + timedelta(days=self._random.randrange(least, most))

        valid_until = days(20, 330)
        return CrewMember(
            crew_id=f"CR{len(self.hired) + 1:05d}",
            name=person_name(self._random),
            role=role,
            base=HUB,
            ratings=tuple(Rating(aircraft_type=type_, valid_until=valid_until) for type_ in types),
            medical_valid_until=days(10, 330),
            recency_until=days(3, 80) if pilot else None,
            home_zone=HOME_ZONE,
        )
