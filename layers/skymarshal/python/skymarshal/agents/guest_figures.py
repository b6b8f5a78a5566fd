"""The figures and curves of what becomes of passengers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from skymarshal.agents.impacts import (
    AT_LEAST,
    AT_MOST,
    COMPENSATION,
    CONNECTIONS,
    HOTEL_NIGHTS,
    IF_CANCELLED,
    MEALS,
    MISSED_CONNECTIONS,
    PARTNER_SEAT_KM,
    REBOOKED,
    REFUNDS,
    count,
    step_curve,
)
from skymarshal.agents.wording import minutes
from skymarshal.calculators.cost_drivers import rebooking_of
from skymarshal.calculators.owed import Due, Owed
from skymarshal.calculators.passengers import CABINS, PassengerFacts
from skymarshal.calculators.reprotection import Reprotection
from skymarshal.domain.assessment import Curve, Figure
from skymarshal.domain.candidate import Candidate
from skymarshal.operations.records import Bag

__all__ = [
    "SPECIAL_NEEDS",
    "Case",
    "bags_to_reroute",
    "delay_curves",
    "if_cancelled",
    "people",
    "situation",
    "totals",
]

SPECIAL_NEEDS: Final = ("UMNR", "MEDA", "WCHR")
TIERS: Final = ("platinum", "gold", "silver", "none", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What becomes of everyone, and what that makes due."""

    candidate: Candidate
    reprotection: Reprotection
    owed: Owed


def people(facts: PassengerFacts) -> list[Figure]:
    """Return who is on the flight: by cabin, tier and special need."""
    tiers = Counter(facts.tier(booking) for booking in facts.bookings)
    needs = Counter(ssr for booking in facts.bookings for ssr in facts.ssrs(booking))
    cabins = Counter(booking.cabin for booking in facts.bookings)
    return [
        count("passengers", "passengers", [len(facts.bookings)], "booked on the flight"),
        *(count(f"cabin {cabin}", "passengers", [cabins[cabin]]) for cabin in CABINS if cabins[cabin]),
        *(count(f"tier {tier}", "passengers", [tiers[tier]]) for tier in TIERS if tiers[tier]),
        *(count(f"SSR {ssr}", "passengers", [needs[ssr]]) for ssr in SPECIAL_NEEDS),
    ]


def situation(facts: PassengerFacts, planned: Case, worst: Case) -> list[Figure]:
    """Return what a delay does, likely and at worst."""
    unknown = sum(outcome.connection_unknown for outcome in planned.reprotection.outcomes)
    missed = [
        sum(outcome.misconnected is not None for outcome in case.reprotection.outcomes)
        for case in (planned, worst)
    ]
    return [
        count(CONNECTIONS, "passengers", [len(facts.connections.connections)]),
        Figure(
            name=MISSED_CONNECTIONS,
            unit="passengers",
            likely=None if unknown else Decimal(missed[0]),
            low=Decimal(missed[0]),
            high=Decimal(max(missed) + unknown),
            basis="minimum connection time at the expected arrival",
        ),
        *totals(facts, (planned, worst)),
    ]


def totals(facts: PassengerFacts, cases: tuple[Case, ...]) -> list[Figure]:
    """Return the figures of (likely, at worst), or of one case alone."""
    mean = [case.reprotection.mean_delay for case in cases]
    figures = [
        count("needing_reprotection", "passengers", [case.reprotection.needing for case in cases]),
        count("reprotected", "passengers", [case.reprotection.reprotected for case in cases]),
        count(REBOOKED, "passengers", [case.reprotection.reprotected for case in cases]),
        count(
            "mean_delay_at_final_destination",
            "min",
            [None if delay is None else minutes(delay) for delay in mean],
            "of those whose arrival is known",
        ),
        count(MEALS, "meals", [case.owed.meals for case in cases]),
        count(HOTEL_NIGHTS, "nights", [case.owed.hotel_nights for case in cases]),
        count("refund_offers", "passengers", [case.owed.refund_offers for case in cases]),
    ]
    kilometres = [rebooking_of(case.reprotection, facts.distances_km).partner_seat_km for case in cases]
    figures += [
        count(f"{PARTNER_SEAT_KM} {cabin}", "km", [km.get(cabin, Decimal(0)) for km in kilometres])
        for cabin in CABINS
        if any(cabin in km for km in kilometres)
    ]
    dues = {(due.regime, due.currency): due for case in cases for due in case.owed.compensation}
    for (regime, currency), due in sorted(dues.items()):
        found = [
            next(
                (one for one in case.owed.compensation if (one.regime, one.currency) == (regime, currency)),
                None,
            )
            for case in cases
        ]
        figures.append(
            Figure(
                name=f"{COMPENSATION} {regime}",
                unit=currency,
                likely=Decimal(0) if found[0] is None else found[0].likely,
                low=min(Decimal(0) if one is None else one.low for one in found),
                high=max(Decimal(0) if one is None else one.high for one in found),
                basis=due.basis,
            )
        )
    for refund in cases[0].owed.refunds:
        figures.append(
            Figure(
                name=f"{REFUNDS} {refund.currency}",
                unit=refund.currency,
                likely=refund.likely,
                low=refund.low,
                high=refund.high,
                basis=refund.basis,
            )
        )
    return figures


