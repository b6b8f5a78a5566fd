"""What an agent is given, what it gives back, and how sure it may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias, TypeVar

from skymarshal.contracts import OPERATIONS_TABLES_BY_AGENT
from skymarshal.domain.assessment import (
    AgentName,
    Assessment,
    AssessmentStatus,
    Constraint,
    ConstraintKind,
    Curve,
    Evidence,
    Figure,
    Option,
    Phase,
    Subject,
    SubjectKind,
    TakenOver,
    Unknown,
    Verdict,
)
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.ftl import EASA, FtlProfile, profile_named
from skymarshal.operations import Key, Operations, RecordTable, SortCondition, TableReader
from skymarshal.operations.records import Flight, Record

__all__ = [
    "CLOCK_MARGIN",
    "Agent",
    "AssessmentRequest",
    "Findings",
    "ForeignTableError",
    "OwnTables",
    "clock_share",
    "confidence",
    "duration_share",
    "flight_over",
    "flight_unknown",
]

CLOCK_MARGIN: Final = timedelta(minutes=120)
"""The slack to a clock limit (a curfew, a slot, a latest departure) that counts as a share of 1."""

COMFORTABLE_SHARE: Final = 0.20
"""A distance of a fifth of the limit or more takes nothing from the confidence."""

CONFIDENCE_AT_LIMIT: Final = 0.6

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRequest:
    """One agent's work in one phase.

    `others` are the other agents' initial assessments and `before` is this agent's own; both are
    empty in the initial phase, which is blind. In the revision phase they are all that was found,
    failed assessments included. `rule_profile` names the flight time limitations in force.
    """

    disruption: Disruption
    phase: Phase
    others: tuple[Assessment, ...] = ()
    before: Assessment | None = None
    rule_profile: str = EASA.name
    initial: tuple[Assessment, ...] = field(init=False, repr=False, compare=False)
    """Every completed initial assessment, in the agents' order; the same for all seven agents."""

    @property
    def profile(self) -> FtlProfile:
        """The flight time limitations in force.

        Raises:
            UnknownCodeError: there are none of that name.
        """
        return profile_named(self.rule_profile)

    def __post_init__(self) -> None:
        found = self.others if self.before is None else (*self.others, self.before)
        order = list(AgentName)
        completed = (one for one in found if one.status is AssessmentStatus.COMPLETED)
        object.__setattr__(self, "initial", tuple(sorted(completed, key=lambda one: order.index(one.agent))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What an agent found, before it is dated and signed as an assessment.

    Attributes:
        facts_known: how many of the facts that the answer needs were found; each entry in `unknowns`
            is one that was not.
        margin: the distance to the nearest limit as a share of it (see `duration_share` and
            `clock_share`), negative where it is broken, None where no limit applies.
        taken_over: what other agents found and this one computed with.
    """

    verdict: Verdict
    recommendation: str
    facts_known: int
    constraints: tuple[Constraint, ...] = ()
    figures: tuple[Figure, ...] = ()
    curves: tuple[Curve, ...] = ()
    options: tuple[Option, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()
    margin: float | None = None
    taken_over: tuple[TakenOver, ...] = ()


Agent: TypeAlias = Callable[[AssessmentRequest, Operations], Findings]
"""An agent: a pure function of its request and of the rows that it reads."""


class ForeignTableError(LookupError):
    """An agent read a table that is not among its own."""

    def __init__(self, agent: AgentName, table: str) -> None:
        self.agent = agent
        self.table = table
        own = ", ".join(OPERATIONS_TABLES_BY_AGENT[agent])
        super().__init__(f"{agent} may not read table {table!r}; its tables are {own}")


class OwnTables:
    """A `TableReader` that hands an agent its own tables and refuses every other."""

    def __init__(self, agent: AgentName, tables: TableReader) -> None:
        self._agent = agent
        self._own = frozenset(OPERATIONS_TABLES_BY_AGENT[agent])
        self._tables = tables

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""
        self._check(table.name)
        return self._tables.get(table, key)

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`."""
        self._check(table.name)
        return self._tables.batch_get(table, keys)

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        """Return the rows of one partition."""
        self._check(table.name)
        return self._tables.query(table, partition, index=index, sort=sort)

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call every thunk as the tables behind do."""
        return self._tables.run_together(thunks)

    def _check(self, table: str) -> None:
        if table not in self._own:
            raise ForeignTableError(self._agent, table)


def duration_share(value: timedelta, limit: timedelta) -> float:
    """Return how much of a duration limit is left, as a share of it: 0 at the limit, negative beyond."""
    return (limit - value) / limit


def clock_share(slack: timedelta) -> float:
    """Return the slack to a clock limit as a share of two hours: 0 at the limit, negative beyond."""
    return slack / CLOCK_MARGIN


def confidence(*, known: int, unknown: int, margin: float | None) -> float:
    """Return how far an answer can be relied on, 0 to 1.

    The share of the needed facts that were known, times a factor for the distance to the nearest
    limit: 0.6 exactly at the limit, rising in a line to 1 at a fifth of it. The distance counts on
    either side, since an answer just beyond a limit is as easily overturned as one just within.
    Without a limit the factor is 1; with no fact known the confidence is 0.

    Args:
        known: needed facts that were found.
        unknown: needed facts that were not.
        margin: the signed share left to the nearest limit, or None.
    """
    if known <= 0:
        return 0.0
    factor = 1.0
    if margin is not None:
        closeness = min(1.0, abs(margin) / COMFORTABLE_SHARE)
        factor = CONFIDENCE_AT_LIMIT + (1.0 - CONFIDENCE_AT_LIMIT) * closeness
    return round(known / (known + unknown) * factor, 3)


def flight_unknown(agent: AgentName, request: AssessmentRequest) -> Findings:
    """Return the findings of an agent that finds no row for the flight: nothing can be said."""
    flight_id = request.disruption.flight_id
    missing = Unknown(
        table="Flights",
        key=flight_id,
        field="flight_id",
        why="Nothing can be said of a flight that the schedule does not hold.",
    )
    constraint = Constraint(
        kind=ConstraintKind.UNKNOWN_FACT,
        subject=Subject(kind=SubjectKind.FLIGHT, key=flight_id),
        text=f"{flight_id} is not in the schedule.",
        binding=agent.is_safety,
    )
    return Findings(
        verdict=Verdict.UNKNOWN,
        recommendation=f"Confirm the flight: {flight_id} is not in the schedule.",
        facts_known=0,
        constraints=(constraint,),
        unknowns=(missing,),
    )


def flight_over(agent: AgentName, flight: Flight) -> Findings | None:
    """Return the findings on a flight that has left or is cancelled; None while it is still to leave.

    Every limit and figure here is of a departure to come. Where an aircraft in the air is and what it can
    still reach no table says, so a person has to.
    """
    if flight.status == "scheduled":
        return None
    why = f"{flight.flight_id} is {flight.status}: what is checked here is a departure still to come."
    constraint = Constraint(
        kind=ConstraintKind.UNKNOWN_FACT,
        subject=Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id),
        text=why,
        binding=agent.is_safety,
        evidence=(Evidence(table="Flights", key=flight.flight_id, field="status", value=flight.status),),
    )
    return Findings(
        verdict=Verdict.UNKNOWN,
        recommendation=f"Decide by hand: {why}",
        facts_known=1,
        constraints=(constraint,),
        unknowns=(Unknown(table="Flights", key=flight.flight_id, field="status", why=why),),
    )
