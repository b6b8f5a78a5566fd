"""The agents on the sample airline: their own tables, few steps, the same answer every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from random import Random

import pytest

from skymarshal.agents import AGENTS, AssessmentRequest, assess
from skymarshal.agents.case import OwnTables
from skymarshal.contracts import OPERATIONS_TABLES_BY_AGENT
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    ConstraintKind,
    OptionKind,
    Phase,
    SubjectKind,
    Verdict,
)
from skymarshal.domain.disruption import Disruption
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.operations.airline import SCENARIOS, generate, scenario_event
from skymarshal.operations.records import Record
from tests.unit.agents.conftest import SAFETY, fixed_clock

TODAY = date(2026, 3, 10)
MOST_STEPS = 6

Dataset = Mapping[str, Sequence[Record]]


@pytest.fixture(scope="module")
def airline() -> Dataset:
    return generate("small", TODAY, Random(11))


def scenario(name: str, tables: InMemoryTables) -> Disruption:
    received = datetime(2026, 3, 11, 22, tzinfo=UTC)
    return parse_event(scenario_event(name, TODAY), Operations(tables), received, most_ahead=SAMPLE_AHEAD)


def both_phases(
    disruption: Disruption, tables: InMemoryTables
) -> tuple[dict[AgentName, Assessment], dict[AgentName, Assessment]]:
    blind = AssessmentRequest(disruption=disruption, phase=Phase.INITIAL)
    first = {name: assess(name, blind, tables, fixed_clock) for name in AGENTS}
    second = {name: assess(name, _seeing(disruption, first, name), tables, fixed_clock) for name in AGENTS}
    return first, second


def _seeing(
    disruption: Disruption, first: Mapping[AgentName, Assessment], name: AgentName
) -> AssessmentRequest:
    return AssessmentRequest(
        disruption=disruption,
        phase=Phase.REVISION,
        others=tuple(one for agent, one in first.items() if agent is not name),
        before=first[name],
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_agent_waits_for_more_than_six_reads_one_after_another(name: str, airline: Dataset) -> None:
    tables = InMemoryTables(airline)
    disruption = scenario(name, tables)
    first, _ = both_phases(disruption, tables)
    for agent, ask in AGENTS.items():
        for request in (
            AssessmentRequest(disruption=disruption, phase=Phase.INITIAL),
            _seeing(disruption, first, agent),
        ):
            operations = Operations(OwnTables(agent, tables))
            ask(request, operations)
            assert operations.log.sequence <= MOST_STEPS, agent
            assert {one.table for one in operations.log.accesses} <= set(OPERATIONS_TABLES_BY_AGENT[agent])


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_order_of_rows_and_of_the_others_does_not_matter(name: str, airline: Dataset) -> None:
    shuffled = {table: Random(3).sample(list(rows), len(rows)) for table, rows in airline.items()}
    one, other = InMemoryTables(airline), InMemoryTables(shuffled)
    disruption = scenario(name, one)
    first, second = both_phases(disruption, one)
    assert both_phases(disruption, other) == (first, second)
    for agent in AGENTS:
        request = _seeing(disruption, dict(reversed(first.items())), agent)
        assert assess(agent, request, one, fixed_clock) == second[agent]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_binding_constraint_of_a_safety_agent_can_be_checked_and_traced(
    name: str, airline: Dataset
) -> None:
    tables = InMemoryTables(airline)
    first, second = both_phases(scenario(name, tables), tables)
    for answer in (*first.values(), *second.values()):
        assert 0 <= answer.confidence <= 1
        assert set(answer.sources) <= set(OPERATIONS_TABLES_BY_AGENT[answer.agent])
        if answer.agent not in SAFETY:
            assert not any(one.binding for one in answer.constraints)
            continue
        for constraint in answer.constraints:
            if not constraint.binding or constraint.kind is ConstraintKind.UNKNOWN_FACT:
                continue
            assert constraint.evidence or "is unknown" in constraint.text, constraint.text
            if constraint.kind in (ConstraintKind.EARLIEST_DEPARTURE, ConstraintKind.LATEST_OFF_BLOCK):
                assert constraint.at is not None and constraint.at.tzinfo is UTC
            if constraint.subject.kind is not SubjectKind.TAIL and constraint.evidence:
                assert constraint.article or constraint.kind is ConstraintKind.CREW_CHANGE_REQUIRED


def test_the_hydraulic_fault_keeps_the_crew_legal_and_finds_a_spare(airline: Dataset) -> None:
    tables = InMemoryTables(airline)
    _, second = both_phases(scenario("hydraulic", tables), tables)
    assert second[AgentName.MAINTENANCE].verdict is Verdict.CONSTRAINED
    assert second[AgentName.CREW_COMPLIANCE].verdict in (Verdict.CLEAR, Verdict.CONSTRAINED)
    assert any(
        one.usable and one.kind is OptionKind.SPARE_TAIL for one in second[AgentName.MAINTENANCE].options
    )


def test_four_hours_at_the_hydrant_take_the_colombo_crew_beyond_its_duty(airline: Dataset) -> None:
    tables = InMemoryTables(airline)
    first, second = both_phases(scenario("crew", tables), tables)
    for answer in (first[AgentName.CREW_COMPLIANCE], second[AgentName.CREW_COMPLIANCE]):
        assert answer.verdict is Verdict.BLOCKED
        flight = Operations(tables).flight("EY264-2026-03-11")
        assert flight is not None
        replaced = {one.replaces for one in answer.options if one.usable}
        assert len(replaced) == int(answer.figures[0].likely or 0)


def test_fog_at_lahore_asks_for_two_destination_alternates(airline: Dataset) -> None:
    tables = InMemoryTables(airline)
    first, second = both_phases(scenario("fog", tables), tables)
    for answer in (first[AgentName.REGULATORY], second[AgentName.REGULATORY]):
        assert answer.verdict is Verdict.CONSTRAINED
        asked = [one for one in answer.constraints if one.kind is ConstraintKind.ALTERNATES_REQUIRED]
        assert any("DEL and BOM as destination alternates" in one.text for one in asked)
        assert all("CAT.OP.MPA.182" in (one.article or "") for one in asked)


def test_frankfurt_takes_off_until_its_night_and_not_when_the_flight_leaves_the_stand(
    airline: Dataset,
) -> None:
    # Off block at 21:50Z it would take off at 23:02 local.
    tables = InMemoryTables(airline)
    first, _ = both_phases(scenario("curfew", tables), tables)
    answer = first[AgentName.REGULATORY]
    assert answer.verdict is Verdict.BLOCKED
    starts = [
        window.start
        for one in answer.constraints
        if one.kind is ConstraintKind.FORBIDDEN_OFF_BLOCK
        for window in one.windows
    ]
    assert min(starts) == datetime(2026, 3, 11, 21, 47, 30, tzinfo=UTC)


def test_a_late_mumbai_flight_is_legal_and_airworthy_all_the_same(airline: Dataset) -> None:
    tables = InMemoryTables(airline)
    _, second = both_phases(scenario("connections", tables), tables)
    assert second[AgentName.MAINTENANCE].verdict is Verdict.CLEAR
    assert second[AgentName.REGULATORY].verdict is Verdict.CLEAR
    assert second[AgentName.CREW_COMPLIANCE].verdict is Verdict.CONSTRAINED
