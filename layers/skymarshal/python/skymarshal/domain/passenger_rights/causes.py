"""Causes of a disruption and whether the courts hold them extraordinary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skymarshal.domain.articles import Article, ArticleStatus, RuleResult
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.passenger_rights.articles import judgment

__all__ = ["CAUSES", "Cause", "CauseFinding", "assess_cause"]

_GUIDELINES: Final = "Interpretative Guidelines C/2024/5687"


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause, whether it is extraordinary, and the authority for it."""

    code: str
    extraordinary: bool
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFinding(RuleResult):
    """Whether a cause is extraordinary; reasonable measures against it are a separate question."""

    cause: str
    extraordinary: bool


def _case(
    case: str,
    subject: str,
    *,
    source: str = _GUIDELINES,
    court: str = "CJEU",
    status: ArticleStatus = "verified",
) -> Article:
    return judgment(case, subject, court=court, source=source, status=status)


_RECITALS: Final = Article(
    regulation="Regulation (EC) 261/2004",
    article="Recitals 14, 15",
    subject="Weather, political instability, security risks, air traffic management decisions",
    status="verified",
    source=_GUIDELINES,
)
_WILDCAT: Final = _case(
    "C-195/17", "Wildcat strike of own staff", source="report of the judgment, Kruesemann"
)
_OWN_STRIKE: Final = _case("C-28/20", "Strike of own staff", source=_GUIDELINES)
_OUTSIDE_STRIKE: Final = _case("C-28/20", "A strike outside the carrier is an external event")
_TECHNICAL: Final = _case("C-549/07, C-257/14", "Technical defects are inherent in operating an airline")
_CREW: Final = _case(
    "[2024] UKSC 24",
    "Illness of crew, on or off duty",
    court="UK Supreme Court",
    source="report of Lipton v BA Cityflyer",
)
_CREW_EU: Final = _case(
    "C-156/22",
    "Death or illness of crew",
    source="from memory, judgment not read",
    status="unverified",
)

CAUSES: Final[Mapping[str, Cause]] = {
    cause.code: cause
    for cause in (
        Cause("bird_strike", True, _case("C-315/15", "Bird strike")),
        Cause("runway_debris", True, _case("C-501/17", "Tyre damaged by debris on the runway")),
        Cause("lightning_strike", True, _case("C-399/24", "Lightning strike with mandatory inspection")),
        Cause("volcanic_ash", True, _case("C-12/11", "Closure of airspace after a volcanic eruption")),
        Cause("atc_restriction", True, _RECITALS),
        Cause("atc_strike", True, _RECITALS),
        Cause("airport_closure", True, _RECITALS),
        Cause("weather", True, _RECITALS),
        Cause("security", True, _RECITALS),
        Cause("political_instability", True, _RECITALS),
        Cause(
            "strike_third_party", True, _case("C-28/20", "A strike outside the carrier is an external event")
        ),
        Cause("technical", False, _TECHNICAL),
        Cause("mobile_stairs_collision", False, _case("C-394/14", "Collision of mobile boarding stairs")),
        Cause("strike_own_staff", False, _OWN_STRIKE),
        Cause("wildcat_strike_own_staff", False, _WILDCAT),
        Cause("crew_illness", False, _CREW),
        Cause("crew_death", False, _CREW_EU),
        Cause("crew_shortage", False, _CREW),
    )
}

_ALIASES: Final[Mapping[str, str]] = {
    "technical_defect": "technical",
    "technical_fault": "technical",
    "technical_problem": "technical",
    "stairs": "mobile_stairs_collision",
    "mobile_stairs": "mobile_stairs_collision",
    "boarding_stairs": "mobile_stairs_collision",
    "boarding_stairs_collision": "mobile_stairs_collision",
    "own_staff_strike": "strike_own_staff",
    "own_strike": "strike_own_staff",
    "union_strike_own_staff": "strike_own_staff",
    "wildcat_strike": "wildcat_strike_own_staff",
    "lightning": "lightning_strike",
    "ash": "volcanic_ash",
    "ash_cloud": "volcanic_ash",
    "atc": "atc_restriction",
    "debris": "runway_debris",
    "runway_debris_tyre": "runway_debris",
    "fod": "runway_debris",
    "crew": "crew_illness",
    "pilot_illness": "crew_illness",
    "bad_weather": "weather",
    "adverse_weather": "weather",
    "foreign_object_debris": "runway_debris",
    "runway_fod": "runway_debris",
    "crew_sickness": "crew_illness",
    "sick_crew": "crew_illness",
    "cabin_crew_illness": "crew_illness",
    "strike_of_own_staff": "strike_own_staff",
    "official_strike_own_staff": "strike_own_staff",
    "third_party_strike": "strike_third_party",
    "airport_strike": "strike_third_party",
    "air_traffic_control": "atc_restriction",
    "air_traffic_control_strike": "atc_strike",
    "airspace_closure": "airport_closure",
    "sabotage": "security",
    "terrorism": "security",
    "bird": "bird_strike",
}


def assess_cause(cause: str) -> CauseFinding:
    """Return whether a cause is an extraordinary circumstance.

    Raises:
        UnknownCodeError: If the cause is not in the list.
    """
    code = _ALIASES.get(cause, cause)
    if code not in CAUSES:
        raise UnknownCodeError("cause", cause, CAUSES)
    found = CAUSES[code]
    return CauseFinding(
        cause=code,
        extraordinary=found.extraordinary,
        articles=(found.article,),
        inputs={"cause": cause},
        working=(
            f"{code.replace('_', ' ')}: "
            + ("extraordinary" if found.extraordinary else "not extraordinary")
            + f" ({found.article.article})",
        ),
    )
