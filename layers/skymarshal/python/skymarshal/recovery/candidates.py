"""Generating candidates: every tail and crew that the agents found, at the times that can matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from skymarshal.domain.assessment import (
    Constraint,
    ConstraintKind,
    Option,
    OptionKind,
    SubjectKind,
)
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.times import format_duration
from skymarshal.domain.wording import agreeing, counted
from skymarshal.recovery.feasibility import check_constraint
from skymarshal.recovery.policy import ArbitrationPolicy
from skymarshal.recovery.preparation import lead_time
from skymarshal.recovery.situation import Situation

__all__ = ["Generated", "candidate_key", "generate", "next_minute"]

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """The candidates to evaluate, and in words what the search left out."""

    candidates: tuple[Candidate, ...]
    left_out: tuple[str, ...]


def generate(situation: Situation, policy: ArbitrationPolicy) -> Generated:
    """Return the candidates for a situation.

    For the flight's own tail and each usable spare: the earliest departure that the constraints admit,
    every instant at which what is admitted changes, and steps of delay after the earliest, each with
    the crew members replaced who could not fly it and, where one is near a limit, with that one
    replaced too. Whom nobody can replace by then, the flight leaves without where it may. Then the
    cancellations.
    """
    search = policy.search
    spares = _spares(situation)
    streams = [_departures(situation, tail, ready, policy) for tail, ready in spares]
    candidates: dict[tuple[object, ...], Candidate] = {}
    tried = 0
    dropped = 0
    room = search.most_candidates - len(_cancellations(situation))
    for candidate in _in_turn(streams):
        key = candidate_key(candidate)
        if key in candidates:
            continue
        tried += 1
        if tried > room:
            dropped += 1
            continue
        candidates[key] = candidate
    left_out = [
        f"Delays beyond {format_duration(search.longest_delay)} were not tried.",
        f"Between the instants at which a limit changes, delays were tried in steps of "
        f"{format_duration(search.delay_step)}.",
    ]
    if dropped:
        left_out.append(
            f"{counted(dropped, 'later departure')} {agreeing(dropped, 'was', 'were')} not tried: the "
            f"search stops at {counted(search.most_candidates, 'candidate')}."
        )
    return Generated(candidates=(*candidates.values(), *_cancellations(situation)), left_out=tuple(left_out))


def candidate_key(candidate: Candidate) -> tuple[object, ...]:
    """Return a hashable key that two equal candidates share."""
    return (
        candidate.kind,
        candidate.off_block,
        candidate.registration,
        tuple(sorted(candidate.replaced_crew.items())),
        candidate.flies_without,
        candidate.destination,
        candidate.offloaded_awbs,
        tuple(sorted(candidate.held_flights.items())),
        candidate.diversion,
    )


def _spares(situation: Situation) -> list[tuple[str, datetime | None]]:
    """Return the flight's own tail and the usable spares, the soonest first."""
    own = situation.flight.registration
    ready = {
        option.key: option.available_from
        for option in situation.options(OptionKind.SPARE_TAIL)
        if option.key != own
    }
    soonest = sorted(ready, key=lambda tail: (ready[tail] or situation.now, tail))
    return [(own, None), *((tail, ready[tail]) for tail in soonest)]


def _cancellations(situation: Situation) -> tuple[Candidate, ...]:
    """Return the ways not to fly: passengers on own flights alone, or on partners' too."""
    return tuple(
        Candidate(
            kind=kind,
            flight_id=situation.flight.flight_id,
            off_block=None,
            on_block=None,
            registration=None,
        )
        for kind in (CandidateKind.CANCEL, CandidateKind.PARTNER)
    )


