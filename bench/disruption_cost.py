"""What one whole disruption costs on AWS without a model: counted calls at list prices.

The run is in one process over moto: the store's calls and DynamoDB's units are counted as moto reports them,
the operational reads by the sizes of the rows that they return. The milliseconds are those of this process,
moto's own work included. The states are those that the state machine enters when nothing fails. Logs, traces,
metrics and what is stored for longer are not counted.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from moto import mock_aws

from bench.document import Figure, as_table, keep
from bench.prices import PRICES, cost
from skymarshal import aws
from skymarshal.checkpoints import AgentRuns, CheckpointSaver, ThreadManager
from skymarshal.contracts import (
    AGENT_NAMES,
    THREAD_STATUS_INDEX,
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
)
from skymarshal.domain.assessment import Phase
from skymarshal.domain.decision import Decision, DecisionOutcome
from skymarshal.intake import SAMPLE_AHEAD, parse_event
from skymarshal.knowledge import EmbeddedKnowledge, MemoryPrecedents
from skymarshal.metering import Meter, Usage
from skymarshal.narration import TemplateNarrator
from skymarshal.operations import InMemoryTables, Key, Operations, RecordTable, SortCondition, TableReader
from skymarshal.operations.airline import SCENARIOS, generate, scenario_event
from skymarshal.operations.items import to_item
from skymarshal.operations.records import Record
from skymarshal.orchestration.announcements import BusAnnouncer
from skymarshal.orchestration.approvals import Approvals, NoFlow
from skymarshal.orchestration.arbitrating import arbitrating
from skymarshal.orchestration.assessing import assessing
from skymarshal.orchestration.coordinator import Coordinator
from skymarshal.orchestration.dispatch import Advance
from skymarshal.orchestration.finalising import Finaliser
from skymarshal.orchestration.progress import Progress
from skymarshal.orchestration.records import S3DecisionRecords
from skymarshal.orchestration.worker import Worker
from skymarshal.ports import system_clock
from skymarshal.recovery import DEFAULT_POLICY

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from botocore.model import OperationModel

MOST_USD = Decimal("0.003")
TODAY = date(2026, 2, 5)
TODAY_AT_NOON = datetime(2026, 2, 5, 12, tzinfo=UTC)
TABLE, BUCKET, BUS, REGION = "SkyMarshalCheckpoints", "skymarshal-checkpoints", "skymarshal", "us-east-1"

R = TypeVar("R", bound=Record)
T = TypeVar("T")

MEMORY_MB = {"intake": 512, "phase": 1769, "agent": 1024, "arbitration": 3008, "api": 512}

STATES_AROUND = 8
"""The start, the dispatch, two joins with their choices, the request for approval, the end."""

STATES_OF_A_PHASE = 1 + 2 * len(AGENT_NAMES)
"""The map, and for each agent the choice and the task."""

QUEUE_REQUESTS = 3
"""Sent, received, deleted."""

API_REQUESTS = 2
"""The duty manager reads what is offered and decides."""

KMS_REQUESTS = 4
"""The task token sealed and opened, and the table's and the bucket's data key once each."""


class MeteredTables:
    """A `TableReader` that adds up the read units that its answers would take from DynamoDB.

    Reads are eventually consistent: half a unit for each 4 KB, rounded up for each row of a get and for
    each query as a whole.
    """

    def __init__(self, tables: TableReader) -> None:
        self._tables = tables
        self.units = 0.0
        self.calls = 0

    def get(self, table: RecordTable[R], key: Key) -> R | None:
        """Return the row with this primary key, or None."""
        row = self._tables.get(table, key)
        self._count([0 if row is None else _bytes(row)], calls=1)
        return row

    def batch_get(self, table: RecordTable[R], keys: Sequence[Key]) -> list[R]:
        """Return the rows that exist among `keys`."""
        rows = self._tables.batch_get(table, keys)
        self._count([_bytes(row) for row in rows], calls=math.ceil(len(keys) / 100))
        return rows

    def query(
        self,
        table: RecordTable[R],
        partition: str,
        *,
        index: str | None = None,
        sort: SortCondition | None = None,
    ) -> list[R]:
        """Return the rows of one partition."""
        rows = self._tables.query(table, partition, index=index, sort=sort)
        self._count([sum(map(_bytes, rows))], calls=1)
        return rows

    def run_together(self, thunks: Sequence[Callable[[], T]]) -> list[T]:
        """Call every thunk and return their results in order."""
        return [thunk() for thunk in thunks]

    def _count(self, sizes: Sequence[int], *, calls: int) -> None:
        self.calls += calls
        self.units += sum(0.5 * max(1, math.ceil(size / 4096)) for size in sizes)


def _bytes(row: Record) -> int:
    return len(json.dumps(to_item(row), separators=(",", ":")))


@dataclass(slots=True)
class Bill:
    """What one run used."""

    invocations: int = 0
    milliseconds: float = 0.0
    gigabyte_seconds: float = 0.0
    usage: Usage = field(default_factory=lambda: Usage(calls={}, read_units=0.0, write_units=0.0))
    write_units: float = 0.0
    read_units: float = 0.0
    operations_units: float = 0.0

    def invoke(self, function: str, work: Callable[[], T]) -> T:
        """Do what a function does, and count its time at the function's memory."""
        began = time.perf_counter()
        result = work()
        spent = math.ceil((time.perf_counter() - began) * 1000)
        self.invocations += 1
        self.milliseconds += spent
        self.gigabyte_seconds += spent / 1000 * MEMORY_MB[function] / 1024
        return result

    def quantities(self) -> dict[str, float]:
        """Return how much of each priced thing was used."""
        return {
            "lambda time": self.gigabyte_seconds,
            "lambda requests": self.invocations,
            "state transitions": STATES_AROUND + 2 * STATES_OF_A_PHASE,
            "dynamodb writes": self.write_units,
            "dynamodb reads": self.read_units + self.operations_units,
            "s3 requests": self.usage.calls.get("s3", 0),
            "sqs": QUEUE_REQUESTS,
            "eventbridge": 1 + self.usage.calls.get("events", 0),
            "sns": 1,
            "http api": API_REQUESTS,
            "kms": KMS_REQUESTS,
        }

    def total(self) -> Decimal:
        """Return the cost in USD."""
        return sum((cost(name, quantity) for name, quantity in self.quantities().items()), Decimal(0))


