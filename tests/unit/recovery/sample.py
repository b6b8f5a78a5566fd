"""Disruptions of the sample airline, shipped and random, and their arbitration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from skymarshal.agents import AssessmentRequest, assess
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, Assessment, Phase
from skymarshal.domain.disruption import (
    Disruption,
    DisruptionDetails,
    DisruptionType,
    RepairEstimate,
    ReportedAlternate,
)
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import Operations, TableReader
from skymarshal.operations.airline import scenario_event
from skymarshal.operations.records import Flight, Record
from skymarshal.recovery import arbitrate
from skymarshal.recovery.situation import SPECIALISTS
from tests.unit.recovery.builders import assessment

TODAY = date(2026, 11, 23)
SAFETY = tuple(name for name in SPECIALISTS if name.is_safety)

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAMAGE = (DisruptionType.TECHNICAL, DisruptionType.BIRD_STRIKE, DisruptionType.GROUND_DAMAGE)


def clock() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


def scenario(name: str, tables: TableReader) -> Disruption:
    return parse_event(scenario_event(name, TODAY), Operations(tables), clock(), most_ahead=SAMPLE_AHEAD)


def assessed(
    disruption: Disruption, tables: TableReader, agents: Iterable[AgentName] = SPECIALISTS
) -> tuple[Assessment, ...]:
    """Both phases of `agents`; the others have nothing to say."""
    asked = tuple(agents)
    quiet = tuple(assessment(name, phase=Phase.INITIAL) for name in SPECIALISTS if name not in asked)
    first = {
        name: assess(name, AssessmentRequest(disruption=disruption, phase=Phase.INITIAL), tables, clock)
        for name in asked
    }
    found = (*first.values(), *quiet)
    second = tuple(
        assess(
            name,
            AssessmentRequest(
                disruption=disruption,
                phase=Phase.REVISION,
                others=tuple(one for one in found if one.agent is not name),
                before=first[name],
            ),
            tables,
            clock,
        )
        for name in asked
    )
    return (*found, *second)


def arbitrated(
    disruption: Disruption, tables: TableReader, agents: Iterable[AgentName] = SPECIALISTS
) -> tuple[tuple[Assessment, ...], Arbitration]:
    found = assessed(disruption, tables, agents)
    return found, arbitrate(disruption, found, Operations(tables))


def random_disruption(dataset: Mapping[str, Sequence[Record]], random: Random, number: int) -> Disruption:
    """A disruption of a flight to come, of any type, reported from ten hours before to an hour after it."""
    flights = [one for one in dataset["Flights"] if isinstance(one, Flight) and one.status == "scheduled"]
    flight = random.choice(flights)
    type_ = random.choice(list(DisruptionType))
    airport = random.choice([flight.origin, flight.destination])
    return Disruption(
        disruption_id=f"R-{number}",
        type=type_,
        flight_id=flight.flight_id,
        reported_at=flight.std - random.randint(-60, 600) * _MINUTE,
        airport=airport,
        details=_details(dataset, flight, type_, airport, random),
    )


def _alternates(
    dataset: Mapping[str, Sequence[Record]], flight: Flight, random: Random
) -> tuple[ReportedAlternate, ...]:
    """None to two airports near the destination, most often with all that can be said of them."""
    airports = {one.airport: one for one in dataset["Airports"]}
    end = airports.pop(flight.destination)
    airports.pop(flight.origin)
    near = sorted(airports.values(), key=lambda one: (one.lat - end.lat) ** 2 + (one.lon - end.lon) ** 2)
    return tuple(
        ReportedAlternate(
            airport=code,
            runway_suits=random.random() < 0.9,
            traffic_rights=random.random() < 0.9,
            handling_start=flight.std - 6 * _HOUR,
            handling_end=flight.std + random.randint(6, 48) * _HOUR,
            charges_usd=Decimal(random.randint(1, 20)) * 1000,
        )
        for code in random.sample([one.airport for one in near[:4]], random.randint(0, 2))
    )


def _details(
    dataset: Mapping[str, Sequence[Record]],
    flight: Flight,
    type_: DisruptionType,
    airport: str,
    random: Random,
) -> DisruptionDetails:
    if type_ in _DAMAGE:
        likely = random.uniform(0.3, 9) * _HOUR
        repair = RepairEstimate(least=likely * 0.6, likely=likely, most=likely * 2)
        return DisruptionDetails(ata=random.choice(["24", "29", "32", "34"]), repair=repair)
    if type_ in (DisruptionType.CREW, DisruptionType.MEDICAL):
        crew = [row.crew_id for row in dataset["CrewRoster"] if row.flight_id == flight.flight_id]
        if not crew:
            return DisruptionDetails()
        return DisruptionDetails(
            unavailable_crew=tuple(random.sample(crew, random.randint(1, min(3, len(crew)))))
        )
    if type_ in (DisruptionType.WEATHER, DisruptionType.AIRPORT_CLOSURE):
        movement = flight.std if airport == flight.origin else flight.sta
        start = movement + random.uniform(-3, 3) * _HOUR
        return DisruptionDetails(
            window_start=start,
            window_end=start + random.uniform(1, 12) * _HOUR,
            alternates=_alternates(dataset, flight, random),
        )
    return DisruptionDetails(delay=random.randint(10, 600) * _MINUTE)
