"""Who is on call at the hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Final, Literal

from skymarshal.operations.airline.people import HOME_OFFSET, Complement, People, known_from
from skymarshal.operations.airline.schedule import Schedule
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, CABIN_TYPES, HUB
from skymarshal.operations.records import CrewRole, ReserveCrewMember

__all__ = ["stand_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standby:
    """A kind of standby: when it starts at the hub, how long it lasts and who takes part.

    `pilots` are for each type rating, `cabin` for each group of types that cabin crew are qualified on.
    """

    kind: Literal["airport", "home"]
    starts: tuple[int, ...]
    length: timedelta
    pilots: Complement
    cabin: Complement


_STANDBYS: Final = (
    _Standby(
        kind="airport",
        starts=(0, 6, 12, 18),
        length=timedelta(hours=8),
        pilots=(("captain", 1), ("first_officer", 1)),
        cabin=(("purser", 1), ("cabin", 4)),
    ),
    _Standby(
        kind="home",
        starts=(2, 14),
        length=timedelta(hours=12),
        pilots=(("captain", 2), ("first_officer", 2)),
        cabin=(("purser", 1), ("cabin", 8)),
    ),
)
_REST_BEFORE: Final = timedelta(hours=48)
_FLIGHTS_A_DAY_PER_CREW: Final = 100
"""An airline of more flights a day has as many more on call."""


def stand_by(schedule: Schedule, people: People, random: Random) -> Iterator[ReserveCrewMember]:
    """Yield those who stand by at the hub, at the airport and at home, on every day and the day after."""
    calendar = schedule.calendar
    crews = max(1, len(schedule.flights) // len(calendar.days) // _FLIGHTS_A_DAY_PER_CREW)
    for day in (*calendar.days, calendar.last + timedelta(days=1)):
        midnight = datetime.combine(day, time(), calendar.start.tzinfo) - HOME_OFFSET
        for standby in _STANDBYS:
            wanted = list(_wanted(standby, schedule)) * crews
            for hour in standby.starts:
                start = midnight + timedelta(hours=hour)
                for types, role in wanted:
                    person = people.hire(role, types)
                    person.look_back(start, _REST_BEFORE, calendar)
                    hours = person.cumulative(start, calendar)
                    at_home = 15 * random.randrange(4, 9)
                    yield ReserveCrewMember(
                        base=HUB,
                        crew_id=person.member.crew_id,
                        standby_type=standby.kind,
                        start=start,
                        end=start + standby.length,
                        role=role,
                        aircraft_types=types,
                        call_out=timedelta(minutes=at_home if standby.kind == "home" else 0),
                        duty_hours_7d=hours.duty_7d,
                        duty_hours_14d=hours.duty_14d,
                        duty_hours_28d=hours.duty_28d,
                        flight_hours_28d=hours.flight_28d,
                        flight_hours_year=hours.flight_year,
                        flight_hours_12_months=hours.flight_12_months,
                        past_duties=tuple(person.past),
                        past_duties_from=known_from(calendar),
                        night_duties_managed=True,
                    )


def _wanted(standby: _Standby, schedule: Schedule) -> Iterator[tuple[tuple[str, ...], CrewRole]]:
    flown = {rotation.trip.type_.rating for rotation in schedule.rotations}
    for rating in dict.fromkeys(type_.rating for type_ in AIRCRAFT_TYPES.values()):
        if rating in flown:
            types = tuple(code for code, type_ in AIRCRAFT_TYPES.items() if type_.rating == rating)
            for role, count in standby.pilots:
                yield from [(types, role)] * count
    for types in CABIN_TYPES.values():
        for role, count in standby.cabin:
            yield from [(types, role)] * count
