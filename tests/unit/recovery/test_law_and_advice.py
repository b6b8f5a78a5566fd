"""What the law asks holds whatever anyone advises, and advice goes with the one whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome
from skymarshal.domain.assessment import AgentName, ConstraintKind, Phase
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from skymarshal.operations import InMemoryTables, Operations
from skymarshal.recovery import arbitrate
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.situation import SPECIALISTS
from tests.unit.agents import business_rows, rows
from tests.unit.agents.business_rows import loaded, shipment
from tests.unit.agents.rows import disruption, flight
from tests.unit.recovery.builders import (
    ScriptedEvaluator,
    assessment,
    at,
    crew,
    failed,
    latest,
    required,
    reserve,
    situation,
)
from tests.unit.recovery.sample import assessed

LATE = disruption(DisruptionType.LATE_INBOUND, details=DisruptionDetails(delay=timedelta(hours=1)))


def cargo_only(**changes) -> InMemoryTables:
    booked = {
        "CargoShipments": [shipment("607-1", cargo_aircraft_only=True), shipment("607-2")],
        "CargoFlightAssignments": loaded("607-1", "607-2"),
    }
    return business_rows.tables(**(booked | changes))


def offered(tables: InMemoryTables, agents=SPECIALISTS) -> Arbitration:
    return arbitrate(LATE, assessed(LATE, tables, agents), Operations(tables))


def test_a_shipment_for_cargo_aircraft_only_is_offloaded_from_every_departure() -> None:
    found = offered(cargo_only())
    assert not found.manual_review
    flying = [one for one in found.solutions if one.candidate.off_block is not None]
    assert flying
    for one in flying:
        assert one.candidate.offloaded_awbs == ("607-1",)
        assert "offload 607-1" in one.title
        assert any(
            line.startswith("Required by law: 607-1 is cargo aircraft only") for line in one.recommendations
        )
        (check,) = [check for check in one.checks if check.text.startswith("607-1")]
        assert check.outcome is CheckOutcome.NOT_APPLICABLE
        assert check.article == "9.3.1.1 (IATA Dangerous Goods Regulations)"
        assert any("Offload 607-1" in step.action for step in one.plan.steps)
    for one in found.rejected:
        assert one.candidate.off_block is None or one.candidate.offloaded_awbs == ("607-1",)


def test_it_is_offloaded_as_well_when_the_cargo_agent_does_not_answer() -> None:
    tables = cargo_only()
    heard = [one for one in assessed(LATE, tables) if one.agent is not AgentName.CARGO]
    silent = replace(failed(AgentName.CARGO), phase=Phase.INITIAL)
    found = arbitrate(LATE, (*heard, silent), Operations(tables))
    flying = [one.candidate for one in found.solutions if one.candidate.off_block is not None]
    assert flying
    assert {one.offloaded_awbs for one in flying} == {("607-1",)}


def test_a_handling_code_says_it_as_well_as_the_flag() -> None:
    coded = [shipment("607-1", shcs=("CAO",)), shipment("607-2")]
    found = offered(cargo_only(CargoShipments=coded))
    (check,) = [one for one in found.solutions[0].checks if one.text.startswith("607-1")]
    assert [(seen.field, seen.value) for seen in check.evidence] == [("shcs", "CAO")]


def test_a_freighter_keeps_it() -> None:
    freighter = [rows.inbound(), flight(service="freighter"), rows.outbound_return()]
    found = offered(cargo_only(Flights=freighter, Bookings=[]))
    assert not found.manual_review
    assert all(one.candidate.offloaded_awbs == () for one in found.solutions)


@pytest.mark.parametrize("replaced", [False, True])
def test_rest_before_the_next_duty_is_no_risk_of_a_flight_without_that_crew_member(replaced: bool) -> None:
    advice = latest(at(11), crew(), binding=False, text="After 11:00Z C101 cannot rest enough.")
    out = (required(ConstraintKind.CREW_CHANGE_REQUIRED, crew()),) if replaced else ()
    found = situation(
        assessment(AgentName.CREW_COMPLIANCE, constraints=(*out, advice), options=(reserve("R1", "C101"),))
    )
    best = decide(found, ScriptedEvaluator(), DEFAULT_POLICY).solutions[0]
    assert bool(best.candidate.replaced_crew) is replaced
    assert any("cannot rest enough" in risk for risk in best.risks) is not replaced


def test_advice_on_a_whole_crew_is_told_once() -> None:
    advice = [
        latest(at(11), crew(id_), binding=False, article="ORO.FTL.235", text=f"{id_} cannot rest enough.")
        for id_ in ("C101", "C102", "C103")
    ]
    found = situation(assessment(AgentName.CREW_COMPLIANCE, constraints=tuple(advice)))
    told = list(decide(found, ScriptedEvaluator(), DEFAULT_POLICY).solutions[0].risks)
    assert told == ["Against advice: C101 cannot rest enough. So with 2 more crew members."]


def test_the_crew_agent_says_of_each_member_until_when_the_next_duty_is_safe() -> None:
    tables = business_rows.tables(CrewRoster=rows.roster(next_report=rows.z(2, day=11)))
    (found,) = [
        one
        for one in assessed(LATE, tables, [AgentName.CREW_COMPLIANCE])
        if one.agent is AgentName.CREW_COMPLIANCE and one.phase is Phase.INITIAL
    ]
    advised = [one for one in found.constraints if "before the next duty" in one.text]
    assert len({one.subject.key for one in advised}) == len(advised) == len(rows.CREW)
    assert all(one.subject.key in one.text and not one.binding for one in advised)
