"""Checks of the flight time limitation rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from skymarshal.cli.rule_checks.answers import Answer, as_json, duration_text, hours_number
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import ftl
from skymarshal.domain.errors import InvalidInputError, MissingInputError, OutOfRangeError
from skymarshal.domain.times import ZERO, clock_overlap

__all__ = [
    "cabin_in_flight_rest",
    "commanders_discretion",
    "delayed_reporting",
    "disruptive_duty",
    "in_flight_rest_feasible",
    "max_fdp",
    "max_fdp_extended",
    "max_fdp_in_flight_rest",
    "reserve",
    "split_duty",
    "standby",
]

_STATES: Final[dict[str, ftl.CrewState]] = {
    "acclimatised": "acclimatised",
    "B": "acclimatised",
    "D": "acclimatised",
    "unknown": "unknown",
    "X": "unknown",
}
_FACILITIES: Final[dict[str, ftl.RestFacility]] = {"class1": "class1", "class2": "class2", "class3": "class3"}
_OCCASIONS: Final[dict[str, ftl.DiscretionOccasion]] = {
    "before_reporting": "before_reporting",
    "at_reporting": "at_reporting",
    "after_reporting": "after_reporting",
    "after_takeoff": "after_reporting",
    "in_flight": "after_reporting",
    "airborne": "after_reporting",
    "before_report": "before_reporting",
    "at_report": "at_reporting",
    "after_report": "after_reporting",
}
_BREAK_FACILITIES: Final[dict[str, ftl.BreakFacility]] = {
    "none": "none",
    "accommodation": "accommodation",
    "suitable": "suitable",
    "suitable_accommodation": "suitable",
}
_DISRUPTIVE_TYPES: Final[dict[str, Literal["early", "late"]]] = {"early": "early", "late": "late"}
_STANDBY_PLACES: Final = {
    "airport": "airport",
    "home": "other",
    "other": "other",
    "hotel": "other",
    "suitable_accommodation": "other",
    "other_than_airport": "other",
}
_SOME_DAY: Final = date(2000, 1, 1)
_SECTORS: Final = "a whole number of sectors from 1"
_REPORT: Final = "the report time on the reference clock, HH:MM"


def max_fdp(fields: Fields) -> Answer:
    """Return the maximum basic FDP."""
    state = _state(fields)
    augmented = fields.flag("augmented")
    result = ftl.max_fdp(
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        state=state,
        reference_clock=fields.clock("report_ref_time"),
        frm=fields.flag("frm") or False,
        profile=fields.profile(),
    )
    return Answer(
        values={"max_fdp": duration_text(result.max_fdp), "state": result.state, "profile": result.profile},
        results=(result,),
        assumptions=("the basic maximum, without in-flight rest",) if augmented else (),
    )


def max_fdp_extended(fields: Fields) -> Answer:
    """Return the maximum FDP with a planned extension."""
    result = ftl.planned_extension(
        reference_clock=fields.need(fields.clock("report_ref_time"), "report_ref_time", _REPORT),
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        state=_state(fields),
        used_in_last_7_days=fields.need(
            fields.integer("extensions_used_last_7_days"), "extensions_used_last_7_days", "how many were used"
        ),
        in_flight_rest=_not_said(fields, "in_flight_rest", "the FDP has no in-flight rest"),
        split_duty=_not_said(fields, "split_duty", "the FDP is not a split duty"),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "max_fdp": duration_text(result.max_fdp),
            "reason": result.reason,
            "rest_options": as_json(result.rest_options),
        },
        results=(result,),
    )


def max_fdp_in_flight_rest(fields: Fields) -> Answer:
    """Return the maximum FDP of an augmented crew."""
    longest = fields.duration("longest_sector_hours", "longest_sector")
    result = ftl.max_fdp_with_in_flight_rest(
        rest_facility=fields.need(
            fields.choice(_FACILITIES, "rest_facility"), "rest_facility", "class1 to class3"
        ),
        additional_pilots=fields.need(
            fields.integer("additional_pilots"), "additional_pilots", "pilots above the minimum crew"
        ),
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        longest_sector=fields.need(longest, "longest_sector_hours", "hours of the longest sector"),
        split_duty=_not_said(fields, "split_duty", "the FDP is not a split duty"),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "max_fdp": duration_text(result.max_fdp),
            "reason": result.reason,
            "min_rest_each": duration_text(result.minimum_rest_each),
            "min_rest_at_control_on_landing": duration_text(result.minimum_rest_at_control_on_landing),
            "min_rest_at_destination": duration_text(result.minimum_rest_at_destination),
        },
        results=(result,),
    )


def in_flight_rest_feasible(fields: Fields) -> Answer:
    """Return whether every pilot can rest in flight."""
    sectors = fields.need(fields.objects("sectors"), "sectors", "a list of sectors with block and pilots")
    result = ftl.in_flight_rest_feasible(
        [
            ftl.SectorCrew(
                block=sector.need(sector.duration("block"), "block", "block time H:MM"),
                pilots=sector.need(sector.integer("pilots"), "pilots", "pilots aboard"),
            )
            for sector in sectors
        ],
        outside_cruise=fields.duration("outside_cruise") or ZERO,
        profile=fields.profile(),
    )
    return Answer(values={"extension_possible": result.extension_possible}, results=(result,))


def cabin_in_flight_rest(fields: Fields) -> Answer:
    """Return the minimum in-flight rest of cabin crew."""
    sectors = fields.integer("sectors")
    result = ftl.cabin_in_flight_rest(
        extended_fdp=fields.need(fields.duration("max_extended_fdp"), "max_extended_fdp", "an FDP H:MM"),
        rest_facility=fields.need(
            fields.choice(_FACILITIES, "rest_facility"), "rest_facility", "class1 to class3"
        ),
        sectors=1 if sectors is None else sectors,
        profile=fields.profile(),
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "min_rest": duration_text(result.minimum_rest),
            "reason": result.reason,
        },
        results=(result,),
    )


def commanders_discretion(fields: Fields) -> Answer:
    """Return what the commander may decide."""
    profile = fields.profile()
    basic = fields.duration("basic_max_fdp")
    if basic is None and fields.has("report_ref_time"):
        basic = ftl.max_fdp(
            sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
            reference_clock=fields.clock("report_ref_time"),
            profile=profile,
        ).max_fdp
    basic = fields.need(basic, "basic_max_fdp", "the maximum FDP H:MM without a planned extension")
    projected = fields.duration("projected_fdp")
    occasion = fields.choice(_OCCASIONS, "delay_known")
    result = ftl.commanders_discretion(
        basic_max_fdp=basic,
        projected_fdp=fields.assumed(
            projected, basic, "the FDP keeps to its maximum: projected_fdp is not given"
        ),
        augmented=fields.assumed(
            fields.flag("augmented"), False, "the flight crew is not augmented: augmented is not given"
        ),
        occasion=occasion or "after_reporting",
        airborne_on_last_sector=fields.flag("airborne_on_last_sector", "after_takeoff_last_sector") or False,
        sectors=fields.integer("sectors"),
        profile=profile,
    )
    return Answer(
        values={
            "discretion_available": result.available and result.within_limit,
            "max_fdp": duration_text(result.max_fdp),
            "discretion_used": duration_text(result.used),
            "legal": result.within_limit,
            "min_rest": duration_text(result.minimum_rest),
            "report_required": result.report_required,
            "authority_report_required": result.authority_report_required,
            "authority_report_days": result.authority_report_days,
        },
        results=(result,),
        assumptions=() if occasion else ("the circumstances started after reporting",),
    )


def delayed_reporting(fields: Fields) -> Answer:
    """Return maximum FDP and its start after a delayed report."""
    alone = _undisturbed(fields)
    result = ftl.delayed_reporting(
        original_report=fields.need(fields.clock("original_report"), "original_report", _REPORT),
        delayed_report=fields.need(fields.clock("delayed_report"), "delayed_report", _REPORT),
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        notifications=fields.integer("notifications"),
        second_notification=fields.clock("second_notification", "second_notification_at"),
        last_report=fields.clock(
            "last_report", "second_delayed_report", "second_report", "amended_report", "final_report"
        ),
        undisturbed=alone,
        state=_state(fields),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "max_fdp": duration_text(result.max_fdp),
            "fdp_starts": as_json(result.fdp_starts),
            "basis": result.basis,
            "counts_as_rest": result.counts_as_rest,
        },
        results=(result,),
        assumptions=_taken_of_delay(result, alone),
    )


def _taken_of_delay(result: ftl.DelayedReport, alone: bool | None) -> tuple[str, ...]:
    told_twice = result.inputs["second_notification"] is not None
    taken = []
    if told_twice and result.inputs["last_report"] is None:
        taken.append("the report told last is delayed_report")
    if result.counts_as_rest and alone is None:
        taken.append("the crew was left alone after the notification: undisturbed is not given")
    return tuple(taken)


def standby(fields: Fields) -> Answer:
    """Return what a standby leaves of the FDP."""
    kind = fields.need_choice(_STANDBY_PLACES, "type", "standby_type")
    length = fields.need(fields.duration("standby_hours", "standby"), "standby_hours", "hours of standby")
    length += fields.duration("response_time_hours", "response_time") or ZERO
    maximum = fields.need(fields.duration("max_fdp"), "max_fdp", "the maximum FDP H:MM")
    profile = fields.profile()
    if kind == "airport":
        extended = [fields.flag(name) for name in ("augmented", "in_flight_rest", "split_duty")]
        result = ftl.airport_standby(
            standby=length, max_fdp=maximum, extended_by_rest_or_split=any(extended), profile=profile
        )
    else:
        extended = [fields.flag(name) for name in ("extended", "augmented", "in_flight_rest", "split_duty")]
        result = ftl.other_standby(
            standby=length,
            max_fdp=maximum,
            not_counted_at_night=_night_part(fields, length),
            extended_by_rest_or_split=any(extended),
            awake_before=fields.assumed(
                fields.duration("awake_before_hours", "awake_before"),
                ZERO,
                "nobody was awake before the standby: awake_before_hours is not given",
            ),
            profile=profile,
        )
    return Answer(
        values={
            "max_fdp_after": duration_text(result.max_fdp),
            "reduction": duration_text(result.reduction),
            "duty_counted_hours": hours_number(result.duty_counted),
            "combined_cap": duration_text(result.combined_cap),
            "awake_cap": duration_text(result.awake_cap),
            "usable_fdp": duration_text(result.usable_fdp),
            "legal": result.legal,
        },
        results=(result,),
    )


def reserve(fields: Fields) -> Answer:
    """Return whether a duty on reserve was notified in time."""
    notice = fields.need(fields.duration("notice_hours", "notice"), "notice_hours", "hours of notice")
    result = ftl.reserve(notice=notice, profile=fields.profile())
    return Answer(
        values={
            "legal": result.legal,
            "margin_hours": hours_number(result.margin),
            "counts_as_duty": result.counts_as_duty,
        },
        results=(result,),
    )


def split_duty(fields: Fields) -> Answer:
    """Return the maximum FDP with a break on the ground."""
    profile = fields.profile()
    basic = fields.duration("basic_max_fdp")
    if basic is None:
        basic = ftl.max_fdp(
            sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
            reference_clock=fields.need(fields.clock("report_ref_time"), "report_ref_time", _REPORT),
            profile=profile,
        ).max_fdp
    length = fields.need(fields.duration("ground_break"), "ground_break", "the break H:MM")
    breaks = fields.integer("breaks")
    result = ftl.split_duty(
        basic_max_fdp=basic,
        ground_break=length,
        duties_and_travel=fields.need(
            fields.duration("post_pre_flight_and_travel"), "post_pre_flight_and_travel", "0:30 or more"
        ),
        facility=fields.need_choice(_BREAK_FACILITIES, "accommodation"),
        wocl_overlap=_wocl_overlap(fields, length),
        breaks=1 if breaks is None else breaks,
        after_reduced_rest=_not_said(fields, "after_reduced_rest", "the rest before was not reduced"),
        in_flight_rest=_not_said(fields, "in_flight_rest", "the FDP has no in-flight rest"),
        profile=profile,
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "max_fdp": duration_text(result.max_fdp),
            "extension": duration_text(result.extension),
            "net_break": duration_text(result.net_break),
            "suitable_accommodation_required": result.suitable_accommodation_required,
            "reason": result.reason,
        },
        results=(result,),
    )


def disruptive_duty(fields: Fields) -> Answer:
    """Return whether a duty is an early start, a late finish or a night duty."""
    result = ftl.classify_duty(
        fields.need(fields.instant("start_utc", "start"), "start_utc", "a time in UTC"),
        fields.need(fields.instant("end_utc", "end"), "end_utc", "a time in UTC"),
        zone=fields.need(fields.text("zone", "acclimatised_zone"), "zone", "an IANA time zone"),
        disruptive_type=fields.assumed(
            fields.choice(_DISRUPTIVE_TYPES, "disruptive_type"),
            "early",
            "the authority has the early type: disruptive_type is not given",
        ),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "early_start": result.early_start,
            "late_finish": result.late_finish,
            "night_duty": result.night_duty,
            "disruptive": result.disruptive,
            "wocl_encroachment": duration_text(result.wocl_encroachment),
        },
        results=(result,),
    )


def _state(fields: Fields) -> ftl.CrewState:
    stated = fields.choice(_STATES, "state")
    return fields.assumed(stated, "acclimatised", "the crew is acclimatised: state is not given")


def _not_said(fields: Fields, name: str, assumption: str) -> bool:
    return fields.assumed(fields.flag(name), False, f"{assumption}: {name} is not given")


def _undisturbed(fields: Fields) -> bool | None:
    alone = fields.duration("undisturbed_hours")
    return fields.flag("undisturbed") if alone is None else alone >= ftl.REST_DELAY


def _night_part(fields: Fields, length: timedelta) -> timedelta:
    start = fields.clock("standby_start", "standby_start_local")
    called = fields.clock("contacted_at", "contacted_local")
    if start is None:
        if called is not None:
            raise MissingInputError("standby_start", "the start of the standby, HH:MM, beside contacted_at")
        return ZERO
    begins = datetime.combine(_SOME_DAY, start, UTC)
    contacted: datetime | None = None
    if called is not None:
        contacted = datetime.combine(_SOME_DAY, called, UTC)
        if contacted < begins:
            contacted += timedelta(days=1)
        if contacted > begins + length:
            raise OutOfRangeError("contacted_at", f"{called:%H:%M}", "a time within the standby")
    return ftl.night_standby_not_counted(begins, begins + length, contacted=contacted, zone="UTC")


def _wocl_overlap(fields: Fields, length: timedelta) -> timedelta | None:
    overlap = fields.duration("wocl_overlap")
    starts = fields.clock("break_start")
    touches = fields.flag("encroaches_wocl")
    if starts is not None:
        begins = datetime.combine(_SOME_DAY, starts, UTC)
        told = clock_overlap(begins, begins + length, time(2), time(6))
        if overlap not in (None, told):
            raise InvalidInputError(
                "wocl_overlap", duration_text(overlap), f"{duration_text(told)}, as break_start has it"
            )
        overlap = told
    if overlap is None:
        return ZERO if touches is False else None
    if touches not in (None, overlap > ZERO):
        raise InvalidInputError(
            "encroaches_wocl", touches, f"what the overlap of {duration_text(overlap)} says, or left out"
        )
    return overlap
