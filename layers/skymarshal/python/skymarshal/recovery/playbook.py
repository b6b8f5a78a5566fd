"""The recovery plan of each kind of solution."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from skymarshal.domain.arbitration import RecoveryPlan
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.wording import counted
from skymarshal.recovery.exemptions import Exemption, add_request
from skymarshal.recovery.plans import PlanBuilder
from skymarshal.recovery.policy import StepDurations
from skymarshal.recovery.preparation import (
    CARGO,
    CREW_CONTROL,
    DISPATCH,
    DUTY_MANAGER,
    NETWORK,
    PASSENGERS,
    Work,
    add_preparation,
)

__all__ = ["cancellation_plan", "operating_plan", "review_plan"]


def operating_plan(
    candidate: Candidate,
    work: Work,
    durations: StepDurations,
    contingencies: Iterable[str] = (),
    exemption: Exemption | None = None,
) -> RecoveryPlan:
    """Return the plan of a candidate that flies, up to off-block and the care of those it delays.

    It does not wait for the answer to a request for an exemption, on which nothing in it rests.

    Raises:
        ValueError: If the candidate does not operate.
    """
    if candidate.off_block is None:
        raise ValueError(f"off_block: None is not valid for {candidate.kind}; expected an instant")
    builder = PlanBuilder()
    add_request(builder, exemption, durations)
    decided = add_preparation(builder, candidate, candidate.off_block, work, durations)
    if work.to_reprotect:
        builder.add(
            f"Rebook {counted(work.to_reprotect, 'passenger')} without a connection or a seat",
            owner=PASSENGERS,
            duration=durations.reprotection,
            after=(decided,),
            automatable=True,
            success_criteria="Every one of them holds a confirmed seat to the final destination.",
            rollback="Keep the original onward booking until the new one is confirmed.",
        )
    if work.rerouted:
        builder.add(
            f"Call {work.rerouted} of them to other flights from {work.flight.origin}, with their bags",
            owner=PASSENGERS,
            duration=durations.reprotection,
            after=(decided,),
            success_criteria="Each of them is checked in on the other flight, and the bags are tagged to it.",
            rollback="Keep them on this flight and rebook them where they connect.",
        )
    for flight_id, at in sorted(candidate.held_flights.items()):
        number = flight_id.partition("-")[0]
        builder.add(
            f"Hold {number} until {at:%H:%MZ}: tell its crew, its passengers and both airports",
            owner=NETWORK,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria=f"{number} leaves at {at:%H:%MZ} with the connecting passengers and their bags.",
            rollback=f"Release {number} on time and rebook those who would have connected to it.",
        )
    for text in work.alternates:
        builder.add(
            text.rstrip("."),
            owner=DISPATCH,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria="They stand in the flight plan, with the fuel to reach the farther one.",
            rollback="Wait for the weather to rise above the minima.",
        )
    for airport, at in work.weather:
        builder.add(
            f"Check the weather at {airport} again at {at:%Y-%m-%d %H:%MZ}",
            owner=DISPATCH,
            duration=durations.flight_plan,
            after=(decided,),
            automatable=True,
            success_criteria=f"A forecast covers the movement at {airport} and keeps the minima.",
            rollback="Arbitrate again with the forecast.",
        )
    if candidate.diversion is not None:
        airport, onward = candidate.diversion.airport, candidate.diversion.off_block
        builder.add(
            f"Confirm stand, handling and fuel at {airport}, and file the plan on from there for "
            f"{onward:%H:%MZ}",
            owner=DISPATCH,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria=f"{airport} has confirmed the stop, and the plan onward is accepted.",
            rollback=f"Keep the flight at {work.flight.origin} until {work.flight.destination} takes it.",
        )
    if candidate.off_block - work.flight.std >= timedelta(hours=2):
        builder.add(
            "Give meals and communication to the waiting passengers, and hotels if the delay runs overnight",
            owner=PASSENGERS,
            duration=durations.care,
            after=(decided,),
            success_criteria="Care is offered to every passenger from two hours of delay on.",
            rollback="None needed: care that was given stays given.",
        )
    if work.later_flights:
        builder.add(
            f"Re-time or cover the {_flights(work.later_flights)} behind this one",
            owner=NETWORK,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria="Each later flight has a tail, a legal crew and a published time.",
            rollback="Restore the published times if the delay is recovered.",
        )
    return builder.build(contingencies)


def cancellation_plan(
    work: Work,
    durations: StepDurations,
    contingencies: Iterable[str] = (),
    exemption: Exemption | None = None,
) -> RecoveryPlan:
    """Return the plan of a cancellation: reprotect first, so that seats are held before word goes out.

    An exemption that would let the flight go is asked for before the cancellation is approved.
    """
    builder = PlanBuilder()
    asked = add_request(builder, exemption, durations)
    decided = builder.add(
        f"Approve the cancellation of {work.flight.flight_number}",
        owner=DUTY_MANAGER,
        duration=durations.decide,
        after=asked,
        success_criteria="The decision is recorded with its approver.",
        rollback="Reinstate the flight while its slot and crew are still held.",
    )
    whom = "the passengers" if work.to_reprotect is None else counted(work.to_reprotect, "passenger")
    reprotected = builder.add(
        f"Hold and confirm other journeys for {whom}",
        owner=PASSENGERS,
        duration=durations.reprotection,
        after=(decided,),
        automatable=True,
        success_criteria="Every passenger who can be rebooked holds a confirmed seat; the rest are listed.",
        rollback="Release the held seats.",
    )
    builder.add(
        "Tell the passengers, with their new journey, their right to a refund and to care",
        owner=PASSENGERS,
        duration=durations.passenger_notice,
        after=(reprotected,),
        automatable=True,
        success_criteria="Every passenger with a contact was reached.",
        rollback="Send a correction.",
    )
    builder.add(
        "Give meals and hotels to those who wait",
        owner=PASSENGERS,
        duration=durations.care,
        after=(reprotected,),
        success_criteria="Nobody who waits overnight is without a room.",
        rollback="None needed: care that was given stays given.",
    )
    builder.add(
        "Stand the crew down and re-plan their next duties",
        owner=CREW_CONTROL,
        duration=durations.crew_notice,
        after=(decided,),
        success_criteria="Each crew member knows the next report, with the minimum rest before it.",
        rollback="Call the crew back while they are within their duty limits.",
    )
    builder.add(
        "Cancel the slot and the flight plan",
        owner=DISPATCH,
        duration=durations.flight_plan,
        after=(decided,),
        automatable=True,
        success_criteria="The slot is returned and the plan cancelled.",
        rollback="File again and ask for a new slot.",
    )
    if work.shipments:
        builder.add(
            f"Store and re-route {counted(work.shipments, 'shipment')}",
            owner=CARGO,
            duration=durations.reprotection,
            after=(decided,),
            success_criteria="Each shipment is in fit storage and booked onward.",
            rollback="Rebuild the load if the flight is reinstated.",
        )
    if work.later_flights:
        builder.add(
            f"Cover the {_flights(work.later_flights)} that the tail was to fly on from "
            f"{work.flight.destination}",
            owner=NETWORK,
            duration=durations.flight_plan,
            after=(decided,),
            success_criteria="Each later flight has a tail or is cancelled with its own plan.",
            rollback="Give the rotation back to the tail.",
        )
    return builder.build(contingencies)


def review_plan(
    flight_number: str,
    blockers: Iterable[str],
    durations: StepDurations,
    *,
    first: str | None = None,
    held: bool = True,
    exemption: Exemption | None = None,
) -> RecoveryPlan:
    """Return the plan of a manual review: settle what blocks, then decide.

    `first` is what is done at once for a flight that is not `held`, since it has left or will not.
    `exemption` is asked for before anything else.
    """
    builder = PlanBuilder()
    asked = add_request(builder, exemption, durations)
    begun = builder.add(
        f"Hold {flight_number}: no departure until this review is closed" if held or first is None else first,
        owner=DUTY_MANAGER,
        duration=durations.decide,
        success_criteria="Crew, gate and handling know that the flight waits."
        if held
        else "Everyone who has to act for the flight knows what is known.",
        rollback="Release the hold." if held else "Send a correction.",
    )
    settled = [
        builder.add(
            f"Settle: {blocker}",
            owner=DUTY_MANAGER,
            duration=durations.reprotection,
            after=(begun,),
            success_criteria="The fact is known from its source and recorded.",
            rollback="None needed: finding out changes nothing.",
        )
        for blocker in blockers
    ]
    informed = builder.add(
        "Tell the passengers when they will hear next, and give the care that is due",
        owner=PASSENGERS,
        duration=durations.care,
        after=(begun,),
        success_criteria="Passengers have a next time of information.",
        rollback="None needed: care that was given stays given.",
    )
    builder.add(
        "Report the disruption again with what was settled, or decide by hand with a reason",
        owner=DUTY_MANAGER,
        duration=durations.decide,
        after=(*asked, informed, *settled),
        success_criteria="A decision with its reason is on the record.",
        rollback="Keep the flight on hold." if held else "Arbitrate again.",
    )
    return builder.build(() if exemption is None else (exemption.if_granted,))


def _flights(count: int) -> str:
    return "flight" if count == 1 else f"{count} flights"
