"""Free text: "Flight EY283 tomorrow has a hydraulic leak, two hours to fix" becomes a disruption.

Nothing is guessed: what can be read in two ways is asked back with the candidates. No language
model takes part.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType, RepairEstimate
from skymarshal.domain.disruption_bounds import LONGEST_REPAIR
from skymarshal.intake.errors import AmbiguousDisruption, InvalidDisruption
from skymarshal.intake.flights import FlightLookup, LocalDay, flight_of_number

__all__ = ["check_text", "read_text"]

_DESIGNATOR: Final = re.compile(
    r"(?<![A-Z0-9])(?P<carrier>[A-Z][A-Z0-9]|[0-9][A-Z])(?P<space>\s?)(?P<number>\d{1,4})(?P<suffix>[A-Z]?)(?![A-Z0-9])",
    re.IGNORECASE,
)
_SHORT_WORDS: Final = frozenset({"AT", "BY", "IN", "OF", "ON", "OR", "TO"})
_AIRCRAFT_TYPE: Final = re.compile(r"A3\d\d|B7\d\d|E1\d\d")
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE: Final = re.compile(
    rf"""\b(?:
        (?P<relative>yesterday|today|tonight|tomorrow)
      | (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})
      | (?P<numeric>\d{{1,2}}/\d{{1,2}}/\d{{4}})
      | (?P<worded>\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})[a-z]*\.?(?:,?\s+\d{{4}})?)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER_WORDS: Final = {
    "half an": 0.5,
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "eleven": 11.0,
    "twelve": 12.0,
}
_QUANTITY: Final = rf"\d+(?:\.\d+)?|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))}"
_DURATION: Final = re.compile(
    rf"\b(?P<low>{_QUANTITY})(?:\s*(?:-|to|or)\s*(?P<high>{_QUANTITY}))?"
    rf"(?P<half>\s+and\s+a\s+half)?[\s-]*(?P<unit>hours?|hrs?|h|minutes?|mins?|min)\b(?P<and_half>\s+and\s+a\s+half)?",
    re.IGNORECASE,
)
_REPAIR: Final = re.compile(r"\b(?:fix|repair|rectif|replac|change|release|return to service)", re.IGNORECASE)
_DELAY: Final = re.compile(r"\b(?:late|delay|behind|slot)", re.IGNORECASE)

_SIGNS: Final[tuple[tuple[DisruptionType, str], ...]] = (
    (DisruptionType.BIRD_STRIKE, r"bird ?strike|struck (?:a|by) birds?|hit (?:a )?birds?"),
    (
        DisruptionType.GROUND_DAMAGE,
        r"ground damage|hit by (?:a )?(?:truck|loader|tug|belt)|towing damage|dented",
    ),
    (DisruptionType.AIRPORT_CLOSURE, r"airport (?:is )?clos|runway (?:is )?clos|closed airport"),
    (DisruptionType.CURFEW_SLOT, r"curfew|lost (?:its |the )?slot|night ban"),
    (
        DisruptionType.LATE_INBOUND,
        r"late inbound|inbound (?:is |aircraft is |flight is )?(?:late|delayed)|late arriving",
    ),
    (DisruptionType.DIVERSION, r"divert|diversion"),
    (DisruptionType.SECURITY, r"security|bomb|unattended bag"),
    (DisruptionType.STRIKE, r"\bstrike\b|industrial action|walk-?out"),
    (DisruptionType.MEDICAL, r"medical emergency|passenger (?:is )?(?:ill|sick|unwell)|medical"),
    (DisruptionType.CREW, r"crew|captain|first officer|pilot|purser|duty time|out of hours"),
    (DisruptionType.WEATHER, r"fog|thunderstorm|snow|sandstorm|visibility|wind|storm|weather"),
    (DisruptionType.ATC, r"\batc\b|flow control|atfm|ctot|ground delay program"),
    (
        DisruptionType.TECHNICAL,
        r"hydraulic|engine|leak|apu|avionics|gear|brake|tyre|tire|flap|fault|technical|defect|mel\b|pump|sensor",
    ),
)
_SPECIALISES: Final = {
    DisruptionType.BIRD_STRIKE: {DisruptionType.TECHNICAL, DisruptionType.STRIKE},
    DisruptionType.GROUND_DAMAGE: {DisruptionType.TECHNICAL},
    DisruptionType.AIRPORT_CLOSURE: {DisruptionType.WEATHER},
    DisruptionType.CURFEW_SLOT: {DisruptionType.ATC},
}
_ATA_CHAPTERS: Final = (
    (r"hydraulic", "29"),
    (r"engine", "72"),
    (r"\bapu\b", "49"),
    (r"gear|brake|tyre|tire", "32"),
    (r"flap", "27"),
    (r"avionics", "34"),
)
_REPAIR_SPREAD: Final = 1.5
_FARTHEST_DAY: Final = timedelta(days=366)


def read_text(text: str, disruption_id: str, reported_at: datetime, lookup: FlightLookup) -> Disruption:
    """Return the disruption that `text` reports.

    Dates are local at the flight's origin and resolved against `reported_at`. Of a repair time given
    as one number the range is taken to half as long again.

    Raises:
        InvalidDisruption: where the text names no flight, or nothing that can break a day.
        AmbiguousDisruption: where it can be read in more than one way.
    """
    rest, designator = _designator(text)
    rest, day = _date(rest, reported_at)
    kind = _kind(rest)
    flight = flight_of_number(designator, day, reported_at, lookup)
    return Disruption(
        disruption_id=disruption_id,
        type=kind,
        flight_id=flight.flight_id,
        reported_at=reported_at,
        description=text,
        details=_details(rest, kind),
    )


