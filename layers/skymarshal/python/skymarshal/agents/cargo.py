"""Cargo: which shipments a later departure endangers, and what to protect, offload or re-route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, clock_share, flight_over, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.impacts import FINE_STEPS, IF_CANCELLED, VALUE_AT_RISK, count, step_curve, still_open
from skymarshal.agents.wording import duration_text, instant_text, listed
from skymarshal.calculators.closures import reported_closures
from skymarshal.calculators.shipments import (
    CargoFacts,
    RiskLevel,
    ShipmentRisk,
    cold_stores_for,
    is_temperature_controlled,
    load_cargo_facts,
    load_item,
    offload_order,
    reroutes_for,
    shipments_at_risk,
)
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Curve,
    Evidence,
    Figure,
    Option,
    OptionKind,
    Subject,
    SubjectKind,
    Unknown,
    Verdict,
)
from skymarshal.domain.cargo import (
    CARGO_ARTICLES,
    AircraftUse,
    check_awb,
    check_offload,
    check_segregation,
    review_loading,
)
from skymarshal.domain.errors import InvalidInputError, UnknownCodeError
from skymarshal.operations import Operations
from skymarshal.operations.records import CargoShipment

__all__ = ["cargo"]

_ENDANGERED: Final = (RiskLevel.AT_RISK, RiskLevel.LOST)
_ZERO: Final = timedelta(0)


@dataclass(slots=True)
class _Answer:
    constraints: list[Constraint] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    offload: list[str] = field(default_factory=list)


def cargo(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return the shipments at risk at the expected departure and what protects them.

    Live animals are never taken off to make room, nor left behind with an offload list: they go first,
    or on another flight with their own arrangements.
    """
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.CARGO, request)
    over = flight_over(AgentName.CARGO, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)
    facts, tail = operations.gather(
        lambda: load_cargo_facts(operations, flight), lambda: operations.aircraft(expected.registration)
    )
    facts = reported_closures(request.disruption, flight).for_shipments(facts)
    likely, worst = (
        shipments_at_risk(facts, at, at + flight.block) for at in (expected.off_block, expected.at_worst)
    )
    stranded = shipments_at_risk(facts, None, None)
    answer = _Answer(unknowns=list(facts.unknowns))
    for risk in likely:
        _limits(facts, risk, answer)
    for risk in likely if any(one.level in _ENDANGERED for one in likely) else stranded:
        _protect(facts, risk, answer)
    _load_rules(facts, answer)
    if tail is not None:
        _room(facts, tail.hold_kg, expected, answer)
    return Findings(
        verdict=_verdict(facts, expected, likely, answer),
        recommendation=_recommendation(facts, expected, likely, answer),
        facts_known=2 + len(facts.shipments),
        constraints=tuple(answer.constraints),
        figures=_figures(facts, likely, worst, stranded),
        curves=(_risk_curve(facts),),
        options=tuple(answer.options),
        unknowns=tuple(dict.fromkeys(answer.unknowns)),
        notes=(*answer.notes, *still_open(expected)),
        margin=_margin(likely),
        taken_over=expected.taken_over,
    )


def _subject(shipment: CargoShipment) -> Subject:
    return Subject(kind=SubjectKind.SHIPMENT, key=shipment.awb)


def _limits(facts: CargoFacts, risk: ShipmentRisk, answer: _Answer) -> None:
    """Add until when the flight can leave for a shipment to arrive within what its packaging holds."""
    shipment = risk.shipment
    name = f"{shipment.awb} ({shipment.commodity}, {shipment.weight_kg:g} kg)"
    answer.notes += [f"{name}: {reason}." for reason in risk.reasons]
    if risk.expires_at is not None:
        latest = risk.expires_at - facts.flight.block
        answer.constraints.append(
            Constraint(
                kind=ConstraintKind.LATEST_OFF_BLOCK,
                subject=_subject(shipment),
                text=f"Leaving by {instant_text(latest)} lets {name} arrive within what it is packed for.",
                binding=False,
                at=latest,
                evidence=risk.evidence,
            )
        )
    elif risk.level is RiskLevel.UNKNOWN:
        answer.unknowns.append(
            Unknown(
                table="CargoShipments",
                key=shipment.awb,
                field="hours_left",
                why="without it nobody knows how late this temperature-controlled shipment may arrive",
            )
        )


