"""Limits of liability under the Montreal Convention 1999, by date of the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import MissingInputError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.money import SDR, Money

__all__ = ["MONTREAL_ARTICLES", "LiabilityKind", "LiabilityLimit", "montreal_limit"]

LiabilityKind = Literal["death_injury", "passenger_delay", "baggage", "cargo"]

_FIRST: Final = date(2019, 12, 28)
_REVIEWED: Final = date(2024, 12, 28)
_HEAVIEST_KG: Final = 250_000
_DEAREST_SDR: Final = 1_000_000_000
_DECLARABLE: Final = frozenset({"baggage", "cargo"})
_PROVISIONS: Final[Mapping[LiabilityKind, tuple[str, str]]] = {
    "death_injury": ("Art 21(1)", "Strict liability for death or injury"),
    "passenger_delay": ("Art 22(1)", "Delay of a passenger"),
    "baggage": ("Art 22(2)", "Destruction, loss, damage or delay of baggage"),
    "cargo": ("Art 22(3)", "Destruction, loss, damage or delay of cargo, per kilogram"),
}
_LIMITS: Final[Mapping[LiabilityKind, tuple[tuple[date, int], ...]]] = {
    "death_injury": ((_FIRST, 128_821), (_REVIEWED, 151_880)),
    "passenger_delay": ((_FIRST, 5_346), (_REVIEWED, 6_303)),
    "baggage": ((_FIRST, 1_288), (_REVIEWED, 1_519)),
    "cargo": ((_FIRST, 22), (_REVIEWED, 26)),
}

MONTREAL_ARTICLES: Final[Mapping[LiabilityKind, Article]] = {
    kind: Article(
        regulation="Montreal Convention 1999",
        article=f"{article}, Art 24",
        subject=subject,
        status="verified",
        source="law firms' notes on the limits from 28 December 2024",
        valid_from=_FIRST,
    )
    for kind, (article, subject) in _PROVISIONS.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiabilityLimit(RuleResult):
    """Limit in special drawing rights (`limit`); `unit_limit` is the figure of the convention."""

    limit: Money
    unit_limit: int


def montreal_limit(
    kind: LiabilityKind,
    *,
    on: date,
    weight_kg: float | None = None,
    declared_value: Money | None = None,
) -> LiabilityLimit:
    """Return the limit of liability for an event.

    Args:
        kind: What was harmed.
        on: Day of the event.
        weight_kg: Weight of the packages concerned; needed for cargo.
        declared_value: Special declaration of interest for cargo or baggage, which replaces the limit.

    Raises:
        UnknownCodeError: If the kind is not in its list.
        OutOfRangeError: If the day is before 28 December 2019, the weight not above zero or more than any
            aircraft lifts, or the declared value not an amount above zero in special drawing rights, or
            given for what is neither baggage nor cargo (Art 22(2), (3)).
        MissingInputError: If cargo comes without its weight.
    """
    if kind not in get_args(LiabilityKind):
        raise UnknownCodeError("kind", kind, get_args(LiabilityKind))
    rows = [amount for valid_from, amount in _LIMITS[kind] if valid_from <= on]
    if not rows:
        raise OutOfRangeError("event_date", on.isoformat(), f"a day from {_FIRST.isoformat()}")
    unit = rows[-1]
    amount = Decimal(unit)
    text = f"{unit:,} SDR"
    if kind == "cargo":
        if weight_kg is None:
            raise MissingInputError("weight_kg", "the weight of the packages concerned in kg")
        if not 0 < weight_kg <= _HEAVIEST_KG:
            raise OutOfRangeError("weight_kg", weight_kg, f"above zero, at most {_HEAVIEST_KG:,} kg")
        amount = unit * Decimal(str(weight_kg))
        text = f"{unit} SDR/kg x {weight_kg:g} kg = {amount:,} SDR"
    if declared_value is not None:
        if kind not in _DECLARABLE:
            raise OutOfRangeError(
                "declared_value", str(declared_value), "none: a value is declared for baggage and cargo only"
            )
        if declared_value.currency != SDR:
            raise OutOfRangeError(
                "declared_value", str(declared_value), f"an amount in {SDR}; convert it first"
            )
        if not 0 < declared_value.amount <= _DEAREST_SDR:
            raise OutOfRangeError(
                "declared_value", declared_value.amount, f"above zero, at most {_DEAREST_SDR:,} {SDR}"
            )
        amount = declared_value.amount
        text = f"declared value {declared_value} replaces {text}"
    return LiabilityLimit(
        limit=Money(amount, SDR),
        unit_limit=unit,
        articles=(MONTREAL_ARTICLES[kind],),
        inputs={"kind": kind, "on": on, "weight_kg": weight_kg, "declared_value": declared_value},
        working=(f"event on {on.isoformat()}: {text}",),
    )
