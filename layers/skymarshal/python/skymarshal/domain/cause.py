"""The cause of a disruption as a finding of its own, beside the type of the event.

The type says what broke the day's plan, a crew out of hours for one; the cause says why. Compensation turns
on the cause: a crew out of hours because the airport's fuel hydrants failed is another case than a sick
captain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from skymarshal.domain.articles import Article
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.passenger_rights.causes import CAUSES, CauseFinding, assess_cause, cause_code

__all__ = ["CauseOfDisruption", "cause_of_delay_code", "causes_in_words", "find_cause", "named_cause"]

CauseBasis = Literal["stated", "delay code", "words", "type"]

_CONFIDENCE: Final[Mapping[CauseBasis, float]] = {
    "stated": 0.95,
    "delay code": 0.85,
    "words": 0.7,
    "type": 0.5,
}
"""How far each basis is trusted. A reporter who names the cause is believed almost wholly, an event's type
says least; the figures are ours and rank the bases, they measure nothing."""

_OPEN_CONFIDENCE: Final = 0.3
_LONGEST_REPORT: Final = 2_000

_OF_TYPE: Final[Mapping[DisruptionType, str]] = {
    DisruptionType.TECHNICAL: "technical",
    DisruptionType.CREW: "crew_illness",
    DisruptionType.WEATHER: "weather",
    DisruptionType.AIRPORT_CLOSURE: "airport_closure",
    DisruptionType.ATC: "atc_restriction",
    DisruptionType.SECURITY: "security",
    DisruptionType.BIRD_STRIKE: "bird_strike",
    DisruptionType.MEDICAL: "medical_emergency",
    DisruptionType.LATE_INBOUND: "reactionary",
    DisruptionType.STRIKE: "strike",
    DisruptionType.GROUND_DAMAGE: "ground_damage",
}
"""The cause that a type of disruption is by itself; a lost slot and a diversion are none."""

# AHM 730. A code without an entry says nothing that decides.
_OF_DELAY_CODE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("06", "09", "17", "47", "48", "61", "62", "96"), "scheduling"),
    **dict.fromkeys(("14", "25"), "overbooking"),
    **dict.fromkeys(
        ("11", "12", "13", "15", "16", "18", "19", "21", "22", "23", "24", "26", "27", "28", "29"),
        "ground_handling",
    ),
    **dict.fromkeys(("31", "33", "34", "35", "37", "38", "39"), "ground_handling"),
    "32": "loading",
    "36": "refuelling",
    **dict.fromkeys(("41", "42", "43", "44", "45", "46"), "technical"),
    "52": "ground_damage",
    **dict.fromkeys(("55", "56", "57", "58"), "own_system_failure"),
    **dict.fromkeys(("63", "64", "65", "66", "67", "68"), "crew_shortage"),
    "69": "security",
    **dict.fromkeys(("71", "72", "73", "76", "77"), "weather"),
    "75": "deicing",
    **dict.fromkeys(("81", "82", "83", "84"), "atc_restriction"),
    "85": "security",
    **dict.fromkeys(("87", "88", "89"), "airport_closure"),
    **dict.fromkeys(("91", "92", "93", "94", "95"), "reactionary"),
    "97": "strike_own_staff",
    "98": "strike_third_party",
}

_FUELLING: Final = r"(?:re-?)?fuel(?:l?ing)?"
_FAILS: Final = (
    r"(?:fail\w*|fault\w*|broke\w*|down|stopped|outage|out of (?:service|order)|unserviceable|u/s|leak\w*|"
    r"defect\w*)"
)
_SHORT: Final = r"(?:short\w*|lack\w*|no|missing|insufficient|not enough|understaffed)"
_LOADERS: Final = (
    r"(?:loaders?|baggage (?:handlers?|loading staff|staff)|ramp (?:staff|agents?)|airport staff)"
)

_IN_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        "fuel_on_runway",
        r"(?:fuel|petrol|kerosene|oil)\b.{0,30}\b(?:on|spil\w*|across).{0,20}\brunway|"
        r"runway.{0,40}\b(?:fuel|petrol|kerosene) spil",
    ),
    (
        "airport_refuelling_failure",
        rf"hydrant.{{0,40}}\b{_FAILS}|{_FAILS}.{{0,30}}\bhydrant|"
        rf"airport.{{0,20}}\b{_FUELLING}.{{0,30}}\b{_FAILS}|"
        rf"\b{_FUELLING} system.{{0,30}}\b{_FAILS}|{_FAILS} of .{{0,25}}\b{_FUELLING} system|fuel farm",
    ),
    ("refuelling", rf"\b(?:fueller|bowser|fuel truck|{_FUELLING} (?:late|delay\w*|truck))|late {_FUELLING}"),
    (
        "hidden_design_defect",
        r"(?:hidden|latent).{0,25}\bdefect|design defect|manufacturing defect|"
        r"all aircraft of (?:the|this) type",
    ),
    ("airport_staff_shortage", rf"{_SHORT}.{{0,25}}\b{_LOADERS}|{_LOADERS}.{{0,20}}\b{_SHORT}"),
    (
        "airport_system_failure",
        rf"baggage (?:belt|system).{{0,15}}\b{_FAILS}|"
        rf"airport.{{0,25}}\b(?:it|system|power|baggage (?:belt|system))\b.{{0,25}}\b{_FAILS}|"
        rf"power (?:cut|outage) at",
    ),
    (
        "own_system_failure",
        rf"\b(?:our|airline'?s?|own) (?:it|system)\w*.{{0,25}}\b{_FAILS}|"
        rf"departure control.{{0,20}}\b{_FAILS}",
    ),
    ("unruly_passenger", r"(?:unruly|disruptive|drunk\w*|violent|abusive) (?:passenger|pax|guest)"),
    (
        "medical_emergency",
        r"medical (?:emergency|diversion)|passenger (?:\w+ )?(?:ill|sick|unwell|died|collapsed)",
    ),
    ("bird_strike", r"bird[ -]?strike|hit by (?:a )?bird|ingest\w* (?:a )?bird"),
    ("lightning_strike", r"lightning"),
    ("volcanic_ash", r"volcan|ash cloud"),
    ("runway_debris", r"\bfod\b|debris on (?:the )?runway|foreign object"),
    (
        "mobile_stairs_collision",
        r"(?:hit|struck|damag\w*|collid\w*).{0,30}\b"
        r"(?:stairs|steps|catering truck|belt loader|tug|loader|gpu)\b|"
        r"\b(?:stairs|steps|catering truck|belt loader|tug|gpu)\b.{0,25}\b(?:hit|struck|damag\w*|collid\w*)",
    ),
    (
        "atc_strike",
        r"(?:atc|air traffic control(?:lers?)?).{0,15}\b(?:strike|industrial action|walk-?out)|"
        r"(?:strike|industrial action) (?:of|by) (?:the )?(?:atc|air traffic)",
    ),
    (
        "strike_own_staff",
        r"\b(?:our|own|company|cabin crew|pilots?'?|crew)\b.{0,15}\b(?:strike|industrial action|walk-?out)",
    ),
    (
        "strike_third_party",
        r"\b(?:airport|handling|security|handlers?'?|border|fuel)\b.{0,20}\b"
        r"(?:strike|industrial action|walk-?out)|"
        r"(?:strike|industrial action|walk-?out) (?:of|by|at) (?:the )?"
        r"(?:airport|handl\w+|security|border|fuel|ground staff)",
    ),
    (
        "crew_hours",
        r"out of (?:duty )?hours|duty time (?:exceeded|limit|expired)|crew (?:timed|time) out|ftl limit",
    ),
    (
        "crew_illness",
        r"(?:captain|pilot|first officer|crew\w*|purser|cabin crew)\b.{0,25}\b(?:ill|sick|unwell|sickness)|"
        r"sick (?:captain|pilot|crew)",
    ),
    ("overbooking", r"overbook|oversold"),
    ("security", r"bomb|security (?:alert|threat|breach)|unattended bag"),
    (
        "weather",
        r"\bfog\b|thunderstorm|snow ?storm|heavy snow|sandstorm|low visibility|typhoon|hurricane|"
        r"cyclone|\bstorm\b",
    ),
    (
        "atc_restriction",
        r"flow control|\batfm\b|ground delay program|atc (?:restriction|delay|capacity|slot)",
    ),
    ("airport_closure", r"(?:airport|airspace|runway)\b.{0,15}\bclos(?:ed|ure)"),
)
_PATTERNS: Final = tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _IN_WORDS)

# The one on the left is what happened; the other words only say what it led to.
_COMES_FIRST: Final[Mapping[str, frozenset[str]]] = {
    "fuel_on_runway": frozenset({"airport_closure", "refuelling", "airport_refuelling_failure"}),
    "airport_refuelling_failure": frozenset({"refuelling", "airport_system_failure"}),
    "atc_strike": frozenset({"strike_own_staff", "strike_third_party", "atc_restriction"}),
    "weather": frozenset({"airport_closure"}),
    "volcanic_ash": frozenset({"airport_closure"}),
}
_CONSEQUENCES: Final = frozenset({"crew_hours", "atc_restriction", "airport_closure"})
"""Named beside another cause, these are what it led to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseOfDisruption:
    """What caused a disruption, how that is known and what it means for compensation.

    Attributes:
        code: the cause; None if nothing tells it.
        extraordinary: whether it is extraordinary; None is open, and then compensation is a range.
        basis: what it rests on.
        reason: that in words.
        confidence: 0 to 1.
        articles: the authorities on it.
    """

    code: str | None
    extraordinary: bool | None
    basis: CauseBasis
    reason: str
    confidence: float
    articles: tuple[Article, ...] = ()

    @property
    def excuses(self) -> bool:
        """Whether it is extraordinary by an authority that was read; on any other the carrier may yet pay."""
        return self.extraordinary is True and all(one.status == "verified" for one in self.articles)

    @property
    def due(self) -> bool:
        """Whether it is not extraordinary, so that compensation is due."""
        return self.extraordinary is False

    @property
    def text(self) -> str:
        """The finding as a sentence."""
        name = "unknown" if self.code is None else self.code.replace("_", " ")
        verdict = {
            True: "extraordinary if all reasonable measures were taken",
            False: "not extraordinary",
            None: "whether it is extraordinary is open",
        }[self.extraordinary]
        cited = "".join(f" ({article.citation})" for article in self.articles[:1])
        return f"Cause: {name}, {verdict}{cited}; {self.reason}; confidence {self.confidence:.2f}."


