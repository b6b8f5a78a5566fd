"""Who may fly: duty, rest, hours and heads, by ORO.FTL, CS FTL.1 and ORO.CC.100 as read for this judge."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
NOTICE = HOUR
"""A crew member told less than this before the report has reported, for this judge."""

# ORO.FTL.205(b)(1) Table 2: start on the reference clock, and minutes for 1-2 sectors.
_BANDS = (
    ("05:00", 720),
    ("05:15", 735),
    ("05:30", 750),
    ("05:45", 765),
    ("06:00", 780),
    ("13:30", 765),
    ("14:00", 750),
    ("14:30", 735),
    ("15:00", 720),
    ("15:30", 705),
    ("16:00", 690),
    ("16:30", 675),
    ("17:00", 660),
)
_NIGHT_MINUTES = 660
_FLOOR_MINUTES = 540
_PER_SECTOR = 30
_UNKNOWN_MINUTES = 660
# CS FTL.1.205(c): hours by class of rest facility, for one and for two pilots more.
_AUGMENTED = {"class1": (16, 17), "class2": (15, 16), "class3": (14, 15)}
# ORO.FTL.105(1) Table 1: elapsed below 48, 72, 96, 120 h, and beyond; rows by time difference.
_ACCLIMATISED = ((4, "BDDDD"), (6, "BXDDD"), (9, "BXXDD"), (24, "BXXXD"))


@dataclass(frozen=True, slots=True)
class Past:
    """A duty of the past as a roster row lists it."""

    report: datetime
    debrief: datetime
    start: str
    end: str
    flown: timedelta
    in_flight_rest: bool
    added: timedelta


def past(row: Any) -> list[Past] | None:
    """The duties before, oldest first; None where the row does not tell."""
    if row.past_duties is None or row.past_duties_from is None:
        return None
    found = []
    for line in row.past_duties:
        times, places, _, flown, *more = line.split()
        report, debrief = (datetime.fromisoformat(one.replace("Z", "+00:00")) for one in times.split("/"))
        start, end = places.split("-")
        added = next((one for one in more if one.startswith("+")), "+0:00")
        found.append(
            Past(report, debrief, start, end, _span(flown), "in-flight-rest" in more, _span(added[1:]))
        )
    return sorted(found, key=lambda one: one.report)


def _span(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


@dataclass(frozen=True, slots=True)
class Flying:
    """One crew member on the flight as offered: the report and the end of the FDP as they come out."""

    crew_id: str
    role: str
    row: Any
    report: datetime
    reported: bool
    end: datetime
    sectors: int


def as_offered(row: Any, flights: Mapping[str, Any], now: datetime, off_block: datetime) -> Flying | None:
    """The duty of a roster row with this flight at `off_block`; None where a sector of it is in no table."""
    legs = [flights.get(one) for one in row.duty_flights]
    flight = flights.get(row.flight_id)
    if flight is None or any(one is None for one in legs):
        return None
    delay = max(off_block - flight.std, timedelta(0))
    planned = row.delayed_report or row.report
    reported = row.sector > 1 or now > planned - NOTICE
    positioned = set(row.positioning_flights or ())
    return Flying(
        crew_id=row.crew_id,
        role=row.role,
        row=row,
        report=planned if reported else planned + delay,
        reported=reported,
        end=legs[-1].sta + delay,
        sectors=max(sum(1 for one in row.duty_flights if one not in positioned), 1),
    )


def fdp_faults(one: Flying, zones: Mapping[str, str]) -> list[str]:
    """An FDP longer than any table allows; the most generous reading of the row's state counts."""
    place = zones.get(one.row.report_airport)
    if place is None:
        return [f"{one.crew_id}: nothing says where {one.row.report_airport} is"]
    if one.row.augmented_pilots > 0 and one.row.rest_facility is not None:
        pair = _AUGMENTED[one.row.rest_facility]
        # An hour more where one sector is longer than nine hours and there are at most two.
        most = timedelta(hours=pair[min(one.row.augmented_pilots, 2) - 1] + 1)
        if one.role in ("purser", "cabin"):
            most = 18 * HOUR
    else:
        most = _longest(one, place)
        if not one.reported:
            # A planned extension may give an hour; nobody may plan on the commander's discretion.
            most += HOUR if one.row.extensions_last_7_days < 2 else timedelta(0)
    fdp = one.end - one.report
    return [f"{one.crew_id}: FDP {fdp} of {most}"] if fdp > most else []


