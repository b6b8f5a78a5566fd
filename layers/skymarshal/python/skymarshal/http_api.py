"""The HTTP API as a table: what each operation takes, answers and may refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPMethod, HTTPStatus
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from skymarshal.checkpoints import ThreadStatus
from skymarshal.domain.decision import DecisionOutcome, DecisionRecord, ObservedOutcome, ObservedStatus
from skymarshal.domain.disruption import DisruptionType
from skymarshal.orchestration.approvals import Approval
from skymarshal.orchestration.resuming import Resumption
from skymarshal.orchestration.search import MOST_LISTED
from skymarshal.orchestration.views import CheckpointView, HistoryView, ThreadDetail, ThreadList
from skymarshal.reports import ReportFormat

__all__ = [
    "OPERATIONS",
    "ApproveBody",
    "DecisionReceipt",
    "DecisionReport",
    "DisruptionBody",
    "DisruptionReceipt",
    "Health",
    "Operation",
    "OutcomeBody",
    "OutcomeReceipt",
    "OverrideBody",
    "Problem",
    "RejectBody",
    "ReportQuery",
    "ResumeBody",
    "ThreadQuery",
]

_Said = Annotated[str, Meta(min_length=1, max_length=2_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadQuery:
    """Which threads to list; `cursor` is that of the page before."""

    status: ThreadStatus | None = None
    flight: str | None = None
    airport: str | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_LISTED)] = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuery:
    """What the report is rendered to."""

    format: ReportFormat = ReportFormat.JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionBody:
    """A disruption: in free text, or by its type with a flight's id, or with its number and date.

    A report is at most five minutes ahead of the clock and two weeks old, a delay at most seven days, a
    repair 31 days, an endurance 24 hours, and a window lies within 31 days of the report.
    """

    disruption_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    text: str | None = None
    type: DisruptionType | None = None
    flight_id: str | None = None
    flight_number: str | None = None
    flight_date: str | None = None
    airport: str | None = None
    reported_at: str | None = None
    description: str | None = None
    details: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveBody:
    """The solution approved, by default the recommended one."""

    solution_id: Annotated[str, Meta(min_length=1)] | None = None
    comment: Annotated[str, Meta(max_length=2_000)] | None = None
    acknowledged_unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBody:
    """Why none of the solutions will do."""

    reason: _Said


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideBody:
    """What is done instead, and why."""

    instruction: _Said
    reason: _Said


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeBody:
    """Nothing is to be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeBody:
    """What became of a decision."""

    status: ObservedStatus
    actual_delay_minutes: int | None = None
    actual_cost_usd: str | float | None = None
    lessons: Annotated[str, Meta(max_length=2_000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The API is up."""

    status: Literal["ok"] = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionReceipt:
    """The disruption is on its way; `thread_id` is the thread that it will have."""

    disruption_id: str
    thread_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReceipt:
    """The decision stands. `flow_resumed` says whether a flow goes on with it now."""

    thread_id: str
    outcome: DecisionOutcome
    solution_id: str | None
    approver: str
    decided_at: datetime
    flow_resumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReceipt:
    """The outcome is kept under `name`, beside the decision record."""

    thread_id: str
    record: str
    name: str
    observed: ObservedOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    """The decision record as it was kept, and what became of the decision, oldest first."""

    record: DecisionRecord
    outcomes: tuple[ObservedOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request was refused; the log knows it by `request_id`.

    `type` names the kind of problem, such as urn:skymarshal:problem:damaged-checkpoint where what is stored
    of a thread is not what was written, or about:blank where the status says it all.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the API.

    Attributes:
        path: with its parameters in braces.
        answer: type of what it answers, with `status`.
        body: type of what it takes; None where it takes none.
        query: type of its query parameters.
        files: media types in which it answers when asked to, beside the JSON of `answer`.
        decides: whether it takes a role that decides; any other takes one that reads.
        public: whether it takes no token at all.
        refuses: the statuses with which it may refuse, beside those of every operation.
    """

    method: HTTPMethod
    path: str
    summary: str
    answer: type
    status: HTTPStatus = HTTPStatus.OK
    body: type | None = None
    query: type | None = None
    files: tuple[str, ...] = ()
    decides: bool = False
    public: bool = False
    refuses: tuple[HTTPStatus, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters in its path, in order."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    def address(self, **known: str) -> str:
        """Return the path with these parameters, and with `any` for each other one."""
        return self.path.format(**(dict.fromkeys(self.parameters, "any") | known))


_GET, _POST = HTTPMethod.GET, HTTPMethod.POST
_THREAD: Final = "/v1/threads/{thread_id}"
_MISSING: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_DAMAGED: Final = (*_MISSING, HTTPStatus.CONFLICT)
_REFUSED: Final = (*_MISSING, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _decision(verb: str, summary: str, body: type) -> Operation:
    return Operation(
        method=_POST,
        path=f"{_THREAD}/{verb}",
        summary=summary,
        answer=DecisionReceipt,
        body=body,
        decides=True,
        refuses=_REFUSED,
    )


def _report(path: str, summary: str, *refuses: HTTPStatus) -> Operation:
    return Operation(
        method=_GET,
        path=path,
        summary=summary,
        answer=DecisionReport,
        query=ReportQuery,
        files=tuple(form.media_type for form in ReportFormat if form is not ReportFormat.JSON),
        refuses=(*_DAMAGED, *refuses, HTTPStatus.UNPROCESSABLE_ENTITY),
    )


OPERATIONS: Final[dict[str, Operation]] = {
    "health": Operation(
        method=_GET, path="/v1/health", summary="Whether the API is up", answer=Health, public=True
    ),
    "reportDisruption": Operation(
        method=_POST,
        path="/v1/disruptions",
        summary="Report a disruption",
        answer=DisruptionReceipt,
        status=HTTPStatus.ACCEPTED,
        body=DisruptionBody,
        decides=True,
        refuses=(HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ),
    "listThreads": Operation(
        method=_GET,
        path="/v1/threads",
        summary="Threads by urgency of their status, then the newest first",
        answer=ThreadList,
        query=ThreadQuery,
        refuses=(HTTPStatus.BAD_REQUEST,),
    ),
    "showThread": Operation(
        method=_GET,
        path=_THREAD,
        summary="One thread, with the agents of its phase",
        answer=ThreadDetail,
        refuses=_DAMAGED,
    ),
    "showHistory": Operation(
        method=_GET,
        path=f"{_THREAD}/history",
        summary="Everything that happened on a thread",
        answer=HistoryView,
        refuses=_DAMAGED,
    ),
    "showCheckpoint": Operation(
        method=_GET,
        path=f"{_THREAD}/checkpoints/{{checkpoint_id}}",
        summary="The state at one checkpoint, with its assessments",
        answer=CheckpointView,
        refuses=_DAMAGED,
    ),
    "showApproval": Operation(
        method=_GET,
        path=f"{_THREAD}/approval",
        summary="What is to be decided, or was",
        answer=Approval,
        refuses=_DAMAGED,
    ),
    "showReport": _report(
        f"{_THREAD}/report",
        "The decision record of a thread with its outcomes, as JSON, Markdown or PDF",
        HTTPStatus.GONE,
    ),
    "showDecisionReport": _report(
        "/v1/decisions/{day}/{disruption_id}/report",
        "The same by the day of the decision (UTC, as 2026-02-05), for as long as records are kept",
    ),
    "approve": _decision("approve", "Approve a solution", ApproveBody),
    "reject": _decision("reject", "Reject every solution", RejectBody),
    "override": _decision("override", "Decide for something else", OverrideBody),
    "recordOutcome": Operation(
        method=_POST,
        path=f"{_THREAD}/outcome",
        summary="Tell what became of the decision",
        answer=OutcomeReceipt,
        status=HTTPStatus.CREATED,
        body=OutcomeBody,
        decides=True,
        refuses=(*_REFUSED, HTTPStatus.GONE),
    ),
    "resume": Operation(
        method=_POST,
        path=f"{_THREAD}/resume",
        summary="Let a stuck or failed thread, or a manual review, go on; what failed runs again",
        answer=Resumption,
        status=HTTPStatus.ACCEPTED,
        body=ResumeBody,
        decides=True,
        refuses=_REFUSED,
    ),
}
"""Every operation by its id."""
