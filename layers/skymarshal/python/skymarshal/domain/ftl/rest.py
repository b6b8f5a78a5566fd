"""Rest between duties: ORO.FTL.235(a) to (c), CS FTL.1.235(b), (c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.ftl.tables import TIME_ZONE_NIGHTS
from skymarshal.domain.times import ZERO, format_duration, require_non_negative

__all__ = [
    "SLEEP_OPPORTUNITY",
    "MinimumRest",
    "ReducedRest",
    "RestPlace",
    "TimeZoneNights",
    "minimum_rest",
    "minimum_rest_duration",
    "reduced_rest",
    "time_zone_nights",
    "transition_nights",
]

RestPlace = Literal["home", "away"]

SLEEP_OPPORTUNITY: Final = timedelta(hours=8)

_TIME_ZONE_THRESHOLD: Final = timedelta(hours=4)
_LONG_REST: Final = timedelta(hours=14)
_REDUCED_FLOOR: Final = {"home": timedelta(hours=12), "away": timedelta(hours=10)}
_REDUCED_PER_CYCLE: Final = 2
_TRANSITION_NIGHTS: Final = 3
_DISRUPTIVE_TRANSITION_NIGHTS: Final = 1
_DIFFERENCES: Final = (timedelta(hours=6), timedelta(hours=9), timedelta(hours=12))
_ELAPSED: Final = (timedelta(hours=48), timedelta(hours=72), timedelta(hours=96))


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumRest(RuleResult):
    """Minimum rest before the next FDP. `sleep_opportunity` is None where the rule asks for none."""

    minimum_rest: timedelta
    sleep_opportunity: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedRest(RuleResult):
    """Whether a reduced rest is allowed and what it costs afterwards."""

    allowed: bool
    floor: timedelta
    reduction: timedelta
    next_rest_increase: timedelta
    next_fdp_reduction: timedelta
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeZoneNights(RuleResult):
    """Local nights of rest at home base; `applicable` is False below 4 h of difference."""

    applicable: bool
    local_nights: int


def minimum_rest_duration(
    place: RestPlace,
    preceding_duty: timedelta,
    *,
    operator_accommodation: bool = False,
    time_difference: timedelta = ZERO,
    in_flight_rest: bool = False,
    extension_rest: timedelta = ZERO,
    profile: FtlProfile = EASA,
) -> timedelta:
    """Return the minimum rest alone; `minimum_rest` gives the same with its articles."""
    as_away = place == "away" or operator_accommodation
    floor = profile.minimum_rest_away if as_away else profile.minimum_rest_home
    if profile.rest_covers_duty:
        floor = max(floor, preceding_duty)
    if in_flight_rest or (place == "away" and time_difference >= _TIME_ZONE_THRESHOLD):
        floor = max(floor, _LONG_REST)
    return floor + extension_rest


def minimum_rest(
    *,
    place: RestPlace,
    preceding_duty: timedelta,
    operator_accommodation: bool = False,
    time_difference: timedelta = ZERO,
    in_flight_rest: bool = False,
    extension_rest: timedelta = ZERO,
    profile: FtlProfile = EASA,
) -> MinimumRest:
    """Return the minimum rest before an FDP that starts at `place`.

    Args:
        place: `home` or `away` from home base.
        preceding_duty: Length of the duty before the rest.
        operator_accommodation: Whether the operator provides suitable accommodation at home base.
        time_difference: Between start and end of the preceding FDP, on the clock; the sign is ignored.
        in_flight_rest: Whether in-flight rest extended the preceding FDP.
        extension_rest: What a planned extension adds to this rest: 2 h or 4 h.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
        UnknownCodeError: If `place` is not in its list.
    """
    if place not in ("home", "away"):
        raise UnknownCodeError("place", place, ("home", "away"))
    require_non_negative("preceding_duty", preceding_duty)
    require_non_negative("extension_rest", extension_rest)
    difference = abs(time_difference)
    rest = minimum_rest_duration(
        place,
        preceding_duty,
        operator_accommodation=operator_accommodation,
        time_difference=difference,
        in_flight_rest=in_flight_rest,
        extension_rest=extension_rest,
        profile=profile,
    )
    as_away = place == "away" or operator_accommodation
    articles = [profile.article("rest_away" if place == "away" else "rest_home")]
    working = [
        f"{place}{', in accommodation of the operator' if operator_accommodation else ''}: "
        f"preceding duty {format_duration(preceding_duty)}, floor "
        f"{format_duration(profile.minimum_rest_away if as_away else profile.minimum_rest_home)}"
    ]
    if place == "home" and operator_accommodation:
        articles.append(profile.article("rest_away"))
    if place == "away" and difference >= _TIME_ZONE_THRESHOLD:
        articles.append(profile.article("rest_time_zones"))
        working.append(f"time difference {format_duration(difference)}: at least 14:00")
    if in_flight_rest:
        articles.append(profile.article("in_flight_rest_pilots"))
        working.append("after in-flight rest: at least 14:00")
    if extension_rest > ZERO:
        articles.append(profile.article("planned_extension"))
        working.append(f"after a planned extension: +{format_duration(extension_rest)}")
    working.append(f"minimum rest {format_duration(rest)}")
    return MinimumRest(
        minimum_rest=rest,
        sleep_opportunity=SLEEP_OPPORTUNITY if as_away else None,
        articles=tuple(articles),
        inputs={
            "place": place,
            "preceding_duty": preceding_duty,
            "operator_accommodation": operator_accommodation,
            "time_difference": difference,
            "in_flight_rest": in_flight_rest,
            "extension_rest": extension_rest,
            "profile": profile.name,
        },
        working=tuple(working),
    )


def reduced_rest(
    *,
    place: RestPlace,
    planned_rest: timedelta,
    required_rest: timedelta,
    used_since_recovery: int = 0,
    frm: bool = True,
    profile: FtlProfile = EASA,
) -> ReducedRest:
    """Return whether a rest may be reduced to `planned_rest` and what follows from it.

    Args:
        place: `home` or `away` from home base.
        planned_rest: The reduced rest.
        required_rest: Minimum without reduction.
        used_since_recovery: Reduced rests since the last recovery rest; two are allowed.
        frm: Whether the operator has fatigue risk management, without which no rest is reduced.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
        UnknownCodeError: If `place` is not in its list.
        OutOfRangeError: If `used_since_recovery` is negative.
    """
    article = profile.article("reduced_rest")
    if place not in _REDUCED_FLOOR:
        raise UnknownCodeError("place", place, _REDUCED_FLOOR)
    require_non_negative("planned_rest", planned_rest)
    require_non_negative("required_rest", required_rest)
    if used_since_recovery < 0:
        raise OutOfRangeError("used_since_recovery", used_since_recovery, "zero or more")
    floor = _REDUCED_FLOOR[place]
    reduction = max(required_rest - planned_rest, ZERO)
    reason: str | None = None
    if reduction > ZERO and not frm:
        reason = "the operator has no fatigue risk management"
    elif planned_rest < floor and reduction > ZERO:
        reason = f"{format_duration(planned_rest)} is below {format_duration(floor)}"
    elif reduction > ZERO and used_since_recovery >= _REDUCED_PER_CYCLE:
        reason = f"{used_since_recovery} reduced rests since the last recovery rest"
    return ReducedRest(
        allowed=reason is None,
        floor=floor,
        reduction=reduction,
        next_rest_increase=reduction,
        next_fdp_reduction=reduction,
        reason=reason,
        articles=(article,),
        inputs={
            "place": place,
            "planned_rest": planned_rest,
            "required_rest": required_rest,
            "used_since_recovery": used_since_recovery,
            "frm": frm,
            "profile": profile.name,
        },
        working=(
            f"{format_duration(required_rest)} reduced by {format_duration(reduction)}, floor "
            f"{format_duration(floor)}: " + (f"not allowed, {reason}" if reason else "allowed"),
            f"next rest +{format_duration(reduction)}, next FDP -{format_duration(reduction)}",
        ),
    )


def time_zone_nights(
    *, time_difference: timedelta, elapsed: timedelta, profile: FtlProfile = EASA
) -> TimeZoneNights:
    """Return the local nights of rest at home base after a rotation across time zones.

    Args:
        time_difference: Largest between the reference time and a place of rest in the rotation.
        elapsed: Since reporting for the first FDP of the rotation.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If `elapsed` is negative.
        OutOfRangeError: If the difference exceeds 12 h.
    """
    article = profile.article("time_zone_nights")
    require_non_negative("elapsed", elapsed)
    difference = abs(time_difference)
    if difference > _DIFFERENCES[-1]:
        raise OutOfRangeError("time_difference", format_duration(difference), "at most 12:00 on the clock")
    applicable = difference >= _TIME_ZONE_THRESHOLD
    nights = 0
    if applicable:
        row = sum(difference > bound for bound in _DIFFERENCES)
        column = sum(elapsed >= bound for bound in _ELAPSED)
        nights = TIME_ZONE_NIGHTS[row][column]
    return TimeZoneNights(
        applicable=applicable,
        local_nights=nights,
        articles=(article,),
        inputs={"time_difference": difference, "elapsed": elapsed, "profile": profile.name},
        working=(
            f"difference {format_duration(difference)}, {format_duration(elapsed)} since reporting: "
            + (f"{nights} local nights" if applicable else "below 4 h, none"),
        ),
    )


def transition_nights(
    *, opposite_directions: bool, late_or_night_to_early: bool, profile: FtlProfile = EASA
) -> TimeZoneNights:
    """Return the local nights between duties that a change of rhythm asks for at home base.

    Args:
        opposite_directions: An eastward rotation follows a westward one, or the reverse.
        late_or_night_to_early: An early start follows a late finish or a night duty.
        profile: Authority whose figures apply.
    """
    nights = max(
        _TRANSITION_NIGHTS if opposite_directions else 0,
        _DISRUPTIVE_TRANSITION_NIGHTS if late_or_night_to_early else 0,
    )
    topics = []
    if opposite_directions:
        topics.append(profile.article("time_zone_transition"))
    if late_or_night_to_early:
        topics.append(profile.article("disruptive_transition"))
    return TimeZoneNights(
        applicable=nights > 0,
        local_nights=nights,
        articles=tuple(topics) or (profile.article("time_zone_transition"),),
        inputs={
            "opposite_directions": opposite_directions,
            "late_or_night_to_early": late_or_night_to_early,
            "profile": profile.name,
        },
        working=(f"{nights} local night(s) between the duties",),
    )
