"""Terms of the compensation regimes as dated data, so that a reform is a new row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from skymarshal.domain.articles import Article
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.money import Money
from skymarshal.domain.passenger_rights.articles import eu_article, judgment, uk_article

__all__ = [
    "REGIMES",
    "DistanceBand",
    "Regime",
    "RegimeTerms",
    "distance_band",
    "regime_terms",
]

Regime = Literal["EU261", "UK261"]
DistanceBand = Literal["short", "medium", "long"]

_SHORT_KM: Final = 1500
_LONGEST_KM: Final = 20_040
_MEDIUM_KM: Final = 3500


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeTerms:
    """What a regime grants, by distance band, from `valid_from` to `valid_to`.

    Attributes:
        regime: Name of the regime.
        amounts: Compensation in the regime's own currency.
        amounts_eur: Compensation in euro as the EU regulation states it.
        delay_threshold: Delay at the final destination from which compensation is due.
        long_delay: On long flights a delay below this halves the compensation.
        reroute_reduction: Rerouting that arrives within this halves it.
        care_threshold: Expected departure delay from which care is due.
        refund_threshold: Departure delay from which the fare is refunded on request.
        downgrade_percent: Share of the ticket price refunded after a downgrade.
        articles: Provisions by topic.
    """

    regime: Regime
    valid_from: date
    valid_to: date | None
    amounts: Mapping[DistanceBand, Money]
    amounts_eur: Mapping[DistanceBand, Money]
    delay_threshold: timedelta
    long_delay: timedelta
    reroute_reduction: Mapping[DistanceBand, timedelta]
    care_threshold: Mapping[DistanceBand, timedelta]
    refund_threshold: timedelta
    downgrade_percent: Mapping[DistanceBand, int]
    articles: Mapping[str, Article]


def _amounts(currency: str, short: int, medium: int, long: int) -> Mapping[DistanceBand, Money]:
    return {
        "short": Money(Decimal(short), currency),
        "medium": Money(Decimal(medium), currency),
        "long": Money(Decimal(long), currency),
    }


def _by_band(short: int, medium: int, long: int) -> Mapping[DistanceBand, timedelta]:
    return {
        "short": timedelta(hours=short),
        "medium": timedelta(hours=medium),
        "long": timedelta(hours=long),
    }


_EU_ARTICLES: Final[Mapping[str, Article]] = {
    "scope": eu_article("Art 3(1)", "Departures from the EU; flights to the EU on EU carriers"),
    "scope_return": judgment(
        "C-173/07",
        "An out-and-back journey is not one flight",
        source="report of the judgment, Emirates v Schenkel",
    ),
    "single_booking": judgment(
        "C-537/17, C-502/18, C-561/20",
        "Connecting flights under one booking are one unit",
        source="Interpretative Guidelines C/2024/5687",
    ),
    "amounts": eu_article("Art 7(1)", "Amount of compensation by distance"),
    "distance": eu_article("Art 7(4)", "Great circle from first departure to final destination; C-559/16"),
    "reduction": eu_article("Art 7(2)", "Half after a rerouting that arrives within 2, 3 or 4 h"),
    "delay": judgment(
        "C-402/07, C-581/10, C-11/11",
        "Compensation for a delay of 3 h or more at the final destination",
        source="Interpretative Guidelines C/2024/5687",
    ),
    "delay_reduction": judgment(
        "C-402/07 para 63",
        "Half for a delay below 4 h on flights over 3500 km",
        source="Interpretative Guidelines C/2024/5687",
    ),
    "arrival": judgment(
        "C-452/13", "Arrival is when a door opens", source="Interpretative Guidelines C/2024/5687"
    ),
    "cancellation": eu_article("Art 5(1)(c)", "No compensation with enough notice or a close rerouting"),
    "notice_proof": eu_article("Art 5(4)", "The carrier proves when the passenger was told"),
    "extraordinary": eu_article("Art 5(3)", "No compensation in extraordinary circumstances"),
    "denied_boarding": eu_article("Art 4(3)", "Compensation for denied boarding"),
    "brought_forward": judgment(
        "C-146/20, C-188/20 and others, 21 December 2021",
        "A flight brought forward by more than 1 h is cancelled, and the amount is not halved",
        source="press and law firms' reports of the judgment",
    ),
    "reasonable_measures": judgment(
        "C-315/15, C-74/19, C-405/23",
        "Extraordinary circumstances excuse only where all reasonable measures were taken",
        source="operative part of C-405/23 and reports of the others",
    ),
    "partly_extraordinary": judgment(
        "C-315/15 para 54",
        "The part of a delay that is extraordinary is taken off its total length",
        source="title and reports of the judgment of 4 May 2017",
        status="unverified",
    ),
    "diversion": judgment(
        "C-826/19",
        "Landing at another airport of the same town, city or region is a delay, not a cancellation",
        source="operative part of the judgment of 22 April 2021",
    ),
    "first_carrier": judgment(
        "C-502/18",
        "The carrier of the first flight of one booking answers for the flight of another after it",
        source="operative part of the judgment of 11 July 2019 (Prague to Bangkok over Abu Dhabi)",
    ),
    "care": eu_article("Art 6(1), 9", "Meals, hotel, transport and communication"),
    "hotel": eu_article(
        "Art 6(1), 9(1)(b)",
        "Hotel where a stay of one or more nights becomes necessary; the hours of a night are ours",
    ),
    "care_always": judgment(
        "C-12/11",
        "Extraordinary circumstances never remove care",
        source="Interpretative Guidelines C/2024/5687",
    ),
    "refund": eu_article("Art 6(1)(iii), 8(1)(a)", "Refund after a delay of 5 h"),
    "choice": eu_article("Art 8(1)", "Choice of refund or rerouting"),
    "downgrade": eu_article(
        "Art 10(2)",
        "Refund after a downgrade",
        source="public copies of the article in two languages; AESA and KKV guidance",
    ),
    "payer": eu_article("Art 2(b), 13", "The operating carrier pays and may seek redress"),
}

_UK_SOURCE: Final = "amounts read in public guidance; the retained text was not read"
_UK_ARTICLES: Final[Mapping[str, Article]] = {
    topic: uk_article(
        article.article if article.regulation != "CJEU" else f"retained case law {article.article}",
        article.subject.replace("the EU", "the UK").replace("EU carriers", "UK or EU carriers"),
        source=_UK_SOURCE,
        status="verified" if topic in ("amounts", "delay_reduction") else "unverified",
    )
    for topic, article in _EU_ARTICLES.items()
}

REGIMES: Final[tuple[RegimeTerms, ...]] = (
    RegimeTerms(
        regime="EU261",
        valid_from=date(2005, 2, 17),
        valid_to=None,
        amounts=_amounts("EUR", 250, 400, 600),
        amounts_eur=_amounts("EUR", 250, 400, 600),
        delay_threshold=timedelta(hours=3),
        long_delay=timedelta(hours=4),
        reroute_reduction=_by_band(2, 3, 4),
        care_threshold=_by_band(2, 3, 4),
        refund_threshold=timedelta(hours=5),
        downgrade_percent={"short": 30, "medium": 50, "long": 75},
        articles=_EU_ARTICLES,
    ),
    RegimeTerms(
        regime="UK261",
        valid_from=date(2020, 12, 31),
        valid_to=None,
        amounts=_amounts("GBP", 220, 350, 520),
        amounts_eur=_amounts("EUR", 250, 400, 600),
        delay_threshold=timedelta(hours=3),
        long_delay=timedelta(hours=4),
        reroute_reduction=_by_band(2, 3, 4),
        care_threshold=_by_band(2, 3, 4),
        refund_threshold=timedelta(hours=5),
        downgrade_percent={"short": 30, "medium": 50, "long": 75},
        articles=_UK_ARTICLES,
    ),
)


def regime_terms(regime: Regime, *, on: date) -> RegimeTerms:
    """Return the terms in force on a day.

    Raises:
        UnknownCodeError: If the regime is not in the list.
        OutOfRangeError: If no terms of it were in force.
    """
    rows = [row for row in REGIMES if row.regime == regime]
    if not rows:
        raise UnknownCodeError("regime", regime, dict.fromkeys(row.regime for row in REGIMES))
    for row in rows:
        if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to):
            return row
    raise OutOfRangeError("on", on.isoformat(), f"a day from {rows[0].valid_from.isoformat()} for {regime}")


def distance_band(distance_km: float, *, intra: bool) -> DistanceBand:
    """Return the band of a great-circle distance.

    Args:
        distance_km: From first departure to final destination.
        intra: Whether both lie inside the regime's territory, where no flight counts as long.

    Raises:
        OutOfRangeError: If the distance is negative or more than half way round the Earth.
    """
    if not 0 <= distance_km <= _LONGEST_KM:
        raise OutOfRangeError("distance_km", distance_km, f"between 0 and {_LONGEST_KM:,} km")
    if distance_km <= _SHORT_KM:
        return "short"
    return "medium" if intra or distance_km <= _MEDIUM_KM else "long"
