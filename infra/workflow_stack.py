"""What happens to a disruption: the bus, the queue, the functions, the state machine and the notice."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.checkpoint_stack import CheckpointStack
from infra.components import permissions as allow
from infra.components.findings import accept, why_wildcard, wildcard_finding
from infra.components.functions import Functions, FunctionSpec
from infra.components.layers import Layers
from infra.components.state_machine import DisruptionStateMachine, PhaseFunctions
from infra.outputs import Output, StackName, put_out
from infra.settings import OperationsTables, Settings
from skymarshal.contracts import (
    AGENT_NAMES,
    DISRUPTION_DETAIL_TYPE,
    DISRUPTION_SOURCE,
    MOST_DELIVERIES,
    OPERATIONS_TABLES,
    OPERATIONS_TABLES_BY_AGENT,
    OUTGOING_SOURCE,
    SAMPLE_REPORTS_AHEAD_SECONDS,
)

__all__ = ["WorkflowStack"]

_INTAKE_TIMEOUT_SECONDS: Final = 30
_INTAKE_AT_ONCE: Final = 5
_DECIDING_AT_ONCE: Final = 10
_ARCHIVE_DAYS: Final = 30
_DEAD_LETTER_DAYS: Final = 14
_INTAKE_TABLES: Final = ("Flights", "Airports")
_UNSUCCESSFUL: Final = ("FAILED", "TIMED_OUT", "ABORTED")


class WorkflowStack(cdk.Stack):
    """The flow of a disruption.

    Attributes:
        store: Where threads are kept.
        bus: Disruptions come in on it, decisions go out on it.
        queue: Disruptions that wait for intake.
        dead_letters: Disruptions that could not be taken in, each with its reason.
        unheard: Ends of executions that no thread was marked for.
        approvals: Tells duty managers that a decision waits for them.
        machine: The state machine.
        intake: Starts an execution for each disruption.
        ended: Marks the threads that executions left open.
        phases: The functions that the state machine calls.
        threads: Answers the API's questions.
        decisions: Takes a duty manager's decision.
        disruptions: Takes a disruption over the API.
        reports: Renders the reports on decisions.
    """

    def __init__(
        self, scope: Construct, settings: Settings, store: CheckpointStack, knowledge_base_id: str = ""
    ) -> None:
        super().__init__(scope, StackName.WORKFLOW, description="SkyMarshal: flow of a disruption")
        self._settings = settings
        self.store = store
        self._knowledge_base_id = knowledge_base_id
        self._layers = Layers.create(self, settings)
        self._functions = Functions(self, settings, store, self._layers)

        self.bus = self._bus()
        self.queue, self.dead_letters = self._queues()
        self.unheard = self._dead_letter_queue("Unheard", "ends-unheard")
        accept(self.unheard, "AwsSolutions-SQS3", because="It is a dead-letter queue itself, of a rule.")
        self._route_disruptions()
        self.approvals = sns.Topic(
            self,
            "Approvals",
            topic_name=f"{settings.name_prefix}-approvals",
            master_key=store.key,
            enforce_ssl=True,
        )
        if settings.approval_email:
            self.approvals.add_subscription(subscriptions.EmailSubscription(settings.approval_email))
        if settings.escalation_email:
            escalated = {"role": sns.SubscriptionFilter.string_filter(allowlist=["admin"])}
            self.approvals.add_subscription(
                subscriptions.EmailSubscription(settings.escalation_email, filter_policy=escalated)
            )
        self.phases = self._phases()
        self.machine = DisruptionStateMachine(
            self, "Disruption", self.phases, settings, store.log_key
        ).machine
        self.intake = self._intake()
        self.ended = self._ended()
        self.threads = self._threads()
        self.decisions = self._decisions()
        self.disruptions = self._disruptions()
        self.reports = self._reports()
        operators = self._operators()
        put_out(self, Output.OPERATORS_ROLE_ARN, operators.role_arn)
        put_out(self, Output.BUS_NAME, self.bus.event_bus_name)
        put_out(self, Output.QUEUE_URL, self.queue.queue_url)
        put_out(self, Output.DEAD_LETTER_QUEUE_URL, self.dead_letters.queue_url)
        put_out(self, Output.STATE_MACHINE_ARN, self.machine.state_machine_arn)
        put_out(self, Output.TOPIC_ARN, self.approvals.topic_arn)

    def _bus(self) -> events.EventBus:
        bus = events.EventBus(self, "Bus", event_bus_name=self._settings.bus_name)
        events.Archive(
            self,
            "Archive",
            source_event_bus=bus,
            archive_name=f"{self._settings.name_prefix}-events",
            description="Disruptions that came in and decisions that went out, for a replay",
            event_pattern=events.EventPattern(source=[DISRUPTION_SOURCE, OUTGOING_SOURCE]),
            retention=cdk.Duration.days(_ARCHIVE_DAYS),
        )
        return bus

    def _queues(self) -> tuple[sqs.Queue, sqs.Queue]:
        prefix = self._settings.name_prefix
        dead_letters = self._dead_letter_queue("DeadLetters", "disruptions-dead-letters")
        queue = sqs.Queue(
            self,
            "Disruptions",
            queue_name=f"{prefix}-disruptions",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Six times the function's timeout, or a slow batch is delivered again while it is worked on.
            visibility_timeout=cdk.Duration.seconds(6 * _INTAKE_TIMEOUT_SECONDS),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=MOST_DELIVERIES),
        )
        return queue, dead_letters

    def _dead_letter_queue(self, construct_id: str, name: str) -> sqs.Queue:
        return sqs.Queue(
            self,
            construct_id,
            queue_name=f"{self._settings.name_prefix}-{name}",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(_DEAD_LETTER_DAYS),
        )

    def _route_disruptions(self) -> None:
        rule = events.Rule(
            self,
            "DisruptionsToQueue",
            rule_name=f"{self._settings.name_prefix}-disruptions",
            description="Disruptions from the airline's operations go to intake",
            event_bus=self.bus,
            event_pattern=events.EventPattern(
                source=[DISRUPTION_SOURCE], detail_type=[DISRUPTION_DETAIL_TYPE]
            ),
        )
        rule.add_target(targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters))

    def _phases(self) -> PhaseFunctions:
        model_id, knowledge_base_id = self._settings.bedrock_model_id, self._knowledge_base_id
        return PhaseFunctions(
            initial=self._phase("initial", "Opens the thread and dispatches phase 1"),
            revision=self._phase("revision", "Joins phase 1 and dispatches phase 2"),
            arbitration=self._phase(
                "arbitration",
                "Joins phase 2 and ranks the solutions",
                may=[
                    *allow.read_operations(self, self._settings, OPERATIONS_TABLES),
                    *(allow.word(self, model_id) if model_id else []),
                    *(allow.consult(self, knowledge_base_id) if knowledge_base_id else []),
                ],
                environment={
                    **({"BEDROCK_MODEL_ID": model_id} if model_id else {}),
                    **({"KNOWLEDGE_BASE_ID": knowledge_base_id} if knowledge_base_id else {}),
                },
                memory=3008,
                timeout=120,
                layers=[self._layers.arbitration],
            ),
            approval=self._phase(
                "approval",
                "Asks a duty manager for the decision",
                may=[
                    *allow.publish(self.approvals, self.store),
                    *allow.seal_tokens(self.store),
                    *allow.decide_tasks(self, self._settings),
                ],
                environment={
                    "APPROVAL_KEY_ID": self.store.key.key_arn,
                    "APPROVAL_TOPIC_ARN": self.approvals.topic_arn,
                    "PORTAL_URL": self._settings.portal_url,
                    "APPROVAL_TIMEOUT_SECONDS": str(int(self._settings.approval_timeout.total_seconds())),
                },
                reserved=_DECIDING_AT_ONCE,
            ),
            finalise=self._phase(
                "finalise",
                "Writes the decision record and closes the thread",
                may=allow.write_decisions(self.store),
                reserved=_DECIDING_AT_ONCE,
            ),
            agents={agent: self._agent(agent) for agent in AGENT_NAMES},
        )

    def _phase(
        self,
        phase: str,
        purpose: str,
        *,
        may: list[allow.Statement] | None = None,
        memory: int = 1769,
        timeout: int = 60,
        environment: dict[str, str] | None = None,
        layers: list[lambda_.ILayerVersion] | None = None,
        reserved: int | None = None,
    ) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name=f"phase-{phase}",
                handler=f"lambdas.phases.{phase}.handler",
                purpose=purpose,
                may=[
                    *allow.write_threads(self.store),
                    *allow.put_events(self.bus, source=OUTGOING_SOURCE),
                    *(may or []),
                ],
                memory=memory,
                timeout=timeout,
                environment={"EVENT_BUS_NAME": self.bus.event_bus_name, **(environment or {})},
                layers=layers or [],
                reserved=reserved,
            )
        )

    def _agent(self, agent: str) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name=f"agent-{agent}",
                handler=f"lambdas.agents.{agent}.handler",
                purpose=f"Assesses a disruption for {agent.replace('_', ' ')}",
                may=[
                    *allow.work_on_threads(self.store, agent),
                    *allow.read_operations(self, self._settings, OPERATIONS_TABLES_BY_AGENT[agent]),
                ],
                memory=1024,
                timeout=60,
            )
        )

    def _intake(self) -> lambda_.IFunction:
        intake = self._functions.create(
            FunctionSpec(
                name="intake",
                handler="lambdas.intake.handler",
                purpose="Checks each disruption and starts its execution",
                may=[
                    *allow.start(self.machine),
                    *allow.read_operations(self, self._settings, _INTAKE_TABLES),
                    *allow.decrypt_operations(self.store, self._settings),
                    *allow.send(self.dead_letters),
                ],
                timeout=_INTAKE_TIMEOUT_SECONDS,
                environment={
                    "STATE_MACHINE_ARN": self.machine.state_machine_arn,
                    "DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
                    **self._reports_ahead(),
                },
                reserved=_INTAKE_AT_ONCE,
            )
        )
        intake.add_event_source(
            event_sources.SqsEventSource(
                self.queue,
                batch_size=10,
                report_batch_item_failures=True,
                max_concurrency=_INTAKE_AT_ONCE,
            )
        )
        return intake

    def _reports_ahead(self) -> dict[str, str]:
        """Let the sample airline's disruptions be reported ahead of the clock; an airline's own are not."""
        if self._settings.operations_tables is not OperationsTables.CREATE:
            return {}
        return {"REPORTS_AHEAD_SECONDS": str(SAMPLE_REPORTS_AHEAD_SECONDS)}

    def _ended(self) -> lambda_.IFunction:
        """Hear of executions that can mark no thread any more: Step Functions tells on the default bus."""
        ended = self._functions.create(
            FunctionSpec(
                name="execution-ended",
                handler="lambdas.execution_ended.handler",
                purpose="Marks the thread that a stopped or timed out execution left open",
                may=[
                    *allow.mark_threads(self.store),
                    *allow.put_events(self.bus, source=OUTGOING_SOURCE),
                ],
                environment={"EVENT_BUS_NAME": self.bus.event_bus_name},
                unhandled=self.unheard,
            )
        )
        rule = events.Rule(
            self,
            "ExecutionsEnded",
            rule_name=f"{self._settings.name_prefix}-executions-ended",
            description="Executions that ended without success go to who marks their threads",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": list(_UNSUCCESSFUL),
                    "stateMachineArn": [self.machine.state_machine_arn],
                },
            ),
        )
        rule.add_target(targets.LambdaFunction(ended, dead_letter_queue=self.unheard))
        return ended

    def _operators(self) -> iam.Role:
        """Let whoever of the account may assume the role run the operators' commands, and nothing else."""
        role = iam.Role(
            self,
            "OperatorsRole",
            role_name=f"{self._settings.name_prefix}-operators",
            description="Runs skymarshal threads, history, show, verify, resume and redrive",
            assumed_by=iam.AccountRootPrincipal(),
            max_session_duration=cdk.Duration.hours(1),
        )
        for statement in (
            *allow.operate(self.store, self.machine, [self.dead_letters, self.unheard], self.queue),
            *allow.look_up_executions(self, self._settings),
        ):
            role.add_to_policy(statement)
            for resource in statement.resources:
                if "*" in resource:
                    accept(role, wildcard_finding(role, resource), because=why_wildcard(resource))
        return role

    def _threads(self) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name="api-threads",
                handler="lambdas.api.threads.handler",
                purpose="Shows threads, their history and what waits for approval",
                may=[
                    *allow.read_threads(self.store),
                    *allow.list_threads(self.store),
                ],
            )
        )

    def _decisions(self) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name="api-decisions",
                handler="lambdas.api.decisions.handler",
                purpose="Takes a duty manager's decision and its outcome; resumes a stuck thread",
                may=[
                    *allow.write_threads(self.store),
                    *allow.read_decisions(self.store),
                    *allow.write_outcomes(self.store),
                    *allow.decide_tasks(self, self._settings),
                    *allow.open_tokens(self.store),
                    *allow.start(self.machine),
                    *allow.look_up_executions(self, self._settings),
                ],
                environment={
                    "APPROVAL_KEY_ID": self.store.key.key_arn,
                    "STATE_MACHINE_ARN": self.machine.state_machine_arn,
                },
                reserved=_DECIDING_AT_ONCE,
            )
        )

    def _disruptions(self) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name="api-disruptions",
                handler="lambdas.api.disruptions.handler",
                purpose="Takes a disruption over the API",
                may=allow.put_events(self.bus, source=DISRUPTION_SOURCE),
                environment={"EVENT_BUS_NAME": self.bus.event_bus_name, **self._reports_ahead()},
            )
        )

    def _reports(self) -> lambda_.IFunction:
        return self._functions.create(
            FunctionSpec(
                name="api-reports",
                handler="lambdas.api.reports.handler",
                purpose="Renders the report on a decision as JSON, Markdown or PDF",
                may=allow.read_reports(self.store),
                memory=1769,
                layers=[self._layers.reports],
            )
        )
