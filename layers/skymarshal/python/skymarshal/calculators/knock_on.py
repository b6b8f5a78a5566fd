"""What a candidate does to the flights that follow: along the tail's rotation and the crew's roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from skymarshal.domain.assessment import Unknown
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.ftl import EASA, FtlProfile
from skymarshal.domain.ftl.rest import minimum_rest_duration
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, CrewAssignment, Flight

__all__ = [
    "CrewLine",
    "DelayedFlight",
    "KnockOn",
    "RestShortfall",
    "RotationFacts",
    "knock_on",
    "load_rotation_facts",
]

ROTATION_HORIZON: Final = timedelta(hours=48)
"""How far ahead a rotation is followed: a delay that lasts longer is a new plan, not a knock-on."""

_ROTATION_LOOKBACK: Final = timedelta(hours=24)
_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewLine:
    """What a crew member of the flight flies after it.

    `in_flight_rest` says whether the crew is augmented and rests aboard. `rest_of_duty` are the later
    sectors of the same duty, `next_flight` the first sector of the next duty, with its report time;
    None where the roster shows none within the horizon.
    """

    crew_id: str
    duty_start: datetime
    debrief: datetime
    in_flight_rest: bool
    rest_of_duty: tuple[str, ...]
    next_report: datetime | None
    next_flight: Flight | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationFacts:
    """The flights around a flight on its tail and on the tails that could replace it.

    `rotations` are ascending by departure and reach from a day before the flight to two days after.
    `profile` says how long the crew rest.
    """

    flight: Flight
    aircraft: Mapping[str, Aircraft]
    rotations: Mapping[str, tuple[Flight, ...]]
    crew: tuple[CrewLine, ...]
    flights: Mapping[str, Flight]
    unknowns: tuple[Unknown, ...] = ()
    profile: FtlProfile = EASA

    def following(self, registration: str) -> tuple[Flight, ...]:
        """The tail's flights that depart after the flight was to depart."""
        return tuple(
            leg
            for leg in self.rotations.get(registration, ())
            if leg.std > self.flight.std and leg.status == "scheduled"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayedFlight:
    """A later flight that departs at `etd` instead of when it was expected to; `delay` is the difference."""

    flight: Flight
    etd: datetime
    delay: timedelta
    cause: Literal["aircraft", "crew"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestShortfall:
    """A crew member who cannot report for the next duty in time after the minimum rest."""

    crew_id: str
    next_report: datetime
    earliest_report: datetime
    next_flight_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnockOn:
    """What follows from a candidate.

    Attributes:
        delayed: later flights that leave late, ascending by departure.
        cancelled: later flights that cannot operate because the tail is not where they start.
        uncovered: later flights that need another tail: nothing says when one is there.
        rest_shortfalls: crew members whose next duty begins before their rest is over: another crew
            member flies it, or it waits.
        absorbed_at: the flight whose ground time before it absorbs the rest of the delay, None where
            there is nothing to absorb or it is not absorbed within the horizon.
        unknowns: what could not be computed.
    """

    delayed: tuple[DelayedFlight, ...] = ()
    cancelled: tuple[Flight, ...] = ()
    uncovered: tuple[Flight, ...] = ()
    rest_shortfalls: tuple[RestShortfall, ...] = ()
    absorbed_at: str | None = None
    unknowns: tuple[Unknown, ...] = ()

    @property
    def flights_hit(self) -> int:
        """How many later flights do not leave as expected."""
        return len({leg.flight.flight_id for leg in self.delayed}) + len(self.cancelled) + len(self.uncovered)

    @property
    def flights_short_of_crew(self) -> int:
        """How many later flights need other crew members, without those that are hit besides."""
        hit = {leg.flight.flight_id for leg in self.delayed}
        return len({one.next_flight_id for one in self.rest_shortfalls if one.next_flight_id} - hit)

    @property
    def total_delay(self) -> timedelta:
        """The sum of the delays of later flights."""
        return sum((leg.delay for leg in self.delayed), _ZERO)

    @property
    def departures(self) -> dict[str, datetime]:
        """The new departure of each delayed flight by its id."""
        return {leg.flight.flight_id: leg.etd for leg in self.delayed}


def load_rotation_facts(
    operations: Operations,
    flight: Flight,
    registrations: Iterable[str] = (),
    *,
    profile: FtlProfile = EASA,
) -> RotationFacts:
    """Read the rotations of the flight's tail and of `registrations`, and what its crew flies next.

    At most three accesses in sequence.
    """
    tails = tuple(dict.fromkeys((flight.registration, *registrations)))
    start, end = flight.std - _ROTATION_LOOKBACK, flight.std + ROTATION_HORIZON

    def read_crew() -> tuple[list[CrewAssignment], dict[str, list[CrewAssignment]], list[Flight]]:
        assignments = operations.crew_of_flight(flight.flight_id)
        later = operations.gather(
            *(
                lambda row=row: operations.duties(row.crew_id, row.report, row.debrief + ROTATION_HORIZON)
                for row in assignments
            )
        )
        duties = {row.crew_id: list(found) for row, found in zip(assignments, later, strict=True)}
        wanted = {row.flight_id for found in duties.values() for row in found}
        return assignments, duties, operations.flights(sorted(wanted))

    rotations, aircraft, (assignments, duties, crew_flights) = operations.gather(
        lambda: operations.gather(
            *(lambda tail=tail: operations.rotation(tail, start, end) for tail in tails)
        ),
        lambda: operations.gather(*(lambda tail=tail: operations.aircraft(tail) for tail in tails)),
        read_crew,
    )
    known = {tail: found for tail, found in zip(tails, aircraft, strict=True) if found is not None}
    flights = {leg.flight_id: leg for leg in crew_flights}
    unknowns = [
        Unknown(
            table="Aircraft",
            key=tail,
            field="minimum_turnaround",
            why="without the turnaround the knock-on along the rotation is unknown",
        )
        for tail in tails
        if tail not in known
    ]
    if not assignments:
        unknowns.append(
            Unknown(
                table="CrewRoster",
                key=flight.flight_id,
                field="crew_id",
                why="without the crew of the flight their next duties are unknown",
            )
        )
    return RotationFacts(
        flight=flight,
        aircraft=known,
        rotations={tail: tuple(found) for tail, found in zip(tails, rotations, strict=True)},
        crew=tuple(_crew_line(row, duties[row.crew_id], flights) for row in assignments),
        flights=flights,
        unknowns=tuple(unknowns),
        profile=profile,
    )


def knock_on(
    facts: RotationFacts, candidate: Candidate, *, released: Mapping[str, datetime] | None = None
) -> KnockOn:
    """Return what `candidate` does to later flights.

    A spare that replaces the tail goes on with its line. One with a line of its own flies the trip and
    goes back to it where it is back in time, and both tails go on as planned; where it is not, they
    change lines. Either way the replaced tail flies from when it is released: `released` says when, by
    registration, and where it does not say, that line is uncovered. A crew's next duty waits for the
    rest at home base, the longer of the two floors, since the roster does not say where home is.
    """
    flight = facts.flight
    line = facts.following(flight.registration)
    if candidate.off_block is None or candidate.on_block is None:
        return KnockOn(cancelled=_stranded(line, flight.origin), unknowns=facts.unknowns)
    if candidate.destination is not None and candidate.destination != flight.destination:
        return KnockOn(uncovered=line, unknowns=facts.unknowns)
    registration = candidate.registration or flight.registration
    aircraft = facts.aircraft.get(registration)
    if aircraft is None:
        return KnockOn(unknowns=facts.unknowns)
    ready = candidate.on_block + aircraft.minimum_turnaround
    if registration == flight.registration:
        delayed, absorbed_at = _propagate(line, ready, aircraft)
        uncovered: tuple[Flight, ...] = ()
    else:
        delayed, absorbed_at, uncovered = _exchange(facts, line, ready, aircraft, released or {})
    by_crew, shortfalls = _crew_knock_on(facts, candidate, candidate.on_block, delayed, aircraft)
    return KnockOn(
        delayed=tuple(sorted(_worst(delayed + by_crew), key=lambda leg: (leg.etd, leg.flight.flight_id))),
        uncovered=uncovered,
        rest_shortfalls=shortfalls,
        absorbed_at=absorbed_at,
        unknowns=facts.unknowns,
    )


def _crew_line(
    row: CrewAssignment, duties: Sequence[CrewAssignment], flights: Mapping[str, Flight]
) -> CrewLine:
    at = row.duty_flights.index(row.flight_id) if row.flight_id in row.duty_flights else len(row.duty_flights)
    following = min(
        (duty for duty in duties if duty.report >= row.debrief),
        key=lambda duty: duty.duty_start,
        default=None,
    )
    return CrewLine(
        crew_id=row.crew_id,
        duty_start=row.report,
        debrief=row.debrief,
        in_flight_rest=row.augmented_pilots > 0 and row.rest_facility is not None,
        rest_of_duty=row.duty_flights[at + 1 :],
        next_report=row.next_report if following is None else following.report,
        next_flight=None if following is None else flights.get(following.flight_id),
    )


def _propagate(
    line: Iterable[Flight], ready: datetime, aircraft: Aircraft
) -> tuple[list[DelayedFlight], str | None]:
    delayed: list[DelayedFlight] = []
    for leg in line:
        expected = leg.etd or leg.std
        if ready <= expected:
            return delayed, leg.flight_id
        delayed.append(DelayedFlight(flight=leg, etd=ready, delay=ready - expected, cause="aircraft"))
        ready += (leg.eta or leg.sta) - expected + aircraft.minimum_turnaround
    return delayed, None


def _exchange(
    facts: RotationFacts,
    line: tuple[Flight, ...],
    ready: datetime,
    aircraft: Aircraft,
    released: Mapping[str, datetime],
) -> tuple[list[DelayedFlight], str | None, tuple[Flight, ...]]:
    other_line = facts.following(aircraft.registration)
    if not other_line:
        return (*_propagate(line, ready, aircraft), ())
    trip = _stranded(line, facts.flight.origin)
    delayed, absorbed_at = _propagate(trip, ready, aircraft)
    back = _free_after(trip, delayed, ready, aircraft)
    resumes = back <= (other_line[0].etd or other_line[0].std)
    if not resumes:
        delayed, absorbed_at = _propagate(line, ready, aircraft)
    left = line[len(trip) :] if resumes else other_line
    free = released.get(facts.flight.registration)
    original = facts.aircraft.get(facts.flight.registration)
    if free is None or original is None:
        return delayed, absorbed_at, left
    return delayed + _propagate(left, free, original)[0], absorbed_at, ()


def _free_after(
    trip: Sequence[Flight], delayed: Sequence[DelayedFlight], ready: datetime, aircraft: Aircraft
) -> datetime:
    if not trip:
        return ready
    last = trip[-1]
    delay = next((leg.delay for leg in delayed if leg.flight.flight_id == last.flight_id), _ZERO)
    return (last.eta or last.sta) + delay + aircraft.minimum_turnaround


def _stranded(line: Iterable[Flight], location: str) -> tuple[Flight, ...]:
    stranded: list[Flight] = []
    for leg in line:
        if leg.origin == location:
            break
        stranded.append(leg)
    return tuple(stranded)


def _crew_knock_on(
    facts: RotationFacts,
    candidate: Candidate,
    on_block: datetime,
    by_aircraft: Sequence[DelayedFlight],
    aircraft: Aircraft,
) -> tuple[list[DelayedFlight], tuple[RestShortfall, ...]]:
    delays = {leg.flight.flight_id: leg.delay for leg in by_aircraft}
    own_delay = on_block - (facts.flight.eta or facts.flight.sta)
    delayed: list[DelayedFlight] = []
    shortfalls: list[RestShortfall] = []
    for member in facts.crew:
        if member.crew_id in candidate.taken_off:
            continue
        carried = max(own_delay, _ZERO)
        ready = on_block + aircraft.minimum_turnaround
        for flight_id in member.rest_of_duty:
            leg = facts.flights.get(flight_id)
            if leg is None:
                continue
            expected = leg.etd or leg.std
            by_crew = max(ready - expected, _ZERO)
            carried = max(by_crew, delays.get(flight_id, _ZERO))
            if by_crew > delays.get(flight_id, _ZERO):
                delayed.append(DelayedFlight(flight=leg, etd=ready, delay=by_crew, cause="crew"))
            ready = (leg.eta or leg.sta) + carried + aircraft.minimum_turnaround
        if member.next_report is None:
            continue
        debrief = member.debrief + carried
        rest = minimum_rest_duration(
            "home",
            debrief - member.duty_start,
            in_flight_rest=member.in_flight_rest,
            profile=facts.profile,
        )
        if debrief + rest <= member.next_report:
            continue
        following = member.next_flight
        shortfalls.append(
            RestShortfall(
                crew_id=member.crew_id,
                next_report=member.next_report,
                earliest_report=debrief + rest,
                next_flight_id=None if following is None else following.flight_id,
            )
        )
    return delayed, tuple(shortfalls)


def _worst(delayed: Iterable[DelayedFlight]) -> list[DelayedFlight]:
    worst: dict[str, DelayedFlight] = {}
    for leg in delayed:
        known = worst.get(leg.flight.flight_id)
        if known is None or leg.delay > known.delay:
            worst[leg.flight.flight_id] = leg
    return list(worst.values())
