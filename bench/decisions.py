"""Agents, arbitrator and reprotection without a model: processor time, and candidates looked at.

All of it happens in this process and waits for nothing, so that on a machine with nothing else to do the time
on the clock is the same.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from bench import reprotection
from bench.document import Figure, as_table, keep
from skymarshal.agents import AssessmentRequest, assess
from skymarshal.contracts import AGENT_NAMES
from skymarshal.domain.assessment import AgentName, Assessment, Phase
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType, RepairEstimate
from skymarshal.operations import Dataset, InMemoryTables, Operations
from skymarshal.operations.airline import generate
from skymarshal.operations.records import Flight
from skymarshal.ports import system_clock
from skymarshal.recovery import DEFAULT_POLICY
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.candidates import generate as generate_candidates
from skymarshal.recovery.evaluation import Evaluator
from skymarshal.recovery.situation import Situation, counted_assessments
from skymarshal.recovery.table_evaluation import TableEvaluator

TODAY = date(2026, 2, 5)
DISRUPTIONS = 60
AGENT_MILLISECONDS = 150
ARBITRATION_MILLISECONDS = 800
MOST_CANDIDATES = 1_000
GENERATION_SECONDS = 60


def main() -> bool:
    """Print the figures beside what they may be, and return whether all hold."""
    # First, while the process is as small as the function that does it.
    reprotected = reprotection.figures()
    began = time.process_time()
    dataset = generate("large", TODAY, Random(1))
    generated = time.process_time() - began
    tables = InMemoryTables(dataset)
    by_agent: dict[AgentName, list[float]] = {AgentName(name): [] for name in AGENT_NAMES}
    arbitrations: list[float] = []
    candidates: list[int] = []
    for disruption in disruptions(dataset, DISRUPTIONS):
        initial = phase(disruption, Phase.INITIAL, (), tables, by_agent)
        revised = phase(disruption, Phase.REVISION, initial, tables, by_agent)
        took, looked_at = arbitrated(disruption, (*initial, *revised), Operations(tables))
        arbitrations.append(took)
        candidates.append(looked_at)
    figures = [
        Figure(
            what="Large airline generated and checked",
            ours=f"{generated:.1f} s",
            limit=f"{GENERATION_SECONDS} s",
            holds=generated < GENERATION_SECONDS,
        ),
        *(spread(f"Agent {agent}", times, AGENT_MILLISECONDS) for agent, times in by_agent.items()),
        spread("Arbitration", arbitrations, ARBITRATION_MILLISECONDS),
        Figure(
            what="Candidates evaluated in an arbitration, the most and in the median",
            ours=f"{max(candidates)}, {statistics.median(candidates):.0f}",
            limit=f"{MOST_CANDIDATES}",
            holds=max(candidates) <= MOST_CANDIDATES,
        ),
        *reprotected,
    ]
    text = f"{DISRUPTIONS} random disruptions of the large airline, without a model.\n{reprotection.ABOUT}"
    report = f"{text}\n\n{as_table(figures)}"
    print(report)
    keep("Decisions", report)
    return all(one.holds is not False for one in figures)


def spread(what: str, times: Sequence[float], limit: int) -> Figure:
    """Return the median and the 95th percentile of milliseconds; the latter has a limit."""
    p95 = statistics.quantiles(times, n=20)[-1]
    return Figure(
        what=f"{what}, p95 and median",
        ours=f"{p95:.0f} ms, {statistics.median(times):.0f} ms",
        limit=f"{limit} ms",
        holds=p95 < limit,
    )


class Counted:
    """An evaluator that adds up the candidates that it makes itself."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self.made = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evaluator, name)

    def diversions(self) -> tuple[Candidate, ...]:
        return self._counted(self._evaluator.diversions())

    def variants(self, candidate: Candidate) -> tuple[Candidate, ...]:
        return self._counted(self._evaluator.variants(candidate))

    def _counted(self, made: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        self.made += len(made)
        return made


def arbitrated(
    disruption: Disruption, assessments: Sequence[Assessment], operations: Operations
) -> tuple[float, int]:
    """Return in how many milliseconds a disruption is arbitrated, and over how many candidates."""
    began = time.process_time()
    flight = operations.flight(disruption.flight_id)
    assert flight is not None
    crew = {row.crew_id: row.role for row in operations.crew_of_flight(disruption.flight_id)}
    situation = Situation(
        disruption=disruption, flight=flight, crew=crew, assessments=counted_assessments(assessments)
    )
    evaluator = TableEvaluator(situation, operations, DEFAULT_POLICY)
    counted = Counted(evaluator)
    decide(replace(situation, law=evaluator.law), counted, DEFAULT_POLICY)
    took = (time.process_time() - began) * 1000
    return took, len(generate_candidates(situation, DEFAULT_POLICY).candidates) + counted.made


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
        began = time.process_time()
        assessments.append(assess(agent, request, tables, system_clock))
        times[agent].append((time.process_time() - began) * 1000)
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
