"""Which shipments a delay or a cancellation endangers, and what protects them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import partial
from typing import Final

from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.cargo import (
    TEMPERATURE_CODES,
    LoadItem,
    TemperatureRange,
    check_offload,
    review_loading,
    temperature_source,
)
from skymarshal.operations import Operations
from skymarshal.operations.records import (
    Aircraft,
    CargoAssignment,
    CargoShipment,
    ColdChainFacility,
    Flight,
    PartnerFlight,
)

__all__ = [
    "CargoAlternative",
    "CargoFacts",
    "RiskLevel",
    "ShipmentRisk",
    "cold_stores_for",
    "is_temperature_controlled",
    "load_cargo_facts",
    "load_item",
    "offload_order",
    "reroutes_for",
    "shipment_range",
    "shipments_at_risk",
]

TIGHT_MARGIN: Final = timedelta(hours=2)
"""With less than this left at arrival, a hitch in unloading spoils the shipment."""

_REROUTE_HORIZON: Final = timedelta(hours=36)
_OWN_ALTERNATIVES: Final = 3
PERISHABLE_SHCS: Final = frozenset({"PIL", "PER", "PES", "PEM", "PEF", "ACT"})


class RiskLevel(IntEnum):
    """How badly a shipment fares, rising."""

    NONE = 0
    ATTEND = 1
    UNKNOWN = 2
    AT_RISK = 3
    LOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoAlternative:
    """Another flight to the same destination with room in the hold; `own` False for a partner's.

    `taxi` is how long it rolls at either end, None where that is not known.
    """

    flight_id: str
    carrier: str
    own: bool
    passenger: bool
    departs: datetime
    arrives: datetime
    hold_free_kg: float
    taxi: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoFacts:
    """The shipments on a flight, where they could wait and what else could carry them.

    `alternatives` is None where nobody looked for any.
    """

    flight: Flight
    shipments: tuple[CargoShipment, ...]
    assignments: Mapping[str, CargoAssignment]
    cold_stores: tuple[ColdChainFacility, ...]
    alternatives: tuple[CargoAlternative, ...] | None
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRisk:
    """What a departure does to one shipment.

    `expires_at` is until when its packaging holds and `margin` what is left of that at arrival
    (negative: spoilt before); None where it has no such limit, or where it is unknown.
    """

    shipment: CargoShipment
    level: RiskLevel
    reasons: tuple[str, ...]
    expires_at: datetime | None = None
    margin: timedelta | None = None
    evidence: tuple[Evidence, ...] = ()


def load_cargo_facts(operations: Operations, flight: Flight, *, with_alternatives: bool = True) -> CargoFacts:
    """Read the shipments of a flight, the cold stores at its origin and the flights with room.

    At most three accesses in sequence.
    """
    end = flight.std + _REROUTE_HORIZON

    def read_own_cargo() -> tuple[list[CargoAssignment], list[CargoShipment]]:
        assignments = operations.cargo_of_flight(flight.flight_id)
        return assignments, operations.shipments(assignment.awb for assignment in assignments)

    def read_stores() -> list[ColdChainFacility]:
        return operations.cold_stores(flight.origin) if with_alternatives else []

    def read_partners() -> list[PartnerFlight]:
        if not with_alternatives:
            return []
        return operations.partner_flights(flight.origin, flight.destination, flight.std, end)

    def read_own_flights() -> tuple[list[Flight], list[Aircraft | None], list[list[CargoShipment]]]:
        if not with_alternatives:
            return [], [], []
        legs = [
            leg
            for leg in operations.departures(flight.origin, flight.std, end)
            if leg.destination == flight.destination
            and leg.status == "scheduled"
            and leg.flight_id != flight.flight_id
        ][:_OWN_ALTERNATIVES]
        tails, loads = operations.gather(
            lambda: operations.gather(*(partial(operations.aircraft, leg.registration) for leg in legs)),
            lambda: operations.gather(*(partial(_load_of, operations, leg.flight_id) for leg in legs)),
        )
        return legs, list(tails), list(loads)

    (assignments, shipments), stores, partners, (legs, tails, loads) = operations.gather(
        read_own_cargo, read_stores, read_partners, read_own_flights
    )
    found = {shipment.awb for shipment in shipments}
    unknowns = tuple(
        Unknown(
            table="CargoShipments",
            key=assignment.awb,
            field="awb",
            why="it is on the flight and nothing says what it is",
        )
        for assignment in assignments
        if assignment.awb not in found
    )
    own = [
        CargoAlternative(
            flight_id=leg.flight_id,
            carrier=leg.carrier,
            own=True,
            passenger=leg.service == "passenger",
            departs=leg.etd or leg.std,
            arrives=leg.eta or leg.sta,
            taxi=leg.taxi,
            hold_free_kg=max(0.0, tail.hold_kg - sum(shipment.weight_kg for shipment in load)),
        )
        for leg, tail, load in zip(legs, tails, loads, strict=True)
        if tail is not None
    ]
    others = [
        CargoAlternative(
            flight_id=f"{partner.flight_number}-{partner.std.date().isoformat()}",
            carrier=partner.carrier,
            own=False,
            passenger=True,
            departs=partner.std,
            arrives=partner.sta,
            hold_free_kg=partner.hold_free_kg,
        )
        for partner in partners
        if partner.interline
    ]
    return CargoFacts(
        flight=flight,
        shipments=tuple(shipments),
        assignments={assignment.awb: assignment for assignment in assignments},
        cold_stores=tuple(stores),
        alternatives=tuple(sorted((*own, *others), key=lambda one: (one.arrives, one.flight_id)))
        if with_alternatives
        else None,
        unknowns=unknowns,
    )


def shipments_at_risk(
    facts: CargoFacts,
    off_block: datetime | None,
    on_block: datetime | None,
    *,
    left_behind: Collection[str] = (),
) -> tuple[ShipmentRisk, ...]:
    """Return every shipment with what a departure does to it, the worst first.

    What is `left_behind`, by AWB, goes on the first other flight that takes it and has room left.
    Without a departure (a cancellation) a shipment is measured against the first flight that takes it
    and has room left; where nobody looked for one, what becomes of it is unknown.
    """
    if off_block is not None and on_block is not None:
        delayed = off_block > facts.flight.std or on_block > facts.flight.sta
        risks = [
            _risk(facts.flight, shipment, on_block, delayed=delayed)
            for shipment in facts.shipments
            if shipment.awb not in left_behind
        ]
        risks += _on_other_flights(facts, [one for one in facts.shipments if one.awb in left_behind])
    else:
        risks = _on_other_flights(facts, facts.shipments)
    return tuple(
        sorted(risks, key=lambda risk: (-risk.level, risk.margin or timedelta.max, risk.shipment.awb))
    )


def cold_stores_for(facts: CargoFacts, shipment: CargoShipment) -> tuple[ColdChainFacility, ...]:
    """Return the stores at the origin that keep within the shipment's range and have room for it."""
    wanted = shipment_range(shipment)
    if wanted is None:
        return ()
    return tuple(
        store
        for store in facts.cold_stores
        if TemperatureRange(store.temperature_min_c, store.temperature_max_c).within(wanted)
        and store.free_capacity_kg >= shipment.weight_kg
    )


