"""The whole flow in one process: the same graph, workers and joins, a thread pool in place of the map."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from skymarshal.checkpoints import AgentRuns, CheckpointSaver, ThreadManager
from skymarshal.contracts import DEFAULT_RULE_PROFILE
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, Phase
from skymarshal.domain.decision import Decision, DecisionRecord
from skymarshal.domain.disruption import Disruption
from skymarshal.knowledge import EmbeddedKnowledge, Knowledge, MemoryPrecedents, Precedents
from skymarshal.narration import Narrator, TemplateNarrator
from skymarshal.operations import TableReader
from skymarshal.orchestration.announcements import SilentAnnouncer
from skymarshal.orchestration.approvals import Approval, Approvals, NoFlow
from skymarshal.orchestration.arbitrating import arbitrating
from skymarshal.orchestration.assessing import assessing
from skymarshal.orchestration.coordinator import Coordinator
from skymarshal.orchestration.dispatch import Advance, PendingItem
from skymarshal.orchestration.finalising import Finaliser
from skymarshal.orchestration.records import DecisionRecords
from skymarshal.orchestration.state import Finding
from skymarshal.orchestration.worker import Worker
from skymarshal.ports import Clock, IdSource, new_id
from skymarshal.recovery import DEFAULT_POLICY, ArbitrationPolicy

__all__ = ["Decide", "InProcessRunner"]

logger = logging.getLogger(__name__)

_PATIENCE: Final = timedelta(hours=4)

Decide = Callable[[Arbitration], Decision]
"""The duty manager: given what is offered, the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InProcessRunner:
    """Runs disruptions from report to record in this process.

    Attributes:
        saver: keeps the checkpoints; in memory for development.
        tables: the operational tables.
        clock: dates and measures.
        worker_ids: names each worker.
        policy: how solutions are scored.
        narrator: words the justification.
        knowledge: where guidance is found.
        precedents: keeps past decisions, and finds them.
        records: keeps the decision records.
        on_finding: told of each agent's result as it comes in.
        rule_profile: whose flight time limitations hold.
    """

    saver: CheckpointSaver
    tables: TableReader
    clock: Clock
    worker_ids: IdSource = new_id
    policy: ArbitrationPolicy = DEFAULT_POLICY
    narrator: Narrator = field(default_factory=TemplateNarrator)
    knowledge: Knowledge = field(default_factory=EmbeddedKnowledge)
    precedents: Precedents = field(default_factory=MemoryPrecedents)
    records: DecisionRecords
    on_finding: Callable[[Finding], None] = lambda _: None
    rule_profile: str = DEFAULT_RULE_PROFILE

    def run(self, disruption: Disruption, decide: Decide) -> DecisionRecord:
        """Take one disruption from its report to its decision record.

        Raises:
            DecisionTaken: the disruption has been decided before with another decision.
        """
        threads = ThreadManager(self.saver.store, self.clock)
        runs = AgentRuns(self.saver.store, self.clock)
        coordinator = Coordinator(self.saver, rule_profile=self.rule_profile)
        approvals = Approvals(threads, runs, NoFlow(), SilentAnnouncer(), self.clock)
        finaliser = Finaliser(
            self.saver,
            runs,
            threads,
            coordinator,
            approvals,
            self.records,
            SilentAnnouncer(),
            self.precedents,
        )
        thread = threads.create_thread(disruption.disruption_id, flight=disruption.flight_id)
        self._work_through(coordinator, runs, thread.thread_id, disruption)
        approval = self._asked(approvals, thread.thread_id)
        if approval.decision is None:
            approvals.decide(thread.thread_id, decide(approval.arbitration))
        return finaliser.conclude(thread.thread_id)

    def _work_through(
        self, coordinator: Coordinator, runs: AgentRuns, thread_id: str, disruption: Disruption
    ) -> None:
        agents = Worker(self.saver, runs, assessing(self.tables, self.clock))
        arbitrating_work = arbitrating(
            runs, self.tables, self.policy, self.narrator, self.knowledge, self.precedents
        )
        arbitrator = Worker(self.saver, runs, arbitrating_work)
        with ThreadPoolExecutor(max_workers=len(AgentName)) as pool:
            advance = coordinator.begin(thread_id, disruption)
            for phase in Phase:
                worker, complete = arbitrator if phase is Phase.ARBITRATION else agents, False
                while not complete:
                    self._do(pool, worker, advance)
                    advance = coordinator.join(thread_id, phase, advance.attempt)
                    complete = advance.complete

    def _do(self, pool: ThreadPoolExecutor, worker: Worker, advance: Advance) -> None:
        def attempt(item: PendingItem) -> Finding:
            return worker.run(item, self.worker_ids())

        work = {pool.submit(attempt, item): item for item in advance.items}
        for future in as_completed(work):
            item, error = work[future], future.exception()
            if error is None:
                self.on_finding(future.result())
            elif item.agent is AgentName.ARBITRATOR:
                raise error
            else:
                logger.warning(
                    "%s (%s) failed, attempt %d: %s", item.agent, item.phase, advance.attempt, error
                )

    def _asked(self, approvals: Approvals, thread_id: str) -> Approval:
        approval = approvals.view(thread_id)
        if approval.decision is None:
            return approvals.ask(thread_id, "in process", _PATIENCE)
        return approval
