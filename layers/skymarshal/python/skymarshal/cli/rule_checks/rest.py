"""Checks of rest between duties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from skymarshal.cli.rule_checks.answers import Answer, as_json, duration_text, hours_number
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import ftl
from skymarshal.domain.errors import MissingInputError, OutOfRangeError, UnknownCodeError
from skymarshal.domain.times import ZERO

__all__ = ["REST_CHECKS", "rest"]

_PLACES: Final[dict[str, ftl.RestPlace]] = {
    "home": "home",
    "away": "away",
    "home_base": "home",
    "away_from_home": "away",
    "away_from_base": "away",
    "away_from_home_base": "away",
    "outstation": "away",
}
_HOUSED_PLACES: Final[dict[str, tuple[ftl.RestPlace, bool]]] = {
    **{name: (place, False) for name, place in _PLACES.items()},
    "home_with_operator_accommodation": ("home", True),
    "home_with_accommodation": ("home", True),
    "home_base_with_operator_accommodation": ("home", True),
}
"""Where the rest is spent, and whether the name says that the operator provides accommodation at home."""


def rest(fields: Fields) -> Answer:
    """Return the rest a duty needs; `check` selects another question."""
    name = fields.text("check") or "minimum"
    try:
        check = REST_CHECKS[name.lower()]
    except KeyError:
        raise UnknownCodeError("check", name, REST_CHECKS) from None
    return check(fields)


def _minimum(fields: Fields) -> Answer:
    place, housed = fields.need_choice(_HOUSED_PLACES, "place")
    result = ftl.minimum_rest(
        place=place,
        preceding_duty=fields.need(fields.duration("preceding_duty"), "preceding_duty", "a duty H:MM"),
        operator_accommodation=housed
        or fields.flag("operator_accommodation", "suitable_accommodation")
        or False,
        time_difference=fields.assumed(
            fields.offset("fdp_time_difference_hours"),
            ZERO,
            "the duty stayed within 4 h on the clock: fdp_time_difference_hours is not given",
        ),
        in_flight_rest=fields.assumed(
            fields.flag("in_flight_rest"), False, "the FDP had no in-flight rest: in_flight_rest is not given"
        ),
        extension_rest=fields.assumed(
            fields.duration("extension_rest_hours"),
            ZERO,
            "no planned extension adds to this rest: extension_rest_hours is not given",
        ),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "min_rest": duration_text(result.minimum_rest),
            "sleep_opportunity": duration_text(result.sleep_opportunity),
        },
        results=(result,),
    )


def _recovery_length(fields: Fields) -> Answer:
    count = fields.integer("disruptive_duties_since_last")
    result = ftl.recovery_rest_length(
        disruptive_duties=fields.need(count, "disruptive_duties_since_last", "a count"),
        profile=fields.profile(),
    )
    return Answer(
        values={"min_hours": hours_number(result.minimum), "local_nights": result.local_nights},
        results=(result,),
    )


def _recovery_gap(fields: Fields) -> Answer:
    gap = fields.duration("hours_since_last", "gap_hours", "hours_since_last_recovery_rest")
    gap = fields.need(gap, "hours_since_last", "hours since the last recovery rest ended")
    result = ftl.recovery_rest_length(disruptive_duties=0, profile=fields.profile())
    return Answer(
        values={
            "legal": gap <= ftl.RECOVERY_GAP,
            "limit_hours": hours_number(ftl.RECOVERY_GAP),
            "margin_hours": hours_number(ftl.RECOVERY_GAP - gap),
        },
        results=(result,),
    )


def _recovery(fields: Fields) -> Answer:
    start = fields.need(fields.instant("start_utc", "start"), "start_utc", "a time in UTC")
    previous = fields.instant("previous_end_utc", "previous_end")
    if previous is not None and previous > start:
        raise OutOfRangeError(
            "previous_end_utc", as_json(previous), f"a time until {as_json(start)}, when this rest starts"
        )
    result = ftl.recovery_rest(
        start=start,
        end=fields.need(fields.instant("end_utc", "end"), "end_utc", "a time in UTC"),
        zone=fields.need(fields.text("zone"), "zone", "an IANA time zone"),
        previous_end=previous,
        disruptive_duties=fields.assumed(
            fields.integer("disruptive_duties_since_last"),
            0,
            "no disruptive duties since the last recovery rest: disruptive_duties_since_last is not given",
        ),
        profile=fields.profile(),
    )
    return Answer(
        values={
            "legal": result.legal,
            "min_hours": hours_number(result.minimum),
            "local_nights": result.local_nights,
            "reasons": list(result.reasons),
        },
        results=(result,),
    )


def _reduced(fields: Fields) -> Answer:
    place = fields.need_choice(_PLACES, "place")
    profile = fields.profile()
    required = fields.duration("required_rest", "normal_rest")
    if required is None:
        duty = fields.duration("preceding_duty")
        required = ftl.minimum_rest(
            place=place,
            preceding_duty=fields.need(duty, "required_rest", "the minimum rest H:MM, or preceding_duty"),
            profile=profile,
        ).minimum_rest
    planned = fields.duration("reduced_rest", "planned_rest")
    frm = fields.flag("frm")
    result = ftl.reduced_rest(
        place=place,
        planned_rest=fields.need(planned, "reduced_rest", "the reduced rest H:MM"),
        required_rest=required,
        used_since_recovery=fields.assumed(
            fields.integer("used_since_recovery", "reduced_rests_since_last"),
            0,
            "no reduced rest since the last recovery rest: used_since_recovery is not given",
        ),
        frm=True if frm is None else frm,
        profile=profile,
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "min_rest": duration_text(result.floor),
            "reduction": duration_text(result.reduction),
            "next_rest_increase": duration_text(result.next_rest_increase),
            "next_fdp_reduction": duration_text(result.next_fdp_reduction),
            "reason": result.reason,
        },
        results=(result,),
        assumptions=() if frm is not None else ("the operator has fatigue risk management",),
    )


def _time_zones(fields: Fields) -> Answer:
    difference = fields.offset("time_difference_hours", "max_time_difference_hours")
    elapsed = fields.duration("elapsed_hours", "elapsed_since_reporting_hours")
    result = ftl.time_zone_nights(
        time_difference=fields.need(difference, "time_difference_hours", "hours on the clock"),
        elapsed=fields.need(elapsed, "elapsed_hours", "hours since reporting"),
        profile=fields.profile(),
    )
    return Answer(
        values={"applicable": result.applicable, "local_nights": result.local_nights}, results=(result,)
    )


def _transition(fields: Fields) -> Answer:
    if not fields.has("opposite_directions", "late_or_night_to_early"):
        raise MissingInputError(
            "opposite_directions", "true or false, or late_or_night_to_early: without either nothing is asked"
        )
    result = ftl.transition_nights(
        opposite_directions=fields.flag("opposite_directions") or False,
        late_or_night_to_early=fields.flag("late_or_night_to_early") or False,
        profile=fields.profile(),
    )
    return Answer(
        values={"applicable": result.applicable, "local_nights": result.local_nights}, results=(result,)
    )


REST_CHECKS: Final[Mapping[str, Callable[[Fields], Answer]]] = {
    "minimum": _minimum,
    "rerrp_min_length": _recovery_length,
    "rerrp_gap": _recovery_gap,
    "rerrp": _recovery,
    "reduced_rest": _reduced,
    "time_zone_nights": _time_zones,
    "transition_nights": _transition,
}
"""What the field `check` selects (RERRP: recurrent extended recovery rest period)."""
