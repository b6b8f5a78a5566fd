"""How far a route lies from the nearest aerodrome, in minutes of flight on one engine."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Final

from skymarshal.domain.aircraft_types import type_data
from skymarshal.domain.etops import EtopsCheck, check_etops
from skymarshal.domain.geo import EARTH_RADIUS_KM, great_circle_km
from skymarshal.operations.records import Aircraft

__all__ = ["ADEQUATE_AERODROMES", "SINGLE_ENGINE_KMH", "check_tail_on_route", "diversion_minutes"]

SINGLE_ENGINE_KMH: Final = 740.0
"""What a twin makes on one engine in still air, about 400 kt."""

_STEP_KM: Final = 60.0

_POSITIONS: Final = """
AUH 24.4 54.7|DXB 25.3 55.4|MCT 23.6 58.3|RUH 25.0 46.7|JED 21.7 39.2|KWI 29.2 48.0|CAI 30.1 31.4
AMM 31.7 36.0|IST 41.3 28.7|ESB 40.1 33.0|GYD 40.5 50.1|TBS 41.7 45.0|ATH 37.9 23.9|FCO 41.8 12.2
VIE 48.1 16.6|FRA 50.0 8.6|CDG 49.0 2.5|MAD 40.5 -3.6|LIS 38.8 -9.1|LHR 51.5 -0.5|SNN 52.7 -8.9
EDI 56.0 -3.4|CPH 55.6 12.7|OSL 60.2 11.1|ARN 59.7 17.9|HEL 60.3 25.0|WAW 52.2 21.0|OTP 44.6 26.1
KEF 64.0 -22.6|SFJ 67.0 -50.7|YYR 53.3 -60.4|YQX 48.9 -54.6|YFB 63.8 -68.6|TER 38.8 -27.1|BDA 32.4 -64.7
YHZ 44.9 -63.5|YUL 45.5 -73.7|YYZ 43.7 -79.6|JFK 40.6 -73.8|BGR 44.8 -68.8|IAD 38.9 -77.5|ORD 42.0 -87.9
YWG 49.9 -97.2|DEN 39.9 -104.7|ALA 43.4 77.0|TAS 41.3 69.3|ASB 38.0 58.4|KHI 24.9 67.2|LHE 31.5 74.4
DEL 28.6 77.1|BOM 19.1 72.9|BLR 13.2 77.7|MAA 13.0 80.2|CCU 22.7 88.4|DAC 23.8 90.4|CMB 7.2 79.9
MLE 4.2 73.5|KTM 27.7 85.4|RGN 16.9 96.1|BKK 13.7 100.7|HKT 8.1 98.3|KUL 2.7 101.7|SIN 1.4 104.0
CGK -6.1 106.7|DPS -8.7 115.2|MNL 14.5 121.0|HKG 22.3 113.9|CTU 30.6 103.9|URC 43.9 87.5|LHW 36.5 103.6
PEK 40.1 116.6|PVG 31.1 121.8|ICN 37.5 126.5|NRT 35.8 140.4|CCK -12.2 96.8|PER -31.9 116.0|LEA -22.2 114.1
DRW -12.4 130.9|ASP -23.8 133.9|ADL -34.9 138.5|MEL -37.7 144.8|SYD -33.9 151.2|BNE -27.4 153.1
IKA 35.4 51.2|SYZ 29.5 52.6|BGW 33.3 44.2|ADA 37.0 35.3|TZX 41.0 39.8|SOF 42.7 23.4|MSQ 53.9 28.0
ADD 9.0 38.8|NBO -1.3 36.9|DAR -6.9 39.2|LUN -15.3 28.5|JNB -26.1 28.2|SEZ -4.7 55.5|MRU -20.4 57.7
""".replace("\n", "|").strip("|")


def _positions() -> dict[str, tuple[float, float]]:
    entries = (entry.split() for entry in _POSITIONS.split("|"))
    return {code: (float(lat), float(lon)) for code, lat, lon in entries}


ADEQUATE_AERODROMES: Final = _positions()
"""Aerodromes that a long-haul twin could divert to, by IATA code: latitude and longitude in degrees."""


@lru_cache(maxsize=1024)
def diversion_minutes(
    origin: tuple[float, float], destination: tuple[float, float], cruise_kmh: float = SINGLE_ENGINE_KMH
) -> int:
    """Return the longest one-engine time to an aerodrome along the great circle, in whole minutes.

    Origin and destination count as aerodromes too. Winds and the track actually filed are left out, so this
    is what the route needs at least in still air.
    """
    aerodromes = (*_AERODROMES, _place(*origin), _place(*destination))
    total = great_circle_km(*origin, *destination)
    steps = max(1, math.ceil(total / _STEP_KM))
    farthest = max(_nearest_km(_along(origin, destination, n / steps), aerodromes) for n in range(steps + 1))
    return math.ceil(farthest / cruise_kmh * 60)


def check_tail_on_route(aircraft: Aircraft, needed: timedelta, *, removed_by_mel: bool = False) -> EtopsCheck:
    """Return whether a tail may fly a route that lies `needed` from an aerodrome.

    A type that the table of types does not hold is taken for a twin, which is bound the most.
    """
    data = type_data(aircraft.aircraft_type)
    approved = aircraft.etops_minutes
    return check_etops(
        engines=2 if data is None else data.engines,
        approved=None if approved is None else timedelta(minutes=approved),
        removed_by_mel=removed_by_mel,
        diversion_time=needed,
    )


_Place = tuple[float, float, float]
"""Latitude in radians, its cosine, and longitude in degrees."""


def _place(lat: float, lon: float) -> _Place:
    phi = math.radians(lat)
    return phi, math.cos(phi), lon


_AERODROMES: Final = tuple(_place(*position) for position in ADEQUATE_AERODROMES.values())


def _nearest_km(point: tuple[float, float], places: Iterable[_Place]) -> float:
    """Return the distance to the nearest place: that of the shortest chord, so one arc is worked out."""
    phi, cos_phi, lon = _place(*point)
    shortest = min(
        math.sin((other - phi) / 2) ** 2
        + cos_phi * cos_other * math.sin(math.radians(other_lon - lon) / 2) ** 2
        for other, cos_other, other_lon in places
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(shortest)))


def _along(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    """Return the point at a share of the great circle from `start` to `end`, in degrees."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*start, *end))
    angle = great_circle_km(*start, *end) / 6371.0088
    if angle == 0:
        return start
    a, b = math.sin((1 - share) * angle) / math.sin(angle), math.sin(share * angle) / math.sin(angle)
    x = a * math.cos(lat_a) * math.cos(lon_a) + b * math.cos(lat_b) * math.cos(lon_b)
    y = a * math.cos(lat_a) * math.sin(lon_a) + b * math.cos(lat_b) * math.sin(lon_b)
    z = a * math.sin(lat_a) + b * math.sin(lat_b)
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
