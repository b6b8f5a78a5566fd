"""Provisions of the cargo rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from skymarshal.domain.articles import Article, ArticleStatus

__all__ = ["CARGO_ARTICLES"]


def _article(
    regulation: str, article: str, subject: str, source: str, status: ArticleStatus = "verified"
) -> Article:
    return Article(regulation=regulation, article=article, subject=subject, status=status, source=source)


_DGR: Final = "IATA Dangerous Goods Regulations"
_TCR: Final = "IATA Temperature Control Regulations"

CARGO_ARTICLES: Final[Mapping[str, Article]] = {
    "temperature_codes": _article(
        _TCR,
        "Codes COL, CRT, ERT, FRO",
        "Ranges of the ambient air, not of the product",
        "carriers' published definitions",
    ),
    "frozen": _article(
        "SAS Cargo pharma product", "FRO", "-10 C or colder; other carriers differ", "SAS Cargo definition"
    ),
    "pharma_code": _article(
        _TCR,
        "PIL with one temperature code",
        "Pharmaceuticals carry one range per air waybill",
        "carriers' published definitions",
    ),
    "awb_prevails": _article(
        _TCR,
        "Time and temperature label",
        "The air waybill prevails over the label; the range is ambient",
        "IATA time and temperature label FAQ",
    ),
    "awb_number": _article(
        "IATA Resolution 600a", "Air waybill number", "Check digit: serial modulo 7", "public guidance"
    ),
    "cargo_aircraft_only": _article(
        _DGR, "9.3.1.1", "Cargo aircraft only packages never on passenger aircraft", "public summary"
    ),
    "segregation": _article(
        _DGR,
        "Table 9.3.A (ICAO TI Table 7-1)",
        "Classes kept apart",
        "from memory, table not read",
        "unverified",
    ),
    "toxic_infectious": _article(
        _DGR,
        "9.3.14 (ICAO TI Part 7;2)",
        "Divisions 6.1 and 6.2 not in one compartment with animals, food or feed",
        "from memory, text not read; 49 CFR says the same of poison and food",
        "unverified",
    ),
    "radioactive": _article(
        _DGR,
        "9.3.10",
        "Categories II and III yellow kept at a distance from live animals and undeveloped film",
        "from memory, text not read",
        "unverified",
    ),
    "human_remains": _article(
        "IATA Airport Handling Manual",
        "Special loads",
        "Human remains not beside food or live animals",
        "from memory, table not read",
        "unverified",
    ),
    "animals_food": _article(
        "IATA Airport Handling Manual",
        "Special loads",
        "Live animals not beside food",
        "from memory, table not read",
        "unverified",
    ),
    "dry_ice_animals": _article(
        _DGR,
        "9.3.11",
        "Dry ice: aircraft type, ventilation and live animals",
        "published question and answer on 9.3.11",
    ),
    "live_animals": _article(
        "IATA Live Animals Regulations",
        "Acceptance and offload",
        "Animals are never offloaded as a by-product of a list",
        "public guidance",
    ),
}
