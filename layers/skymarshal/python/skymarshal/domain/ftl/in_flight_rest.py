"""FDP extended by in-flight rest: CS FTL.1.205(c)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, get_args

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile, RestFacility
from skymarshal.domain.ftl.tables import CABIN_IN_FLIGHT_REST
from skymarshal.domain.times import HOUR, ZERO, format_duration, require_non_negative

__all__ = [
    "REST_AT_CONTROL_ON_LANDING",
    "REST_OF_OTHER_PILOTS",
    "AugmentedFdp",
    "CabinInFlightRest",
    "InFlightRestFeasibility",
    "SectorCrew",
    "cabin_in_flight_rest",
    "in_flight_rest_feasible",
    "max_fdp_with_in_flight_rest",
]

REST_OF_OTHER_PILOTS: Final = timedelta(minutes=90)
REST_AT_CONTROL_ON_LANDING: Final = timedelta(hours=2)

_MAX_SECTORS: Final = 3
_MOST_ADDITIONAL: Final = 6
_LONG_SECTOR: Final = timedelta(hours=9)
_LONG_SECTOR_MAX_SECTORS: Final = 2
_MINIMUM_CREW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentedFdp(RuleResult):
    """Maximum FDP of an augmented crew; None where in-flight rest extends nothing, and `reason` says why."""

    allowed: bool
    max_fdp: timedelta | None
    reason: str | None
    minimum_rest_each: timedelta = REST_OF_OTHER_PILOTS
    minimum_rest_at_control_on_landing: timedelta = REST_AT_CONTROL_ON_LANDING
    minimum_rest_at_destination: timedelta = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorCrew:
    """A sector's block time and how many pilots are aboard."""

    block: timedelta
    pilots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlightRestFeasibility(RuleResult):
    """Whether every pilot can take the consecutive rest that the extension asks for."""

    extension_possible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CabinInFlightRest(RuleResult):
    """Minimum in-flight rest of each cabin crew member; None where the facility does not allow the FDP."""

    allowed: bool
    minimum_rest: timedelta | None
    reason: str | None


def max_fdp_with_in_flight_rest(
    *,
    rest_facility: RestFacility,
    additional_pilots: int,
    sectors: int,
    longest_sector: timedelta,
    split_duty: bool = False,
    profile: FtlProfile = EASA,
) -> AugmentedFdp:
    """Return the maximum FDP of pilots with in-flight rest.

    Args:
        rest_facility: Class of the rest facility aboard.
        additional_pilots: Pilots above the minimum crew; more than two count as two.
        sectors: Sectors flown.
        longest_sector: Flight time of the longest; above 9 h with at most two sectors it adds an hour.
        split_duty: Whether a split duty is planned too, which excludes it.
        profile: Authority whose figures apply.

    Raises:
        UnknownCodeError: If the rest facility is not class1, class2 or class3.
        OutOfRangeError: If a count is below zero, or there is no sector.
        NegativeDurationError: If the longest sector is negative.
        NotInProfileError: If the profile has no in-flight rest.
    """
    article = profile.article("in_flight_rest_pilots")
    _require_facility(rest_facility)
    require_non_negative("longest_sector", longest_sector)
    if not 0 <= additional_pilots <= _MOST_ADDITIONAL:
        raise OutOfRangeError("additional_pilots", additional_pilots, f"0 to {_MOST_ADDITIONAL}")
    if sectors < 1:
        raise OutOfRangeError("sectors", sectors, "a whole number from 1")
    reason: str | None = None
    limit: timedelta | None = None
    bonus = ZERO
    if additional_pilots == 0:
        reason = "the crew is not augmented"
    elif sectors > _MAX_SECTORS:
        reason = f"{sectors} sectors; at most {_MAX_SECTORS}"
    elif split_duty:
        reason = "not combined with a split duty"
    else:
        if sectors <= _LONG_SECTOR_MAX_SECTORS and longest_sector > _LONG_SECTOR:
            bonus = HOUR
        limit = profile.in_flight_rest[min(additional_pilots, 2)][rest_facility] + bonus
    return AugmentedFdp(
        allowed=limit is not None,
        max_fdp=limit,
        reason=reason,
        articles=(article,),
        inputs={
            "rest_facility": rest_facility,
            "additional_pilots": additional_pilots,
            "sectors": sectors,
            "longest_sector": longest_sector,
            "split_duty": split_duty,
            "profile": profile.name,
        },
        working=(
            f"not allowed: {reason}"
            if limit is None
            else f"{rest_facility}, +{additional_pilots} pilot(s), {sectors} sector(s): "
            f"{format_duration(limit - bonus)}"
            + (
                f", +1:00 for a sector of {format_duration(longest_sector)}: {format_duration(limit)}"
                if bonus
                else ""
            ),
        ),
    )


