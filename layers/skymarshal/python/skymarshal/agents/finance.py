"""Finance: what a delay, a cancellation and a change of tail cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.agents.case import AssessmentRequest, Findings, flight_over, flight_unknown
from skymarshal.agents.departure import ExpectedDeparture, expected_departure
from skymarshal.agents.impacts import (
    IF_CANCELLED,
    LONGEST_DELAY,
    as_delayed,
    cancelled,
    crew_taken_over,
    crew_to_replace,
    step_curve,
    still_open,
)
from skymarshal.agents.told import NOTHING_TOLD, Told, told_of_cancellation, told_of_delay
from skymarshal.agents.wording import duration_text
from skymarshal.calculators.connections import connection_facts
from skymarshal.calculators.cost_drivers import cargo_loss
from skymarshal.calculators.costs import CostEstimate, cost_of
from skymarshal.calculators.impact import REBOOKING_LEAD
from skymarshal.calculators.owed import owed
from skymarshal.calculators.passengers import PassengerFacts, passenger_facts
from skymarshal.calculators.rates import RateTable, load_rates
from skymarshal.calculators.reprotection import reprotect
from skymarshal.calculators.shipments import CargoFacts, load_cargo_facts, shipments_at_risk
from skymarshal.domain.assessment import AgentName, Curve, Figure, Option, OptionKind, Phase, Verdict
from skymarshal.domain.candidate import Candidate
from skymarshal.operations import Operations
from skymarshal.operations.records import Airport, Booking, Flight

__all__ = ["finance"]

MAX_SWAPS: Final = 3
CURVE_STEP: Final = 30
"""Minutes of delay between the points of the cost curve."""

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """The rows of finance's own tables, and the request with what the others said."""

    request: AssessmentRequest
    flight: Flight
    rates: RateTable
    passengers: PassengerFacts
    cargo: CargoFacts

    @property
    def informed(self) -> bool:
        """Whether the other agents have been heard."""
        return self.request.phase is Phase.REVISION

    @property
    def currencies(self) -> list[str]:
        """The currencies in which the passengers paid."""
        return sorted({booking.currency for booking in self.passengers.bookings})

    @property
    def cargo_currencies(self) -> list[str]:
        """The currencies in which shipments are valued."""
        return sorted({shipment.currency for shipment in self.cargo.shipments})


def finance(request: AssessmentRequest, operations: Operations) -> Findings:
    """Return what the expected delay costs and what the ways out of it would.

    In the initial phase finance knows neither who misconnects nor which other flights have seats nor
    what follows along the rotation. It prices the delay itself, what passengers are owed as far as its
    own tables say, and the cargo. In the revision phase it takes the rest over from the network and the
    guest experience agents.
    """
    flight = operations.flight(request.disruption.flight_id)
    if flight is None:
        return flight_unknown(AgentName.FINANCE, request)
    over = flight_over(AgentName.FINANCE, flight)
    if over is not None:
        return over
    expected = expected_departure(request, flight)
    books = _load(request, operations, flight)
    replaced = crew_to_replace(request, expected.off_block)
    told = _told_of_delay(books, expected.delay, len(replaced))
    delay, worst = (
        _price(
            books,
            as_delayed(flight, late, expected.registration, replaced),
            _told_of_delay(books, late, len(replaced)),
        )
        for late in (expected.delay, expected.delay_at_worst)
    )
    told_if_cancelled = (
        told_of_cancellation(request, flight, books.currencies, books.cargo_currencies)
        if books.informed
        else NOTHING_TOLD
    )
    cancel = _price(books, cancelled(flight), told_if_cancelled)
    unknowns = (*delay.unknowns, *cancel.unknowns, *books.passengers.unknowns, *books.cargo.unknowns)
    return Findings(
        verdict=Verdict.CONSTRAINED if expected.delay > _ZERO or expected.open else Verdict.CLEAR,
        recommendation=_recommendation(expected, delay, cancel),
        facts_known=3 + sum(line.usd[1] is not None for line in (*delay.lines, *cancel.lines)),
        figures=(
            _total("cost", (delay, worst), f"departure {duration_text(expected.delay)} late"),
            *_detail(delay),
            _total(f"{IF_CANCELLED} cost", (cancel,), "cancelled, passengers moved to other flights"),
            *_swaps(books),
        ),
        curves=(_curve(books),),
        unknowns=tuple(dict.fromkeys(unknowns)),
        notes=(
            *_lines("Delay", delay),
            *_lines("Cancellation", cancel),
            *_left_out(books, told),
            *still_open(expected),
        ),
        taken_over=tuple(
            dict.fromkeys(
                (
                    *expected.taken_over,
                    *crew_taken_over(replaced),
                    *told.taken_over,
                    *told_if_cancelled.taken_over,
                )
            )
        ),
    )


def _load(request: AssessmentRequest, operations: Operations, flight: Flight) -> _Books:
    def read_travel() -> tuple[list[Booking], list[Airport]]:
        bookings = operations.bookings_of_flight(flight.flight_id)
        codes = {flight.origin, flight.destination}
        codes |= {code for one in bookings for code in (one.journey_origin, one.final_destination)}
        return bookings, operations.airports(sorted(codes))

    (bookings, airports), cargo, rates = operations.gather(
        read_travel,
        lambda: load_cargo_facts(operations, flight, with_alternatives=False),
        lambda: load_rates(operations, flight.std.date()),
    )
    connections = replace(connection_facts(flight, bookings, (), ()), unknowns=())
    return _Books(
        request=request,
        flight=flight,
        rates=rates,
        cargo=cargo,
        passengers=passenger_facts(
            flight, bookings, passengers=None, airports=airports, connections=connections
        ),
    )


