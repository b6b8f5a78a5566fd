"""What has to be done for each kind of candidate: the steps of its recovery plan and the time they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.arbitration import RecoveryPlan
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.times import ZERO
from skymarshal.operations.records import CrewRole, Flight
from skymarshal.recovery.plans import PlanBuilder, critical_path
from skymarshal.recovery.policy import StepDurations

__all__ = ["Work", "cancellation_plan", "lead_time", "operating_plan", "review_plan"]

_DUTY_MANAGER: Final = "OCC duty manager"
_CREW_CONTROL: Final = "Crew control"
_DISPATCH: Final = "Flight dispatch"
_MAINTENANCE: Final = "Maintenance control"
_RAMP: Final = "Ramp and ground handling"
_PASSENGERS: Final = "Passenger services"
_CARGO: Final = "Cargo operations"
_NETWORK: Final = "Network control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a candidate's plan depends on besides the candidate.

    Attributes:
        flight: the disrupted flight.
        now: when the plan begins.
        roles: the role of each crew member who is taken off.
        ready: from when the substitutes and the tail are there: a reserve's report or a tail's release,
            by crew id or registration.
        to_reprotect: passengers who need another journey; None if unknown.
        shipments: shipments to protect.
        later_flights: later flights of the tail or crew that leave late or not at all.
    """

    flight: Flight
    now: datetime
    roles: Mapping[str, CrewRole] = field(default_factory=dict)
    ready: Mapping[str, datetime] = field(default_factory=dict)
    to_reprotect: int | None = None
    shipments: int = 0
    later_flights: int | None = None


def lead_time(candidate: Candidate, flight: Flight, durations: StepDurations) -> timedelta:
    """Return the shortest time from the decision to off-block for what `candidate` changes."""
    if candidate.off_block is None:
        return ZERO
    builder = PlanBuilder()
    work = Work(flight=flight, now=candidate.off_block)
    _until_off_block(builder, candidate, candidate.off_block, work, durations)
    return critical_path(builder.build().steps)[1]


def operating_plan(
    candidate: Candidate, work: Work, durations: StepDurations, contingencies: Iterable[str] = ()
) -> RecoveryPlan:
    """Return the plan of a candidate that flies, up to off-block and the care of those it delays.

    Raises:
        ValueError: If the candidate does not operate.
    """
    if candidate.off_block is None:
        raise ValueError(f"off_block: None is not valid for {candidate.kind}; expected an instant")
    builder = PlanBuilder()
    decided = _until_off_block(builder, candidate, candidate.off_block, work, durations)
    if work.to_reprotect:
        builder.add(
            f"Rebook {work.to_reprotect} passengers who miss their connection",
            owner=_PASSENGERS,
            duration=durations.reprotection,
            after=(decided,),
            automatable=True,
            success_criteria="Every one of them holds a confirmed seat to the final destination.",
            rollback="Keep the original onward booking until the new one is confirmed.",
        )
    if candidate.off_block - work.flight.std >= timedelta(hours=2):
        builder.add(
            "Give meals and communication to the waiting passengers, and hotels if the delay runs overnight",
            owner=_PASSENGERS,
            duration=durations.care,
            after=(decided,),
            success_criteria="Care is offered to every passenger from two hours of delay on.",
            rollback="None needed: care that was given stays given.",
        )
    if work.later_flights:
        builder.add(
            f"Re-time or cover the {_flights(work.later_flights)} behind this one",
            owner=_NETWORK,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria="Each later flight has a tail, a legal crew and a published time.",
            rollback="Restore the published times if the delay is recovered.",
        )
    return builder.build(contingencies)


