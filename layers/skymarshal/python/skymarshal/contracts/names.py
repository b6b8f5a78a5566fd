"""Names that the deployed stacks and the running code must agree on, and nothing else.

The infrastructure imports only this module of the package.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AGENT_NAMES",
    "AWS_PYTHON",
    "BUSINESS_AGENTS",
    "CHECKPOINT_PREFIX",
    "DECISION_PREFIX",
    "DEFAULT_BUS_NAME",
    "DEFAULT_CHECKPOINT_TABLE",
    "DISRUPTION_DETAIL_TYPE",
    "DISRUPTION_SOURCE",
    "LONGEST_WAIT_DAYS",
    "MAX_EVENT_BYTES",
    "METRIC_NAMESPACE",
    "MOST_DELIVERIES",
    "OPERATIONS_TABLES_BY_AGENT",
    "OUTCOME_PREFIX",
    "OUTGOING_SOURCE",
    "PACKAGE_VERSION",
    "SAFETY_AGENTS",
    "SAMPLE_REPORTS_AHEAD_SECONDS",
    "SERVICE_NAME",
    "SIGN_IN_CALLBACK",
    "SIGN_IN_PORTS",
    "STATE_MACHINE_NAME",
    "THREAD_STATUS_INDEX",
    "THREAD_STATUS_INDEX_PARTITION",
    "THREAD_STATUS_INDEX_SORT",
    "TTL_ATTRIBUTE",
    "USER_GROUPS",
    "attributes_of_agent",
    "owned_attribute",
]

PACKAGE_VERSION: Final = "0.1.0"
AWS_PYTHON: Final = "3.14"
"""The interpreter of the functions on AWS, which the layers are built for."""

SERVICE_NAME: Final = "skymarshal"
METRIC_NAMESPACE: Final = "SkyMarshal"

DEFAULT_CHECKPOINT_TABLE: Final = "SkyMarshalCheckpoints"
THREAD_STATUS_INDEX: Final = "thread-status-index"
THREAD_STATUS_INDEX_PARTITION: Final = "status_shard"
THREAD_STATUS_INDEX_SORT: Final = "updated_at"
TTL_ATTRIBUTE: Final = "ttl"
CHECKPOINT_PREFIX: Final = "checkpoints/"
LONGEST_WAIT_DAYS: Final = 30
"""How much longer than a checkpoint a payload is kept: so long may a thread wait and still share it."""
DECISION_PREFIX: Final = "decisions/"
OUTCOME_PREFIX: Final = "outcomes/"

USER_GROUPS: Final = {
    "duty-manager": "decides",
    "observer": "reads and decides nothing",
    "admin": "reads, decides and resumes",
}
"""The groups of the user pool, with what their members may do."""
SIGN_IN_PORTS: Final = (8976, 8977, 8978)
"""Ports of the user's own machine on which `skymarshal login` waits for the browser, the first free one."""
SIGN_IN_CALLBACK: Final = "http://localhost:{port}/callback"
"""Where the sign-in pages lead back to; a user pool takes plain http for localhost alone."""

DEFAULT_BUS_NAME: Final = "skymarshal"
STATE_MACHINE_NAME: Final = "skymarshal-disruption"
DISRUPTION_SOURCE: Final = "airline.operations"
DISRUPTION_DETAIL_TYPE: Final = "FlightDisruption"
OUTGOING_SOURCE: Final = "skymarshal"
MAX_EVENT_BYTES: Final = 64 * 1024
SAMPLE_REPORTS_AHEAD_SECONDS: Final = 3 * 24 * 3600
"""By how much a disruption of the sample airline may be ahead of the clock: it is told of days to come."""
MOST_DELIVERIES: Final = 5
"""How often the queue delivers a disruption before it becomes a dead letter."""

RULE_PROFILES: Final = ("EASA", "UK", "GCAA", "FAR117")
"""Whose flight time limitations an airline may work under."""
DEFAULT_RULE_PROFILE: Final = "EASA"

SAFETY_AGENTS: Final = ("crew_compliance", "maintenance", "regulatory")
_OWNED_BY_AGENT: Final = ("b", "confidence", "digest", "headline", "size")
_OF_EVERY_RUN: Final = (
    "PK",
    "SK",
    "agent",
    "attempt",
    "d",
    "decided_at",
    "ended_at",
    "error",
    "lease",
    "phase",
    "started_at",
    "state",
    TTL_ATTRIBUTE,
    "v",
    "worker",
)


def owned_attribute(owner: str, name: str) -> str:
    """Return the name under which what only `owner` may say stands in an item.

    A role can be held to the names of attributes, and to no others of an item's parts that tell agents apart:
    so what an agent found stands under names of its own.
    """
    return f"{owner}:{name}"


def attributes_of_agent(agent: str) -> tuple[str, ...]:
    """Return every attribute of the checkpoint table that an agent writes."""
    return (*_OF_EVERY_RUN, *(owned_attribute(agent, name) for name in _OWNED_BY_AGENT))


BUSINESS_AGENTS: Final = ("network", "guest_experience", "cargo", "finance")
AGENT_NAMES: Final = SAFETY_AGENTS + BUSINESS_AGENTS

OPERATIONS_TABLES_BY_AGENT: Final[dict[str, tuple[str, ...]]] = {
    "crew_compliance": ("Flights", "Aircraft", "CrewMembers", "CrewRoster", "ReserveCrew", "Airports"),
    "maintenance": (
        "Flights",
        "Aircraft",
        "MelItems",
        "MaintenanceWorkOrders",
        "MaintenanceStaff",
        "GroundEquipment",
    ),
    "regulatory": (
        "Flights",
        "Airports",
        "AirportCurfews",
        "AirportSlots",
        "Weather",
        "Notams",
        "Aircraft",
    ),
    "network": ("Flights", "Aircraft", "CrewRoster", "Bookings", "MinimumConnectionTimes"),
    "guest_experience": (
        "Flights",
        "Aircraft",
        "Passengers",
        "Bookings",
        "Baggage",
        "PartnerFlights",
        "MinimumConnectionTimes",
        "Airports",
    ),
    "cargo": (
        "Flights",
        "Aircraft",
        "CargoShipments",
        "CargoFlightAssignments",
        "ColdChainFacilities",
        "PartnerFlights",
    ),
    "finance": (
        "Flights",
        "Bookings",
        "CargoShipments",
        "CargoFlightAssignments",
        "CostParameters",
        "Airports",
    ),
}
