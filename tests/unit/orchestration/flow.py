"""The flow on a store in memory, with everything outside it played by fakes that remember."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from skymarshal.checkpoints import AgentRuns, CheckpointSaver, MemoryStore, ThreadManager
from skymarshal.domain.arbitration import Arbitration, RecoveryPlan, Solution
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.orchestration.approvals import Approvals
from skymarshal.orchestration.coordinator import Coordinator
from skymarshal.orchestration.dispatch import Advance, PendingItem
from skymarshal.orchestration.failing import Failures
from skymarshal.orchestration.finalising import Finaliser
from skymarshal.orchestration.records import MemoryDecisionRecords
from skymarshal.orchestration.worker import Result, Worker
from tests.unit.recovery.builders import assessment, candidate

PATIENCE = timedelta(hours=4)
DISRUPTION = Disruption(
    disruption_id="D-1",
    type=DisruptionType.TECHNICAL,
    flight_id="EY283-2026-11-24",
    reported_at=datetime(2026, 11, 23, 7, 50, tzinfo=UTC),
)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


class WatchedStore:
    """A store in memory that counts its calls, and lets something else happen just before a write lands."""

    def __init__(self) -> None:
        self._inner = MemoryStore()
        self.calls: list[str] = []
        self.before_next_write = None

    def __getattr__(self, name):
        method = getattr(self._inner, name)

        def counted(*given, **named):
            self.calls.append(name)
            return method(*given, **named)

        return counted

    def write(self, operations) -> None:
        self.calls.append("write")
        meanwhile, self.before_next_write = self.before_next_write, None
        if meanwhile is not None:
            meanwhile()
        self._inner.write(operations)


class WaitingFlow:
    """Step Functions as an approval sees it: it waits on some tokens, and knows nothing of others."""

    def __init__(self) -> None:
        self.waits_on: set[str] = set()
        self.woken: list[str] = []

    def decided(self, token: str, thread_id: str) -> bool:
        self.woken.append(token)
        return token in self.waits_on


class Announcements:
    """Everything that was told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict]] = []
        self.fails = 0

    def announce(self, kind, detail) -> None:
        if self.fails:
            self.fails -= 1
            raise ConnectionError("nobody listens")
        self.told.append((kind, dict(detail)))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]


class Died(BaseException):
    """The process ends here, as by SIGKILL: nothing catches it."""


class Work:
    """An agent's work that counts itself, and fails or dies where it is told to."""

    def __init__(self) -> None:
        self.done: list[tuple[AgentName, Phase]] = []
        self.failing: set[AgentName] = set()
        self.dying: set[AgentName] = set()
        self.seen: dict[tuple[AgentName, Phase], dict] = {}
        self.manual_review = False
        self.profile_verified = True

    def __call__(self, item: PendingItem, state) -> Result:
        self.done.append((item.agent, item.phase))
        self.seen[item.agent, item.phase] = dict(state.values)
        if item.agent in self.dying:
            raise Died
        if item.agent in self.failing:
            raise ValueError(f"no rows for {item.agent}")
        if item.agent is AgentName.ARBITRATOR:
            content = msgspec.json.encode(self._arbitration())
            verdict = "manual_review" if self.manual_review else "decided"
            return Result(content=content, verdict=verdict, headline="go", confidence=0.9)
        content = msgspec.json.encode(assessment(item.agent, phase=item.phase))
        return Result(content=content, verdict="feasible", headline="go", confidence=0.9)

    def _arbitration(self) -> Arbitration:
        offered = (solution("S1"),) if self.manual_review else (solution("S1"), solution("S2"))
        return arbitration(
            offered, manual_review=self.manual_review, rule_profile_verified=self.profile_verified
        )


class World:
    """One flow with its fakes. What is on the store outlives `restart`, as it does a process."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.store = WatchedStore()
        self.flow = WaitingFlow()
        self.announcer = Announcements()
        self.records = MemoryDecisionRecords()
        self.work = Work()
        self.restart()

    def restart(self) -> None:
        self.saver = CheckpointSaver(self.store, clock=self.clock)
        self.runs = AgentRuns(self.store, self.clock)
        self.threads = ThreadManager(self.store, self.clock)
        self.coordinator = Coordinator(self.saver)
        self.worker = Worker(self.saver, self.runs, self.work)
        self.approvals = Approvals(self.threads, self.runs, self.flow, self.announcer, self.clock)
        self.failures = Failures(self.threads, self.announcer)
        self.finaliser = Finaliser(
            self.saver,
            self.runs,
            self.threads,
            self.coordinator,
            self.approvals,
            self.records,
            self.announcer,
        )

    @property
    def thread(self):
        return self.threads.get_thread(self.thread_id)

    def stages(self) -> list[str]:
        history = self.threads.get_thread_history(self.thread_id)
        return [entry.stage for entry in history if entry.agent is None and entry.stage]

    def begun(self) -> Advance:
        created = self.threads.create_thread(DISRUPTION.disruption_id, flight=DISRUPTION.flight_id)
        self.thread_id = created.thread_id
        return self.coordinator.begin(created.thread_id, DISRUPTION)

    def worked(self, advance: Advance) -> None:
        for item in advance.items:
            self.worker.run(item, f"worker of {item.agent}")

    def revising(self) -> Advance:
        self.worked(self.begun())
        return self.coordinator.join(self.thread_id, Phase.INITIAL, 1)

    def arbitrating(self) -> Advance:
        self.worked(self.revising())
        return self.coordinator.join(self.thread_id, Phase.REVISION, 1)

    def arbitrated(self) -> None:
        self.worked(self.arbitrating())
        self.coordinator.join(self.thread_id, Phase.ARBITRATION, 1)

    def asked(self, token: str = "token-1"):
        self.arbitrated()
        self.flow.waits_on.add(token)
        return self.approvals.ask(self.thread_id, token, PATIENCE)

    def decided(self, given: Decision | None = None) -> Decision:
        taken = given or decision()
        self.asked()
        self.approvals.decide(self.thread_id, taken)
        return taken


def decision(**changes: object) -> Decision:
    details: dict = {
        "outcome": DecisionOutcome.APPROVED,
        "approver": "dana@airline.example",
        "role": "duty-manager",
        "decided_at": datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        "solution_id": "S1",
    }
    return Decision(**(details | changes))


def solution(solution_id: str) -> Solution:
    return Solution(
        solution_id=solution_id,
        title=f"Delay ({solution_id})",
        candidate=candidate(),
        delay=timedelta(hours=1),
        recommendations=(),
        scores=None,
        cost_usd=None,
        impacts=(),
        pros=(),
        cons=(),
        risks=(),
        checks=(),
        plan=RecoveryPlan(steps=(), critical_path=(), duration=timedelta(), contingencies=()),
        confidence=0.9,
    )


def arbitration(solutions: tuple[Solution, ...], **changes: object) -> Arbitration:
    details: dict = {
        "disruption_id": DISRUPTION.disruption_id,
        "flight_id": DISRUPTION.flight_id,
        "decided_at": DISRUPTION.reported_at,
        "solutions": solutions,
        "recommended": solutions[0].solution_id,
        "rejected": (),
        "conflicts": (),
        "manual_review": False,
        "rule_profile": "EASA",
        "rule_profile_verified": True,
        "policy_version": "1",
        "final_decision": "Delay EY283 by an hour",
        "recommendations": (),
        "conflicts_identified": (),
        "conflict_resolutions": (),
        "safety_overrides": (),
        "justification": "",
        "confidence": 0.9,
    }
    return Arbitration(**(details | changes))
