"""What each field of a rule check means, and the kind of value that it takes.

A name means the same in every rule; the few that do not are entered as `rule.name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["FIELDS", "FieldMeaning", "in_minutes", "meaning", "written"]


class FieldMeaning(NamedTuple):
    """The kind of a field, and what it says."""

    kind: str
    text: str


_KINDS: Final[Mapping[str, str]] = {
    "text": "text",
    "code": "one of a list of words",
    "true or false": "true or false",
    "whole number": "whole number",
    "number": "number",
    "list of numbers": "list of numbers",
    "list of texts": "list of texts, or one text with commas",
    "list of objects": "list of objects",
    "duration": "H:MM or {unit}",
    "difference": "H:MM or {unit}, may be negative",
    "time of day": "HH:MM",
    "instant": "date and time with its offset, such as 2026-02-05T20:30Z",
    "day": "day, such as 2026-02-05",
    "list of days": "list of days",
}
"""Each kind of value, with how it is written; `unit` is hours, or minutes where the name says so."""

_DURATION: Final = "duration"
_DIFFERENCE: Final = "difference"
_FLAG: Final = "true or false"
_COUNT: Final = "whole number"
_INSTANT: Final = "instant"
_CLOCK: Final = "time of day"
_TEXT: Final = "text"
_CODE: Final = "code"

FIELDS: Final[Mapping[str, FieldMeaning]] = {
    name: FieldMeaning(kind, text)
    for name, kind, text in (
        # Crew
        ("duties", "list of objects", "each with start_utc and end_utc (instants), in order"),
        ("seats", _COUNT, "passenger seats installed, sold or not"),
        ("seats_by_deck", "list of numbers", "passenger seats installed on each deck"),
        ("decks", _COUNT, "decks with seats, where seats gives all together; 1 by default"),
        ("certified_minimum", _COUNT, "cabin crew established in the certification of the cabin"),
        ("cabin_crew", _COUNT, "cabin crew on the flight, the senior one included"),
        ("senior_aboard", _FLAG, "a senior cabin crew member is among them"),
        ("passengers", _COUNT, "passengers aboard, or on the deck"),
        ("unforeseen_away_from_base", _FLAG, "incapacitated or unavailable away from the home base"),
        ("procedure_minimum", _COUNT, "fewest cabin crew that the approved procedure goes down to"),
        # Flight and duty
        ("profile", _TEXT, "flight time rules: EASA (default), UK, GCAA or FAR117"),
        ("sectors", _COUNT, "sectors of the FDP, from 1; positioning is none"),
        (
            "inflight_rest_feasible.sectors",
            "list of objects",
            "each with block (a duration) and pilots (a whole number)",
        ),
        ("report_ref_time", _CLOCK, "report on the reference clock of ORO.FTL.105(1)"),
        ("report_utc", _INSTANT, "report"),
        ("report_place", _TEXT, "airport of the report, IATA"),
        ("report_tz", _TEXT, "IANA time zone of the report"),
        ("last_acclimatised_tz", _TEXT, "IANA time zone last acclimatised to"),
        ("base", _TEXT, "home base, IATA"),
        ("elapsed_since_reporting_hours", _DURATION, "time since reporting in the zone last acclimatised to"),
        ("state", _CODE, "acclimatised (B, D) or unknown (X)"),
        ("frm", _FLAG, "whether the operator has fatigue risk management"),
        ("augmented", _FLAG, "whether the flight crew is augmented"),
        ("off_block_utc", _INSTANT, "off-block"),
        ("end_of_fdp_utc", _INSTANT, "end of the FDP, on block after the last sector"),
        ("post_flight", _DURATION, "duty after the end of the FDP"),
        ("planned_flight_hours", _DURATION, "flight time planned in the duty"),
        ("planned_duty_hours", _DURATION, "duty planned"),
        ("positioning_hours", _DURATION, "positioning: duty, and no sector"),
        ("airport_standby_hours", _DURATION, "standby at the airport: duty in full"),
        ("home_standby_hours", _DURATION, "other standby: a quarter of it counts"),
        ("crew_id", _TEXT, "who"),
        ("duty_hours_7d", _DURATION, "duty in the last 7 days"),
        ("duty_hours_14d", _DURATION, "duty in the last 14 days"),
        ("duty_hours_28d", _DURATION, "duty in the last 28 days"),
        ("flight_hours_28d", _DURATION, "flight time in the last 28 days"),
        ("flight_hours_calendar_year", _DURATION, "flight time in this calendar year"),
        ("flight_hours_12_months", _DURATION, "flight time in the last 12 calendar months"),
        ("additional_pilots", _COUNT, "pilots above the minimum crew"),
        ("rest_facility", _CODE, "class1, class2 or class3"),
        ("longest_sector_hours", _DURATION, "flight time of the longest sector"),
        ("extensions_used_last_7_days", _COUNT, "planned extensions used in 7 days"),
        ("standby_reduction", _DURATION, "what a standby takes off the FDP"),
        ("reported", _FLAG, "whether the crew member has reported"),
        ("next_report_utc", _INSTANT, "report of the next duty"),
        ("rest_place", _CODE, "where the rest is taken: home or away"),
        (
            "fdp_time_difference_hours",
            _DIFFERENCE,
            "difference on the clock between start and end of the FDP",
        ),
        ("in_flight_rest", _FLAG, "whether the FDP is extended by in-flight rest"),
        ("split_duty", _FLAG, "whether the FDP is extended by a break on the ground"),
        ("outside_cruise", _DURATION, "flight time of a sector outside the cruise"),
        ("max_extended_fdp", _DURATION, "FDP extended by in-flight rest"),
        ("basic_max_fdp", _DURATION, "maximum FDP without a planned extension"),
        ("projected_fdp", _DURATION, "FDP now expected"),
        ("delay_known", _CODE, "when: before_reporting, at_reporting, after_reporting, in_flight"),
        ("airborne_on_last_sector", _FLAG, "whether the last sector has taken off"),
        ("original_report", _CLOCK, "report as planned, reference clock"),
        ("delayed_report", _CLOCK, "report as last notified, reference clock"),
        ("notifications", _COUNT, "how often a delay was notified"),
        ("second_notification", _CLOCK, "when the second notification came, reference clock"),
        ("last_report", _CLOCK, "report as last notified, reference clock"),
        ("undisturbed", _FLAG, "whether the crew was left alone for 10 h after the notification"),
        ("type", _CODE, "where the standby is: airport, or other (home, hotel)"),
        ("standby_hours", _DURATION, "length of the standby"),
        ("max_fdp", _DURATION, "maximum FDP without the standby"),
        ("standby_start", _CLOCK, "start of the standby, local"),
        ("contacted_at", _CLOCK, "when the crew was called, local"),
        ("response_time_hours", _DURATION, "time to report after the call"),
        ("extended", _FLAG, "whether the FDP is extended by in-flight rest or split duty"),
        ("mel_interval.extended", _FLAG, "whether the interval was extended once already"),
        ("awake_before_hours", _DURATION, "time awake before the standby"),
        ("notice_hours", _DURATION, "notice before the duty"),
        ("ground_break", _DURATION, "break on the ground, duties and travel included"),
        ("post_pre_flight_and_travel", _DURATION, "duties and travel within the break, 0:30 or more"),
        ("accommodation", _CODE, "none, accommodation or suitable"),
        ("encroaches_wocl", _FLAG, "whether the break touches the window of circadian low"),
        ("wocl_overlap", _DURATION, "how much of the break lies in the window of circadian low"),
        ("break_start", _CLOCK, "start of the break, reference clock"),
        ("breaks", _COUNT, "breaks in the FDP"),
        ("after_reduced_rest", _FLAG, "whether the rest before was a reduced one"),
        ("time_difference_hours", _DIFFERENCE, "difference on the clock to the reference time"),
        ("elapsed_hours", _DURATION, "time since reporting at the reference time"),
        (
            "legs",
            "list of objects",
            "each with tz_step_hours (a difference), rest_after (true or false) and, if known, elapsed_hours",
        ),
        ("start_utc", _INSTANT, "start"),
        ("end_utc", _INSTANT, "end"),
        ("zone", _TEXT, "IANA time zone that the crew member is acclimatised to"),
        ("disruptive_type", _CODE, "early or late, as the authority has it"),
        # Rest
        ("check", _TEXT, "which question of the rule"),
        ("place", _CODE, "home, home_with_operator_accommodation or away"),
        ("preceding_duty", _DURATION, "duty before the rest"),
        ("operator_accommodation", _FLAG, "whether the operator provides suitable accommodation at home"),
        ("extension_rest_hours", _DURATION, "further rest due to a planned extension"),
        ("disruptive_duties_since_last", _COUNT, "disruptive duties since the last recovery rest"),
        ("hours_since_last", _DURATION, "time since the last recovery rest ended"),
        ("previous_end_utc", _INSTANT, "end of the recovery rest before"),
        ("reduced_rest", _DURATION, "rest as reduced"),
        ("required_rest", _DURATION, "minimum rest without the reduction"),
        ("used_since_recovery", _COUNT, "reduced rests since the last recovery rest"),
        ("opposite_directions", _FLAG, "whether an eastward rotation follows a westward one, or the reverse"),
        ("late_or_night_to_early", _FLAG, "whether a late finish or night duty precedes an early start"),
        # Aircraft and airports
        ("category", _CODE, "category of the MEL item: A, B, C or D"),
        ("discovered", _INSTANT, "when the defect was found"),
        ("interval_calendar_days", _COUNT, "interval of category A in calendar days"),
        ("interval_flights", "number", "interval of category A in flights"),
        ("interval_flight_hours", "number", "interval of category A in flight hours"),
        ("interval_flight_days", "number", "interval of category A in flight days"),
        ("used", "number", "how much of the interval is used"),
        ("planned", "number", "how much the planned flight uses"),
        ("departure", _INSTANT, "departure"),
        ("arrival", _INSTANT, "arrival"),
        ("clock_zone", _TEXT, "IANA time zone of the operator's MEL clock, UTC by default"),
        ("days_may_run_out_in_flight", _FLAG, "whether the operator lets the interval end in flight"),
        ("extension_procedure_approved", _FLAG, "whether the operator's extension procedure is approved"),
        ("already_extended", _FLAG, "whether the interval was extended before"),
        ("events_beyond_control", _FLAG, "whether the reason is beyond the operator's control"),
        ("authority_notified", _FLAG, "whether the authority was notified"),
        ("connection_min", _DIFFERENCE, "time between the flights"),
        ("mct_min", _DURATION, "minimum connecting time"),
        ("airport", _TEXT, "airport, IATA"),
        ("date", "day", "day of the flight"),
        ("terminal_from", _TEXT, "terminal of the arrival"),
        ("terminal_to", _TEXT, "terminal of the departure"),
        ("outbound_destination_country", _TEXT, "country of the onward flight, ISO 3166"),
        (
            "preclearance_presentation_min_before_departure",
            _DURATION,
            "how long before departure US preclearance closes",
        ),
        ("time_utc", _INSTANT, "time of the take-off or landing"),
        ("movement", _CODE, "departure or arrival"),
        ("scheduled", _FLAG, "whether the movement is scheduled for that time"),
        ("scheduled_local", _CLOCK, "scheduled time, local"),
        ("scheduled_utc", _INSTANT, "scheduled time"),
        ("delay_inherent_in_schedule", _FLAG, "whether the delay comes from the schedule itself"),
        ("quota_slot", _FLAG, "whether a night quota is held"),
        ("dispensation", _FLAG, "whether a dispensation was granted"),
        ("emergency", _FLAG, "whether it is an emergency"),
        ("reason", _TEXT, "reason for the movement; emergency, medical, safety and relief count as one"),
        ("international", _FLAG, "whether it is an international passenger flight"),
        ("aircraft", _TEXT, "kind of aircraft, such as passenger_jet or freighter"),
        ("quota_count", _TEXT, "noise class, such as QC/4"),
        ("taxi_min", _DURATION, "taxi time, where time_utc and the schedule are off-block or on-block times"),
        ("taxi_out_min", _DURATION, "taxi time"),
        ("ctot_utc", _INSTANT, "calculated take-off time"),
        ("tolerance_before_min", _DURATION, "tolerance before the CTOT"),
        ("tolerance_after_min", _DURATION, "tolerance after the CTOT"),
        (
            "weather.movement",
            _CODE,
            "departure, arrival, or alternate for the planning minima of an alternate",
        ),
        ("approach", _CODE, "CAT I, CAT II or CAT III"),
        ("visibility_m", _COUNT, "visibility in metres"),
        ("rvr_m", _COUNT, "runway visual range in metres"),
        ("ceiling_ft", _COUNT, "ceiling in feet"),
        ("wind_kt", _COUNT, "wind in knots"),
        ("gust_kt", _COUNT, "gust in knots"),
        ("thunderstorm", _FLAG, "whether a thunderstorm is forecast"),
        ("ground_stop", _FLAG, "whether a ground stop is in force"),
        ("wind_from_deg", _COUNT, "where the wind comes from, in degrees"),
        ("runways_deg", "list of numbers", "headings of the runways in degrees, one direction each"),
        ("crosswind_limit_kt", _COUNT, "crosswind limit of the aircraft or operator in knots"),
        ("wind_limit_kt", _COUNT, "limit of the aircraft or operator in knots"),
        ("engines", _COUNT, "engines of the aircraft"),
        ("approved_min", _DURATION, "approved diversion time"),
        ("removed_by_mel", _FLAG, "whether an open MEL item removes the approval"),
        ("diversion_min", _DURATION, "longest diversion on the route"),
        ("origin", _TEXT, "airport of departure, IATA"),
        ("destination", _TEXT, "final destination, IATA"),
        ("code", _TEXT, "IATA delay code of two digits"),
        # Passengers
        ("regime", _CODE, "EU261 or UK261"),
        (
            "national_rights.regime",
            _CODE,
            "APPR (Canada), GACA (Saudi Arabia), DGCA (India), SHY (Turkey), ASL (Israel) or "
            "US250 (United States)",
        ),
        (
            "national_rights.event",
            _CODE,
            "delay, cancellation, denied_boarding or brought_forward",
        ),
        ("us_dot.event", _CODE, "delay or cancellation"),
        ("regimes", "list of texts", "regimes to compare"),
        ("event", _CODE, "delay, cancellation, denied_boarding, brought_forward or downgrade"),
        ("cause", _TEXT, "cause, such as bird_strike"),
        ("extraordinary", _FLAG, "whether the circumstances were extraordinary"),
        ("via", "list of texts", "airports on the way, IATA"),
        ("carrier", _TEXT, "operating carrier, IATA"),
        ("carrier_eu", _FLAG, "whether the carrier is licensed in the EU"),
        ("carrier_uk", _FLAG, "whether the carrier is licensed in the UK"),
        ("origin_eu", _FLAG, "whether the departure is in the EU"),
        ("origin_uk", _FLAG, "whether the departure is in the UK"),
        ("destination_eu", _FLAG, "whether the destination is in the EU"),
        ("destination_uk", _FLAG, "whether the destination is in the UK"),
        ("single_booking", _FLAG, "whether the flights are one booking"),
        (
            "outbound_started_in_eu",
            _FLAG,
            "whether the way out began in the EU, which does not count for the way back",
        ),
        ("distance_km", "number", "great circle from the first departure to the final destination"),
        ("distances_km", "list of numbers", "the same for several segments"),
        ("arrival_delay_min", _DIFFERENCE, "delay at the final destination, at the opening of a door"),
        ("us_dot.arrival_delay_min", _DURATION, "how much later it arrives"),
        ("notice_days", _COUNT, "days between the notice and the departure"),
        ("reroute_departure_offset_min", _DIFFERENCE, "new departure against the schedule"),
        ("reroute_arrival_offset_min", _DIFFERENCE, "new arrival against the schedule"),
        ("expected_departure_delay_min", _DURATION, "expected delay of the departure"),
        (
            "scheduled_arrival_utc",
            _INSTANT,
            "scheduled arrival; with door_open_utc it gives the arrival delay",
        ),
        ("door_open_utc", _INSTANT, "when a door opens for passengers to leave (C-452/13)"),
        ("extraordinary_delay_min", _DURATION, "part of the arrival delay that is extraordinary"),
        ("reasonable_measures_taken", _FLAG, "whether all reasonable measures were taken (Art 5(3))"),
        ("wait_from_utc", _INSTANT, "from when a passenger waits"),
        ("wait_until_utc", _INSTANT, "until when"),
        ("diverted_to", _TEXT, "airport at which it landed instead of its destination, IATA"),
        ("serves_same_city", _FLAG, "whether that airport serves the same town, city or region (C-826/19)"),
        ("within_control", _FLAG, "Canada: whether it is within the carrier's control"),
        ("required_for_safety", _FLAG, "Canada: whether it was required for safety"),
        ("smaller_aircraft", _FLAG, "United States: whether a smaller aircraft was needed"),
        ("national_rights.flight_hours", _DURATION, "block time of the flight"),
        (
            "payer.legs",
            "list of objects",
            "each with carrier and, if it is not in the list, carrier_eu",
        ),
        ("broken_leg", _COUNT, "which leg was late or cancelled, from 1"),
        ("tarmac_hours", _DURATION, "time on the tarmac with the doors closed"),
        ("safety_or_atc", _FLAG, "whether safety, security or air traffic control kept it there"),
        ("brought_forward_min", _DURATION, "how much earlier it leaves"),
        ("overnight", _FLAG, "whether a night is spent waiting"),
        ("ticket_price", "number", "price of the ticket"),
        ("currency", _TEXT, "currency of the price, ISO 4217"),
        ("event_date", "day", "day of the event"),
        ("event_dates", "list of days", "several days of the event"),
        ("domestic", _FLAG, "whether the itinerary stays inside the United States"),
        ("cancelled", _FLAG, "whether the flight was cancelled"),
        ("departure_earlier_min", _DURATION, "how much earlier it leaves"),
        ("accepts_alternative", _FLAG, "whether the passenger takes the alternative"),
        ("bag_delay_hours", _DURATION, "how late the bag came"),
        ("flight_hours", _DURATION, "length of the longest flight"),
        ("kind", _CODE, "death_injury, passenger_delay, baggage or cargo"),
        ("weight_kg", "number", "weight in kilograms"),
        ("declared_value", "number", "value declared, in SDR"),
        # Cargo
        ("cargo.code", _TEXT, "special handling code, such as COL"),
        ("reading_c", "number", "a temperature reading in degrees Celsius"),
        ("readings_c", "list of numbers", "temperature readings in degrees Celsius"),
        ("awb_range_c", "list of numbers", "range on the air waybill: low, high"),
        ("label_range_c", "list of numbers", "range on the label: low, high"),
        ("codes", "list of texts", "special handling codes"),
        (
            "shipments",
            "list of objects",
            "each with codes, dg_class, un_number, cargo_aircraft_only (true or false) and, optionally, awb",
        ),
        ("classes", "list of texts", "classes of dangerous goods, or UN numbers of lithium batteries"),
        ("cao", _FLAG, "whether the shipment is for cargo aircraft only"),
        ("cargo.aircraft", _CODE, "passenger or freighter"),
        ("awb", _TEXT, "air waybill number"),
        ("serial", _TEXT, "serial number of an air waybill, without its check digit"),
    )
}


def meaning(rule: str, name: str) -> FieldMeaning:
    """Return what a field means in a rule.

    Raises:
        KeyError: If nothing is entered for it.
    """
    return FIELDS.get(f"{rule}.{name}") or FIELDS[name]


def written(name: str, kind: str) -> str:
    """Return how a value of a kind is written in a field."""
    return _KINDS[kind].format(unit="minutes" if in_minutes(name) else "hours")


def in_minutes(name: str) -> bool:
    """Return whether a bare number in a field of durations counts minutes rather than hours."""
    return name.endswith("_min") or "_min_" in name
