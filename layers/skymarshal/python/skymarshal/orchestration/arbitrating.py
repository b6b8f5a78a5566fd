"""What the arbitrator's worker does: the assessments of both phases become an arbitration."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from skymarshal.checkpoints import AgentRuns, StateView
from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import Phase
from skymarshal.domain.disruption import Disruption
from skymarshal.knowledge import Case, Knowledge, Precedents, consult
from skymarshal.narration import Narrator
from skymarshal.operations import Operations, RememberingTables, TableReader
from skymarshal.orchestration.assessing import assessments_of, disruption_in, rule_profile_in
from skymarshal.orchestration.dispatch import MOST_ATTEMPTS, PendingItem
from skymarshal.orchestration.findings import references
from skymarshal.orchestration.reopening import MANUAL_REVIEW
from skymarshal.orchestration.worker import Result, Work
from skymarshal.recovery import ArbitrationPolicy, arbitrate

__all__ = ["arbitrating"]


def arbitrating(
    runs: AgentRuns,
    tables: TableReader,
    policy: ArbitrationPolicy,
    narrator: Narrator,
    knowledge: Knowledge,
    precedents: Precedents,
) -> Work:
    """Return the work of the arbitrator over `tables`.

    Args:
        runs: where the agents' assessments are kept.
        tables: the operational tables.
        policy: how solutions are scored.
        narrator: words the justification.
        knowledge: where guidance is found that the decision cites.
        precedents: where past decisions are found.
    """

    def work(item: PendingItem, state: StateView) -> Result:
        disruption = disruption_in(state)
        phases = (Phase.INITIAL, Phase.REVISION)
        contents = runs.hydrate_all(references(state.values.get("findings", {}), phases))
        seen = replace(state, assessments={ref.digest: content for ref, content in contents.items()})
        assessments = tuple(each for phase in phases for each in assessments_of(seen, phase, disruption))
        remembered = RememberingTables(tables)
        operations = Operations(remembered)
        arbitration = arbitrate(disruption, assessments, operations, policy, rule_profile_in(state))
        if remembered.away is not None and not _is_last_attempt(runs, item):
            # A table that is away for a moment costs another attempt, not the decision.
            raise remembered.away
        case = _case(disruption, operations)
        arbitration = consult(arbitration, disruption, case, knowledge, precedents)
        arbitration = _worded(arbitration, disruption, narrator)
        return Result(
            content=msgspec.json.encode(arbitration),
            verdict=MANUAL_REVIEW if arbitration.manual_review else "decided",
            headline=arbitration.final_decision,
            confidence=arbitration.confidence,
        )

    return work


def _is_last_attempt(runs: AgentRuns, item: PendingItem) -> bool:
    """Return whether nobody tries again after this attempt, so that what is missing has to be said."""
    tried = [run.attempt for run in runs.read(item.thread_id, item.checkpoint_id) if run.agent == item.agent]
    return max(tried, default=1) >= MOST_ATTEMPTS


def _case(disruption: Disruption, operations: Operations) -> Case | None:
    flight = operations.flight(disruption.flight_id)
    if flight is None:
        return None
    return Case(kind=disruption.type, airport=disruption.airport or flight.origin, fleet=flight.aircraft_type)


def _worded(arbitration: Arbitration, disruption: Disruption, narrator: Narrator) -> Arbitration:
    """Return `arbitration` with its narrative, which changes nothing else in it."""
    # Of the recommended option only: a figure of another one, quoted alone, would be taken for this one's.
    facts = [arbitration.final_decision, *arbitration.recommendations]
    narration = narrator.word(arbitration.justification, facts, disruption.description)
    return replace(arbitration, narrative=narration.text, narrated_by=narration.source)