# Every candidate and every step of a curve is priced with the cause of one and the same disruption.
@lru_cache(maxsize=32)
def find_cause(disruption: Disruption) -> CauseOfDisruption:
    """Return the cause of a disruption.

    What the event states comes first, then its delay codes, then the words of the report, then its type.
    Words that tell two causes of which only one is extraordinary leave it open.
    """
    details = disruption.details
    if details.cause is not None:
        return _found([assess_cause(details.cause)], "stated", "stated in the event")
    coded = [code for code in map(cause_of_delay_code, details.delay_codes) if code is not None]
    roots = [code for code in coded if code != "reactionary"] or coded
    if roots:
        named = ", ".join(details.delay_codes)
        return _found([assess_cause(code) for code in roots], "delay code", f"delay code {named}")
    told = causes_in_words(disruption.description)
    if told:
        words = " and ".join(f'"{words}"' for words in told.values())
        return _found([assess_cause(code) for code in told], "words", f"the report says {words}")
    kind = disruption.type.replace("_", " ")
    if disruption.type in _OF_TYPE:
        return _found(
            [assess_cause(_OF_TYPE[disruption.type])], "type", f"nothing but the type of event, {kind}"
        )
    return CauseOfDisruption(
        code=None,
        extraordinary=None,
        basis="type",
        reason=f"nothing but the type of event, {kind}, which is no cause",
        confidence=_OPEN_CONFIDENCE,
    )