def reroutes_for(facts: CargoFacts, shipment: CargoShipment) -> tuple[CargoAlternative, ...]:
    """Return the flights with room for the shipment that may carry it, soonest arrival first."""
    return tuple(
        alternative
        for alternative in facts.alternatives or ()
        if alternative.hold_free_kg >= shipment.weight_kg
        and review_loading(
            [load_item(shipment)], aircraft="passenger" if alternative.passenger else "cargo"
        ).allowed
    )


def shipment_range(shipment: CargoShipment) -> TemperatureRange | None:
    """Return the range that a shipment must keep, None where it has none.

    The air waybill prevails over what a handling code means.
    """
    low, high = shipment.temperature_min_c, shipment.temperature_max_c
    awb = None if low is None and high is None else TemperatureRange(low, high)
    code = next((code for code in shipment.shcs if code in TEMPERATURE_CODES), None)
    label = None if code is None else TEMPERATURE_CODES[code]
    return temperature_source(awb=awb, label=label).range


def is_temperature_controlled(shipment: CargoShipment) -> bool:
    """Return whether the shipment must keep within a temperature range."""
    return shipment_range(shipment) is not None or not PERISHABLE_SHCS.isdisjoint(shipment.shcs)


def load_item(shipment: CargoShipment) -> LoadItem:
    """Return a shipment as the loading rules take it."""
    animals = ("AVI",) if shipment.live_animals and "AVI" not in shipment.shcs else ()
    return LoadItem(
        awb=shipment.awb,
        codes=(*shipment.shcs, *animals),
        dg_class=shipment.dg_class,
        un_number=shipment.un_number,
        cargo_aircraft_only=shipment.cargo_aircraft_only,
    )


