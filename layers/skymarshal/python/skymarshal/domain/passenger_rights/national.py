"""What states outside the EU and the UK grant passengers of a foreign carrier, as dated data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from skymarshal.domain.articles import Article, ArticleStatus
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.money import Money

__all__ = [
    "MOST_WHERE_UNHELD",
    "NATIONAL_LAWS",
    "NO_FIXED_COMPENSATION",
    "NationalLaw",
    "NationalRegime",
    "laws_of",
    "national_law",
    "state_without_law",
]

NationalRegime = Literal["APPR", "GACA", "DGCA", "SHY", "ASL", "US250"]

MOST_WHERE_UNHELD: Final = Money(Decimal(600), "EUR")
"""The top of the range per passenger where the law of the place of departure is not held: the largest fixed
amount for a delay in the regimes that are held with their text. It is assumed, not found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalLaw:
    """One state's law from `valid_from` to `valid_to`, as far as it binds a carrier of another state.

    Attributes:
        code: its short name.
        country: ISO 3166 code of the state.
        name: its name.
        arrivals: whether it covers flights into the state too, not only out of it.
        delays: amounts by the delay on arrival from which they are due, ascending.
        bands: amounts by distance in km up to which they hold, ascending; the last without end.
        denied_boarding: amounts by the delay on arrival from which they are due, ascending.
        articles: provisions by topic.
    """

    code: NationalRegime
    country: str
    name: str
    arrivals: bool
    valid_from: date
    valid_to: date | None = None
    currency: str
    delays: tuple[tuple[timedelta, int], ...] = ()
    bands: tuple[tuple[float, int], ...] = ()
    denied_boarding: tuple[tuple[timedelta, int], ...] = ()
    articles: Mapping[str, Article] = field(default_factory=dict)


def _article(
    regulation: str, article: str, subject: str, source: str, status: ArticleStatus = "unverified"
) -> Article:
    return Article(regulation=regulation, article=article, subject=subject, status=status, source=source)


def _hours(*steps: tuple[float, int]) -> tuple[tuple[timedelta, int], ...]:
    return tuple((timedelta(hours=hours), amount) for hours, amount in steps)


_APPR: Final = "Air Passenger Protection Regulations, SOR/2019-150"
_CANADA: Final = {
    "delay": _article(
        _APPR,
        "s 19(1)(a)",
        "400, 700, 1,000 CAD from 3, 6, 9 h at the destination of the original ticket, large carrier",
        "the section as published by the Department of Justice, current to 17 March 2026",
        "verified",
    ),
    "refund": _article(
        _APPR, "s 19(2)(a)", "400 CAD with a refund, large carrier", "the section as published", "verified"
    ),
    "control": _article(
        _APPR,
        "s 10(1), 11, 12",
        "Due only within the carrier's control and not required for safety",
        "the list of s 10(1) as a law firm restates it; the agency's guide on the three categories",
        "verified",
    ),
    "denied_boarding": _article(
        _APPR, "s 20", "900, 1,800, 2,400 CAD below 6 h, from 6 h, from 9 h", "from memory, section not read"
    ),
    "scope": _article(
        _APPR,
        "s 5",
        "Flights to, from and within Canada, connecting flights included",
        "the agency's guide",
        "verified",
    ),
    "arrival": _article(
        _APPR, "s 1(1)", "Arrival is when a door opens", "public copy of the section", "verified"
    ),
}
_PRPR: Final = "GACA Passenger Rights Protection Regulation (Saudi Arabia)"
_SAUDI: Final = {
    "delay": _article(
        _PRPR,
        "delay",
        "50 SDR from 3 h, 150 SDR from 6 h",
        "secondary: public guides and press",
    ),
    "cancellation": _article(
        _PRPR, "cancellation", "Up to 150 % of the ticket by the notice given", "secondary: press of 2023"
    ),
    "denied_boarding": _article(
        _PRPR, "denied boarding", "200 % of the ticket and the fare back", "secondary: press of 2023"
    ),
    "scope": _article(_PRPR, "scope", "Departures; arrivals on Saudi carriers", "secondary: public guide"),
}
_CAR: Final = "DGCA Civil Aviation Requirements, Section 3, Series M, Part IV (India)"
_INDIA: Final = {
    "delay": _article(
        _CAR,
        "delay",
        "Meals, another flight or the fare back and a hotel by length; no fixed sum",
        "restated by the minister in Parliament, 11 December 2023",
        "verified",
    ),
    "cancellation": _article(
        _CAR,
        "cancellation",
        "Another flight, or the fare back and 5,000, 7,500, 10,000 INR at most by block time (1 h, 2 h)",
        "the choice as the minister restated it; the sums from memory",
    ),
    "denied_boarding": _article(
        _CAR,
        "denied boarding",
        "200 % of the fare up to 10,000 INR, 400 % up to 20,000 INR where the next flight is over 24 h later",
        "secondary: press of 2023",
    ),
    "scope": _article(
        _CAR, "1.2", "Foreign carriers to and from India too", "public copy of Issue I, 2010", "verified"
    ),
}
_SHY: Final = "SHY-YOLCU, passenger rights regulation (Turkey)"
_TURKEY: Final = {
    "delay": _article(
        _SHY,
        "delay",
        "Care, and the fare back from 5 h; no fixed sum",
        "secondary: law firm, 2011",
    ),
    "cancellation": _article(
        _SHY,
        "cancellation, denied boarding",
        "100 EUR domestic, 250, 400, 600 EUR by distance, halved after a close rerouting",
        "secondary: law firm, 2011",
    ),
    "scope": _article(_SHY, "scope", "Departures; arrivals on Turkish carriers", "from memory"),
}
_ASL: Final = "Aviation Services Law 5772-2012 (Israel)"
_ISRAEL: Final = {
    "delay": _article(
        _ASL,
        "s 1, 6",
        "A departure 8 h late counts as cancelled",
        "secondary: law firms",
    ),
    "cancellation": _article(
        _ASL,
        "First Schedule",
        "1,440, 2,310, 3,460 NIS to 2,000 km, 4,500 km, beyond; halved within 4, 5, 6 h; indexed yearly",
        "secondary: claims firm; the sum of the year was not found",
    ),
    "scope": _article(_ASL, "s 2", "Flights to and from Israel, stopovers included", "secondary: law firm"),
}
_US: Final = {
    "denied_boarding": _article(
        "14 CFR Part 250",
        "250.5(b)",
        "Nothing within 1 h; 200 % up to 1,075 USD below 4 h; 400 % up to 2,150 USD from there",
        "89 FR 84815 for the sums from 22 January 2025; a public copy of 250.5 for the hours",
        "verified",
    ),
    "exceptions": _article(
        "14 CFR Part 250",
        "250.6(b)",
        "Not where a smaller aircraft is needed for operational or safety reasons",
        "from memory, section not read",
    ),
    "delay": _article(
        "14 CFR Part 260",
        "260.2, 260.6",
        "The fare back from 3 h domestic, 6 h international; no fixed sum",
        "public copy of the part",
        "verified",
    ),
    "scope": _article(
        "14 CFR Part 250", "250.2", "Departures from the United States", "public copy", "verified"
    ),
}

