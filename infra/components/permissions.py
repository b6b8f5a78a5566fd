"""What a function may do, each permission as one statement over exactly named resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from infra.checkpoint_stack import CheckpointStack
from infra.operations_stack import operations_arns
from infra.settings import Settings
from skymarshal.contracts import (
    CHECKPOINT_PREFIX,
    DECISION_PREFIX,
    OUTCOME_PREFIX,
    THREAD_STATUS_INDEX,
    attributes_of_agent,
)

__all__ = [
    "Statement",
    "consult",
    "decide_tasks",
    "decrypt_operations",
    "list_threads",
    "look_up_executions",
    "mark_threads",
    "open_tokens",
    "operate",
    "publish",
    "put_events",
    "read_decisions",
    "read_operations",
    "read_reports",
    "read_threads",
    "seal_tokens",
    "send",
    "start",
    "word",
    "work_on_threads",
    "write_decisions",
    "write_outcomes",
    "write_threads",
]

Statement: TypeAlias = iam.PolicyStatement

_READ_ITEMS: Final = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query")
_WRITE_ITEMS: Final = ("dynamodb:PutItem", "dynamodb:UpdateItem")
# DynamoDB decrypts the table's own key in the caller's name, for reading and for writing alike; S3 makes a
# data key for what is put. Whatever else a table takes of its key, who creates the table grants.
_DECRYPT: Final = ("kms:Decrypt",)
_ENCRYPT: Final = ("kms:GenerateDataKey",)

# `eu.anthropic.claude-...` is a profile over regions of Europe; an ARN may name one that an account made.
_PROFILE: Final = re.compile(
    r"(?P<arn>arn:[^:]+:bedrock:[^:]*:[^:]*:(?:application-)?inference-profile/)"
    r"(?:[a-z-]+\.(?P<named>[a-z0-9-]+\..+)|.+)$|(?P<geo>[a-z]{2,6}(?:-gov)?)\.(?P<model>[a-z0-9-]+\..+)$"
)

_FOR_TOKENS: Final[dict[str, object]] = {"StringEquals": {"kms:EncryptionContext:purpose": "approval-token"}}


def read_threads(store: CheckpointStack) -> list[Statement]:
    """Read threads, checkpoints and their payloads."""
    return [
        _allow("ReadThreads", _READ_ITEMS, [store.table.table_arn]),
        _allow("ReadPayloads", ["s3:GetObject"], [store.objects(CHECKPOINT_PREFIX)]),
        _see_objects(store),
        _use_key(store, _DECRYPT, ["dynamodb", "s3"]),
    ]


def list_threads(store: CheckpointStack) -> list[Statement]:
    """Page through the threads of a status."""
    index = f"{store.table.table_arn}/index/{THREAD_STATUS_INDEX}"
    return [_allow("ListThreads", ["dynamodb:Query"], [index])]


def write_threads(store: CheckpointStack) -> list[Statement]:
    """Read and write threads, checkpoints and their payloads; delete none."""
    return [
        _allow("WriteThreads", [*_READ_ITEMS, *_WRITE_ITEMS], [store.table.table_arn]),
        _allow(
            "WritePayloads",
            ["s3:GetObject", "s3:PutObject"],
            [store.objects(CHECKPOINT_PREFIX)],
        ),
        _see_objects(store),
        _use_key(store, [*_DECRYPT, *_ENCRYPT], ["dynamodb", "s3"]),
    ]


def work_on_threads(store: CheckpointStack, agent: str) -> list[Statement]:
    """Read threads, and write an agent's claim and assessment.

    Every item of a thread shares a partition, which IAM can't look into; what a role may write is told by the
    names of attributes. No head, status, checkpoint, decision or assessment of another agent is among them.
    """
    reading, *_ = read_threads(store)
    return [
        reading,
        _allow(
            "WriteRuns",
            _WRITE_ITEMS,
            [store.table.table_arn],
            {"ForAllValues:StringEquals": {"dynamodb:Attributes": list(attributes_of_agent(agent))}},
        ),
        *write_threads(store)[1:],
    ]


def mark_threads(store: CheckpointStack) -> list[Statement]:
    """Read and change how threads stand; read no checkpoint and no payload's content."""
    actions = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
    return [
        _allow("MarkThreads", actions, [store.table.table_arn]),
        _use_key(store, _DECRYPT, ["dynamodb"]),
    ]


def read_decisions(store: CheckpointStack) -> list[Statement]:
    """Read decision records. Reading threads gives the use of the key."""
    return [_allow("ReadDecisions", ["s3:GetObject"], [store.objects(DECISION_PREFIX)])]


def read_reports(store: CheckpointStack) -> list[Statement]:
    """Find decision records, by their thread or by name, and read them with their outcomes; nothing else."""
    records = [store.objects(DECISION_PREFIX), store.objects(OUTCOME_PREFIX)]
    return [
        _allow("FindDecisions", ["dynamodb:GetItem"], [store.table.table_arn]),
        _allow("ReadDecisions", ["s3:GetObject"], records),
        _allow(
            "ListDecisions",
            ["s3:ListBucket"],
            [store.bucket.bucket_arn],
            {"StringLike": {"s3:prefix": [f"{DECISION_PREFIX}*", f"{OUTCOME_PREFIX}*"]}},
        ),
        _use_key(store, _DECRYPT, ["dynamodb", "s3"]),
    ]


def write_decisions(store: CheckpointStack) -> list[Statement]:
    """Read and write decision records. Writing threads gives the use of the key."""
    return [
        _allow(
            "WriteDecisions",
            ["s3:GetObject", "s3:PutObject"],
            [store.objects(DECISION_PREFIX)],
        )
    ]


