"""What executions are called: the first after its disruption, a successor after its number too."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["disruption_in", "successor_of"]

_SUCCESSOR: Final = re.compile(r"_[0-9]+-(.+)", re.DOTALL)


def successor_of(disruption_id: str, attempt: int) -> str:
    """Return the name of a thread's successor execution, which no disruption's first execution can have."""
    return f"_{attempt}-{disruption_id}"


def disruption_in(execution: str) -> str:
    """Return the id of the disruption that the execution called so works on."""
    successor = _SUCCESSOR.fullmatch(execution)
    return successor[1] if successor else execution
