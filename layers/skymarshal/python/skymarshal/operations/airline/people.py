"""Crew members while the roster is being made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from typing import Final, Literal, TypeAlias

from skymarshal.operations.airline.names import person_name
from skymarshal.operations.airline.schedule import Calendar
from skymarshal.operations.airline.world import AIRPORTS, HUB
from skymarshal.operations.past_duties import ListedDuty, past_duty_text
from skymarshal.operations.records import CrewMember, CrewRole, Flight, Rating

__all__ = [
    "HOME_OFFSET",
    "HOME_ZONE",
    "Assigned",
    "Complement",
    "Duty",
    "Hours",
    "People",
    "Person",
    "known_from",
]

Complement: TypeAlias = tuple[tuple[CrewRole, int], ...]
"""How many of each role."""

HOME_ZONE: Final = AIRPORTS[HUB].zone
HOME_OFFSET: Final = timedelta(hours=4)
"""The hub keeps UTC+4 all year."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_FIVE_MINUTES: Final = timedelta(minutes=5)
_DUTY_PER_FLIGHT_HOUR: Final = 1.8
_LISTED: Final = timedelta(days=35)
_CYCLE: Final = 7
_DAYS_ON: Final = 4
_DAYS_A_DUTY: Final = _CYCLE / _DAYS_ON
_LAST_WEEK: Final = 7
_PAST_REPORT: Final = time(10)
_PAST_DEBRIEF: Final = time(18)
"""Duties of the past lie in the day, at the hub, so that none disturbs sleep."""


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

    def listed(self, earlier: timedelta = timedelta(0)) -> ListedDuty:
        """Return the duty as the roster lists it among past ones, flown so much earlier than scheduled."""
        return ListedDuty(
            report=self.report - earlier,
            debrief=self.debrief - earlier,
            start=self.flights[0].origin,
            end=self.flights[-1].destination,
            kind="flight",
            flight_time=sum((flight.block for flight in self.flights), timedelta(0)),
            in_flight_rest=self.augmented_pilots > 0 and self.rest_facility is not None,
        )


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
    past: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    """A duty that counts towards the cumulative hours: its hours by day at the hub, and its flight hours."""

    days: tuple[tuple[int, float], ...]
    ended: date
    flight_hours: float


@dataclass(slots=True)
class Person:
    """A crew member while the roster is being made.

    Before the roster begins the member flew `rate` hours a day, and in the last week `week_share` of that.
    """

    member: CrewMember
    rate: float
    week_share: float
    last_debrief: datetime | None = None
    last_place: str = HUB
    disruptive: int = 0
    assigned: list[Assigned] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    done: list[_Done] = field(default_factory=list)

    def look_back(self, report: datetime, rest: timedelta, calendar: Calendar) -> None:
        """Give the member a past: four days of duty at the hub and three off, then at least the rest."""
        last = (report - rest + HOME_OFFSET).date()
        if datetime.combine(last, _PAST_DEBRIEF, report.tzinfo) - HOME_OFFSET > report - rest:
            last -= _DAY
        duties = [duty for start in _past_days(last, calendar) for duty in (self._past_duty(start, last),)]
        for duty in duties:
            self.add(duty)
        self.last_debrief = duties[-1].debrief

    def add(self, duty: ListedDuty) -> None:
        """Put a duty among the past ones."""
        self.past.append(past_duty_text(duty))
        self.done.append(_done(duty))
        self.last_place = duty.end

    def cumulative(self, at: datetime, calendar: Calendar) -> Hours:
        """Return the hours at report, by days at the hub: those listed, and an even past before them."""
        today = (at + HOME_OFFSET).date()

        def duty(days: int) -> float:
            since = today.toordinal() - days
            return round(sum(hours for one in self.done for day, hours in one.days if day > since), 2)

        def flown(since: date) -> float:
            return sum(one.flight_hours for one in self.done if one.ended > since)

        new_year = today.replace(month=1, day=1)
        listed_from = known_from(calendar).date()
        year_before = self.rate * max(0, (listed_from - new_year).days)
        months_before = self.rate * (365 - (today - listed_from).days)
        return Hours(
            duty_7d=duty(7),
            duty_14d=duty(14),
            duty_28d=duty(28),
            flight_28d=round(flown(today - 28 * _DAY), 2),
            flight_year=round(year_before + flown(new_year - _DAY), 2),
            flight_12_months=round(months_before + flown(date.min), 2),
        )

    def _past_duty(self, day: date, last: date) -> ListedDuty:
        share = self.week_share if (last - day).days < _LAST_WEEK else 1.0
        return _hub_duty(day, round(self.rate * _DAYS_A_DUTY * share * 12))


def known_from(calendar: Calendar) -> datetime:
    """Return since when the roster lists every duty: over 28 days and from the start of any row's month."""
    return calendar.start - _LISTED - HOME_OFFSET


def _past_days(last: date, calendar: Calendar) -> Iterator[date]:
    first = (known_from(calendar) + HOME_OFFSET).date()
    for back in range((last - first).days, -1, -1):
        if back % _CYCLE < _DAYS_ON:
            yield last - back * _DAY


@lru_cache(maxsize=4096)
def _hub_duty(day: date, twelfths: int) -> ListedDuty:
    """Return a duty by day out from the hub and back, with so many times five minutes of block time."""
    report = datetime.combine(day, _PAST_REPORT, UTC) - HOME_OFFSET
    flown = twelfths * _FIVE_MINUTES
    on_duty = round(twelfths * _DUTY_PER_FLIGHT_HOUR) * _FIVE_MINUTES
    return ListedDuty(
        report=report,
        debrief=min(report + on_duty, datetime.combine(day, _PAST_DEBRIEF, UTC) - HOME_OFFSET),
        start=HUB,
        end=HUB,
        kind="flight",
        flight_time=flown,
    )


@lru_cache(maxsize=65536)
def _done(duty: ListedDuty) -> _Done:
    days = []
    at = duty.report + HOME_OFFSET
    end = duty.debrief + HOME_OFFSET
    while at < end:
        midnight = datetime.combine(at.date() + _DAY, time(), at.tzinfo)
        until = min(end, midnight)
        days.append((at.toordinal(), (until - at) / _HOUR))
        at = until
    return _Done(tuple(days), end.date(), duty.flight_time / _HOUR)


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
