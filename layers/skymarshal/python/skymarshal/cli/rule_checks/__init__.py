"""Checks of single rules by hand: named fields in, answer with articles and working out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from skymarshal.cli.rule_checks import airport, cargo, crew, ftl, laws, rest, rights, roster
from skymarshal.cli.rule_checks.answers import Answer, Json
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain.errors import InvalidInputError, MissingInputError, OutOfRangeError, UnknownCodeError

__all__ = ["RULE_CHECKS", "RuleCheck", "check_rule", "named_rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCheck:
    """A rule that can be checked by hand.

    Attributes:
        name: Name of the rule.
        summary: What it answers.
        fields: Fields it reads; those in brackets may be left out, and of those between bars one is needed.
        check: The check.
        presets: Fields that the name itself settles.
    """

    name: str
    summary: str
    fields: str
    check: Callable[[Fields], Answer]
    presets: Mapping[str, object] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its fields, in order."""
        outside = re.sub(r"\([^)]*\)", "", self.fields)
        return tuple(dict.fromkeys(re.findall(r"[a-z]\w*", outside)))


_RIGHTS_FIELDS: Final = (
    "event [cause extraordinary origin destination via carrier carrier_eu carrier_uk origin_eu origin_uk "
    "destination_eu destination_uk single_booking outbound_started_in_eu distance_km "
    "arrival_delay_min notice_days reroute_departure_offset_min reroute_arrival_offset_min "
    "diverted_to serves_same_city scheduled_arrival_utc door_open_utc extraordinary_delay_min "
    "reasonable_measures_taken "
    "expected_departure_delay_min brought_forward_min overnight distances_km ticket_price currency "
    "event_date]"
)

