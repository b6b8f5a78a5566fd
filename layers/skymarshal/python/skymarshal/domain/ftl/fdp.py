"""Maximum daily flight duty period: basic, in an unknown state, with a planned extension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import MissingInputError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.ftl.acclimatisation import AcclimatisationCode, reference_time
from skymarshal.domain.ftl.profiles import EASA, FtlProfile, NotInProfileError
from skymarshal.domain.ftl.tables import FdpBand
from skymarshal.domain.times import format_duration

__all__ = [
    "MAX_EXTENSIONS_IN_7_DAYS",
    "CrewState",
    "ExtendedFdp",
    "MaxFdp",
    "max_fdp",
    "max_fdp_duration",
    "max_fdp_for_report",
    "planned_extension",
    "planned_extension_duration",
]

CrewState = Literal["acclimatised", "unknown"]

MAX_EXTENSIONS_IN_7_DAYS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxFdp(RuleResult):
    """Maximum basic daily FDP. `reference_clock` is None in an unknown state, `code` when it was given."""

    max_fdp: timedelta
    state: CrewState
    reference_clock: time | None
    sectors: int
    profile: str
    code: AcclimatisationCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedFdp(RuleResult):
    """Maximum FDP with a planned extension without in-flight rest.

    `max_fdp` is None where no extension is allowed and `reason` says why. `rest_options` are the rest
    that goes with it: what is added before, and after, either pair.
    """

    allowed: bool
    max_fdp: timedelta | None
    reason: str | None
    rest_options: tuple[tuple[timedelta, timedelta], ...] = (
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(0), timedelta(hours=4)),
    )


@lru_cache(maxsize=4096)
def max_fdp_duration(
    state: CrewState, clock: time | None, sectors: int, frm: bool = False, profile: FtlProfile = EASA
) -> timedelta:
    """Return the maximum basic FDP alone; `max_fdp` gives the same with its articles.

    Raises:
        OutOfRangeError: If the table has no column for the number of sectors.
        MissingInputError: If the crew member is acclimatised and `clock` is None.
    """
    if state == "unknown":
        row = profile.unknown_state_frm if frm else profile.unknown_state
        if row is not None:
            return row[_column(sectors, len(row), open_ended=profile.last_column_open)]
        if frm:
            raise NotInProfileError("unknown_state_frm", profile.name)
    elif state != "acclimatised":
        raise UnknownCodeError("state", state, ("acclimatised", "unknown"))
    if clock is None:
        raise MissingInputError("report_ref_time", "the report time on the reference clock")
    band = next(band for band in profile.bands if band.contains(clock))
    limit = band.limits[_column(sectors, len(band.limits), open_ended=profile.last_column_open)]
    if limit is None:
        raise OutOfRangeError("sectors", sectors, "a number of sectors that the table allows")
    return limit - profile.unknown_state_reduction if state == "unknown" else limit


def max_fdp(
    *,
    sectors: int,
    state: CrewState = "acclimatised",
    reference_clock: time | None = None,
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> MaxFdp:
    """Return the maximum basic daily FDP by ORO.FTL.205(b).

    Args:
        sectors: Sectors flown as operating crew; positioning is none.
        state: `acclimatised` reads Table 2, `unknown` Table 3, or Table 4 under `frm`.
        reference_clock: Report time on the reference clock; not needed in an unknown state.
        frm: Whether the operator has fatigue risk management; counts only in an unknown state.
        profile: Authority whose figures apply.

    Raises:
        OutOfRangeError: If the table has no column for the number of sectors.
        MissingInputError: If acclimatised and without a report time.
    """
    limit = max_fdp_duration(state, reference_clock, sectors, frm, profile)
    if state == "acclimatised":
        article = profile.article("max_fdp")
        where = f"start {reference_clock:%H:%M}"
    else:
        article = profile.article("unknown_state_frm" if frm else "unknown_state")
        where = "unknown state"
    return MaxFdp(
        max_fdp=limit,
        state=state,
        reference_clock=reference_clock if state == "acclimatised" else None,
        sectors=sectors,
        profile=profile.name,
        articles=(article,),
        inputs={
            "state": state,
            "reference_clock": reference_clock,
            "sectors": sectors,
            "frm": frm,
            "profile": profile.name,
        },
        working=(f"{article.article}: {where}, {sectors} sector(s): {format_duration(limit)}",),
    )


def max_fdp_for_report(
    report: datetime,
    *,
    acclimatised_zone: str,
    report_zone: str,
    elapsed: timedelta,
    sectors: int,
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> MaxFdp:
    """Return the maximum basic daily FDP for an instant of reporting and the roster before it.

    Arguments as for `reference_time` and `max_fdp`.

    Raises:
        NaiveDatetimeError: If `report` has no offset.
        UnknownTimeZoneError: If a zone is not an IANA zone.
        NegativeDurationError: If `elapsed` is negative.
        OutOfRangeError: If the table has no column for the number of sectors.
    """
    reference = reference_time(
        report,
        acclimatised_zone=acclimatised_zone,
        report_zone=report_zone,
        elapsed=elapsed,
        profile=profile,
    )
    state: CrewState = "unknown" if reference.state == "X" else "acclimatised"
    basic = max_fdp(sectors=sectors, state=state, reference_clock=reference.clock, frm=frm, profile=profile)
    return MaxFdp(
        max_fdp=basic.max_fdp,
        state=state,
        reference_clock=basic.reference_clock,
        sectors=sectors,
        profile=profile.name,
        code=reference.state,
        articles=(*reference.articles, *basic.articles),
        inputs={**reference.inputs, **basic.inputs},
        working=(*reference.working, *basic.working),
    )


@lru_cache(maxsize=4096)
def planned_extension_duration(clock: time, sectors: int, profile: FtlProfile = EASA) -> timedelta | None:
    """Return the maximum FDP with a planned extension, or None where the table allows none."""
    _column(sectors, 10, open_ended=profile.last_column_open)
    band: FdpBand | None = next((band for band in profile.extensions if band.contains(clock)), None)
    if band is None or sectors > len(band.limits):
        return None
    return band.limits[sectors - 1]


def planned_extension(
    *,
    reference_clock: time,
    sectors: int,
    state: CrewState = "acclimatised",
    used_in_last_7_days: int = 0,
    in_flight_rest: bool = False,
    split_duty: bool = False,
    profile: FtlProfile = EASA,
) -> ExtendedFdp:
    """Return the maximum FDP with an extension planned ahead: ORO.FTL.205(d), CS FTL.1.205(b).

    The table already holds the limits on sectors by how far the FDP runs into the window of circadian low.

    Args:
        reference_clock: Report time on the reference clock.
        sectors: Sectors flown as operating crew.
        state: Only an acclimatised crew member may be extended.
        used_in_last_7_days: Planned extensions already used in the 7 consecutive days.
        in_flight_rest: Whether in-flight rest already extends the FDP.
        split_duty: Whether a split duty already extends it.
        profile: Authority whose figures apply.

    Raises:
        OutOfRangeError: If the number of sectors or of extensions used is impossible.
        NotInProfileError: If the profile has no planned extension.
    """
    articles = (profile.article("planned_extension_table"), profile.article("planned_extension"))
    if used_in_last_7_days < 0:
        raise OutOfRangeError("extensions_used_last_7_days", used_in_last_7_days, "zero or more")
    limit = planned_extension_duration(reference_clock, sectors, profile)
    reason: str | None = None
    if state != "acclimatised":
        reason = "only an acclimatised crew member may be extended"
    elif in_flight_rest:
        reason = "not combined with in-flight rest"
    elif split_duty:
        reason = "not combined with a split duty"
    elif used_in_last_7_days >= MAX_EXTENSIONS_IN_7_DAYS:
        reason = f"{used_in_last_7_days} extensions already used in 7 consecutive days"
    elif limit is None:
        reason = f"the table allows none for a start at {reference_clock:%H:%M} with {sectors} sector(s)"
    if reason is not None:
        limit = None
    return ExtendedFdp(
        allowed=limit is not None,
        max_fdp=limit,
        reason=reason,
        articles=articles,
        inputs={
            "state": state,
            "reference_clock": reference_clock,
            "sectors": sectors,
            "extensions_used_last_7_days": used_in_last_7_days,
            "in_flight_rest": in_flight_rest,
            "split_duty": split_duty,
            "profile": profile.name,
        },
        working=(
            f"not allowed: {reason}"
            if limit is None
            else f"start {reference_clock:%H:%M}, {sectors} sector(s): {format_duration(limit)}, "
            "with 2 h more rest before and after, or 4 h more after",
        ),
    )


def _column(sectors: int, columns: int, *, open_ended: bool) -> int:
    if sectors < 1 or (sectors > columns and not open_ended):
        raise OutOfRangeError("sectors", sectors, f"a whole number from 1 to {columns}")
    return min(sectors, columns) - 1
