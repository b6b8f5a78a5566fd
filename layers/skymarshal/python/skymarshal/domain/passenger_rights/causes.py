"""Causes of a disruption and whether the courts hold them extraordinary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skymarshal.domain.articles import Article, ArticleStatus, RuleResult
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.passenger_rights.articles import judgment

__all__ = ["CAUSES", "Cause", "CauseFinding", "assess_cause", "cause_code"]

_GUIDELINES: Final = "Interpretative Guidelines C/2024/5687"


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause, whether it is extraordinary, and the authority for it.

    `extraordinary` is None where it depends on a fact that the name does not tell; `condition` says on
    which, or under which condition the answer holds.
    """

    code: str
    extraordinary: bool | None
    article: Article
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFinding(RuleResult):
    """Whether a cause is extraordinary; reasonable measures against it are a separate question."""

    cause: str
    extraordinary: bool | None
    condition: str | None


def _case(
    case: str,
    subject: str,
    *,
    source: str = _GUIDELINES,
    court: str = "CJEU",
    status: ArticleStatus = "verified",
) -> Article:
    return judgment(case, subject, court=court, source=source, status=status)


def _inherent(subject: str) -> Article:
    return _case(
        "C-549/07, C-394/14",
        subject,
        source="the test of the judgments, applied by analogy; no judgment on this cause was read",
        status="unverified",
    )


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
_LOADERS: Final = _case(
    "C-405/23",
    "Shortage of the airport operator's baggage loaders may be extraordinary",
    source="operative part of the judgment of 16 May 2024",
)
_REFUELLING: Final = _case(
    "C-308/21",
    "General failure of the refuelling system that the airport manages",
    source="reports of the judgment of 7 July 2022",
)
_DAMAGE: Final = _case(
    "C-394/14, C-501/17, C-264/20",
    "Damage depends on what did it: own handling, or a third party or debris",
    source="C-264/20 from memory",
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
        Cause("strike_third_party", True, _OUTSIDE_STRIKE),
        Cause(
            "hidden_design_defect",
            True,
            _case(
                "C-385/23, C-411/23",
                "Hidden design defect that touches safety, revealed by the manufacturer even afterwards",
                source="reports of the judgments of 13 June 2024; operative part of C-385/23",
            ),
            "the manufacturer or an authority recognises a defect of all aircraft of the type",
        ),
        Cause(
            "fuel_on_runway",
            True,
            _case(
                "C-159/18",
                "Runway closed by a spill of fuel",
                source="operative part of the judgment of 26 June 2019, Moens",
            ),
            "the fuel did not come from an aircraft of the carrier",
        ),
        Cause(
            "airport_refuelling_failure",
            True,
            _REFUELLING,
            "the failure is general and the airport manages the system",
        ),
        Cause(
            "airport_staff_shortage",
            True,
            _LOADERS,
            "the staff are the airport operator's and the shortage is general",
        ),
        Cause(
            "airport_system_failure",
            True,
            _case(
                "C-308/21",
                "General failure of a system that the airport manages",
                source="by analogy with its refuelling system; no judgment on other systems was read",
                status="unverified",
            ),
            "the failure is general and the airport manages the system",
        ),
        Cause(
            "unruly_passenger",
            True,
            _case(
                "C-74/19",
                "Disruptive behaviour of a passenger that makes the aircraft divert",
                source="reports of the judgment of 11 June 2020",
            ),
            "the carrier did not contribute to it nor take the passenger aboard with signs of it",
        ),
        Cause(
            "medical_emergency",
            True,
            _case(
                "National enforcement bodies, list of 12 April 2013",
                "A passenger falls seriously ill or dies on board",
                court="National enforcement bodies",
                source="from memory; the list does not bind",
                status="unverified",
            ),
        ),
        Cause("technical", False, _TECHNICAL),
        Cause(
            "on_condition_part",
            False,
            _case(
                "C-832/18",
                "Failure of a part kept in stock and replaced on condition",
                source="restated in reports of C-385/23",
            ),
        ),
        Cause("mobile_stairs_collision", False, _case("C-394/14", "Collision of mobile boarding stairs")),
        Cause(
            "ground_handling",
            False,
            _inherent("Handling by the carrier or for it"),
            "it is done for the carrier",
        ),
        Cause("own_system_failure", False, _inherent("Failure of the carrier's own systems")),
        Cause("scheduling", False, _inherent("Planning, ground times, stands and aircraft of the carrier")),
        Cause("overbooking", False, _inherent("Sale of more seats than there are")),
        Cause("strike_own_staff", False, _OWN_STRIKE),
        Cause("wildcat_strike_own_staff", False, _WILDCAT),
        Cause("crew_illness", False, _CREW),
        Cause("crew_death", False, _CREW_EU),
        Cause("crew_shortage", False, _CREW),
        Cause(
            "crew_hours", False, _inherent("Crew out of duty time"), "nothing extraordinary used the time up"
        ),
        Cause(
            "ground_damage", None, _DAMAGE, "what did it: own handling, another's vehicle or aircraft, debris"
        ),
        Cause(
            "refuelling",
            None,
            _REFUELLING,
            "whether the fault is the airport's system or the carrier's fueller",
        ),
        Cause(
            "loading",
            None,
            _LOADERS,
            "whether the loaders are the airport operator's or work for the carrier",
        ),
        Cause(
            "deicing",
            None,
            _inherent("De-icing: the weather, or a service that has to be planned for"),
            "whether the weather was beyond what the airport and season make expect",
        ),
        Cause("strike", None, _OWN_STRIKE, "whose staff strike"),
        Cause(
            "reactionary",
            None,
            _case("C-315/15", "Consequences of an earlier cause"),
            "what hit the flight before",
        ),
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
    "disruptive_passenger": "unruly_passenger",
    "design_defect": "hidden_design_defect",
    "hidden_defect": "hidden_design_defect",
    "manufacturing_defect": "hidden_design_defect",
    "hidden_manufacturing_defect": "hidden_design_defect",
    "fuel_spill": "fuel_on_runway",
    "fuel_spill_on_runway": "fuel_on_runway",
    "petrol_on_runway": "fuel_on_runway",
    "runway_fuel_spill": "fuel_on_runway",
    "airport_refueling_failure": "airport_refuelling_failure",
    "refuelling_system_failure": "airport_refuelling_failure",
    "refueling_system_failure": "airport_refuelling_failure",
    "airport_refuelling_system_failure": "airport_refuelling_failure",
    "airport_fuel_system_failure": "airport_refuelling_failure",
    "fuel_hydrant_failure": "airport_refuelling_failure",
    "loaders_shortage": "airport_staff_shortage",
    "loader_shortage": "airport_staff_shortage",
    "shortage_of_loaders": "airport_staff_shortage",
    "baggage_loaders_shortage": "airport_staff_shortage",
    "airport_loaders_shortage": "airport_staff_shortage",
    "baggage_loading_staff_shortage": "airport_staff_shortage",
    "airport_baggage_staff_shortage": "airport_staff_shortage",
    "shortage_of_airport_staff": "airport_staff_shortage",
    "airport_it_failure": "airport_system_failure",
    "it_failure": "own_system_failure",
    "medical": "medical_emergency",
    "passenger_illness": "medical_emergency",
    "late_inbound": "reactionary",
    "late_inbound_aircraft": "reactionary",
    "de_icing": "deicing",
}


def cause_code(cause: str) -> str | None:
    """Return the code of a cause by its code or another name of it, None if it has none here."""
    plain = re.sub(r"[\s-]+", "_", cause.strip().lower())
    code = _ALIASES.get(plain, plain)
    return code if code in CAUSES else None


def assess_cause(cause: str) -> CauseFinding:
    """Return whether a cause is an extraordinary circumstance; None where its name does not tell.

    Raises:
        UnknownCodeError: If the cause is not in the list.
    """
    code = cause_code(cause)
    if code is None:
        raise UnknownCodeError("cause", cause, CAUSES)
    found = CAUSES[code]
    verdict = {True: "extraordinary", False: "not extraordinary", None: "open"}[found.extraordinary]
    return CauseFinding(
        cause=code,
        extraordinary=found.extraordinary,
        condition=found.condition,
        articles=(found.article,),
        inputs={"cause": cause},
        working=(
            f"{code.replace('_', ' ')}: {verdict} ({found.article.article})"
            + ("" if found.condition is None else f"; turns on {found.condition}"),
        ),
        unknowns=("cause",) if found.extraordinary is None else (),
    )
