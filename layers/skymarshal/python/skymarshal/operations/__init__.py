"""The operational tables: what the airline's systems say about flights, crews, passengers and cargo."""

from __future__ import annotations

from skymarshal.operations.access import Operations
from skymarshal.operations.dynamodb import DynamoDBTables
from skymarshal.operations.errors import (
    ImpossibleAirlineError,
    MalformedRowError,
    OperationsError,
    TableAwayError,
    UnknownScenarioError,
    UnloadedRowsError,
    UnreadRowsError,
)
from skymarshal.operations.loading import load
from skymarshal.operations.memory import InMemoryTables
from skymarshal.operations.reader import Access, AccessLog, BeginsWith, Between, SortCondition, TableReader
from skymarshal.operations.remembering import RememberingTables
from skymarshal.operations.tables import Dataset, Key, RecordTable

__all__ = [
    "Access",
    "AccessLog",
    "BeginsWith",
    "Between",
    "Dataset",
    "DynamoDBTables",
    "ImpossibleAirlineError",
    "InMemoryTables",
    "Key",
    "MalformedRowError",
    "Operations",
    "OperationsError",
    "RecordTable",
    "RememberingTables",
    "SortCondition",
    "TableAwayError",
    "TableReader",
    "UnknownScenarioError",
    "UnloadedRowsError",
    "UnreadRowsError",
    "load",
]
