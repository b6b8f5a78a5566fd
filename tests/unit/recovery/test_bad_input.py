"""What is missing, full or contradictory in the tables ends in an honest answer, from agents to decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, OptionKind
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import Operations
from skymarshal.recovery import arbitrate
from skymarshal.recovery.candidates import generate
from skymarshal.recovery.policy import ArbitrationPolicy, SearchLimits
from skymarshal.recovery.situation import Situation, counted_assessments
from tests.unit.agents import business_rows, rows
from tests.unit.agents.rows import disruption, z
from tests.unit.recovery.sample import arbitrated

FEW = ArbitrationPolicy(version="test", search=SearchLimits(most_candidates=50))


def late(hours: float) -> Disruption:
    return disruption(DisruptionType.ATC, details=DisruptionDetails(delay=timedelta(hours=hours)))


def decided(event: Disruption, **changes) -> Arbitration:
    return arbitrated(event, business_rows.tables(**changes))[1]


@pytest.mark.parametrize("kept", [[], [business_rows.rate("fx", "EUR-USD", "1.1")]])
def test_without_rates_the_cost_is_unknown_and_the_composite_a_range(kept) -> None:
    found = decided(late(2), CostParameters=kept)
    best = found.solutions[0]
    assert not found.manual_review
    assert best.cost_usd is None
    assert best.scores.cost.value is None
    assert (best.scores.cost.low, best.scores.composite.value) == (0, None)
    assert best.scores.composite.low < best.scores.composite.high
    assert any(unknown.table == "CostParameters" for unknown in found.unknowns)
    assert found.confidence < decided(late(2)).confidence
    assert "The cost has no upper bound: a rate is missing." in best.risks


def test_one_rate_that_is_missing_leaves_the_upper_bound_open_and_not_the_rest() -> None:
    found = decided(late(5), CostParameters=business_rows.rates("crew_per_duty_hour#B789"))
    assert all(one.cost_usd is None for one in found.solutions if one.candidate.operates)
    assert any("crew_per_duty_hour" in unknown.key for unknown in found.unknowns)


def test_without_a_seat_anywhere_no_cancellation_is_offered_and_the_record_says_how_many_are_stranded() -> (
    None
):
    found = decided(late(7))
    assert found.manual_review
    fallen = {one.candidate.kind: one.reason for one in found.rejected}
    for kind in (CandidateKind.CANCEL, CandidateKind.PARTNER):
        assert "0 of 10 have one" in fallen[kind]


def test_without_a_spare_or_a_reserve_a_fault_too_long_for_the_crew_names_both_limits() -> None:
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(6, 7, 9)))
    found = decided(fault)
    assert found.manual_review
    assert "A6-BLA is released" in found.justification
    assert "may leave until 2026-03-10 08:45Z" in found.justification
    assert any(
        {AgentName.CREW_COMPLIANCE, AgentName.MAINTENANCE} == set(one.agents) for one in found.conflicts
    )


def test_tails_and_reserves_without_end_are_cut_at_the_bound_and_the_decision_says_so() -> None:
    spares = [rows.aircraft(f"A6-S{n:02d}", status="spare") for n in range(40)]
    standby = [rows.reserve(f"RES{n:02d}", role) for n, (_, role) in enumerate(rows.CREW * 6)]
    members = [rows.member(f"RES{n:02d}", role) for n, (_, role) in enumerate(rows.CREW * 6)]
    tables = business_rows.tables(
        Aircraft=[rows.aircraft(), *spares],
        ReserveCrew=standby,
        CrewMembers=[*rows.members(), *members],
    )
    fault = disruption(details=DisruptionDetails(ata="29", repair=rows.repair(5, 6, 8)), reported_at=z(2, 50))
    assessments, _ = arbitrated(fault, tables)
    found = arbitrate(fault, assessments, Operations(tables), FEW)
    heard = counted_assessments(assessments)
    situation = Situation(disruption=fault, flight=rows.flight(), crew=dict(rows.CREW), assessments=heard)
    assert len(situation.options(OptionKind.SPARE_TAIL)) > 10
    assert len(generate(situation, FEW).candidates) == 50
    assert any("were not tried: the search stops at 50 candidates" in line for line in found.search_limits)
    assert 1 <= len(found.solutions) <= 3
    assert len(found.rejected) <= FEW.search.most_rejected
