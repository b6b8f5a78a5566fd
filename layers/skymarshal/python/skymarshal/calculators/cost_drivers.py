"""What drives the cost of a candidate: later flights, passengers rebooked, cargo spoilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.knock_on import KnockOn
from skymarshal.calculators.owed import Due
from skymarshal.calculators.passengers import Route
from skymarshal.calculators.rates import RateTable
from skymarshal.calculators.reprotection import Reprotection
from skymarshal.calculators.shipments import RiskLevel, ShipmentRisk, is_temperature_controlled
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.passenger_rights import montreal_limit

__all__ = ["CargoLoss", "LaterFlights", "Rebooking", "cargo_loss", "later_flights", "rebooking_of"]

_NOTHING: Final = Decimal(0)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFlights:
    """The later flights that are hit, by aircraft type: minutes of delay, and flights without an aircraft.

    `crew_replaced` are the crew members whose next duty a reserve takes over.
    """

    minutes: Mapping[str, Decimal]
    without_aircraft: Mapping[str, int]
    crew_replaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooking:
    """How many passengers travel on other flights, and the kilometres bought on partners by cabin."""

    passengers: int
    partner_seat_km: Mapping[str, Decimal]
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoLoss:
    """What is spoilt, by currency, how many kilograms go on another flight, and how many of them wait
    in a store of their temperature for a day.
    """

    spoilt: tuple[Due, ...]
    rebooked_kg: Decimal
    stored_kg: Decimal = Decimal(0)


def later_flights(knock_on: KnockOn) -> LaterFlights:
    """Return what a knock-on hits, by aircraft type."""
    minutes: dict[str, Decimal] = {}
    for leg in knock_on.delayed:
        type_ = leg.flight.aircraft_type
        minutes[type_] = minutes.get(type_, _NOTHING) + Decimal(round(leg.delay / _MINUTE))
    stranded = Counter(leg.aircraft_type for leg in (*knock_on.cancelled, *knock_on.uncovered))
    return LaterFlights(
        minutes=minutes, without_aircraft=dict(stranded), crew_replaced=len(knock_on.rest_shortfalls)
    )


def rebooking_of(reprotection: Reprotection, distances_km: Mapping[Route, float]) -> Rebooking:
    """Return who is rebooked; a partner's seat is counted by the distance of its route."""
    seat_km: dict[str, Decimal] = {}
    unpriced: set[Route] = set()
    for outcome in reprotection.outcomes:
        for alternative in outcome.on:
            if alternative.own:
                continue
            route = (alternative.origin, alternative.destination)
            if route not in distances_km:
                unpriced.add(route)
                continue
            cabin = outcome.booking.cabin
            seat_km[cabin] = seat_km.get(cabin, _NOTHING) + Decimal(round(distances_km[route]))
    return Rebooking(
        passengers=reprotection.reprotected,
        partner_seat_km=seat_km,
        unknowns=tuple(
            Unknown(
                table="Airports",
                key="-".join(route),
                field="lat",
                why="without the distance a partner's seat has no price",
            )
            for route in sorted(unpriced)
        ),
    )


def cargo_loss(risks: Iterable[ShipmentRisk], candidate: Candidate, rates: RateTable) -> CargoLoss:
    """Return what the airline likely pays for shipments and at most.

    For a spoilt shipment that is the lower of its value and the liability of the Montreal Convention,
    Article 22(3), and at most its value; one that is only endangered costs nothing or its value.
    """
    left_behind, stored = _NOTHING, _NOTHING
    amounts: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    for risk in risks:
        shipment = risk.shipment
        if not candidate.operates or shipment.awb in candidate.offloaded_awbs:
            kilograms = Decimal(str(shipment.weight_kg))
            left_behind += kilograms
            stored += kilograms if is_temperature_controlled(shipment) else _NOTHING
        if risk.level not in (RiskLevel.LOST, RiskLevel.AT_RISK, RiskLevel.UNKNOWN):
            continue
        liable = _NOTHING
        if risk.level is RiskLevel.LOST:
            limit = montreal_limit("cargo", on=rates.on, weight_kg=shipment.weight_kg).limit
            converted = rates.convert(limit.amount, limit.currency, shipment.currency)
            liable = shipment.value if converted is None else min(shipment.value, converted)
        low, likely, high = amounts.get(shipment.currency, (_NOTHING, _NOTHING, _NOTHING))
        amounts[shipment.currency] = (low + liable, likely + liable, high + shipment.value)
    return CargoLoss(
        spoilt=tuple(
            Due(
                regime="Montreal Convention",
                currency=currency,
                low=low,
                likely=likely,
                high=high,
                passengers=0,
                basis="liability for what arrives spoilt; at most the value of all that is endangered",
            )
            for currency, (low, likely, high) in sorted(amounts.items())
        ),
        rebooked_kg=left_behind,
        stored_kg=stored,
    )
