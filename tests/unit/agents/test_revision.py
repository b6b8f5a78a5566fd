"""How an agent says that its second answer differs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from skymarshal.agents import Findings, revise
from skymarshal.domain.assessment import (
    AgentName,
    AssessmentStatus,
    Change,
    Constraint,
    ConstraintKind,
    Figure,
    Option,
    OptionKind,
    Unknown,
    Verdict,
    Window,
)
from tests.unit.agents.rows import FLIGHT_ID, TAIL, z
from tests.unit.agents.test_departure import found_by, limit


def changed(before: dict[str, Any], after: dict[str, Any]) -> Change:
    answer = found_by(AgentName.MAINTENANCE, **before)
    values: dict[str, Any] = {
        "verdict": answer.verdict,
        "recommendation": "",
        "facts_known": 1,
    }
    return revise(answer, Findings(**(values | after))).change


def earliest(hour: int) -> tuple[Constraint, ...]:
    return (limit(ConstraintKind.EARLIEST_DEPARTURE, TAIL, at=z(hour)),)


def latest(*hours: int) -> tuple[Constraint, ...]:
    return tuple(limit(ConstraintKind.LATEST_OFF_BLOCK, TAIL, at=z(hour)) for hour in hours)


def with_constraints(before: tuple[Constraint, ...], after: tuple[Constraint, ...]) -> Change:
    answer = found_by(AgentName.MAINTENANCE, *before)
    findings = Findings(verdict=answer.verdict, recommendation="", facts_known=1, constraints=after)
    return revise(answer, findings).change


def test_the_same_answer_is_unchanged() -> None:
    assert with_constraints(earliest(6), earliest(6)) is Change.UNCHANGED


def test_a_later_earliest_or_an_earlier_latest_tightens() -> None:
    assert with_constraints(earliest(6), earliest(7)) is Change.TIGHTENED
    assert with_constraints(latest(9), latest(8)) is Change.TIGHTENED
    assert with_constraints((), earliest(6)) is Change.TIGHTENED


def test_the_opposite_relaxes() -> None:
    assert with_constraints(earliest(7), earliest(6)) is Change.RELAXED
    assert with_constraints(latest(8), latest(9)) is Change.RELAXED
    assert with_constraints(earliest(6), ()) is Change.RELAXED


def test_the_tightest_of_several_limits_on_one_subject_counts() -> None:
    assert with_constraints(latest(8, 12), latest(8, 10)) is Change.UNCHANGED


def test_better_and_worse_together_tighten() -> None:
    assert with_constraints(earliest(6) + latest(9), earliest(5) + latest(8)) is Change.TIGHTENED


def test_one_more_forbidden_window_tightens() -> None:
    def forbidden(*windows: Window) -> tuple[Constraint, ...]:
        return (limit(ConstraintKind.FORBIDDEN_OFF_BLOCK, FLIGHT_ID, windows=windows),)

    night, fog = Window(start=z(20), end=z(23)), Window(start=z(4), end=z(6))
    assert with_constraints(forbidden(night), forbidden(night, fog)) is Change.TIGHTENED
    assert with_constraints(forbidden(night, fog), forbidden(fog)) is Change.RELAXED


def test_a_verdict_that_becomes_unknown_withdraws_the_answer() -> None:
    unknown = Unknown(table="Weather", key="LHR", field="visibility_m", why="no forecast")
    after = {"verdict": Verdict.UNKNOWN, "unknowns": (unknown,)}
    assert changed({"verdict": Verdict.CLEAR}, after) is Change.WITHDRAWN


def test_a_failed_first_answer_is_withdrawn() -> None:
    assert changed({"status": AssessmentStatus.FAILED}, {}) is Change.WITHDRAWN
    only = Findings(verdict=Verdict.CLEAR, recommendation="", facts_known=1)
    assert revise(None, only).change is Change.WITHDRAWN


def test_an_unknown_that_is_answered_follows_the_verdict() -> None:
    assert changed({"verdict": Verdict.UNKNOWN}, {"verdict": Verdict.CLEAR}) is Change.RELAXED


def test_a_substitute_that_is_lost_tightens() -> None:
    spare = Option(kind=OptionKind.SPARE_TAIL, key="A6-B", replaces=TAIL, usable=True)
    assert changed({"options": (spare,)}, {"options": ()}) is Change.TIGHTENED
    assert changed({"options": ()}, {"options": (spare,)}) is Change.RELAXED


def test_figures_decide_only_where_limits_and_options_do_not() -> None:
    def figure(value: int | None) -> tuple[Figure, ...]:
        likely = None if value is None else Decimal(value)
        return (Figure(name="missed_connections", unit="passengers", likely=likely),)

    assert changed({"figures": figure(10)}, {"figures": figure(12)}) is Change.TIGHTENED
    assert changed({"figures": figure(10)}, {"figures": figure(3)}) is Change.RELAXED
    assert changed({"figures": figure(10)}, {"figures": figure(None)}) is Change.TIGHTENED
    answer = found_by(AgentName.NETWORK, *earliest(7), figures=figure(10))
    after = Findings(
        verdict=answer.verdict,
        recommendation="",
        facts_known=1,
        constraints=earliest(6),
        figures=figure(12),
    )
    assert revise(answer, after).change is Change.RELAXED
