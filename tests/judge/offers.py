"""Judges one offer: everything about it that no duty manager may sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption
from tests.judge import aircraft, crew, places

_STANDS_IN = {
    "captain": ("captain",),
    "first_officer": ("first_officer", "captain"),
    "purser": ("purser",),
    "cabin": ("cabin", "purser"),
}
_TAIL_BOUND = ("technical", "bird_strike", "ground_damage", "late_inbound")


def offer_faults(data: Mapping[str, Sequence[Any]], disruption: Disruption, offer: Candidate) -> list[str]:
    """What is wrong with an offered departure; nothing is wrong with one that does not fly."""
    if offer.off_block is None or offer.on_block is None or offer.diversion is not None:
        return []
    flights = {one.flight_id: one for one in data["Flights"]}
    flight = flights[offer.flight_id]
    tail = next((one for one in data["Aircraft"] if one.registration == offer.registration), None)
    now = disruption.reported_at
    found = _event(disruption, flight, offer)
    found += places.movement_faults(flight, data, offer.off_block, offer.on_block, now)
    if tail is None:
        found.append(f"no row says what {offer.registration} is")
    else:
        found += aircraft.defect_faults(tail.registration, data, offer.off_block, now)
        found += aircraft.rotation_faults(tail, flight, data, offer.off_block, offer.on_block, now)
        found += aircraft.reach_faults(tail, flight, data)
        found += aircraft.hold_faults(tail, flight, offer.offloaded_awbs, data)
    return found + _crew(data, disruption, flights, flight, tail, offer)


def _event(disruption: Disruption, flight: Any, offer: Candidate) -> list[str]:
    """What the report itself rules out."""
    said, found = disruption.details, []
    assert offer.off_block is not None and offer.on_block is not None
    own = offer.registration == flight.registration
    bound = own or disruption.type not in _TAIL_BOUND
    if said.delay is not None and bound and offer.off_block < flight.std + said.delay:
        found.append(f"leaves before the reported delay of {said.delay} is over")
    if said.repair is not None and own and offer.off_block < disruption.reported_at + said.repair.least:
        found.append("leaves before the repair can be done")
    if said.window_end is not None and disruption.type == "airport_closure":
        opens = said.window_start or disruption.reported_at
        taxi = (flight.block - flight.flight_time) / 2
        ends = {flight.origin: offer.off_block + taxi, flight.destination: offer.on_block - taxi}
        at = ends.get(disruption.airport or "")
        if at is not None and opens <= at < said.window_end:
            found.append(f"moves at {disruption.airport} while it is reported closed")
    return found


def _crew(
    data: Mapping[str, Sequence[Any]],
    disruption: Disruption,
    flights: Mapping[str, Any],
    flight: Any,
    tail: Any,
    offer: Candidate,
) -> list[str]:
    assert offer.off_block is not None and offer.on_block is not None
    rows = [row for row in data["CrewRoster"] if row.flight_id == flight.flight_id]
    members = {one.crew_id: one for one in data["CrewMembers"]}
    zones = {one.airport: one.zone for one in data["Airports"]}
    type_ = flight.aircraft_type if tail is None else tail.aircraft_type
    off = set(offer.replaced_crew) | set(offer.flies_without)
    found: list[str] = []
    roles = []
    for row in rows:
        if row.crew_id in off:
            continue
        roles.append(row.role)
        if row.crew_id in disruption.details.unavailable_crew:
            found.append(f"{row.crew_id}: reported unable to operate")
        member = members.get(row.crew_id)
        found += crew.paper_faults(row.crew_id, member, offer.on_block, type_, aircraft.FAMILY)
        flying = crew.as_offered(row, flights, disruption.reported_at, offer.off_block)
        if flying is None:
            found.append(f"{row.crew_id}: a sector of the duty is in no table")
            continue
        base = row.report_airport if member is None else member.base
        zone = zones.get(base, row.acclimatised_zone)
        found += crew.fdp_faults(flying, zones)
        found += crew.rest_faults(flying, zones, base)
        found += crew.recovery_faults(flying, zone)
        operated = sum(
            (
                flights[one].flight_time
                for one in row.duty_flights
                if one not in (row.positioning_flights or ())
            ),
            timedelta(0),
        )
        found += crew.hours_faults(flying, operated, zone)
    found += _reserves(data, disruption, rows, members, flight, type_, offer, roles)
    seats = None if tail is None else sum(tail.seats.values())
    least = None if tail is None else getattr(tail, "minimum_cabin_crew", None)
    return found + crew.head_faults(roles, seats, flight.service, least)


def _reserves(
    data: Mapping[str, Sequence[Any]],
    disruption: Disruption,
    rows: Sequence[Any],
    members: Mapping[str, Any],
    flight: Any,
    type_: str,
    offer: Candidate,
    roles: list[str],
) -> list[str]:
    assert offer.off_block is not None and offer.on_block is not None
    found = []
    taken_from = {row.crew_id: row.role for row in rows}
    on_call = {one.crew_id: one for one in data["ReserveCrew"] if one.base == flight.origin}
    if len(set(offer.replaced_crew.values())) != len(offer.replaced_crew):
        found.append("one reserve stands in for two")
    for gone, reserve in sorted(offer.replaced_crew.items()):
        one = on_call.get(reserve)
        if one is None or gone not in taken_from:
            found.append(f"{reserve}: not on call at {flight.origin} for {gone}")
            continue
        roles.append(taken_from[gone])
        if one.role not in _STANDS_IN[taken_from[gone]]:
            found.append(f"{reserve}: a {one.role} for a {taken_from[gone]}")
        if reserve in disruption.details.unavailable_crew:
            found.append(f"{reserve}: reported unable to operate")
        called = max(disruption.reported_at, one.start)
        if called >= one.end or offer.off_block < called + one.call_out:
            found.append(f"{reserve}: cannot be there by {offer.off_block}")
        found += crew.paper_faults(reserve, members.get(reserve), offer.on_block, type_, aircraft.FAMILY)
        found += crew.both_at_once(
            reserve, data["CrewRoster"], flight.flight_id, offer.off_block, offer.on_block
        )
    return found
