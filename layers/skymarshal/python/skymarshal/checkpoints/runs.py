"""Agents at a barrier: who works on what, what they decided, and who may still say so.

A run is claimed before work begins, so that two deliveries of one agent do not both work. The claim is
a lease: a worker that died is replaced once it has run out. The assessment is written first, immutable
and addressed by its content; completing the claim then points at it, and only the present holder can.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from skymarshal.checkpoints.errors import ClaimLost, DamagedCheckpoint, PayloadMissing
from skymarshal.checkpoints.keys import HIGH, CheckpointAddress, agent_of, claim_key, claims_low, decided_key
from skymarshal.checkpoints.payloads import DEFAULT_LIMITS, Limits, Payloads
from skymarshal.checkpoints.records import SCHEMA, SCHEMA_VERSION, check_schema
from skymarshal.checkpoints.retention import LONGEST_WAIT, Retention, format_time
from skymarshal.checkpoints.run_items import (
    AGENT,
    ATTEMPT,
    CONFIDENCE,
    DECIDED_AT,
    DIGEST,
    ENDED_AT,
    ERROR,
    HEADLINE,
    LEASE,
    PHASE,
    SIZE,
    STARTED_AT,
    STATE,
    WORKER,
    AgentRun,
    Reference,
    RunState,
    run_of,
)
from skymarshal.checkpoints.store import (
    SORT,
    Absent,
    AllOf,
    AnyOf,
    Condition,
    ConditionFailed,
    Equals,
    Expired,
    Item,
    Put,
    Store,
    Update,
    Value,
)
from skymarshal.contracts import TTL_ATTRIBUTE, owned_attribute
from skymarshal.ports import Clock

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import CipherProtocol

__all__ = ["AgentRuns", "Claim"]

CONTENT: Final = "b"
MOMENT: Final = "d"
_MOST_HEADLINE_BYTES: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to complete an agent run, until another worker takes it over.

    Attributes:
        address: the barrier.
        agent: which agent.
        phase: the phase it runs in.
        worker: who holds it.
        attempt: from 1.
    """

    address: CheckpointAddress
    agent: str
    phase: str
    worker: str
    attempt: int


