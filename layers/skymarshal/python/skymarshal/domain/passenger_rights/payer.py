"""Which carrier of a joined booking answers for compensation under the EU regulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.passenger_rights.articles import eu_article, judgment

__all__ = ["PAYER_ARTICLES", "OperatedLeg", "Payer", "payer_of"]

PAYER_ARTICLES = {
    "unit": judgment(
        "C-502/18",
        "The carrier of the first flight of one booking answers for a later flight of another",
        source="operative part of the judgment of 11 July 2019 (Prague to Bangkok over Abu Dhabi)",
    ),
    "any": judgment(
        "C-561/20",
        "A carrier of a third state that operates a booking from the EU answers for it",
        source="opinion and reports of the case",
        status="unverified",
    ),
    "inbound": judgment(
        "C-367/20",
        "On a journey into the EU the EU carrier answers for the flight of another before its own",
        source="from memory, order not read",
        status="unverified",
    ),
    "redress": eu_article("Art 13", "Who pays may seek redress from whoever caused it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatedLeg:
    """One flight of a booking; `carrier` operates it, whoever sold it."""

    carrier: str
    carrier_eu: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer(RuleResult):
    """Who answers.

    Attributes:
        payer: the carrier to which the passenger turns first; None if none is bound.
        answerable: every carrier that is bound.
        redress_against: who operated the leg that broke, if another than the payer.
    """

    payer: str | None
    answerable: tuple[str, ...]
    redress_against: str | None


def payer_of(legs: Sequence[OperatedLeg], *, broken: int, origin_eu: bool, destination_eu: bool) -> Payer:
    """Return who answers for a journey under one booking.

    Args:
        legs: The flights in order.
        broken: Which of them, from 1, was late or cancelled.
        origin_eu: Whether the journey begins where the regulation applies.
        destination_eu: Whether it ends there.

    Raises:
        OutOfRangeError: If there is no leg or `broken` is none of them.
    """
    if not 1 <= broken <= len(legs):
        raise OutOfRangeError("broken_leg", broken, f"a leg from 1 to {len(legs)}")
    culprit = legs[broken - 1].carrier
    articles = [PAYER_ARTICLES["redress"]]
    if origin_eu:
        bound = list(dict.fromkeys(leg.carrier for leg in legs))
        articles = [PAYER_ARTICLES["unit"], PAYER_ARTICLES["any"], *articles]
        why = "departure from the EU: every operating carrier answers, the first one first"
    elif destination_eu:
        bound = list(dict.fromkeys(leg.carrier for leg in legs if leg.carrier_eu))
        articles = [PAYER_ARTICLES["inbound"], *articles]
        why = "arrival in the EU: only its EU carriers answer"
    else:
        bound = []
        why = "neither from nor to the EU"
    payer = bound[0] if bound else None
    return Payer(
        payer=payer,
        answerable=tuple(bound),
        redress_against=culprit if payer is not None and culprit != payer else None,
        articles=tuple(articles),
        inputs={
            "legs": tuple(legs),
            "broken": broken,
            "origin_eu": origin_eu,
            "destination_eu": destination_eu,
        },
        working=(f"{why}: {', '.join(bound) or 'nobody'}; leg {broken} was operated by {culprit}",),
    )