def in_flight_rest_feasible(
    sectors: Sequence[SectorCrew], *, outside_cruise: timedelta = ZERO, profile: FtlProfile = EASA
) -> InFlightRestFeasibility:
    """Return whether every pilot can rest in cruise: 2 h for two who land, 90 min for each other.

    Two pilots stay at the controls, so a sector with n pilots lets n - 2 rest at once. Sectors with the
    minimum crew may come before; the rest then has to fit in the augmented ones.

    Args:
        sectors: The FDP's sectors in order.
        outside_cruise: Part of each block time in which nobody rests (taxi, climb, descent).
        profile: Authority whose figures apply.

    Raises:
        OutOfRangeError: If there is no sector or one has fewer than two pilots.
        NegativeDurationError: If a block time or `outside_cruise` is negative.
    """
    if not sectors:
        raise OutOfRangeError("sectors", 0, "at least one sector")
    require_non_negative("outside_cruise", outside_cruise)
    free: list[timedelta] = []
    for sector in sectors:
        require_non_negative("block", sector.block)
        if sector.pilots < _MINIMUM_CREW:
            raise OutOfRangeError("pilots", sector.pilots, f"at least {_MINIMUM_CREW}")
        cruise = max(sector.block - outside_cruise, ZERO)
        free.extend([cruise] * (sector.pilots - _MINIMUM_CREW))
    pilots = max(sector.pilots for sector in sectors)
    needed = [REST_AT_CONTROL_ON_LANDING] * _MINIMUM_CREW + [REST_OF_OTHER_PILOTS] * (pilots - _MINIMUM_CREW)
    possible = len(sectors) <= _MAX_SECTORS and pilots > _MINIMUM_CREW and _fits(needed, free)
    total = sum(needed, ZERO)
    return InFlightRestFeasibility(
        extension_possible=possible,
        articles=(profile.article("in_flight_rest_pilots"),),
        inputs={"sectors": tuple(sectors), "outside_cruise": outside_cruise, "profile": profile.name},
        working=(
            f"{pilots} pilots need {format_duration(total)} of consecutive rest in cruise; "
            f"sectors offer {', '.join(format_duration(slot) for slot in free) or 'none'}: "
            + ("fits" if possible else "does not fit"),
        ),
    )


def cabin_in_flight_rest(
    *,
    extended_fdp: timedelta,
    rest_facility: RestFacility,
    sectors: int = 1,
    profile: FtlProfile = EASA,
) -> CabinInFlightRest:
    """Return the minimum in-flight rest of each cabin crew member for an extended FDP.

    Raises:
        UnknownCodeError: If the rest facility is not class1, class2 or class3.
        NegativeDurationError: If the FDP is negative.
    """
    article = profile.article("in_flight_rest_cabin")
    _require_facility(rest_facility)
    require_non_negative("max_extended_fdp", extended_fdp)
    column = get_args(RestFacility).index(rest_facility)
    reason: str | None = None
    rest: timedelta | None = None
    row = next((cells for upper, cells in CABIN_IN_FLIGHT_REST if extended_fdp <= upper), None)
    if sectors > _MAX_SECTORS:
        reason = f"{sectors} sectors; at most {_MAX_SECTORS}"
    elif row is None:
        reason = "no FDP may exceed 18:00"
    else:
        rest = row[column]
        if rest is None:
            reason = f"{rest_facility} does not allow an FDP of {format_duration(extended_fdp)}"
    return CabinInFlightRest(
        allowed=rest is not None,
        minimum_rest=rest,
        reason=reason,
        articles=(article,),
        inputs={
            "extended_fdp": extended_fdp,
            "rest_facility": rest_facility,
            "sectors": sectors,
            "profile": profile.name,
        },
        working=(
            f"not allowed: {reason}"
            if rest is None
            else f"FDP {format_duration(extended_fdp)}, {rest_facility}: {format_duration(rest)}",
        ),
    )


def _fits(needed: list[timedelta], free: list[timedelta]) -> bool:
    """Return whether each needed rest fits whole into one of the free stretches (longest first)."""
    left = list(free)
    for rest in sorted(needed, reverse=True):
        fitting = [index for index, slot in enumerate(left) if slot >= rest]
        if not fitting:
            return False
        tightest = min(fitting, key=lambda index: left[index])
        left[tightest] -= rest
    return True


def _require_facility(rest_facility: str) -> None:
    if rest_facility not in get_args(RestFacility):
        raise UnknownCodeError("rest_facility", rest_facility, get_args(RestFacility))
