"""Names that the deployed stacks and the running code must agree on, and nothing else.

The infrastructure imports only this package of `skymarshal`.
"""

from __future__ import annotations

from skymarshal.contracts.names import (
    AGENT_NAMES,
    BUSINESS_AGENTS,
    CHECKPOINT_PREFIX,
    DECISION_PREFIX,
    DEFAULT_BUS_NAME,
    DEFAULT_CHECKPOINT_TABLE,
    DISRUPTION_DETAIL_TYPE,
    DISRUPTION_SOURCE,
    MAX_EVENT_BYTES,
    METRIC_NAMESPACE,
    MOST_DELIVERIES,
    OPERATIONS_TABLES_BY_AGENT,
    OUTGOING_SOURCE,
    PACKAGE_VERSION,
    SAFETY_AGENTS,
    SERVICE_NAME,
    STATE_MACHINE_NAME,
    THREAD_STATUS_INDEX,
    THREAD_STATUS_INDEX_PARTITION,
    THREAD_STATUS_INDEX_SORT,
    TTL_ATTRIBUTE,
)
from skymarshal.contracts.operations_tables import OPERATIONS_TABLES, Index, Table

__all__ = [
    "AGENT_NAMES",
    "BUSINESS_AGENTS",
    "CHECKPOINT_PREFIX",
    "DECISION_PREFIX",
    "DEFAULT_BUS_NAME",
    "DEFAULT_CHECKPOINT_TABLE",
    "DISRUPTION_DETAIL_TYPE",
    "DISRUPTION_SOURCE",
    "MAX_EVENT_BYTES",
    "METRIC_NAMESPACE",
    "MOST_DELIVERIES",
    "OPERATIONS_TABLES",
    "OPERATIONS_TABLES_BY_AGENT",
    "OUTGOING_SOURCE",
    "PACKAGE_VERSION",
    "SAFETY_AGENTS",
    "SERVICE_NAME",
    "STATE_MACHINE_NAME",
    "THREAD_STATUS_INDEX",
    "THREAD_STATUS_INDEX_PARTITION",
    "THREAD_STATUS_INDEX_SORT",
    "TTL_ATTRIBUTE",
    "Index",
    "Table",
]
