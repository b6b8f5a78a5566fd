"""The one logger and the one set of metrics that every function uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from skymarshal import aws
from skymarshal.metering import Meter

__all__ = ["logger", "metered", "metrics"]

logger = Logger()
metrics = Metrics()
metrics.set_default_dimensions(function=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "unknown"))
_meter = Meter()
aws.attach(_meter)

R = TypeVar("R")


def metered(handler: Callable[..., R]) -> Callable[..., R]:
    """Return `handler` with what each invocation asks of AWS counted, whether it succeeds or not."""

    @wraps(handler)
    def counted(event: Any, context: Any) -> R:  # noqa: ANN401 the event of any source
        _meter.take()
        try:
            return handler(event, context)
        finally:
            usage = _meter.take()
            calls = sum(usage.calls.values())
            metrics.add_metric("AwsCalls", MetricUnit.Count, calls)
            metrics.add_metric("ReadUnits", MetricUnit.Count, usage.read_units)
            metrics.add_metric("WriteUnits", MetricUnit.Count, usage.write_units)
            logger.info(
                "used",
                aws_calls=calls,
                by_service=dict(usage.calls),
                read_units=usage.read_units,
                write_units=usage.write_units,
            )

    return counted