def _departures(
    situation: Situation, tail: str, ready: datetime | None, policy: ArbitrationPolicy
) -> Iterator[Candidate]:
    """Yield the candidates with one tail, by departure."""
    flight, search = situation.flight, policy.search
    own_tail = tail == flight.registration
    earliest = max(flight.std, situation.now, ready or flight.std)
    if own_tail and flight.etd is not None:
        earliest = max(earliest, flight.etd)
    latest = flight.std + search.longest_delay
    constraints = tuple(
        constraint for _, constraint in situation.binding if _may_apply(constraint, situation, tail)
    )
    advised = tuple(
        constraint for _, constraint in situation.advisory if _may_apply(constraint, situation, tail)
    )
    offloaded = tuple(
        sorted({c.subject.key for c in constraints if c.kind is ConstraintKind.OFFLOAD_REQUIRED})
    )
    reserves = situation.options(OptionKind.RESERVE_CREW)
    for floor in _floors(situation, tail, offloaded, reserves, policy):
        start = next_minute(max(earliest, floor))
        for off_block in _instants(start, latest, (*constraints, *advised), reserves, policy):
            for change in _crews(situation, off_block, constraints, reserves, tail, policy):
                candidate = _operating(situation, off_block, tail, change, offloaded)
                if off_block >= situation.now + lead_time(
                    candidate, flight, situation.durations(tail, policy)
                ):
                    yield candidate


def _floors(
    situation: Situation,
    tail: str,
    offloaded: tuple[str, ...],
    reserves: tuple[Option, ...],
    policy: ArbitrationPolicy,
) -> list[datetime]:
    """Return the first instants at which the preparation of each kind of change can be done."""
    changes = [_CrewChange({})]
    if reserves:
        changes.append(_CrewChange({reserves[0].replaces: reserves[0].key}))
    leads = {
        lead_time(
            _operating(situation, situation.now, tail, change, offloaded),
            situation.flight,
            situation.durations(tail, policy),
        )
        for change in changes
    }
    return [situation.now + lead for lead in sorted(leads)]


def _instants(
    start: datetime,
    latest: datetime,
    constraints: Iterable[Constraint],
    reserves: Iterable[Option],
    policy: ArbitrationPolicy,
) -> list[datetime]:
    """Return the start, the instants from then on at which what is admitted begins, and steps of delay.

    What is admitted can begin only at an earliest departure, at the end of a forbidden window or when
    a reserve is there, so the earliest admitted departure is always among them.
    """
    found = {start}
    step = start + policy.search.delay_step
    while step <= latest:
        found.add(step)
        step += policy.search.delay_step
    for constraint in constraints:
        if constraint.kind is ConstraintKind.EARLIEST_DEPARTURE and constraint.at is not None:
            found.add(next_minute(constraint.at))
        found.update(next_minute(window.end) for window in constraint.windows)
    found.update(next_minute(o.available_from) for o in reserves if o.available_from is not None)
    return sorted(instant for instant in found if start <= instant <= latest)


@dataclass(frozen=True, slots=True)
class _CrewChange:
    """Who flies in whose place, and whom the flight leaves without."""

    replaced: dict[str, str]
    without: tuple[str, ...] = ()


def _crews(
    situation: Situation,
    off_block: datetime,
    constraints: Iterable[Constraint],
    reserves: tuple[Option, ...],
    tail: str,
    policy: ArbitrationPolicy,
) -> list[_CrewChange]:
    """Return the crew changes worth trying at one departure.

    First only those who could not fly it; then those too who would fly it close to a limit. The flight
    leaves without whom no reserve can replace by then, if it may; else that one stays on the list, and the
    candidate falls by that check.
    """
    as_is = _operating(situation, off_block, tail, _CrewChange({}), ())
    illegal: set[str] = set()
    tight: set[str] = set()
    for agent, constraint in situation.binding:
        if constraint.subject.kind is not SubjectKind.CREW_MEMBER or constraint not in constraints:
            continue
        check = check_constraint(agent, constraint, as_is, policy)
        if not constraint.admits(as_is):
            illegal.add(constraint.subject.key)
        elif check.share is not None and check.share < policy.search.comfortable_share:
            tight.add(constraint.subject.key)
    needed = _match(illegal, off_block, reserves)
    spared = illegal & _spared(situation, off_block)
    without = tuple(sorted(spared - needed.keys()))
    choices = [_CrewChange(needed, without)]
    if tight - illegal:
        comfortable = _match(illegal | tight, off_block, reserves)
        if illegal & needed.keys() <= comfortable.keys() and comfortable != needed:
            choices.append(_CrewChange(comfortable, tuple(sorted(spared - comfortable.keys()))))
    if needed and illegal == spared:
        called = _operating(situation, off_block, tail, choices[0], ())
        if off_block < situation.now + lead_time(called, situation.flight, situation.durations(tail, policy)):
            choices.append(_CrewChange({}, tuple(sorted(illegal))))
    return choices


