"""What the packages offer, so that a name is neither lost nor added by accident."""

from __future__ import annotations

from skymarshal import operations
from skymarshal.operations import airline


def test_the_tables_offer_these_names() -> None:
    assert operations.__all__ == [
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
    assert all(hasattr(operations, name) for name in operations.__all__)


def test_the_sample_airline_offers_these_names() -> None:
    assert airline.__all__ == [
        "SCENARIOS",
        "SIZES",
        "Fault",
        "Size",
        "Violation",
        "check",
        "generate",
        "require_possible",
        "scenario_event",
    ]
    assert all(hasattr(airline, name) for name in airline.__all__)