def write_outcomes(store: CheckpointStack) -> list[Statement]:
    """Add outcomes beside decision records. Writing threads gives the use of the key."""
    return [_allow("WriteOutcomes", ["s3:PutObject"], [store.objects(OUTCOME_PREFIX)])]


def read_operations(stack: Stack, settings: Settings, tables: Iterable[str]) -> list[Statement]:
    """Read operational tables by key and index."""
    return [_allow("ReadOperations", _READ_ITEMS, operations_arns(stack, settings, tables))]


def decrypt_operations(store: CheckpointStack, settings: Settings) -> list[Statement]:
    """Use the key of the operational tables, where it is the customer's. Reading threads gives it too."""
    if not settings.encrypt_operations:
        return []
    return [_use_key(store, _DECRYPT, ["dynamodb"])]


def put_events(bus: events.IEventBus, *, source: str) -> list[Statement]:
    """Put events of one source on the bus."""
    return [
        _allow(
            "PutEvents",
            ["events:PutEvents"],
            [bus.event_bus_arn],
            {"StringEquals": {"events:source": source}},
        )
    ]


def send(queue: sqs.IQueue) -> list[Statement]:
    """Send messages to a queue."""
    return [_allow("Send", ["sqs:SendMessage"], [queue.queue_arn])]


def publish(topic: sns.ITopic, store: CheckpointStack) -> list[Statement]:
    """Publish to a topic that the store's key encrypts."""
    return [
        _allow("Publish", ["sns:Publish"], [topic.topic_arn]),
        _use_key(store, ["kms:Decrypt", "kms:GenerateDataKey"], ["sns"], sid="UseKeyForTopic"),
    ]


def word(stack: Stack, model_id: str) -> list[Statement]:
    """Let one model of Amazon Bedrock write text, called by its own id or by an inference profile's.

    A profile takes the call to its model in one of several regions, so both must be allowed: the profile
    here, and the model wherever the profile takes it, but only through the profile.
    """
    found = _PROFILE.match(model_id)
    if found is None:
        model = stack.format_arn(
            service="bedrock", account="", resource="foundation-model", resource_name=model_id
        )
        return [_allow("Word", ["bedrock:InvokeModel"], [model])]
    profile = (
        model_id
        if found["arn"]
        else stack.format_arn(service="bedrock", resource="inference-profile", resource_name=model_id)
    )
    models = f"arn:{Aws.PARTITION}:bedrock:*::foundation-model/{found['model'] or found['named'] or '*'}"
    return [
        _allow("Word", ["bedrock:InvokeModel"], [profile]),
        _allow(
            "WordThroughProfile",
            ["bedrock:InvokeModel"],
            [models],
            {"StringEquals": {"bedrock:InferenceProfileArn": profile}},
        ),
    ]


def consult(stack: Stack, knowledge_base_id: str) -> list[Statement]:
    """Search one knowledge base of Amazon Bedrock."""
    arn = stack.format_arn(service="bedrock", resource="knowledge-base", resource_name=knowledge_base_id)
    return [_allow("Consult", ["bedrock:Retrieve"], [arn])]


def start(machine: sfn.IStateMachine) -> list[Statement]:
    """Start executions."""
    return [_allow("Start", ["states:StartExecution"], [machine.state_machine_arn])]


def look_up_executions(stack: Stack, settings: Settings) -> list[Statement]:
    """Read what an execution was started with. Executions of one machine share its name and no more."""
    arn = stack.format_arn(
        service="states",
        resource="execution",
        resource_name=f"{settings.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [_allow("LookUpExecutions", ["states:DescribeExecution"], [arn])]


def decide_tasks(stack: Stack, settings: Settings) -> list[Statement]:
    """End a task that waits for a token. The machine is named, since it calls who may do so."""
    arn = stack.format_arn(
        service="states",
        resource="stateMachine",
        resource_name=settings.state_machine_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [_allow("DecideTasks", ["states:SendTaskSuccess"], [arn])]


def seal_tokens(store: CheckpointStack) -> list[Statement]:
    """Encrypt task tokens; who seals them need not open them."""
    return [_allow("SealTokens", ["kms:Encrypt"], [store.key.key_arn], _FOR_TOKENS)]


def open_tokens(store: CheckpointStack) -> list[Statement]:
    """Decrypt task tokens, and nothing else, directly."""
    return [_allow("OpenTokens", ["kms:Decrypt"], [store.key.key_arn], _FOR_TOKENS)]


def operate(
    store: CheckpointStack, machine: sfn.IStateMachine, queues: Sequence[sqs.IQueue], intake: sqs.IQueue
) -> list[Statement]:
    """Do what the operators' commands do: read and resume threads, take in again what was refused."""
    return [
        _allow(
            "TakeDeadLetters",
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:ReceiveMessage",
            ],
            [queue.queue_arn for queue in queues],
        ),
        _allow("SendAgain", ["sqs:SendMessage"], [intake.queue_arn]),
        *list_threads(store),
        *write_threads(store),
        *start(machine),
    ]


def _see_objects(store: CheckpointStack) -> Statement:
    # Without it S3 refuses to say that an object does not exist: 403 in place of 404.
    return _allow("SeeObjects", ["s3:ListBucket"], [store.bucket.bucket_arn])


def _allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: dict[str, object] | None = None,
) -> Statement:
    return iam.PolicyStatement(
        sid=sid, actions=list(actions), resources=list(resources), conditions=conditions or {}
    )


def _use_key(
    store: CheckpointStack, actions: Sequence[str], services: Sequence[str], *, sid: str = "UseKey"
) -> Statement:
    through = [f"{service}.{store.region}.amazonaws.com" for service in services]
    return _allow(sid, actions, [store.key.key_arn], {"StringEquals": {"kms:ViaService": through}})