def _protect(facts: CargoFacts, risk: ShipmentRisk, answer: _Answer) -> None:
    """Add the cold stores and flights that protect an endangered shipment."""
    shipment = risk.shipment
    if risk.level not in _ENDANGERED and not is_temperature_controlled(shipment):
        return
    for store in cold_stores_for(facts, shipment):
        answer.options.append(
            Option(
                kind=OptionKind.COLD_STORE,
                key=store.facility_id,
                replaces=shipment.awb,
                usable=True,
                quantity=round(shipment.weight_kg),
                reasons=(f"{store.temperature_min_c:g} to {store.temperature_max_c:g} C at {store.airport}",),
                evidence=(
                    Evidence(
                        table="ColdChainFacilities",
                        key=f"{store.airport}/{store.facility_id}",
                        field="free_capacity_kg",
                        value=f"{store.free_capacity_kg:g}",
                    ),
                ),
            )
        )
    if risk.level in _ENDANGERED:
        arrives_in_time = [
            one
            for one in reroutes_for(facts, shipment)
            if risk.expires_at is None or one.arrives <= risk.expires_at
        ]
        if arrives_in_time:
            first = arrives_in_time[0]
            answer.notes.append(
                f"{shipment.awb} arrives in time on {first.flight_id} ({first.carrier}), "
                f"{instant_text(first.arrives)}, {first.hold_free_kg:g} kg free."
            )
        else:
            answer.notes.append(f"{shipment.awb}: no other flight with room arrives in time.")


def _load_rules(facts: CargoFacts, answer: _Answer) -> None:
    """Add what may not be on this flight at all, or not together."""
    aircraft: AircraftUse = "passenger" if facts.flight.service == "passenger" else "cargo"
    items = [load_item(shipment) for shipment in facts.shipments]
    for shipment, item in zip(facts.shipments, items, strict=True):
        alone = review_loading([item], aircraft=aircraft)
        if not alone.allowed:
            _offload(
                shipment,
                f"{shipment.awb} is cargo aircraft only and may not go on a passenger flight.",
                CARGO_ARTICLES["cargo_aircraft_only"].citation,
                "cargo_aircraft_only",
                answer,
            )
        if not _sound_awb(shipment.awb):
            answer.notes.append(f"{shipment.awb} fails its check digit: confirm the air waybill.")
    try:
        review = review_loading(items, aircraft=aircraft)
        apart = check_segregation(items)
    except UnknownCodeError as error:
        answer.unknowns.append(
            Unknown(
                table="CargoShipments",
                key=facts.flight.flight_id,
                field="dg_class",
                why=f"what must be kept apart is unknown: {error}",
            )
        )
        return
    answer.notes += [f"Review before loading: {one}." for one in review.reviews]
    answer.unknowns += [
        Unknown(
            table="CargoShipments",
            key=name.removeprefix("dg_class of "),
            field="dg_class",
            why="it has a UN number and no class, so what must be kept apart from it is unknown",
        )
        for name in apart.unknowns
    ]
    articles = ", ".join(article.citation for article in apart.articles)
    for (one, other), reason in zip(apart.conflicts, apart.reasons, strict=True):
        unit = _shared_unit(facts, one, other)
        together = "" if unit is None else f" They are in {unit} together: reload it."
        answer.notes.append(f"Keep {one} and {other} apart in the hold: {reason} ({articles}).{together}")


def _shared_unit(facts: CargoFacts, one: str, other: str) -> str | None:
    """Return the unit load device that both shipments are assigned to, None if it is not one and the same."""
    first, second = facts.assignments.get(one), facts.assignments.get(other)
    if first is None or second is None or first.uld is None:
        return None
    return first.uld if first.uld == second.uld else None


def _sound_awb(number: str) -> bool:
    try:
        return check_awb(number).valid
    except InvalidInputError:
        return False


def _offload(shipment: CargoShipment, text: str, article: str, field_: str, answer: _Answer) -> None:
    answer.offload.append(shipment.awb)
    answer.constraints.append(
        Constraint(
            kind=ConstraintKind.OFFLOAD_REQUIRED,
            subject=_subject(shipment),
            text=text,
            binding=False,
            article=article or None,
            evidence=(
                Evidence(
                    table="CargoShipments",
                    key=shipment.awb,
                    field=field_,
                    value=str(getattr(shipment, field_)),
                ),
            ),
        )
    )


def _room(facts: CargoFacts, hold_kg: int, expected: ExpectedDeparture, answer: _Answer) -> None:
    """Say what stays behind where the tail that flies has a smaller hold; live animals never do."""
    load = sum(shipment.weight_kg for shipment in facts.shipments)
    if load <= hold_kg:
        return
    excess = load - hold_kg
    for shipment in sorted(facts.shipments, key=offload_order):
        if excess <= 0 or not check_offload(load_item(shipment)).by_list_allowed:
            break
        excess -= shipment.weight_kg
        _offload(
            shipment,
            f"{shipment.awb} stays behind: the hold of {expected.registration} takes {hold_kg:,} kg "
            f"of {load:,.0f}.",
            "",
            "weight_kg",
            answer,
        )


