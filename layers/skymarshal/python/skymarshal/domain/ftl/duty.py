"""One crew member's duty and its limits: latest off-blocks, rest and cumulative margins in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.acclimatisation import AcclimatisationCode, reference_clock
from skymarshal.domain.ftl.cumulative import CumulativeCheck, check_cumulative, is_duty_window
from skymarshal.domain.ftl.fdp import (
    MAX_EXTENSIONS_IN_7_DAYS,
    CrewState,
    max_fdp_duration,
    planned_extension_duration,
)
from skymarshal.domain.ftl.in_flight_rest import max_fdp_with_in_flight_rest
from skymarshal.domain.ftl.profiles import EASA, CumulativeWindow, FtlProfile, RestFacility
from skymarshal.domain.ftl.recovery_rest import wocl_encroachment
from skymarshal.domain.ftl.rest import RestPlace, minimum_rest_duration
from skymarshal.domain.ftl.split_duty import SplitBreak, split_duty
from skymarshal.domain.times import HOUR, ZERO, format_duration, require_aware, require_non_negative

__all__ = [
    "CrewDuty",
    "DutyLimits",
    "FdpLimits",
    "LimitKind",
    "cumulative_check",
    "duty_limits",
    "fdp_limits",
    "rest_after",
    "validate_duty",
]

LimitKind = Literal["basic", "in_flight_rest", "split_duty"]

_CABIN_LEAD: Final = HOUR
"""How much earlier than the flight crew cabin crew may report at the cost of no FDP: ORO.FTL.205(c)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewDuty:
    """One crew member's planned duty around the departure in question.

    Attributes:
        crew_id: Crew member.
        report: Planned report time.
        report_zone: IANA zone of the reporting point.
        acclimatised_zone: IANA zone last acclimatised to.
        elapsed: Time since reporting at reference time.
        sectors: Sectors flown as operating crew in the whole duty.
        off_block: Planned off-block of the departure in question.
        end_of_fdp: Planned block-on of the last sector.
        post_flight: Duty after the last block-on.
        planned_flight: Block time of the whole duty.
        totals: Hours before this duty in each cumulative window; None or absent if unknown.
        additional_pilots: Pilots above the minimum crew; 0 for cabin crew.
        rest_facility: Class aboard; None if there is none or it is unknown.
        longest_sector: Flight time of the longest sector.
        extensions_in_last_7_days: Planned extensions used; None if unknown, which rules out a further one.
        standby_reduction: What a standby or a reduced rest before it takes off the maximum FDP.
        reported: Whether the crew member has reported, so that the FDP is running.
        delayed_report: Report told in place of `report` by a first notification of a delay; None if none was.
        notified_at: When a further change of the report would be told.
        free_from: Earliest report that keeps the rest before it; None if unknown.
        next_report: Planned report of the following duty; None if there is none.
        rest_place: Where the rest after this duty is taken.
        time_difference: On the clock between start and end of this FDP.
        flight_crew_report: For cabin crew who report before the flight crew, when those do.
        split_break: The break on the ground that makes it a split duty.
        positions: Whether the crew member is a passenger on the departure and operates no later one, so
            that the FDP is over or never begins.
        early_start_from: Report from which an early start is open after a late finish or night duty.
        recovered_from: Report from which the rest before is a recovery rest.
        release_by: Latest release without one: 168 h after the last ended.
        local_days_by: Latest release that leaves the month its two recovery rests of two local days.
        after_night_duty: Whether a night duty came before without a local night between.
        night_duties_managed: Whether the operator manages night duties of more than 10 h under fatigue risk
            management; None if that is not asked here.
        cabin: Whether it is a cabin crew member's.
    """

    crew_id: str
    report: datetime
    report_zone: str
    acclimatised_zone: str
    elapsed: timedelta
    sectors: int
    off_block: datetime
    end_of_fdp: datetime
    post_flight: timedelta
    planned_flight: timedelta
    totals: Mapping[CumulativeWindow, timedelta | None]
    additional_pilots: int = 0
    rest_facility: RestFacility | None = None
    longest_sector: timedelta = ZERO
    extensions_in_last_7_days: int | None = None
    standby_reduction: timedelta = ZERO
    reported: bool = False
    delayed_report: datetime | None = None
    notified_at: datetime | None = None
    free_from: datetime | None = None
    next_report: datetime | None = None
    rest_place: RestPlace = "away"
    time_difference: timedelta = ZERO
    flight_crew_report: datetime | None = None
    split_break: SplitBreak | None = None
    positions: bool = False
    early_start_from: datetime | None = None
    recovered_from: datetime | None = None
    release_by: datetime | None = None
    local_days_by: datetime | None = None
    after_night_duty: bool = False
    night_duties_managed: bool | None = None
    cabin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLimits(RuleResult):
    """What a duty allows if the report time stays as planned.

    Attributes:
        crew_id: Crew member.
        state: B, D or X of ORO.FTL.105(1).
        max_fdp: Maximum FDP that a plan may use without a further extension.
        max_fdp_extended: With a planned extension; None where none is allowed, and once the crew member
            has reported: an extension is planned ahead.
        max_fdp_discretion: With the commander's discretion. Never to be planned on.
        kind: Whether `max_fdp` is basic or comes from in-flight rest or a split duty.
        latest_off_block: Latest off-block that keeps `max_fdp`.
        latest_off_block_extended: The same with a planned extension.
        latest_off_block_discretion: The same with discretion.
        latest_off_block_cumulative: Latest that keeps the cumulative duty limits; None if one is unknown.
        latest_off_block_rest: Latest that leaves the minimum rest before the next duty; None if there is
            no next duty.
        minimum_rest: After the duty as planned.
        cumulative: Totals and margins with the duty as planned.
    """

    crew_id: str
    state: AcclimatisationCode
    max_fdp: timedelta
    max_fdp_extended: timedelta | None
    max_fdp_discretion: timedelta
    kind: LimitKind
    latest_off_block: datetime
    latest_off_block_extended: datetime | None
    latest_off_block_discretion: datetime
    latest_off_block_cumulative: datetime | None
    latest_off_block_rest: datetime | None
    minimum_rest: timedelta
    cumulative: CumulativeCheck


