"""Counts what a run asks of AWS: calls by service, and DynamoDB's units as DynamoDB reports them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks
    from botocore.model import OperationModel

__all__ = ["Meter", "Usage"]

_READS = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_WRITES = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used: calls by service, and capacity units of DynamoDB."""

    calls: Mapping[str, int]
    read_units: float
    write_units: float


class Meter:
    """Counts the calls of every client that shares `events`. Safe to read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._read_units = 0.0
        self._write_units = 0.0

    def attach(self, events: BaseEventHooks) -> None:
        """Count what is called from now on through clients made with `events`."""
        for operation in sorted(_READS | _WRITES):
            events.register(f"provide-client-params.dynamodb.{operation}", _ask_for_capacity)
        events.register("after-call", self._count)

    def take(self) -> Usage:
        """Return what was used since the last time, and begin anew."""
        with self._lock:
            usage = Usage(calls=dict(self._calls), read_units=self._read_units, write_units=self._write_units)
            self._calls = Counter()
            self._read_units = self._write_units = 0.0
        return usage

    def _count(self, parsed: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        reported = parsed.get("ConsumedCapacity", ())
        entries = [reported] if isinstance(reported, dict) else reported
        units = sum(float(entry.get("CapacityUnits", 0)) for entry in entries)
        with self._lock:
            self._calls[model.service_model.service_name] += 1
            if model.name in _READS:
                self._read_units += units
            elif model.name in _WRITES:
                self._write_units += units


def _ask_for_capacity(params: dict[str, Any], **_: object) -> None:
    params.setdefault("ReturnConsumedCapacity", "TOTAL")