NATIONAL_LAWS: Final[tuple[NationalLaw, ...]] = (
    NationalLaw(
        code="APPR",
        country="CA",
        name="Canada",
        arrivals=True,
        valid_from=date(2019, 12, 15),
        currency="CAD",
        delays=_hours((3, 400), (6, 700), (9, 1000)),
        denied_boarding=_hours((0, 900), (6, 1800), (9, 2400)),
        articles=_CANADA,
    ),
    NationalLaw(
        code="GACA",
        country="SA",
        name="Saudi Arabia",
        arrivals=False,
        valid_from=date(2023, 11, 20),
        currency="XDR",
        delays=_hours((3, 50), (6, 150)),
        articles=_SAUDI,
    ),
    NationalLaw(
        code="DGCA",
        country="IN",
        name="India",
        arrivals=True,
        valid_from=date(2010, 8, 15),
        currency="INR",
        articles=_INDIA,
    ),
    NationalLaw(
        code="SHY",
        country="TR",
        name="Turkey",
        arrivals=False,
        valid_from=date(2012, 1, 1),
        currency="EUR",
        bands=((1500, 250), (3500, 400), (float("inf"), 600)),
        articles=_TURKEY,
    ),
    NationalLaw(
        code="ASL",
        country="IL",
        name="Israel",
        arrivals=True,
        valid_from=date(2012, 8, 16),
        currency="ILS",
        bands=((2000, 1440), (4500, 2310), (float("inf"), 3460)),
        articles=_ISRAEL,
    ),
    NationalLaw(
        code="US250",
        country="US",
        name="the United States",
        arrivals=False,
        valid_from=date(2025, 1, 22),
        currency="USD",
        articles=_US,
    ),
)

NO_FIXED_COMPENSATION: Final[Mapping[str, Article]] = {
    "AE": _article(
        "GCAA passenger welfare rules (United Arab Emirates)",
        "compensation",
        "No fixed sum for a delay or a cancellation",
        "expert knowledge; the rules themselves were not found",
    ),
}
"""States that are taken to fix no compensation, with what that rests on."""


def national_law(code: str, *, on: date) -> NationalLaw | None:
    """Return a national law if it is in force on a day, None before.

    Raises:
        UnknownCodeError: If the code is not in the list.
    """
    rows = [law for law in NATIONAL_LAWS if law.code == code]
    if not rows:
        raise UnknownCodeError("regime", code, sorted({law.code for law in NATIONAL_LAWS}))
    return next((law for law in rows if _in_force(law, on)), None)


def laws_of(origin_country: str, destination_country: str, *, on: date) -> tuple[NationalLaw, ...]:
    """Return the national laws that cover a journey on a carrier of a third state."""
    return tuple(
        law
        for law in NATIONAL_LAWS
        if _in_force(law, on)
        and (law.country == origin_country or (law.arrivals and law.country == destination_country))
    )


def state_without_law(country: str, *, on: date, eu_or_uk: bool) -> bool:
    """Return whether nothing is held on the law of the state in which a journey begins.

    The law of the place of departure is asked for everywhere; the law of the place of arrival only where a
    law that is held covers arrivals.
    """
    held = eu_or_uk or country in NO_FIXED_COMPENSATION
    return not held and not any(law.country == country and _in_force(law, on) for law in NATIONAL_LAWS)


def _in_force(law: NationalLaw, on: date) -> bool:
    return law.valid_from <= on and (law.valid_to is None or on <= law.valid_to)