RULE_CHECKS: Final[Mapping[str, RuleCheck]] = {
    check.name: check
    for check in (
        RuleCheck(
            name="max_fdp",
            summary="maximum basic FDP",
            fields="sectors report_ref_time [state frm augmented profile]",
            check=ftl.max_fdp,
        ),
        RuleCheck(
            name="max_fdp_from_rotation",
            summary="reference time and maximum FDP from the roster before",
            fields="report_utc report_place|report_tz last_acclimatised_tz|base "
            "elapsed_since_reporting_hours sectors [frm profile]",
            check=roster.max_fdp_from_rotation,
        ),
        RuleCheck(
            name="duty_limits",
            summary="until when a crew member may go off block, and what binds",
            fields="report_utc report_place|report_tz last_acclimatised_tz|base "
            "elapsed_since_reporting_hours sectors off_block_utc end_of_fdp_utc post_flight "
            "planned_flight_hours [crew_id duty_hours_7d duty_hours_14d duty_hours_28d flight_hours_28d "
            "flight_hours_calendar_year flight_hours_12_months additional_pilots rest_facility "
            "longest_sector_hours extensions_used_last_7_days standby_reduction reported next_report_utc "
            "rest_place fdp_time_difference_hours frm profile]",
            check=roster.duty_limits,
        ),
        RuleCheck(
            name="max_fdp_extended",
            summary="maximum FDP with a planned extension",
            fields="report_ref_time sectors extensions_used_last_7_days [state in_flight_rest "
            "split_duty profile]",
            check=ftl.max_fdp_extended,
        ),
        RuleCheck(
            name="max_fdp_inflight_rest",
            summary="maximum FDP of an augmented crew",
            fields="rest_facility additional_pilots sectors longest_sector_hours [split_duty profile]",
            check=ftl.max_fdp_in_flight_rest,
        ),
        RuleCheck(
            name="inflight_rest_feasible",
            summary="whether every pilot can rest in flight",
            fields="sectors [outside_cruise profile]",
            check=ftl.in_flight_rest_feasible,
        ),
        RuleCheck(
            name="cabin_min_inflight_rest",
            summary="minimum in-flight rest of cabin crew",
            fields="max_extended_fdp rest_facility [sectors profile]",
            check=ftl.cabin_in_flight_rest,
        ),
        RuleCheck(
            name="commanders_discretion",
            summary="what the commander may decide",
            fields="basic_max_fdp|report_ref_time+sectors [projected_fdp augmented delay_known "
            "airborne_on_last_sector sectors profile]",
            check=ftl.commanders_discretion,
        ),
        RuleCheck(
            name="delayed_reporting",
            summary="maximum FDP after a delayed report",
            fields="original_report delayed_report sectors "
            "[notifications second_notification last_report undisturbed state profile]",
            check=ftl.delayed_reporting,
        ),
        RuleCheck(
            name="standby",
            summary="what a standby leaves of the FDP",
            fields="type standby_hours max_fdp [standby_start contacted_at response_time_hours extended "
            "in_flight_rest augmented split_duty awake_before_hours profile]",
            check=ftl.standby,
        ),
        RuleCheck(
            name="reserve", summary="notice on reserve", fields="notice_hours [profile]", check=ftl.reserve
        ),
        RuleCheck(
            name="split_duty",
            summary="maximum FDP with a break on the ground",
            fields="report_ref_time+sectors|basic_max_fdp ground_break post_pre_flight_and_travel "
            "accommodation "
            "encroaches_wocl|wocl_overlap|break_start [breaks after_reduced_rest in_flight_rest profile]",
            check=ftl.split_duty,
        ),
        RuleCheck(
            name="cumulative",
            summary="totals against the cumulative limits",
            fields="duty_hours_7d|duty_hours_14d|duty_hours_28d|flight_hours_28d|flight_hours_calendar_year|"
            "flight_hours_12_months [planned_duty_hours planned_flight_hours home_standby_hours "
            "airport_standby_hours positioning_hours profile]",
            check=roster.cumulative,
        ),
        RuleCheck(
            name="acclimatisation_state",
            summary="state of acclimatisation by Table 1",
            fields="time_difference_hours elapsed_hours [profile]",
            check=roster.acclimatisation_state,
        ),
        RuleCheck(
            name="acclimatisation_rotation",
            summary="state after a rotation of several steps",
            fields="legs [profile]",
            check=roster.acclimatisation_rotation,
        ),
        RuleCheck(
            name="consecutive_nights",
            summary="how many duties in a row touch the night",
            fields="duties zone profile",
            check=roster.consecutive_nights,
        ),
        RuleCheck(
            name="disruptive_duty",
            summary="early start, late finish, night duty",
            fields="start_utc end_utc zone [disruptive_type profile]",
            check=ftl.disruptive_duty,
        ),
        RuleCheck(
            name="rest",
            summary="rest between duties; check: " + ", ".join(rest.REST_CHECKS),
            fields="place preceding_duty [check operator_accommodation fdp_time_difference_hours "
            "in_flight_rest "
            "extension_rest_hours disruptive_duties_since_last hours_since_last reduced_rest required_rest "
            "used_since_recovery frm time_difference_hours elapsed_hours start_utc end_utc zone "
            "previous_end_utc opposite_directions late_or_night_to_early profile]",
            check=rest.rest,
        ),
        RuleCheck(
            name="minimum_cabin_crew",
            summary="fewest cabin crew for the seats installed",
            fields="seats|seats_by_deck [decks certified_minimum cabin_crew senior_aboard passengers]",
            check=crew.minimum_cabin_crew,
        ),
        RuleCheck(
            name="reduced_cabin_crew",
            summary="fewer than that in unforeseen circumstances",
            fields="cabin_crew passengers senior_aboard unforeseen_away_from_base procedure_minimum",
            check=crew.reduced_cabin_crew,
        ),
        RuleCheck(
            name="mel_interval",
            summary="rectification interval, dispatch and extension",
            fields="category discovered [interval_calendar_days departure arrival extended clock_zone "
            "days_may_run_out_in_flight extension_procedure_approved events_beyond_control "
            "authority_notified "
            "already_extended interval_flights interval_flight_hours interval_flight_days used planned]",
            check=airport.mel_interval,
        ),
        RuleCheck(
            name="mct",
            summary="whether a connection holds",
            fields="connection_min mct_min|airport+date [terminal_from terminal_to "
            "outbound_destination_country "
            "preclearance_presentation_min_before_departure]",
            check=airport.check_mct,
        ),
        RuleCheck(
            name="curfew",
            summary="whether a night restriction allows a movement",
            fields="airport time_utc movement [scheduled scheduled_local scheduled_utc "
            "delay_inherent_in_schedule "
            "quota_slot dispensation emergency reason international aircraft quota_count taxi_min]",
            check=airport.curfew,
        ),
        RuleCheck(
            name="slot",
            summary="whether a departure keeps its calculated take-off time",
            fields="off_block_utc taxi_out_min [ctot_utc tolerance_before_min tolerance_after_min]",
            check=airport.slot,
        ),
        RuleCheck(
            name="weather",
            summary="whether the weather is within minima",
            fields="movement approach [visibility_m rvr_m ceiling_ft wind_kt gust_kt thunderstorm "
            "ground_stop wind_from_deg runways_deg wind_limit_kt crosswind_limit_kt]",
            check=airport.weather_minima,
        ),
        RuleCheck(
            name="etops",
            summary="whether a tail may fly a route",
            fields="engines [approved_min removed_by_mel diversion_min]",
            check=airport.etops,
        ),
        RuleCheck(
            name="great_circle",
            summary="distance between two airports",
            fields="origin destination",
            check=airport.great_circle,
        ),
        RuleCheck(
            name="delay_code",
            summary="meaning of an IATA delay code",
            fields="code",
            check=airport.delay_code_meaning,
        ),
        RuleCheck(
            name="eu261",
            summary="what a passenger is owed under EU261",
            fields=_RIGHTS_FIELDS,
            check=rights.passenger_rights,
            presets={"regime": "EU261"},
        ),
        RuleCheck(
            name="uk261",
            summary="what a passenger is owed under UK261",
            fields=_RIGHTS_FIELDS,
            check=rights.passenger_rights,
            presets={"regime": "UK261"},
        ),
        RuleCheck(
            name="passenger_rights",
            summary="what a passenger is owed under the regime or regimes named",
            fields="regime|regimes " + _RIGHTS_FIELDS,
            check=rights.passenger_rights,
        ),
        RuleCheck(
            name="hotel_nights",
            summary="nights in a hotel that a wait makes necessary",
            fields="airport wait_from_utc wait_until_utc",
            check=laws.hotel_nights,
        ),
        RuleCheck(
            name="national_rights",
            summary="what national laws grant: Canada, Saudi Arabia, India, Turkey, Israel, US",
            fields="regime|origin+destination event [distance_km arrival_delay_min cause extraordinary "
            "within_control required_for_safety notice_days reroute_departure_offset_min "
            "reroute_arrival_offset_min smaller_aircraft ticket_price currency flight_hours event_date]",
            check=laws.national_rights,
        ),
        RuleCheck(
            name="payer",
            summary="which carrier of a joined booking answers for compensation",
            fields="legs broken_leg origin destination",
            check=laws.payer,
        ),
        RuleCheck(
            name="us_tarmac",
            summary="how long passengers may be kept on the tarmac in the United States",
            fields="domestic tarmac_hours [safety_or_atc]",
            check=laws.us_tarmac,
        ),
        RuleCheck(
            name="us_dot",
            summary="refunds under 14 CFR Part 260",
            fields="domestic [event cancelled departure_earlier_min arrival_delay_min accepts_alternative "
            "bag_delay_hours flight_hours]",
            check=rights.us_dot,
        ),
        RuleCheck(
            name="mc99",
            summary="limit of liability under the Montreal Convention",
            fields="kind event_date|event_dates [weight_kg declared_value]",
            check=rights.montreal,
        ),
        RuleCheck(
            name="cargo",
            summary="cargo; check: " + ", ".join(cargo.CARGO_CHECKS),
            fields="check [code reading_c readings_c awb_range_c label_range_c codes shipments classes cao "
            "aircraft awb serial weight_kg event_date declared_value]",
            check=cargo.cargo,
        ),
    )
}