@dataclass(frozen=True, slots=True)
class FdpLimits:
    """Maximum FDP for one report time; `extended` is None where no extension may be planned."""

    code: AcclimatisationCode
    plannable: timedelta
    extended: timedelta | None
    discretion: timedelta
    kind: LimitKind


def duty_limits(duty: CrewDuty, *, frm: bool = False, profile: FtlProfile = EASA) -> DutyLimits:
    """Return the limits of one crew member's duty: FDP, latest off-blocks, rest and cumulative margins.

    The report time is taken as planned; `check_departure` also moves it where the crew can still be told.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If the FDP ends before it starts, or a duration is negative.
        OutOfRangeError: If the profile has no limit for the number of sectors.
        UnknownTimeZoneError: If a zone is not an IANA zone.
    """
    validate_duty(duty)
    limits = fdp_limits(duty, duty.report, frm, profile)
    after_off_block = duty.end_of_fdp - duty.off_block
    cumulative = cumulative_check(duty, profile)
    rest = rest_after(duty, duty.end_of_fdp - duty.report, profile)
    articles = _articles(duty, limits, frm, profile)
    latest = duty.report + limits.plannable - after_off_block
    return DutyLimits(
        crew_id=duty.crew_id,
        state=limits.code,
        max_fdp=limits.plannable,
        max_fdp_extended=limits.extended,
        max_fdp_discretion=limits.discretion,
        kind=limits.kind,
        latest_off_block=latest,
        latest_off_block_extended=None
        if limits.extended is None
        else duty.report + limits.extended - after_off_block,
        latest_off_block_discretion=duty.report + limits.discretion - after_off_block,
        latest_off_block_cumulative=_latest_by_cumulative(duty, cumulative),
        latest_off_block_rest=_latest_by_rest(duty, profile),
        minimum_rest=rest,
        cumulative=cumulative,
        articles=(*articles, *cumulative.articles, profile.article("rest_home")),
        inputs={
            "crew_id": duty.crew_id,
            "report": duty.report,
            "report_zone": duty.report_zone,
            "acclimatised_zone": duty.acclimatised_zone,
            "elapsed": duty.elapsed,
            "sectors": duty.sectors,
            "off_block": duty.off_block,
            "end_of_fdp": duty.end_of_fdp,
            "profile": profile.name,
        },
        working=(
            f"report {duty.report:%Y-%m-%dT%H:%MZ}, state {limits.code}, {duty.sectors} sector(s): "
            f"maximum FDP {format_duration(limits.plannable)} ({limits.kind.replace('_', ' ')})",
            f"{format_duration(after_off_block)} from off-block to the end of the FDP: "
            f"off-block by {latest:%Y-%m-%dT%H:%MZ}",
            *cumulative.working,
        ),
        unknowns=cumulative.unknowns,
    )


