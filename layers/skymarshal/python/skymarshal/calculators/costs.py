"""What a candidate costs, line by line: by currency, and in US dollars at the dated rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from skymarshal.calculators.cost_drivers import CargoLoss, LaterFlights, Rebooking
from skymarshal.calculators.owed import Due, Owed
from skymarshal.calculators.rates import Rate, RateTable
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.candidate import Candidate, Diversion
from skymarshal.operations.records import Flight

__all__ = [
    "CostEstimate",
    "CostLine",
    "cost_of",
]

_NOTHING: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One kind of cost in one currency. Negative amounts are saved.

    `likely` is None where a rate is known by its bounds only, and all amounts are None where nothing
    bounds it. `usd` is (low, likely, high) at the dated rate, each None where unknown.
    """

    name: str
    currency: str | None
    low: Decimal | None
    likely: Decimal | None
    high: Decimal | None
    usd: tuple[Decimal | None, Decimal | None, Decimal | None]
    basis: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """The cost of one candidate. `unknowns` are the rates that were missing."""

    lines: tuple[CostLine, ...]
    unknowns: tuple[Unknown, ...] = ()

    @property
    def low(self) -> Decimal:
        """The least in US dollars; what is unknown counts nothing."""
        return sum((line.usd[0] or _NOTHING for line in self.lines), _NOTHING).quantize(_CENT)

    @property
    def likely(self) -> Decimal | None:
        """The likely sum in US dollars, None where a line's is unknown."""
        return _total(line.usd[1] for line in self.lines)

    @property
    def high(self) -> Decimal | None:
        """The most in US dollars, None where a line is not bounded."""
        return _total(line.usd[2] for line in self.lines)

    @property
    def usd(self) -> tuple[Decimal, Decimal, Decimal] | None:
        """(low, likely, high) in US dollars, None unless all three are known."""
        likely, high = self.likely, self.high
        return None if likely is None or high is None else (self.low, likely, high)

    @property
    def by_currency(self) -> dict[str, Decimal]:
        """The likely amounts by the currency in which they fall due, without lines that have none."""
        totals: dict[str, Decimal] = {}
        for line in self.lines:
            if line.currency is not None and line.likely is not None:
                totals[line.currency] = totals.get(line.currency, _NOTHING) + line.likely
        return dict(sorted(totals.items()))


def cost_of(
    rates: RateTable,
    flight: Flight,
    candidate: Candidate,
    *,
    later: LaterFlights | None = None,
    rebooking: Rebooking | None = None,
    owed: Owed | None = None,
    cargo: CargoLoss | None = None,
    aircraft_type: str | None = None,
    from_hub: bool = True,
) -> CostEstimate:
    """Return what `candidate` costs above the flight as planned.

    Args:
        rates: the rates of the day.
        flight: the flight.
        candidate: how it would operate.
        later: the later flights that are hit; None leaves them out.
        rebooking: who is rebooked on what; None leaves it out.
        owed: care, compensation and refunds; None leaves them out.
        cargo: what is spoilt and what is carried later; None leaves it out.
        aircraft_type: the type that flies, where the tail is changed for one of another.
        from_hub: whether the flight starts at the airline's hub. A tail that a cancellation leaves
            elsewhere burns the fuel later to come home.
    """
    book = _Book(rates)
    type_ = aircraft_type or flight.aircraft_type
    if candidate.off_block is None:
        hours = Decimal(flight.block / _HOUR) if from_hub else _NOTHING
        book.add(
            "fuel not burnt", "fuel", f"fuel_per_block_hour#{flight.aircraft_type}", -hours, "block hours"
        )
    else:
        late = max(candidate.off_block - flight.std, timedelta(0))
        minutes, hours = Decimal(late / _MINUTE), Decimal(late / _HOUR)
        book.add("aircraft on the ground", "aircraft", f"ground_minute#{type_}", minutes, "minutes")
        book.add("crew", "crew", f"crew_per_duty_hour#{type_}", hours, "hours of duty")
        if candidate.registration not in (None, flight.registration):
            book.add("change of tail", "aircraft", "tail_swap", Decimal(1), "change")
        if type_ != flight.aircraft_type:
            block = Decimal(flight.block / _HOUR)
            book.add("fuel of the other type", "fuel", f"fuel_per_block_hour#{type_}", block, "block hours")
            book.add(
                "fuel not burnt", "fuel", f"fuel_per_block_hour#{flight.aircraft_type}", -block, "block hours"
            )
        called = Decimal(len(candidate.replaced_crew))
        book.add("reserve crew", "crew", "reserve_call_out", called, "crew members")
        if candidate.diversion is not None:
            _add_diversion(book, flight, candidate.diversion, type_)
    if later is not None:
        for type_, total in sorted(later.minutes.items()):
            book.add(
                "later flights delayed",
                "aircraft",
                f"reactionary_minute#{type_}",
                total,
                f"minutes on {type_}",
            )
        for type_, count in sorted(later.without_aircraft.items()):
            book.add(
                "later flights without an aircraft",
                "aircraft",
                f"cancelled_flight#{type_}",
                Decimal(count),
                f"flights of {type_}",
            )
        replaced = Decimal(later.crew_replaced)
        book.add("reserves for later flights", "crew", "reserve_call_out", replaced, "crew members")
    if rebooking is not None:
        _add_rebooking(book, rebooking)
    if owed is not None:
        _add_owed(book, owed)
    if cargo is not None:
        for spoilt in cargo.spoilt:
            book.amount("cargo spoilt", spoilt.currency, spoilt.low, spoilt.likely, spoilt.high, spoilt.basis)
        book.add("cargo rebooked", "cargo", "rebooking_kg", cargo.rebooked_kg, "kg")
        book.add("cold store", "cargo", "cold_store_kg", cargo.stored_kg, "kg for a day")
    return CostEstimate(lines=tuple(book.lines), unknowns=tuple(dict.fromkeys(book.unknowns)))


