"""How the passengers of a disrupted flight reach their final destination, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from skymarshal.calculators.connections import missed_connections
from skymarshal.calculators.passengers import CABINS, Alternative, PassengerFacts, Route
from skymarshal.calculators.seating import seat_passengers
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations.records import Booking, Segment

__all__ = ["PassengerOutcome", "Reprotection", "ready_at_origin", "reprotect"]


class PassengerOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of one passenger. Thousands are made for one disruption, a dataclass five times as slowly.

    Attributes:
        booking: the passenger's segment on the disrupted flight.
        cancelled: whether the disrupted flight does not carry the passenger: it does not operate,
            or has no seat left.
        misconnected: the first onward segment that is missed, None where none is.
        on: the flights of the new journey in order; empty where none is needed or none was found.
        arrival: the arrival at the final destination; None where no way was found within the
            horizon, or where it is unknown whether the connection holds.
        departs: when the passenger leaves the place of waiting; None as for `arrival`.
        waits_at: where the passenger waits for it.
        waits_from: since when: the scheduled departure, or the late arrival at the point of transfer.
        downgraded: whether a seat in a lower cabin is all there was.
        seated_lower: whether that holds of the seat on the disrupted flight itself.
        connection_unknown: whether no minimum says if the onward connection holds.
    """

    booking: Booking
    cancelled: bool
    misconnected: Segment | None
    on: tuple[Alternative, ...]
    arrival: datetime | None
    departs: datetime | None
    waits_at: str
    waits_from: datetime
    downgraded: bool = False
    seated_lower: bool = False
    connection_unknown: bool = False

    @property
    def needs_reprotection(self) -> bool:
        """Whether the journey as sold can no longer be flown."""
        return self.cancelled or self.misconnected is not None

    @property
    def reprotected(self) -> bool:
        """Whether another journey was found for a passenger who needs one."""
        return self.needs_reprotection and bool(self.on)

    @property
    def delay(self) -> timedelta | None:
        """The delay at the final destination, None where the arrival is unknown."""
        if self.arrival is None:
            return None
        return max(self.arrival - self.booking.final_sta, timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprotection:
    """What becomes of everyone on the flight, in the order in which seats were given."""

    outcomes: tuple[PassengerOutcome, ...]

    @property
    def needing(self) -> int:
        """How many need another journey."""
        return sum(outcome.needs_reprotection for outcome in self.outcomes)

    @property
    def reprotected(self) -> int:
        """How many of them have one."""
        return sum(outcome.reprotected for outcome in self.outcomes)

    @property
    def mean_delay(self) -> timedelta | None:
        """The mean delay at the final destination of those whose arrival is known."""
        known = [delay for outcome in self.outcomes if (delay := outcome.delay) is not None]
        return sum(known, timedelta(0)) / len(known) if known else None


def reprotect(
    facts: PassengerFacts,
    candidate: Candidate,
    *,
    not_before: datetime,
    departures: Mapping[str, datetime] | None = None,
    seats: Mapping[str, int] | None = None,
) -> Reprotection:
    """Return what becomes of every passenger under `candidate`.

    Seats go by priority (see `priority`), each passenger to the earliest arrival with a seat in the
    cabin that was sold, else in another one. A journey is rebuilt segment by segment, keeping what
    can still be made, or replaced by one flight to the final destination where that is sooner. A
    CANCEL candidate uses the airline's own flights alone, every other one partners' too. A REROUTE lets
    who would miss a connection leave from the origin on the airline's other flights, where that is sooner.

    Args:
        facts: the passengers and the other flights.
        candidate: the flight as it would operate.
        not_before: the earliest departure that a passenger at the origin can still be moved to.
        departures: new departures of the airline's other flights by id, where they are moved.
        seats: the seats by cabin of a tail that replaces the planned one. Who finds none is left
            behind, as if the flight were cancelled.
    """
    partners = candidate.kind is not CandidateKind.CANCEL
    free = {
        alternative.flight_id: dict(alternative.seats)
        for found in facts.alternatives.values()
        for alternative in found
        if alternative.own or partners
    }
    own = {
        alternative.flight_id: free[alternative.flight_id]
        for found in facts.alternatives.values()
        for alternative in found
        if alternative.own
    }
    if candidate.off_block is None or candidate.on_block is None:
        return Reprotection(
            outcomes=tuple(_cancelled(facts, booking, not_before, free) for booking in facts.by_priority)
        )
    connections = missed_connections(facts.connections, candidate.on_block, departures)
    missed = {connection.booking.segment_passenger: connection for connection in connections.missed}
    unknown = {connection.booking.segment_passenger for connection in connections.unknown}
    outcomes: list[PassengerOutcome] = []
    cabins = None if seats is None else seat_passengers(facts.by_priority, seats)
    for booking in facts.by_priority:
        cabin = booking.cabin if cabins is None else cabins.get(booking.segment_passenger)
        if cabin is None:
            outcomes.append(_cancelled(facts, booking, not_before, free))
            continue
        downgraded = _lower(cabin, booking.cabin)
        connection = missed.get(booking.segment_passenger)
        if connection is None:
            outcomes.append(
                _as_sold(
                    facts,
                    booking,
                    candidate.off_block,
                    candidate.on_block,
                    connection_unknown=booking.segment_passenger in unknown,
                    downgraded=downgraded,
                )
            )
            continue
        ready = candidate.on_block + (connection.minimum or timedelta(0))
        path = _path(facts, booking, booking.segments[booking.segment :], ready, free)
        at_origin = False
        if candidate.kind is CandidateKind.REROUTE:
            other = _path(
                facts,
                booking,
                booking.segments[booking.segment - 1 :],
                ready_at_origin(facts, booking, not_before),
                own,
            )
            at_origin = other.arrival is not None and (path.arrival is None or other.arrival < path.arrival)
            path = other if at_origin else path
        _take(path, free)
        outcomes.append(
            PassengerOutcome(
                booking=booking,
                cancelled=False,
                misconnected=connection.onward,
                on=path.on,
                arrival=path.arrival,
                departs=path.on[0].departs if path.on else None,
                waits_at=facts.flight.origin if at_origin else facts.flight.destination,
                waits_from=facts.flight.std if at_origin else candidate.on_block,
                downgraded=path.downgraded or (downgraded and not at_origin),
                seated_lower=downgraded,
            )
        )
    return Reprotection(outcomes=tuple(outcomes))


def ready_at_origin(facts: PassengerFacts, booking: Booking, not_before: datetime) -> datetime:
    """Return from when a passenger can leave the flight's origin; others not before it was to."""
    return max(not_before, facts.flight.std) if booking.segment > 1 else not_before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    on: tuple[Alternative, ...] = ()
    cabins: tuple[str, ...] = ()
    arrival: datetime | None = None
    downgraded: bool = False


def _cancelled(
    facts: PassengerFacts, booking: Booking, not_before: datetime, free: Mapping[str, dict[str, int]]
) -> PassengerOutcome:
    ready = ready_at_origin(facts, booking, not_before)
    path = _path(facts, booking, booking.segments[booking.segment - 1 :], ready, free)
    _take(path, free)
    return PassengerOutcome(
        booking=booking,
        cancelled=True,
        misconnected=None,
        on=path.on,
        arrival=path.arrival,
        departs=path.on[0].departs if path.on else None,
        waits_at=facts.flight.origin,
        waits_from=facts.flight.std,
        downgraded=path.downgraded,
    )


def _as_sold(
    facts: PassengerFacts,
    booking: Booking,
    off_block: datetime,
    on_block: datetime,
    *,
    connection_unknown: bool,
    downgraded: bool,
) -> PassengerOutcome:
    connects = booking.onward is not None and booking.single_ticket
    arrival: datetime | None = booking.final_sta if connects else on_block
    return PassengerOutcome(
        booking=booking,
        cancelled=False,
        misconnected=None,
        on=(),
        arrival=None if connection_unknown else arrival,
        departs=off_block,
        waits_at=facts.flight.origin,
        waits_from=facts.flight.std,
        downgraded=downgraded,
        seated_lower=downgraded,
        connection_unknown=connection_unknown,
    )


def _path(
    facts: PassengerFacts,
    booking: Booking,
    segments: tuple[Segment, ...],
    ready: datetime,
    free: Mapping[str, dict[str, int]],
) -> _Path:
    if not segments:
        return _Path()
    stepwise = _stepwise(facts, booking, segments, ready, free)
    if len(segments) > 1:
        direct = _seat(facts, (segments[0].origin, booking.final_destination), booking.cabin, ready, free)
        if direct is not None and (stepwise.arrival is None or direct[0].arrives < stepwise.arrival):
            stepwise = _Path(
                on=(direct[0],),
                cabins=(direct[1],),
                arrival=direct[0].arrives,
                downgraded=_lower(direct[1], booking.cabin),
            )
    return stepwise


def _take(path: _Path, free: Mapping[str, dict[str, int]]) -> None:
    for alternative, cabin in zip(path.on, path.cabins, strict=True):
        free[alternative.flight_id][cabin] -= 1


def _stepwise(
    facts: PassengerFacts,
    booking: Booking,
    segments: tuple[Segment, ...],
    ready: datetime,
    free: Mapping[str, dict[str, int]],
) -> _Path:
    first = _seat(facts, (segments[0].origin, segments[0].destination), booking.cabin, ready, free)
    if first is None:
        return _Path()
    taken = [first]
    arrival = first[0].arrives
    for segment in segments[1:]:
        onward = facts.connections.onward.get(segment.flight_id)
        if onward is None or onward.minimum is None:
            return _Path()
        ready = arrival + onward.minimum
        if ready <= onward.departs and onward.stopped is False:
            arrival = segment.sta
            continue
        following = _seat(facts, (segment.origin, segment.destination), booking.cabin, ready, free)
        if following is None:
            return _Path()
        taken.append(following)
        arrival = following[0].arrives
    return _Path(
        on=tuple(alternative for alternative, _ in taken),
        cabins=tuple(cabin for _, cabin in taken),
        arrival=arrival,
        downgraded=any(_lower(cabin, booking.cabin) for _, cabin in taken),
    )


def _seat(
    facts: PassengerFacts, route: Route, cabin: str, ready: datetime, free: Mapping[str, dict[str, int]]
) -> tuple[Alternative, str] | None:
    other: tuple[Alternative, str] | None = None
    for alternative in facts.alternatives.get(route, ()):
        if alternative.departs < ready:
            continue
        seats = free.get(alternative.flight_id, {})
        if seats.get(cabin, 0) > 0:
            return alternative, cabin
        if other is None:
            spare = next((one for one in reversed(CABINS) if seats.get(one, 0) > 0), None)
            other = None if spare is None else (alternative, spare)
    return other


def _lower(cabin: str, sold: str) -> bool:
    return cabin != sold and CABINS.index(cabin) > CABINS.index(sold)