def main() -> bool:
    """Print and keep what each shipped disruption costs; return whether all are cheap enough."""
    tables = InMemoryTables(generate("small", TODAY, Random(7)))
    bills: dict[str, Bill] = {}
    with mock_aws():
        os.environ |= {"AWS_DEFAULT_REGION": REGION}
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")
        create_store()
        meter, units = Meter(), StoreUnits()
        aws.attach(meter)
        aws.attach(units)
        # The first is run for the imports and caches alone: a function is warm, or restored with them.
        run(next(iter(SCENARIOS)), tables, meter, units)
        boto3.client("dynamodb").delete_table(TableName=TABLE)
        create_table()
        for name in SCENARIOS:
            bills[name] = run(name, tables, meter, units)
    report = as_markdown(bills)
    print(report)
    keep("Cost of a disruption", report)
    return max(bill.total() for bill in bills.values()) < MOST_USD


def as_markdown(bills: Mapping[str, Bill]) -> str:
    """Return what each disruption costs and the dearest line by line."""
    figures = [
        Figure(
            what=f"{name}, {bill.milliseconds:.0f} ms of functions",
            ours=f"{bill.total():.6f} USD",
            limit=f"{MOST_USD} USD",
            holds=bill.total() < MOST_USD,
        )
        for name, bill in bills.items()
    ]
    dearest = max(bills, key=lambda name: bills[name].total())
    lines = []
    for what, quantity in bills[dearest].quantities().items():
        price = PRICES[what]
        lines.append(
            f"| {what} | {quantity:.3f} {price.unit} | {cost(what, quantity):.6f} | {price.source} |"
        )
    return "\n".join(
        [
            "One whole disruption without a model, from its event to its record: counted calls at list",
            "prices of US East (N. Virginia), without a free tier. Every request to S3 is counted as the",
            "dearest kind. Logs, traces, metrics and storage are left out.",
            "",
            as_table(figures),
            "",
            f"{dearest.capitalize()}, the dearest, line by line:",
            "",
            "| What | Used | USD | Price from |",
            "|---|---|---|---|",
            *lines,
        ]
    )


