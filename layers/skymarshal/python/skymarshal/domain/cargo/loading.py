"""What may be loaded together and on what: segregation, cargo aircraft only, dry ice, live animals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, get_args

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.errors import UnknownCodeError

__all__ = [
    "LITHIUM_BATTERIES",
    "AircraftUse",
    "LoadItem",
    "LoadingReview",
    "OffloadDecision",
    "SegregationCheck",
    "check_offload",
    "check_segregation",
    "must_be_apart",
    "review_loading",
]

AircraftUse = Literal["passenger", "cargo"]

LITHIUM_BATTERIES: Final = frozenset({"3480", "3090"})

_LITHIUM: Final = "lithium"
_EXPLOSIVE: Final = "1"
_CLASSES: Final = (
    "1", "1.1", "1.2", "1.3", "1.4", "1.4S", "1.5", "1.6", "2.1", "2.2", "2.3", "3",
    "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7", "8", "9",
)  # fmt: skip
_APART: Final = frozenset(
    frozenset(pair)
    for pair in (
        ("3", "5.1"),
        ("4.2", "5.1"),
        ("4.3", "8"),
        *(
            (_EXPLOSIVE, other)
            for other in ("2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "8")
        ),
        *((_LITHIUM, other) for other in (_EXPLOSIVE, "2.1", "3", "4.1", "5.1")),
    )
)
_DRY_ICE: Final = frozenset({"ICE", "RCL"})
_LIVE_ANIMALS: Final = "AVI"
_CARGO_ONLY: Final = "CAO"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadItem:
    """A shipment as the load planner sees it.

    Attributes:
        awb: Air waybill number, or another name for the shipment.
        codes: Special handling codes.
        dg_class: Hazard class or division, such as `3` or `1.4S`; None if not dangerous.
        un_number: UN number, such as `UN3480` or `3480`.
        cargo_aircraft_only: Whether its packages may only go on cargo aircraft.
    """

    awb: str
    codes: tuple[str, ...] = ()
    dg_class: str | None = None
    un_number: str | None = None
    cargo_aircraft_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SegregationCheck(RuleResult):
    """Pairs of shipments that have to be kept apart."""

    compatible: bool
    conflicts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingReview(RuleResult):
    """What is forbidden on the aircraft, and what a person has to look at."""

    allowed: bool
    forbidden: tuple[str, ...]
    review_required: bool
    reviews: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffloadDecision(RuleResult):
    """Whether a shipment may be offloaded by a rule over a list, or only by a decision of its own."""

    by_list_allowed: bool
    reason: str | None


def must_be_apart(class_a: str, class_b: str, *, un_a: str | None = None, un_b: str | None = None) -> bool:
    """Return whether two hazard classes have to be kept apart.

    Raises:
        UnknownCodeError: If a class is not in its list.
    """
    return frozenset((_group(class_a, un_a), _group(class_b, un_b))) in _APART


def check_segregation(items: Sequence[LoadItem]) -> SegregationCheck:
    """Return which dangerous goods may not be next to each other.

    Raises:
        UnknownCodeError: If a class is not in its list.
    """
    dangerous = [(item, item.dg_class) for item in items if item.dg_class is not None]
    for _, dg_class in dangerous:
        _group(dg_class, None)
    conflicts = tuple(
        (first.awb, second.awb)
        for (first, class_a), (second, class_b) in combinations(dangerous, 2)
        if must_be_apart(class_a, class_b, un_a=first.un_number, un_b=second.un_number)
    )
    return SegregationCheck(
        compatible=not conflicts,
        conflicts=conflicts,
        articles=(CARGO_ARTICLES["segregation"],),
        inputs={"items": tuple(items)},
        working=tuple(f"{first} and {second} apart" for first, second in conflicts)
        or ("no pair to separate",),
    )


def review_loading(items: Sequence[LoadItem], *, aircraft: AircraftUse | None) -> LoadingReview:
    """Return what may not go on the aircraft and what needs a review.

    Args:
        items: Shipments planned on one aircraft.
        aircraft: Its use; None leaves cargo-aircraft-only shipments unknown.

    Raises:
        UnknownCodeError: If the use or a class is not in its list.
    """
    if aircraft is not None and aircraft not in get_args(AircraftUse):
        raise UnknownCodeError("aircraft", aircraft, get_args(AircraftUse))
    cargo_only = [item.awb for item in items if item.cargo_aircraft_only or _CARGO_ONLY in item.codes]
    forbidden = tuple(f"{awb}: cargo aircraft only" for awb in cargo_only) if aircraft == "passenger" else ()
    reviews = []
    articles = [CARGO_ARTICLES["dry_ice_animals"]]
    dry_ice = any(_DRY_ICE.intersection(item.codes) for item in items)
    animals = any(_LIVE_ANIMALS in item.codes for item in items)
    if dry_ice and animals:
        reviews.append("dry ice with live animals: quantity, ventilation and position")
    if cargo_only:
        articles.append(CARGO_ARTICLES["cargo_aircraft_only"])
    if animals:
        articles.append(CARGO_ARTICLES["live_animals"])
    return LoadingReview(
        allowed=not forbidden,
        forbidden=forbidden,
        review_required=bool(reviews),
        reviews=tuple(reviews),
        articles=tuple(articles),
        inputs={"items": tuple(items), "aircraft": aircraft},
        working=(*forbidden, *reviews) or ("nothing forbidden, nothing to review",),
        unknowns=("aircraft",) if cargo_only and aircraft is None else (),
    )


def check_offload(item: LoadItem) -> OffloadDecision:
    """Return whether a shipment may be offloaded along with a list: live animals never are."""
    animals = _LIVE_ANIMALS in item.codes
    reason = "live animals: a decision of its own, with care arranged" if animals else None
    return OffloadDecision(
        by_list_allowed=not animals,
        reason=reason,
        articles=(CARGO_ARTICLES["live_animals"],),
        inputs={"item": item},
        working=(reason or "no live animals",),
    )


def _group(dg_class: str, un_number: str | None) -> str:
    """Return the row of the segregation table a class belongs to."""
    if dg_class not in _CLASSES:
        raise UnknownCodeError("dg_class", dg_class, _CLASSES)
    if un_number is not None and un_number.upper().removeprefix("UN").strip() in LITHIUM_BATTERIES:
        return _LITHIUM
    if dg_class.split(".")[0] == _EXPLOSIVE and dg_class != "1.4S":
        return _EXPLOSIVE
    return dg_class