_BY_REGIME: Final = {
    "EU261": "eu261",
    "EC261": "eu261",
    "UK261": "uk261",
    "MC99": "mc99",
    "MONTREAL": "mc99",
    "USDOT": "us_dot",
    **dict.fromkeys(("APPR", "GACA", "DGCA", "SHY", "ASL", "US250"), "national_rights"),
}


_ASKED_AS: Final = {"on": "event_date", "fare": "ticket_price", "price": "ticket_price"}
"""Names of the domain, with the fields by which a check takes them."""


def check_rule(values: Mapping[str, object], rule: str | None = None) -> dict[str, Json]:
    """Return the answer of a rule to a set of fields.

    Args:
        values: Fields by name; `rule`, `regime` or `regimes` among them names the rule if `rule` does not.
        rule: Name of the rule.

    Raises:
        DomainError: If the rule is not known or a field is not right.
    """
    check = named_rule(rule if rule is not None else _rule_of(values))
    # The names that chose the rule are no fields of it.
    given = {key: value for key, value in values.items() if key != "rule"}
    regime = given.get("regime")
    if regime is not None and check.name in ("eu261", "uk261", "us_dot", "mc99"):
        if _BY_REGIME.get(re.sub(r"[\s_-]+", "", str(regime)).upper(), check.name) != check.name:
            raise InvalidInputError("regime", regime, f"none beside rule {check.name}, or its own")
        if check.name in ("us_dot", "mc99"):
            del given["regime"]
    if check.presets is not None and "regimes" not in given:
        given = {**check.presets, **given}
    fields = Fields(given)
    try:
        answer = check.check(fields)
    except InvalidInputError as error:
        if error.field not in _ASKED_AS or error.field in values:
            raise
        raise InvalidInputError(_ASKED_AS[error.field], error.value, error.expected) from error
    except OverflowError as error:
        raise OutOfRangeError("fields", dict(values), "times within the calendar, years 1 to 9999") from error
    _refuse_unread(check, fields)
    return answer.document(check.name, fields.assumptions)


