"""Getting a flight off the blocks: the steps that each kind of change needs first, and the time they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.candidate import Candidate
from skymarshal.domain.times import ZERO
from skymarshal.operations.records import CrewRole, Flight
from skymarshal.recovery.plans import PlanBuilder, critical_path
from skymarshal.recovery.policy import StepDurations
from skymarshal.recovery.wording import call_outs

__all__ = [
    "CARGO",
    "CREW_CONTROL",
    "DISPATCH",
    "DUTY_MANAGER",
    "NETWORK",
    "PASSENGERS",
    "Work",
    "add_preparation",
    "lead_time",
]

DUTY_MANAGER: Final = "OCC duty manager"
CREW_CONTROL: Final = "Crew control"
DISPATCH: Final = "Flight dispatch"
_MAINTENANCE: Final = "Maintenance control"
_RAMP: Final = "Ramp and ground handling"
PASSENGERS: Final = "Passenger services"
CARGO: Final = "Cargo operations"
NETWORK: Final = "Network control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a candidate's plan depends on besides the candidate.

    Attributes:
        flight: the disrupted flight.
        now: when the plan begins.
        roles: the role of each crew member rostered on the flight.
        ready: the first off-block that a reserve, a tail or the flight itself allows, by crew id,
            registration or flight id.
        turnround: whether the tail is late rather than unserviceable.
        to_reprotect: passengers who need another journey; None if unknown.
        rerouted: those of them who leave on other flights from the origin.
        shipments: shipments to protect.
        later_flights: later flights of the tail or crew that leave late or not at all.
        alternates: with which alternates the flight is planned for the weather, in sentences.
        weather: the airports that no forecast covers yet, and when to look again.
    """

    flight: Flight
    now: datetime
    roles: Mapping[str, CrewRole] = field(default_factory=dict)
    ready: Mapping[str, datetime] = field(default_factory=dict)
    turnround: bool = False
    to_reprotect: int | None = None
    rerouted: int = 0
    shipments: int = 0
    later_flights: int | None = None
    alternates: tuple[str, ...] = ()
    weather: tuple[tuple[str, datetime], ...] = ()


def lead_time(candidate: Candidate, flight: Flight, durations: StepDurations) -> timedelta:
    """Return the shortest time from the decision to off-block for what `candidate` changes."""
    if candidate.off_block is None:
        return ZERO
    builder = PlanBuilder()
    work = Work(flight=flight, now=candidate.off_block)
    add_preparation(builder, candidate, candidate.off_block, work, durations)
    return critical_path(builder.build().steps)[1]


def add_preparation(
    builder: PlanBuilder, candidate: Candidate, off_block: datetime, work: Work, durations: StepDurations
) -> int:
    """Add every step up to off-block and return the number of the decision's step."""
    flight, tail = work.flight, candidate.registration or work.flight.registration
    swapped = tail != flight.registration
    decided = builder.add(
        f"Approve the plan and publish {off_block:%H:%MZ} as the departure of {flight.flight_number}",
        owner=DUTY_MANAGER,
        duration=durations.decide,
        success_criteria="The new time is in the movement messages and on the displays.",
        rollback="Publish the earlier time again.",
    )
    filed = builder.add(
        f"File a flight plan with {tail} for {off_block:%H:%MZ} and confirm its slots",
        owner=DISPATCH,
        duration=durations.flight_plan,
        after=(decided,),
        automatable=True,
        success_criteria="The plan is accepted and the slots at both ends are confirmed.",
        rollback="Cancel the plan and file the previous one.",
    )
    crew = [_crew_notice(builder, candidate, decided, work, durations)]
    if candidate.replaced_crew:
        crew.append(_reserves(builder, candidate, decided, work, durations))
    holding = _hold(builder, decided, work, durations)
    load = [_tail_steps(builder, tail, decided, work, durations, swapped=swapped)]
    load = [step for step in load if step]
    if swapped:
        load.append(
            builder.add(
                f"Transfer bags, cargo and catering to {tail}",
                owner=_RAMP,
                duration=durations.transfer_load,
                after=load,
                success_criteria="The load sheet matches the new tail.",
                rollback="Return the load to the first tail.",
            )
        )
    if candidate.offloaded_awbs:
        load.append(
            builder.add(
                f"Offload {', '.join(candidate.offloaded_awbs)} and put them in fit storage",
                owner=CARGO,
                duration=durations.offload,
                after=(decided,),
                success_criteria="The shipments are stored within their range and booked onward.",
                rollback="Load them again before the hold closes.",
            )
        )
    # A freighter has nobody to tell and nobody to board.
    boarded = list(holding)
    if durations.boarding > ZERO:
        told = builder.add(
            f"Tell the passengers the new time, {off_block:%H:%MZ}",
            owner=PASSENGERS,
            duration=durations.passenger_notice,
            after=(decided,),
            automatable=True,
            success_criteria="Every passenger with a contact was reached.",
            rollback="Send a correction.",
        )
        boarded = [
            builder.add(
                "Board",
                owner=PASSENGERS,
                duration=durations.boarding,
                after=(told, *holding, *load[:1]),
                success_criteria="Everyone who is travelling is on board.",
                rollback="Disembark and keep the passengers at the gate.",
            )
        ]
    builder.add(
        f"Close the flight and leave the blocks at {off_block:%H:%MZ}",
        owner=_RAMP,
        duration=durations.close_flight,
        after=(filed, *boarded, *crew, *load),
        success_criteria=f"Off-block at {off_block:%H:%MZ} or up to five minutes later.",
        rollback="Return to stand and reopen the plan.",
    )
    return decided