def cause_of_delay_code(code: str) -> str | None:
    """Return the cause that an IATA delay code stands for; None where the code says nothing that decides."""
    return _OF_DELAY_CODE.get(code)


def causes_in_words(text: str) -> dict[str, str]:
    """Return the causes that a report tells, each with the words that tell it.

    Only its first 2,000 characters are read.
    """
    matches = ((code, pattern.search(text[:_LONGEST_REPORT])) for code, pattern in _PATTERNS)
    found = {code: match.group() for code, match in matches if match is not None}
    for first, later in _COMES_FIRST.items():
        if first in found:
            found = {code: words for code, words in found.items() if code not in later}
    roots = {code: words for code, words in found.items() if code not in _CONSEQUENCES}
    return roots or found


def named_cause(text: str) -> str:
    """Return the cause that a text names, by its code, by another name of it or in words.

    Raises:
        UnknownCodeError: If it names none, or several.
    """
    code = cause_code(text)
    if code is not None:
        return code
    told = causes_in_words(text.replace("_", " "))
    if len(told) != 1:
        raise UnknownCodeError("cause", text, CAUSES)
    return next(iter(told))


def _found(findings: list[CauseFinding], basis: CauseBasis, reason: str) -> CauseOfDisruption:
    verdicts = {finding.extraordinary for finding in findings}
    extraordinary = verdicts.pop() if len(verdicts) == 1 else None
    articles = tuple(dict.fromkeys(article for finding in findings for article in finding.articles))
    conditions = [finding.condition for finding in findings if finding.condition is not None]
    turns = f", and turns on {conditions[0]}" if conditions else ""
    return CauseOfDisruption(
        code=" and ".join(dict.fromkeys(finding.cause for finding in findings)),
        extraordinary=extraordinary,
        basis=basis,
        reason=f"{reason}{turns}",
        confidence=_CONFIDENCE[basis]
        if extraordinary is not None
        else min(_CONFIDENCE[basis], _OPEN_CONFIDENCE),
        articles=articles,
    )
