"""Split duty: ORO.FTL.220, CS FTL.1.220."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import ZERO, format_duration, require_non_negative

__all__ = ["BreakFacility", "SplitBreak", "SplitDuty", "split_duty"]

BreakFacility = Literal["none", "accommodation", "suitable"]

_MINIMUM_BREAK: Final = timedelta(hours=3)
_COUNTED_WITHOUT_ROOM: Final = timedelta(hours=6)
_MINIMUM_OFFSET: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBreak:
    """A break on the ground as it is planned; see `split_duty`."""

    start: datetime
    end: datetime
    duties_and_travel: timedelta
    facility: BreakFacility


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDuty(RuleResult):
    """Maximum FDP with a break on the ground.

    Attributes:
        allowed: Whether the break extends the FDP; None if a needed fact is unknown.
        max_fdp: Maximum FDP: the basic one where the break extends nothing, None if unknown.
        extension: What the break adds.
        net_break: The break less post-flight and pre-flight duties and travel.
        counted_break: How much of it counts.
        suitable_accommodation_required: Whether all of the break would count only with a room of one's own.
        reason: Why the break extends nothing.
    """

    allowed: bool | None
    max_fdp: timedelta | None
    extension: timedelta | None
    net_break: timedelta
    counted_break: timedelta | None
    suitable_accommodation_required: bool
    reason: str | None


def split_duty(
    *,
    basic_max_fdp: timedelta,
    ground_break: timedelta,
    duties_and_travel: timedelta,
    facility: BreakFacility,
    wocl_overlap: timedelta | None,
    breaks: int = 1,
    after_reduced_rest: bool = False,
    in_flight_rest: bool = False,
    profile: FtlProfile = EASA,
) -> SplitDuty:
    """Return the maximum FDP with a split duty.

    Half of the break counts once post-flight and pre-flight duties and travel are taken off. With a break of
    6 h or more, or one that runs into the window of circadian low, only a room of one's own lets all of it
    count; otherwise the part over 6 h and the part in the window do not.

    Args:
        basic_max_fdp: Maximum by ORO.FTL.205(b).
        ground_break: Break between the two parts of the FDP, from block on to block off.
        duties_and_travel: Post-flight and pre-flight duties and travel within it, at least 30 minutes.
        facility: `suitable` is a room of one's own, `accommodation` a quiet place.
        wocl_overlap: How much of the break lies in the window of circadian low; None if unknown.
        breaks: Breaks in the FDP; only one may extend it.
        after_reduced_rest: Whether the FDP follows a reduced rest.
        in_flight_rest: Whether in-flight rest extends the FDP.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
        OutOfRangeError: If `duties_and_travel` is below 30 minutes, or `breaks` below one.
        UnknownCodeError: If `facility` is not in its list.
    """
    article = profile.article("split_duty")
    for name, duration in (
        ("basic_max_fdp", basic_max_fdp),
        ("ground_break", ground_break),
        ("post_pre_flight_and_travel", duties_and_travel),
        ("wocl_overlap", wocl_overlap or ZERO),
    ):
        require_non_negative(name, duration)
    if duties_and_travel < _MINIMUM_OFFSET:
        raise OutOfRangeError(
            "post_pre_flight_and_travel", format_duration(duties_and_travel), "0:30 or more"
        )
    if breaks < 1:
        raise OutOfRangeError("breaks", breaks, "1 or more")
    if facility not in get_args(BreakFacility):
        raise UnknownCodeError("accommodation", facility, get_args(BreakFacility))
    net = max(ground_break - duties_and_travel, ZERO)
    in_window = wocl_overlap is None or wocl_overlap > ZERO
    reason: str | None = None
    if breaks > 1:
        reason = "only one break may extend an FDP"
    elif after_reduced_rest:
        reason = "not after a reduced rest"
    elif in_flight_rest:
        reason = "not combined with in-flight rest"
    elif facility == "none":
        reason = "no accommodation"
    elif net < _MINIMUM_BREAK:
        reason = f"net break {format_duration(net)} is below 3:00"
    counted: timedelta | None
    if reason is not None:
        counted = ZERO
    elif facility == "suitable":
        counted = net
    elif wocl_overlap is None:
        counted = None
    else:
        counted = max(min(net, _COUNTED_WITHOUT_ROOM) - wocl_overlap, ZERO)
    extension = None if counted is None else counted / 2
    return SplitDuty(
        allowed=None if counted is None else reason is None,
        max_fdp=None if extension is None else basic_max_fdp + extension,
        extension=extension,
        net_break=net,
        counted_break=counted,
        suitable_accommodation_required=net >= _COUNTED_WITHOUT_ROOM or in_window,
        reason=reason,
        articles=(article,),
        inputs={
            "basic_max_fdp": basic_max_fdp,
            "ground_break": ground_break,
            "post_pre_flight_and_travel": duties_and_travel,
            "accommodation": facility,
            "wocl_overlap": wocl_overlap,
            "breaks": breaks,
            "after_reduced_rest": after_reduced_rest,
            "in_flight_rest": in_flight_rest,
            "profile": profile.name,
        },
        working=(
            f"break {format_duration(ground_break)} less {format_duration(duties_and_travel)}: "
            f"net {format_duration(net)}",
            f"no extension: {reason}"
            if reason is not None
            else "how much of the break counts is unknown without its part in the window of circadian low"
            if extension is None or counted is None
            else f"{format_duration(counted)} counts, half of it: {format_duration(basic_max_fdp)} + "
            f"{format_duration(extension)} = {format_duration(basic_max_fdp + extension)}",
        ),
        unknowns=("wocl_overlap",) if counted is None else (),
    )
