"""Whether an airport has a runway at a flight's times, and one that is long enough for the tail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from skymarshal.calculators.evidence import instant_value
from skymarshal.calculators.movement_windows import End, runway_shift
from skymarshal.domain.aircraft_types import RUNWAY_ARTICLE, TypeData, type_data
from skymarshal.domain.assessment import Constraint, ConstraintKind, Evidence, Subject, SubjectKind, Window
from skymarshal.operations.records import Aircraft, Airport, Flight, Notam

__all__ = ["runway_limits", "runway_needed_m", "without_runway"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closed:
    """A span of instants at the airport in which as many notices close a runway each."""

    window: Window
    notams: tuple[Notam, ...]


def runway_needed_m(data: TypeData, flight: Flight, aircraft: Aircraft, end: End) -> int:
    """Return the runway in metres that a tail needs at one end of a flight.

    To take off, between the length for landing and that at the maximum mass, by the share of the tail's
    range that it has to fuel for; to land, the length at the maximum landing mass.
    """
    if end == "destination":
        return data.landing_m
    share = min(1.0, flight.distance_km / max(aircraft.range_km, 1))
    return math.ceil(data.landing_m + (data.takeoff_m - data.landing_m) * share)


def runway_limits(
    flight: Flight, aircraft: Aircraft | None, airport: Airport, notams: Sequence[Notam], *, end: End
) -> tuple[Constraint, ...]:
    """Return what the runways of one end forbid the tail, and when.

    A notice that closes a runway counts for the longest that is open. With as many notices at once as the
    airport has runways it has none. Whether one is left, or how long it is, is unknown where the airport's
    row does not say how many there are or how long the next one is; that holds back the movements in the
    time of the notice and no others.

    Args:
        flight: the flight.
        aircraft: the tail that would fly; None asks only whether there is a runway at all.
        airport: the airport at that end.
        notams: its notices.
        end: which end it is.
    """
    found: list[Constraint] = []
    data = None if aircraft is None else type_data(aircraft.aircraft_type)
    needed = None if aircraft is None or data is None else runway_needed_m(data, flight, aircraft, end)
    if aircraft is not None:
        found += _as_it_stands(aircraft, airport, needed, end)
    for closed in _closures(notams):
        found += _while_closed(flight, aircraft, airport, needed, closed, end)
    return tuple(found)


def without_runway(
    airport: Airport | None, notams: Sequence[Notam]
) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """Return when notices leave an airport no runway, and when it is not known whether they leave one."""
    closed = _closures(notams)
    if airport is None or airport.runways is None:
        return (), tuple(one.window for one in closed)
    return tuple(one.window for one in closed if len(one.notams) >= airport.runways), ()


def _as_it_stands(aircraft: Aircraft, airport: Airport, needed: int | None, end: End) -> list[Constraint]:
    verb = "take off from" if end == "origin" else "land at"
    if needed is None:
        text = f"No length is on record that a {aircraft.aircraft_type} needs to {verb} {airport.airport}."
        return [_of_tail(ConstraintKind.UNKNOWN_FACT, aircraft, text, airport, end)]
    if airport.runway_m >= needed:
        return []
    text = (
        f"The runway of {airport.airport} is {airport.runway_m:,} m long and {aircraft.registration} needs "
        f"{needed:,} m to {verb} it."
    )
    return [_of_tail(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, aircraft, text, airport, end)]


def _while_closed(
    flight: Flight, aircraft: Aircraft | None, airport: Airport, needed: int | None, closed: _Closed, end: End
) -> list[Constraint]:
    count, names = len(closed.notams), ", ".join(one.notam_id for one in closed.notams)
    shift = runway_shift(flight, end)
    window = Window(start=closed.window.start - shift, end=closed.window.end - shift)
    notices = tuple(_of_notam(one) for one in closed.notams)
    whole = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
    article = f"NOTAM {closed.notams[0].notam_id}"

    def limit(kind: ConstraintKind, subject: Subject, text: str, *evidence: Evidence) -> Constraint:
        return Constraint(
            kind=kind,
            subject=subject,
            text=text,
            binding=True,
            article=article,
            windows=(window,),
            evidence=(*notices, *evidence),
            at_destination=end == "destination",
        )

    if airport.runways is None:
        text = f"{airport.airport} has a runway closed by {names}; whether it has another is unknown."
        return [limit(ConstraintKind.UNKNOWN_FACT, whole, text)]
    if count >= airport.runways:
        text = f"{airport.airport} has no runway: {names} closes {'it' if airport.runways == 1 else 'them'}."
        return [limit(ConstraintKind.FORBIDDEN_OFF_BLOCK, whole, text, _runways(airport))]
    if aircraft is None or needed is None:
        return []
    tail = Subject(kind=SubjectKind.TAIL, key=aircraft.registration)
    left = airport.next_runway_m if count == 1 else None
    if left is None:
        text = f"How long the runway is that {names} leaves {airport.airport} is unknown."
        return [limit(ConstraintKind.UNKNOWN_FACT, tail, text)]
    if left >= needed:
        return []
    text = (
        f"{names} leaves {airport.airport} a runway of {left:,} m and {aircraft.registration} needs "
        f"{needed:,} m."
    )
    return [limit(ConstraintKind.FORBIDDEN_OFF_BLOCK, tail, text, _runways(airport))]


def _closures(notams: Sequence[Notam]) -> list[_Closed]:
    """Return the spans in which runways are closed, cut where a notice begins or ends."""
    closing = [one for one in notams if one.effect == "runway_closed" and one.valid_from < one.valid_to]
    cuts: list[datetime] = sorted({at for one in closing for at in (one.valid_from, one.valid_to)})
    found: list[_Closed] = []
    for start, end in pairwise(cuts):
        here = tuple(one for one in closing if one.valid_from <= start and end <= one.valid_to)
        if here:
            found.append(_Closed(window=Window(start=start, end=end), notams=here))
    return found


def _of_tail(kind: ConstraintKind, aircraft: Aircraft, text: str, airport: Airport, end: End) -> Constraint:
    length = Evidence(table="Airports", key=airport.airport, field="runway_m", value=str(airport.runway_m))
    return Constraint(
        kind=kind,
        subject=Subject(kind=SubjectKind.TAIL, key=aircraft.registration),
        text=text,
        binding=True,
        article=RUNWAY_ARTICLE.article,
        verified=False,
        evidence=(length,),
        at_destination=end == "destination",
    )


def _runways(airport: Airport) -> Evidence:
    value = f"{airport.runways}, the next {airport.next_runway_m} m"
    return Evidence(table="Airports", key=airport.airport, field="runways", value=value)


def _of_notam(notam: Notam) -> Evidence:
    return Evidence(
        table="Notams",
        key=f"{notam.airport} {notam.notam_id}",
        field="valid_from-valid_to",
        value=f"{instant_value(notam.valid_from)}/{instant_value(notam.valid_to)}",
    )
