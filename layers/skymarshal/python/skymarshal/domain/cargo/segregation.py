"""What is kept apart in the hold: hazard classes from each other, and from animals, food and film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.cargo.items import LoadItem
from skymarshal.domain.errors import UnknownCodeError

__all__ = ["LITHIUM_BATTERIES", "SEGREGATION_CODES", "SegregationCheck", "check_segregation", "must_be_apart"]

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

# Which hazard a special handling code stands for. The codes of batteries packed with or contained in
# equipment, of excepted packages and of radioactive category I (RRW) ask for no segregation.
_HAZARD_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("REX", "RCX", "RGX", "RXB", "RXC", "RXD", "RXE", "RXG"), _EXPLOSIVE),
    **dict.fromkeys(("RLI", "RLM", "RBI", "RBM"), _LITHIUM),
    "RXS": "1.4S",
    "RFG": "2.1",
    "RNG": "2.2",
    "RPG": "2.3",
    "RFL": "3",
    "RFS": "4.1",
    "RSC": "4.2",
    "RFW": "4.3",
    "ROX": "5.1",
    "ROP": "5.2",
    "RPB": "6.1",
    "RIS": "6.2",
    "RRY": "7",
    "RCM": "8",
}
_ANIMALS: Final = frozenset({"AVI", "HEG"})
_FOOD: Final = frozenset({"EAT"})
_DRY_ICE: Final = frozenset({"ICE", "RCL"})
_WHITE: Final = "RRW"

SEGREGATION_CODES: Final = frozenset({*_HAZARD_OF, *_ANIMALS, *_FOOD, *_DRY_ICE, _WHITE, "HUM", "FIL"})
"""The special handling codes that decide what is kept apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegregationCheck(RuleResult):
    """Pairs of shipments that have to be kept apart, and for each the reason.

    `compatible` is None where no pair is known to clash and a shipment has a UN number without a class.
    """

    compatible: bool | None
    conflicts: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]


def must_be_apart(class_a: str, class_b: str, *, un_a: str | None = None, un_b: str | None = None) -> bool:
    """Return whether two hazard classes have to be kept apart.

    Raises:
        UnknownCodeError: If a class is not in its list.
    """
    return frozenset((_group(class_a, un_a), _group(class_b, un_b))) in _APART


def check_segregation(items: Sequence[LoadItem]) -> SegregationCheck:
    """Return which shipments may not be next to each other, by their classes and handling codes.

    Raises:
        UnknownCodeError: If a class is not in its list.
    """
    hazards = [_hazards(item) for item in items]
    found: list[tuple[tuple[str, str], str]] = []
    used = {"segregation"}
    for (first, of_first), (second, of_second) in combinations(zip(items, hazards, strict=True), 2):
        why = _why_apart(first, of_first, second, of_second) or _why_apart(second, of_second, first, of_first)
        if why is not None:
            topic, reason = why
            used.add(topic)
            found.append(((first.awb, second.awb), reason))
    unclassed = tuple(
        item.awb
        for item, of in zip(items, hazards, strict=True)
        if item.un_number is not None and item.dg_class is None and not of
    )
    return SegregationCheck(
        compatible=False if found else None if unclassed else True,
        conflicts=tuple(pair for pair, _ in found),
        reasons=tuple(reason for _, reason in found),
        articles=_articles(used),
        inputs={"items": tuple(items)},
        working=tuple(f"{first} and {second} apart: {reason}" for (first, second), reason in found)
        or ("no pair is known to clash",),
        unknowns=tuple(f"dg_class of {awb}" for awb in unclassed),
    )


def _articles(topics: set[str]) -> tuple[Article, ...]:
    return tuple(article for topic, article in CARGO_ARTICLES.items() if topic in topics)


def _why_apart(
    first: LoadItem, of_first: frozenset[str], second: LoadItem, of_second: frozenset[str]
) -> tuple[str, str] | None:
    """Return the provision and the reason that keep `second` away from `first`; asked both ways round."""
    clash = next(
        (
            pair
            for pair in ((a, b) for a in sorted(of_first) for b in sorted(of_second))
            if frozenset(pair) in _APART
        ),
        None,
    )
    if clash is not None:
        return "segregation", f"{_named(clash[0])} from {_named(clash[1])}"
    codes = set(second.codes)
    living = bool(_ANIMALS & codes)
    edible = bool(_FOOD & codes)
    for hazard, name in (("6.1", "toxic"), ("6.2", "infectious")):
        if hazard in of_first and (living or edible):
            return "toxic_infectious", f"{name} substances from {'live animals' if living else 'food'}"
    if "7" in of_first and (living or "FIL" in codes):
        return "radioactive", f"radioactive material from {'live animals' if living else 'undeveloped film'}"
    if "HUM" in first.codes and ("AVI" in codes or edible):
        return "human_remains", f"human remains from {'food' if edible else 'live animals'}"
    if "AVI" in first.codes and edible:
        return "animals_food", "live animals from food"
    if _DRY_ICE & set(first.codes) and "HEG" in codes:
        return "dry_ice_animals", "dry ice and cryogenic liquids from hatching eggs"
    return None


def _hazards(item: LoadItem) -> frozenset[str]:
    """Return the rows of the segregation table that a shipment belongs to."""
    found = {_HAZARD_OF[code] for code in item.codes if code in _HAZARD_OF}
    if item.dg_class is not None:
        found.add(_group(item.dg_class, item.un_number))
    elif item.un_number is not None and _is_lithium(item.un_number):
        found.add(_LITHIUM)
    if _WHITE in item.codes and "RRY" not in item.codes:
        found.discard("7")
    return frozenset(found)


def _named(group: str) -> str:
    return "lithium batteries" if group == _LITHIUM else f"class {group}"


def _is_lithium(un_number: str) -> bool:
    return un_number.upper().removeprefix("UN").strip() in LITHIUM_BATTERIES


def _group(dg_class: str, un_number: str | None) -> str:
    """Return the row of the segregation table a class belongs to."""
    if dg_class not in _CLASSES:
        raise UnknownCodeError("dg_class", dg_class, _CLASSES)
    if un_number is not None and _is_lithium(un_number):
        return _LITHIUM
    if dg_class.split(".")[0] == _EXPLOSIVE and dg_class != "1.4S":
        return _EXPLOSIVE
    return dg_class
