"""What the law keeps off a flight, whatever anyone advises."""

from __future__ import annotations

from skymarshal.calculators.shipments import CargoFacts, load_item
from skymarshal.domain.assessment import Constraint, ConstraintKind, Evidence, Subject, SubjectKind
from skymarshal.domain.cargo import CARGO_ARTICLES, AircraftUse, review_loading
from skymarshal.operations.records import CargoShipment

__all__ = ["forbidden_shipments"]


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


def _marking(shipment: CargoShipment) -> Evidence:
    """Return the field that says so: the flag, or else the handling code."""
    field = "cargo_aircraft_only" if shipment.cargo_aircraft_only else "shcs"
    value = str(shipment.cargo_aircraft_only) if shipment.cargo_aircraft_only else ", ".join(shipment.shcs)
    return Evidence(table="CargoShipments", key=shipment.awb, field=field, value=value)
