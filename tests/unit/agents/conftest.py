from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from skymarshal.agents import AssessmentRequest, assess
from skymarshal.domain.assessment import AgentName, Assessment, Phase
from skymarshal.domain.disruption import Disruption
from skymarshal.operations import InMemoryTables

SAFETY = (AgentName.CREW_COMPLIANCE, AgentName.MAINTENANCE, AgentName.REGULATORY)

Ask = Callable[[AgentName, Disruption, InMemoryTables], Assessment]
Both = Callable[[Disruption, InMemoryTables], tuple[dict[AgentName, Assessment], dict[AgentName, Assessment]]]


def fixed_clock() -> datetime:
    return datetime(2030, 1, 1, tzinfo=UTC)


def ask_one(
    name: AgentName, disruption: Disruption, tables: InMemoryTables, rule_profile: str = "EASA"
) -> Assessment:
    request = AssessmentRequest(disruption=disruption, phase=Phase.INITIAL, rule_profile=rule_profile)
    return assess(name, request, tables, fixed_clock)


def ask_twice(
    disruption: Disruption, tables: InMemoryTables
) -> tuple[dict[AgentName, Assessment], dict[AgentName, Assessment]]:
    first = {name: ask_one(name, disruption, tables) for name in SAFETY}
    second = {}
    for name in SAFETY:
        others = tuple(one for agent, one in first.items() if agent is not name)
        seeing = AssessmentRequest(
            disruption=disruption, phase=Phase.REVISION, others=others, before=first[name]
        )
        second[name] = assess(name, seeing, tables, fixed_clock)
    return first, second


@pytest.fixture
def ask() -> Ask:
    """Asks one agent in the initial phase."""
    return ask_one


@pytest.fixture
def both_phases() -> Both:
    """Asks the safety agents in both phases."""
    return ask_twice
