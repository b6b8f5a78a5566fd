"""What a person looks at, and what calls one: dashboards and alarms."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.api_stack import ApiStack
from infra.checkpoint_stack import CheckpointStack
from infra.components.dashboards import decisions_dashboard, measured, operations_dashboard
from infra.outputs import StackName
from infra.settings import Settings
from infra.workflow_stack import WorkflowStack

__all__ = ["MonitoringStack"]

_ONE_MINUTE: Final = cdk.Duration.minutes(1)
_FIVE_MINUTES: Final = cdk.Duration.minutes(5)
_HOUR: Final = cdk.Duration.hours(1)


class MonitoringStack(cdk.Stack):
    """Alarms on what a person must act on, and two dashboards.

    Attributes:
        alarms: Every alarm, in the order of the dashboard.
        notices: Tells the operators of alarms.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        store: CheckpointStack,
        workflow: WorkflowStack,
        api: ApiStack,
    ) -> None:
        super().__init__(scope, StackName.MONITORING, description="SkyMarshal: dashboards and alarms")
        self._settings = settings
        self.alarms: list[cloudwatch.Alarm] = []
        self.notices = sns.Topic(
            self,
            "Alarms",
            topic_name=f"{settings.name_prefix}-alarms",
            master_key=store.key,
            enforce_ssl=True,
        )
        self._let_alarms_publish()
        if settings.alarm_email:
            self.notices.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
        self._watch_intake(workflow)
        self._watch_machine(workflow)
        self._watch_functions(workflow)
        self._watch_store(store)
        self._watch_api(api)
        self._watch_threads()
        decisions_dashboard(self, settings, workflow)
        operations_dashboard(self, settings, self.alarms, store, workflow, api)

    def _let_alarms_publish(self) -> None:
        """Let the account's own alarms reach the topic.

        A topic's own policy takes the place of the one that SNS gives it, by which the account could publish.
        """
        self.notices.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.notices.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        act: str,
        *,
        runbook: str = "",
        threshold: float = 1,
        periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._settings.name_prefix}-{name}",
            alarm_description=f"{act} Runbook: {self._settings.runbook_url}#{runbook or name}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.notices))
        self.alarms.append(alarm)

    def _watch_intake(self, workflow: WorkflowStack) -> None:
        self._alarm(
            "dead-letters",
            workflow.dead_letters.metric_approximate_number_of_messages_visible(
                period=_ONE_MINUTE, statistic="Maximum"
            ),
            "A disruption was refused or could not be taken in, so nobody is working on it. Read the "
            "reason on the message, correct the event at its source, and send it again.",
        )
        self._alarm(
            "intake-delay",
            workflow.queue.metric_approximate_age_of_oldest_message(period=_ONE_MINUTE, statistic="Maximum"),
            "Disruptions wait more than two minutes for intake. Look for errors or throttling of the intake "
            "function.",
            threshold=120,
            periods=3,
        )

    def _watch_machine(self, workflow: WorkflowStack) -> None:
        machine = workflow.machine
        self._alarm(
            "executions-failed",
            machine.metric_failed(period=_ONE_MINUTE),
            "A thread ended in failure and its disruption has no decision. The execution's error names the "
            "cause; the thread goes on from its last checkpoint once that is gone.",
        )
        self._alarm(
            "executions-timed-out",
            machine.metric_timed_out(period=_FIVE_MINUTES),
            "An execution outlived every limit. Its thread says so: resume it, or take the decision by hand.",
        )
        self._alarm(
            "executions-aborted",
            machine.metric_aborted(period=_FIVE_MINUTES),
            "Somebody stopped an execution. Its thread says so: resume it, or take the decision by hand.",
        )

        self._alarm(
            "ends-unheard",
            workflow.unheard.metric_approximate_number_of_messages_visible(
                period=_ONE_MINUTE, statistic="Maximum"
            ),
            "An execution was stopped and its thread could not be marked: it looks as if it still ran. The "
            "message on the queue names it; resume the thread, or take the decision by hand.",
        )

    def _watch_functions(self, workflow: WorkflowStack) -> None:
        for agent, function in workflow.phases.agents.items():
            self._function_alarms(
                f"agent-{agent.replace('_', '-')}",
                function,
                f"The {agent.replace('_', ' ')} agent fails. It is dispatched again up to a limit, then its "
                "assessment is missing, which for a safety agent means manual review.",
                runbook="agent-errors",
                errors=3,
            )
        for name, function, act in (
            ("intake", workflow.intake, "Intake fails; the disruptions wait in the queue and come again."),
            ("phase-initial", workflow.phases.initial, "Threads stop before their first phase."),
            ("phase-revision", workflow.phases.revision, "Threads stop after their first phase."),
            ("phase-arbitration", workflow.phases.arbitration, "Threads stop without any solution."),
            ("phase-approval", workflow.phases.approval, "Duty managers are not asked for decisions."),
            ("phase-finalise", workflow.phases.finalise, "Decision records are not written."),
            ("execution-ended", workflow.ended, "Threads of stopped executions are not marked."),
            ("api-threads", workflow.threads, "The portal can't show threads."),
            ("api-decisions", workflow.decisions, "Duty managers can't decide: the deadline runs on."),
            ("api-disruptions", workflow.disruptions, "Disruptions over the API are not taken."),
            ("api-reports", workflow.reports, "Reports on decisions are not rendered."),
        ):
            self._function_alarms(
                name, function, f"{act} Read the function's log.", runbook="function-errors", errors=1
            )

    def _function_alarms(
        self, name: str, function: lambda_.IFunction, act: str, *, runbook: str, errors: int
    ) -> None:
        self._alarm(
            f"{name}-errors",
            function.metric_errors(period=_FIVE_MINUTES),
            act,
            runbook=runbook,
            threshold=errors,
        )
        self._alarm(
            f"{name}-throttles",
            function.metric_throttles(period=_FIVE_MINUTES),
            "The function is refused capacity again and again. Raise the account's concurrency quota or the "
            "function's reservation.",
            runbook="function-throttles",
            threshold=10,
            periods=2,
        )

    def _watch_store(self, store: CheckpointStack) -> None:
        for name, metric in (("reads", "ReadThrottleEvents"), ("writes", "WriteThrottleEvents")):
            self._alarm(
                f"checkpoint-table-{name}",
                store.table.metric(metric, period=_FIVE_MINUTES, statistic="Sum"),
                f"The checkpoint table refuses {name} beyond what retries absorb. Look for one thread or one "
                "status that takes all of the traffic.",
                runbook="checkpoint-table-throttles",
                threshold=20,
                periods=2,
            )

    def _watch_api(self, api: ApiStack) -> None:
        self._alarm(
            "api-server-errors",
            api.api.metric_server_error(period=_FIVE_MINUTES, statistic="Sum"),
            "The API answers with errors of its own. The access log names the route and the request.",
            threshold=5,
        )

    def _watch_threads(self) -> None:
        self._alarm(
            "approvals-expired",
            measured("ThreadsDecided", "Sum", outcome="expired"),
            "Nobody decided on a disruption before its deadline, so nothing is done about it. Call the duty "
            "manager.",
        )
        for phase in ("initial", "revision"):
            self._alarm(
                f"agents-missing-{phase}",
                measured("AgentsMissing", "Sum", phase=phase),
                "A phase went on without an agent that failed for good: its disruption is decided with less "
                "than is known. Tell the duty manager, and look for the cause in the agent's log.",
                runbook="agents-missing",
            )
        self._alarm(
            "recoveries",
            measured("Recoveries", "Sum", period=_HOUR),
            "Threads were resumed again and again within an hour: something keeps killing their executions. "
            "Stop resuming, and look for what does.",
            threshold=5,
        )
        self._alarm(
            "events-lost",
            measured("EventsLost", "Sum"),
            "News of threads did not reach the bus, so other systems don't know of them. Decisions are not "
            "affected: look at EventBridge's limits.",
        )