def _longest(one: Flying, place: str) -> timedelta:
    here = one.report.astimezone(ZoneInfo(place)).utcoffset()
    there = one.report.astimezone(ZoneInfo(one.row.acclimatised_zone)).utcoffset()
    assert here is not None and there is not None
    apart = abs(here - there)
    elapsed = one.row.hours_since_zone_report + (one.report - one.row.report) / HOUR
    code = "D"
    if apart > 2 * HOUR:
        column = sum(elapsed >= limit for limit in (48, 72, 96, 120))
        code = next(codes for most, codes in _ACCLIMATISED if apart <= most * HOUR)[column]
    if code == "X":
        minutes = _UNKNOWN_MINUTES + 60  # with fatigue risk management
    else:
        # Within two hours a crew member stays acclimatised to either place: the longer of the two counts.
        zones = {"B": [one.row.acclimatised_zone], "D": [place, one.row.acclimatised_zone]}[code]
        minutes = max(_by_start(one.report.astimezone(ZoneInfo(zone)).time()) for zone in zones)
    minutes -= _PER_SECTOR * max(one.sectors - 2, 0)
    longest = timedelta(minutes=max(minutes, _FLOOR_MINUTES))
    if one.row.split_break is not None:
        longest += (one.row.split_break.end - one.row.split_break.start) / 2
    return longest


def _by_start(start: time) -> int:
    clock = f"{start:%H:%M}"
    return next((minutes for begins, minutes in reversed(_BANDS) if begins <= clock), _NIGHT_MINUTES)


def rest_faults(one: Flying, zones: Mapping[str, str], base: str) -> list[str]:
    """Too little rest before the duty: ORO.FTL.235(a) to (c), CS FTL.1.235(b)(3), CS FTL.1.205(c)(6)."""
    before = past(one.row)
    if before is None:
        return [f"{one.crew_id}: nothing says what duties came before"]
    earlier = [duty for duty in before if duty.debrief <= one.report]
    if any(duty.debrief > one.report for duty in before if duty.report < one.report):
        return [f"{one.crew_id}: still on the duty before"]
    if not earlier:
        return []
    last = earlier[-1]
    duty = last.debrief - last.report
    home = last.end == base
    least = max(duty, 12 * HOUR if home else 10 * HOUR)
    start, end = zones.get(last.start), zones.get(last.end)
    if start is None or end is None:
        return [f"{one.crew_id}: nothing says what time it is at {last.start} or {last.end}"]
    apart = abs(_offset(last.debrief, start) - _offset(last.debrief, end))
    if not home and apart >= 4 * HOUR:
        least = max(least, 14 * HOUR)
    if not home and last.in_flight_rest:
        least = max(least, 14 * HOUR)
    # A reduced rest under fatigue risk management may go down to 12 h at home and 10 h away.
    if one.row.reduced_rests is not None and one.row.reduced_rests < 2:
        least = min(least, 12 * HOUR if home else 10 * HOUR) if apart < 4 * HOUR else least
    rest = one.report - last.debrief
    return [f"{one.crew_id}: rest {rest} of {least} after {last.start}-{last.end}"] if rest < least else []


def recovery_faults(one: Flying, base_zone: str) -> list[str]:
    """More than 168 h since the last recovery rest: ORO.FTL.235(d)."""
    before = past(one.row)
    if before is None:
        return []  # said by the rest before the duty
    duties = [duty for duty in before if duty.report < one.report]
    free_from = one.row.past_duties_from
    found: datetime | None = None
    for duty in duties:
        if _recovers(free_from, duty.report, base_zone):
            found = duty.report
        free_from = max(free_from, duty.debrief)
    if _recovers(free_from, one.report, base_zone):
        found = one.report
    if found is None:
        known = (one.end - one.row.past_duties_from) / HOUR
        return [f"{one.crew_id}: no recovery rest in {known:.0f} h"] if known > 168 else []
    late = one.end - (found + 168 * HOUR)
    return [f"{one.crew_id}: {late} past the 168 h since a recovery rest"] if late > timedelta(0) else []


