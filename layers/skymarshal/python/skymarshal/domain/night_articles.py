"""Where each airport's night restrictions are laid down, or where it is said that it has none.

Verified are those whose text, or the page of the airport, its coordinator or its authority, was read. What
was only read in the press or is only remembered is unverified, and its source says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from skymarshal.domain.articles import Article

__all__ = ["NIGHT_ARTICLES", "NO_NIGHT_RESTRICTION"]

_REMEMBERED: Final = "from memory, text not read"


def _verified(
    regulation: str, article: str, subject: str, source: str, valid_from: date | None = None
) -> Article:
    return Article(
        regulation=regulation,
        article=article,
        subject=subject,
        status="verified",
        source=source,
        valid_from=valid_from,
    )


def _unverified(
    regulation: str, article: str, subject: str, source: str, valid_from: date | None = None
) -> Article:
    return Article(
        regulation=regulation,
        article=article,
        subject=subject,
        status="unverified",
        source=source,
        valid_from=valid_from,
    )


def _london(airport: str) -> Article:
    return _verified(
        f"London {airport} night flying restrictions",
        "Night period and night quota period",
        "Quota of movements and noise; QC/4 not scheduled 23:30-06:00; QC/8 and QC/16 barred 23:00-07:00",
        "the Secretary of State's answer in Parliament; the regime is one for the three airports",
    )


NIGHT_ARTICLES: Final[Mapping[str, Article]] = {
    "AMS": _verified(
        "Amsterdam Schiphol night regime",
        "Night slots",
        "Night slot for planned movements; unplanned ones 23:00-07:00 runway time are reported",
        "Airport Coordination Netherlands, night regime",
    ),
    "BER": _unverified(
        "Berlin Brandenburg night flight rules",
        "Plan supplement of 2009, night flight rules",
        "23:30-24:00 late flights, 00:00-05:00 ban, 05:00-05:30 early landings and late take-offs",
        "secondary: press reports of the ban, of its half-hours and of the Constitutional Court's decision",
    ),
    "BRU": _verified(
        "Ministerial Decree of 21 January 2009",
        "Night slots",
        "Night slot 23:00-06:00 runway time; 16,000 a year",
        "Brussels slot coordination, local rules",
    ),
    "BRU weekend": _verified(
        "Ministerial Decree of 6 April 2009",
        "Silent nights",
        "No take-off slot in the nights of Friday (from 01:00), Saturday and Sunday (from 00:00) to 06:00",
        "Brussels slot coordination, local rules",
    ),
    "CDG": _verified(
        "Order of 6 November 2003",
        "Art 1",
        "No departure from the stand 00:00-04:59 without a departure slot in those hours of that day",
        "Journal officiel, 9 November 2003, and its amended version",
    ),
    "CDG arrivals": _unverified(
        "Paris Charles de Gaulle, cap on night movements",
        "Arrival slots 00:30-05:29",
        "Night slots are capped; a landing without one is counted and has to be justified",
        "secondary: the noise authority's finding on landings without a slot",
    ),
    "CPH": _verified(
        "Copenhagen Airport environmental terms",
        "Night period 23:00-06:00",
        "Planned take-offs and landings need approval; 80 dB(A) at the measuring points",
        "Copenhagen Airport's noise pages",
    ),
    "DUB": _unverified(
        "Dublin Airport planning permission of 17 July 2025",
        "Night cap and noise quota scheme 23:00-07:00",
        "35,672 movements a year and a noise quota",
        "secondary: press reports of the decision of An Coimisiun Pleanala",
    ),
    "DUS": _unverified(
        "Dusseldorf Airport operating permit",
        "Night flight rules",
        "Take-offs planned until 22:00, late until 23:00; landings planned until 23:00, late until 23:30",
        _REMEMBERED,
    ),
    "FRA": _verified(
        "Frankfurt Airport night flight rules",
        "Operating hours 05:00-23:00; planning approval decision",
        "No scheduled movement at night; late landings until midnight",
        "Fraport operating hours; press reports of the ministry's rule",
    ),
    "GVA": _verified(
        "Geneva Airport rules on night movements (OSIA Arts 39 and 39a)",
        "Commercial flights 06:00-24:00",
        "Late flights until 00:30; after that only with a waiver for an exceptional and unforeseen event",
        "Geneve Aeroport, regulations governing night-time movements",
    ),
    "HAM": _verified(
        "Hamburg Airport night flight restrictions",
        "Rule for late flights",
        "Flights late for unavoidable reasons until 24:00; 00:00-06:00 only with a single exemption",
        "City of Hamburg, environment authority",
    ),
    "KTM": _unverified(
        "Kathmandu Tribhuvan operating hours",
        "06:00-24:00",
        "Closed 00:00-06:00",
        "secondary: press report of the airport's announcement",
        date(2025, 4, 1),
    ),
    "LHR": _verified(
        "London Heathrow night flying restrictions",
        "Night period and night quota period",
        "Quota of movements and noise; QC/4 not scheduled 23:30-06:00; QC/8 and QC/16 barred 23:00-07:00",
        "published night flying regime; the Secretary of State's answer in Parliament",
    ),
    "LHR practice": _verified(
        "London Heathrow night flying restrictions",
        "Scheduling practice",
        "No scheduled departure 23:00-06:00; by agreement no landing before 04:30",
        "published by the airport; voluntary",
    ),
    "LGW": _london("Gatwick"),
    "LIS": _verified(
        "Portaria 303-A/2004 as amended by Portaria 259/2005",
        "No 2",
        "91 movements a week 00:00-06:00, each with a slot; others only for force majeure",
        "Diario da Republica, transcription",
    ),
    "MAD": _unverified(
        "Resolution of 30 August 2006 (BOE-A-2006-15622)",
        "Operating restrictions 23:00-07:00",
        "Aircraft of the louder noise quotas (CR-4 and more) may not operate",
        "secondary: press reports; the resolution's annex not read",
    ),
    "MAN": _unverified(
        "Manchester Airport night noise policy",
        "Night quota period 23:30-06:00",
        "Quota of movements and noise; QC/8 and QC/16 barred",
        _REMEMBERED,
    ),
    "MUC": _verified(
        "Munich Airport night flight rules of 23 March 2001",
        "Core night 00:00-05:00; edges 22:00-24:00 and 05:00-06:00",
        "28 scheduled movements a night in the edges, late flights beside them; core only by exemption",
        "Munich Airport, night flights",
    ),
    "NRT": _verified(
        "Narita Airport curfew",
        "Runway A 06:00-24:00",
        "00:00-00:30 only where what made the flight late is beyond the airline's control; then closed",
        "Narita International Airport Corporation, flights in the curfew",
        date(2019, 10, 27),
    ),
    "ORY": _verified(
        "Paris Orly curfew of 1968",
        "23:30-06:00",
        "No movement 23:30-06:00",
        "Groupe ADP, night flights at its airports",
    ),
    "STN": _london("Stansted"),
    "SYD": _verified(
        "Sydney Airport Curfew Act 1995",
        "ss 6, 7",
        "No take-off or landing 23:00-06:00",
        "Federal Register of Legislation",
    ),
    "SYD evening": _verified(
        "Sydney Airport Curfew Act 1995 and Regulations 2023",
        "s 12 of the Act, s 8 of the Regulations",
        "The quota for international passenger flights 23:00-24:00 is zero",
        "Federal Register of Legislation; the Department's overview of the curfew",
        date(2023, 5, 27),
    ),
    "SYD morning": _verified(
        "Sydney Airport Curfew Act 1995 and Regulations 2023",
        "s 12 of the Act, s 9 of the Regulations",
        "Landings of international passenger flights 05:00-06:00 under quota",
        "Federal Register of Legislation; the Department's overview of the curfew",
        date(2023, 5, 27),
    ),
    "VIE": _verified(
        "Vienna Airport mediation agreement",
        "Core night 23:30-05:30",
        "4,700 movements a year, exceptions counted",
        "Dialogforum Flughafen Wien",
    ),
    "YYZ": _verified(
        "Toronto Pearson night flight restriction program",
        "Night budget 00:30-06:30",
        "Yearly budget of night movements",
        "Greater Toronto Airports Authority",
    ),
    "ZRH": _verified(
        "Zurich Airport operating regulations 2010",
        "Night curfew",
        "No movement 23:00-06:00; delayed flights until 23:30",
        "Zurich Airport news flash 12 of 2010",
    ),
    "ZRH slots": _verified(
        "Slot Coordination Switzerland",
        "Slot hours at Zurich",
        "No departure slot 22:46-05:44, no arrival slot 23:00-06:09",
        "coordination parameters",
    ),
}
"""The articles by the airport's code and, where there are several, a word for each."""

