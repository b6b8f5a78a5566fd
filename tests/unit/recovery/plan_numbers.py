"""The numbers of a recovery plan worked out a second time, from its steps and from what the agents found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from skymarshal.domain.arbitration import PlanStep, RecoveryPlan, Solution
from skymarshal.domain.assessment import Assessment, ConstraintKind, OptionKind, SubjectKind
from skymarshal.domain.disruption import Disruption
from skymarshal.operations.records import Flight
from skymarshal.recovery.situation import counted_assessments
from tests.unit.recovery.ledger import Books

MINUTES = {
    "Approve the": 5,
    "Ask ": 5,
    "File a flight plan": 20,
    "Give the crew": 10,
    "Take the rostered crew": 10,
    "Brief the reserves": 60,
    "Release ": 15,
    "Offload ": 20,
    "Tell the passengers": 10,
    "Close the flight": 10,
    "Rebook ": 45,
    "Call [0-9]+ of them": 45,
    "Hold EY": 20,
    "Give meals": 30,
    "Re-time or cover": 20,
    "Confirm stand": 20,
    "Check the weather": 20,
    "Planned with": 20,
    "Hold and confirm": 45,
    "Stand the crew down": 10,
    "Cancel the slot": 20,
    "Store and re-route": 45,
    "Cover the": 20,
}
"""How long each step takes that waits for nobody."""

AFTER = {"Call out the reserves": 70, "Repair ": 10, "Turn ": 10, "Have what holds": 10}
"""For a step that lasts until something is there: the minutes between that and off-block, or boarding."""

BOARDS_AFTER = ("Repair ", "Turn ", "Have what holds")


@dataclass(frozen=True)
class OnBoard:
    """The type that flies, its seats, and what is on the flight."""

    aircraft_type: str
    seats: int
    passengers: int | None
    bags: int
    cargo_kg: float


def on_board(books: Books, flight: Flight, registration: str | None) -> OnBoard:
    """What is on a flight, and the tail that takes it."""
    tail = books.tails[registration or flight.registration]
    weights = {one.awb: one.weight_kg for one in books.dataset.get("CargoShipments", ())}
    loaded = [one.awb for one in books.dataset["CargoFlightAssignments"] if one.flight_id == flight.flight_id]
    sold = flight.seats_sold
    return OnBoard(
        aircraft_type=tail.aircraft_type,
        seats=sum(tail.seats.values()),
        passengers=len(books.bookings[flight.flight_id]) or None if sold is None else sum(sold.values()),
        bags=sum(one.flight_id == flight.flight_id for one in books.dataset.get("Baggage", ())),
        cargo_kg=sum(weights.get(awb, 0.0) for awb in loaded),
    )


def ground_minutes(on: OnBoard) -> dict[str, int]:
    """How long boarding, towing and the transfer of the load take by type and load."""
    narrow = on.aircraft_type[:3] in ("A31", "A32", "A19", "A20", "A21", "B73", "B38", "B39")
    rate, towing, bags, cargo, least = (8, 20, 8, 250, 15) if narrow else (10, 30, 10, 600, 35)
    people = on.seats if on.passengers is None else min(on.passengers, on.seats)
    return {
        "Board": ceil(5 + people / rate) if people else 0,
        "Bring ": towing,
        "Transfer ": ceil(max(on.bags / bags + on.cargo_kg / cargo, least)),
    }


def plan_differences(
    disruption: Disruption, assessments: Sequence[Assessment], tail: str, solution: Solution, on: OnBoard
) -> list[str]:
    """Where the durations and the critical path of a plan are not what its steps and the agents say."""
    plan, candidate = solution.plan, solution.candidate
    found = []
    ready = _ready(disruption, assessments, tail, solution)
    ground = ground_minutes(on)
    for step in plan.steps:
        minutes = _minutes(step, disruption.reported_at, ready, ground)
        if minutes is None or step.duration != timedelta(minutes=minutes):
            found.append(f"step {step.number}, {step.action}: {step.duration} stated, {minutes} min computed")
    longest = max(_lengths(plan), key=lambda chain: (chain[0], [-number for number in chain[1]]))
    if (plan.duration, plan.critical_path) != longest:
        found.append(f"critical path: {plan.critical_path}, {plan.duration} stated, {longest} computed")
    off = [step for step in plan.steps if step.action.startswith("Close the flight")]
    if candidate.off_block is not None:
        done = max(length for length, chain in _lengths(plan) if chain[-1] == off[0].number)
        if disruption.reported_at + done > candidate.off_block:
            found.append(f"the plan takes {done} and the flight leaves at {candidate.off_block}")
    return found


def _lengths(plan: RecoveryPlan) -> list[tuple[timedelta, tuple[int, ...]]]:
    """Every chain of steps there is, with how long it takes."""
    steps = {step.number: step for step in plan.steps}

    def chains(number: int) -> list[tuple[timedelta, tuple[int, ...]]]:
        own = steps[number].duration
        before = [chain for other in steps[number].after for chain in chains(other)]
        return [(length + own, (*chain, number)) for length, chain in before] or [(own, (number,))]

    return [chain for number in steps for chain in chains(number)]


def _minutes(
    step: PlanStep, now: datetime, ready: Mapping[str, datetime], ground: Mapping[str, int]
) -> float | None:
    for words, minutes in (MINUTES | ground).items():
        if re.match(words, step.action):
            return minutes
    for words, minutes in AFTER.items():
        if step.action.startswith(words):
            kind = "reserve" if words.startswith("Call") else "flight" if words.startswith("Have") else "tail"
            minutes += ground["Board"] if words in BOARDS_AFTER else 0
            until = ready[kind] - now - timedelta(minutes=5 + minutes)
            return max(0.0, until / timedelta(minutes=1))
    return None


def _ready(
    disruption: Disruption, assessments: Sequence[Assessment], tail: str, solution: Solution
) -> dict[str, datetime]:
    """From when the reserves, the tail and the flight itself can leave."""
    candidate, found = solution.candidate, dict[str, list[datetime]]()
    counted = counted_assessments(assessments).values()
    for one in counted:
        for option in one.options:
            called = option.kind is OptionKind.RESERVE_CREW and option.usable
            if called and option.available_from and option.key in candidate.replaced_crew.values():
                found.setdefault("reserve", []).append(option.available_from)
        for limit in one.constraints:
            if limit.kind is not ConstraintKind.EARLIEST_DEPARTURE or not limit.binding or limit.at is None:
                continue
            if limit.subject.kind is SubjectKind.TAIL and limit.subject.key == candidate.registration:
                found.setdefault("tail", []).append(limit.at)
            elif limit.subject.kind is SubjectKind.FLIGHT:
                found.setdefault("flight", []).append(limit.at)
    delay = disruption.details.delay
    if delay and candidate.off_block is not None:
        std = candidate.off_block - solution.delay if solution.delay else candidate.off_block
        late = disruption.type in ("late_inbound", "technical", "bird_strike", "ground_damage")
        if not late:
            found.setdefault("flight", []).append(std + delay)
        elif candidate.registration == tail:
            found.setdefault("tail", []).append(std + delay)
    return {kind: max(instants) for kind, instants in found.items()}