def _crew_notice(
    builder: PlanBuilder, candidate: Candidate, decided: int, work: Work, durations: StepDurations
) -> int:
    number = work.flight.flight_number
    if work.roles and candidate.taken_off >= work.roles.keys():
        return builder.add(
            f"Take the rostered crew off {number} and re-plan their duties",
            owner=CREW_CONTROL,
            duration=durations.crew_notice,
            after=(decided,),
            success_criteria="Each of them knows the next report, with the minimum rest before it.",
            rollback=f"Put them back on {number} while they are within their limits.",
        )
    return builder.add(
        f"Give the crew of {number} their new times and recompute their duties",
        owner=CREW_CONTROL,
        duration=durations.crew_notice,
        after=(decided,),
        automatable=True,
        success_criteria="Every crew member has confirmed, and every duty is within its limit.",
        rollback="Give back the earlier times.",
    )


def _reserves(
    builder: PlanBuilder, candidate: Candidate, decided: int, work: Work, durations: StepDurations
) -> int:
    reserves = sorted(candidate.replaced_crew.values())
    ready = max((work.ready[reserve] for reserve in reserves if reserve in work.ready), default=None)
    on_the_way = ZERO if ready is None else ready - work.now - durations.decide
    on_the_way -= durations.crew_briefing + durations.close_flight
    called = builder.add(
        f"Call out the reserves: {call_outs(candidate, work.roles)}",
        owner=CREW_CONTROL,
        duration=max(on_the_way, ZERO),
        after=(decided,),
        success_criteria=f"{', '.join(reserves)} reported.",
        rollback="Release the reserves to standby.",
    )
    return builder.add(
        "Brief the reserves and enter the change in the roster",
        owner=CREW_CONTROL,
        duration=durations.crew_briefing,
        after=(called,),
        success_criteria="The crew list shows the change, and each duty was checked against its limits.",
        rollback="Put those taken off back on the list where they are still legal.",
    )


def _hold(builder: PlanBuilder, decided: int, work: Work, durations: StepDurations) -> list[int]:
    """Add the wait for what holds the flight itself, such as fuel or baggage, if anything does."""
    until = work.ready.get(work.flight.flight_id)
    if until is None or until <= work.now:
        return []
    waiting = until - work.now - durations.decide - durations.boarding - durations.close_flight
    step = builder.add(
        f"Have what holds the flight settled in time for {until:%H:%MZ}",
        owner=DUTY_MANAGER,
        duration=max(waiting, ZERO),
        after=(decided,),
        success_criteria="Whoever reported it confirms that nothing holds the flight any more.",
        rollback="Arbitrate again with the new time.",
    )
    return [step]


def _tail_steps(
    builder: PlanBuilder, tail: str, decided: int, work: Work, durations: StepDurations, *, swapped: bool
) -> int:
    ready = work.ready.get(tail)
    waiting = ZERO if ready is None else max(ready - work.now - durations.decide, ZERO)
    if not swapped:
        if waiting == ZERO:
            return 0
        return builder.add(
            f"Turn {tail} round" if work.turnround else f"Repair {tail} and release it to service",
            owner=_RAMP if work.turnround else _MAINTENANCE,
            duration=max(waiting - durations.boarding - durations.close_flight, ZERO),
            after=(decided,),
            success_criteria=f"{tail} is on the stand and released in the technical log.",
            rollback="Go to the next solution.",
        )
    released = builder.add(
        f"Release {tail} for the flight: deferred defects, ETOPS, fuel",
        owner=_MAINTENANCE,
        duration=durations.tail_release,
        after=(decided,),
        success_criteria=f"{tail} is released in the technical log for this route.",
        rollback="Return it to its own line.",
    )
    return builder.add(
        f"Bring {tail} to the stand",
        owner=_RAMP,
        duration=durations.tail_positioning,
        after=(released,),
        success_criteria=f"{tail} is on the stand with ground power.",
        rollback="Tow it back.",
    )
