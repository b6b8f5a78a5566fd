"""Measures the checkpoint store beside langgraph-checkpoint-aws, on one DynamoDB Local in one run."""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from langgraph.checkpoint.base import empty_checkpoint
from langgraph_checkpoint_aws import DynamoDBSaver

from bench.checkpoints_flow import Results, config, incompressible, run_ours, run_peer, text
from bench.checkpoints_meter import Meter
from bench.document import keep
from skymarshal.checkpoints import AgentRuns, CheckpointSaver, MemoryStore, Store, ThreadManager, ThreadStatus
from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
from tests.store.backends import BUCKET, REGION, aws_store_at, create_table, use_moto
from tests.store.dynamodb_local import dynamodb_local

MANY_THREADS = 100_000
_tables = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run costs."""

    calls: int
    write_units: float
    read_units: float
    read_units_eventual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report."""

    what: str
    ours: str
    peer: str
    ratio: str
    limit: str
    holds: bool | None


def measure() -> list[Row]:
    """Take every measurement; about three minutes."""
    with dynamodb_local() as endpoint, use_moto():
        rows = [
            *capacity_rows(endpoint),
            *run_rows(endpoint),
            *latency_rows(endpoint),
            *growth_rows(endpoint),
            *page_rows(endpoint),
        ]
    return [*rows, *memory_rows()]


def cost_of(meter: Meter, run: Callable[[], object]) -> Cost:
    """Run and return what it cost."""
    meter.reset()
    run()
    return Cost(
        calls=meter.total_calls,
        write_units=meter.write_units,
        read_units=meter.read_units_as_run,
        read_units_eventual=meter.read_units_all_eventual,
    )


def both(endpoint: str) -> tuple[Meter, DynamoDBStore, Meter, DynamoDBSaver]:
    """Return our store and the other saver on tables of their own, each with a meter."""
    ours, theirs = Meter(), Meter()
    store = aws_store_at(endpoint, table=f"Ours-{next(_tables)}", wrap=ours.watch)
    name = f"Peer-{next(_tables)}"
    aws_store_at(endpoint, table=name)
    peer = DynamoDBSaver(
        table_name=name,
        region_name=REGION,
        endpoint_url=endpoint,
        s3_offload_config={"bucket_name": BUCKET},
    )
    theirs.watch(peer.client)
    theirs.watch(peer.storage.s3_client)
    return ours, store, theirs, peer