def validate_duty(duty: CrewDuty) -> None:
    for name, instant in (
        ("report", duty.report),
        ("off_block", duty.off_block),
        ("end_of_fdp", duty.end_of_fdp),
        ("delayed_report", duty.delayed_report),
        ("notified_at", duty.notified_at),
        ("free_from", duty.free_from),
        ("next_report", duty.next_report),
    ):
        if instant is not None:
            require_aware(name, instant)
    require_non_negative("end_of_fdp - report", duty.end_of_fdp - duty.report)
    require_non_negative("end_of_fdp - off_block", duty.end_of_fdp - duty.off_block)
    require_non_negative("post_flight", duty.post_flight)
    require_non_negative("standby_reduction", duty.standby_reduction)
    if duty.additional_pilots < 0:
        raise OutOfRangeError("additional_pilots", duty.additional_pilots, "zero or more")


def fdp_limits(duty: CrewDuty, report: datetime, frm: bool, profile: FtlProfile) -> FdpLimits:
    """Return the maximum FDP for a report; that of cabin crew follows the flight crew's by ORO.FTL.205(c)."""
    if duty.flight_crew_report is None or "cabin_reporting" not in profile.articles:
        return _limits_at(duty, report, frm, profile)
    lead = max(duty.flight_crew_report - duty.report, ZERO)
    limits = _limits_at(duty, report + lead, frm, profile)
    longer = min(lead, _CABIN_LEAD)
    return replace(
        limits,
        plannable=limits.plannable + longer,
        extended=None if limits.extended is None else limits.extended + longer,
        discretion=limits.discretion + longer,
    )


def _limits_at(duty: CrewDuty, report: datetime, frm: bool, profile: FtlProfile) -> FdpLimits:
    return _fdp_limits(
        report,
        duty.acclimatised_zone,
        duty.report_zone,
        duty.elapsed + (report - duty.report),
        duty.sectors,
        duty.additional_pilots,
        duty.rest_facility,
        duty.longest_sector,
        duty.extensions_in_last_7_days,
        duty.reported,
        duty.standby_reduction,
        duty.split_break,
        duty.cabin,
        frm,
        profile,
    )


