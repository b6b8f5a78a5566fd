"""IATA delay codes (AHM 730, AHM 780)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from skymarshal.domain.articles import Article
from skymarshal.domain.errors import UnknownCodeError

__all__ = ["DELAY_CODES", "DELAY_CODE_ARTICLE", "DelayCode", "DelayGroup", "delay_code"]

DELAY_CODE_ARTICLE: Final = Article(
    regulation="IATA Airport Handling Manual",
    article="AHM 730, AHM 780",
    subject="Standard delay codes",
    status="verified",
    source="list published by EUROCONTROL at ansperformance.eu",
)

DelayGroup = Literal[
    "airline",
    "passenger_and_baggage",
    "cargo_and_mail",
    "ramp_handling",
    "technical",
    "damage_and_automation",
    "operations_and_crew",
    "weather",
    "atfm",
    "airport_and_authorities",
    "reactionary",
    "miscellaneous",
]


@dataclass(frozen=True, slots=True)
class DelayCode:
    """A code with its group and meaning."""

    code: str
    group: DelayGroup
    meaning: str

    @property
    def reactionary(self) -> bool:
        """Return whether the delay was carried over from another flight."""
        return self.group == "reactionary"

    @property
    def crew(self) -> bool:
        """Return whether the crew caused the delay."""
        return self.code in ("63", "64", "65", "66", "67", "94", "95")


_CODES: Final[tuple[tuple[str, DelayGroup, str], ...]] = (
    ("06", "airline", "no gate or stand, own activity"),
    ("09", "airline", "scheduled ground time less than declared minimum"),
    ("11", "passenger_and_baggage", "late check-in, acceptance after deadline"),
    ("12", "passenger_and_baggage", "late check-in, congestion"),
    ("13", "passenger_and_baggage", "check-in error"),
    ("14", "passenger_and_baggage", "oversales, booking errors"),
    ("15", "passenger_and_baggage", "boarding, missing checked-in passenger"),
    ("16", "passenger_and_baggage", "commercial publicity, passenger convenience"),
    ("17", "passenger_and_baggage", "catering order"),
    ("18", "passenger_and_baggage", "baggage processing"),
    ("19", "passenger_and_baggage", "passengers with reduced mobility"),
    ("21", "cargo_and_mail", "documentation"),
    ("22", "cargo_and_mail", "late positioning"),
    ("23", "cargo_and_mail", "late acceptance"),
    ("24", "cargo_and_mail", "inadequate packing"),
    ("25", "cargo_and_mail", "oversales, booking errors"),
    ("26", "cargo_and_mail", "late preparation in warehouse"),
    ("27", "cargo_and_mail", "mail: documentation, packing"),
    ("28", "cargo_and_mail", "mail: late positioning"),
    ("29", "cargo_and_mail", "mail: late acceptance"),
    ("31", "ramp_handling", "aircraft documentation late or inaccurate"),
    ("32", "ramp_handling", "loading, unloading"),
    ("33", "ramp_handling", "loading equipment"),
    ("34", "ramp_handling", "servicing equipment"),
    ("35", "ramp_handling", "aircraft cleaning"),
    ("36", "ramp_handling", "fuelling, defuelling"),
    ("37", "ramp_handling", "catering"),
    ("38", "ramp_handling", "unit load devices"),
    ("39", "ramp_handling", "technical equipment"),
    ("41", "technical", "aircraft defects"),
    ("42", "technical", "scheduled maintenance"),
    ("43", "technical", "non-scheduled maintenance"),
    ("44", "technical", "spares and maintenance equipment"),
    ("45", "technical", "spares to be carried to another station"),
    ("46", "technical", "aircraft change for technical reasons"),
    ("47", "technical", "standby aircraft, lack of"),
    ("48", "technical", "scheduled cabin configuration"),
    ("51", "damage_and_automation", "damage during flight operations"),
    ("52", "damage_and_automation", "damage during ground operations"),
    ("55", "damage_and_automation", "departure control"),
    ("56", "damage_and_automation", "cargo preparation, documentation"),
    ("57", "damage_and_automation", "flight plans"),
    ("58", "damage_and_automation", "other automated system"),
    ("61", "operations_and_crew", "flight plan, late completion"),
    ("62", "operations_and_crew", "operational requirements, fuel, load alteration"),
    ("63", "operations_and_crew", "late crew boarding or departure procedures"),
    ("64", "operations_and_crew", "flight deck crew shortage"),
    ("65", "operations_and_crew", "flight deck crew special request"),
    ("66", "operations_and_crew", "late cabin crew boarding or departure procedures"),
    ("67", "operations_and_crew", "cabin crew shortage"),
    ("68", "operations_and_crew", "cabin crew error or special request"),
    ("69", "operations_and_crew", "captain request for security check"),
    ("71", "weather", "departure station"),
    ("72", "weather", "destination station"),
    ("73", "weather", "en route or alternate"),
    ("75", "weather", "de-icing of aircraft"),
    ("76", "weather", "removal of snow, ice, water or sand from airport"),
    ("77", "weather", "ground handling impaired by weather"),
    ("81", "atfm", "ATC en-route demand or capacity"),
    ("82", "atfm", "ATC staff or equipment en route"),
    ("83", "atfm", "restriction at destination airport"),
    ("84", "atfm", "weather at destination"),
    ("85", "airport_and_authorities", "mandatory security"),
    ("86", "airport_and_authorities", "immigration, customs, health"),
    ("87", "airport_and_authorities", "airport facilities"),
    ("88", "airport_and_authorities", "restrictions at destination airport"),
    ("89", "airport_and_authorities", "restrictions at departure airport"),
    ("91", "reactionary", "load connection"),
    ("92", "reactionary", "through check-in error"),
    ("93", "reactionary", "aircraft rotation"),
    ("94", "reactionary", "cabin crew rotation"),
    ("95", "reactionary", "crew rotation"),
    ("96", "reactionary", "operations control"),
    ("97", "miscellaneous", "industrial action, own airline"),
    ("98", "miscellaneous", "industrial action outside own airline"),
    ("99", "miscellaneous", "other"),
)

DELAY_CODES: Final[Mapping[str, DelayCode]] = {row[0]: DelayCode(*row) for row in _CODES}


def delay_code(code: str) -> DelayCode:
    """Return the delay code of two digits.

    Raises:
        UnknownCodeError: If it is not in the list; 00 to 05 are left to each airline.
    """
    try:
        return DELAY_CODES[code]
    except KeyError:
        raise UnknownCodeError("code", code, DELAY_CODES) from None