def if_cancelled(figures: Iterable[Figure]) -> list[Figure]:
    """Return figures under the name that they have if the flight is cancelled."""
    return [
        Figure(
            name=f"{IF_CANCELLED} {figure.name}",
            unit=figure.unit,
            likely=figure.likely,
            low=figure.low,
            high=figure.high,
            basis=figure.basis,
        )
        for figure in figures
    ]


def bags_to_reroute(bags: list[Bag], planned: Case) -> Figure:
    """Return how many bags belong to passengers who need another journey."""
    moved = {outcome.booking.pnr for outcome in planned.reprotection.outcomes if outcome.needs_reprotection}
    return count(
        "bags_to_reroute",
        "bags",
        [sum(bag.pnr in moved for bag in bags)],
        "of passengers who need another journey",
    )


def delay_curves(facts: PassengerFacts, steps: list[tuple[int, Case]]) -> list[Curve]:
    """Return by minute of delay what is rebooked, provided and owed; `steps` rise in delay."""
    curves = [
        step_curve(
            REBOOKED,
            "passengers",
            ((minute, Decimal(case.reprotection.reprotected)) for minute, case in steps),
        ),
        step_curve(MEALS, "meals", ((minute, Decimal(case.owed.meals)) for minute, case in steps)),
        step_curve(
            HOTEL_NIGHTS, "nights", ((minute, Decimal(case.owed.hotel_nights)) for minute, case in steps)
        ),
    ]
    curves += _due_curves(f"{COMPENSATION} ", [(minute, case.owed.compensation) for minute, case in steps])
    curves += _due_curves(f"{REFUNDS} ", [(minute, case.owed.refunds) for minute, case in steps])
    by_step = [
        (minute, rebooking_of(case.reprotection, facts.distances_km).partner_seat_km)
        for minute, case in steps
    ]
    for cabin in CABINS:
        if any(cabin in km for _, km in by_step):
            values = [(minute, km.get(cabin, Decimal(0))) for minute, km in by_step]
            curves.append(step_curve(f"{PARTNER_SEAT_KM} {cabin}", "km", values))
    return curves


def _due_curves(prefix: str, steps: list[tuple[int, tuple[Due, ...]]]) -> list[Curve]:
    """Return three curves for each regime or currency: the likely amount, the least and the most."""
    keys = sorted({(due.regime, due.currency) for _, dues in steps for due in dues})
    curves: list[Curve] = []
    for regime, currency in keys:
        name = f"{prefix}{regime if prefix.startswith(COMPENSATION) else currency}"
        bounds: list[tuple[Decimal, Decimal, Decimal]] = []
        for _, dues in steps:
            due = next((one for one in dues if (one.regime, one.currency) == (regime, currency)), None)
            nothing = Decimal(0)
            bounds.append((nothing,) * 3 if due is None else (due.likely, due.low, due.high))
        minutes_ = [minute for minute, _ in steps]
        curves += [
            step_curve(f"{name}{suffix}", currency, zip(minutes_, values, strict=True))
            for suffix, values in zip(("", AT_LEAST, AT_MOST), zip(*bounds, strict=True), strict=True)
        ]
    return curves
