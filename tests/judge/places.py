"""When an airport takes a movement: nights, closures, runways, take-off times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from skymarshal.operations.statements import NoneAsOf
from tests.judge.aircraft import silent

# Deep in the night by any airport's rule: what is not said of it cannot be assumed.
_DEEP_NIGHT = (time(1), time(4, 30))


def movement_faults(
    flight: Any, data: Mapping[str, Sequence[Any]], off_block: datetime, on_block: datetime, now: datetime
) -> list[str]:
    """What forbids the take-off or the landing, or is not known of it."""
    taxi = (flight.block - flight.flight_time) / 2
    airports = {one.airport: one for one in data["Airports"]}
    found = []
    for code, movement, at in (
        (flight.origin, "departure", off_block + taxi),
        (flight.destination, "arrival", on_block - taxi),
    ):
        airport = airports.get(code)
        if airport is None:
            found.append(f"no row says what {code} is")
            continue
        found += _night(code, airport, movement, at, data)
        found += _shut(code, airport, movement, at, data, now)
    for slot in data["AirportSlots"]:
        if isinstance(slot, NoneAsOf) or slot.flight_id != flight.flight_id or slot.ctot is None:
            continue
        # Later than the slot a new one can be asked for; before it nobody is let go.
        if off_block + taxi < slot.ctot - slot.tolerance_before:
            found.append(f"takes off at {off_block + taxi} with a CTOT of {slot.ctot}")
    return found


def _night(
    code: str, airport: Any, movement: str, at: datetime, data: Mapping[str, Sequence[Any]]
) -> list[str]:
    rules = [one for one in data["AirportCurfews"] if one.airport == code]
    local = at.astimezone(ZoneInfo(airport.zone))
    if not rules:
        if _DEEP_NIGHT[0] <= local.time() < _DEEP_NIGHT[1]:
            return [f"{movement} at {code} at {local:%H:%M}, and nothing says whether its nights are open"]
        return []
    found = []
    for rule in rules:
        if isinstance(rule, NoneAsOf) or rule.kind != "hard" or rule.movement not in (movement, "both"):
            continue
        if _narrow(rule):
            continue
        clock = local.time()
        wraps = rule.local_end <= rule.local_start
        inside = (
            clock >= rule.local_start or clock < rule.local_end
            if wraps
            else rule.local_start <= clock < rule.local_end
        )
        # The night belongs to the day on which it begins.
        began = local.date() - timedelta(days=1) if wraps and clock < rule.local_end else local.date()
        if inside and rule.valid_from <= began and (rule.valid_to is None or began <= rule.valid_to):
            found.append(f"{movement} at {code} at {local:%H:%M}: {rule.rule_id}")
    return found


def _narrow(rule: Any) -> bool:
    """Whether a night restriction binds some movements only: those are left to the product's own tests."""
    return bool(
        rule.scheduled_only
        or rule.international_passenger_only
        or rule.weekdays
        or rule.barred_quota_counts
        or rule.unschedulable_quota_counts
        or rule.spares_late
        or rule.held_at != "runway"
    )


def _shut(
    code: str, airport: Any, movement: str, at: datetime, data: Mapping[str, Sequence[Any]], now: datetime
) -> list[str]:
    if silent(data["Notams"], "airport", code, now):
        return [f"nothing says what notices are in force at {code}"]
    found = []
    for notam in data["Notams"]:
        if (
            isinstance(notam, NoneAsOf)
            or notam.airport != code
            or not notam.valid_from <= at < notam.valid_to
        ):
            continue
        if notam.effect == "airport_closed":
            found.append(f"{movement} at {code}, closed by {notam.notam_id}")
        if notam.effect == "runway_closed" and airport.runways == 1:
            found.append(f"{movement} at {code}, whose one runway {notam.notam_id} closes")
    return found
