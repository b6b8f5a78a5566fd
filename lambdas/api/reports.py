"""The report on a decision, for whoever may read."""

from __future__ import annotations

import re
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

# Not needed by name: imported here, the PDF's library is in the function's snapshot.
import skymarshal.reports.pdf  # noqa: F401
from lambdas import wiring
from lambdas.api.routing import Api, Asked, File
from lambdas.observability import observed
from skymarshal.http_api import ReportQuery
from skymarshal.reports import render

api = Api()
decided = wiring.outcomes()


@api.serves("showReport")
def show_report(asked: Asked[ReportQuery], thread_id: str) -> File:
    form = asked.given.format
    record, outcomes = decided.of(thread_id)
    name = re.sub(r"[^A-Za-z0-9_-]", "_", record.disruption.disruption_id)
    return File(
        content=render(record, outcomes, form),
        media_type=form.media_type,
        name=f"decision-{name}{form.suffix}",
    )


@observed("requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