def _spared(situation: Situation, off_block: datetime) -> set[str]:
    """Return the crew members without whom the flight may leave at `off_block`, each alone."""
    return {
        option.replaces
        for option in situation.options(OptionKind.FEWER_CREW)
        if option.latest_off_block is None or off_block <= option.latest_off_block
    }


def _match(taken_off: Iterable[str], off_block: datetime, reserves: Iterable[Option]) -> dict[str, str]:
    """Return as many of `taken_off` as can have a reserve of their own, with that reserve.

    Augmenting paths: a reserve goes to another crew member when that frees one for both.
    """
    choices: dict[str, list[str]] = {}
    for option in sorted(reserves, key=_preference):
        if (option.available_from is None or option.available_from <= off_block) and (
            option.latest_off_block is None or off_block <= option.latest_off_block
        ):
            choices.setdefault(option.replaces, []).append(option.key)
    flies_for: dict[str, str] = {}

    def place(crew_id: str, tried: set[str]) -> bool:
        for reserve in choices.get(crew_id, ()):
            if reserve in tried:
                continue
            tried.add(reserve)
            if reserve not in flies_for or place(flies_for[reserve], tried):
                flies_for[reserve] = crew_id
                return True
        return False

    for crew_id in sorted(taken_off):
        place(crew_id, set())
    return {crew_id: reserve for reserve, crew_id in sorted(flies_for.items(), key=lambda pair: pair[1])}


def _preference(option: Option) -> tuple[float, str]:
    """The reserve who could fly latest first: the most margin."""
    latest = option.latest_off_block
    return (0.0 if latest is None else -latest.timestamp(), option.key)


def _operating(
    situation: Situation,
    off_block: datetime,
    tail: str,
    change: _CrewChange,
    offloaded: tuple[str, ...],
) -> Candidate:
    flight = situation.flight
    swapped = tail != flight.registration
    if swapped:
        kind = CandidateKind.SWAP_AND_RESERVE if change.replaced else CandidateKind.TAIL_SWAP
    elif change.replaced:
        kind = CandidateKind.RESERVE_CREW
    else:
        kind = CandidateKind.FEWER_CREW if change.without else CandidateKind.DELAY
    return Candidate(
        kind=kind,
        flight_id=flight.flight_id,
        off_block=off_block,
        on_block=off_block + flight.block,
        registration=tail,
        replaced_crew=change.replaced,
        destination=flight.destination,
        offloaded_awbs=offloaded,
        flies_without=change.without,
    )


def _may_apply(constraint: Constraint, situation: Situation, tail: str) -> bool:
    if constraint.subject.kind is SubjectKind.TAIL:
        return constraint.subject.key == tail
    if constraint.only_with not in (None, tail):
        return False
    return constraint.subject.kind is not SubjectKind.CREW_MEMBER or constraint.subject.key in situation.crew


def _in_turn(streams: Iterable[Iterator[Candidate]]) -> Iterator[Candidate]:
    """Yield one of each stream in turn, so that a bound cuts the latest departures of all."""
    waiting = list(streams)
    while waiting:
        for stream in tuple(waiting):
            candidate = next(stream, None)
            if candidate is None:
                waiting.remove(stream)
            else:
                yield candidate


def next_minute(instant: datetime) -> datetime:
    """Return `instant`, or the next full minute after it: departures are planned to the minute."""
    past = timedelta(seconds=instant.second, microseconds=instant.microsecond)
    return instant if not past else instant - past + _MINUTE