@dataclass(slots=True)
class _Book:
    rates: RateTable
    lines: list[CostLine] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)

    def add(self, name: str, category: str, rate_name: str, quantity: Decimal, unit: str) -> None:
        if not quantity:
            return
        rate = self.rates.rate(category, rate_name)
        if rate is None:
            self.unknowns.append(self.rates.missing(category, rate_name))
            self.lines.append(
                CostLine(
                    name=name,
                    currency=None,
                    low=None,
                    likely=None,
                    high=None,
                    usd=(None, None, None),
                    basis=f"{_quantity(quantity)} {unit}; no rate {rate_name}",
                )
            )
            return
        if rate.unknown is not None:
            self.unknowns.append(rate.unknown)
        bounds = sorted((quantity * rate.low, quantity * rate.high))
        self.amount(
            name,
            rate.currency,
            bounds[0],
            None if rate.likely is None else quantity * rate.likely,
            bounds[1],
            f"{_quantity(quantity)} {unit} at {_rate_text(rate)} {rate.currency}",
            rate.evidence,
        )

    def amount(
        self,
        name: str,
        currency: str,
        low: Decimal,
        likely: Decimal | None,
        high: Decimal,
        basis: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        in_usd = tuple(
            None if usd is None else usd.quantize(_CENT)
            for value in (low, likely, high)
            for usd in (None if value is None else self.rates.to_usd(value, currency),)
        )
        if in_usd[0] is None:
            self.unknowns.append(self.rates.missing("fx", f"{currency}-USD"))
        self.lines.append(
            CostLine(
                name=name,
                currency=currency,
                low=low.quantize(_CENT),
                likely=None if likely is None else likely.quantize(_CENT),
                high=high.quantize(_CENT),
                usd=(in_usd[0], in_usd[1], in_usd[2]),
                basis=basis,
                evidence=evidence,
            )
        )


def _add_diversion(book: _Book, flight: Flight, diversion: Diversion, type_: str) -> None:
    block = Decimal((diversion.block - flight.block) / _HOUR)
    book.add("fuel of the diversion", "fuel", f"fuel_per_block_hour#{type_}", block, "block hours")
    minutes = Decimal(diversion.stop / _MINUTE)
    book.add("ground time at the alternate", "aircraft", f"ground_minute#{type_}", minutes, "minutes")
    hours = Decimal(diversion.longer / _HOUR)
    book.add("crew on the diversion", "crew", f"crew_per_duty_hour#{type_}", hours, "hours of duty")
    if diversion.charges_usd is not None:
        charges = diversion.charges_usd
        basis = f"landing, parking and handling at {diversion.airport}, as reported"
        book.amount("charges of the alternate", "USD", charges, charges, charges, basis)


def _add_rebooking(book: _Book, rebooking: Rebooking) -> None:
    book.unknowns.extend(rebooking.unknowns)
    book.add("rebooking", "reprotection", "rebooking", Decimal(rebooking.passengers), "passengers")
    for cabin, kilometres in sorted(rebooking.partner_seat_km.items()):
        book.add(
            f"seats on partners, {cabin}",
            "reprotection",
            f"partner_seat_km#{cabin}",
            kilometres,
            "passenger-kilometres",
        )


def _add_owed(book: _Book, owed: Owed) -> None:
    book.add("care: meals", "care", "meal", Decimal(owed.meals), "meals")
    book.add("care: hotel", "care", "hotel_night", Decimal(owed.hotel_nights), "nights")
    for due in owed.compensation:
        name = f"compensation {due.regime}"
        book.amount(name, due.currency, due.low, due.likely, due.high, _due_text(due))
    for refund in owed.refunds:
        book.amount("refunds", refund.currency, refund.low, refund.likely, refund.high, _due_text(refund))


def _due_text(due: Due) -> str:
    return f"{due.passengers} passengers; {due.basis}" if due.passengers else due.basis


def _quantity(quantity: Decimal) -> str:
    whole = quantity == quantity.to_integral_value()
    return f"{quantity:,.0f}" if whole else f"{quantity:,.1f}"


def _rate_text(rate: Rate) -> str:
    return f"{rate.low.normalize():f}" if rate.low == rate.high else f"{rate.low:f} to {rate.high:f}"


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    total = _NOTHING
    for value in values:
        if value is None:
            return None
        total += value
    return total.quantize(_CENT)
