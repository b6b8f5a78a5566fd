"""A candidate is checked against each constraint by computing it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import CheckOutcome
from skymarshal.domain.assessment import AgentName, ConstraintKind, SubjectKind
from skymarshal.recovery.feasibility import check_constraint, is_feasible
from skymarshal.recovery.policy import DEFAULT_POLICY
from tests.unit.recovery.builders import (
    FLIGHT,
    OWN_TAIL,
    STD,
    at,
    candidate,
    crew,
    earliest,
    forbidden,
    latest,
    minutes,
    required,
    subject,
)


def check(constraint, flown):
    return check_constraint(AgentName.REGULATORY, constraint, flown, DEFAULT_POLICY)


def test_leaving_exactly_at_a_latest_off_block_is_kept_with_no_margin() -> None:
    found = check(latest(at(13)), candidate(at(13)))
    assert (found.outcome, found.margin, found.share) == (CheckOutcome.KEPT, timedelta(0), 0)


def test_one_minute_after_a_latest_off_block_is_broken() -> None:
    found = check(latest(at(13)), candidate(at(13, 1)))
    assert (found.outcome, found.margin) == (CheckOutcome.BROKEN, minutes(-1))


def test_slack_to_a_clock_limit_counts_as_a_share_of_two_hours() -> None:
    assert check(latest(at(13)), candidate(at(12, 30))).share == 0.25


def test_slack_to_a_duration_limit_counts_as_a_share_of_the_whole_limit() -> None:
    fdp = latest(at(13), crew(), limit=timedelta(hours=13))
    assert check(fdp, candidate(at(12, 21))).share == pytest.approx(39 / 780)


def test_an_earliest_departure_is_a_limit_but_not_one_that_a_delay_comes_near() -> None:
    found = check(earliest(at(12)), candidate(at(12)))
    assert (found.outcome, found.margin, found.share) == (CheckOutcome.KEPT, timedelta(0), None)
    assert check(earliest(at(12)), candidate(at(11, 59))).outcome is CheckOutcome.BROKEN


def test_a_forbidden_window_bars_its_first_instant_and_frees_its_end() -> None:
    curfew = forbidden(at(20), at(22))
    assert check(curfew, candidate(at(20))).outcome is CheckOutcome.BROKEN
    assert check(curfew, candidate(at(22))).outcome is CheckOutcome.KEPT
    assert check(curfew, candidate(at(19, 45))).margin == minutes(15)


def test_behind_the_last_window_no_limit_lies_ahead() -> None:
    assert check(forbidden(at(20), at(22)), candidate(at(22))).share is None


def test_a_limit_on_a_tail_does_not_apply_to_another_tail() -> None:
    swapped = candidate(at(12), registration="A6-XXX")
    assert check(earliest(at(15), OWN_TAIL), swapped).outcome is CheckOutcome.NOT_APPLICABLE


def test_a_limit_on_a_crew_member_does_not_apply_once_replaced() -> None:
    replaced = candidate(at(15), replaced_crew={"C101": "R1"})
    assert check(latest(at(13), crew("C101")), replaced).outcome is CheckOutcome.NOT_APPLICABLE
    assert check(latest(at(13), crew("C102")), replaced).outcome is CheckOutcome.BROKEN


def test_an_unknown_fact_is_neither_kept_nor_broken() -> None:
    found = check(required(ConstraintKind.UNKNOWN_FACT, FLIGHT), candidate())
    assert found.outcome is CheckOutcome.UNKNOWN
    assert not is_feasible([found])


def test_a_limit_without_its_instant_is_unknown() -> None:
    assert check(latest(at(13), at=None), candidate()).outcome is CheckOutcome.UNKNOWN


def test_required_changes_are_broken_until_made() -> None:
    change_tail = required(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, OWN_TAIL)
    offload = required(ConstraintKind.OFFLOAD_REQUIRED, subject(SubjectKind.SHIPMENT, "607-1"))
    assert check(change_tail, candidate()).outcome is CheckOutcome.BROKEN
    assert check(change_tail, candidate(registration="A6-XXX")).outcome is CheckOutcome.NOT_APPLICABLE
    assert check(offload, candidate()).outcome is CheckOutcome.BROKEN
    assert check(offload, candidate(offloaded_awbs=("607-1",))).outcome is CheckOutcome.NOT_APPLICABLE


def test_no_flight_limit_applies_to_a_flight_that_does_not_operate() -> None:
    for constraint in (
        latest(at(1)),
        forbidden(at(0), at(23)),
        required(ConstraintKind.UNKNOWN_FACT, FLIGHT),
    ):
        assert check(constraint, candidate(None, on_block=None)).outcome is CheckOutcome.NOT_APPLICABLE
    assert check(latest(at(1)), candidate(STD)).outcome is CheckOutcome.BROKEN
