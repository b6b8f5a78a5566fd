"""How long the work on the ground takes, by type of aircraft and by load: the airline's own dated table.

Planning values of the sample airline, as a ground operations manual holds them; an airline puts its own in
their place. `GROUND_TIMES_FROM` and the version of the policy say which table a decision rests on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

__all__ = ["GROUND_TIMES", "GROUND_TIMES_FROM", "GROUND_TIMES_SOURCE", "GroundTimes", "ground_times"]

GROUND_TIMES_FROM: Final = date(2026, 11, 1)
GROUND_TIMES_SOURCE: Final = "planning values of the sample airline, from memory, not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundTimes:
    """The work on one type: minutes for what does not depend on the load, rates a minute for what does.

    Boarding has a fixed part for the first and the last passenger. Catering and fuelling run side by side
    with bags and cargo; bags and cargo of one flight go one after the other.
    """

    boarding_fixed: int
    boarding_rate: float
    deboarding_rate: float
    cleaning: int
    catering: int
    fuelling: int
    towing: int
    bags_rate: float
    cargo_kg_rate: float

    def boarding(self, passengers: int) -> timedelta:
        """Return how long it takes to board that many passengers."""
        return self._minutes(self.boarding_fixed + passengers / self.boarding_rate) if passengers else _NONE

    def turnaround(self, off: int, on: int) -> timedelta:
        """Return how long a tail takes from on-block to doors closed, with so many leaving and boarding.

        The cabin is cleaned and catered when it is empty; fuelling runs beside both.
        """
        empty = self._minutes(max(self.cleaning, self.catering))
        leaving = self._minutes(off / self.deboarding_rate)
        return max(leaving + empty, self._minutes(self.fuelling)) + self.boarding(on)

    def transfer(self, bags: int, cargo_kg: float) -> timedelta:
        """Return how long it takes to bring a load over to another tail, which is catered and fuelled too."""
        load = bags / self.bags_rate + cargo_kg / self.cargo_kg_rate
        return self._minutes(max(load, self.catering, self.fuelling))

    @property
    def towing_time(self) -> timedelta:
        """How long it takes to tow a tail to the stand."""
        return self._minutes(self.towing)

    @staticmethod
    def _minutes(minutes: float) -> timedelta:
        return timedelta(minutes=math.ceil(minutes))


_NONE: Final = timedelta(0)

_NARROW: Final = GroundTimes(
    boarding_fixed=5,
    boarding_rate=8.0,
    deboarding_rate=20.0,
    cleaning=10,
    catering=15,
    fuelling=15,
    towing=20,
    bags_rate=8.0,
    cargo_kg_rate=250.0,
)
_WIDE: Final = GroundTimes(
    boarding_fixed=5,
    boarding_rate=10.0,
    deboarding_rate=25.0,
    cleaning=20,
    catering=25,
    fuelling=35,
    towing=30,
    bags_rate=10.0,
    cargo_kg_rate=600.0,
)
_FREIGHTER: Final = GroundTimes(
    boarding_fixed=5,
    boarding_rate=8.0,
    deboarding_rate=18.0,
    cleaning=0,
    catering=10,
    fuelling=40,
    towing=30,
    bags_rate=10.0,
    cargo_kg_rate=1_200.0,
)

_NARROW_TYPES: Final = (
    "A318",
    "A319",
    "A320",
    "A321",
    "A19N",
    "A20N",
    "A21N",
    "B737",
    "B738",
    "B38M",
    "B39M",
)
_WIDE_TYPES: Final = (
    *("A332", "A333", "A338", "A339", "A359", "A35K", "A388", "A343", "A346", "B744", "B748"),
    *("B772", "B773", "B77L", "B77W", "B788", "B789", "B78X"),
)

GROUND_TIMES: Final[Mapping[str, GroundTimes]] = MappingProxyType(
    {
        **dict.fromkeys(_NARROW_TYPES, _NARROW),
        **dict.fromkeys(_WIDE_TYPES, _WIDE),
        "B77F": _FREIGHTER,
    }
)
"""By ICAO type designator."""


_LONGEST: Final = GroundTimes(
    boarding_fixed=max(one.boarding_fixed for one in GROUND_TIMES.values()),
    boarding_rate=min(one.boarding_rate for one in GROUND_TIMES.values()),
    deboarding_rate=min(one.deboarding_rate for one in GROUND_TIMES.values()),
    cleaning=max(one.cleaning for one in GROUND_TIMES.values()),
    catering=max(one.catering for one in GROUND_TIMES.values()),
    fuelling=max(one.fuelling for one in GROUND_TIMES.values()),
    towing=max(one.towing for one in GROUND_TIMES.values()),
    bags_rate=min(one.bags_rate for one in GROUND_TIMES.values()),
    cargo_kg_rate=min(one.cargo_kg_rate for one in GROUND_TIMES.values()),
)


def ground_times(aircraft_type: str) -> GroundTimes:
    """Return the ground times of a type; of one that the table does not hold, the longest of each.

    So a plan never has less time than it takes.
    """
    return GROUND_TIMES.get(aircraft_type, _LONGEST)
