"""The boundary between our code and AWS: every call that a client makes, numbered, and made to fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ReadTimeoutError


class Died(BaseException):
    """The process ends here, as by SIGKILL: no handler of exceptions catches it."""


class Fault(Enum):
    """What happens to one call, as its caller sees it."""

    KILLED_BEFORE = "the process dies before the call"
    KILLED_AFTER = "the process dies after the call, before the answer"
    THROTTLED = "the service throttles it"
    FAILED = "the service fails with status 500"
    TIMED_OUT = "it succeeds, and the answer is lost"


_THROTTLING = {"dynamodb": "ProvisionedThroughputExceededException", "s3": "SlowDown"}
_BEFORE = (Fault.THROTTLED, Fault.FAILED)

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


class Refused(Exception):
    """A service that is played here refuses a call, with this code."""


class Boundary:
    """Hears of every call before it is made and after it was answered.

    Args:
        played: services that are played here, by service and operation; the rest goes on to moto.
    """

    def __init__(self, played: Mapping[tuple[str, str], Answer]) -> None:
        self._played = played
        self.begin()

    def attach(self, events) -> None:
        self._events = events
        events.register("before-call", self._before)
        events.register("after-call", self._after)

    def detach(self) -> None:
        self._events.unregister("before-call", self._before)
        self._events.unregister("after-call", self._after)

    def begin(
        self,
        fault: Fault | None = None,
        number: int = 0,
        *,
        among: Callable[[object], bool] = lambda _: True,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Count from 0 again, and let something happen at call `number`, of those whose body is `among`.

        Args:
            fault: what strikes the call.
            number: which call.
            among: which calls count.
            meanwhile: what somebody else does just before the call.
        """
        self.calls: list[tuple[str, str]] = []
        self._fault, self._number, self._among, self._meanwhile = fault, number, among, meanwhile
        self._dead = self.struck = False

    def function_ended(self) -> None:
        """The next function runs in a process that lives."""
        self._dead = False

    def _before(self, model, params, **_):
        if self._dead:
            raise Died
        service = str(model.service_model.service_id.hyphenize())
        counted = self._among(params["body"])
        here = counted and len(self.calls) == self._number and self._fault is not None and not self.struck
        if self._meanwhile is not None and counted and len(self.calls) == self._number:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        if counted:
            self.calls.append((service, model.name))
        self.struck = self.struck or here
        self._after_this = self._fault if here else None
        if here and self._fault is Fault.KILLED_BEFORE:
            self._die()
        if here and self._fault in _BEFORE:
            throttled = self._fault is Fault.THROTTLED
            code = _THROTTLING.get(service, "ThrottlingException") if throttled else "InternalServerError"
            return _error(400 if throttled and service != "s3" else 503 if throttled else 500, code)
        play = self._played.get((service, model.name))
        if play is None:
            return None
        try:
            answer = play(json.loads(params["body"]))
        except Refused as refused:
            return _error(400, str(refused))
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _after(self, model, **_) -> None:
        if self._after_this is Fault.KILLED_AFTER:
            self._die()
        if self._after_this is Fault.TIMED_OUT:
            self._after_this = None
            raise ReadTimeoutError(endpoint_url=f"https://{model.service_model.service_name}")

    def _die(self) -> None:
        self._dead = True
        raise Died


def _error(status: int, code: str):
    return SimpleNamespace(status_code=status), {
        "Error": {"Code": code, "Message": "injected"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