def named_rule(name: str) -> RuleCheck:
    """Return the rule of a name; capitals, spaces and hyphens make no difference.

    Raises:
        UnknownCodeError: If there is none.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if plain not in RULE_CHECKS:
        raise UnknownCodeError("rule", name, RULE_CHECKS)
    return RULE_CHECKS[plain]


def _refuse_unread(check: RuleCheck, fields: Fields) -> None:
    """Refuse what the check did not read: an answer that leaves out a stated fact may be an unsafe one.

    A known field that the question put did not need may say what its absence says: null or false.
    """
    for name, value, read in fields.unread:
        if "." in name:
            raise InvalidInputError(name, value, f"one of {', '.join(read)} there")
        known = name in check.names
        if known and (value is None or value is False):
            continue
        if known:
            raise InvalidInputError(
                name, value, f"no {name} here: this question of {check.name} does not use it"
            )
        near = difflib.get_close_matches(name, sorted({*check.names, *read}), n=1, cutoff=0.5)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise InvalidInputError(name, value, f"a field of {check.name}{meant}: {', '.join(check.names)}")


def _rule_of(values: Mapping[str, object]) -> str:
    named = values.get("rule")
    if named is not None:
        return str(named)
    regime = values.get("regime")
    if isinstance(regime, str) and (plain := re.sub(r"[\s_-]+", "", regime).upper()) in _BY_REGIME:
        return _BY_REGIME[plain]
    if "regime" in values or "regimes" in values:
        return "passenger_rights"
    raise MissingInputError("rule", "the name of a rule: " + ", ".join(RULE_CHECKS))
