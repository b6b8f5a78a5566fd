"""The numbers of a recovery plan worked out a second time, from its steps and from what the agents found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from skymarshal.domain.arbitration import PlanStep, RecoveryPlan, Solution
from skymarshal.domain.assessment import Assessment, ConstraintKind, OptionKind, SubjectKind
from skymarshal.domain.disruption import Disruption
from skymarshal.recovery.situation import counted_assessments

MINUTES = {
    "Approve the": 5,
    "File a flight plan": 20,
    "Give the crew": 10,
    "Take the rostered crew": 10,
    "Brief the reserves": 60,
    "Release ": 15,
    "Bring ": 30,
    "Transfer ": 45,
    "Offload ": 20,
    "Tell the passengers": 10,
    "Board": 25,
    "Close the flight": 10,
    "Rebook ": 45,
    "Call [0-9]+ of them": 45,
    "Hold EY": 20,
    "Give meals": 30,
    "Re-time or cover": 20,
    "Confirm stand": 20,
    "Check the weather": 20,
    "Planned with": 20,
    "Hold and confirm": 45,
    "Stand the crew down": 10,
    "Cancel the slot": 20,
    "Store and re-route": 45,
    "Cover the": 20,
}
"""How long each step takes that waits for nobody."""

AFTER = {"Call out the reserves": 70, "Repair ": 35, "Turn ": 35, "Have what holds": 35}
"""For a step that lasts until something is there: the minutes between that and off-block."""


def plan_differences(
    disruption: Disruption, assessments: Sequence[Assessment], tail: str, solution: Solution
) -> list[str]:
    """Where the durations and the critical path of a plan are not what its steps and the agents say."""
    plan, candidate = solution.plan, solution.candidate
    found = []
    ready = _ready(disruption, assessments, tail, solution)
    for step in plan.steps:
        minutes = _minutes(step, disruption.reported_at, ready)
        if minutes is None or step.duration != timedelta(minutes=minutes):
            found.append(f"step {step.number}, {step.action}: {step.duration} stated, {minutes} min computed")
    longest = max(_lengths(plan), key=lambda chain: (chain[0], [-number for number in chain[1]]))
    if (plan.duration, plan.critical_path) != longest:
        found.append(f"critical path: {plan.critical_path}, {plan.duration} stated, {longest} computed")
    off = [step for step in plan.steps if step.action.startswith("Close the flight")]
    if candidate.off_block is not None:
        done = max(length for length, chain in _lengths(plan) if chain[-1] == off[0].number)
        if disruption.reported_at + done > candidate.off_block:
            found.append(f"the plan takes {done} and the flight leaves at {candidate.off_block}")
    return found


def _lengths(plan: RecoveryPlan) -> list[tuple[timedelta, tuple[int, ...]]]:
    """Every chain of steps there is, with how long it takes."""
    steps = {step.number: step for step in plan.steps}

    def chains(number: int) -> list[tuple[timedelta, tuple[int, ...]]]:
        own = steps[number].duration
        before = [chain for other in steps[number].after for chain in chains(other)]
        return [(length + own, (*chain, number)) for length, chain in before] or [(own, (number,))]

    return [chain for number in steps for chain in chains(number)]


def _minutes(step: PlanStep, now: datetime, ready: Mapping[str, datetime]) -> float | None:
    for words, minutes in MINUTES.items():
        if re.match(words, step.action):
            return minutes
    for words, minutes in AFTER.items():
        if step.action.startswith(words):
            kind = "reserve" if words.startswith("Call") else "flight" if words.startswith("Have") else "tail"
            until = ready[kind] - now - timedelta(minutes=5 + minutes)
            return max(0.0, until / timedelta(minutes=1))
    return None


def _ready(
    disruption: Disruption, assessments: Sequence[Assessment], tail: str, solution: Solution
) -> dict[str, datetime]:
    """From when the reserves, the tail and the flight itself can leave."""
    candidate, found = solution.candidate, dict[str, list[datetime]]()
    counted = counted_assessments(assessments).values()
    for one in counted:
        for option in one.options:
            called = option.kind is OptionKind.RESERVE_CREW and option.usable
            if called and option.available_from and option.key in candidate.replaced_crew.values():
                found.setdefault("reserve", []).append(option.available_from)
        for limit in one.constraints:
            if limit.kind is not ConstraintKind.EARLIEST_DEPARTURE or not limit.binding or limit.at is None:
                continue
            if limit.subject.kind is SubjectKind.TAIL and limit.subject.key == candidate.registration:
                found.setdefault("tail", []).append(limit.at)
            elif limit.subject.kind is SubjectKind.FLIGHT:
                found.setdefault("flight", []).append(limit.at)
    delay = disruption.details.delay
    if delay and candidate.off_block is not None:
        std = candidate.off_block - solution.delay if solution.delay else candidate.off_block
        late = disruption.type in ("late_inbound", "technical", "bird_strike", "ground_damage")
        if not late:
            found.setdefault("flight", []).append(std + delay)
        elif candidate.registration == tail:
            found.setdefault("tail", []).append(std + delay)
    return {kind: max(instants) for kind, instants in found.items()}