def _load_of(operations: Operations, flight_id: str) -> list[CargoShipment]:
    assignments = operations.cargo_of_flight(flight_id)
    return operations.shipments(assignment.awb for assignment in assignments)


def offload_order(shipment: CargoShipment) -> tuple[bool, bool, Decimal, str]:
    """Return the place of a shipment in an offload list: what is left behind first comes first."""
    value_per_kg = shipment.value / max(Decimal(str(shipment.weight_kg)), Decimal(1))
    by_list = check_offload(load_item(shipment)).by_list_allowed
    return not by_list, is_temperature_controlled(shipment), value_per_kg, shipment.awb


def _on_other_flights(facts: CargoFacts, shipments: Sequence[CargoShipment]) -> list[ShipmentRisk]:
    if facts.alternatives is None:
        return [_unlooked_for(shipment) for shipment in shipments]
    return _rerouted(facts, shipments)


def _rerouted(facts: CargoFacts, shipments: Sequence[CargoShipment]) -> list[ShipmentRisk]:
    """Return what becomes of the shipments when each goes on the first flight that has room left.

    Live animals go first, then what its packaging holds least long.
    """
    room = {one.flight_id: one.hold_free_kg for one in facts.alternatives or ()}
    risks: list[ShipmentRisk] = []
    for shipment in sorted(shipments, key=_urgency):
        found = next(
            (one for one in reroutes_for(facts, shipment) if room[one.flight_id] >= shipment.weight_kg), None
        )
        if found is not None:
            room[found.flight_id] -= shipment.weight_kg
        risks.append(_risk(facts.flight, shipment, None if found is None else found.arrives, delayed=True))
    return risks


def _urgency(shipment: CargoShipment) -> tuple[bool, float, str]:
    hours = float("inf") if shipment.hours_left is None else shipment.hours_left
    return not shipment.live_animals, hours, shipment.awb


def _unlooked_for(shipment: CargoShipment) -> ShipmentRisk:
    perishable = shipment.hours_left is not None or is_temperature_controlled(shipment)
    if not perishable:
        return ShipmentRisk(shipment=shipment, level=RiskLevel.NONE, reasons=())
    return ShipmentRisk(
        shipment=shipment, level=RiskLevel.UNKNOWN, reasons=("which other flight takes it is not known",)
    )


def _risk(
    flight: Flight, shipment: CargoShipment, arrives: datetime | None, *, delayed: bool
) -> ShipmentRisk:
    level, reasons = RiskLevel.NONE, list[str]()
    controlled = is_temperature_controlled(shipment)
    expires_at, margin = None, None
    if shipment.hours_left is not None:
        expires_at = shipment.packed_at + timedelta(hours=shipment.hours_left)
        if arrives is None:
            level = RiskLevel.LOST
            reasons.append(f"no flight takes it before its packaging ends at {expires_at:%d %b %H:%MZ}")
        else:
            margin = expires_at - arrives
            if margin < timedelta(0):
                level = RiskLevel.LOST
                reasons.append(f"packaging ends {_hours(-margin)} before arrival")
            elif margin < TIGHT_MARGIN:
                level = RiskLevel.AT_RISK
                reasons.append(f"packaging ends {_hours(margin)} after arrival")
    elif controlled and (delayed or arrives is None):
        level = RiskLevel.UNKNOWN
        reasons.append("temperature-controlled and nothing says how long its packaging holds")
    if controlled and delayed and shipment.destination != flight.destination:
        level = max(level, RiskLevel.ATTEND)
        reasons.append(f"goes on to {shipment.destination} within what is then left")
    if shipment.live_animals and delayed:
        level = max(level, RiskLevel.ATTEND)
        reasons.append("live animals: load last, keep ventilated, check water and food")
    if arrives is None and level < RiskLevel.AT_RISK:
        level = max(level, RiskLevel.AT_RISK if shipment.live_animals else RiskLevel.ATTEND)
        reasons.append("no flight with room in the next 36 h")
    fields = ("hours_left", "temperature_min_c", "temperature_max_c")
    evidence = tuple(
        Evidence(table="CargoShipments", key=shipment.awb, field=name, value=str(value))
        for name in fields
        if (value := getattr(shipment, name)) is not None
    )
    return ShipmentRisk(
        shipment=shipment,
        level=level,
        reasons=tuple(reasons),
        expires_at=expires_at,
        margin=margin,
        evidence=evidence if level else (),
    )


def _hours(duration: timedelta) -> str:
    minutes = int(duration.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d}"
