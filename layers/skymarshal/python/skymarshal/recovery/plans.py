"""Recovery plans: steps that wait only for earlier steps, and the path that sets their duration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from skymarshal.domain.arbitration import PlanStep, RecoveryPlan
from skymarshal.domain.times import ZERO

__all__ = ["InvalidPlanError", "PlanBuilder", "critical_path", "validate"]

_NO_PATH: Final[tuple[int, ...]] = ()


class InvalidPlanError(ValueError):
    """A recovery plan that cannot be carried out as written; the message names the step."""


class PlanBuilder:
    """Collects steps in order.

    A step can wait only for steps added before it, so no plan that is built here has a cycle.
    """

    def __init__(self) -> None:
        self._steps: list[PlanStep] = []

    def add(
        self,
        action: str,
        *,
        owner: str,
        duration: timedelta,
        after: Iterable[int] = (),
        automatable: bool = False,
        success_criteria: str,
        rollback: str,
    ) -> int:
        """Add a step and return its number.

        Raises:
            InvalidPlanError: If it waits for a step that was not added yet, or lasts less than no time.
        """
        number = len(self._steps) + 1
        step = PlanStep(
            number=number,
            action=action,
            owner=owner,
            duration=duration,
            after=tuple(sorted(set(after))),
            automatable=automatable,
            success_criteria=success_criteria,
            rollback=rollback,
        )
        _check(step)
        self._steps.append(step)
        return number

    def build(self, contingencies: Iterable[str] = ()) -> RecoveryPlan:
        """Return the plan with its critical path and duration."""
        steps = tuple(self._steps)
        path, duration = critical_path(steps)
        plan = RecoveryPlan(
            steps=steps, critical_path=path, duration=duration, contingencies=tuple(contingencies)
        )
        validate(plan)
        return plan


def critical_path(steps: Sequence[PlanStep]) -> tuple[tuple[int, ...], timedelta]:
    """Return the chain of steps that takes longest and how long it takes.

    `steps` come in an order in which each waits only for earlier ones. Of two equally long chains the
    one with the lower step numbers is returned.
    """
    finish: dict[int, timedelta] = {}
    path: dict[int, tuple[int, ...]] = {}
    for step in steps:
        start, before = ZERO, _NO_PATH
        for number in step.after:
            if finish[number] > start or not before:
                start, before = finish[number], path[number]
        finish[step.number] = start + step.duration
        path[step.number] = (*before, step.number)
    if not finish:
        return _NO_PATH, ZERO
    last = max(finish, key=lambda number: (finish[number], -number))
    return path[last], finish[last]


def validate(plan: RecoveryPlan) -> None:
    """Check that a plan is complete and consistent.

    Raises:
        InvalidPlanError: If it has no step, a step lacks an owner, an action, a success criterion or a
            rollback, waits for itself or a later step, or the critical path is not the longest.
    """
    if not plan.steps:
        raise InvalidPlanError("steps: () is not valid; expected at least one step")
    for position, step in enumerate(plan.steps, start=1):
        if step.number != position:
            raise InvalidPlanError(f"number: {step.number} is not valid; expected {position}")
        _check(step)
    path, duration = critical_path(plan.steps)
    if (path, duration) != (plan.critical_path, plan.duration):
        raise InvalidPlanError(
            f"critical_path: {plan.critical_path} of {plan.duration} is not valid; "
            f"expected {path} of {duration}"
        )


def _check(step: PlanStep) -> None:
    for name in ("action", "owner", "success_criteria", "rollback"):
        if not getattr(step, name).strip():
            raise InvalidPlanError(f"step {step.number}: {name} is empty; expected a sentence")
    if step.duration < ZERO:
        raise InvalidPlanError(f"step {step.number}: duration {step.duration} is below zero")
    for number in step.after:
        if not 0 < number < step.number:
            raise InvalidPlanError(f"step {step.number}: waits for step {number}; expected an earlier one")
