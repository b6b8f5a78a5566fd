"""Checks of the flight time limitations that start from a roster."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from skymarshal.cli.rule_checks.airports import airport_place
from skymarshal.cli.rule_checks.answers import Answer, as_json, duration_text, hours_number
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import ftl
from skymarshal.domain.errors import InvalidInputError, MissingInputError, OutOfRangeError
from skymarshal.domain.times import ZERO, time_zone

__all__ = [
    "acclimatisation_rotation",
    "acclimatisation_state",
    "consecutive_nights",
    "cumulative",
    "duty_limits",
    "max_fdp_from_rotation",
]

_FACILITIES: Final[dict[str, ftl.RestFacility]] = {"class1": "class1", "class2": "class2", "class3": "class3"}
_PLACES: Final[dict[str, ftl.RestPlace]] = {"home": "home", "away": "away"}
_WINDOW_FIELDS: Final[dict[ftl.CumulativeWindow, tuple[str, ...]]] = {
    "duty_7d": ("duty_hours_7d",),
    "duty_14d": ("duty_hours_14d",),
    "duty_28d": ("duty_hours_28d",),
    "flight_28d": ("flight_hours_28d",),
    "flight_calendar_year": ("flight_hours_calendar_year", "flight_hours_year"),
    "flight_12_months": ("flight_hours_12_months", "flight_hours_12m"),
}
_DUTY_FIELDS: Final = (
    "planned_duty_hours",
    "positioning_hours",
    "airport_standby_hours",
    "home_standby_hours",
    "other_standby_hours",
)
_SECTORS: Final = "a whole number of sectors from 1"
_TIME: Final = "a time in UTC, such as 2026-02-05T20:30Z"


def max_fdp_from_rotation(fields: Fields) -> Answer:
    """Return state, reference time and maximum FDP from the roster before."""
    result = ftl.max_fdp_for_report(
        fields.need(fields.instant("report_utc", "report"), "report_utc", _TIME),
        acclimatised_zone=_acclimatised_zone(fields),
        report_zone=_report_zone(fields),
        elapsed=_elapsed(fields),
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        frm=fields.flag("frm") or False,
        profile=fields.profile(),
    )
    return Answer(
        values={
            "state": result.code,
            "report_ref_time": as_json(result.reference_clock),
            "max_fdp": duration_text(result.max_fdp),
        },
        results=(result,),
    )


def duty_limits(fields: Fields) -> Answer:
    """Return until when one crew member may go off block, and what binds."""
    report = fields.need(fields.instant("report_utc", "report"), "report_utc", _TIME)
    off_block = fields.need(fields.instant("off_block_utc"), "off_block_utc", _TIME)
    end = fields.need(fields.instant("end_of_fdp_utc"), "end_of_fdp_utc", _TIME)
    for name, earlier, later in (("off_block_utc", report, off_block), ("end_of_fdp_utc", off_block, end)):
        if later < earlier:
            raise OutOfRangeError(name, as_json(later), f"a time from {as_json(earlier)} on")
    following, flown = fields.instant("next_report_utc"), fields.duration("planned_flight_hours")
    if following is not None and following < end:
        raise OutOfRangeError("next_report_utc", as_json(following), f"a time from {as_json(end)} on")
    if flown is not None and flown > end - report:
        raise OutOfRangeError("planned_flight_hours", hours_number(flown), "at most the hours of the FDP")
    additional, facility = fields.integer("additional_pilots"), fields.choice(_FACILITIES, "rest_facility")
    if additional and facility is None:
        raise MissingInputError("rest_facility", "class1 to class3 beside additional_pilots")
    if fields.has("longest_sector_hours", "longest_sector") and not additional:
        raise MissingInputError("additional_pilots", "pilots above the minimum crew, beside the sector")
    if facility is not None and not additional:
        raise MissingInputError("additional_pilots", "pilots above the minimum crew beside rest_facility")
    duty = ftl.CrewDuty(
        crew_id=fields.text("crew_id") or "crew member",
        report=report,
        report_zone=_report_zone(fields),
        acclimatised_zone=_acclimatised_zone(fields),
        elapsed=_elapsed(fields),
        sectors=fields.need(fields.integer("sectors"), "sectors", _SECTORS),
        off_block=off_block,
        end_of_fdp=end,
        post_flight=fields.need(fields.duration("post_flight"), "post_flight", "duty after block-on, H:MM"),
        planned_flight=fields.need(flown, "planned_flight_hours", "hours"),
        totals={window: fields.duration(*names) for window, names in _WINDOW_FIELDS.items()},
        additional_pilots=additional or 0,
        rest_facility=facility,
        longest_sector=fields.duration("longest_sector_hours", "longest_sector") or ZERO,
        extensions_in_last_7_days=fields.integer("extensions_used_last_7_days"),
        standby_reduction=fields.assumed(
            fields.duration("standby_reduction"), ZERO, "no standby before: standby_reduction is not given"
        ),
        reported=fields.flag("reported") or False,
        next_report=following,
        rest_place=fields.assumed(
            fields.choice(_PLACES, "rest_place"),
            "away",
            "the rest after is away from base: rest_place is not given",
        ),
        time_difference=fields.assumed(
            fields.offset("fdp_time_difference_hours"),
            ZERO,
            "the duty stays within 4 h on the clock: fdp_time_difference_hours is not given",
        ),
    )
    result = ftl.duty_limits(duty, frm=fields.flag("frm") or False, profile=fields.profile())
    return Answer(
        values={
            "state": result.state,
            "max_fdp": duration_text(result.max_fdp),
            "max_fdp_extended": duration_text(result.max_fdp_extended),
            "max_fdp_discretion": duration_text(result.max_fdp_discretion),
            "latest_off_block": as_json(result.latest_off_block),
            "latest_off_block_extended": as_json(result.latest_off_block_extended),
            "latest_off_block_discretion": as_json(result.latest_off_block_discretion),
            "latest_off_block_cumulative": as_json(result.latest_off_block_cumulative),
            "latest_off_block_rest": as_json(result.latest_off_block_rest),
            "min_rest": duration_text(result.minimum_rest),
            "cumulative_legal": result.cumulative.legal,
        },
        results=(result,),
        assumptions=("discretion is the commander's on the day: nothing is planned on it",),
    )


def cumulative(fields: Fields) -> Answer:
    """Return totals against the cumulative limits, for the windows whose hours are given."""
    totals = {window: fields.duration(*names) for window, names in _WINDOW_FIELDS.items()}
    given = [window for window, total in totals.items() if total is not None]
    if not given:
        raise MissingInputError("duty_hours_7d", "hours of at least one window: " + ", ".join(_names()))
    # Hours that no window takes up would be left out without a word.
    for kind, first, names in (
        ("duty", "duty_hours_7d", _DUTY_FIELDS),
        ("flight", "flight_hours_28d", ("planned_flight_hours",)),
    ):
        told = [name for name in names if fields.has(name)]
        if told and not any(window.startswith(kind) for window in given):
            raise MissingInputError(first, f"the hours of one window or more of {kind}, beside {told[0]}")
    planned = [
        fields.duration(name) or ZERO
        for name in ("planned_duty_hours", "positioning_hours", "airport_standby_hours")
    ]
    result = ftl.check_cumulative(
        totals,
        planned_duty=sum(planned, ZERO),
        planned_flight=fields.duration("planned_flight_hours") or ZERO,
        other_standby=fields.duration("home_standby_hours", "other_standby_hours") or ZERO,
        windows=given,
        profile=fields.profile(),
    )
    tightest = result.tightest
    return Answer(
        values={
            "legal": result.legal,
            "window": None if tightest is None else tightest.window,
            "total": None if tightest is None else hours_number(tightest.total),
            "limit": None if tightest is None else hours_number(tightest.limit),
            "margin": None if tightest is None else hours_number(tightest.margin),
            "windows": [
                {
                    "window": window.window,
                    "total": hours_number(window.total),
                    "limit": hours_number(window.limit),
                    "margin": hours_number(window.margin),
                }
                for window in result.windows
            ],
        },
        results=(result,),
    )


def acclimatisation_state(fields: Fields) -> Answer:
    """Return the state of acclimatisation by Table 1."""
    difference = fields.need(
        fields.offset("time_difference_hours"), "time_difference_hours", "hours on the clock"
    )
    elapsed = fields.need(fields.duration("elapsed_hours"), "elapsed_hours", "hours since reporting")
    result = ftl.acclimatisation_state(difference, elapsed, profile=fields.profile())
    return Answer(values={"state": result.state}, results=(result,))


def consecutive_nights(fields: Fields) -> Answer:
    """Return how many duties in a row touch the night, and whether so many may."""
    given = fields.need(fields.objects("duties"), "duties", "a list of duties with start_utc and end_utc")
    result = ftl.consecutive_nights(
        [
            (
                duty.need(duty.instant("start_utc"), "start_utc", _TIME),
                duty.need(duty.instant("end_utc"), "end_utc", _TIME),
            )
            for duty in given
        ],
        zone=fields.need(fields.text("zone"), "zone", "an IANA time zone"),
        profile=fields.profile(),
    )
    return Answer(
        values={"legal": result.legal, "in_a_row": result.run, "most": result.most}, results=(result,)
    )


def acclimatisation_rotation(fields: Fields) -> Answer:
    """Return the state after a rotation of several steps; places are named A, B, C and so on."""
    legs = fields.need(fields.objects("legs"), "legs", "a list of legs with tz_step_hours and rest_after")
    result = ftl.state_after_rotation(
        [
            ftl.RotationLeg(
                step=leg.need(leg.offset("tz_step_hours"), "tz_step_hours", "hours on the clock"),
                rest_after=leg.need(leg.flag("rest_after"), "rest_after", "true or false"),
                elapsed=leg.duration("elapsed_hours"),
            )
            for leg in legs
        ],
        profile=fields.profile(),
    )
    state = {True: "acclimatised", False: "unknown", None: None}[result.acclimatised]
    place = result.reference_place
    return Answer(
        values={
            "state_on_next_duty": state,
            "state": result.state,
            "reference_place": None if place is None else chr(ord("A") + place),
        },
        results=(result,),
    )


def _report_zone(fields: Fields) -> str:
    zone, place = fields.text("report_tz", "report_zone"), fields.text("report_place")
    if zone is not None:
        stated = time_zone("report_tz", zone).key
        if place is not None and airport_place("report_place", place).zone != stated:
            raise InvalidInputError("report_tz", zone, f"the zone of {place}, or left out")
        return stated
    return airport_place("report_place", fields.need(place, "report_place", "an airport code")).zone


def _acclimatised_zone(fields: Fields) -> str:
    zone, base = fields.text("last_acclimatised_tz", "acclimatised_zone"), fields.text("base")
    if zone is not None:
        if base is not None:
            airport_place("base", base)
        return time_zone("last_acclimatised_tz", zone).key
    home = fields.need(base, "last_acclimatised_tz", "an IANA time zone such as Asia/Dubai")
    return airport_place("base", home).zone


def _elapsed(fields: Fields) -> timedelta:
    elapsed = fields.duration("elapsed_since_reporting_hours", "elapsed_hours")
    return fields.need(elapsed, "elapsed_since_reporting_hours", "hours since reporting")


def _names() -> list[str]:
    return [names[0] for names in _WINDOW_FIELDS.values()]
