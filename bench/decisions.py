"""Agents and arbitrator on the large airline, without a model: their own time, and accesses in sequence."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from skymarshal.agents import AssessmentRequest, assess
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Assessment, Phase
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType, RepairEstimate
from skymarshal.operations import Dataset, InMemoryTables, Operations
from skymarshal.operations.airline import generate
from skymarshal.operations.records import Flight
from skymarshal.ports import system_clock
from skymarshal.recovery import DEFAULT_POLICY, arbitrate

TODAY = date(2026, 2, 5)
DISRUPTIONS = 60
AGENT_MILLISECONDS = 150
ARBITRATION_MILLISECONDS = 800
GENERATION_SECONDS = 60


def main() -> bool:
    """Print the figures beside what they may be, and return whether all hold."""
    began = time.perf_counter()
    dataset = generate("large", TODAY, Random(1))
    generated = time.perf_counter() - began
    tables = InMemoryTables(dataset)
    by_agent: dict[AgentName, list[float]] = {AgentName(name): [] for name in AGENT_NAMES}
    arbitrations: list[float] = []
    for disruption in disruptions(dataset, DISRUPTIONS):
        initial = phase(disruption, Phase.INITIAL, (), tables, by_agent)
        revised = phase(disruption, Phase.REVISION, initial, tables, by_agent)
        began = time.perf_counter()
        arbitrate(disruption, (*initial, *revised), Operations(tables), DEFAULT_POLICY)
        arbitrations.append((time.perf_counter() - began) * 1000)
    print(f"large airline generated and checked: {generated:.1f} s (at most {GENERATION_SECONDS})")
    holds = generated < GENERATION_SECONDS
    for agent, times in by_agent.items():
        holds &= show(agent, times, AGENT_MILLISECONDS)
    return show("arbitration", arbitrations, ARBITRATION_MILLISECONDS) and holds


def show(name: str, times: Sequence[float], limit: int) -> bool:
    """Print median and 95th percentile in milliseconds, and return whether the latter is below the limit."""
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{name:<17} p50 {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms (at most {limit})")
    return p95 < limit


def phase(
    disruption: Disruption,
    name: Phase,
    found: Sequence[Assessment],
    tables: InMemoryTables,
    times: dict[AgentName, list[float]],
) -> list[Assessment]:
    """Return the seven assessments of one phase, with the time of each added to `times`."""
    assessments = []
    for agent in times:
        request = AssessmentRequest(
            disruption=disruption,
            phase=name,
            others=tuple(each for each in found if each.agent is not agent),
            before=next((each for each in found if each.agent is agent), None),
        )
        began = time.perf_counter()
        assessments.append(assess(agent, request, tables, system_clock))
        times[agent].append((time.perf_counter() - began) * 1000)
    return assessments


def disruptions(dataset: Dataset, count: int) -> Iterator[Disruption]:
    """Yield random disruptions of flights that are still to leave."""
    random = Random(2)
    flights = [row for row in dataset["Flights"] if isinstance(row, Flight) and row.status == "scheduled"]
    for number, flight in enumerate(random.sample(flights, count)):
        hours = timedelta(hours=random.randint(1, 5))
        repair = RepairEstimate(least=hours / 2, likely=hours, most=hours * 2)
        technical = random.random() < 0.5
        yield Disruption(
            disruption_id=f"bench-{number}",
            type=DisruptionType.TECHNICAL if technical else DisruptionType.LATE_INBOUND,
            flight_id=flight.flight_id,
            reported_at=flight.std - timedelta(hours=2),
            details=DisruptionDetails(repair=repair) if technical else DisruptionDetails(delay=hours),
        )


if __name__ == "__main__":
    raise SystemExit(not main())