def _recovers(start: datetime, end: datetime, zone: str) -> bool:
    """36 h with two local nights: 8 h within 22:00-08:00 local."""
    if end - start < 36 * HOUR:
        return False
    nights, day = 0, start.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    while day <= end.astimezone(ZoneInfo(zone)).date():
        opens = _local(day, time(22), zone)
        closes = _local(day + timedelta(days=1), time(8), zone)
        nights += min(end, closes) - max(start, opens) >= 8 * HOUR
        day += timedelta(days=1)
    return nights >= 2


def hours_faults(one: Flying, flying: timedelta, base_zone: str) -> list[str]:
    """More than ORO.FTL.210 allows, by the row's own totals at report."""
    row = one.row
    duty = (one.end - one.report) / HOUR
    hours = flying / HOUR
    found = [
        (row.duty_hours_7d + duty, 60, "7 days"),
        (row.duty_hours_14d + duty, 110, "14 days"),
        (row.duty_hours_28d + duty, 190, "28 days"),
        (row.flight_hours_28d + hours, 100, "28 days, flying"),
        (row.flight_hours_year + hours, 900, "the year, flying"),
        (row.flight_hours_12_months + hours, 1000, "12 months, flying"),
    ]
    # A day falls out of the window where the report moves or the duty runs past midnight at base, and the
    # duty of that day makes room: as much as one long duty.
    days = {at.astimezone(ZoneInfo(base_zone)).date() for at in (row.report, one.report, one.end)}
    moved = 14.0 if len(days) > 1 else 0.0
    return [
        f"{one.crew_id}: {total:.1f} h of {limit} in {window}"
        for total, limit, window in found
        if total - (moved if "year" not in window and "months" not in window else 0.0) > limit
    ]


def paper_faults(
    crew_id: str, member: Any, until: datetime, aircraft_type: str, family: Mapping[str, str]
) -> list[str]:
    """Medical, recency or rating that does not last, or that nobody knows."""
    if member is None:
        return [f"{crew_id}: no row says what {crew_id} may fly"]
    found = []
    if member.medical_valid_until < until:
        found.append(f"{crew_id}: medical lapses at {member.medical_valid_until}")
    if member.recency_until is not None and member.recency_until < until:
        found.append(f"{crew_id}: recency lapses at {member.recency_until}")
    held = [
        r
        for r in member.ratings
        if family.get(r.aircraft_type, r.aircraft_type) == family.get(aircraft_type, aircraft_type)
    ]
    if not any(rating.valid_until >= until for rating in held):
        found.append(f"{crew_id}: no rating on {aircraft_type} lasts")
    return found


def head_faults(roles: Iterable[str], seats: int | None, service: str, least: int | None) -> list[str]:
    """Fewer than two pilots, or than one cabin crew member for 50 installed seats: ORO.CC.100."""
    aboard = list(roles)
    found = []
    if "captain" not in aboard or sum(role in ("captain", "first_officer") for role in aboard) < 2:
        found.append("fewer than a captain and another pilot")
    if service != "passenger":
        return found
    if seats is None:
        return [*found, "nothing says how many seats are installed"]
    cabin = sum(role in ("purser", "cabin") for role in aboard)
    needed = max(math.ceil(seats / 50), least or 0)
    if cabin < needed:
        found.append(f"{cabin} cabin crew for {seats} seats: {needed} are needed")
    return found


def both_at_once(
    crew_id: str, rows: Sequence[Any], flight_id: str, start: datetime, end: datetime
) -> list[str]:
    """Another flight on the roster in the same hours."""
    return [
        f"{crew_id}: stands on the roster for {row.flight_id} in those hours"
        for row in rows
        if row.crew_id == crew_id and row.flight_id != flight_id and row.report < end and row.debrief > start
    ]


def _offset(at: datetime, zone: str) -> timedelta:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


def _local(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
