"""Step Functions for the definitions that we deploy, one state at a time and in virtual time.

moto's interpreter judges the definition (tests/state_machine). This one drives it through hundreds of
runs with faults: it can be stopped after any state and set back to it, and waits without waiting. It reads
what our definitions use and refuses the rest.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.flow.clock import VirtualTime


class TaskError(Exception):
    """A task that did not succeed, by the error's name as Step Functions reports it."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


@dataclass(kw_only=True)
class Execution:
    """Where an execution stands: before `state` with `data`, or ended."""

    name: str
    given: str
    data: Any
    state: str | None
    status: str = "RUNNING"
    output: Any = None
    error: str = ""
    waits_on: str | None = None
    answer: Any = None
    transitions: int = 0
    largest: int = 0
    retried: Counter = field(default_factory=Counter)


class StepFunctions:
    """Executions of one state machine. `invoke` calls a function and raises TaskError where it fails."""

    def __init__(
        self, definition: Mapping[str, Any], invoke: Callable[[str, Any], Any], time: VirtualTime
    ) -> None:
        self._definition = definition
        self._invoke = invoke
        self._time = time
        self._tokens = itertools.count(1)
        self.executions: dict[str, Execution] = {}

    def start(self, name: str, given: str) -> bool:
        """Start an execution; False where another was started under this name."""
        known = self.executions.get(name)
        if known is not None:
            return known.status == "RUNNING" and known.given == given
        self.executions[name] = Execution(
            name=name, given=given, data=json.loads(given), state=self._definition["StartAt"]
        )
        return True

    def succeed(self, token: str, output: str) -> bool:
        """Answer a task that waits on a token; False where none does."""
        for execution in self.executions.values():
            if execution.waits_on == token and execution.answer is None:
                execution.answer = json.loads(output)
                return True
        return False

    def step(self, execution: Execution) -> None:
        """Run one state of the state machine; a map with all that is in it is one."""
        name, states = execution.state, self._definition["States"]
        assert execution.status == "RUNNING"
        assert name is not None
        execution.transitions += 1
        self._weigh(execution, execution.data)
        state = states[name]
        try:
            if ".waitForTaskToken" in state.get("Resource", ""):
                if execution.waits_on is None:
                    self._ask(execution, state)
                if execution.answer is None:
                    execution.transitions -= 1
                    return
                execution.waits_on, execution.answer, result = None, None, execution.answer
                execution.data = _placed(state, execution.data, result)
                following = _after(state)
            else:
                execution.data, following = self._run(execution, states, name, execution.data)
        except TaskError as error:
            execution.waits_on = execution.answer = None
            catcher = next((one for one in state.get("Catch", ()) if _matches(one, error.name)), None)
            if catcher is None:
                execution.status, execution.error = "FAILED", str(error)
                return
            told = {"Error": error.name, "Cause": error.cause}
            execution.data, following = _placed(catcher, execution.data, told), catcher["Next"]
        if following is None:
            execution.status, execution.output = "SUCCEEDED", execution.data
        execution.state = following

    def time_out(self, execution: Execution) -> None:
        """Let the time of the state that waits for an answer run out."""
        assert execution.waits_on is not None
        assert execution.state is not None
        state = self._definition["States"][execution.state]
        self._time.sleep(state["TimeoutSeconds"])
        error = TaskError("States.Timeout", "")
        catcher = next(one for one in state["Catch"] if _matches(one, error.name))
        execution.waits_on = None
        execution.data = _placed(catcher, execution.data, {"Error": error.name, "Cause": error.cause})
        execution.state = catcher["Next"]

    def _run(
        self, execution: Execution, states: Mapping[str, Any], name: str, data: Any
    ) -> tuple[Any, str | None]:
        state = states[name]
        match state["Type"]:
            case "Task":
                given = data
                if "Parameters" in state:
                    given = _evaluated(state["Parameters"], data, _context(execution))
                result = self._tried(
                    execution, name, state, lambda: self._called(execution, state["Resource"], given)
                )
                return _placed(state, data, result), _after(state)
            case "Map":
                for item in _at(state["ItemsPath"], data):
                    given = item
                    if "ItemSelector" in state:
                        context = {**_context(execution), "Map": {"Item": {"Value": item}}}
                        given = _evaluated(state["ItemSelector"], data, context)
                    self._iterate(execution, state["ItemProcessor"], given)
                return _placed(state, data, []), _after(state)
            case "Choice":
                return data, _chosen(state, data)
            case "Pass":
                return _placed(state, data, data), _after(state)
            case "Fail":
                raise TaskError(_at(state["ErrorPath"], data), _at(state["CausePath"], data))
        raise NotImplementedError(state["Type"])

    def _iterate(self, execution: Execution, processor: Mapping[str, Any], item: Any) -> None:
        data, name = copy.deepcopy(item), processor["StartAt"]
        while name is not None:
            state = processor["States"][name]
            self._weigh(execution, data)
            try:
                data, name = self._run(execution, processor["States"], name, data)
            except TaskError as error:
                catcher = next((one for one in state.get("Catch", ()) if _matches(one, error.name)), None)
                if catcher is None:
                    raise
                told = {"Error": error.name, "Cause": error.cause}
                data, name = _placed(catcher, data, told), catcher["Next"]

    def _ask(self, execution: Execution, state: Mapping[str, Any]) -> None:
        def asked() -> None:
            execution.waits_on = f"token-{next(self._tokens)}"
            context = {**_context(execution), "Task": {"Token": execution.waits_on}}
            payload = _evaluated(state["Parameters"]["Payload"], execution.data, context)
            self._called(execution, state["Parameters"]["FunctionName"], payload)

        self._tried(execution, str(execution.state), state, asked)

    def _tried(
        self, execution: Execution, name: str, state: Mapping[str, Any], call: Callable[[], Any]
    ) -> Any:
        attempts: Counter[int] = Counter()
        while True:
            try:
                return call()
            except TaskError as error:
                retriers = enumerate(state.get("Retry", ()))
                retry = next((one for one in retriers if _matches(one[1], error.name)), None)
                if retry is None or attempts[retry[0]] >= retry[1]["MaxAttempts"]:
                    raise
                place, policy = retry
                delay = policy["IntervalSeconds"] * policy["BackoffRate"] ** attempts[place]
                # With full jitter the delay is half of it on average.
                self._time.sleep(min(delay, policy.get("MaxDelaySeconds", delay)) / 2)
                attempts[place] += 1
                execution.retried[name, error.name] += 1

    def _called(self, execution: Execution, function: str, payload: Any) -> Any:
        self._weigh(execution, payload)
        return self._invoke(function, payload)

    @staticmethod
    def _weigh(execution: Execution, data: Any) -> None:
        execution.largest = max(execution.largest, len(json.dumps(data)))