def check_text(text: str) -> None:
    """Refuse a text that names no flight or nothing that can break a day, as `read_text` would.

    Its date is left to `read_text`, which knows the flight's own day.
    """
    rest, _ = _designator(text)
    rest = _DATE.sub(" ", rest)
    _details(rest, _kind(rest))


def _designator(text: str) -> tuple[str, str]:
    found = {designator: match for match in _DESIGNATOR.finditer(text) if (designator := _written(match))}
    if len(found) > 1:
        found = {name: match for name, match in found.items() if not _AIRCRAFT_TYPE.fullmatch(name)} or found
    if not found:
        raise InvalidDisruption("text", text, "a flight designator such as EY283")
    if len(found) > 1:
        raise AmbiguousDisruption("text", text, tuple(sorted(found)))
    ((designator, match),) = found.items()
    return text.replace(match.group(), " "), designator


def _written(match: re.Match[str]) -> str | None:
    """Return the designator, or None for a word before a number: "or 5", "AT 10"."""
    if match["space"] and (not match["carrier"].isupper() or match["carrier"] in _SHORT_WORDS):
        return None
    return (match["carrier"] + match["number"] + match["suffix"]).upper()


def _date(text: str, now: datetime) -> tuple[str, LocalDay | None]:
    found = {match.group().lower(): match for match in _DATE.finditer(text)}
    if len(found) > 1:
        raise AmbiguousDisruption("text", text, tuple(match.group() for match in found.values()))
    day = next((_resolved(match, now) for match in found.values()), None)
    return _DATE.sub(" ", text), day


def _resolved(match: re.Match[str], now: datetime) -> LocalDay:
    relative = (match["relative"] or "").lower()
    if relative:
        offset = timedelta(days={"yesterday": -1, "tomorrow": 1}.get(relative, 0))
        return lambda zone: now.astimezone(zone).date() + offset
    day = _calendar_day(match, now)
    return lambda _: day


def _calendar_day(match: re.Match[str], now: datetime) -> date:
    import dateparser

    parsed: datetime | None = dateparser.parse(
        match.group(),
        languages=["en"],
        settings={
            "DATE_ORDER": "YMD" if match["iso"] else "DMY",
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "REQUIRE_PARTS": ["day", "month"],
        },
    )
    if parsed is None:
        raise InvalidDisruption("text", match.group(), "a date that exists, such as 2026-02-05 or 5 Feb")
    day = parsed.date()
    if re.search(r"\d{4}", match.group()):
        if abs(day - now.date()) > _FARTHEST_DAY:
            raise InvalidDisruption("text", match.group(), "a date within a year of the report")
        return day
    same_day = [_in_year(day, year) for year in (day.year - 1, day.year, day.year + 1)]
    return min((each for each in same_day if each), key=lambda each: abs(each - now.date()))


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _kind(text: str) -> DisruptionType:
    found = {kind for kind, sign in _SIGNS if re.search(sign, text, re.IGNORECASE)}
    for special, general in _SPECIALISES.items():
        if special in found:
            found -= general
    if not found:
        raise InvalidDisruption(
            "text", text.strip(), f"words that say what happened: {', '.join(DisruptionType)}"
        )
    if len(found) > 1:
        raise AmbiguousDisruption("text", text.strip(), tuple(sorted(found)))
    return found.pop()


def _details(text: str, kind: DisruptionType) -> DisruptionDetails:
    ata = next((chapter for sign, chapter in _ATA_CHAPTERS if re.search(sign, text, re.IGNORECASE)), None)
    durations = [(_hours(match["low"]), _upper(match), match) for match in _DURATION.finditer(text)]
    if not durations:
        return DisruptionDetails(ata=ata)
    if len({(low, high) for low, high, _ in durations}) > 1:
        raise AmbiguousDisruption("text", text.strip(), tuple(match.group() for _, _, match in durations))
    low, high, match = durations[0]
    unit = timedelta(minutes=1) if match["unit"].lower().startswith("m") else timedelta(hours=1)
    if max(low, high) > LONGEST_REPAIR / unit:
        raise InvalidDisruption("text", match.group(), f"a duration of at most {LONGEST_REPAIR.days} days")
    if match["half"] or match["and_half"]:
        low, high = low + 0.5, high + 0.5
    if kind is DisruptionType.TECHNICAL or (_REPAIR.search(text) and not _DELAY.search(text)):
        most = high * unit if high > low else low * _REPAIR_SPREAD * unit
        return DisruptionDetails(
            ata=ata, repair=RepairEstimate(least=low * unit, likely=(low + high) / 2 * unit, most=most)
        )
    return DisruptionDetails(ata=ata, delay=high * unit)


def _upper(match: re.Match[str]) -> float:
    return _hours(match["high"] or match["low"])


def _hours(quantity: str) -> float:
    word = quantity.lower()
    return _NUMBER_WORDS[word] if word in _NUMBER_WORDS else float(quantity)