def capacity_rows(endpoint: str) -> Iterator[Row]:
    our_meter, store, their_meter, peer = both(endpoint)
    cases: Sequence[tuple[str, Results, int | None]] = (
        ("8 KB of text", text(8192), None),
        ("8 KB incompressible", incompressible(8192), 8192),
        ("200 B of text", text(200), None),
        ("40 KB incompressible", incompressible(40_960), 40_960),
    )
    for place, (name, results, size) in enumerate(cases):
        ours = cost_of(
            our_meter, lambda p=place, r=results: run_ours(CheckpointSaver(store), f"disruption {p}", r)
        )
        theirs = cost_of(their_meter, lambda p=place, r=results: run_peer(peer, f"peer {p}", r))
        most_written = 120 if size is None else 14 * -(-(size + 205) // 1024) + 90
        yield row(f"Calls, results of {name}", ours.calls, theirs.calls, 75)
        yield row(f"Write units, results of {name}", ours.write_units, theirs.write_units, most_written)
        most_read = {None: 36, 8192: 80}.get(size)
        yield row(
            f"Read units, all eventual, results of {name}",
            ours.read_units_eventual,
            theirs.read_units_eventual,
            most_read,
        )
        yield row(
            f"Read units, decisive reads strong, results of {name}",
            ours.read_units,
            theirs.read_units,
            44 if size is None else None,
        )


def run_rows(endpoint: str, rounds: int = 12) -> Iterator[Row]:
    """How long the graph of the measured run waits: for a put, for a get_tuple, and from start to end."""
    _, store, _, peer = both(endpoint)
    ours = CheckpointSaver(store)
    taken: dict[tuple[str, str], list[float]] = {}
    for name, saver in (("ours", ours), ("peer", peer)):
        for what in ("put", "get_tuple"):
            setattr(saver, what, stopped(getattr(saver, what), taken.setdefault((what, name), [])))
    results = text(8192)
    run = stopped(run_ours, taken.setdefault(("run", "ours"), []))
    run_theirs = stopped(run_peer, taken.setdefault(("run", "peer"), []))
    for number in range(rounds):
        run(ours, f"timed {number}", results)
        run_theirs(peer, f"timed {number}", results)
    for what, key in (
        ("put, as the graph of the run waits for it", "put"),
        ("get_tuple, as the graph of the run waits for it", "get_tuple"),
        ("whole run, everything landed", "run"),
    ):
        yield latency_row(what, taken[key, "ours"], taken[key, "peer"])


def stopped(call: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    """Return `call`, which adds the milliseconds it takes to `times`."""

    def timed(*arguments: Any, **named: Any) -> Any:
        before = time.perf_counter()
        try:
            return call(*arguments, **named)
        finally:
            times.append((time.perf_counter() - before) * 1000)

    return timed


def latency_row(what: str, ours: list[float], peer: list[float], *, is_limited: bool = True) -> Row:
    """Return a line with two medians, limited to half the peer's."""
    mine, other = statistics.median(ours), statistics.median(peer)
    return Row(
        what=f"Median {what}, ms",
        ours=f"{mine:.1f}",
        peer=f"{other:.1f}",
        ratio=f"{mine / other:.2f}",
        limit="half the peer's" if is_limited else "",
        holds=mine <= other / 2 if is_limited else None,
    )


def latency_rows(endpoint: str, rounds: int = 100) -> Iterator[Row]:
    """One put and one get_tuple; a whole advance of three puts and seven tasks' writes; one PutItem."""
    _, store, _, peer = both(endpoint)
    ours = CheckpointSaver(store)
    savers: dict[str, Any] = {"ours": ours, "peer": peer}
    last = {name: config("latency", checkpoint_ns="") for name in savers}
    client = boto3.client("dynamodb", region_name=REGION, endpoint_url=endpoint)
    table = f"Bare-{next(_tables)}"
    create_table(client, table)

    def put(name: str) -> None:
        step = next(steps)
        checkpoint = {
            **empty_checkpoint(),
            "channel_values": {"messages": words, "step": step},
            "channel_versions": {"messages": 1, "step": step + 1},
        }
        metadata = {"source": "loop", "step": step, "parents": {}}
        last[name] = savers[name].put(last[name], checkpoint, metadata, {"step": step + 1})

    def advance(name: str) -> None:
        with ours.session("latency") if name == "ours" else nullcontext():
            for task in range(7):
                savers[name].put_writes(last[name], [("result", words[:200])], f"task{task}", f"~{task}")
            for _ in range(3):
                put(name)

    def put_item() -> None:
        item = {"PK": {"S": "bare"}, "SK": {"S": str(next(steps))}, "body": {"B": bytes(1000)}}
        client.put_item(TableName=table, Item=item)

    words = text(2000)()
    steps = itertools.count()
    taken: dict[str, dict[str, list[float]]] = {what: {} for what in ("put", "get", "advance", "item")}
    for _ in range(rounds):
        for name, saver in savers.items():
            stopped(put, taken["put"].setdefault(name, []))(name)
            stopped(saver.get_tuple, taken["get"].setdefault(name, []))(config("latency", checkpoint_ns=""))
            stopped(advance, taken["advance"].setdefault(name, []))(name)
        stopped(put_item, taken["item"].setdefault("ours", []))()
    taken["item"]["peer"] = taken["put"]["peer"]
    for what, key, is_limited in (
        ("get_tuple of the latest checkpoint", "get", True),
        ("advance of 3 puts and 7 put_writes, landed", "advance", True),
        ("put alone, guarded and landed", "put", False),
        ("PutItem of 1 KB by boto3 alone, beside the peer's put", "item", False),
    ):
        yield latency_row(what, taken[key]["ours"], taken[key]["peer"], is_limited=is_limited)


def growth_rows(endpoint: str) -> Iterator[Row]:
    """One agent's cost beside few and many siblings, after a short and after a long history."""
    meter = Meter()
    store = aws_store_at(endpoint, table=f"Growth-{next(_tables)}", wrap=meter.watch)
    for what, few, many in (
        ("agents beside it", lambda: agent_cost(store, meter, 1, 0), lambda: agent_cost(store, meter, 30, 0)),
        (
            "checkpoints before",
            lambda: agent_cost(store, meter, 6, 0),
            lambda: agent_cost(store, meter, 6, 100),
        ),
    ):
        less, more = few(), many()
        yield Row(
            what=f"One agent's calls, write and read units, few and many {what}",
            ours=f"{less.calls} / {less.write_units:g} / {less.read_units:g} and"
            f" {more.calls} / {more.write_units:g} / {more.read_units:g}",
            peer="",
            ratio="",
            limit="equal",
            holds=less == more,
        )


def agent_cost(store: Store, meter: Meter, siblings: int, earlier: int) -> Cost:
    saver = CheckpointSaver(store)
    runs = AgentRuns(store, saver.clock)
    thread_id = f"growth {siblings} {earlier}"
    here: dict[str, Any] = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    for step in range(earlier + 1):
        checkpoint = {**empty_checkpoint(), "channel_values": {"step": 7}, "channel_versions": {"step": 1}}
        here = saver.put(here, checkpoint, {"source": "loop", "step": step, "parents": {}}, {})
    barrier = here["configurable"]["checkpoint_id"]

    def work(agent: str) -> None:
        claim = runs.claim(
            thread_id, barrier, agent, phase="initial", worker="worker", lease=timedelta(minutes=5)
        )
        saver.read_state(thread_id, barrier)
        runs.complete(claim, runs.decide(claim, b"x" * 100))

    for number in range(siblings):
        work(f"agent{number:04}")
    return cost_of(meter, lambda: work("agent9999"))


def page_rows(endpoint: str) -> Iterator[Row]:
    costs = []
    for count in (100, MANY_THREADS):
        meter = Meter()
        store = aws_store_at(endpoint, table=f"Pages-{next(_tables)}", wrap=meter.watch)
        fill(store, count)
        threads = ThreadManager(store, lambda: datetime.now(UTC))
        costs.append(cost_of(meter, lambda t=threads: t.query_threads(ThreadStatus.ACTIVE, limit=25)))
    few, many = costs
    yield Row(
        what=f"A page of 25 threads, calls and read units, of 100 and of {MANY_THREADS:,} threads",
        ours=f"{few.calls} / {few.read_units:g} and {many.calls} / {many.read_units:g}",
        peer="no such query",
        ratio="",
        limit="equal",
        holds=few == many,
    )


def fill(store: Store, count: int) -> None:
    """Copy one thread's item until there are `count`."""
    from skymarshal.checkpoints.keys import thread_key
    from skymarshal.checkpoints.store import Put
    from skymarshal.checkpoints.thread_items import index_partition, shard_of

    threads = ThreadManager(store, lambda: datetime.now(UTC))
    model = store.get(thread_key(threads.create_thread("model", flight="SM101").thread_id))
    assert model is not None
    attributes = {name: value for name, value in model.items() if name not in {"PK", "SK"}}
    store.write_many(
        [
            Put(
                key=thread_key(f"thread-{number}"),
                attributes={
                    **attributes,
                    "status_shard": index_partition("active", shard_of(f"thread-{number}")),
                    "updated_at": f"2026-11-23T00:00:00.{number:06d}Z",
                },
            )
            for number in range(count)
        ]
    )


class DiskStore(MemoryStore):
    """A store whose objects take no memory of this process."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        with (self._folder / name.replace("/", "_")).open("wb") as file:
            for chunk in chunks:
                for start in range(0, len(chunk), 1 << 20):
                    file.write(memoryview(chunk)[start : start + (1 << 20)])

    def open_object(self, name: str) -> Iterator[bytes] | None:
        path = self._folder / name.replace("/", "_")

        def stream() -> Iterator[bytes]:
            with path.open("rb") as file:
                while chunk := file.read(256 * 1024):
                    yield chunk

        return stream() if path.exists() else None


def memory_rows() -> Iterator[Row]:
    """A state of 100 MB in four channels, written and read back."""
    megabyte = 1024 * 1024
    largest = 25 * megabyte
    source = random.Random(1)
    for kind, make in (
        ("bytes", lambda: source.randbytes(largest)),
        ("lists of text", lambda: [text(1000, source.randrange(10**6))() for _ in range(25 * 1000)]),
    ):
        values: dict[str, Any] = {f"channel{number}": make() for number in range(4)}
        with tempfile.TemporaryDirectory() as folder:
            saver = CheckpointSaver(DiskStore(Path(folder)))
            checkpoint = {
                **empty_checkpoint(),
                "channel_values": values,
                "channel_versions": dict.fromkeys(values, 1),
            }
            here = {"configurable": {"thread_id": "memory", "checkpoint_ns": ""}}
            metadata = {"source": "loop", "step": 0, "parents": {}}
            tracemalloc.start()
            stored = saver.put(here, checkpoint, metadata, dict.fromkeys(values, 1))
            wrote = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            del checkpoint, values
            tracemalloc.start()
            found = saver.get_tuple(stored)
            held, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert found is not None
        for what, above in (("writing", wrote), ("reading", peak - held)):
            yield Row(
                what=f"Peak memory above the state itself, {what} 100 MB of {kind}, largest channels",
                ours=f"{above / largest:.2f}",
                peer="",
                ratio="",
                limit="2",
                holds=above <= 2 * largest,
            )


def row(what: str, ours: float, peer: float, limit: float | None) -> Row:
    """Return a line with a ratio."""
    return Row(
        what=what,
        ours=f"{ours:g}",
        peer=f"{peer:g}",
        ratio=f"{ours / peer:.3f}",
        limit="" if limit is None else f"{limit:g}",
        holds=None if limit is None else ours <= limit,
    )


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the report."""
    lines = [
        "Beside langgraph-checkpoint-aws 1.2.6, on one DynamoDB Local in one run: one disruption, seven",
        "agents in two phases outside the graph, arbitration and approval. Each agent has its started,",
        "decided and completed checkpoints.",
        "Capacity is what DynamoDB reports, the index included. A ratio below 1 means less than the peer.",
        "",
        "| What | Ours | Peer | Ratio | At most | Holds |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.what} | {each.ours} | {each.peer} | {each.ratio} | {each.limit} |"
        f" {'' if each.holds is None else 'yes' if each.holds else 'no'} |"
        for each in rows
    ]
    lines += [
        "",
        "Inside a session a put is held back and lands with the advance; the whole run and the advance",
        "are measured until everything has landed. A put alone is one transaction of two items, the",
        "checkpoint and the head that guards it; the peer makes two writes one after the other, which a",
        "crash can part and two writers can fork. It is the price of the guard, and it has no limit here:",
        "the bare PutItem shows how near to half a put in a single write could come.",
        "",
        "What the peer reads less of at 40 KB it keeps on S3.",
    ]
    return "\n".join([*lines, ""])


def main() -> bool:
    """Measure, print, write the section of docs/benchmarks.md. Returns whether every limit holds."""
    rows = measure()
    report = as_markdown(rows)
    print(report)
    keep("Checkpoint store", report)
    return all(each.holds is not False for each in rows)


if __name__ == "__main__":
    raise SystemExit(not main())
