"""The state machine: it drives the graph from barrier to barrier and decides nothing itself.

    Phase 1 - dispatch
    Phase 1 - agents        seven at once, each its own task; what fails is left open
    Phase 1 - join          back to the agents while something is open and attempts are left
    Phase 2 - agents        the same, dispatched by the join before
    Phase 3 - arbitration   joins phase 2, then arbitrates
    Approval                asks the duty manager, reminds, escalates; who has not decided by then, expires
    Finalise                the decision record; after any failure, a thread that says so

Only ids travel from state to state: results are in the checkpoint store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.components.findings import accept
from infra.settings import Settings
from skymarshal.contracts import AGENT_NAMES

__all__ = ["DisruptionStateMachine", "PhaseFunctions"]

_LAMBDA_FAULTS: Final = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
]
# Errors of `skymarshal.checkpoints`: another delivery of the same work was faster, or the store did not
# answer. The next attempt reads anew.
_PASSING_FAULTS: Final = ["HeadMoved", "ClaimLost", "StoreUnavailable"]
_ITEM_FIELDS: Final = (
    "thread_id",
    "agent",
    "phase",
    "interrupt_id",
    "checkpoint_id",
    "earlier_checkpoint_id",
)
_AGENT_TIMEOUT: Final = cdk.Duration.seconds(90)
_PHASE_TIMEOUT: Final = cdk.Duration.seconds(180)
_LAST_RESORT: Final = cdk.Duration.days(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFunctions:
    """The functions that the state machine calls."""

    initial: lambda_.IFunction
    revision: lambda_.IFunction
    arbitration: lambda_.IFunction
    approval: lambda_.IFunction
    finalise: lambda_.IFunction
    agents: Mapping[str, lambda_.IFunction]


class DisruptionStateMachine(Construct):
    """One execution takes one thread from the disruption to the decision record.

    Attributes:
        machine: The state machine. Its input is `{"thread_id", "disruption"}`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        functions: PhaseFunctions,
        settings: Settings,
        log_key: kms.IKey | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        self._approval_timeout = cdk.Duration.minutes(settings.approval_timeout_minutes)
        self._patience = settings.approval_slices
        self._failed = self._failure()
        log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/vendedlogs/states/{settings.state_machine_name}",
            retention=settings.log_retention,
            encryption_key=log_key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=settings.state_machine_name,
            definition_body=sfn.DefinitionBody.from_chainable(self._definition()),
            comment="From a flight disruption to an approved decision, in three phases",
            # Every state has its own limit and a way to the end; this bounds what nobody thought of.
            timeout=self._approval_timeout.plus(_LAST_RESORT),
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=False),
        )
        accept(
            self.machine,
            "AwsSolutions-IAM5[Resource::*]",
            because="X-Ray and the delivery of vended logs know no resources: their actions take only *.",
        )

    def _definition(self) -> sfn.IChainable:
        of_thread = {
            "thread_id": sfn.JsonPath.string_at("$.thread_id"),
            "execution": sfn.JsonPath.string_at("$$.Execution.Name"),
        }
        of_attempt = {**of_thread, "attempt": sfn.JsonPath.number_at("$.attempt")}
        dispatch = self._phase(
            "Phase 1 - dispatch",
            self._functions.initial,
            {**of_thread, "disruption": sfn.JsonPath.object_at("$.disruption")},
        )
        initial_agents = self._agents("Phase 1")
        join = self._phase("Phase 1 - join", self._functions.revision, of_attempt)
        revision_agents = self._agents("Phase 2")
        arbitration = self._phase("Phase 3 - arbitration", self._functions.arbitration, of_attempt)
        approval = self._approval(of_thread, then=self._finalise("Finalise", of_thread))

        complete = sfn.Condition.boolean_equals("$.complete", True)
        initial_complete = sfn.Choice(self, "Phase 1 - complete?")
        revision_complete = sfn.Choice(self, "Phase 2 - complete?")
        dispatch.next(initial_agents).next(join).next(initial_complete)
        initial_complete.when(complete, revision_agents).otherwise(initial_agents)
        revision_agents.next(arbitration).next(revision_complete)
        revision_complete.when(complete, approval).otherwise(revision_agents)
        return dispatch

    def _phase(
        self, name: str, function: lambda_.IFunction, payload: Mapping[str, object]
    ) -> tasks.LambdaInvoke:
        task = tasks.LambdaInvoke(
            self,
            name,
            lambda_function=function,
            payload=sfn.TaskInput.from_object(dict(payload)),
            payload_response_only=True,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(_PHASE_TIMEOUT),
        )
        _retry(task)
        _retry_crash(task)
        task.add_catch(self._failed, errors=[sfn.Errors.ALL], result_path="$.error")
        return task

    def _agents(self, phase: str) -> sfn.Map:
        """Return a map over the open items; one that fails stays open, for the join to dispatch again."""
        left_open = sfn.Pass(self, f"{phase} - left open", result_path=sfn.JsonPath.DISCARD)
        choice = sfn.Choice(self, f"{phase} - which agent?")
        for agent in AGENT_NAMES:
            task = tasks.LambdaInvoke(
                self,
                f"{phase} - {agent.replace('_', ' ')}",
                lambda_function=self._functions.agents[agent],
                payload_response_only=True,
                retry_on_service_exceptions=False,
                result_path=sfn.JsonPath.DISCARD,
                task_timeout=sfn.Timeout.duration(_AGENT_TIMEOUT),
            )
            _retry(task)
            task.add_catch(left_open, errors=[sfn.Errors.ALL], result_path="$.error")
            choice.when(sfn.Condition.string_equals("$.agent", agent), task)
        agents = sfn.Map(
            self,
            f"{phase} - agents",
            items_path="$.items",
            item_selector={
                **{f"{name}.$": f"$$.Map.Item.Value.{name}" for name in _ITEM_FIELDS},
                "execution.$": "$$.Execution.Name",
            },
            result_path=sfn.JsonPath.DISCARD,
        ).item_processor(choice)
        agents.add_catch(self._failed, errors=[sfn.Errors.ALL], result_path="$.error")
        return agents

    def _approval(self, of_thread: Mapping[str, object], then: sfn.IChainable) -> sfn.IChainable:
        """Return the tasks that wait for a decision: each asks more urgently once the one before ran out."""
        after: sfn.IChainable = self._finalise("Finalise - expired", {**of_thread, "expired": True})
        for name, notice, patience in reversed(self._patience):
            task = tasks.LambdaInvoke(
                self,
                name,
                comment="Waits for a duty manager, who answers through the API",
                lambda_function=self._functions.approval,
                integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
                payload=sfn.TaskInput.from_object(
                    {**of_thread, "task_token": sfn.JsonPath.task_token, "notice": notice}
                ),
                retry_on_service_exceptions=False,
                result_path=sfn.JsonPath.DISCARD,
                task_timeout=sfn.Timeout.duration(cdk.Duration.seconds(int(patience.total_seconds()))),
            )
            _retry(task)
            # Asking again is harmless; time that has run out is none of the asking's faults.
            _retry_crash(task, [sfn.Errors.TASKS_FAILED])
            task.add_catch(after, errors=[sfn.Errors.TIMEOUT], result_path=sfn.JsonPath.DISCARD)
            task.add_catch(self._failed, errors=[sfn.Errors.ALL], result_path="$.error")
            task.next(then)
            after = task
        return after

    def _finalise(self, name: str, payload: Mapping[str, object]) -> tasks.LambdaInvoke:
        return self._phase(name, self._functions.finalise, payload)

    def _failure(self) -> sfn.IChainable:
        """Return the way of every failure: the thread is marked, then the execution fails with its cause."""
        failed = sfn.Fail(self, "Failed", error_path="$.error.Error", cause_path="$.error.Cause")
        mark = tasks.LambdaInvoke(
            self,
            "Finalise - failed",
            comment="Marks the thread, so that none is left silently stuck",
            lambda_function=self._functions.finalise,
            payload=sfn.TaskInput.from_object(
                {
                    "thread_id": sfn.JsonPath.string_at("$.thread_id"),
                    "execution": sfn.JsonPath.string_at("$$.Execution.Name"),
                    "error": sfn.JsonPath.object_at("$.error"),
                }
            ),
            payload_response_only=True,
            retry_on_service_exceptions=False,
            result_path=sfn.JsonPath.DISCARD,
            task_timeout=sfn.Timeout.duration(_PHASE_TIMEOUT),
        )
        _retry(mark)
        _retry_crash(mark)
        mark.add_catch(failed, errors=[sfn.Errors.ALL], result_path=sfn.JsonPath.DISCARD)
        return mark.next(failed)


def _retry(task: tasks.LambdaInvoke) -> None:
    task.add_retry(
        errors=[*_LAMBDA_FAULTS, *_PASSING_FAULTS],
        interval=cdk.Duration.seconds(1),
        backoff_rate=2,
        max_attempts=8,
        max_delay=cdk.Duration.seconds(30),
        jitter_strategy=sfn.JitterType.FULL,
    )


def _retry_crash(
    task: tasks.LambdaInvoke, errors: Sequence[str] = (sfn.Errors.TASKS_FAILED, sfn.Errors.TIMEOUT)
) -> None:
    """A phase that dies in the middle goes on from its last checkpoint, so it may simply run again."""
    task.add_retry(
        errors=list(errors),
        interval=cdk.Duration.seconds(2),
        backoff_rate=2,
        max_attempts=2,
        jitter_strategy=sfn.JitterType.FULL,
    )
