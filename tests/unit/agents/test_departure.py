"""The off-block that all agents agree on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skymarshal.agents import AssessmentRequest, expected_departure
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    AssessmentStatus,
    Constraint,
    ConstraintKind,
    Evidence,
    Option,
    OptionKind,
    Phase,
    Subject,
    SubjectKind,
    Verdict,
    Window,
)
from skymarshal.domain.disruption import DisruptionDetails, DisruptionType
from tests.unit.agents import rows
from tests.unit.agents.rows import FLIGHT_ID, TAIL, disruption, hours, z


def found_by(agent: AgentName, *constraints: Constraint, **values: Any) -> Assessment:
    common: dict[str, Any] = {
        "phase": Phase.INITIAL,
        "verdict": Verdict.CONSTRAINED,
        "recommendation": "",
        "status": AssessmentStatus.COMPLETED,
        "confidence": 1.0,
        "started_at": datetime(2030, 1, 1, tzinfo=UTC),
        "duration": timedelta(0),
    }
    return Assessment(agent=agent, constraints=constraints, **(common | values))


def limit(kind: ConstraintKind, subject: str, **values: Any) -> Constraint:
    kinds = {FLIGHT_ID: SubjectKind.FLIGHT, "CPT1": SubjectKind.CREW_MEMBER}
    on = Subject(kind=kinds.get(subject, SubjectKind.TAIL), key=subject)
    seen = (Evidence(table="Flights", key=subject, field="std", value="2026-03-10T04:00Z"),)
    common = {"kind": kind, "subject": on, "text": "limit", "binding": True, "evidence": seen}
    return Constraint(**(common | values))


def revision(*others: Assessment, before: Assessment | None = None, **changes: Any) -> AssessmentRequest:
    return AssessmentRequest(
        disruption=disruption(DisruptionType.LATE_INBOUND, **changes),
        phase=Phase.REVISION,
        others=others,
        before=before,
    )


def initial(**changes: Any) -> AssessmentRequest:
    return AssessmentRequest(disruption=disruption(DisruptionType.TECHNICAL, **changes), phase=Phase.INITIAL)


def test_without_news_the_flight_leaves_as_scheduled() -> None:
    assert expected_departure(initial(), rows.flight()).off_block == rows.STD


def test_an_estimate_counts_before_the_schedule() -> None:
    assert expected_departure(initial(), rows.flight(etd=z(4, 40))).delay == timedelta(minutes=40)


def test_a_flight_does_not_leave_before_it_is_reported() -> None:
    assert expected_departure(initial(reported_at=z(5)), rows.flight()).off_block == z(5)


def test_a_reported_delay_counts_from_the_schedule_and_a_repair_from_the_report() -> None:
    delayed = initial(details=DisruptionDetails(delay=hours(2)))
    assert expected_departure(delayed, rows.flight()).off_block == z(6)
    broken = initial(details=DisruptionDetails(repair=rows.repair(1, 2, 5)))
    expected = expected_departure(broken, rows.flight())
    assert (expected.off_block, expected.at_worst) == (z(5), z(8))


def test_a_closure_at_the_destination_is_left_by_the_time_to_landing() -> None:
    """Of 7 h of block a quarter of an hour is the taxi in, so 06:15Z lands as the airport opens."""
    details = DisruptionDetails(window_start=z(10), window_end=z(13))
    closed = initial(airport="LHR", details=details)
    assert expected_departure(closed, rows.flight()).off_block == z(6, 15)


def test_a_departed_flight_keeps_its_departure() -> None:
    gone = rows.flight(status="departed", etd=z(4, 10))
    late = revision(found_by(AgentName.MAINTENANCE, limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(9))))
    assert expected_departure(late, gone).off_block == z(4, 10)


def test_the_tail_moves_it_and_another_tail_does_not() -> None:
    request = revision(
        found_by(
            AgentName.MAINTENANCE,
            limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(6)),
            limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(8), binding=False),
            limit(ConstraintKind.EARLIEST_DEPARTURE, "A6-OTHER", at=z(20)),
        )
    )
    expected = expected_departure(request, rows.flight())
    assert (expected.off_block, expected.at_worst) == (z(6), z(8))
    assert [one.value for one in expected.taken_over] == ["2026-03-10T06:00Z", "2026-03-10T08:00Z"]


def test_windows_push_it_to_their_end_one_after_another() -> None:
    request = revision(
        found_by(
            AgentName.REGULATORY,
            limit(
                ConstraintKind.FORBIDDEN_OFF_BLOCK,
                FLIGHT_ID,
                windows=(Window(start=z(3), end=z(5)), Window(start=z(7), end=z(9))),
            ),
            limit(ConstraintKind.AIRPORT_CLOSED, FLIGHT_ID, windows=(Window(start=z(5), end=z(6)),)),
        )
    )
    assert expected_departure(request, rows.flight()).off_block == z(6)


def test_a_time_of_which_nothing_is_known_is_not_waited_out() -> None:
    gap = limit(
        ConstraintKind.FORBIDDEN_OFF_BLOCK,
        FLIGHT_ID,
        windows=(Window(start=z(3), end=z(5)),),
        evidence=(),
    )
    assert (
        expected_departure(revision(found_by(AgentName.REGULATORY, gap)), rows.flight()).off_block == rows.STD
    )


def test_a_latest_departure_moves_nothing() -> None:
    request = revision(
        found_by(AgentName.CREW_COMPLIANCE, limit(ConstraintKind.LATEST_OFF_BLOCK, "CPT1", at=z(2)))
    )
    assert expected_departure(request, rows.flight()).off_block == rows.STD


def test_a_change_of_tail_takes_the_first_spare_that_is_ready() -> None:
    def spare(key: str, at: datetime, *, fits: bool = True) -> Option:
        return Option(kind=OptionKind.SPARE_TAIL, key=key, replaces=TAIL, usable=fits, available_from=at)

    request = revision(
        found_by(
            AgentName.MAINTENANCE,
            limit(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, TAIL),
            limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(20)),
            options=(spare("A6-B", z(6)), spare("A6-A", z(5)), spare("A6-C", z(4), fits=False)),
        )
    )
    expected = expected_departure(request, rows.flight())
    assert (expected.registration, expected.off_block) == ("A6-A", z(5))


def test_a_change_that_nothing_covers_is_left_open() -> None:
    request = revision(
        found_by(AgentName.CREW_COMPLIANCE, limit(ConstraintKind.CREW_CHANGE_REQUIRED, "CPT1"))
    )
    assert expected_departure(request, rows.flight()).open == ("limit",)


@pytest.mark.parametrize("own", [AgentName.MAINTENANCE, AgentName.REGULATORY, AgentName.CARGO])
def test_every_agent_agrees_on_the_instant_whoever_asks(own: AgentName) -> None:
    late = limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(6))
    closed = limit(ConstraintKind.AIRPORT_CLOSED, FLIGHT_ID, windows=(Window(start=z(5), end=z(7)),))
    everyone = [
        found_by(AgentName.MAINTENANCE, late),
        found_by(AgentName.REGULATORY, closed),
        found_by(AgentName.CARGO),
    ]
    before = next(one for one in everyone if one.agent is own)
    others = [one for one in everyone if one.agent is not own]
    expected = expected_departure(revision(*others, before=before), rows.flight())
    assert expected.off_block == z(7)
    assert own not in {one.source for one in expected.taken_over}


def test_a_failed_assessment_moves_nothing() -> None:
    failed = found_by(
        AgentName.MAINTENANCE,
        limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(9)),
        status=AssessmentStatus.FAILED,
    )
    assert expected_departure(revision(failed), rows.flight()).off_block == rows.STD
