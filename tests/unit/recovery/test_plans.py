"""Recovery plans have no cycle, and the critical path is the longest chain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain.arbitration import RecoveryPlan
from skymarshal.recovery.plans import InvalidPlanError, PlanBuilder, critical_path, validate
from skymarshal.recovery.playbook import operating_plan
from skymarshal.recovery.policy import DEFAULT_POLICY
from skymarshal.recovery.preparation import Work, lead_time
from tests.unit.recovery.builders import NOW, SPARE, at, candidate, flight, minutes


def add(builder: PlanBuilder, length: float, after: tuple[int, ...] = (), **changes: str) -> int:
    words = {"owner": "OCC", "success_criteria": "Done.", "rollback": "Undo."} | changes
    action = words.pop("action", "Do it")
    return builder.add(action, duration=minutes(length), after=after, **words)


def test_the_critical_path_is_the_chain_that_takes_longest() -> None:
    builder = PlanBuilder()
    first = add(builder, 5)
    short, long = add(builder, 10, (first,)), add(builder, 40, (first,))
    add(builder, 15, (short, long))
    plan = builder.build()
    assert (plan.critical_path, plan.duration) == ((1, 3, 4), minutes(60))


def test_a_step_cannot_wait_for_one_that_comes_later() -> None:
    builder = PlanBuilder()
    add(builder, 5)
    with pytest.raises(InvalidPlanError, match="step 2: waits for step 2"):
        add(builder, 5, (2,))


@pytest.mark.parametrize("field", ["action", "owner", "success_criteria", "rollback"])
def test_a_step_without_one_of_its_sentences_is_refused(field: str) -> None:
    with pytest.raises(InvalidPlanError, match=field):
        add(PlanBuilder(), 5, **{field: " "})


def test_an_empty_plan_is_refused() -> None:
    with pytest.raises(InvalidPlanError, match="at least one step"):
        PlanBuilder().build()


def test_a_plan_that_claims_the_wrong_critical_path_is_refused() -> None:
    builder = PlanBuilder()
    add(builder, 5)
    honest = builder.build()
    with pytest.raises(InvalidPlanError, match="critical_path"):
        validate(RecoveryPlan(steps=honest.steps, critical_path=(1,), duration=minutes(4), contingencies=()))


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.lists(st.integers(0, 30), max_size=4)), min_size=1, max_size=12
    )
)
def test_the_duration_is_the_longest_over_every_chain(shape: list[tuple[int, list[int]]]) -> None:
    builder = PlanBuilder()
    for length, raw in shape:
        built = len(builder._steps)
        add(builder, length, tuple(1 + one % built for one in raw) if built else ())
    plan = builder.build()
    by_number = {step.number: step for step in plan.steps}

    def chains(number: int) -> timedelta:
        step = by_number[number]
        return step.duration + max((chains(before) for before in step.after), default=timedelta(0))

    assert plan.duration == max(chains(number) for number in by_number)
    assert plan.duration == sum((by_number[n].duration for n in plan.critical_path), timedelta(0))


def test_more_change_takes_more_preparation() -> None:
    delay = lead_time(candidate(at(14)), flight(), DEFAULT_POLICY.steps)
    swap = lead_time(candidate(at(14), registration=SPARE), flight(), DEFAULT_POLICY.steps)
    reserve = lead_time(candidate(at(14), replaced_crew={"C101": "R1"}), flight(), DEFAULT_POLICY.steps)
    assert timedelta(minutes=30) <= delay < reserve < swap <= timedelta(hours=3)
    assert lead_time(candidate(None), flight(), DEFAULT_POLICY.steps) == timedelta(0)


def test_a_plan_is_done_by_off_block_when_its_lead_time_is_allowed() -> None:
    swap = candidate(at(14), registration=SPARE, replaced_crew={"C101": "R1"})
    plan = operating_plan(
        swap, Work(flight=flight(), now=NOW, ready={"R1": at(12, 30)}), DEFAULT_POLICY.steps
    )
    off_block = next(step for step in plan.steps if step.action.startswith("Close the flight"))
    path, duration = critical_path(plan.steps[: off_block.number])
    assert path[-1] == off_block.number
    assert NOW + duration <= at(14)


def test_reserves_are_called_out_and_briefed_before_the_flight_closes() -> None:
    reserve = candidate(at(14), replaced_crew={"C101": "R1"})
    plan = operating_plan(
        reserve, Work(flight=flight(), now=NOW, roles={"C101": "captain"}), DEFAULT_POLICY.steps
    )
    actions = [step.action for step in plan.steps]
    called = actions.index("Call out the reserves: R1 for captain C101")
    assert called < actions.index("Brief the reserves and enter the change in the roster") < len(actions) - 1
