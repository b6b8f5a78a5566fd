"""What an agent may not answer: a departure that is over, a limit without times, a defect still open."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from skymarshal.agents import AGENTS, AssessmentRequest
from skymarshal.agents.departure import expected_departure
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.assessment import AgentName, ConstraintKind, Phase, Verdict
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from tests.unit.agents import rows
from tests.unit.agents.conftest import Ask
from tests.unit.agents.rows import FLIGHT_ID, disruption, hours, z

CREW, MAINTENANCE, REGULATORY = AgentName.CREW_COMPLIANCE, AgentName.MAINTENANCE, AgentName.REGULATORY


@pytest.mark.parametrize("status", ["departed", "arrived", "cancelled"])
@pytest.mark.parametrize("agent", AGENTS)
def test_no_agent_plans_the_departure_of_a_flight_that_is_over(
    agent: AgentName, status: str, ask: Ask
) -> None:
    over = rows.tables(Flights=[rows.flight(status=status, etd=z(4, 10))])

    answer = ask(agent, disruption(DisruptionType.DIVERSION, airport="FRA"), over)

    assert answer.verdict is Verdict.UNKNOWN
    assert [(one.table, one.key, one.field) for one in answer.unknowns] == [("Flights", FLIGHT_ID, "status")]
    assert [one.binding for one in answer.constraints] == [agent.is_safety]
    assert not answer.options
    assert not answer.figures


@pytest.mark.parametrize(
    ("kind", "airport", "table"),
    [
        (DisruptionType.SECURITY, "AUH", DISRUPTION_DETAIL_TYPE),
        (DisruptionType.STRIKE, None, DISRUPTION_DETAIL_TYPE),
        (DisruptionType.DIVERSION, "FRA", DISRUPTION_DETAIL_TYPE),
        (DisruptionType.ATC, "LHR", "AirportSlots"),
        (DisruptionType.AIRPORT_CLOSURE, "LHR", "Notams"),
    ],
)
def test_a_limit_reported_without_its_times_blocks_until_they_are_known(
    kind: DisruptionType, airport: str | None, table: str, ask: Ask
) -> None:
    answer = ask(REGULATORY, disruption(kind, airport=airport), rows.tables())

    assert answer.verdict is Verdict.UNKNOWN
    assert [one.table for one in answer.unknowns] == [table]
    assert ConstraintKind.UNKNOWN_FACT in {one.kind for one in answer.constraints if one.binding}


def test_a_take_off_time_or_a_delay_tells_what_a_flow_restriction_does(ask: Ask) -> None:
    regulated = rows.tables(AirportSlots=[rows.slot(ctot=z(4, 50))])
    delayed = disruption(DisruptionType.ATC, details=DisruptionDetails(delay=timedelta(minutes=20)))

    assert ask(REGULATORY, disruption(DisruptionType.ATC), regulated).verdict is Verdict.CONSTRAINED
    assert ask(REGULATORY, delayed, rows.tables()).verdict is not Verdict.UNKNOWN


def test_work_that_is_released_does_not_put_right_a_defect_that_is_still_open(ask: Ask) -> None:
    # The item ran out on 9 March. Work on the same chapter was released the week before: it was other work.
    item = rows.mel(category="A", interval_days=1, discovered_at=z(8, day=7), expires_at=z(0, day=9))
    work = rows.work_order(
        ata=item.ata, scheduled_start=z(1, day=3), released_at=z(1, day=3) + hours(5), parts_required=False
    )
    answer = ask(
        MAINTENANCE,
        disruption(DisruptionType.LATE_INBOUND, details=DisruptionDetails(delay=hours(1))),
        rows.tables(MelItems=[item], MaintenanceWorkOrders=[work]),
    )

    assert answer.verdict is Verdict.BLOCKED
    assert ConstraintKind.AIRCRAFT_CHANGE_REQUIRED in {one.kind for one in answer.constraints}


def test_a_tail_without_open_defects_is_said_to_have_none_on_record(ask: Ask) -> None:
    report = disruption(DisruptionType.LATE_INBOUND, details=DisruptionDetails(delay=hours(1)))

    answer = ask(MAINTENANCE, report, rows.tables(MelItems=[]))

    assert any(note.startswith("No deferred defect of A6-BLA is open in MelItems") for note in answer.notes)


def test_an_unknown_end_of_a_strike_leaves_every_figure_of_the_delay_open(ask: Ask) -> None:
    strike = disruption(DisruptionType.STRIKE)
    found = ask(REGULATORY, strike, rows.tables())
    seeing = AssessmentRequest(disruption=strike, phase=Phase.REVISION, others=(found,))

    assert expected_departure(seeing, rows.flight()).open == (
        "A strike is reported without its times or a delay.",
    )


def test_rest_after_a_duty_that_cannot_be_flown_so_late_is_no_advice(ask: Ask) -> None:
    # The FDP lets the crew leave until 08:45Z, and 14 h of rest follow 7:30 h after leaving. A next report at
    # 19:00Z on the day after asks for no departure before that; one at 04:00Z does.
    def rest_advice(next_report: datetime) -> int:
        late = disruption(DisruptionType.LATE_INBOUND, details=DisruptionDetails(delay=hours(1)))
        answer = ask(CREW, late, rows.tables(CrewRoster=rows.roster(next_report=next_report)))
        return sum("cannot rest enough" in one.text for one in answer.constraints)

    assert (rest_advice(z(19, day=11)), rest_advice(z(4, day=11))) == (0, len(rows.CREW))
