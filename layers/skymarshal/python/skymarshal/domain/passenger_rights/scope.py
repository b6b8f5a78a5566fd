"""Which regime covers a journey: Art 3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.passenger_rights.regimes import Regime, regime_terms

__all__ = ["Journey", "Scope", "check_scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """First departure and final destination of one booking, and the carrier that operates.

    Flights under one booking are one unit, whatever is changed on the way; flights booked apart are
    journeys of their own, and so is the way back. EU stands for the territory in which the EU regulation
    applies, Iceland, Norway and Switzerland included. None is unknown.
    """

    origin_eu: bool | None = None
    destination_eu: bool | None = None
    origin_uk: bool | None = None
    destination_uk: bool | None = None
    carrier_eu: bool | None = None
    carrier_uk: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(RuleResult):
    """Whether the regime covers the journey; None if that cannot be told."""

    regime: Regime
    in_scope: bool | None


def check_scope(regime: Regime, journey: Journey, *, on: date) -> Scope:
    """Return whether `regime` covers a journey.

    Raises:
        UnknownCodeError: If the regime is not in the list.
        OutOfRangeError: If it was not in force.
    """
    terms = regime_terms(regime, on=on)
    if regime == "EU261":
        inbound = _all(journey.destination_eu, journey.carrier_eu)
        covered = _any(journey.origin_eu, inbound)
        text = "departure from the EU, or arrival in it on an EU carrier"
        needed: tuple[str, ...] = ("origin_eu", "destination_eu", "carrier_eu")
    else:
        inbound = _all(journey.destination_uk, _any(journey.carrier_uk, journey.carrier_eu))
        covered = _any(journey.origin_uk, inbound, _all(journey.destination_eu, journey.carrier_uk))
        text = "departure from the UK, arrival in it on a UK or EU carrier, or in the EU on a UK carrier"
        needed = ("origin_uk", "destination_uk", "carrier_uk", "carrier_eu", "destination_eu")
    verdict = {True: "covered", False: "not covered", None: "unknown"}[covered]
    return Scope(
        regime=regime,
        in_scope=covered,
        articles=(terms.articles["scope"], terms.articles["scope_return"], terms.articles["single_booking"]),
        inputs={"regime": regime, "journey": journey, "on": on},
        working=(f"{regime} covers {text}: {verdict}",),
        unknowns=tuple(name for name in needed if covered is None and getattr(journey, name) is None),
    )


def _any(*facts: bool | None) -> bool | None:
    if True in facts:
        return True
    return None if None in facts else False


def _all(*facts: bool | None) -> bool | None:
    if False in facts:
        return False
    return None if None in facts else True
