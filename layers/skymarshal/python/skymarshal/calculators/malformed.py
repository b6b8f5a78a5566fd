"""What a row that could not be taken leaves unknown, and whom that keeps back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from skymarshal.domain.assessment import Constraint, ConstraintKind, Subject, SubjectKind, Unknown
from skymarshal.operations.errors import MalformedRowError
from skymarshal.operations.records import Flight

__all__ = ["kept_back", "unknown_row"]

_OF_A_MEMBER: Final = frozenset({"CrewMembers", "CrewRoster"})
_OF_A_TAIL: Final = frozenset({"Aircraft", "MelItems", "MaintenanceWorkOrders"})
_OF_THE_FLIGHT: Final = frozenset({"Airports", "AirportCurfews", "AirportSlots", "Notams", "Weather"})


def unknown_row(error: MalformedRowError) -> Unknown:
    """Return the missing fact that a malformed row is."""
    key = " ".join(error.key.values())
    return Unknown(
        table=error.table,
        key=key,
        field=error.field,
        why=f"The row {key} of {error.table} cannot be taken: {error.field}: {error.problem}.",
    )


def kept_back(malformed: Iterable[MalformedRowError], flight: Flight) -> tuple[Constraint, ...]:
    """Return what malformed rows of safety tables keep back: a crew member, a tail, or every departure.

    A reserve, an engineer or a unit of equipment whose row is malformed is not counted on, which keeps back
    nobody who needs none of them; nor does a row that prices or carries somebody.
    """
    found = []
    for error in sorted(malformed, key=str):
        subject = _subject(error, flight)
        if subject is not None:
            found.append(
                Constraint(
                    kind=ConstraintKind.UNKNOWN_FACT,
                    subject=subject,
                    text=unknown_row(error).why,
                    binding=True,
                )
            )
    return tuple(found)


def _subject(error: MalformedRowError, flight: Flight) -> Subject | None:
    row = {**error.row, **error.key}
    member, tail = row.get("crew_id"), row.get("registration")
    if error.table in _OF_A_MEMBER and member is not None:
        return Subject(kind=SubjectKind.CREW_MEMBER, key=str(member))
    if error.table in (*_OF_A_TAIL, "Flights") and tail is not None:
        return Subject(kind=SubjectKind.TAIL, key=str(tail))
    if error.table in _OF_THE_FLIGHT | _OF_A_MEMBER | _OF_A_TAIL | {"Flights"}:
        return Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    return None
