"""`make load`: many disruptions at once on the embedded AWS: none is lost, and none waits too long."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from local.leash import end_with_parent
from local.system import System, running_system
from skymarshal.contracts import THREAD_STATUS_INDEX, THREAD_STATUS_INDEX_PARTITION
from skymarshal.operations.airline import SCENARIOS, scenario_event

__all__ = ["main"]

_LOADS: Final = ((1, 5.0), (1, 2.0), (10, 10.0), (50, 45.0))
"""How many disruptions at once, and within how many seconds all of them must wait for their decision.

The very first finds functions that have started, and never did their work.
"""

_SHARDS: Final = 4
_PATIENCE: Final = 180.0
_PUBLISHERS: Final = 8


def main() -> int:
    """Publish one load after the other and return 1 where one is late or a disruption is lost."""
    end_with_parent()
    today = datetime.now(UTC).date()
    late = 0
    with running_system(today, lambda step: print(f"{step} ...", flush=True)) as system:
        before = 0
        for count, limit in _LOADS:
            seconds = _run(system, count, before)
            before += count
            late += seconds > limit
            print(
                f"{count} at once: {seconds:.1f} s until all can be decided on (limit {limit:.0f} s)",
                flush=True,
            )
        if system.dead_letters():
            print("there are dead letters")
            return 1
    return 1 if late else 0


def _run(system: System, count: int, before: int) -> float:
    names = list(SCENARIOS)
    events = [
        {
            **scenario_event(names[number % len(names)], system.today),
            "disruption_id": f"load-{before + number}",
        }
        for number in range(count)
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=_PUBLISHERS) as pool:
        list(pool.map(system.publish, events))
    system.wait(
        f"the approval of all {count}",
        lambda: _waiting(system) == before + count,
        seconds=_PATIENCE,
        # What asks takes its share of the machine that is measured.
        every=0.05 if count == 1 else 0.25,
    )
    return time.monotonic() - began


def _waiting(system: System) -> int:
    """Return how many threads wait for a decision."""
    dynamodb = system.client("dynamodb")
    return sum(
        int(
            dynamodb.query(
                TableName=system.outputs["TableName"],
                IndexName=THREAD_STATUS_INDEX,
                KeyConditionExpression="#partition = :status",
                ExpressionAttributeNames={"#partition": THREAD_STATUS_INDEX_PARTITION},
                ExpressionAttributeValues={":status": {"S": f"awaiting_approval#{shard}"}},
                Select="COUNT",
            )["Count"]
        )
        for shard in range(_SHARDS)
    )


if __name__ == "__main__":
    sys.exit(main())
