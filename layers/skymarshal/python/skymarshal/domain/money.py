"""Money: an amount with its currency, converted only at a rate that was in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from skymarshal.domain.errors import CurrencyMismatchError, InvalidInputError, NoRateError, OutOfRangeError

__all__ = ["SDR", "ExchangeRate", "Money", "convert", "total"]

SDR: Final = "XDR"

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code; special drawing rights are `XDR`).

    Raises:
        InvalidInputError: If the amount is not a finite Decimal or the currency not three capitals.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise InvalidInputError("amount", self.amount, "a finite decimal number")
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():
            raise InvalidInputError("currency", self.currency, "an ISO 4217 code such as EUR")

    def __add__(self, other: Money) -> Money:
        """Return the sum.

        Raises:
            CurrencyMismatchError: If the currencies differ.
        """
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Return the difference.

        Raises:
            CurrencyMismatchError: If the currencies differ.
        """
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        """Return the amount taken `factor` times."""
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Return whether the amount is smaller.

        Raises:
            CurrencyMismatchError: If the currencies differ.
        """
        self._same(other)
        return self.amount < other.amount

    def rounded(self) -> Money:
        """Return the amount to two decimal places, halves to even."""
        return Money(self.amount.quantize(_CENT, ROUND_HALF_EVEN), self.currency)

    def __str__(self) -> str:
        """Return the amount as `EUR 250.00`."""
        return f"{self.currency} {self.amount.quantize(_CENT, ROUND_HALF_EVEN):,}"

    def _same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """One unit of `source` buys `rate` units of `target` from `valid_from` to `valid_to`, both included.

    Raises:
        OutOfRangeError: If the rate is not above zero.
    """

    source: str
    target: str
    rate: Decimal
    valid_from: date
    valid_to: date | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        if not self.rate > 0:
            raise OutOfRangeError("rate", self.rate, "a rate above zero")

    def in_force(self, on: date) -> bool:
        """Return whether the rate holds on `on`."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def convert(money: Money, target: str, *, on: date, rates: Iterable[ExchangeRate]) -> Money:
    """Return `money` in `target` at the rate in force on `on`; the latest that started, if several hold.

    A rate given only in the other direction is inverted. Nothing is rounded.

    Raises:
        NoRateError: If no rate is in force.
    """
    if money.currency == target:
        return money
    candidates = [rate for rate in rates if rate.in_force(on)]
    direct = [rate for rate in candidates if (rate.source, rate.target) == (money.currency, target)]
    if direct:
        return Money(money.amount * max(direct, key=lambda rate: rate.valid_from).rate, target)
    inverse = [rate for rate in candidates if (rate.source, rate.target) == (target, money.currency)]
    if inverse:
        return Money(money.amount / max(inverse, key=lambda rate: rate.valid_from).rate, target)
    raise NoRateError(money.currency, target, on)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of amounts that are all in `currency`.

    Raises:
        CurrencyMismatchError: If one is not.
    """
    result = Money(Decimal(0), currency)
    for amount in amounts:
        result = result + amount
    return result
