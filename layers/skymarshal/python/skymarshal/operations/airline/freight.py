"""What is in the holds: shipments, the flights that carry them, and the cold stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import ceil
from random import Random
from typing import Final

from skymarshal.operations.airline.schedule import Schedule
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, CARRIER, HUB
from skymarshal.operations.records import (
    CargoAssignment,
    CargoShipment,
    ColdChainFacility,
    Flight,
)

__all__ = ["BAG_KG", "Freight", "air_waybill", "cold_stores", "load_holds"]

BAG_KG: Final = 23
"""What a checked bag is planned with."""

_AWB_PREFIX: Final = "607"


@dataclass(frozen=True, slots=True)
class Freight:
    """Shipments and the flights they are on."""

    shipments: Sequence[CargoShipment]
    assignments: Sequence[CargoAssignment]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commodity:
    name: str
    shcs: tuple[str, ...]
    kg: tuple[int, int]
    usd_per_kg: int
    temperature: tuple[float, float] | None = None
    hours: tuple[int, int] | None = None
    un_number: str | None = None
    dg_class: str | None = None
    cargo_aircraft_only: bool = False
    live_animals: bool = False


_VACCINES: Final = _Commodity(
    name="Vaccines",
    shcs=("PIL", "COL"),
    kg=(120, 620),
    usd_per_kg=900,
    temperature=(2.0, 8.0),
    hours=(30, 72),
)
_MEDICINES: Final = _Commodity(
    name="Medicines",
    shcs=("PIL", "CRT"),
    kg=(200, 900),
    usd_per_kg=240,
    temperature=(15.0, 25.0),
    hours=(60, 120),
)
_SALMON: Final = _Commodity(
    name="Fresh salmon",
    shcs=("PER", "COL"),
    kg=(300, 1400),
    usd_per_kg=14,
    temperature=(2.0, 8.0),
    hours=(24, 48),
)
_FLOWERS: Final = _Commodity(
    name="Cut flowers",
    shcs=("PER", "PEF", "ERT"),
    kg=(150, 800),
    usd_per_kg=9,
    temperature=(2.0, 25.0),
    hours=(30, 60),
)
_FALCONS: Final = _Commodity(
    name="Live falcons", shcs=("AVI",), kg=(40, 160), usd_per_kg=700, hours=(20, 30), live_animals=True
)
_LITHIUM: Final = _Commodity(
    name="Lithium ion batteries packed with equipment",
    shcs=("ELI",),
    kg=(80, 350),
    usd_per_kg=65,
    un_number="UN3481",
    dg_class="9",
)
_PAINT: Final = _Commodity(
    name="Paint", shcs=("RFL",), kg=(60, 240), usd_per_kg=12, un_number="UN1263", dg_class="3"
)
_OXIDISER: Final = _Commodity(
    name="Hydrogen peroxide solution",
    shcs=("ROX", "CAO"),
    kg=(200, 600),
    usd_per_kg=10,
    un_number="UN2014",
    dg_class="5.1",
    cargo_aircraft_only=True,
)
_GENERAL: Final = (
    _Commodity(name="Aircraft parts", shcs=(), kg=(60, 900), usd_per_kg=85),
    _Commodity(name="Garments", shcs=(), kg=(200, 1800), usd_per_kg=22),
    _Commodity(name="Consolidation", shcs=(), kg=(150, 2200), usd_per_kg=15),
    _Commodity(name="Courier mail", shcs=("COU",), kg=(80, 400), usd_per_kg=30),
    _Commodity(name="Machine parts", shcs=("HEA",), kg=(400, 2600), usd_per_kg=28),
)
_SPECIAL: Final = (_VACCINES, _MEDICINES, _SALMON, _FLOWERS, _FALCONS, _LITHIUM, _PAINT)
_EVERY_LONDON: Final = (_VACCINES, _FALCONS, _LITHIUM)
"""What the London flight carries every day besides what chance brings."""

_HOLD_SHARE: Final = 0.45
_PACKING_MARGIN_HOURS: Final = 6


def air_waybill(number: int) -> str:
    """Return the air waybill with this serial, its check digit the serial modulo 7 (IATA Res. 600a)."""
    return f"{_AWB_PREFIX}-{number:07d}{number % 7}"


def load_holds(schedule: Schedule, bags: dict[str, int], random: Random) -> Freight:
    """Return the shipments on every flight. `bags` counts the checked bags by flight id."""
    shipments: list[CargoShipment] = []
    assignments: list[CargoAssignment] = []
    for flight in schedule.flights:
        room = AIRCRAFT_TYPES[flight.aircraft_type].hold_kg - BAG_KG * bags.get(flight.flight_id, 0)
        room = int(room * _HOLD_SHARE)
        for position, commodity in enumerate(_commodities(flight, random), start=1):
            kg = random.randrange(*commodity.kg)
            if kg > room:
                continue
            room -= kg
            awb = air_waybill(4_100_000 + len(shipments) * 3)
            shipments.append(_shipment(awb, flight, commodity, kg, random))
            assignments.append(
                CargoAssignment(
                    flight_id=flight.flight_id,
                    awb=awb,
                    uld=f"{_uld(flight)}{random.randrange(10_000, 99_999)}{CARRIER}",
                    position=f"{position // 2 + 1}{'LR'[position % 2]}",
                    loading_state="planned" if flight.status == "scheduled" else "loaded",
                )
            )
    return Freight(shipments, assignments)


def cold_stores(airports: Sequence[str], random: Random) -> Iterator[ColdChainFacility]:
    """Yield the cold stores: several at the hub, and a pharma store at most of the larger airports."""
    for n, (low, high, kg) in enumerate(((2.0, 8.0, 18_000), (15.0, 25.0, 30_000), (-25.0, -10.0, 4_000)), 1):
        yield _cold_store(HUB, n, low, high, kg)
    yield _cold_store(HUB, 4, 2.0, 25.0, 9_000)
    for airport in airports:
        if airport != HUB and random.random() < 0.75:
            yield _cold_store(airport, 1, 2.0, 8.0, random.randrange(5, 60) * 100)
            yield _cold_store(airport, 2, 15.0, 25.0, random.randrange(10, 90) * 100)


def _cold_store(airport: str, number: int, low: float, high: float, kg: int) -> ColdChainFacility:
    return ColdChainFacility(
        airport=airport,
        facility_id=f"{airport}-COLD-{number}",
        temperature_min_c=low,
        temperature_max_c=high,
        free_capacity_kg=float(kg),
    )


def _commodities(flight: Flight, random: Random) -> Iterator[_Commodity]:
    type_ = AIRCRAFT_TYPES[flight.aircraft_type]
    if flight.service == "freighter":
        yield _OXIDISER
        count = 14
    else:
        count = random.randrange(4, 8) if type_.long_haul else random.randrange(0, 3)
    live = dangerous = flight.origin == HUB and flight.destination == "LHR"
    if live:
        yield from _EVERY_LONDON
    special = 0.4 if type_.long_haul else 0.15
    for _ in range(count):
        commodity = random.choice(_SPECIAL if random.random() < special else _GENERAL)
        if (commodity.live_animals and live) or (commodity.dg_class and dangerous):
            continue
        live |= commodity.live_animals
        dangerous |= commodity.dg_class is not None
        yield commodity


def _shipment(awb: str, flight: Flight, commodity: _Commodity, kg: int, random: Random) -> CargoShipment:
    low, high = commodity.temperature or (None, None)
    packed = flight.std - timedelta(minutes=30 * random.randrange(10, 19))
    hours = None
    if commodity.hours is not None:
        needed = ceil((flight.sta - packed) / timedelta(hours=1)) + _PACKING_MARGIN_HOURS
        hours = float(max(needed, random.randrange(*commodity.hours)))
    return CargoShipment(
        awb=awb,
        origin=flight.origin,
        destination=flight.destination,
        commodity=commodity.name,
        shcs=commodity.shcs,
        temperature_min_c=low,
        temperature_max_c=high,
        un_number=commodity.un_number,
        dg_class=commodity.dg_class,
        cargo_aircraft_only=commodity.cargo_aircraft_only,
        pieces=max(1, kg // random.randrange(15, 60)),
        weight_kg=float(kg),
        value=Decimal(kg * commodity.usd_per_kg),
        currency="USD",
        packed_at=packed,
        hours_left=hours,
        live_animals=commodity.live_animals,
    )


def _uld(flight: Flight) -> str:
    return "PMC" if AIRCRAFT_TYPES[flight.aircraft_type].long_haul else "AKH"