_NONE: Final = "No night restriction for aircraft of Chapter 4 or quieter"

_US: Final = _unverified(
    "49 U.S.C. 47521-47534 (Airport Noise and Capacity Act of 1990)",
    "47524",
    "No restriction of hours since 1990 without approval; none older at this airport",
    f"the Act from a summary; that none is older {_REMEMBERED}",
)
_H24: Final = _unverified("Aeronautical information publication", "AD 2.3", "Open H24", _REMEMBERED)

_OPEN_H24: Final = (
    "AUH IST ATH BKK HKT SIN KUL CGK MNL ICN PEK PVG DEL MAA BLR HYD COK CCU AMD LHE ISB KHI DAC CMB MLE CAI "
    "AMM BEY RUH JED DMM KWI BAH MCT NBO JNB"
)

NO_NIGHT_RESTRICTION: Final[Mapping[str, Article]] = {
    **dict.fromkeys(_OPEN_H24.split(), _H24),
    **dict.fromkeys(("JFK", "BOS", "ORD", "IAD"), _US),
    "DOH": _verified("AIP Qatar", "OTHH AD 2.3", "Open H24", "AIP Qatar, 31 October 2024"),
    "HKG": _verified(
        "Civil Aviation (Aircraft Noise) Ordinance (Cap. 312)",
        "Operating restrictions 22:00-07:00",
        _NONE,
        "Hong Kong International Airport, aircraft noise",
    ),
    "BOM": _unverified("Mumbai Airport", "Operating hours", "Open H24", "secondary: press report"),
    "MEL": _unverified("Melbourne Airport", "Operating hours", "No curfew", "secondary: encyclopedia"),
    "BNE": _unverified("Brisbane Airport", "Operating hours", "No curfew", "secondary: encyclopedia"),
    "NCE": _unverified(
        "Order of 2 March 2010 restricting operations at Nice",
        "Arts 1 to 4",
        _NONE,
        "Art 4 read; that the others concern the noisiest aircraft alone is secondary",
    ),
}
"""Airports that are open all night to this airline's aircraft, and where that is said."""
