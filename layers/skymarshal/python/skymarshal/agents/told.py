"""What the other business agents told finance, as the cost calculator takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from skymarshal.agents.case import AssessmentRequest
from skymarshal.agents.impacts import (
    AT_LEAST,
    AT_MOST,
    COMPENSATION,
    DOWNSTREAM_DELAY,
    DOWNSTREAM_FLIGHTS,
    HOTEL_NIGHTS,
    IF_CANCELLED,
    MEALS,
    PARTNER_SEAT_KM,
    REBOOKED,
    REFUNDS,
    REST_SHORTFALLS,
    VALUE_AT_RISK,
    curve_of,
    figure_of,
    value_at,
)
from skymarshal.calculators.cost_drivers import LaterFlights, Rebooking
from skymarshal.calculators.owed import Due, Owed, due_names
from skymarshal.calculators.passengers import CABINS
from skymarshal.domain.assessment import AgentName, TakenOver
from skymarshal.operations.records import Flight

__all__ = ["NOTHING_TOLD", "Told", "told_of_cancellation", "told_of_delay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What follows from one way to go on; a part is None where the agent did not say."""

    later: LaterFlights | None
    rebooking: Rebooking | None
    owed: Owed | None
    spoilt: tuple[Due, ...] | None = None
    taken_over: tuple[TakenOver, ...] = ()


NOTHING_TOLD: Final = Told(later=None, rebooking=None, owed=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amount:
    likely: Decimal
    low: Decimal
    high: Decimal
    unit: str
    basis: str


_Lookup: TypeAlias = Callable[[AgentName, str], _Amount | None]


def told_of_delay(
    request: AssessmentRequest, flight: Flight, currencies: Iterable[str], delay: timedelta
) -> Told:
    """Return what the others' curves say at a departure delay."""

    def look_up(agent: AgentName, name: str) -> _Amount | None:
        curve = curve_of(request, agent, name)
        if curve is None:
            return None
        likely = value_at(curve, delay)
        least, most = (curve_of(request, agent, f"{name}{suffix}") for suffix in (AT_LEAST, AT_MOST))
        return _Amount(
            likely=likely,
            low=likely if least is None else value_at(least, delay),
            high=likely if most is None else value_at(most, delay),
            unit=curve.unit,
            basis=f"{agent} at this delay",
        )

    book = _Book(look_up)
    minutes = book.find(AgentName.NETWORK, DOWNSTREAM_DELAY)
    later = None
    resting = book.find(AgentName.NETWORK, REST_SHORTFALLS)
    if minutes is not None:
        later = LaterFlights(
            minutes={flight.aircraft_type: minutes.likely},
            without_aircraft={},
            crew_replaced=0 if resting is None else int(resting.likely),
        )
    return book.told(later, "", currencies)


def told_of_cancellation(
    request: AssessmentRequest, flight: Flight, currencies: Iterable[str], cargo_currencies: Iterable[str]
) -> Told:
    """Return what the others' figures say of a cancellation."""

    def look_up(agent: AgentName, name: str) -> _Amount | None:
        figure = figure_of(request, agent, name)
        if figure is None or figure.likely is None:
            return None
        return _Amount(
            likely=figure.likely,
            low=figure.likely if figure.low is None else figure.low,
            high=figure.likely if figure.high is None else figure.high,
            unit=figure.unit,
            basis=figure.basis or f"{agent} for a cancellation",
        )

    book = _Book(look_up)
    stranded = book.find(AgentName.NETWORK, f"{IF_CANCELLED} {DOWNSTREAM_FLIGHTS}")
    later = None
    if stranded is not None:
        later = LaterFlights(minutes={}, without_aircraft={flight.aircraft_type: int(stranded.likely)})
    spoilt = book.spoilt(cargo_currencies)
    return replace(book.told(later, f"{IF_CANCELLED} ", currencies), spoilt=spoilt)


class _Book:
    """Looks facts up and notes each that it takes over."""

    def __init__(self, look_up: _Lookup) -> None:
        self._look_up = look_up
        self._taken: list[TakenOver] = []

    def find(self, agent: AgentName, name: str) -> _Amount | None:
        found = self._look_up(agent, name)
        if found is not None:
            value = f"{found.likely} {found.unit}"
            self._taken.append(TakenOver(source=agent, fact=name, value=value))
        return found

    def told(self, later: LaterFlights | None, prefix: str, currencies: Iterable[str]) -> Told:
        rebooked = self._guests(f"{prefix}{REBOOKED}")
        if rebooked is None:
            return Told(later=later, rebooking=None, owed=None, taken_over=tuple(self._taken))
        kilometres = {cabin: self._guests(f"{prefix}{PARTNER_SEAT_KM} {cabin}") for cabin in CABINS}
        meals, nights = self._guests(f"{prefix}{MEALS}"), self._guests(f"{prefix}{HOTEL_NIGHTS}")
        return Told(
            later=later,
            rebooking=Rebooking(
                passengers=int(rebooked.likely),
                partner_seat_km={cabin: km.likely for cabin, km in kilometres.items() if km is not None},
            ),
            owed=Owed(
                meals=0 if meals is None else int(meals.likely),
                hotel_nights=0 if nights is None else int(nights.likely),
                compensation=self._dues(f"{prefix}{COMPENSATION}", due_names(currencies)),
                refunds=self._dues(f"{prefix}{REFUNDS}", currencies),
            ),
            taken_over=tuple(self._taken),
        )

    def spoilt(self, currencies: Iterable[str]) -> tuple[Due, ...] | None:
        found = [
            (currency, self.find(AgentName.CARGO, f"{IF_CANCELLED} {VALUE_AT_RISK} {currency}"))
            for currency in currencies
        ]
        if any(amount is None for _, amount in found):
            return None
        return tuple(
            _due("Montreal Convention", amount) for _, amount in found if amount is not None and amount.high
        )

    def _guests(self, name: str) -> _Amount | None:
        return self.find(AgentName.GUEST_EXPERIENCE, name)

    def _dues(self, prefix: str, names: Iterable[str]) -> tuple[Due, ...]:
        found = [(name, self._guests(f"{prefix} {name}")) for name in names]
        return tuple(_due(name, amount) for name, amount in found if amount is not None and amount.high)


def _due(regime: str, amount: _Amount) -> Due:
    return Due(
        regime=regime,
        currency=amount.unit,
        low=amount.low,
        likely=amount.likely,
        high=amount.high,
        passengers=0,
        basis=amount.basis,
    )
