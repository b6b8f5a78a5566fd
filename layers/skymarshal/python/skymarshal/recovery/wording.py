"""Titles and sentences for a duty manager, made from computed values alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.domain.assessment import Constraint, ConstraintKind, SubjectKind
from skymarshal.domain.candidate import Candidate, CandidateKind, Diversion
from skymarshal.domain.times import ZERO, format_duration
from skymarshal.domain.wording import agreeing, counted
from skymarshal.operations.records import CrewRole, Flight
from skymarshal.recovery.impact import Impact
from skymarshal.recovery.policy import ArbitrationPolicy

__all__ = ["call_outs", "clock", "cons", "pros", "recommendations", "risks", "title"]

_CLOSE_TO_LIMIT: Final = 0.2
_FAR: Final = timedelta(hours=8)
_NAMED_REPLACEMENTS: Final = 2
_ROLE_WORDS: Final[Mapping[CrewRole, str]] = {
    "captain": "captain",
    "first_officer": "first officer",
    "purser": "purser",
    "cabin": "cabin crew member",
}
_ADVICE: Final = (
    ConstraintKind.EARLIEST_DEPARTURE,
    ConstraintKind.LATEST_OFF_BLOCK,
    ConstraintKind.FORBIDDEN_OFF_BLOCK,
    ConstraintKind.OFFLOAD_REQUIRED,
)
_CARE_FROM: Final = timedelta(hours=2)


def clock(instant: datetime, beside: datetime) -> str:
    """Return `14:25Z`, with the day before it where it is not that of `beside`."""
    return f"{instant:%H:%MZ}" if instant.date() == beside.date() else f"{instant:%d %b %H:%MZ}"


def title(
    candidate: Candidate,
    flight: Flight,
    roles: Mapping[str, CrewRole] | None = None,
    impact: Impact | None = None,
) -> str:
    """Return what a candidate does in one line."""
    number = flight.flight_number
    if candidate.kind is CandidateKind.MANUAL_REVIEW:
        return f"Manual review of {number}"
    if candidate.kind is CandidateKind.DIVERT and candidate.off_block is None:
        return f"Divert {number} to {candidate.destination}"
    if candidate.off_block is None:
        seats = "own and partner flights" if candidate.kind is CandidateKind.PARTNER else "own flights"
        if impact is None or impact.needing_reprotection is None or impact.reprotected is None:
            return f"Cancel {number} and rebook on {seats}"
        if impact.needing_reprotection == 0:
            return f"Cancel {number} and re-route its cargo"
        return (
            f"Cancel {number} and rebook {impact.reprotected} of "
            f"{counted(impact.needing_reprotection, 'passenger')} "
            f"on {seats}"
        )
    delay = candidate.off_block - flight.std
    when = clock(candidate.off_block, flight.std)
    if delay > ZERO:
        parts = [f"Delay {number} to {when} (+{format_duration(delay)})"]
    else:
        parts = [f"Operate {number} on time at {when}"]
    if candidate.registration not in (None, flight.registration):
        parts[0] += f" on {candidate.registration} instead of {flight.registration}"
    parts += _replacements(candidate, roles)
    if candidate.flies_without:
        parts.append(f"without {_listed(candidate.flies_without, roles)}")
    if candidate.offloaded_awbs:
        parts.append(f"offload {', '.join(candidate.offloaded_awbs)}")
    if candidate.kind is CandidateKind.REROUTE:
        count = None if impact is None else impact.rerouted
        whom = "connecting passengers" if count is None else counted(count, "passenger")
        parts.append(f"reroute {whom} from {flight.origin}")
    if candidate.held_flights:
        parts.append(f"hold {_held(candidate, flight)}")
    if candidate.diversion is not None:
        parts.append(_by_way_of(candidate.diversion, flight))
    return ", ".join(parts)


def recommendations(
    candidate: Candidate,
    flight: Flight,
    roles: Mapping[str, CrewRole],
    impact: Impact,
    checks: Sequence[ConstraintCheck],
    law: Sequence[Constraint] = (),
) -> tuple[str, ...]:
    """Return what is to be done, most urgent first; `law` are the reasons for what is offloaded."""
    if candidate.off_block is None:
        lines = ["Hold the seats for the rebooked passengers before the cancellation is published."]
        left = _left_without(impact)
        if left:
            who = counted(left, "passenger")
            lines.append(f"Find a way for the {who} without another journey: later days, refund.")
        lines.append("Offer refund or rerouting and care to everyone, and store or re-route the cargo.")
        return tuple(lines)
    lines = [f"Publish {clock(candidate.off_block, flight.std)} as the new departure."]
    if candidate.registration not in (None, flight.registration):
        lines.append(f"Assign {candidate.registration} and release it for the flight before the load moves.")
    if candidate.replaced_crew:
        lines.append(f"Call out now: {call_outs(candidate, roles)}.")
    if candidate.flies_without:
        who = _listed(candidate.flies_without, roles)
        lines.append(f"Fly without {who}: share out their stations and in-flight rest before boarding.")
    if candidate.offloaded_awbs:
        lines.append(f"Offload {', '.join(candidate.offloaded_awbs)} and book them onward.")
        lines += [
            constraint.text
            if constraint.article is None
            else f"Required by law: {constraint.text} ({constraint.article})"
            for constraint in law
            if constraint.kind is ConstraintKind.OFFLOAD_REQUIRED
            and constraint.subject.key in candidate.offloaded_awbs
            and constraint.only_with in (None, candidate.registration)
        ]
    if candidate.held_flights:
        lines.append(f"Hold {_held(candidate, flight)} for the passengers who connect to it.")
    if candidate.diversion is not None:
        lines.append(
            f"Agree the stop with {candidate.diversion.airport}: stand, handling, fuel and "
            f"{format_duration(candidate.diversion.stop)} on the ground."
        )
    if candidate.kind is CandidateKind.REROUTE and impact.rerouted:
        lines.append(
            f"Move {counted(impact.rerouted, 'passenger')} to other own flights from {flight.origin}, "
            "ahead of this one."
        )
    tightest = _tightest(checks)
    if tightest is not None and tightest.margin is not None and (tightest.share or 0.0) < _CLOSE_TO_LIMIT:
        last = candidate.off_block + tightest.margin
        lines.append(
            f"Decide again if the flight is not off blocks before {clock(last, flight.std)}: {tightest.text}"
        )
    if impact.needing_reprotection:
        lines.append(
            f"Rebook the {counted(impact.needing_reprotection, 'passenger')} without a connection or a seat; "
            f"another journey is found for {impact.reprotected}."
        )
    if candidate.off_block - flight.std >= _CARE_FROM:
        lines.append("Give meals and communication; hotels if the wait runs overnight.")
    return tuple(lines)


def pros(
    candidate: Candidate, flight: Flight, impact: Impact, checks: Sequence[ConstraintCheck]
) -> tuple[str, ...]:
    """Return what speaks for a candidate."""
    lines: list[str] = []
    tightest = _tightest(checks)
    if candidate.off_block is None:
        lines.append("No flight limit applies.")
        if impact.needing_reprotection and impact.reprotected == impact.needing_reprotection:
            lines.append("Every passenger has another journey.")
    elif tightest is None or (tightest.margin is not None and tightest.margin >= _FAR):
        lines.append(f"No limit within {format_duration(_FAR)} of the departure.")
    elif (tightest.share or 0.0) >= _CLOSE_TO_LIMIT and tightest.margin is not None:
        lines.append(f"{format_duration(tightest.margin)} to spare to the nearest limit: {tightest.text}")
    if candidate.off_block is not None:
        if candidate.off_block - flight.std <= ZERO:
            lines.append("Leaves on schedule.")
        if candidate.registration in (None, flight.registration) and not candidate.replaced_crew:
            kept = "Keeps the tail and the rest of the crew." if candidate.flies_without else None
            lines.append(kept or "Keeps the tail and the crew.")
        if impact.connections and impact.missed_connections == 0:
            lines.append(_all_connect(impact.connections))
    if impact.rerouted:
        lines.append(
            f"{counted(impact.rerouted, 'passenger')} who would misconnect arrive sooner on other flights."
        )
    if impact.downstream_flights == 0:
        lines.append("No later flight is hit.")
    return tuple(lines)


def cons(
    candidate: Candidate, flight: Flight, impact: Impact, checks: Sequence[ConstraintCheck]
) -> tuple[str, ...]:
    """Return what speaks against a candidate."""
    lines: list[str] = []
    tightest = _tightest(checks)
    if tightest is not None and tightest.margin is not None and (tightest.share or 0.0) < _CLOSE_TO_LIMIT:
        lines.append(f"Only {format_duration(tightest.margin)} to spare: {tightest.text}")
    if candidate.off_block is None:
        left = _left_without(impact)
        if left:
            lines.append(f"No other journey within the search for {counted(left, 'passenger')}.")
        if impact.passenger_delay is not None:
            lines.append(
                f"Rebooked passengers arrive {format_duration(impact.passenger_delay)} late on average."
            )
    elif candidate.off_block - flight.std >= timedelta(hours=3):
        lines.append(f"A delay of {format_duration(candidate.off_block - flight.std)}.")
    if candidate.flies_without:
        count = len(candidate.flies_without)
        lines.append(f"{counted(count, 'crew member')} fewer than planned: less service and less in reserve.")
    if candidate.diversion is not None:
        lines.append(
            f"Arrives {format_duration(impact.passenger_delay or ZERO)} late, after "
            f"{format_duration(candidate.diversion.stop)} on the ground at {candidate.diversion.airport}."
        )
    if candidate.held_flights:
        count = len(candidate.held_flights)
        lines.append(
            f"{counted(count, 'connecting flight')} {agreeing(count, 'waits', 'wait')} for this one."
        )
    if impact.missed_connections and candidate.off_block is not None:
        lines.append(
            f"Misconnecting: {impact.missed_connections} of "
            f"{counted(impact.connections or 0, 'connecting passenger')}."
        )
    if impact.downstream_flights:
        count = impact.downstream_flights
        lines.append(f"{counted(count, 'later flight')} of the tail or crew hit.")
    return tuple(lines)


def risks(
    candidate: Candidate,
    binding: Iterable[Constraint],
    advisory: Iterable[Constraint],
    checks: Sequence[ConstraintCheck],
    impact: Impact,
    silent: Sequence[str],
    policy: ArbitrationPolicy,
) -> tuple[str, ...]:
    """Return what could still go wrong or is not known."""
    off_block = candidate.off_block
    lines = [
        f"Leaves as soon as this allows it, and slips with it: {constraint.text}"
        for constraint in binding
        if off_block is not None
        and constraint.applies_to(candidate)
        and off_block in (constraint.at, *(window.end for window in constraint.windows))
        and constraint.kind is not ConstraintKind.LATEST_OFF_BLOCK
    ]
    lines += _against_advice(candidate, advisory)
    lines += [
        f"Rests on a rule not verified at its source: {check.article}"
        for check in checks
        if check.outcome is CheckOutcome.KEPT and not check.verified and check.article
    ]
    if candidate.replaced_crew:
        lines.append("Depends on the reserves reporting within their call-out times.")
    cost = impact.cost
    if cost is not None and cost.high is None:
        lines.append("The cost has no upper bound: a rate is missing.")
    elif cost is not None and cost.high is not None and cost.likely is not None:
        wide = cost.high > 2 * cost.likely and cost.high > policy.cost[0][0]
        if wide:
            lines.append(f"The cost could reach {cost.high:,.0f} USD against {cost.likely:,.0f} USD likely.")
    lines += [f"Figures of {name} are missing." for name in silent]
    return tuple(dict.fromkeys(lines))


def _against_advice(candidate: Candidate, advisory: Iterable[Constraint]) -> list[str]:
    """Return the advice that is not kept; what concerns several crew members alike is told once."""
    unkept: dict[tuple[object, ...], list[Constraint]] = {}
    for constraint in advisory:
        if constraint.kind not in _ADVICE or constraint.admits(candidate):
            continue
        alike: tuple[object, ...] = (constraint.text,)
        if constraint.subject.kind is SubjectKind.CREW_MEMBER:
            alike = (constraint.kind, constraint.article, constraint.at)
        unkept.setdefault(alike, []).append(constraint)
    lines: list[str] = []
    for first, *others in unkept.values():
        several = len({one.subject.key for one in others} - {first.subject.key})
        more = f" So with {counted(several, 'more crew member')}." if several else ""
        lines.append(f"Against advice: {first.text}{more}")
    return lines


def _tightest(checks: Sequence[ConstraintCheck]) -> ConstraintCheck | None:
    limited = [check for check in checks if check.share is not None]
    return min(limited, key=lambda check: (check.share, check.text), default=None)


def _left_without(impact: Impact) -> int:
    if impact.needing_reprotection is None or impact.reprotected is None:
        return 0
    return impact.needing_reprotection - impact.reprotected


def call_outs(candidate: Candidate, roles: Mapping[str, CrewRole]) -> str:
    """Return who is called for whom, as `C456 for captain C123, C457 for purser C124`."""
    return ", ".join(
        f"{reserve} for {_crew(taken_off, roles)}"
        for taken_off, reserve in sorted(candidate.replaced_crew.items())
    )


def _listed(crew_ids: Sequence[str], roles: Mapping[str, CrewRole] | None) -> str:
    names = [_crew(crew_id, roles) for crew_id in crew_ids]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _held(candidate: Candidate, flight: Flight) -> str:
    """Return `EY31 until 14:25Z and EY75 until 14:40Z`."""
    named = [
        f"{flight_id.partition('-')[0]} until {clock(at, flight.std)}"
        for flight_id, at in sorted(candidate.held_flights.items())
    ]
    return " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)


def _by_way_of(diversion: Diversion, flight: Flight) -> str:
    return (
        f"land at {diversion.airport} at {clock(diversion.on_block, flight.std)} and go on to "
        f"{flight.destination} at {clock(diversion.off_block, flight.std)}"
    )


def _all_connect(count: int) -> str:
    if count == 1:
        return "The one connecting passenger makes the flight."
    return f"All {count} connecting passengers make their flights."


def _replacements(candidate: Candidate, roles: Mapping[str, CrewRole] | None) -> list[str]:
    """Return the crew changes by name while they are few, else by role."""
    replaced = sorted(candidate.replaced_crew.items())
    if len(replaced) <= _NAMED_REPLACEMENTS or roles is None:
        return [f"replace {_crew(taken_off, roles)} by reserve {reserve}" for taken_off, reserve in replaced]
    if len(replaced) == len(roles):
        return [f"with a reserve crew of {len(replaced)} in place of the whole crew"]
    counts = Counter(roles.get(taken_off, "cabin") for taken_off, _ in replaced)
    named = [
        (f"{counts[role]} " if counts[role] > 1 else "") + _ROLE_WORDS[role] + "s" * (counts[role] > 1)
        for role in _ROLE_WORDS
        if counts[role]
    ]
    return [f"replace {', '.join(named[:-1])}{' and ' if named[1:] else ''}{named[-1]} by reserves"]


def _crew(crew_id: str, roles: Mapping[str, CrewRole] | None) -> str:
    role = (roles or {}).get(crew_id)
    return crew_id if role is None else f"{_ROLE_WORDS[role]} {crew_id}"
