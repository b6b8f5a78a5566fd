"""Who has to be aboard at least, as constraints, and whom a flight may leave without."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from skymarshal.calculators.crew_validity import FLIGHT_DECK
from skymarshal.domain.assessment import (
    Constraint,
    ConstraintKind,
    Evidence,
    Subject,
    SubjectKind,
    Unknown,
)
from skymarshal.domain.errors import DomainError
from skymarshal.domain.minimum_crew import ReducedCabinCrew, minimum_cabin_crew, reduced_cabin_crew
from skymarshal.domain.wording import counted
from skymarshal.operations.records import Aircraft, CrewAssignment, CrewMember, CrewRole, Flight

__all__ = ["MinimumCrew", "minimum_crew", "unable_away_from_base", "with_fewer_pilots"]

_DOUBLE_DECKERS: Final = frozenset({"A388", "B741", "B742", "B743", "B744", "B748", "B74S"})
_PILOTS_ARTICLE: Final = "ORO.FC.105, ORO.FC.200"
_NUMBER_ARTICLE: Final = "ORO.CC.100"
_REDUCED_ARTICLE: Final = "ORO.CC.205(b)(2)"
_SENIOR_ARTICLE: Final = "ORO.CC.200"
_PILOT_ROLES: Final[tuple[tuple[CrewRole, str], ...]] = (
    ("captain", "captain"),
    ("first_officer", "first officer"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumCrew:
    """The minimum crew of a flight on one tail.

    Attributes:
        limits: what binds a departure with it.
        unknown: why the minimum cannot be told; None where it can.
    """

    limits: tuple[Constraint, ...]
    unknown: Unknown | None = None

    @property
    def short(self) -> tuple[str, ...]:
        """What the rostered crew falls short of."""
        return tuple(
            f"{limit.text[:-1]}; {counted(len(limit.members), 'is', 'are')} rostered."
            for limit in self.limits
            if limit.kind is ConstraintKind.MINIMUM_CREW and len(limit.members) < limit.least
        )

    def spared(self, crew_id: str) -> tuple[str, ...]:
        """Return why a flight may not leave without a crew member; empty if it may.

        One who counts for no minimum, as with no passengers aboard, is not missed by any.
        """
        reasons = [
            f"{counted(limit.least, 'is', 'are')} required and {len(limit.members)} rostered: {limit.text}"
            for limit in self.limits
            if crew_id in limit.members and len(limit.members) <= limit.least
        ]
        return tuple(reasons if self.unknown is None else (*reasons, self.unknown.why))


def minimum_crew(
    flight: Flight,
    roster: Sequence[CrewAssignment],
    registration: str,
    aircraft: Aircraft | None,
    excused: Collection[str] = (),
) -> MinimumCrew:
    """Return the minimum crew of `flight` on the tail `registration`, of which `aircraft` is the row.

    `excused` are crew members who became unable to operate away from their home base: for want of them, and
    of nobody else, the approved procedure of ORO.CC.205 lets the flight leave with fewer cabin crew.
    """
    limits = [_of_role(flight, roster, role, name) for role, name in _PILOT_ROLES]
    if flight.service != "passenger":
        return MinimumCrew(limits=tuple(limits))
    cabin = tuple(sorted(row.crew_id for row in roster if row.role not in FLIGHT_DECK))
    tail = Subject(kind=SubjectKind.TAIL, key=registration)
    found = _required(aircraft)
    if isinstance(found, str) or found is None or aircraft is None:
        why = f"The seats of {registration} are not known, so nor is its minimum cabin crew."
        if isinstance(found, str):
            why = f"The minimum cabin crew of {registration} cannot be told: {found}"
        unknown = Unknown(table="Aircraft", key=registration, field="seats", why=why)
        blocks = Constraint(kind=ConstraintKind.UNKNOWN_FACT, subject=tail, text=why, binding=True)
        return MinimumCrew(limits=(*limits, blocks), unknown=unknown)
    least, how = found
    article, verified = _NUMBER_ARTICLE, True
    fewer = _reduced(flight, roster, aircraft, excused, least)
    if fewer is not None:
        how = f"{how}; {fewer.working[0]}"
    if fewer is not None and fewer.allowed:
        least, article, verified = len(set(cabin) - set(excused)), _REDUCED_ARTICLE, fewer.verified
    limits.append(
        Constraint(
            kind=ConstraintKind.MINIMUM_CREW,
            subject=tail,
            text=f"{registration} needs {counted(least, 'cabin crew member')} with passengers ({how}).",
            binding=True,
            article=article,
            verified=verified,
            least=least,
            members=cabin,
            evidence=(*_seats(aircraft), *_roles(flight, roster, ("purser", "cabin"))),
        )
    )
    if least > 1:
        limits.append(
            Constraint(
                kind=ConstraintKind.MINIMUM_CREW,
                subject=tail,
                text=f"A purser has to be among the cabin crew of {registration}.",
                binding=True,
                article=_SENIOR_ARTICLE,
                least=1,
                members=tuple(sorted(row.crew_id for row in roster if row.role == "purser")),
                evidence=_roles(flight, roster, ("purser",)),
            )
        )
    return MinimumCrew(limits=tuple(limits))


def _reduced(
    flight: Flight,
    roster: Sequence[CrewAssignment],
    aircraft: Aircraft,
    excused: Collection[str],
    least: int,
) -> ReducedCabinCrew | None:
    """Return whether fewer may fly for want of the excused; None where enough are left without them."""
    left = [row for row in roster if row.role not in FLIGHT_DECK and row.crew_id not in excused]
    missing = [row for row in roster if row.role not in FLIGHT_DECK and row.crew_id in excused]
    if not missing or len(left) >= least:
        return None
    return reduced_cabin_crew(
        aboard=len(left),
        passengers=None if flight.seats_sold is None else sum(flight.seats_sold.values()),
        senior_aboard=any(row.role == "purser" for row in left),
        unforeseen_away_from_base=True,
        procedure_minimum=aircraft.reduced_cabin_crew,
    )


def with_fewer_pilots(row: CrewAssignment, fewer: int) -> CrewAssignment:
    """Return a roster row with `fewer` pilots above the minimum; cabin crew rest by their own table."""
    if fewer == 0 or row.role not in FLIGHT_DECK:
        return row
    return replace(row, augmented_pilots=max(row.augmented_pilots - fewer, 0))


def unable_away_from_base(
    unavailable: Iterable[str], members: Mapping[str, CrewMember], airport: str
) -> frozenset[str]:
    """Return those of `unavailable` whose home base is known and is not `airport`."""
    return frozenset(one for one in unavailable if one in members and members[one].base != airport)


def _required(aircraft: Aircraft | None) -> tuple[int, str] | str | None:
    """Return the number with how it comes about, what is wrong with the row, or None without seats."""
    if aircraft is None:
        return None
    together = sum(aircraft.seats.values())
    seats = (together,) if aircraft.seats_by_deck is None else aircraft.seats_by_deck
    if sum(seats) != together:
        return f"{sum(seats)} seats by deck and {together} by cabin."
    try:
        found = minimum_cabin_crew(
            seats_by_deck=seats,
            decks=2 if aircraft.aircraft_type in _DOUBLE_DECKERS else 1,
            certified=aircraft.minimum_cabin_crew,
        )
    except DomainError as error:
        return f"{error}."
    return None if found.minimum is None else (found.minimum, found.working[0])


def _of_role(flight: Flight, roster: Sequence[CrewAssignment], role: CrewRole, name: str) -> Constraint:
    return Constraint(
        kind=ConstraintKind.MINIMUM_CREW,
        subject=Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id),
        text=f"A {name} has to fly {flight.flight_id}.",
        binding=True,
        article=_PILOTS_ARTICLE,
        least=1,
        members=tuple(sorted(row.crew_id for row in roster if row.role == role)),
        evidence=_roles(flight, roster, (role,)),
    )


def _roles(
    flight: Flight, roster: Sequence[CrewAssignment], roles: Sequence[CrewRole]
) -> tuple[Evidence, ...]:
    """Return how many of these roles the roster holds, as it is read by flight."""
    return tuple(
        Evidence(
            table="CrewRoster",
            key=flight.flight_id,
            field="role",
            value=f"{role.replace('_', ' ')}: {sum(1 for row in roster if row.role == role)}",
        )
        for role in roles
    )


def _seats(aircraft: Aircraft) -> tuple[Evidence, ...]:
    def seen(field: str, value: str) -> Evidence:
        return Evidence(table="Aircraft", key=aircraft.registration, field=field, value=value)

    cabins = ", ".join(f"{cabin} {count}" for cabin, count in sorted(aircraft.seats.items()))
    found = [seen("seats", cabins)]
    if aircraft.minimum_cabin_crew is not None:
        found.append(seen("minimum_cabin_crew", str(aircraft.minimum_cabin_crew)))
    return tuple(found)
