"""What each function is made of, from its environment: built on first use, kept while the function lives."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from lambdas.observability import about
from skymarshal import aws
from skymarshal.contracts import DISRUPTION_SOURCE
from skymarshal.operations import DynamoDBTables
from skymarshal.ports import Clock, Sleep, system_clock, system_sleep
from skymarshal.settings import Settings

if TYPE_CHECKING:
    from skymarshal.checkpoints import AgentRuns, CheckpointSaver, Store, ThreadManager
    from skymarshal.knowledge import Knowledge, Precedents
    from skymarshal.narration import Narrator
    from skymarshal.orchestration.announcements import Announcer
    from skymarshal.orchestration.approvals import Approvals
    from skymarshal.orchestration.coordinator import Coordinator
    from skymarshal.orchestration.failing import Failures
    from skymarshal.orchestration.finalising import Finaliser
    from skymarshal.orchestration.flow_control import StepFunctionsFlow
    from skymarshal.orchestration.intake import Intake
    from skymarshal.orchestration.outcomes import Outcomes
    from skymarshal.orchestration.progress import Progress
    from skymarshal.orchestration.resuming import Resumer
    from skymarshal.orchestration.token_seal import TokenSeal
    from skymarshal.orchestration.worker import Work, Worker

__all__ = [
    "agents",
    "approval_patience",
    "approvals",
    "arbitration",
    "arbitrator",
    "assessment",
    "bus",
    "clock",
    "coordinator",
    "disruption_bus",
    "failures",
    "finaliser",
    "flow",
    "intake",
    "knowledge",
    "narrator",
    "outcomes",
    "precedents",
    "progress",
    "resumer",
    "runs",
    "sleep",
    "tables",
    "threads",
    "token_seal",
]

clock: Clock = system_clock
"""What dates everything. Whoever replays a flow sets this and `sleep` before a function is built."""

sleep: Sleep = system_sleep
"""What waits between two attempts at a call of the store."""


def required(name: str) -> str:
    """Return an environment variable.

    Raises:
        KeyError: it is not set; the function's template is wrong.
    """
    try:
        return os.environ[name]
    except KeyError:
        raise KeyError(f"environment variable {name} is not set on this function") from None


@cache
def settings() -> Settings:
    """Return the settings of the checkpoint store and of the rules."""
    return Settings.from_environment()


@cache
def store() -> Store:
    """Return the checkpoint store on AWS."""
    from skymarshal.checkpoints import open_store

    opened = open_store(settings(), sleep=sleep)
    if opened is None:
        raise RuntimeError("CHECKPOINT_MODE is disabled: the deployed flow cannot run without its store")
    return opened


@cache
def saver() -> CheckpointSaver:
    """Return the saver over the store."""
    from skymarshal.checkpoints import CheckpointSaver

    return CheckpointSaver(store(), clock=clock, retention=_retention())


@cache
def runs() -> AgentRuns:
    """Return the agents' runs in the store."""
    from skymarshal.checkpoints import AgentRuns

    return AgentRuns(store(), clock, retention=_retention())


@cache
def threads() -> ThreadManager:
    """Return the threads in the store."""
    from skymarshal.checkpoints import ThreadManager

    return ThreadManager(store(), clock, retention=_retention())


@cache
def tables() -> DynamoDBTables:
    """Return the operational tables."""
    return DynamoDBTables(aws.operations_client(), required("OPERATIONS_TABLE_PREFIX"))


@cache
def agents() -> Worker:
    """Return the worker of the seven agents."""
    from skymarshal.orchestration.worker import Worker

    return Worker(saver(), runs(), assessment())


@cache
def assessment() -> Work:
    """Return what the seven agents do."""
    from skymarshal.orchestration.assessing import assessing

    return assessing(tables(), clock)


@cache
def arbitrator() -> Worker:
    """Return the worker of the arbitrator."""
    from skymarshal.orchestration.worker import Worker

    return Worker(saver(), runs(), arbitration())


@cache
def arbitration() -> Work:
    """Return what the arbitrator does."""
    from skymarshal.orchestration.arbitrating import arbitrating
    from skymarshal.recovery import DEFAULT_POLICY

    return arbitrating(runs(), tables(), DEFAULT_POLICY, narrator(), knowledge(), precedents())


@cache
def narrator() -> Narrator:
    """Return the narrator: the templates, or a model of Bedrock where BEDROCK_MODEL_ID names one."""
    from lambdas.measures import narration_refused
    from skymarshal.narration import BedrockModel, CheckedNarrator, TemplateNarrator

    model_id = os.environ.get("BEDROCK_MODEL_ID")
    if not model_id:
        return TemplateNarrator()
    return CheckedNarrator(BedrockModel(aws.bedrock_client(), model_id), on_refused=narration_refused)


@cache
def knowledge() -> Knowledge:
    """Return the guidance: the shipped corpus, or a knowledge base where KNOWLEDGE_BASE_ID names one."""
    from skymarshal.knowledge import BedrockKnowledgeBase, EmbeddedKnowledge

    knowledge_base_id = os.environ.get("KNOWLEDGE_BASE_ID")
    if not knowledge_base_id:
        return EmbeddedKnowledge()
    return BedrockKnowledgeBase(aws.knowledge_client(), knowledge_base_id)


