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
from skymarshal.intake import parse_event
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
PRICES_OF = date(2024, 11, 1)
"""The last change that is known: DynamoDB's requests at half their price."""
TODAY = date(2026, 2, 5)
TODAY_AT_NOON = datetime(2026, 2, 5, 12, tzinfo=UTC)
TABLE, BUCKET, BUS, REGION = "SkyMarshalCheckpoints", "skymarshal-checkpoints", "skymarshal", "us-east-1"

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price in USD of US East (N. Virginia), without a free tier, and where it is published.

    `read` says whether it was read there; the others are from memory.
    """

    usd: Decimal
    per: int
    unit: str
    source: str
    read: bool = False


PRICES = {
    "lambda time": Price(
        usd=Decimal("0.0000133334"),
        per=1,
        unit="GB-second on arm64",
        source="aws.amazon.com/lambda/pricing",
        read=True,
    ),
    "lambda requests": Price(
        usd=Decimal("0.20"), per=1_000_000, unit="requests", source="aws.amazon.com/lambda/pricing", read=True
    ),
    "state transitions": Price(
        usd=Decimal("0.025"),
        per=1_000,
        unit="transitions",
        source="aws.amazon.com/step-functions/pricing",
        read=True,
    ),
    "dynamodb writes": Price(
        usd=Decimal("0.625"),
        per=1_000_000,
        unit="write units",
        source="aws.amazon.com/dynamodb/pricing/on-demand",
    ),
    "dynamodb reads": Price(
        usd=Decimal("0.125"),
        per=1_000_000,
        unit="read units",
        source="aws.amazon.com/dynamodb/pricing/on-demand",
    ),
    "s3 writes": Price(usd=Decimal("0.005"), per=1_000, unit="PUT", source="aws.amazon.com/s3/pricing"),
    "sqs": Price(usd=Decimal("0.40"), per=1_000_000, unit="requests", source="aws.amazon.com/sqs/pricing"),
    "eventbridge": Price(
        usd=Decimal("1.00"), per=1_000_000, unit="custom events", source="aws.amazon.com/eventbridge/pricing"
    ),
    "sns": Price(usd=Decimal("0.50"), per=1_000_000, unit="publishes", source="aws.amazon.com/sns/pricing"),
    "http api": Price(
        usd=Decimal("1.00"), per=1_000_000, unit="requests", source="aws.amazon.com/api-gateway/pricing"
    ),
    "kms": Price(usd=Decimal("0.03"), per=10_000, unit="requests", source="aws.amazon.com/kms/pricing"),
}

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
            "s3 writes": self.usage.calls.get("s3", 0),
            "sqs": QUEUE_REQUESTS,
            "eventbridge": 1 + self.usage.calls.get("events", 0),
            "sns": 1,
            "http api": API_REQUESTS,
            "kms": KMS_REQUESTS,
        }

    def total(self) -> Decimal:
        """Return the cost in USD."""
        return sum((cost(name, quantity) for name, quantity in self.quantities().items()), Decimal(0))


def cost(name: str, quantity: float) -> Decimal:
    """Return what a quantity costs in USD."""
    price = PRICES[name]
    return price.usd * Decimal(str(quantity)) / price.per


def main() -> bool:
    """Print what each shipped disruption costs and the dearest line by line; return whether all are cheap."""
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
    dearest = max(bills, key=lambda name: bills[name].total())
    print(f"list prices of {PRICES_OF.isoformat()}, US East (N. Virginia), no free tier")
    for name, bill in bills.items():
        print(f"  {name:<12} {bill.total():.6f} USD, {bill.milliseconds:.0f} ms of functions")
    show(dearest, bills[dearest])
    return bills[dearest].total() < MOST_USD


def show(name: str, bill: Bill) -> None:
    """Print the lines of a bill."""
    print(f"{name}, line by line (at most {MOST_USD} USD):")
    for what, quantity in bill.quantities().items():
        price = PRICES[what]
        source = price.source if price.read else f"{price.source} (from memory)"
        print(f"  {what:<18} {quantity:>9.3f} {price.unit:<20} {cost(what, quantity):.6f}  {source}")
    print(f"  {'together':<18} {'':>9} {'':<20} {bill.total():.6f}")


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
    disruption = bill.invoke("intake", lambda: parse_event(event, Operations(reads), TODAY_AT_NOON))
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
