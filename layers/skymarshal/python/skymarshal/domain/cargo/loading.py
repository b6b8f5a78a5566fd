"""What may be loaded on what: cargo aircraft only, dry ice, live animals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.cargo.items import LoadItem
from skymarshal.domain.cargo.segregation import check_segregation
from skymarshal.domain.errors import UnknownCodeError

__all__ = [
    "AircraftUse",
    "LoadingReview",
    "OffloadDecision",
    "check_offload",
    "review_loading",
]

AircraftUse = Literal["passenger", "cargo"]

_DRY_ICE: Final = frozenset({"ICE", "RCL"})
_LIVE_ANIMALS: Final = "AVI"
_FOR_PEOPLE: Final = {"LHO": "human organs or blood", "HUM": "human remains", "PIL": "medicines"}
"""Handling codes of what people wait for: these too are never left behind to make room."""
_CARGO_ONLY: Final = "CAO"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingReview(RuleResult):
    """What is forbidden on the aircraft, what a person has to look at, and what is loaded apart.

    `allowed` is None where the use of the aircraft decides and is not known.
    """

    allowed: bool | None
    forbidden: tuple[str, ...]
    review_required: bool
    reviews: tuple[str, ...]
    apart: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OffloadDecision(RuleResult):
    """Whether a shipment may be offloaded by a rule over a list, or only by a decision of its own."""

    by_list_allowed: bool
    reason: str | None


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
    open_ = tuple(f"{awb}: cargo aircraft only, use not known" for awb in cargo_only if aircraft is None)
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
    segregation = check_segregation(items) if len(items) > 1 else None
    apart = segregation.working if segregation is not None and segregation.conflicts else ()
    if segregation is not None and not segregation.compatible:
        articles += segregation.articles
    unknowns = () if segregation is None else segregation.unknowns
    return LoadingReview(
        allowed=None if cargo_only and aircraft is None else not forbidden,
        forbidden=forbidden,
        review_required=bool(reviews or apart or unknowns),
        reviews=tuple(reviews),
        apart=apart,
        articles=tuple(articles),
        inputs={"items": tuple(items), "aircraft": aircraft},
        working=(*forbidden, *open_, *reviews, *apart) or ("nothing forbidden, nothing to review",),
        unknowns=(*(("aircraft",) if cargo_only and aircraft is None else ()), *unknowns),
    )


def check_offload(item: LoadItem) -> OffloadDecision:
    """Return whether a shipment may be offloaded along with a list.

    Live animals never are, nor what people wait for: organs, medicines, human remains.
    """
    waited_for = next((_FOR_PEOPLE[code] for code in item.codes if code in _FOR_PEOPLE), None)
    reason = None
    if _LIVE_ANIMALS in item.codes:
        reason = "live animals: a decision of its own, with care arranged"
    elif waited_for is not None:
        reason = f"{waited_for}: a decision of its own"
    return OffloadDecision(
        by_list_allowed=reason is None,
        reason=reason,
        articles=(CARGO_ARTICLES["live_animals"],),
        inputs={"item": item},
        working=(reason or "no live animals, and nothing that people wait for",),
    )
