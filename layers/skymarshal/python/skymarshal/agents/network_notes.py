"""What the network agent tells beside its figures: each later flight, the bank, the swaps."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from skymarshal.agents.case import AssessmentRequest
from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.agents.impacts import as_delayed, still_open
from skymarshal.agents.wording import duration_text, instant_text
from skymarshal.calculators.connections import MissedConnections
from skymarshal.calculators.knock_on import KnockOn, RotationFacts, knock_on
from skymarshal.calculators.line_swaps import Swap, swaps
from skymarshal.domain.assessment import Option, OptionKind
from skymarshal.domain.wording import agreeing, counted
from skymarshal.operations.records import Flight

__all__ = ["later_flights_text", "network_notes", "spare_tails"]

HOLD_LIMIT: Final = timedelta(minutes=20)
"""An onward flight held longer than this costs its own passengers more than it saves."""

_ZERO: Final = timedelta(0)


def network_notes(
    request: AssessmentRequest,
    flight: Flight,
    rotation: RotationFacts,
    likely: KnockOn,
    missed: MissedConnections,
    expected: ExpectedDeparture,
    released: dict[str, datetime],
) -> tuple[str, ...]:
    """Return what follows, flight by flight, and what could be done about it."""
    notes = [
        f"{leg.flight.flight_id} {leg.flight.origin}-{leg.flight.destination} leaves at "
        f"{instant_text(leg.etd)}, {duration_text(leg.delay)} late ({leg.cause})."
        for leg in likely.delayed
    ]
    if likely.delayed:
        notes.append(
            f"The delay is absorbed before {likely.absorbed_at}."
            if likely.absorbed_at
            else "No later flight of the tail within two days absorbs the delay."
        )
    notes += [f"{leg.flight_id} has no aircraft." for leg in (*likely.cancelled, *likely.uncovered)]
    notes += [
        f"{one.crew_id} can report for {one.next_flight_id or 'the next duty'} at "
        f"{instant_text(one.earliest_report)}, not at {instant_text(one.next_report)}: minimum rest."
        for one in likely.rest_shortfalls
    ]
    notes += _bank(flight, expected.off_block + flight.block, missed)
    if expected.delay > _ZERO:
        notes += [_swap_note(one, released.get(flight.registration)) for one in _own_swaps(request, rotation)]
        notes += _spare_notes(request, flight, rotation, released)
    return (*notes, *still_open(expected))


def _bank(flight: Flight, on_block: datetime, missed: MissedConnections) -> list[str]:
    """Say what the bank loses: missed passengers by onward flight, and what a short hold would save."""
    by_flight = Counter(one.onward.flight_id for one in missed.missed)
    lines: list[str] = []
    for flight_id, lost in sorted(by_flight.items(), key=lambda pair: (-pair[1], pair[0])):
        connection = next(one for one in missed.missed if one.onward.flight_id == flight_id)
        hold = None if connection.minimum is None else on_block + connection.minimum - connection.departs
        text = f"{counted(lost, 'passenger')} {agreeing(lost, 'misses', 'miss')} {flight_id} "
        text += f"{connection.onward.origin}-{connection.onward.destination}"
        if connection.stopped:
            text += ", which a closure stops"
        elif hold is not None and hold <= HOLD_LIMIT and connection.onward.carrier == flight.carrier:
            text += f"; holding it {duration_text(hold)} keeps them"
        lines.append(f"{text}.")
    if len(missed.unknown):
        lines.append(f"For {len(missed.unknown)} no minimum connection time says whether they connect.")
    return lines


def _own_swaps(request: AssessmentRequest, rotation: RotationFacts) -> tuple[Swap, ...]:
    offered = {option.key for option in spare_tails(request)}
    found = swaps(rotation, not_before=request.disruption.reported_at)
    return tuple(one for one in found if one.registration not in offered)[:3]


def _swap_note(swap: Swap, released: datetime | None) -> str:
    text = f"By the schedule {swap.registration} could fly instead from {instant_text(swap.ready)}"
    if swap.needed_back is None:
        return f"{text}; it has no flights of its own."
    line = swap.line[0].flight_id
    if released is None:
        return f"{text}; its own {line} then needs a tail at {instant_text(swap.needed_back)}."
    late = max(released - swap.needed_back, _ZERO)
    return f"{text}; changing lines delays its own {line} by {duration_text(late)}."


def _spare_notes(
    request: AssessmentRequest, flight: Flight, rotation: RotationFacts, released: dict[str, datetime]
) -> list[str]:
    notes: list[str] = []
    for option in spare_tails(request)[:3]:
        if not option.usable or option.available_from is None:
            continue
        delay = max(option.available_from - flight.std, _ZERO)
        following = knock_on(rotation, as_delayed(flight, delay, option.key), released=released)
        notes.append(
            f"With {option.key} from {instant_text(option.available_from)} {later_flights_text(following)}."
        )
    return notes


def spare_tails(request: AssessmentRequest) -> list[Option]:
    """Return the spare tails that maintenance looked at, usable or not."""
    return [
        option for one in request.initial for option in one.options if option.kind is OptionKind.SPARE_TAIL
    ]


def later_flights_text(following: KnockOn) -> str:
    """Return how many later flights are hit and by how much."""
    count_ = following.flights_hit
    if not count_:
        return "no later flight is hit"
    without = len(following.cancelled) + len(following.uncovered)
    text = f"{counted(count_, 'later flight')} {agreeing(count_, 'is', 'are')} hit"
    if following.delayed:
        text += f" for {duration_text(following.total_delay)} in all"
    if not without:
        return text
    return f"{text}, without an aircraft" if count_ == 1 else f"{text}, {without} of them without an aircraft"
