"""The one logger and the one set of metrics that every function uses."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

__all__ = ["logger", "metrics"]

logger = Logger()
metrics = Metrics()
