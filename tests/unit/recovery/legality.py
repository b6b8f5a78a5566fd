"""A second reading of the tables that says, slowly and plainly, what a flight may not do.

It shares no code with the calculators: it reads rows and does its own arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionDetails
from skymarshal.operations.records import CrewAssignment, Flight, Record
from skymarshal.operations.statements import NoneAsOf

Dataset = Mapping[str, Sequence[Record]]

_MAY_STAND_IN = {
    "captain": {"captain"},
    "first_officer": {"first_officer"},
    "purser": {"purser"},
    "cabin": {"cabin", "purser"},
}
_FAMILY = {
    "A319": "A320",
    "A320": "A320",
    "A321": "A320",
    "A20N": "A320",
    "A21N": "A320",
    "B77W": "B777",
    "B77L": "B777",
    "B77F": "B777",
    "B788": "B787",
    "B789": "B787",
    "B78X": "B787",
    "A359": "A350",
    "A35K": "A350",
}


def faults(dataset: Dataset, disruption: Disruption, candidate: Candidate) -> list[str]:
    """Everything about an offered departure that no duty manager may sign."""
    flight = next(one for one in dataset["Flights"] if one.flight_id == candidate.flight_id)
    if candidate.off_block is None or candidate.on_block is None:
        return []
    if candidate.diversion is not None:
        return _by_way_of_alternate(dataset, disruption, flight, candidate)
    return [
        *_times(dataset, flight, disruption, candidate, candidate.off_block, candidate.on_block),
        *_tail(dataset, disruption, flight, candidate),
        *_crew(dataset, disruption, flight, candidate),
        *_reserves(dataset, disruption, flight, candidate),
        *_night(dataset, flight, candidate.off_block, candidate.on_block),
        *_notams(dataset, flight, candidate.off_block, candidate.on_block),
        *_held(dataset, disruption, candidate),
    ]


def _by_way_of_alternate(
    dataset: Dataset, disruption: Disruption, flight: Flight, candidate: Candidate
) -> list[str]:
    """Both sectors, the stop between them, and whether the event said all that no table holds."""
    there = candidate.diversion
    said = next((one for one in disruption.details.alternates if one.airport == there.airport), None)
    if said is None or not (said.runway_suits and said.traffic_rights and said.charges_usd is not None):
        return [f"nothing says that it may land at {there.airport}"]
    found = []
    if not said.handling_start <= there.on_block < there.off_block <= said.handling_end:
        found.append(f"{there.airport} does not handle it")
    tail = next(one for one in dataset["Aircraft"] if one.registration == flight.registration)
    if candidate.registration != tail.registration or candidate.replaced_crew:
        found.append("another tail or crew is diverted")
    if not tail.minimum_turnaround <= there.stop <= timedelta(hours=4):
        found.append(f"stands {there.stop} at {there.airport}")
    first = replace(flight, destination=there.airport, block=there.on_block - candidate.off_block)
    second = replace(flight, origin=there.airport, std=there.off_block)
    on_duty = candidate.on_block - candidate.off_block - flight.block
    later = replace(candidate, on_block=candidate.off_block + flight.block, diversion=None)
    late = replace(later, off_block=later.off_block + on_duty, on_block=candidate.on_block)
    details = disruption.details
    reported = disruption.type in ("airport_closure", "weather") and disruption.airport == flight.destination
    if reported and details.window_start <= candidate.on_block < details.window_end:
        found.append(f"{flight.destination} is reported shut")
    return [
        *found,
        *_times(dataset, first, disruption, candidate, candidate.off_block, there.on_block),
        *_tail(dataset, disruption, flight, later),
        *_tail(dataset, disruption, flight, late),
        *_crew(dataset, disruption, flight, late),
        *_night(dataset, first, candidate.off_block, there.on_block),
        *_night(dataset, second, there.off_block, candidate.on_block),
        *_notams(dataset, first, candidate.off_block, there.on_block),
        *_notams(dataset, second, there.off_block, candidate.on_block),
    ]


def _held(dataset: Dataset, disruption: Disruption, candidate: Candidate) -> list[str]:
    """The same of every flight that waits for it."""
    found = []
    for flight_id, off_block in candidate.held_flights.items():
        flight = next(one for one in dataset["Flights"] if one.flight_id == flight_id)
        on_block = off_block + flight.block
        waiting = replace(
            candidate,
            flight_id=flight_id,
            off_block=off_block,
            on_block=on_block,
            registration=flight.registration,
            replaced_crew={},
            held_flights={},
        )
        waits = replace(disruption, flight_id=flight_id, details=DisruptionDetails())
        found += [
            *(["does not wait"] if off_block <= flight.std else []),
            *_tail(dataset, waits, flight, waiting),
            *_crew(dataset, waits, flight, waiting),
            *_night(dataset, flight, off_block, on_block),
            *_notams(dataset, flight, off_block, on_block),
        ]
    return found


def _prepared(dataset: Dataset, flight: Flight, registration: str | None) -> timedelta:
    """The least time until off-block: to decide, tell, board and close, or to file a plan and close."""
    tail = next(
        one for one in dataset["Aircraft"] if one.registration == (registration or flight.registration)
    )
    people = sum(tail.seats.values())
    if flight.seats_sold is not None:
        people = min(people, sum(flight.seats_sold.values()))
    rate = 8 if tail.aircraft_type in ("A320", "A321") else 10
    boarding = ceil(5 + people / rate) if people else 0
    return timedelta(minutes=max(5 + 10 + boarding + 10, 5 + 20 + 10))


def _times(
    dataset: Dataset,
    flight: Flight,
    disruption: Disruption,
    candidate: Candidate,
    off_block: datetime,
    on_block: datetime,
) -> list[str]:
    found = []
    if off_block < flight.std:
        found.append("leaves before its schedule")
    if off_block < disruption.reported_at + _prepared(dataset, flight, candidate.registration):
        found.append("leaves before it can be prepared")
    if on_block - off_block != flight.block:
        found.append("does not keep its block time")
    if off_block.second or off_block.microsecond:
        found.append("is not planned to the minute")
    return found


def _tail(dataset: Dataset, disruption: Disruption, flight: Flight, candidate: Candidate) -> list[str]:
    found = []
    tail = next(one for one in dataset["Aircraft"] if one.registration == candidate.registration)
    now = disruption.reported_at
    if tail.range_km < flight.distance_km:
        found.append(f"{tail.registration} does not reach {flight.destination}")
    for item in dataset["MelItems"]:
        if isinstance(item, NoneAsOf):
            continue
        mine = item.registration == tail.registration and item.rectified_at is None
        if mine and candidate.off_block >= item.expires_at:
            found.append(f"{item.item_id} has run out")
    if tail.registration == flight.registration:
        repair = disruption.details.repair
        if repair is not None and candidate.off_block < now + repair.likely:
            found.append("leaves before its repair is likely done")
        return found
    if candidate.off_block < max(now, tail.available_from) + tail.minimum_turnaround:
        found.append(f"{tail.registration} cannot be ready")
    if _FAMILY.get(tail.aircraft_type, tail.aircraft_type) != _FAMILY.get(
        flight.aircraft_type, flight.aircraft_type
    ):
        found.append(f"the crew does not fly {tail.aircraft_type}")
    line = sorted(
        (
            one
            for one in dataset["Flights"]
            if one.registration == tail.registration and one.status != "cancelled"
        ),
        key=lambda one: one.std,
    )
    earlier = [one for one in line if one.std < flight.std]
    place = earlier[-1].destination if earlier else tail.location
    if tail.status not in ("spare", "in_service") or place != flight.origin:
        found.append(f"{tail.registration} is {tail.status} at {place}")
    for other in line:
        ready = (other.eta or other.sta) + tail.minimum_turnaround
        if other.std < candidate.on_block and ready > candidate.off_block:
            found.append(f"{tail.registration} flies {other.flight_id} meanwhile")
    return found


def _crew(dataset: Dataset, disruption: Disruption, flight: Flight, candidate: Candidate) -> list[str]:
    found = []
    rows = [row for row in dataset["CrewRoster"] if row.flight_id == flight.flight_id]
    if not rows:
        return ["nobody flies it"]
    members = {one.crew_id: one for one in dataset["CrewMembers"]}
    flights = {one.flight_id: one for one in dataset["Flights"]}
    delay = candidate.off_block - flight.std
    for row in rows:
        if row.crew_id in candidate.replaced_crew or row.crew_id in candidate.flies_without:
            continue
        if row.crew_id in disruption.details.unavailable_crew:
            found.append(f"{row.crew_id} cannot operate")
        member = members[row.crew_id]
        if (
            min(member.medical_valid_until, member.recency_until or member.medical_valid_until)
            < candidate.on_block
        ):
            found.append(f"{row.crew_id} has lapsed papers")
        # However the report moves, the flying alone may never exceed the longest FDP of the table or,
        # with rest on board, of CS FTL.1.205(c).
        last = flights[row.duty_flights[-1]]
        flying = last.sta + delay - candidate.off_block
        if row.sector == 1 and flying > timedelta(hours=18 if row.augmented_pilots else 13):
            found.append(f"{row.crew_id} flies {flying}")
        told_late = disruption.reported_at > row.report - timedelta(minutes=60)
        fdp = last.sta + delay - row.report
        if told_late and fdp > timedelta(hours=18 if row.augmented_pilots else 13):
            found.append(f"{row.crew_id} is on duty for {fdp}")
    return [*found, *_too_few(dataset, rows, flight, candidate)]


def _too_few(
    dataset: Dataset, rows: Sequence[CrewAssignment], flight: Flight, candidate: Candidate
) -> list[str]:
    """Two pilots, one of them a captain; a purser, and one cabin crew member for each 50 seats begun."""
    aboard = [row.role for row in rows if row.crew_id not in candidate.flies_without]
    found = [f"no {role} is aboard" for role in ("captain", "first_officer") if role not in aboard]
    pilots = aboard.count("captain") + aboard.count("first_officer")
    long = flight.block > timedelta(hours=13) and candidate.flies_without and pilots < 3
    if long:
        found.append(f"{pilots} pilots fly {flight.block}")
    if flight.service != "passenger":
        return found
    tail = next(one for one in dataset["Aircraft"] if one.registration == candidate.registration)
    seats, cabin = sum(tail.seats.values()), len(aboard) - pilots
    if cabin * 50 < seats or not seats or (seats > 50 and "purser" not in aboard):
        found.append(f"{cabin} cabin crew for {seats} seats")
    return found


def _reserves(dataset: Dataset, disruption: Disruption, flight: Flight, candidate: Candidate) -> list[str]:
    found = []
    roles = {row.crew_id: row.role for row in dataset["CrewRoster"] if row.flight_id == flight.flight_id}
    members = {one.crew_id: one for one in dataset["CrewMembers"]}
    used = list(candidate.replaced_crew.values())
    if len(set(used)) != len(used):
        found.append("one reserve stands in for two")
    for taken_off, reserve in candidate.replaced_crew.items():
        row = next(
            (r for r in dataset["ReserveCrew"] if (r.base, r.crew_id) == (flight.origin, reserve)), None
        )
        if row is None or taken_off not in roles:
            found.append(f"{reserve} is not on call at {flight.origin} for {taken_off}")
            continue
        if row.role not in _MAY_STAND_IN[roles[taken_off]]:
            found.append(f"{reserve}, {row.role}, for a {roles[taken_off]}")
        if flight.aircraft_type not in row.aircraft_types:
            found.append(f"{reserve} is not called for {flight.aircraft_type}")
        called = max(disruption.reported_at, row.start)
        if called >= row.end or candidate.off_block < called + row.call_out:
            found.append(f"{reserve} cannot be there")
        held = {_FAMILY.get(one.aircraft_type, one.aircraft_type) for one in members[reserve].ratings}
        if _FAMILY.get(flight.aircraft_type, flight.aircraft_type) not in held:
            found.append(f"{reserve} holds no rating")
        for duty in dataset["CrewRoster"]:
            if (
                duty.crew_id == reserve
                and duty.report < candidate.on_block
                and duty.debrief > candidate.off_block
            ):
                found.append(f"{reserve} is on duty meanwhile")
    return found


def _night(dataset: Dataset, flight: Flight, off_block: datetime, on_block: datetime) -> list[str]:
    found = []
    airports = {one.airport: one for one in dataset["Airports"]}
    taxi = (flight.block - flight.flight_time) / 2
    for code, movement, stand, runway in (
        (flight.origin, "departure", off_block, off_block + taxi),
        (flight.destination, "arrival", on_block, on_block - taxi),
    ):
        zone = ZoneInfo(airports[code].zone)
        said = [row for row in dataset["AirportCurfews"] if row.airport == code]
        if not said and not 7 <= runway.astimezone(zone).hour < 22:
            found.append(f"{movement} at {code} in a night of which nothing is known")
        for rule in said:
            if isinstance(rule, NoneAsOf) or rule.movement not in (movement, "both"):
                continue
            if rule.kind not in ("hard", "dispensation") or rule.scheduled_only or rule.barred_quota_counts:
                continue
            if rule.spares_late:
                continue
            local = (stand if rule.held_at == "stand" else runway).astimezone(zone)
            if rule.local_start < rule.local_end:
                inside = rule.local_start <= local.time() < rule.local_end
            else:
                inside = local.time() >= rule.local_start or local.time() < rule.local_end
            if (
                inside
                and (not rule.weekdays or local.weekday() in rule.weekdays)
                and rule.valid_from <= local.date()
                and (rule.valid_to is None or local.date() <= rule.valid_to)
            ):
                found.append(f"{movement} at {code} at {local:%H:%M} local, {rule.rule_id}")
    return found


def _notams(dataset: Dataset, flight: Flight, off_block: datetime, on_block: datetime) -> list[str]:
    return [
        f"{notam.airport} is closed"
        for notam in dataset["Notams"]
        if not isinstance(notam, NoneAsOf)
        for code, at in ((flight.origin, off_block), (flight.destination, on_block))
        if notam.airport == code
        and notam.effect == "airport_closed"
        and notam.valid_from <= at < notam.valid_to
    ]