class AgentRuns:
    """Claims, assessments and outcomes of agent runs.

    Args:
        store: where they are kept.
        clock: supplies the present.
        retention: how long they are kept, from when they were written.
        cipher: encrypts assessments where given.
        limits: from which size on an assessment is an object on S3.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        retention: timedelta = timedelta(days=90),
        cipher: CipherProtocol | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._store = store
        self._retention = Retention(clock, retention)
        self._payloads = Payloads(store, limits)
        self._cipher = cipher

    def claim(
        self,
        thread_id: str,
        checkpoint_id: str,
        agent: str,
        *,
        phase: str,
        worker: str,
        lease: timedelta,
    ) -> Claim:
        """Take an agent run, from nobody, from a failed attempt or from a worker whose lease has run out.

        Raises:
            ClaimLost: another worker holds it, or it is completed; `run` on the error tells which.
        """
        address = CheckpointAddress(thread_id, "", checkpoint_id)
        claim = Claim(address=address, agent=agent, phase=phase, worker=worker, attempt=1)
        try:
            self._take(claim, lease, Absent())
            return claim
        except ConditionFailed as error:
            found = error.failures[0]
        if found is None or not self._retention.is_live(found):
            taken: Condition = AnyOf((Absent(), Expired(self._retention.now)))
        else:
            run = run_of(found)
            mine = Claim(address=address, agent=agent, phase=phase, worker=worker, attempt=run.attempt)
            if run.state is RunState.STARTED and run.worker == worker:
                return mine
            if run.state is RunState.COMPLETED or (
                run.state is RunState.STARTED and run.lease_until > self._retention.clock()
            ):
                raise ClaimLost(
                    f"{agent} at checkpoint {checkpoint_id} of thread {thread_id!r} is {run.state}"
                    f" by worker {run.worker!r}, attempt {run.attempt}",
                    run,
                )
            claim = Claim(address=address, agent=agent, phase=phase, worker=worker, attempt=run.attempt + 1)
            taken = AllOf(
                (
                    Equals(WORKER, run.worker),
                    Equals(ATTEMPT, run.attempt),
                    Equals(STATE, run.state.value),
                )
            )
        try:
            self._take(claim, lease, taken)
        except ConditionFailed as error:
            raise self._lost(claim, error) from error
        return claim

    def decide(self, claim: Claim, assessment: bytes) -> Reference:
        """Store an assessment, immutable and addressed by its content. Storing it twice changes nothing."""
        address = claim.address
        return self.deposit(address.thread_id, address.checkpoint_id, claim.agent, assessment)

    def deposit(self, thread_id: str, checkpoint_id: str, name: str, content: bytes) -> Reference:
        """Store content at a checkpoint under a name of its own, as `decide` does, without a claim.

        What must be kept beside a thread and is too large for it, such as a decision, is deposited first;
        the thread then carries the reference.
        """
        address = CheckpointAddress(thread_id, "", checkpoint_id)
        digest = hashlib.sha256(content).hexdigest()[:32]
        expires = self._retention.expires + int(LONGEST_WAIT.total_seconds())
        blob = self._payloads.blob(
            thread_id, content, self._cipher, expires=expires, limit=self._payloads.limits.item
        )
        self._store.write(
            [
                Put(
                    key=decided_key(address, name, digest),
                    attributes={
                        SCHEMA: SCHEMA_VERSION,
                        owned_attribute(name, CONTENT): blob,
                        MOMENT: int(self._retention.clock().timestamp() * 1000),
                        TTL_ATTRIBUTE: expires,
                    },
                )
            ]
        )
        return Reference(
            thread_id=address.thread_id,
            checkpoint_id=address.checkpoint_id,
            agent=name,
            digest=digest,
            size=len(content),
        )

    def complete(
        self,
        claim: Claim,
        reference: Reference,
        *,
        headline: Mapping[str, Any] | None = None,
        confidence: Decimal | None = None,
    ) -> None:
        """End the run with its assessment.

        Args:
            claim: what `claim` returned.
            reference: what `decide` returned.
            headline: a few plain values for graph state, at most 600 bytes as JSON.
            confidence: as the agent states it.

        Raises:
            ClaimLost: another worker has taken the run over.
            ValueError: the headline is too long.
        """
        now = format_time(self._retention.clock())
        outcome: dict[str, Value] = {
            STATE: RunState.COMPLETED.value,
            owned_attribute(claim.agent, DIGEST): reference.digest,
            owned_attribute(claim.agent, SIZE): reference.size,
            DECIDED_AT: now,
            ENDED_AT: now,
        }
        if headline is not None:
            text = json.dumps(headline, separators=(",", ":"), ensure_ascii=False)
            if len(text.encode()) > _MOST_HEADLINE_BYTES:
                raise ValueError(
                    f"headline of {len(text.encode())} bytes; the most is {_MOST_HEADLINE_BYTES}"
                )
            outcome[owned_attribute(claim.agent, HEADLINE)] = text
        if confidence is not None:
            outcome[owned_attribute(claim.agent, CONFIDENCE)] = str(confidence)
        self._end(claim, outcome)

    def fail(self, claim: Claim, error: str) -> None:
        """End the run without an assessment, so that another worker may claim it at once.

        Raises:
            ClaimLost: another worker has taken the run over.
        """
        self._end(
            claim,
            {
                STATE: RunState.FAILED.value,
                ERROR: error[:500],
                ENDED_AT: format_time(self._retention.clock()),
            },
        )

    def read(self, thread_id: str, checkpoint_id: str) -> tuple[AgentRun, ...]:
        """Return every agent run at a barrier, in one read, without the assessments."""
        address = CheckpointAddress(thread_id, "", checkpoint_id)
        low = claims_low(address)
        items = self._store.query(address.partition, low, f"{low}{HIGH}")
        return tuple(run_of(item) for item in items if self._retention.is_live(item))

    def hydrate(self, reference: Reference) -> bytes:
        """Return the assessment that a reference stands for.

        Raises:
            PayloadMissing: it is gone.
            DamagedCheckpoint: it is not what was written.
        """
        return self.hydrate_all((reference,))[reference]

    def hydrate_all(self, references: Iterable[Reference]) -> dict[Reference, bytes]:
        """Return several assessments, in one read."""
        keys = {
            reference: decided_key(
                CheckpointAddress(reference.thread_id, "", reference.checkpoint_id),
                reference.agent,
                reference.digest,
            )
            for reference in references
        }
        found = self._store.get_many(list(keys.values())) if keys else {}
        contents: dict[Reference, bytes] = {}
        for reference, key in keys.items():
            item = found.get(key)
            if item is None or not self._retention.is_live(item):
                raise PayloadMissing(f"assessment {reference} is gone")
            contents[reference] = assessment_in(item, reference.thread_id, self._payloads, self._cipher)
        return contents

    def _take(self, claim: Claim, lease: timedelta, condition: Condition) -> None:
        now = self._retention.clock()
        self._store.write(
            [
                Put(
                    key=claim_key(claim.address, claim.agent),
                    attributes={
                        AGENT: claim.agent,
                        PHASE: claim.phase,
                        STATE: RunState.STARTED.value,
                        WORKER: claim.worker,
                        ATTEMPT: claim.attempt,
                        LEASE: format_time(now + lease),
                        STARTED_AT: format_time(now),
                        TTL_ATTRIBUTE: self._retention.expires + int(LONGEST_WAIT.total_seconds()),
                    },
                    condition=condition,
                )
            ]
        )

    def _end(self, claim: Claim, outcome: Mapping[str, Value]) -> None:
        key = claim_key(claim.address, claim.agent)
        held = AllOf(
            (
                Equals(WORKER, claim.worker),
                Equals(ATTEMPT, claim.attempt),
                Equals(STATE, RunState.STARTED.value),
            )
        )
        try:
            self._store.write([Update(key=key, set=outcome, condition=held)])
        except ConditionFailed as error:
            found = error.failures[0]
            if found is None or not self._is_own(found, claim, outcome):
                raise self._lost(claim, error) from error

    @staticmethod
    def _is_own(found: Item, claim: Claim, outcome: Mapping[str, Value]) -> bool:
        digest = owned_attribute(claim.agent, DIGEST)
        return (
            found.get(WORKER) == claim.worker
            and found.get(ATTEMPT) == claim.attempt
            and found.get(STATE) == outcome[STATE]
            and found.get(digest) == outcome.get(digest)
        )

    @staticmethod
    def _lost(claim: Claim, error: ConditionFailed) -> ClaimLost:
        found = error.failures[0]
        run = None if found is None else run_of(found)
        holder = "nobody" if run is None else f"worker {run.worker!r}, attempt {run.attempt}, {run.state}"
        return ClaimLost(
            f"{claim.agent} at checkpoint {claim.address.checkpoint_id} of thread"
            f" {claim.address.thread_id!r} is no longer worker {claim.worker!r}'s, attempt {claim.attempt};"
            f" it is held by {holder}",
            run,
        )


def assessment_in(item: Item, thread_id: str, payloads: Payloads, cipher: CipherProtocol | None) -> bytes:
    """Return the assessment that a decided item holds, checked against the digest in its key."""
    sort = str(item[SORT])
    digest = sort.rsplit("#", 1)[1]
    where = f"assessment {digest} of thread {thread_id!r}"
    check_schema(item, where)
    blob = item.get(owned_attribute(agent_of(sort), CONTENT))
    if not isinstance(blob, bytes):
        raise DamagedCheckpoint(f"{where} has no content")
    content = bytes(payloads.open_blob(thread_id, blob, cipher))
    if hashlib.sha256(content).hexdigest()[:32] != digest:
        raise DamagedCheckpoint(f"{where} does not match its digest")
    return content
