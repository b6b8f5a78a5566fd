"""The report on a decision, for whoever may read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

# Not needed by name: imported here, the PDF's library is in the function's snapshot.
import skymarshal.reports.pdf  # noqa: F401
from lambdas import wiring
from lambdas.api.problems import BadRequest
from lambdas.api.routing import Api, Asked, File
from lambdas.observability import observed
from skymarshal.domain.decision import DecisionRecord, ObservedOutcome
from skymarshal.http_api import ReportQuery
from skymarshal.reports import ReportFormat, render

api = Api()
decided = wiring.outcomes()


@api.serves("showReport")
def show_report(asked: Asked[ReportQuery], thread_id: str) -> File:
    return _rendered(*decided.of(thread_id), asked.given.format)


@api.serves("showDecisionReport")
def show_decision_report(asked: Asked[ReportQuery], day: str, disruption_id: str) -> File:
    try:
        decided_on = date.fromisoformat(day)
    except ValueError:
        raise BadRequest(f"day is {day!r}: expected a day such as 2026-02-05") from None
    return _rendered(*decided.of_decision(decided_on, disruption_id), asked.given.format)


@observed("requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)


def _rendered(record: DecisionRecord, outcomes: Sequence[ObservedOutcome], form: ReportFormat) -> File:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", record.disruption.disruption_id)
    return File(
        content=render(record, outcomes, form),
        media_type=form.media_type,
        name=f"decision-{name}{form.suffix}",
    )