def cancellation_plan(
    work: Work, durations: StepDurations, contingencies: Iterable[str] = ()
) -> RecoveryPlan:
    """Return the plan of a cancellation: reprotect first, so that seats are held before word goes out."""
    builder = PlanBuilder()
    decided = builder.add(
        f"Approve the cancellation of {work.flight.flight_number}",
        owner=_DUTY_MANAGER,
        duration=durations.decide,
        success_criteria="The decision is recorded with its approver.",
        rollback="Reinstate the flight while its slot and crew are still held.",
    )
    count = "the" if work.to_reprotect is None else f"{work.to_reprotect}"
    reprotected = builder.add(
        f"Hold and confirm other journeys for {count} passengers",
        owner=_PASSENGERS,
        duration=durations.reprotection,
        after=(decided,),
        automatable=True,
        success_criteria="Every passenger who can be rebooked holds a confirmed seat; the rest are listed.",
        rollback="Release the held seats.",
    )
    builder.add(
        "Tell the passengers, with their new journey, their right to a refund and to care",
        owner=_PASSENGERS,
        duration=durations.passenger_notice,
        after=(reprotected,),
        automatable=True,
        success_criteria="Every passenger with a contact was reached.",
        rollback="Send a correction.",
    )
    builder.add(
        "Give meals and hotels to those who wait",
        owner=_PASSENGERS,
        duration=durations.care,
        after=(reprotected,),
        success_criteria="Nobody who waits overnight is without a room.",
        rollback="None needed: care that was given stays given.",
    )
    builder.add(
        "Stand the crew down and re-plan their next duties",
        owner=_CREW_CONTROL,
        duration=durations.crew_notice,
        after=(decided,),
        success_criteria="Each crew member knows the next report, with the minimum rest before it.",
        rollback="Call the crew back while they are within their duty limits.",
    )
    builder.add(
        "Cancel the slot and the flight plan",
        owner=_DISPATCH,
        duration=durations.flight_plan,
        after=(decided,),
        automatable=True,
        success_criteria="The slot is returned and the plan cancelled.",
        rollback="File again and ask for a new slot.",
    )
    if work.shipments:
        builder.add(
            f"Store and re-route {work.shipments} shipments",
            owner=_CARGO,
            duration=durations.reprotection,
            after=(decided,),
            success_criteria="Each shipment is in fit storage and booked onward.",
            rollback="Rebuild the load if the flight is reinstated.",
        )
    if work.later_flights:
        builder.add(
            f"Cover the {_flights(work.later_flights)} that the tail was to fly on from "
            f"{work.flight.destination}",
            owner=_NETWORK,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria="Each later flight has a tail or is cancelled with its own plan.",
            rollback="Give the rotation back to the tail.",
        )
    return builder.build(contingencies)


def review_plan(flight_number: str, blockers: Iterable[str], durations: StepDurations) -> RecoveryPlan:
    """Return the plan of a manual review: settle what blocks, then decide."""
    builder = PlanBuilder()
    held = builder.add(
        f"Hold {flight_number}: no departure until this review is closed",
        owner=_DUTY_MANAGER,
        duration=durations.decide,
        success_criteria="Crew, gate and handling know that the flight waits.",
        rollback="Release the hold.",
    )
    settled = [
        builder.add(
            f"Settle: {blocker}",
            owner=_DUTY_MANAGER,
            duration=durations.reprotection,
            after=(held,),
            success_criteria="The fact is known from its source and recorded.",
            rollback="None needed: finding out changes nothing.",
        )
        for blocker in blockers
    ]
    informed = builder.add(
        "Tell the passengers when they will hear next, and give the care that is due",
        owner=_PASSENGERS,
        duration=durations.care,
        after=(held,),
        success_criteria="Passengers have a next time of information.",
        rollback="None needed: care that was given stays given.",
    )
    builder.add(
        "Report the disruption again with what was settled, or decide by hand with a reason",
        owner=_DUTY_MANAGER,
        duration=durations.decide,
        after=(informed, *settled),
        success_criteria="A decision with its reason is on the record.",
        rollback="Keep the flight on hold.",
    )
    return builder.build()


