"""Temperature ranges of shipments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError

__all__ = [
    "PHARMA_CODE",
    "TEMPERATURE_CODES",
    "PharmaCodes",
    "TemperatureCheck",
    "TemperatureRange",
    "TemperatureSource",
    "check_pharma_codes",
    "check_temperature",
    "temperature_range",
    "temperature_source",
]

PHARMA_CODE: Final = "PIL"


@dataclass(frozen=True, slots=True)
class TemperatureRange:
    """Degrees Celsius, both ends included; None is open.

    Raises:
        OutOfRangeError: If the low end is above the high one.
    """

    minimum_c: float | None
    maximum_c: float | None

    def __post_init__(self) -> None:
        if self.minimum_c is not None and self.maximum_c is not None and self.minimum_c > self.maximum_c:
            raise OutOfRangeError("minimum_c", self.minimum_c, f"at most {self.maximum_c:g}")

    def contains(self, reading_c: float) -> bool:
        """Return whether a reading lies in the range."""
        return (self.minimum_c is None or self.minimum_c <= reading_c) and (
            self.maximum_c is None or reading_c <= self.maximum_c
        )

    def within(self, other: TemperatureRange) -> bool:
        """Return whether everything in this range lies in `other`."""
        low = other.minimum_c is None or (self.minimum_c is not None and self.minimum_c >= other.minimum_c)
        high = other.maximum_c is None or (self.maximum_c is not None and self.maximum_c <= other.maximum_c)
        return low and high

    def __str__(self) -> str:
        """Return the range in words."""
        if self.minimum_c is None:
            return "any temperature" if self.maximum_c is None else f"{self.maximum_c:g} C or colder"
        if self.maximum_c is None:
            return f"{self.minimum_c:g} C or warmer"
        return f"{self.minimum_c:+g} to {self.maximum_c:+g} C"


TEMPERATURE_CODES: Final[Mapping[str, TemperatureRange]] = {
    "COL": TemperatureRange(2, 8),
    "CRT": TemperatureRange(15, 25),
    "ERT": TemperatureRange(2, 25),
    "FRO": TemperatureRange(None, -10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureCheck(RuleResult):
    """Which readings lie in the range of a code."""

    range: TemperatureRange
    in_range: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureSource(RuleResult):
    """Which range counts; None if neither document gives one."""

    range: TemperatureRange | None
    conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PharmaCodes(RuleResult):
    """Whether the handling codes of a shipment name one temperature range."""

    valid: bool
    codes: tuple[str, ...]
    reason: str | None


def temperature_range(
    code: str, carrier_ranges: Mapping[str, TemperatureRange] = TEMPERATURE_CODES
) -> TemperatureRange:
    """Return the range of a temperature code.

    Raises:
        UnknownCodeError: If it is not a temperature code.
    """
    try:
        return carrier_ranges[code]
    except KeyError:
        raise UnknownCodeError("code", code, carrier_ranges) from None


def check_temperature(
    code: str,
    readings_c: Sequence[float],
    carrier_ranges: Mapping[str, TemperatureRange] = TEMPERATURE_CODES,
) -> TemperatureCheck:
    """Return which ambient readings lie in the range of a code.

    Raises:
        UnknownCodeError: If it is not a temperature code.
    """
    wanted = temperature_range(code, carrier_ranges)
    inside = tuple(wanted.contains(reading) for reading in readings_c)
    articles = [CARGO_ARTICLES["temperature_codes"]]
    if code == "FRO":
        articles.append(CARGO_ARTICLES["frozen"])
    return TemperatureCheck(
        range=wanted,
        in_range=inside,
        articles=tuple(articles),
        inputs={"code": code, "readings_c": tuple(readings_c)},
        working=(f"{code}: {wanted}; {sum(inside)} of {len(inside)} readings in range",),
    )


def temperature_source(*, awb: TemperatureRange | None, label: TemperatureRange | None) -> TemperatureSource:
    """Return which range counts: the air waybill's, else the label's."""
    used = awb if awb is not None else label
    conflict = awb is not None and label is not None and awb != label
    return TemperatureSource(
        range=used,
        conflict=conflict,
        articles=(CARGO_ARTICLES["awb_prevails"],),
        inputs={"awb": awb, "label": label},
        working=(
            "no range is documented"
            if used is None
            else f"{'air waybill' if awb is not None else 'label'}: {used}"
            + (f"; the label says {label}" if conflict else ""),
        ),
        unknowns=("temperature_range",) if used is None else (),
    )


def check_pharma_codes(codes: Collection[str]) -> PharmaCodes:
    """Return whether a shipment's handling codes are sound: PIL needs exactly one temperature code."""
    found = tuple(code for code in TEMPERATURE_CODES if code in codes)
    reason: str | None = None
    if len(found) > 1:
        reason = f"{' and '.join(found)}: one range per air waybill"
    elif PHARMA_CODE in codes and not found:
        reason = f"{PHARMA_CODE} needs one of {', '.join(TEMPERATURE_CODES)}"
    return PharmaCodes(
        valid=reason is None,
        codes=found,
        reason=reason,
        articles=(CARGO_ARTICLES["pharma_code"],),
        inputs={"codes": tuple(sorted(codes))},
        working=(reason or f"temperature codes: {', '.join(found) or 'none needed'}",),
    )
