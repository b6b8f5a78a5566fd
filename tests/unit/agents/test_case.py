"""What every agent shares: its own tables only, computed confidence, the register."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.agents import AGENTS, AssessmentRequest, assess, failed_assessment
from skymarshal.agents.case import (
    ForeignTableError,
    OwnTables,
    clock_share,
    confidence,
    duration_share,
)
from skymarshal.contracts import AGENT_NAMES, OPERATIONS_TABLES_BY_AGENT
from skymarshal.domain.assessment import AgentName, AssessmentStatus, Phase, Verdict
from skymarshal.operations import Operations
from tests.unit.agents import rows
from tests.unit.agents.conftest import fixed_clock


def test_the_register_holds_the_seven_agents_under_their_names() -> None:
    assert [str(name) for name in AGENTS] == list(AGENT_NAMES)


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_that_reads_a_table_of_another_is_refused(agent: AgentName) -> None:
    operations = Operations(OwnTables(agent, rows.tables()))
    reads = {
        "CrewRoster": lambda: operations.crew_of_flight(rows.FLIGHT_ID),
        "MelItems": lambda: operations.open_mel_items(rows.TAIL),
        "Weather": lambda: operations.forecasts("LHR", rows.z(0), rows.z(12)),
        "CostParameters": lambda: operations.costs("rate"),
        "Airports": lambda: operations.airport("AUH"),
    }
    for table, read in reads.items():
        if table in OPERATIONS_TABLES_BY_AGENT[agent]:
            read()
        else:
            with pytest.raises(ForeignTableError, match=table):
                read()


def test_an_assessment_lists_the_tables_it_really_read() -> None:
    request = AssessmentRequest(disruption=rows.disruption(flight_id="EY999-2026-03-10"), phase=Phase.INITIAL)
    answer = assess(AgentName.MAINTENANCE, request, rows.tables(), fixed_clock)
    assert answer.sources == ("Flights",)


def test_the_clock_dates_and_measures_and_nothing_else() -> None:
    ticks = iter([rows.z(3), rows.z(3, 2)])
    request = AssessmentRequest(disruption=rows.disruption(), phase=Phase.INITIAL)
    answer = assess(AgentName.REGULATORY, request, rows.tables(), lambda: next(ticks))
    assert answer.started_at == rows.z(3)
    assert answer.duration == timedelta(minutes=2)


def test_a_failed_agent_is_unknown_with_its_error() -> None:
    answer = failed_assessment(
        AgentName.CARGO, Phase.INITIAL, "table refused the read", rows.z(3), fixed_clock
    )
    assert answer.status is AssessmentStatus.FAILED
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.confidence == 0
    assert answer.error == "table refused the read"


@pytest.mark.parametrize(
    ("known", "unknown", "margin", "expected"),
    [
        (4, 0, None, 1.0),
        (4, 0, 0.5, 1.0),
        (4, 0, 0.2, 1.0),
        (4, 0, 0.1, 0.8),
        (4, 0, 0.0, 0.6),
        (4, 0, -0.1, 0.8),
        (3, 1, None, 0.75),
        (3, 1, 0.0, 0.45),
        (0, 1, None, 0.0),
    ],
)
def test_confidence_is_the_share_of_known_facts_times_the_distance_to_the_limit(
    known: int, unknown: int, margin: float | None, expected: float
) -> None:
    assert confidence(known=known, unknown=unknown, margin=margin) == pytest.approx(expected)


def test_one_more_unknown_never_raises_the_confidence() -> None:
    for margin in (None, -0.3, 0.0, 0.07, 1.0):
        values = [confidence(known=5, unknown=n, margin=margin) for n in range(6)]
        assert values == sorted(values, reverse=True)


def test_margins_are_shares_of_the_limit_or_of_two_hours() -> None:
    assert duration_share(timedelta(hours=12), timedelta(hours=13)) == pytest.approx(1 / 13)
    assert clock_share(timedelta(minutes=30)) == pytest.approx(0.25)
    assert clock_share(timedelta(minutes=-60)) == pytest.approx(-0.5)