def _matches(policy: Mapping[str, Any], error: str) -> bool:
    named = policy["ErrorEquals"]
    return (
        error in named
        or "States.ALL" in named
        or ("States.TaskFailed" in named and error != "States.Timeout")
    )


def _after(state: Mapping[str, Any]) -> str | None:
    return None if state.get("End") else state["Next"]


def _at(path: str, data: Any) -> Any:
    if path == "$":
        return data
    assert path.startswith("$.")
    for name in path[2:].split("."):
        data = data[name]
    return data


def _placed(state: Mapping[str, Any], data: Any, result: Any) -> Any:
    path = state.get("ResultPath", "$")
    if path is None:
        return data
    if path == "$":
        return result
    return {**data, path.removeprefix("$."): result}


def _context(execution: Execution) -> dict[str, Any]:
    return {"Execution": {"Name": execution.name}}


def _evaluated(template: Mapping[str, Any], data: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    given = {}
    for name, value in template.items():
        if not name.endswith(".$"):
            given[name] = value
        elif value.startswith("$$."):
            given[name[:-2]] = _at(value[1:], context)
        else:
            given[name[:-2]] = _at(value, data)
    return given


def _chosen(state: Mapping[str, Any], data: Any) -> str:
    for choice in state["Choices"]:
        (test,) = choice.keys() - {"Variable", "Next"}
        assert test in ("StringEquals", "BooleanEquals")
        if _at(choice["Variable"], data) == choice[test]:
            following: str = choice["Next"]
            return following
    if "Default" not in state:
        raise TaskError("States.NoChoiceMatched", f"no choice for {data}")
    default: str = state["Default"]
    return default
