"""The one logger, and what each invocation says by it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, Final, TypeVar

from aws_lambda_powertools import Logger

from skymarshal import aws
from skymarshal.contracts import SERVICE_NAME
from skymarshal.metering import Meter
from skymarshal.orchestration.execution_names import disruption_in

__all__ = ["about", "about_nothing", "audit", "logger", "observed"]

# The loggers of the package are its children, so what they say is structured alike and carries the same keys.
logger = Logger(service=SERVICE_NAME)
_meter = Meter()
aws.attach(_meter)

# Environments that start from one snapshot would draw the same numbers, botocore's waits among them. The
# module is Lambda's own, of the runtimes that take snapshots.
with suppress(ImportError):
    from snapshot_restore_py import register_after_restore  # type: ignore[import-not-found]

    register_after_restore(random.seed)

_CORRELATED: Final = ("thread_id", "execution", "agent", "phase", "attempt")
"""Fields of the state machine's events that every line of the log repeats."""

_ABOUT: Final = ("disruption_id", "thread_id")

R = TypeVar("R")


def about(disruption_id: str, thread_id: str) -> None:
    """Let every line from now on say which disruption and which thread it belongs to."""
    logger.append_keys(disruption_id=disruption_id, thread_id=thread_id)


def about_nothing() -> None:
    """Forget which disruption and thread the lines before belonged to."""
    logger.remove_keys(_ABOUT)


def audit(action: str, *, actor: str, role: str, **what: Any) -> None:  # noqa: ANN401 what a log line holds
    """Log who did what in which role. Nothing that somebody wrote in words is said: that is in the record."""
    logger.info("audit", action=action, actor=actor, role=role, **what)


def observed(correlation: str | None = None) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return a decorator by which a handler's log lines say what they belong to.

    Args:
        correlation: path of the value in the event that all invocations for one cause share.
    """

    def decorate(handler: Callable[..., R]) -> Callable[..., R]:
        @wraps(handler)
        def counted(event: Any, context: Any) -> R:  # noqa: ANN401 the event of any source
            if isinstance(event, Mapping):
                logger.append_keys(**{name: event[name] for name in _CORRELATED if name in event})
                if isinstance(event.get("execution"), str):
                    logger.append_keys(disruption_id=disruption_in(event["execution"]))
            _meter.take()
            try:
                return handler(event, context)
            finally:
                _tell_usage()

        observed_handler: Callable[..., R] = logger.inject_lambda_context(
            counted, correlation_id_path=correlation, clear_state=True
        )
        return observed_handler

    return decorate


def _tell_usage() -> None:
    usage = _meter.take()
    calls = sum(usage.calls.values())
    logger.info(
        "used",
        aws_calls=calls,
        by_service=dict(usage.calls),
        read_units=usage.read_units,
        write_units=usage.write_units,
    )
