"""Step Functions: what differs from AWS in how ministack runs a state machine."""

from __future__ import annotations

import threading
from typing import Any

from ministack.services import stepfunctions

from local.emulator.expectations import expect_source

__all__ = [
    "fail_callback_task_with_its_function",
    "forget_tokens_of_stopped_executions",
    "keep_branch_contexts_apart",
]


def fail_callback_task_with_its_function() -> None:
    """Fail a waitForTaskToken task whose function failed, where ministack waits on until the timeout."""
    invoke, call = stepfunctions._invoke_with_callback, stepfunctions._call_lambda
    expect_source(
        invoke,
        "_call_lambda(func_ref, lambda_payload)\n        except _ExecutionError:\n            pass",
        'raise _ExecutionError(e.get("Error", "TaskFailed"),',
    )
    waiting = threading.local()

    def invoke_with_callback(
        resource: str, input_data: dict[str, Any], token: str, state_def: dict[str, Any]
    ) -> object:
        waiting.token = token
        try:
            return invoke(resource, input_data, token, state_def)
        finally:
            waiting.token = None

    def call_lambda(func_ref: str, event: object) -> object:
        token, waiting.token = getattr(waiting, "token", None), None
        try:
            return call(func_ref, event)
        except stepfunctions._ExecutionError as error:
            if token and (task := stepfunctions._task_tokens.get(token)):
                task["error"] = {"Error": error.error, "Cause": error.cause}
                task["event"].set()
            raise

    stepfunctions._invoke_with_callback = invoke_with_callback
    stepfunctions._call_lambda = call_lambda


def keep_branch_contexts_apart() -> None:
    """Give every branch of a Map or Parallel its own context object, which ministack lets them share."""
    run = stepfunctions._run_sub_machine
    expect_source(run, 'ctx["State"] = {"Name": current_name')

    def run_apart(
        states: dict[str, Any],
        start_at: str,
        input_data: object,
        execution: dict[str, Any],
        ctx: dict[str, Any],
    ) -> object:
        return run(states, start_at, input_data, execution, {**ctx, "State": dict(ctx.get("State") or {})})

    stepfunctions._run_sub_machine = run_apart


def forget_tokens_of_stopped_executions() -> None:
    """Refuse the task token of an execution that was stopped, which ministack accepts to no effect."""
    execute, tell = stepfunctions._execute_task, stepfunctions._emit_execution_status_event
    expect_source(execute, 'ctx["Task"] = {"Token": new_uuid()}')
    expect_source(stepfunctions._stop_execution, "_emit_execution_status_event(execution)")
    expect_source(stepfunctions._send_task_success, "info = _task_tokens.get(token)")
    contexts: dict[str, list[dict[str, Any]]] = {}

    def execute_known(
        state_def: dict[str, Any], raw_input: object, execution: dict[str, Any], ctx: dict[str, Any]
    ) -> object:
        under_way = contexts.setdefault(execution["executionArn"], [])
        under_way.append(ctx)
        try:
            return execute(state_def, raw_input, execution, ctx)
        finally:
            under_way.remove(ctx)

    def tell_and_forget(execution: dict[str, Any]) -> None:
        tell(execution)
        if execution["status"] == "ABORTED":
            for ctx in contexts.get(execution["executionArn"], ()):
                stepfunctions._task_tokens.pop(ctx.get("Task", {}).get("Token"), None)

    stepfunctions._execute_task = execute_known
    stepfunctions._emit_execution_status_event = tell_and_forget