def _until_off_block(
    builder: PlanBuilder, candidate: Candidate, off_block: datetime, work: Work, durations: StepDurations
) -> int:
    """Add every step up to off-block and return the number of the decision's step."""
    flight, tail = work.flight, candidate.registration or work.flight.registration
    swapped = tail != flight.registration
    decided = builder.add(
        f"Approve the plan and publish {off_block:%H:%MZ} as the departure of {flight.flight_number}",
        owner=_DUTY_MANAGER,
        duration=durations.decide,
        success_criteria="The new time is in the movement messages and on the displays.",
        rollback="Publish the earlier time again.",
    )
    filed = builder.add(
        f"File a flight plan with {tail} for {off_block:%H:%MZ} and confirm its slots",
        owner=_DISPATCH,
        duration=durations.flight_plan,
        after=(decided,),
        automatable=True,
        success_criteria="The plan is accepted and the slots at both ends are confirmed.",
        rollback="Cancel the plan and file the previous one.",
    )
    crew = [_crew_notice(builder, decided, work, durations)]
    crew += [
        step
        for taken_off, reserve in sorted(candidate.replaced_crew.items())
        for step in _reserve(builder, taken_off, reserve, decided, work, durations)
    ]
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
                owner=_CARGO,
                duration=durations.offload,
                after=(decided,),
                success_criteria="The shipments are stored within their range and booked onward.",
                rollback="Load them again before the hold closes.",
            )
        )
    told = builder.add(
        f"Tell the passengers the new time, {off_block:%H:%MZ}",
        owner=_PASSENGERS,
        duration=durations.passenger_notice,
        after=(decided,),
        automatable=True,
        success_criteria="Every passenger with a contact was reached.",
        rollback="Send a correction.",
    )
    boarded = builder.add(
        "Board",
        owner=_PASSENGERS,
        duration=durations.boarding,
        after=(told, *load[:1]),
        success_criteria="Everyone who is travelling is on board.",
        rollback="Disembark and keep the passengers at the gate.",
    )
    builder.add(
        f"Close the flight and leave the blocks at {off_block:%H:%MZ}",
        owner=_RAMP,
        duration=durations.close_flight,
        after=(filed, boarded, *crew, *load),
        success_criteria=f"Off-block at {off_block:%H:%MZ} or up to five minutes later.",
        rollback="Return to stand and reopen the plan.",
    )
    return decided


def _crew_notice(builder: PlanBuilder, decided: int, work: Work, durations: StepDurations) -> int:
    return builder.add(
        f"Give the crew of {work.flight.flight_number} their new times and recompute their duties",
        owner=_CREW_CONTROL,
        duration=durations.crew_notice,
        after=(decided,),
        automatable=True,
        success_criteria="Every crew member has confirmed, and every duty is within its limit.",
        rollback="Give back the earlier times.",
    )


def _reserve(
    builder: PlanBuilder, taken_off: str, reserve: str, decided: int, work: Work, durations: StepDurations
) -> tuple[int, ...]:
    role = work.roles.get(taken_off)
    whom = f"{role.replace('_', ' ')} {taken_off}" if role else taken_off
    ready = work.ready.get(reserve)
    on_the_way = ZERO if ready is None else ready - work.now - durations.decide
    on_the_way -= durations.crew_briefing + durations.close_flight
    called = builder.add(
        f"Call out reserve {reserve} for {whom}",
        owner=_CREW_CONTROL,
        duration=max(on_the_way, ZERO),
        after=(decided,),
        success_criteria=f"{reserve} has reported.",
        rollback=f"Release {reserve} to standby.",
    )
    briefed = builder.add(
        f"Brief {reserve} and enter the change in the roster",
        owner=_CREW_CONTROL,
        duration=durations.crew_briefing,
        after=(called,),
        success_criteria="The crew list shows the change, and its duty was checked against the limits.",
        rollback=f"Put {taken_off} back on the list if legal.",
    )
    return called, briefed


def _tail_steps(
    builder: PlanBuilder, tail: str, decided: int, work: Work, durations: StepDurations, *, swapped: bool
) -> int:
    ready = work.ready.get(tail)
    waiting = ZERO if ready is None else max(ready - work.now - durations.decide, ZERO)
    if not swapped:
        if waiting == ZERO:
            return 0
        return builder.add(
            f"Get {tail} ready and released for service",
            owner=_MAINTENANCE,
            duration=max(waiting - durations.boarding - durations.close_flight, ZERO),
            after=(decided,),
            success_criteria=f"{tail} is released in the technical log.",
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


def _flights(count: int) -> str:
    return "flight" if count == 1 else f"{count} flights"