class StoreUnits:
    """Counts the checkpoint table's units by the sizes of what is written and read: moto reports ones.

    A write takes a unit for each KB, twice that within a transaction, and one more for an item that the index
    holds; a read takes one for each 4 KB, half of that where it need not be consistent.
    """

    def __init__(self) -> None:
        self.written = self.read = 0.0

    def attach(self, events: BaseEventHooks) -> None:
        """Count what is called from now on through clients made with `events`."""
        events.register("provide-client-params.dynamodb", self._asked)
        events.register("after-call.dynamodb", self._answered)

    def take(self) -> tuple[float, float]:
        """Return write and read units since the last time, and begin anew."""
        units = self.written, self.read
        self.written = self.read = 0.0
        return units

    def _asked(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        if model.name == "TransactWriteItems":
            for action in params["TransactItems"]:
                ((_kind, request),) = action.items()
                self.written += 2 * _write_units(request)
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            self.written += _write_units(params)
        self._consistent = bool(params.get("ConsistentRead"))

    def _answered(self, parsed: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        factor = 1.0 if self._consistent else 0.5
        if model.name == "Query":
            size = sum(_attribute_bytes(item) for item in parsed.get("Items", ()))
            self.read += factor * max(1, math.ceil(size / 4096))
        elif model.name == "GetItem":
            self.read += factor * max(1, math.ceil(_attribute_bytes(parsed.get("Item", {})) / 4096))
        elif model.name == "BatchGetItem":
            for items in parsed.get("Responses", {}).values():
                self.read += sum(factor * math.ceil(_attribute_bytes(item) / 4096) for item in items)


def _write_units(request: Mapping[str, Any]) -> int:
    """Return the units of one write; an update or a check is of an item below 1 KB, as all of ours are."""
    item = request.get("Item", {})
    values = request.get("ExpressionAttributeValues", {})
    indexed = THREAD_STATUS_INDEX_PARTITION in item or "THREAD" in str(request.get("Key", {}).get("SK", ""))
    return max(1, math.ceil(_attribute_bytes(item or values) / 1024)) + indexed


def _attribute_bytes(value: object) -> int:
    """Return about how many bytes DynamoDB counts for an attribute value or an item."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping):
        return sum(len(str(name)) + _attribute_bytes(each) for name, each in value.items())
    if isinstance(value, list | tuple | set):
        return sum(1 + _attribute_bytes(each) for each in value)
    return 1


def create_store() -> None:
    """Make the bucket, the bus and the checkpoint table."""
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    boto3.client("events").create_event_bus(Name=BUS)
    create_table()


def create_table() -> None:
    """Make the checkpoint table, empty."""
    index = [THREAD_STATUS_INDEX_PARTITION, THREAD_STATUS_INDEX_SORT]
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys(["PK", "SK"]),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK", *index)],
        GlobalSecondaryIndexes=[
            {
                "IndexName": THREAD_STATUS_INDEX,
                "KeySchema": _keys(index),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _keys(names: Sequence[str]) -> list[Any]:
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
    ]


def run(name: str, tables: InMemoryTables, meter: Meter, units: StoreUnits) -> Bill:
    """Return what one shipped disruption uses, from its event to its record."""
    bill, reads = Bill(), MeteredTables(tables)
    saver = CheckpointSaver.from_aws(table_name=TABLE, bucket_name=BUCKET)
    threads, runs = ThreadManager(saver.store, system_clock), AgentRuns(saver.store, system_clock)
    coordinator, precedents = Coordinator(saver), MemoryPrecedents()
    announcer = BusAnnouncer(aws.events_client(), BUS)
    progress = Progress(announcer)
    approvals = Approvals(threads, runs, NoFlow(), announcer, system_clock)
    records = S3DecisionRecords(aws.s3_client(), BUCKET)
    finaliser = Finaliser(saver, runs, threads, coordinator, approvals, records, announcer, precedents)
    agents = Worker(saver, runs, assessing(reads, system_clock))
    words = TemplateNarrator()
    arbitration = arbitrating(runs, reads, DEFAULT_POLICY, words, EmbeddedKnowledge(), precedents)
    arbitrator = Worker(saver, runs, arbitration)
    meter.take(), units.take()

    event = scenario_event(name, TODAY)
    disruption = bill.invoke(
        "intake", lambda: parse_event(event, Operations(reads), TODAY_AT_NOON, most_ahead=SAMPLE_AHEAD)
    )
    thread = threads.create_thread(disruption.disruption_id, flight=disruption.flight_id).thread_id

    def dispatch() -> Advance:
        advance = coordinator.begin(thread, disruption)
        progress.accepted(disruption, thread, "execution")
        return advance

    def arbitrate() -> None:
        advance = coordinator.join(thread, Phase.REVISION, 1)
        progress.joined(advance)
        for item in advance.items:
            arbitrator.run(item, "arbitrator")
        progress.joined(coordinator.join(thread, Phase.ARBITRATION, 1))

    def joined() -> Advance:
        found = coordinator.join(thread, Phase.INITIAL, 1)
        progress.joined(found)
        return found

    def worked_on(advance: Advance) -> None:
        for item in advance.items:
            bill.invoke("agent", partial(agents.run, item, f"worker-{item.agent}-{item.phase}"))

    worked_on(bill.invoke("phase", dispatch))
    worked_on(bill.invoke("phase", joined))
    bill.invoke("arbitration", arbitrate)
    asked = bill.invoke("phase", lambda: approvals.ask(thread, "token", timedelta(hours=4)))
    decision = Decision(
        outcome=DecisionOutcome.APPROVED,
        approver="duty.manager@skymarshal.example",
        role="duty-manager",
        decided_at=system_clock(),
        solution_id=asked.arbitration.recommended,
        acknowledged_unverified=True,
    )
    bill.invoke("api", lambda: approvals.view(thread))
    bill.invoke("api", lambda: approvals.decide(thread, decision))
    bill.invoke("phase", lambda: finaliser.conclude(thread))
    bill.usage = meter.take()
    bill.write_units, bill.read_units = units.take()
    bill.operations_units = reads.units
    return bill


if __name__ == "__main__":
    raise SystemExit(not main())