def _figures(
    facts: CargoFacts,
    likely: Sequence[ShipmentRisk],
    worst: Sequence[ShipmentRisk],
    stranded: Sequence[ShipmentRisk],
) -> tuple[Figure, ...]:
    weight = Decimal(str(sum(shipment.weight_kg for shipment in facts.shipments)))
    figures = [
        count("shipments", "shipments", [len(facts.shipments)], "on the flight"),
        count("cargo_weight", "kg", [weight]),
        count("shipments_at_risk", "shipments", [_endangered(likely), _endangered(worst)]),
        count(f"{IF_CANCELLED} shipments_at_risk", "shipments", [_endangered(stranded)]),
        count("live_animals", "shipments", [sum(one.live_animals for one in facts.shipments)]),
    ]
    currencies = sorted({shipment.currency for shipment in facts.shipments})
    for prefix, at, at_most in (("", likely, worst), (f"{IF_CANCELLED} ", stranded, stranded)):
        figures += [
            Figure(
                name=f"{prefix}{VALUE_AT_RISK} {currency}",
                unit=currency,
                likely=_value(at, currency, (RiskLevel.LOST,)),
                low=Decimal(0),
                high=_value(at_most, currency, (*_ENDANGERED, RiskLevel.UNKNOWN)),
                basis="declared value of what arrives spoilt; at most of all that is endangered",
            )
            for currency in currencies
        ]
    return tuple(figures)


def _endangered(risks: Sequence[ShipmentRisk]) -> int:
    return sum(risk.level in _ENDANGERED for risk in risks)


def _value(risks: Sequence[ShipmentRisk], currency: str, levels: Sequence[RiskLevel]) -> Decimal:
    return sum(
        (
            risk.shipment.value
            for risk in risks
            if risk.level in levels and risk.shipment.currency == currency
        ),
        Decimal(0),
    )


def _risk_curve(facts: CargoFacts) -> Curve:
    flight = facts.flight

    def endangered(off_block: datetime) -> Decimal:
        return Decimal(_endangered(shipments_at_risk(facts, off_block, off_block + flight.block)))

    return step_curve(
        "shipments_at_risk",
        "shipments",
        ((minute, endangered(flight.std + timedelta(minutes=minute))) for minute in FINE_STEPS),
    )


def _margin(likely: Sequence[ShipmentRisk]) -> float | None:
    slacks = [clock_share(risk.margin) for risk in likely if risk.margin is not None]
    return min(slacks, key=abs, default=None)


def _verdict(
    facts: CargoFacts, expected: ExpectedDeparture, likely: Sequence[ShipmentRisk], answer: _Answer
) -> Verdict:
    if not facts.shipments and not facts.unknowns:
        return Verdict.CLEAR
    hit = any(risk.level is not RiskLevel.NONE for risk in likely)
    return Verdict.CONSTRAINED if hit or answer.offload or facts.unknowns or expected.open else Verdict.CLEAR


def _recommendation(
    facts: CargoFacts, expected: ExpectedDeparture, likely: Sequence[ShipmentRisk], answer: _Answer
) -> str:
    if not facts.shipments:
        return f"No cargo is booked on {facts.flight.flight_id}."
    parts: list[str] = []
    lost = [risk.shipment.awb for risk in likely if risk.level is RiskLevel.LOST]
    tight = [risk.shipment.awb for risk in likely if risk.level is RiskLevel.AT_RISK]
    if answer.offload:
        parts.append(f"Take off {listed(answer.offload)}.")
    if lost:
        parts.append(f"Re-route or store {listed(lost)}: it would arrive after its packaging ends.")
    if tight:
        parts.append(f"Unload {listed(tight)} first: little of its packaging time is left at arrival.")
    if any(risk.shipment.live_animals for risk in likely) and expected.delay > _ZERO:
        parts.append("Load live animals last and see to their water and ventilation.")
    if not parts:
        late = "on time" if expected.delay == _ZERO else f"{duration_text(expected.delay)} late"
        if len(facts.shipments) == 1:
            return f"The one shipment holds with a departure {late}."
        return f"All {len(facts.shipments)} shipments hold with a departure {late}."
    return " ".join(parts)
