"""Tells how a thread gets on. Nobody decides on this news, so losing it must not stop the thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from skymarshal.domain.disruption import Disruption
from skymarshal.orchestration.announcements import Announcer, EventNotAccepted
from skymarshal.orchestration.dispatch import Advance
from skymarshal.orchestration.events import (
    AgentResult,
    DisruptionAccepted,
    OutgoingEvent,
    PhaseCompleted,
    detail_of,
)

__all__ = ["Progress"]

logger = logging.getLogger(__name__)


class Progress:
    """Announces that a disruption is accepted and that a phase is complete.

    Args:
        announcer: the bus.
        on_lost: called for each event that could not be told, once that is logged.
    """

    def __init__(self, announcer: Announcer, on_lost: Callable[[], None] = lambda: None) -> None:
        self._announcer = announcer
        self._on_lost = on_lost

    def accepted(self, disruption: Disruption, thread_id: str, execution: str) -> None:
        """Tell that the agents are at work on a disruption."""
        self._tell(
            DisruptionAccepted(
                thread_id=thread_id,
                disruption_id=disruption.disruption_id,
                flight_id=disruption.flight_id,
                type=str(disruption.type),
                execution=execution,
            )
        )

    def joined(self, advance: Advance) -> None:
        """Tell that a phase is complete, if this advance has joined one."""
        joined = advance.joined
        if joined is None:
            return
        results = tuple(
            AgentResult(
                agent=finding["agent"],
                status=finding["status"],
                verdict=finding["verdict"],
                confidence=finding["confidence"],
            )
            for finding in joined.findings
        )
        self._tell(PhaseCompleted(thread_id=advance.thread_id, phase=joined.phase.value, results=results))

    def _tell(self, event: OutgoingEvent) -> None:
        kind = type(event).__name__
        try:
            self._announcer.announce(kind, detail_of(event))
        except (BotoCoreError, ClientError, EventNotAccepted):
            logger.exception("%s of thread %s could not be told", kind, event.thread_id)
            self._on_lost()
