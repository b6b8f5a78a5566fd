"""State of acclimatisation and reference time: ORO.FTL.105(1), (2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import (
    ZERO,
    clock_difference,
    format_duration,
    local_time,
    require_non_negative,
)

__all__ = [
    "AcclimatisationCode",
    "AcclimatisationState",
    "ReferenceTime",
    "RotationLeg",
    "RotationState",
    "acclimatisation_code",
    "acclimatisation_state",
    "reference_clock",
    "reference_time",
    "state_after_rotation",
]

AcclimatisationCode = Literal["B", "D", "X"]

_BAND: Final = timedelta(hours=2)
_CLOCK_RANGE: Final = timedelta(hours=26)
_ELAPSED: Final = tuple(timedelta(hours=value) for value in (48, 72, 96, 120))
_DIAL: Final = timedelta(hours=24)
_LONGEST_JOURNEY: Final = timedelta(hours=20)
"""From reporting at reference time to the end of the longest duty that can follow."""
_NIGHT_MISSED: Final = timedelta(hours=6)
"""What a stay has to exceed whole days by, since it may begin too late for the first night."""
_FOUR: Final = timedelta(hours=4)
_SIX: Final = timedelta(hours=6)
_NINE: Final = timedelta(hours=9)
_BELOW_FOUR: Final[tuple[AcclimatisationCode, ...]] = ("B", "D", "D", "D", "D")
_TO_SIX: Final[tuple[AcclimatisationCode, ...]] = ("B", "X", "D", "D", "D")
_TO_NINE: Final[tuple[AcclimatisationCode, ...]] = ("B", "X", "X", "D", "D")
_TO_TWELVE: Final[tuple[AcclimatisationCode, ...]] = ("B", "X", "X", "X", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcclimatisationState(RuleResult):
    """State by Table 1: B to the departure zone, D to the zone of the next duty, X unknown."""

    state: AcclimatisationCode
    time_difference: timedelta
    elapsed: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTime(RuleResult):
    """Which clock an FDP is read on.

    `zone` and `clock` are None in an unknown state: Tables 3 and 4 have no time of day.
    """

    state: AcclimatisationCode
    zone: str | None
    clock: time | None
    time_difference: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationLeg:
    """One FDP of a rotation: its step in local time, whether rest follows, time since reporting if known."""

    step: timedelta
    rest_after: bool
    elapsed: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationState(RuleResult):
    """State after a rotation.

    `reference_place` counts the places from 0, where the rotation started; None if the state is unknown
    or cannot be told without the time elapsed.
    """

    state: AcclimatisationCode | None
    acclimatised: bool | None
    reference_place: int | None


def acclimatisation_code(
    difference: timedelta, elapsed: timedelta, profile: FtlProfile = EASA
) -> AcclimatisationCode:
    """Return the state for a difference on the clock and the time elapsed since reporting at reference time.

    Where local nights decide, as many as the time elapsed holds for certain count, and until then the state
    is unknown; elsewhere Table 1 decides. A rested crew member stays acclimatised within two hours of the
    reference time, so a difference of up to two hours is D whatever the time elapsed. A difference beyond
    12 h is the shorter way round the dial.

    Raises:
        NegativeDurationError: If `elapsed` is negative.
        OutOfRangeError: If the difference is more than any two places on Earth have.
    """
    require_non_negative("elapsed", elapsed)
    gap = abs(difference)
    if gap > _CLOCK_RANGE:
        raise OutOfRangeError(
            "time_difference", format_duration(difference), "at most 26:00 between two places"
        )
    gap %= _DIAL
    gap = min(gap, _DIAL - gap)
    if gap <= _BAND:
        return "D"
    if profile.acclimatised_after_nights is not None:
        return "D" if _certain_nights(elapsed) >= profile.acclimatised_after_nights else "X"
    if gap < _FOUR:
        row = _BELOW_FOUR
    elif gap <= _SIX:
        row = _TO_SIX
    else:
        row = _TO_NINE if gap <= _NINE else _TO_TWELVE
    return row[sum(elapsed >= bound for bound in _ELAPSED)]


def _certain_nights(elapsed: timedelta) -> int:
    """Return how many local nights there were at the place, whenever the flight there ended."""
    return max((elapsed - _LONGEST_JOURNEY - _NIGHT_MISSED) // _DIAL, 0)


def acclimatisation_state(
    difference: timedelta, elapsed: timedelta, *, profile: FtlProfile = EASA
) -> AcclimatisationState:
    """Return the state of acclimatisation by ORO.FTL.105(1) Table 1.

    Args:
        difference: Between reference time and local time where the next duty starts; the sign is ignored.
        elapsed: Time since reporting at reference time.
        profile: Authority whose rules apply.

    Raises:
        NegativeDurationError: If `elapsed` is negative.
        OutOfRangeError: If the difference is more than 26 h.
    """
    code = acclimatisation_code(difference, elapsed, profile)
    meaning = {
        "B": "acclimatised to the local time of the departure zone",
        "D": "acclimatised to the local time where the next duty starts",
        "X": "in an unknown state of acclimatisation",
    }[code]
    return AcclimatisationState(
        state=code,
        time_difference=abs(difference),
        elapsed=elapsed,
        articles=(profile.article("acclimatisation"),),
        inputs={"time_difference": abs(difference), "elapsed": elapsed, "profile": profile.name},
        working=(
            f"difference {format_duration(abs(difference))}, {format_duration(elapsed)} since reporting: "
            f"{code}, {meaning}",
        ),
    )


def reference_clock(
    report: datetime,
    acclimatised_zone: str,
    report_zone: str,
    elapsed: timedelta,
    profile: FtlProfile = EASA,
) -> tuple[AcclimatisationCode, time | None, timedelta]:
    """Return state, report time on the reference clock and difference; `reference_time` adds its articles."""
    at_place = local_time("report", report, report_zone)
    if acclimatised_zone == report_zone:
        require_non_negative("elapsed", elapsed)
        return "D", at_place.time(), ZERO
    at_reference = local_time("report", report, acclimatised_zone)
    difference = clock_difference(at_place, at_reference)
    code = acclimatisation_code(difference, elapsed, profile)
    if code == "X":
        # Where the table has no row for it, it is read at the place last acclimatised to (117.13(b)(2)).
        return code, at_reference.time() if profile.unknown_state is None else None, difference
    return code, (at_reference if code == "B" else at_place).time(), difference


def reference_time(
    report: datetime,
    *,
    acclimatised_zone: str,
    report_zone: str,
    elapsed: timedelta,
    profile: FtlProfile = EASA,
) -> ReferenceTime:
    """Return the reference clock for an FDP that starts at `report`.

    The difference between the two zones is taken at `report`, so that daylight saving counts on its day.

    Args:
        report: When the FDP starts.
        acclimatised_zone: IANA zone the crew member was last acclimatised to.
        report_zone: IANA zone of the reporting point.
        elapsed: Time since the crew member reported at reference time.
        profile: Authority whose rules apply.

    Raises:
        NaiveDatetimeError: If `report` has no offset.
        UnknownTimeZoneError: If a zone is not an IANA zone.
        NegativeDurationError: If `elapsed` is negative.
    """
    code, clock, difference = reference_clock(report, acclimatised_zone, report_zone, elapsed, profile)
    zone = {"B": acclimatised_zone, "D": report_zone, "X": None}[code]
    read_on = "no clock: the state is unknown" if clock is None else f"{clock:%H:%M} in {zone}"
    return ReferenceTime(
        state=code,
        zone=zone,
        clock=clock,
        time_difference=difference,
        articles=(profile.article("acclimatisation"),),
        inputs={
            "report": report,
            "acclimatised_zone": acclimatised_zone,
            "report_zone": report_zone,
            "elapsed": elapsed,
            "profile": profile.name,
        },
        working=(
            f"{acclimatised_zone} and {report_zone} differ by {format_duration(difference)} at report; "
            f"{format_duration(elapsed)} since reporting at reference time: {code}",
            f"reference time {read_on}",
        ),
    )


def state_after_rotation(legs: Sequence[RotationLeg], *, profile: FtlProfile = EASA) -> RotationState:
    """Return the state at the next duty after a rotation that started acclimatised.

    A step of up to two hours followed by rest carries the acclimatisation along; a larger one goes to
    Table 1, which needs the time elapsed since reporting at the reference place.

    Raises:
        OutOfRangeError: If there is no leg.
    """
    if not legs:
        raise OutOfRangeError("legs", 0, "at least one leg")
    offset = ZERO
    reference = 0
    code: AcclimatisationCode | None = "D"
    working: list[str] = []
    unknowns: list[str] = []
    for number, leg in enumerate(legs, start=1):
        offset += leg.step
        if abs(offset) <= _BAND:
            code = "D"
            unknowns.clear()
            if leg.rest_after:
                reference, offset = number, ZERO
                working.append(f"place {number}: within 2 h and rested, acclimatised there")
            else:
                working.append(f"place {number}: within 2 h without rest, still on place {reference}")
            continue
        if leg.elapsed is None:
            code = None
            unknowns = [f"elapsed at place {number}"]
            working.append(
                f"place {number}: {format_duration(abs(offset))} off place {reference}, time elapsed unknown"
            )
            continue
        unknowns.clear()
        code = acclimatisation_code(offset, leg.elapsed, profile)
        working.append(f"place {number}: {format_duration(abs(offset))} off place {reference}: {code}")
        if code == "D":
            reference, offset = number, ZERO
    return RotationState(
        state=code,
        acclimatised=None if code is None else code != "X",
        reference_place=None if code in (None, "X") else reference,
        articles=(profile.article("acclimatisation"),),
        inputs={"legs": tuple(legs), "profile": profile.name},
        working=tuple(working),
        unknowns=tuple(unknowns),
    )
