"""What a type of aircraft is by its design: engines, and the runway that it needs.

A dated table by ICAO type designator (Doc 8643). Engines are what the designator stands for. Runway lengths
are planning figures at the maximum take-off and landing mass at sea level in the standard atmosphere, rounded
up; a performance calculation for the day's mass and weather may allow less or ask for more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from skymarshal.domain.articles import Article

__all__ = ["RUNWAY_ARTICLE", "TYPES_AS_OF", "TypeData", "type_data"]

TYPES_AS_OF: Final = date(2026, 11, 1)

RUNWAY_ARTICLE: Final = Article(
    regulation="Regulation (EU) 965/2012",
    article="CAT.POL.A.205, CAT.POL.A.230",
    subject="Take-off and landing distances available",
    status="unverified",
    source="from memory, text not read; lengths by type from the makers' airport planning figures, not read",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeData:
    """A type: its engines, and the runway in metres that it needs to take off and to land."""

    engines: int
    takeoff_m: int
    landing_m: int


_TYPES: Final = """
A318 2 1800 1400|A319 2 1900 1450|A320 2 2100 1500|A321 2 2400 1600|A19N 2 1900 1450|A20N 2 2000 1500
A21N 2 2400 1650|A332 2 2500 1750|A333 2 2500 1800|A338 2 2600 1750|A339 2 2600 1800|A359 2 2650 1950
A35K 2 2800 2000|A388 4 3000 2100|A343 4 3000 1950|A346 4 3100 2100|B737 2 2100 1450|B738 2 2400 1650
B38M 2 2500 1650|B39M 2 2600 1700|B744 4 3200 2150|B748 4 3100 2100|B772 2 2600 1700|B77L 2 2900 1700
B773 2 3000 1850|B77W 2 2950 1850|B77F 2 2850 1850|B788 2 2600 1650|B789 2 2750 1750|B78X 2 2850 1800
""".replace("\n", "|").strip("|")


def _table() -> Mapping[str, TypeData]:
    rows = (entry.split() for entry in _TYPES.split("|"))
    return MappingProxyType(
        {
            code: TypeData(engines=int(engines), takeoff_m=int(takeoff), landing_m=int(landing))
            for code, engines, takeoff, landing in rows
        }
    )


_BY_CODE: Final = _table()


def type_data(aircraft_type: str) -> TypeData | None:
    """Return what is known of a type by its ICAO designator, or None."""
    return _BY_CODE.get(aircraft_type)
