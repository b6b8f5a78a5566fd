"""Zone, country and position of airports, for checks by hand.

The sample airline's airports as the flow knows them, all others from the data package `airportsdata`. Checks
in the flow read the Airports table instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import airportsdata

from skymarshal.domain.errors import InvalidInputError
from skymarshal.domain.passenger_rights import in_eu261_territory

__all__ = ["AirportPlace", "airport_code", "airport_place", "find_airport", "same_city"]

_NEAREST: Final = "the IATA code of an airport, such as AUH"


@dataclass(frozen=True, slots=True, kw_only=True)
class AirportPlace:
    """Where an airport is."""

    code: str
    country: str
    zone: str
    latitude: float
    longitude: float

    @property
    def eu(self) -> bool:
        """Return whether the EU regulation on passenger rights applies there."""
        return in_eu261_territory(self.country)

    @property
    def uk(self) -> bool:
        """Return whether the UK regulation applies there."""
        return self.country == "GB"


def airport_code(field: str, text: str) -> str:
    """Return an IATA airport code in capitals, whether or not the airport is in the list.

    Raises:
        InvalidInputError: If it is no three letters.
    """
    code = text.strip().upper()
    if re.fullmatch(r"[A-Z]{3}", code) is None:
        raise InvalidInputError(field, text, "an IATA airport code of three letters")
    return code


def find_airport(code: str) -> AirportPlace | None:
    """Return the airport of an IATA code, or None if there is none of it."""
    from skymarshal.operations.airline.world import AIRPORTS

    iata = code.strip().upper()
    known = AIRPORTS.get(iata)
    if known is not None:
        return AirportPlace(
            code=iata, country=known.country, zone=known.zone, latitude=known.lat, longitude=known.lon
        )
    row = _world().get(iata)
    if row is None:
        return None
    return AirportPlace(
        code=iata, country=row["country"], zone=row["tz"], latitude=row["lat"], longitude=row["lon"]
    )


def airport_place(field: str, code: str) -> AirportPlace:
    """Return the airport of an IATA code.

    Raises:
        InvalidInputError: If there is none of it.
    """
    place = find_airport(code)
    if place is None:
        raise InvalidInputError(field, code, _NEAREST)
    return place


def same_city(code: str, other: str) -> bool:
    """Return whether two airports serve one city, by IATA's metropolitan areas."""
    areas = airportsdata.load_iata_macs()
    return any({code, other} <= set(area["airports"]) for area in areas.values())


@lru_cache(maxsize=1)
def _world() -> dict[str, airportsdata.Airport]:
    # 28,000 rows take a sixth of a second to read, so they are read only for an airport off the network.
    return airportsdata.load("IATA")
