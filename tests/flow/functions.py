"""The deployed functions in one process, which can end and begin anew."""

from __future__ import annotations

import importlib
import itertools
import json
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from skymarshal.checkpoints import StateView
from skymarshal.operations import TableReader
from skymarshal.orchestration.dispatch import PendingItem
from skymarshal.orchestration.findings import references
from skymarshal.orchestration.worker import Result, Work
from tests.flow.boundary import Died
from tests.flow.clock import VirtualTime
from tests.flow.step_functions import TaskError

# Loggers and metrics: of the process, but without anything of a thread in them.
_KEPT = "lambdas.observability"


class Context:
    """What Lambda tells a function about an invocation."""

    def __init__(self, function: str, number: int) -> None:
        self.function_name = function
        self.function_version = "1"
        self.memory_limit_in_mb = 1024
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function}"
        self.aws_request_id = f"request-{number}"
        self.log_group_name = self.log_stream_name = function

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Functions:
    """The real handlers, over AWS clients made as they make them.

    `start` stands for a new process: every module of the handlers and what they hold is made anew.
    """

    def __init__(
        self,
        handlers: Mapping[str, str],
        time: VirtualTime,
        provide: Callable[[ModuleType], None] = lambda _: None,
    ) -> None:
        self._handlers = handlers
        self._time = time
        self._provide = provide
        self._requests = itertools.count(1)
        self.errors: list[str] = []
        self.on_end: Callable[[], None] = lambda: None

    def start(self) -> None:
        """End the process, whatever is left of it, and begin another."""
        forget_handlers()
        wiring = importlib.import_module("lambdas.wiring")
        wiring.clock = self._time
        wiring.sleep = self._time.sleep
        self._provide(wiring)

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function as Lambda does.

        Raises:
            TaskError: it raised, by its error's name, or its process died.
        """
        module, _, name = self._handlers[function].rpartition(".")
        context = Context(function, next(self._requests))
        try:
            handler = getattr(importlib.import_module(module), name)
            answer = handler(json.loads(json.dumps(event)), context)
        except Died:
            self.start()
            raise TaskError("Lambda.Unknown", "the process ended") from None
        except Exception as error:
            # Its text alone: a traceback keeps alive all that its frames hold.
            self.errors = [*self.errors[-9:], repr(error)]
            raise TaskError(type(error).__name__, str(error)) from error
        finally:
            self.on_end()
        return json.loads(json.dumps(answer))


class Remembered:
    """Provides tables, and work that is computed once for each thing that it can see.

    Work is a pure function of the barrier's state and the rows, and content is addressed by its digest.
    So what was computed from the same findings is recalled; a worker that sees other findings than those
    of the undisturbed run computes anew, comes to another decision, and is found out.

    Attributes:
        tables: the operational tables that every process reads.
        anew: workers that compute anew whatever they see.
    """

    def __init__(self, tables: TableReader) -> None:
        self.tables = tables
        self.anew: frozenset[tuple[str, str]] = frozenset()
        self._memory: dict[tuple[Any, ...], Result] = {}

    def __call__(self, wiring: ModuleType) -> None:
        assessing, arbitrating = wiring.assessment, wiring.arbitration

        def hydrate(state: StateView) -> None:
            wiring.runs().hydrate_all(references(state.values["findings"], ("initial", "revision")))

        wiring.tables = lambda: self.tables
        wiring.assessment = lambda: self._recalling(assessing(), lambda _: None)
        wiring.arbitration = lambda: self._recalling(arbitrating(), hydrate)

    def _recalling(self, work: Work, read_again: Callable[[StateView], object]) -> Work:
        def recalled(item: PendingItem, state: StateView) -> Result:
            findings = state.values.get("findings", {})
            seen = sorted(
                (phase, agent, finding["status"], (finding["reference"] or {}).get("digest"))
                for phase, by_agent in findings.items()
                for agent, finding in by_agent.items()
            )
            key = (item.agent, item.phase, *seen)
            if (item.agent, item.phase) in self.anew:
                return work(item, state)
            if key in self._memory:
                read_again(state)
            else:
                self._memory[key] = work(item, state)
            return self._memory[key]

        return recalled


def forget_handlers() -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "lambdas" and each != _KEPT]:
        del sys.modules[name]