@cache
def precedents() -> Precedents:
    """Return the past decisions."""
    from skymarshal.knowledge import DynamoDBPrecedents

    return DynamoDBPrecedents(aws.operations_client(), settings().checkpoint_table_name)


@cache
def coordinator() -> Coordinator:
    """Return the coordinator of the graph."""
    from skymarshal.orchestration.coordinator import Coordinator

    return Coordinator(saver(), rule_profile=settings().rule_profile)


@cache
def flow() -> StepFunctionsFlow:
    """Return the state machine; functions that only wake it have no ARN."""
    from skymarshal.orchestration.flow_control import StepFunctionsFlow

    return StepFunctionsFlow(aws.stepfunctions_client(), os.environ.get("STATE_MACHINE_ARN", ""))


@cache
def approvals() -> Approvals:
    """Return the approvals; only the function that asks has a topic to tell of it."""
    from skymarshal.orchestration.announcements import SeveralAnnouncers, SilentAnnouncer, TopicNotifier
    from skymarshal.orchestration.approvals import Approvals

    topic = os.environ.get("APPROVAL_TOPIC_ARN")
    announcer: Announcer = SilentAnnouncer()
    if topic:
        portal_url = os.environ.get("PORTAL_URL", "")
        announcer = SeveralAnnouncers(bus(), TopicNotifier(aws.sns_client(), topic, portal_url))
    return Approvals(threads(), runs(), flow(), announcer, clock, token_seal())


@cache
def token_seal() -> TokenSeal:
    """Return what seals task tokens; functions that neither ask nor decide have no key for it."""
    from skymarshal.orchestration.token_seal import KmsSeal, NoSeal

    key_id = os.environ.get("APPROVAL_KEY_ID")
    return KmsSeal(aws.kms_client(), key_id) if key_id else NoSeal()


@cache
def failures() -> Failures:
    """Return what marks threads that cannot go on by themselves."""
    from skymarshal.orchestration.failing import Failures

    return Failures(threads(), bus())


@cache
def finaliser() -> Finaliser:
    """Return the finaliser with the bucket of records and the bus."""
    from skymarshal.orchestration.finalising import Finaliser
    from skymarshal.orchestration.records import S3DecisionRecords

    records = S3DecisionRecords(aws.s3_client(), required("CHECKPOINT_S3_BUCKET"))
    return Finaliser(saver(), runs(), threads(), coordinator(), approvals(), records, bus(), precedents())


@cache
def outcomes() -> Outcomes:
    """Return what keeps the outcomes of decisions."""
    from skymarshal.orchestration.outcomes import Outcomes
    from skymarshal.orchestration.records import S3DecisionRecords

    records = S3DecisionRecords(aws.records_client(), required("CHECKPOINT_S3_BUCKET"))
    return Outcomes(threads(), records, precedents())


@cache
def resumer() -> Resumer:
    """Return what resumes threads in successor executions."""
    from skymarshal.orchestration.resuming import Resumer

    return Resumer(threads(), saver(), flow(), clock)


@cache
def intake() -> Intake:
    """Return the intake over the operational tables, the state machine and the dead-letter queue."""
    from skymarshal.orchestration.intake import Intake, QueueOfDeadLetters

    dead_letters = QueueOfDeadLetters(aws.sqs_client(), required("DEAD_LETTER_QUEUE_URL"))
    return Intake(tables(), flow(), dead_letters, clock, most_ahead=most_ahead(), on_known=about)


def most_ahead() -> timedelta:
    """Return by how much a report may be ahead of the present: REPORTS_AHEAD_SECONDS, else a clock's skew."""
    from skymarshal.intake import CLOCK_SKEW

    said = os.environ.get("REPORTS_AHEAD_SECONDS")
    return timedelta(seconds=int(said)) if said else CLOCK_SKEW


@cache
def bus() -> Announcer:
    """Return the event bus."""
    from skymarshal.orchestration.announcements import BusAnnouncer

    return BusAnnouncer(aws.events_client(), required("EVENT_BUS_NAME"))


@cache
def progress() -> Progress:
    """Return what tells how threads get on."""
    from lambdas.measures import event_lost
    from skymarshal.orchestration.progress import Progress

    return Progress(bus(), on_lost=event_lost)


@cache
def disruption_bus() -> Announcer:
    """Return the event bus as a source of disruptions sees it."""
    from skymarshal.orchestration.announcements import BusAnnouncer

    return BusAnnouncer(aws.events_client(), required("EVENT_BUS_NAME"), source=DISRUPTION_SOURCE)


@cache
def approval_patience() -> timedelta:
    """Return how long a decision is awaited."""
    return timedelta(seconds=int(required("APPROVAL_TIMEOUT_SECONDS")))


def _retention() -> timedelta:
    return timedelta(days=settings().checkpoint_ttl_days)
