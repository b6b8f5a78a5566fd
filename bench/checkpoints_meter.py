"""What a run costs on AWS: calls, and capacity units as DynamoDB itself reports them."""

from __future__ import annotations

from collections import Counter
from typing import Any

_CONSUMING = {
    "GetItem",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "TransactGetItems",
}


class Meter:
    """Counts the calls of boto3 clients and adds up the capacity they consume.

    Attributes:
        calls: by operation.
        write_units: write capacity units, indexes included.
        strong_units: read capacity units of consistent reads.
        eventual_units: read capacity units of eventually consistent reads.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.calls: Counter[str] = Counter()
        self.write_units = 0.0
        self.strong_units = 0.0
        self.eventual_units = 0.0
        self._consistent = False

    @property
    def total_calls(self) -> int:
        return sum(self.calls.values())

    @property
    def read_units_as_run(self) -> float:
        return self.strong_units + self.eventual_units

    @property
    def read_units_all_eventual(self) -> float:
        return self.strong_units / 2 + self.eventual_units

    def watch(self, client: Any) -> Any:
        events = client.meta.events
        events.register("provide-client-params.*.*", self._ask)
        events.register("after-call.*.*", self._read)
        return client

    def _ask(self, params: dict, model: Any, **_: Any) -> None:
        if model.name in _CONSUMING:
            params["ReturnConsumedCapacity"] = "INDEXES"
            reads = params.get("RequestItems", {}).values() if model.name == "BatchGetItem" else [params]
            self._consistent = any(isinstance(read, dict) and read.get("ConsistentRead") for read in reads)

    def _read(self, parsed: dict, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1
        consumed = parsed.get("ConsumedCapacity") or []
        for each in consumed if isinstance(consumed, list) else [consumed]:
            units = each["CapacityUnits"]
            if model.name in {"GetItem", "Query", "Scan", "BatchGetItem"}:
                if self._consistent:
                    self.strong_units += units
                else:
                    self.eventual_units += units
            else:
                self.write_units += units