def _told_of_delay(books: _Books, delay: timedelta, replaced: int = 0) -> Told:
    """Return what the others say of a delay; who is taken off the flight rests in time."""
    if not books.informed:
        return NOTHING_TOLD
    told = told_of_delay(books.request, books.flight, books.currencies, delay)
    if told.later is None:
        return told
    resting = max(0, told.later.crew_replaced - replaced)
    return replace(told, later=replace(told.later, crew_replaced=resting))


def _price(books: _Books, candidate: Candidate, told: Told) -> CostEstimate:
    due = told.owed
    if due is None:
        disruption = books.request.disruption
        alone = reprotect(books.passengers, candidate, not_before=disruption.reported_at + REBOOKING_LEAD)
        due = owed(books.passengers, candidate, alone, disruption)
    risks = shipments_at_risk(
        books.cargo, candidate.off_block, candidate.on_block, left_behind=candidate.offloaded_awbs
    )
    cargo = cargo_loss(risks, candidate, books.rates)
    if told.spoilt is not None:
        cargo = replace(cargo, spoilt=told.spoilt)
    return cost_of(
        books.rates,
        books.flight,
        candidate,
        later=told.later,
        rebooking=told.rebooking,
        owed=due,
        cargo=cargo,
        from_hub=books.passengers.from_hub,
    )


def _curve(books: _Books) -> Curve:
    points: list[tuple[int, Decimal]] = []
    for minute in range(0, LONGEST_DELAY + 1, CURVE_STEP):
        late = timedelta(minutes=minute)
        estimate = _price(books, as_delayed(books.flight, late), _told_of_delay(books, late))
        points.append((minute, estimate.low if estimate.likely is None else estimate.likely))
    return step_curve("cost", "USD", points)


def _total(name: str, estimates: tuple[CostEstimate, ...], basis: str) -> Figure:
    highs = [estimate.high for estimate in estimates]
    known = [high for high in highs if high is not None]
    return Figure(
        name=name,
        unit="USD",
        likely=estimates[0].likely,
        low=min(estimate.low for estimate in estimates),
        high=max(known) if len(known) == len(highs) else None,
        basis=basis,
    )


def _detail(estimate: CostEstimate) -> list[Figure]:
    by_currency = [
        Figure(name=f"cost in {currency}", unit=currency, likely=amount, basis="as it falls due")
        for currency, amount in estimate.by_currency.items()
    ]
    lines = [
        Figure(
            name=f"cost: {line.name}",
            unit="USD",
            likely=line.usd[1],
            low=line.usd[0],
            high=line.usd[2],
            basis=line.basis,
        )
        for line in estimate.lines
    ]
    return [*by_currency, *lines]


def _swaps(books: _Books) -> list[Figure]:
    """Return what leaving with each of the first usable spare tails costs."""
    figures: list[Figure] = []
    for option in _usable_spares(books.request)[:MAX_SWAPS]:
        if option.available_from is None:
            continue
        late = max(option.available_from - books.flight.std, _ZERO)
        estimate = _price(books, as_delayed(books.flight, late, option.key), _told_of_delay(books, late))
        figures.append(_total(f"cost with {option.key}", (estimate,), f"{duration_text(late)} late"))
    return figures


def _usable_spares(request: AssessmentRequest) -> list[Option]:
    return [
        option
        for one in request.initial
        for option in one.options
        if option.kind is OptionKind.SPARE_TAIL and option.usable
    ]


def _lines(title: str, estimate: CostEstimate) -> list[str]:
    return [f"{title}: {line.name}, {_amount(line.usd[1])} USD ({line.basis})." for line in estimate.lines]


def _left_out(books: _Books, told: Told) -> list[str]:
    missing = []
    if told.later is None:
        missing.append("later flights")
    if told.rebooking is None:
        missing.append("rebooking")
    if not missing:
        return []
    why = "the agents that know did not answer" if books.informed else "the other agents know them"
    return [f"Left out of the sums: {' and '.join(missing)}; {why}."]


def _recommendation(expected: ExpectedDeparture, delay: CostEstimate, cancel: CostEstimate) -> str:
    late = duration_text(expected.delay)
    text = f"A delay of {late} costs about {_amount(delay.likely)} USD"
    if expected.delay == _ZERO:
        text = f"Leaving on time costs {_amount(delay.likely)} USD"
    if delay.high is not None and delay.high != delay.low:
        text += f" ({_amount(delay.low)} to {_amount(delay.high)})"
    text += f", a cancellation {_amount(cancel.likely)} USD."
    if expected.delay > _ZERO and delay.likely is not None and cancel.likely is not None:
        cheaper = "delaying" if delay.likely <= cancel.likely else "cancelling"
        text += f" By cost alone {cheaper} is the better."
    return text


def _amount(value: Decimal | None) -> str:
    return "an unknown sum of" if value is None else f"{value:,.0f}"