@lru_cache(maxsize=8192)
def _fdp_limits(
    report: datetime,
    acclimatised_zone: str,
    report_zone: str,
    elapsed: timedelta,
    sectors: int,
    additional_pilots: int,
    rest_facility: RestFacility | None,
    longest_sector: timedelta,
    used: int | None,
    reported: bool,
    cut: timedelta,
    split: SplitBreak | None,
    cabin: bool,
    frm: bool,
    profile: FtlProfile,
) -> FdpLimits:
    """Return the limits from what they depend on, which most of a crew share."""
    code, clock, _ = reference_clock(report, acclimatised_zone, report_zone, elapsed, profile)
    state: CrewState = "unknown" if code == "X" else "acclimatised"
    counted = sectors if additional_pilots else profile.counted_sectors(sectors, longest_sector)
    basic = max_fdp_duration(state, clock, counted, frm, profile)
    if cabin:
        basic += profile.cabin_longer_by
    kind: LimitKind = "basic"
    plannable = basic
    if additional_pilots > 0 and rest_facility is not None and profile.in_flight_rest:
        with_rest = max_fdp_with_in_flight_rest(
            rest_facility=rest_facility,
            additional_pilots=additional_pilots,
            sectors=sectors,
            longest_sector=longest_sector,
            profile=profile,
        )
        if with_rest.max_fdp is not None and with_rest.max_fdp > basic:
            plannable, kind = with_rest.max_fdp, "in_flight_rest"
    if split is not None and kind == "basic" and "split_duty" in profile.articles:
        longer = split_duty(
            basic_max_fdp=basic,
            ground_break=split.end - split.start,
            duties_and_travel=split.duties_and_travel,
            facility=split.facility,
            wocl_overlap=wocl_encroachment(split.start, split.end, acclimatised_zone),
            profile=profile,
        )
        if longer.allowed and longer.max_fdp is not None:
            plannable, kind = longer.max_fdp, "split_duty"
    extended: timedelta | None = None
    if (
        not reported
        and kind == "basic"
        and state == "acclimatised"
        and clock is not None
        and used is not None
        and used < MAX_EXTENSIONS_IN_7_DAYS
    ):
        extended = planned_extension_duration(clock, sectors, profile)
    extra = profile.discretion_augmented if kind == "in_flight_rest" else profile.discretion
    if sectors == 1 and profile.discretion_single_sector is not None:
        extra = max(extra, profile.discretion_single_sector)
    return FdpLimits(
        code=code,
        plannable=plannable - cut,
        extended=None if extended is None else extended - cut,
        discretion=plannable - cut + extra,
        kind=kind,
    )


def cumulative_check(duty: CrewDuty, profile: FtlProfile) -> CumulativeCheck:
    return check_cumulative(
        duty.totals,
        planned_duty=duty.end_of_fdp - duty.report + duty.post_flight,
        planned_flight=duty.planned_flight,
        profile=profile,
    )


def rest_after(duty: CrewDuty, fdp: timedelta, profile: FtlProfile) -> timedelta:
    return minimum_rest_duration(
        duty.rest_place,
        fdp + duty.post_flight,
        time_difference=duty.time_difference,
        in_flight_rest=duty.additional_pilots > 0 and duty.rest_facility is not None,
        profile=profile,
    )


def _latest_by_cumulative(duty: CrewDuty, cumulative: CumulativeCheck) -> datetime | None:
    if cumulative.unknowns:
        return None
    margins = [window.margin for window in cumulative.windows if is_duty_window(window.window)]
    return duty.off_block + min(margins, default=ZERO)


def _latest_by_rest(duty: CrewDuty, profile: FtlProfile) -> datetime | None:
    """Return the latest off-block that leaves the minimum rest, while the FDP grows with the delay."""
    if duty.next_report is None:
        return None
    planned = duty.end_of_fdp - duty.report
    rest = rest_after(duty, planned, profile)
    slack = duty.next_report - (duty.end_of_fdp + duty.post_flight) - rest
    room = rest - (planned + duty.post_flight)
    if not profile.rest_covers_duty or slack <= room:
        return duty.off_block + slack
    # Past `room` the duty is longer than the floor, so each minute of delay costs a minute of rest too.
    return duty.off_block + room + (slack - room) / 2


def _articles(duty: CrewDuty, limits: FdpLimits, frm: bool, profile: FtlProfile) -> tuple[Article, ...]:
    articles = [profile.article("acclimatisation")]
    if limits.kind == "in_flight_rest":
        articles.append(profile.article("in_flight_rest_pilots"))
    elif limits.kind == "split_duty":
        articles.append(profile.article("split_duty"))
    elif limits.code != "X":
        articles.append(profile.article("max_fdp"))
    else:
        articles.append(profile.article("unknown_state_frm" if frm else "unknown_state"))
    if limits.extended is not None:
        articles.append(profile.article("planned_extension_table"))
    articles.append(profile.article("discretion"))
    if duty.standby_reduction > ZERO and "standby_other" in profile.articles:
        articles.append(profile.article("standby_other"))
    return tuple(articles)
