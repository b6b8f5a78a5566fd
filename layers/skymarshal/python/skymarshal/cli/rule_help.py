"""What `skymarshal rules check RULE --help` prints: a rule's fields with their kinds, and an example."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Mapping
from typing import Final

from skymarshal.cli.rule_checks import RuleCheck
from skymarshal.cli.rule_checks.vocabulary import meaning, written

__all__ = ["EXAMPLES", "rule_help"]

EXAMPLES: Final[Mapping[str, Mapping[str, object]]] = {
    "consecutive_nights": {
        "duties": [{"start_utc": "2026-01-15T22:00Z", "end_utc": "2026-01-16T06:00Z"}],
        "zone": "Asia/Dubai",
        "profile": "GCAA",
    },
    "minimum_cabin_crew": {"seats": 371, "cabin_crew": 11, "senior_aboard": True},
    "reduced_cabin_crew": {
        "cabin_crew": 7,
        "passengers": 340,
        "senior_aboard": True,
        "unforeseen_away_from_base": True,
        "procedure_minimum": 6,
    },
    "max_fdp": {"report_ref_time": "05:45", "sectors": 9, "state": "acclimatised"},
    "max_fdp_from_rotation": {
        "report_utc": "2026-01-15T20:30Z",
        "report_place": "LHR",
        "base": "AUH",
        "elapsed_since_reporting_hours": 36,
        "sectors": 1,
    },
    "duty_limits": {
        "report_utc": "2026-01-15T12:00Z",
        "report_place": "AUH",
        "base": "AUH",
        "elapsed_since_reporting_hours": 0,
        "sectors": 1,
        "off_block_utc": "2026-01-15T13:00Z",
        "end_of_fdp_utc": "2026-01-15T20:40Z",
        "post_flight": "0:30",
        "planned_flight_hours": 7.5,
    },
    "max_fdp_extended": {"report_ref_time": "08:00", "sectors": 2, "extensions_used_last_7_days": 0},
    "max_fdp_inflight_rest": {
        "rest_facility": "class2",
        "additional_pilots": 2,
        "sectors": 1,
        "longest_sector_hours": 8,
    },
    "inflight_rest_feasible": {
        "sectors": [{"block": "7:00", "pilots": 2}, {"block": "5:00", "pilots": 3}],
    },
    "cabin_min_inflight_rest": {"max_extended_fdp": "16:30", "rest_facility": "class1"},
    "commanders_discretion": {
        "basic_max_fdp": "13:00",
        "projected_fdp": "13:30",
        "delay_known": "after_reporting",
    },
    "delayed_reporting": {
        "original_report": "06:00",
        "delayed_report": "14:00",
        "sectors": 1,
        "notifications": 1,
    },
    "standby": {"type": "airport", "standby_hours": 6, "max_fdp": "13:00"},
    "reserve": {"notice_hours": 12},
    "split_duty": {
        "report_ref_time": "06:00",
        "sectors": 2,
        "ground_break": "4:00",
        "post_pre_flight_and_travel": "0:30",
        "accommodation": "accommodation",
        "encroaches_wocl": False,
    },
    "cumulative": {"flight_hours_28d": 94.5, "planned_flight_hours": 6},
    "acclimatisation_state": {"time_difference_hours": 3, "elapsed_hours": 50},
    "acclimatisation_rotation": {"legs": [{"tz_step_hours": 2, "rest_after": True}]},
    "disruptive_duty": {
        "start_utc": "2026-01-15T01:30Z",
        "end_utc": "2026-01-15T09:00Z",
        "zone": "Asia/Dubai",
    },
    "rest": {"place": "away", "preceding_duty": "9:00", "fdp_time_difference_hours": 4},
    "mel_interval": {
        "category": "B",
        "discovered": "2026-01-26T10:00Z",
        "departure": "2026-01-30T00:10Z",
    },
    "mct": {"airport": "VIE", "mct_min": 25, "connection_min": 25},
    "curfew": {
        "airport": "FRA",
        "time_utc": "2026-01-15T22:40Z",
        "movement": "arrival",
        "scheduled_local": "22:30",
    },
    "slot": {"off_block_utc": "2026-01-15T10:00Z", "taxi_out_min": 15, "ctot_utc": "2026-01-15T10:20Z"},
    "weather": {
        "movement": "arrival",
        "approach": "CAT I",
        "visibility_m": 800,
        "rvr_m": 600,
        "ceiling_ft": 250,
        "wind_kt": 8,
    },
    "etops": {"engines": 2, "approved_min": 180, "diversion_min": 140},
    "great_circle": {"origin": "AUH", "destination": "LHR"},
    "delay_code": {"code": "93"},
    "eu261": {
        "event": "delay",
        "origin": "CDG",
        "destination": "AUH",
        "arrival_delay_min": 240,
        "cause": "technical",
    },
    "uk261": {
        "event": "delay",
        "origin": "LHR",
        "destination": "AUH",
        "arrival_delay_min": 240,
        "extraordinary": False,
    },
    "passenger_rights": {
        "regime": "EU261",
        "event": "cancellation",
        "origin": "CDG",
        "destination": "AUH",
        "notice_days": 3,
        "reroute_departure_offset_min": 0,
        "reroute_arrival_offset_min": 120,
    },
    "hotel_nights": {
        "airport": "FRA",
        "wait_from_utc": "2026-02-04T23:20Z",
        "wait_until_utc": "2026-02-05T09:20Z",
    },
    "national_rights": {
        "regime": "APPR",
        "event": "delay",
        "arrival_delay_min": 420,
        "within_control": True,
        "required_for_safety": False,
    },
    "payer": {
        "origin": "PRG",
        "destination": "BKK",
        "legs": [{"carrier": "OK"}, {"carrier": "EY"}],
        "broken_leg": 2,
    },
    "us_tarmac": {"domestic": False, "tarmac_hours": 4.5},
    "us_dot": {"domestic": False, "arrival_delay_min": 400},
    "mc99": {"kind": "baggage", "event_date": "2026-02-05"},
    "cargo": {"check": "temperature", "code": "COL", "readings_c": [3, 9]},
}
"""Fields that each rule answers."""


def rule_help(check: RuleCheck) -> str:
    """Return the help for one rule."""
    optional = set(re.findall(r"[a-z]\w*", check.fields.partition("[")[2]))
    words = check.fields.partition("[")[0].split()
    either = {name: word for word in words if "|" in word for name in re.findall(r"[a-z]\w*", word)}
    width = max(len(name) for name in check.names)
    lines = [f"{check.name}: {check.summary}", "", *_wrapped(f"Fields: {check.fields}"), ""]
    for name in check.names:
        kind, text = meaning(check.name, name)
        others = [one for one in either.get(name, "").split("|") if one and name not in one.split("+")]
        if name in optional:
            needed = ""
        elif not others:
            needed = " (needed)"
        else:
            needed = f" (or {others[0]})" if len(others) == 1 else " (one of these is needed)"
        lines.append(f"  {name:<{width}}  {text}; {written(name, kind)}{needed}")
    lines += ["", "A field that the rule does not use is refused.", ""]
    example = EXAMPLES[check.name]
    flags = " ".join(f"--{name.replace('_', '-')} {_quoted(value)}" for name, value in example.items())
    lines.append(f"Example: skymarshal rules check {check.name} {flags}")
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)


def _quoted(value: object) -> str:
    return shlex.quote(value if isinstance(value, str) else json.dumps(value))
