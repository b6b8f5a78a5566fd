"""Provisions of the flight time limitation rules, one set for each profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final, Literal

from skymarshal.domain.articles import Article, ArticleStatus

__all__ = ["EASA_ARTICLES", "FAR117_ARTICLES", "GCAA_ARTICLES", "UK_ARTICLES", "FtlTopic"]

FtlTopic = Literal[
    "acclimatisation",
    "max_fdp",
    "unknown_state",
    "unknown_state_frm",
    "planned_extension",
    "planned_extension_table",
    "in_flight_rest_pilots",
    "in_flight_rest_cabin",
    "discretion",
    "discretion_base",
    "delayed_reporting",
    "split_duty",
    "standby_airport",
    "standby_other",
    "reserve",
    "cumulative_duty",
    "cumulative_flight",
    "positioning",
    "rest_home",
    "rest_away",
    "rest_time_zones",
    "time_zone_nights",
    "time_zone_transition",
    "disruptive_transition",
    "disruptive_schedule",
    "night_duty",
    "night_duties",
    "cabin_reporting",
    "reduced_rest",
    "recovery_rest",
    "recovery_rest_disruptive",
    "wocl",
    "consecutive_nights",
    "long_sectors",
    "cabin_fdp",
]

_PART_ORO: Final = "Regulation (EU) 965/2012 Annex III Subpart FTL"
_CS_FTL: Final = "CS-FTL.1 Issue 1 Amendment 1 (ED Decisions 2014/002/R and 2023/023/R)"
_REVISION_24: Final = "transcription of the Easy Access Rules, Revision 24 of March 2026"
_APPLICABLE: Final = date(2016, 2, 18)
_TABLES: Final = "three independent public transcriptions agree"


def _easa(
    article: str, subject: str, source: str, *, cs: bool = False, status: ArticleStatus = "verified"
) -> Article:
    return Article(
        regulation=_CS_FTL if cs else _PART_ORO,
        article=article,
        subject=subject,
        status=status,
        source=source,
        valid_from=_APPLICABLE,
    )


EASA_ARTICLES: Final[Mapping[FtlTopic, Article]] = {
    "acclimatisation": _easa(
        "ORO.FTL.105(1) Table 1", "State of acclimatisation", f"CAP 1266 version 1; {_REVISION_24}"
    ),
    "max_fdp": _easa("ORO.FTL.205(b)(1) Table 2", "Maximum basic daily FDP, acclimatised", _TABLES),
    "unknown_state": _easa("ORO.FTL.205(b)(2) Table 3", "Maximum daily FDP, unknown state", _TABLES),
    "unknown_state_frm": _easa(
        "ORO.FTL.205(b)(3) Table 4",
        "Maximum daily FDP, unknown state under fatigue risk management",
        "two independent public transcriptions agree",
    ),
    "planned_extension": _easa(
        "ORO.FTL.205(d)", "Planned extension without in-flight rest", "public transcription of the text"
    ),
    "planned_extension_table": _easa(
        "CS FTL.1.205(b)", "Values of the planned extension", "UK CAA regulatory library", cs=True
    ),
    "in_flight_rest_pilots": _easa(
        "CS FTL.1.205(c)(1),(2),(4),(6)",
        "FDP extended by in-flight rest of pilots",
        f"EASA FAQ 47619; {_REVISION_24}",
        cs=True,
    ),
    "in_flight_rest_cabin": _easa(
        "CS FTL.1.205(c)(3)",
        "In-flight rest of cabin crew",
        "two independent public transcriptions agree",
        cs=True,
    ),
    "discretion": _easa(
        "ORO.FTL.205(f)", "Commander's discretion", "public transcription of the text; EASA FAQ 47612"
    ),
    "discretion_base": _easa(
        "GM1 ORO.FTL.205(f)(1)(i)",
        "Discretion counts from the basic FDP, not from the planned extension",
        "public transcription of the text; EASA FTL FAQ 2014",
    ),
    "delayed_reporting": _easa("CS FTL.1.205(d)", "Delayed reporting", "EASA FAQ 47624", cs=True),
    "split_duty": _easa(
        "CS FTL.1.220",
        "Split duty",
        "public transcription of the text; EASA FAQ 47606 and 47628",
        cs=True,
    ),
    "standby_airport": _easa(
        "CS FTL.1.225(a)", "Airport standby", "public transcription of the text", cs=True
    ),
    "standby_other": _easa(
        "CS FTL.1.225(b)",
        "Standby other than airport standby",
        "public transcription of the text; EASA FAQ 47642",
        cs=True,
    ),
    "reserve": _easa("CS FTL.1.230", "Reserve", "EASA FAQ 47645", cs=True),
    "cumulative_duty": _easa("ORO.FTL.210(a)", "Cumulative duty periods", "public transcription of the text"),
    "cumulative_flight": _easa(
        "ORO.FTL.210(b)", "Cumulative flight times", "public transcription of the text"
    ),
    "positioning": _easa(
        "ORO.FTL.215",
        "Positioning counts as FDP or duty, never as a sector",
        _REVISION_24,
    ),
    "rest_home": _easa("ORO.FTL.235(a)", "Minimum rest at home base", _REVISION_24),
    "rest_away": _easa("ORO.FTL.235(b)", "Minimum rest away from home base", _REVISION_24),
    "rest_time_zones": _easa(
        "CS FTL.1.235(b)(3)(ii)",
        "Rest away from home base after an FDP with 4 h of time difference or more",
        "two independent public transcriptions agree",
        cs=True,
    ),
    "time_zone_nights": _easa(
        "CS FTL.1.235(b)(3)(i)",
        "Local nights of rest at home base after a rotation across time zones",
        "one public transcription gives the whole table; three of its cells agree with a second",
        cs=True,
    ),
    "time_zone_transition": _easa(
        "CS FTL.1.235(b)(3)(iii)",
        "Local nights between rotations in opposite directions",
        "from memory; one public programme asks the same three nights from 6 h of difference one way and 4 h "
        "the other",
        cs=True,
        status="unverified",
    ),
    "disruptive_transition": _easa(
        "CS FTL.1.235(a)(1)",
        "Local night between a late finish or night duty and an early start at home base",
        f"{_REVISION_24}; another that says two nights is wrong",
        cs=True,
    ),
    "disruptive_schedule": _easa("ORO.FTL.105(8)", "Early starts and late finishes", _REVISION_24),
    "night_duty": _easa("ORO.FTL.105(9)", "Night duty", _REVISION_24),
    "night_duties": _easa(
        "CS FTL.1.205(a)",
        "Sectors of consecutive night duties; night duties of more than 10 h",
        "UK CAA regulatory library and Easy Access Rules; Amendment 1 is reported to name three subtypes of "
        "night duty in (a)(2) and to change no limit",
        cs=True,
    ),
    "cabin_reporting": _easa(
        "ORO.FTL.205(c)",
        "Cabin crew who report before the flight crew",
        "public transcription of the text",
    ),
    "reduced_rest": _easa(
        "CS FTL.1.235(c)",
        "Reduced rest under fatigue risk management",
        "one public transcription with page references; a second that says 10 h at home base is wrong",
        cs=True,
    ),
    "recovery_rest": _easa("ORO.FTL.235(d)", "Recurrent extended recovery rest", _REVISION_24),
    "recovery_rest_disruptive": _easa(
        "CS FTL.1.235(a)(2)",
        "Recovery rest after four disruptive duties or more",
        _REVISION_24,
        cs=True,
    ),
    "wocl": _easa("ORO.FTL.105(28)", "Window of circadian low", _REVISION_24),
}


def _uk(article: Article) -> Article:
    regulation = article.regulation.replace("Regulation (EU) 965/2012", "UK Regulation (EU) 965/2012")
    if regulation == article.regulation:
        regulation = f"UK {article.regulation}"
    read_at_caa = article is EASA_ARTICLES["planned_extension_table"]
    return replace(
        article,
        regulation=regulation,
        status="verified" if read_at_caa else "unverified",
        source="UK CAA regulatory library"
        if read_at_caa
        else "retained from the EU text on 31 December 2020; later UK amendments not read",
        valid_from=date(2020, 12, 31),
    )


UK_ARTICLES: Final[Mapping[FtlTopic, Article]] = {topic: _uk(EASA_ARTICLES[topic]) for topic in EASA_ARTICLES}


def _gcaa(article: str, subject: str, source: str) -> Article:
    return Article(
        regulation="GCAA CAR Part IV CAR-OPS 1 Subpart Q",
        article=article,
        subject=subject,
        status="unverified",
        source=source,
        valid_from=date(2017, 1, 1),
    )


_OPERATOR_SUMMARY: Final = (
    "a public summary of one UAE operator's scheme, which agrees with CAP 371; the regulation was not read"
)

GCAA_ARTICLES: Final[Mapping[FtlTopic, Article]] = {
    "acclimatisation": _gcaa(
        "OPS 1.1105", "Acclimatised after three consecutive local nights", _OPERATOR_SUMMARY
    ),
    "max_fdp": _gcaa("CAP 371 Table A", "Maximum FDP, two or more pilots, acclimatised", _OPERATOR_SUMMARY),
    "unknown_state": _gcaa(
        "CAP 371 Table B", "Maximum FDP, two or more pilots, not acclimatised", _OPERATOR_SUMMARY
    ),
    "discretion": _gcaa("OPS 1.1120", "Commander's discretion", _OPERATOR_SUMMARY),
    "delayed_reporting": _gcaa("OPS 1.1105", "Delayed reporting", _OPERATOR_SUMMARY),
    "standby_other": _gcaa(
        "CAP 371",
        "Standby at home or in accommodation: at most 12 h; what it takes off the FDP",
        f"the 12 h: {_OPERATOR_SUMMARY}; the rest from memory of CAP 371",
    ),
    "consecutive_nights": _gcaa(
        "CAP 371", "At most three duties in a row between 01:00 and 06:59", _OPERATOR_SUMMARY
    ),
    "long_sectors": _gcaa(
        "CAP 371",
        "A sector of more than 7 h counts as two, of more than 9 h as three, of more than 11 h as four",
        f"that a long sector counts as two or more: {_OPERATOR_SUMMARY}; the bounds from memory of CAP 371",
    ),
    "cabin_fdp": _gcaa(
        "CAP 371",
        "FDP of cabin crew: an hour longer",
        f"that they have a table of their own: {_OPERATOR_SUMMARY}; the hour from memory of CAP 371",
    ),
    "cumulative_duty": _gcaa("OPS 1.1100", "Cumulative duty periods", _OPERATOR_SUMMARY),
    "cumulative_flight": _gcaa("OPS 1.1100", "Cumulative flight times", _OPERATOR_SUMMARY),
    "rest_home": _gcaa("OPS 1.1110", "Minimum rest at home base", _OPERATOR_SUMMARY),
    "rest_away": _gcaa("OPS 1.1110", "Minimum rest away from home base", _OPERATOR_SUMMARY),
}


def _far(article: str, subject: str, source: str) -> Article:
    return Article(
        regulation="14 CFR Part 117",
        article=article,
        subject=subject,
        status="unverified",
        source=source,
        valid_from=date(2014, 1, 4),
    )


FAR117_ARTICLES: Final[Mapping[FtlTopic, Article]] = {
    "acclimatisation": _far("117.3", "Acclimated: 72 h in a theatre or 36 h free from duty", "from memory"),
    "max_fdp": _far(
        "117.13(a) Table B",
        "Maximum FDP, unaugmented operations",
        "a public transcription and values that another took from the eCFR agree; a third differs",
    ),
    "unknown_state": _far(
        "117.13(b)", "Maximum FDP, not acclimated: Table B less 30 minutes", "public copy of the section"
    ),
    "discretion": _far("117.19", "Flight duty period extension of up to 2 h", "from memory"),
    "cumulative_duty": _far("117.23(c)", "Cumulative flight duty periods", "public copy of the section"),
    "cumulative_flight": _far("117.23(b)", "Cumulative flight times", "from memory"),
    "rest_home": _far("117.25(e)", "Rest before a duty", "public copy of the section"),
    "rest_away": _far("117.25(e)", "Rest before a duty", "public copy of the section"),
}
