"""What the law and the hold of each tail keep off a flight, whatever anyone advises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skymarshal.calculators.shipments import CargoFacts, load_item, offload_order
from skymarshal.domain.assessment import Constraint, ConstraintKind, Evidence, Subject, SubjectKind
from skymarshal.domain.cargo import CARGO_ARTICLES, AircraftUse, check_offload, review_loading
from skymarshal.operations.records import Aircraft, CargoShipment

__all__ = ["BAG_KG", "forbidden_shipments", "hold_limits"]

BAG_KG: Final = 23.0
"""What a checked bag is planned with: the allowance for one piece."""


def forbidden_shipments(facts: CargoFacts) -> tuple[Constraint, ...]:
    """Return the shipments that have to be offloaded: cargo aircraft only, on a passenger flight."""
    aircraft: AircraftUse = "passenger" if facts.flight.service == "passenger" else "cargo"
    article = CARGO_ARTICLES["cargo_aircraft_only"]
    return tuple(
        Constraint(
            kind=ConstraintKind.OFFLOAD_REQUIRED,
            subject=Subject(kind=SubjectKind.SHIPMENT, key=shipment.awb),
            text=f"{shipment.awb} is cargo aircraft only and may not go on a passenger flight.",
            binding=True,
            article=article.citation,
            verified=article.status == "verified",
            evidence=(_marking(shipment),),
        )
        for shipment in sorted(facts.shipments, key=lambda one: one.awb)
        if not review_loading([load_item(shipment)], aircraft=aircraft).allowed
    )


def hold_limits(
    facts: CargoFacts, aircraft: Aircraft, planned: Aircraft | None, bags: int
) -> tuple[Constraint, ...]:
    """Return what the hold of a tail keeps off the flight, or that the tail does not do at all.

    Bags go first. Where that leaves too little room, what an offload list may take stays behind in its
    order until the rest fits by weight and by volume. If that is not enough, the tail cannot take the load.
    A volume that no row states binds only where another row makes it: a hold of a stated volume below that
    of the tail that the load was planned for, or one whose own volume is the only one not stated.

    Args:
        facts: the shipments on the flight.
        aircraft: the tail that would fly.
        planned: the tail that the load was planned for; None if not known.
        bags: checked bags on the flight.
    """
    refused = {one.subject.key for one in forbidden_shipments(facts)}
    going = sorted((one for one in facts.shipments if one.awb not in refused), key=offload_order)
    staying: list[CargoShipment] = []
    room = aircraft.hold_kg - BAG_KG * bags
    while going and not _fits(going, room, aircraft) and check_offload(load_item(going[0])).by_list_allowed:
        staying.append(going.pop(0))
    if not _fits(going, room, aircraft):
        return (_too_small(aircraft, going, bags),)
    found = [_left_behind(shipment, aircraft, room) for shipment in staying]
    if _volume_unknown(going, aircraft, planned):
        found.append(_volume_missing(aircraft))
    return tuple(found)


def _fits(shipments: Sequence[CargoShipment], room: float, aircraft: Aircraft) -> bool:
    if sum(one.weight_kg for one in shipments) > room:
        return False
    stated = sum(one.volume_m3 or 0.0 for one in shipments)
    return aircraft.hold_m3 is None or stated <= aircraft.hold_m3


def _volume_unknown(shipments: Sequence[CargoShipment], aircraft: Aircraft, planned: Aircraft | None) -> bool:
    if not shipments or planned is None or aircraft.registration == planned.registration:
        return False
    if aircraft.hold_m3 is None:
        return planned.hold_m3 is not None and aircraft.hold_kg < planned.hold_kg
    if planned.hold_m3 is not None and aircraft.hold_m3 >= planned.hold_m3:
        return False
    return any(one.volume_m3 is None for one in shipments)


def _left_behind(shipment: CargoShipment, aircraft: Aircraft, room: float) -> Constraint:
    return Constraint(
        kind=ConstraintKind.OFFLOAD_REQUIRED,
        subject=Subject(kind=SubjectKind.SHIPMENT, key=shipment.awb),
        text=f"{shipment.awb} stays behind: the hold of {aircraft.registration} takes {room:,.0f} kg of "
        "cargo.",
        binding=True,
        evidence=(_hold(aircraft),),
        only_with=aircraft.registration,
    )


def _too_small(aircraft: Aircraft, shipments: Sequence[CargoShipment], bags: int) -> Constraint:
    load = sum(one.weight_kg for one in shipments) + BAG_KG * bags
    awbs = ", ".join(sorted(one.awb for one in shipments)) or "the bags"
    return Constraint(
        kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
        subject=Subject(kind=SubjectKind.TAIL, key=aircraft.registration),
        text=f"The hold of {aircraft.registration}, {aircraft.hold_kg:,} kg, does not take the "
        f"{load:,.0f} kg that no offload list may leave behind: {awbs}.",
        binding=True,
        evidence=(_hold(aircraft),),
    )


def _volume_missing(aircraft: Aircraft) -> Constraint:
    return Constraint(
        kind=ConstraintKind.UNKNOWN_FACT,
        subject=Subject(kind=SubjectKind.TAIL, key=aircraft.registration),
        text=f"Whether the cargo fits the hold of {aircraft.registration} by volume is unknown.",
        binding=True,
        evidence=(_hold(aircraft),),
    )


def _hold(aircraft: Aircraft) -> Evidence:
    return Evidence(table="Aircraft", key=aircraft.registration, field="hold_kg", value=str(aircraft.hold_kg))


def _marking(shipment: CargoShipment) -> Evidence:
    """Return the field that says so: the flag, or else the handling code."""
    field = "cargo_aircraft_only" if shipment.cargo_aircraft_only else "shcs"
    value = str(shipment.cargo_aircraft_only) if shipment.cargo_aircraft_only else ", ".join(shipment.shcs)
    return Evidence(table="CargoShipments", key=shipment.awb, field=field, value=value)
