"""What a deployment may choose, read from the CDK context and checked before anything is built."""

from __future__ import annotations

import difflib
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from aws_cdk.aws_lambda import Architecture, Runtime, RuntimeFamily
from aws_cdk.aws_logs import RetentionDays
from constructs import Node

from skymarshal.contracts import (
    AWS_PYTHON,
    DEFAULT_BUS_NAME,
    DEFAULT_CHECKPOINT_TABLE,
    DEFAULT_RULE_PROFILE,
    RULE_PROFILES,
    SERVICE_NAME,
    STATE_MACHINE_NAME,
)

__all__ = ["CREATE", "OperationsTables", "Settings", "SettingsError", "SnapStart", "Target"]

CREATE: Final = "create"
"""The value of `knowledge_base` that asks for a new one."""

_HOST_PYTHON: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_AWS_LAYERS: Final = "build/layers"
_HOST_LAYERS: Final = "build/layers-host"
_LOG_RETENTION: Final = {
    7: RetentionDays.ONE_WEEK,
    30: RetentionDays.ONE_MONTH,
    90: RetentionDays.THREE_MONTHS,
    180: RetentionDays.SIX_MONTHS,
    365: RetentionDays.ONE_YEAR,
    731: RetentionDays.TWO_YEARS,
    1827: RetentionDays.FIVE_YEARS,
    3653: RetentionDays.TEN_YEARS,
}
_KNOWLEDGE_BASE_ID: Final = re.compile(r"[0-9A-Z]{10}")
_DOMAIN_PREFIX: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_KEY_ARN: Final = re.compile(r"arn:[^:]+:kms:[^:]+:[^:]+:key/[0-9a-z-]+")
_LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_Choice = TypeVar("_Choice", bound=StrEnum)


class SettingsError(ValueError):
    """A context value is misspelt or can't be used; the message names it and says what would be right."""


class Target(StrEnum):
    """Where the stacks are deployed to."""

    AWS = "aws"
    EMBEDDED = "embedded"


class SnapStart(StrEnum):
    """Which functions start from a snapshot, which costs for as long as the version is there."""

    NONE = "none"
    API = "api"
    ALL = "all"


class OperationsTables(StrEnum):
    """Whether the airline has its operational tables already."""

    CREATE = "create"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices of one deployment. Each field is a context value of the same name.

    Attributes:
        target: `aws`, or `embedded` for the emulator: the host's own architecture and interpreter, no
            SnapStart, no retained data, and signing in without a second factor.
        python_version: Interpreter of the functions, which the layers must be built for.
        name_prefix: Begins the names of functions, queues, topics, logs and dashboards.
        checkpoint_table: Name of the checkpoint table.
        checkpoint_bucket: Name of the bucket; empty for `skymarshal-checkpoints-{account}-{region}`.
        checkpoint_key_arn: The key of a store that an earlier deployment left: its table and bucket,
            under the names above, are used and none is created. Empty for a new store.
        checkpoint_ttl_days: Days that checkpoints are kept after a thread's last activity.
        decision_retention_days: Days that decision records are kept.
        operations_tables: `create` for a demonstration, `import` where the airline has the tables.
        operations_table_prefix: Begins the name of each operational table.
        bus_name: Name of the event bus.
        state_machine_name: Name of the state machine.
        approval_timeout_minutes: How long a duty manager has to decide.
        approval_reminder_minutes: After how long without a decision duty managers are reminded.
        approval_escalation_minutes: After how long without a decision the next role is told.
        approval_email: Address that is told when a decision waits; empty for none.
        escalation_email: Address that is told when nobody has decided; empty for none.
        sign_in_domain: Prefix of the sign-in pages' address, free in the region; empty for the name prefix
            with the account's number.
        portal_url: Where people decide, which notices link to; empty where there is no portal, and notices
            name the command to decide with.
        runbook_url: Where the runbook is read, which alarms link to.
        alarm_email: Address that is told of alarms; empty for none.
        bedrock_model_id: The model of Amazon Bedrock that words decisions, or an inference profile by its id
            or ARN; empty for the templates.
        knowledge_base: Where decisions find the guidance that they cite: `create` for a new knowledge base of
            Amazon Bedrock, the id of one that exists, or empty for the corpus that the package ships.
        reserve_concurrency: Keep capacity aside for the functions that end a thread. An account needs a
            concurrency quota of 135 for it: 35 reserved, beside the 100 that AWS keeps unreserved.
        snap_start: Functions that start from a snapshot: `none`, those of the `api`, which a person waits
            for, or `all`.
        retain_data: Keep tables, bucket, key and users when the stacks are deleted.
        layers_directory: Folder of the built layers, from the repository's root.
        rule_profile: Whose flight time limitations the airline works under.
        log_level: Level of the functions' logs.
        log_retention_days: Days that logs are kept.
        encrypt_logs: Encrypt the logs by the customer key rather than by one of CloudWatch.
        encrypt_operations: Encrypt the operational tables by the customer key rather than by one of DynamoDB,
            where the stacks create them.
    """

    target: Target = Target.AWS
    python_version: str = AWS_PYTHON
    name_prefix: str = SERVICE_NAME
    checkpoint_table: str = DEFAULT_CHECKPOINT_TABLE
    checkpoint_bucket: str = ""
    checkpoint_key_arn: str = ""
    checkpoint_ttl_days: int = 90
    decision_retention_days: int = 2555
    operations_tables: OperationsTables = OperationsTables.CREATE
    operations_table_prefix: str = "SkyMarshal-"
    bus_name: str = DEFAULT_BUS_NAME
    state_machine_name: str = STATE_MACHINE_NAME
    approval_timeout_minutes: int = 240
    approval_reminder_minutes: int = 60
    approval_escalation_minutes: int = 120
    approval_email: str = ""
    escalation_email: str = ""
    sign_in_domain: str = ""
    portal_url: str = ""
    runbook_url: str = "docs/runbook.md"
    alarm_email: str = ""
    bedrock_model_id: str = ""
    knowledge_base: str = ""
    reserve_concurrency: bool = True
    snap_start: SnapStart = SnapStart.NONE
    retain_data: bool = True
    layers_directory: str = _AWS_LAYERS
    rule_profile: str = DEFAULT_RULE_PROFILE
    log_level: str = "INFO"
    log_retention_days: int = 90
    encrypt_logs: bool = False
    encrypt_operations: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                raise SettingsError(f"{field.name} must be at least 1, got {value}")
        steps = (
            self.approval_reminder_minutes,
            self.approval_escalation_minutes,
            self.approval_timeout_minutes,
        )
        if sorted(set(steps)) != list(steps):
            raise SettingsError(
                f"approval_reminder_minutes, approval_escalation_minutes and approval_timeout_minutes are "
                f"{', '.join(map(str, steps))}: each must be longer than the one before"
            )
        if self.approval_timeout >= timedelta(days=self.checkpoint_ttl_days):
            raise SettingsError(
                f"approval_timeout_minutes is {self.approval_timeout_minutes}, which is not shorter than "
                f"checkpoint_ttl_days ({self.checkpoint_ttl_days}): a thread could expire before its decision"
            )
        if self.knowledge_base not in ("", CREATE) and not _KNOWLEDGE_BASE_ID.fullmatch(self.knowledge_base):
            raise SettingsError(
                f"knowledge_base must be empty, {CREATE!r} or an id of 10 letters and digits, "
                f"got {self.knowledge_base!r}"
            )
        if self.sign_in_domain and not _DOMAIN_PREFIX.fullmatch(self.sign_in_domain):
            raise SettingsError(
                "sign_in_domain must be up to 63 small letters, digits and hyphens, "
                f"with no hyphen at either end, got {self.sign_in_domain!r}"
            )
        if self.rule_profile not in RULE_PROFILES:
            raise SettingsError(
                f"rule_profile must be one of {', '.join(RULE_PROFILES)}, got {self.rule_profile!r}"
            )
        if self.checkpoint_key_arn and not _KEY_ARN.fullmatch(self.checkpoint_key_arn):
            raise SettingsError(
                f"checkpoint_key_arn must be empty or the ARN of a key, got {self.checkpoint_key_arn!r}"
            )
        if self.log_level not in _LOG_LEVELS:
            raise SettingsError(f"log_level must be one of {', '.join(_LOG_LEVELS)}, got {self.log_level!r}")
        if self.log_retention_days not in _LOG_RETENTION:
            periods = ", ".join(str(days) for days in _LOG_RETENTION)
            raise SettingsError(f"log_retention_days must be one of {periods}, got {self.log_retention_days}")

    @classmethod
    def from_context(cls, node: Node) -> Settings:
        """Read the settings from a construct's context.

        Raises:
            SettingsError: A value is unknown, of the wrong type, or out of range.
        """
        context: Mapping[str, object] = node.get_all_context()
        known = {field.name: field for field in fields(cls)}
        for key in context.keys() - known.keys():
            # Other tools' context is theirs; a near miss is a slip that would otherwise go unnoticed.
            for meant in difflib.get_close_matches(key, known, n=1, cutoff=0.8):
                raise SettingsError(f"unknown context value {key!r}; did you mean {meant!r}?")
        target = _choice(Target, "target", context.get("target", Target.AWS))
        embedded = target is Target.EMBEDDED

        def text(name: str, default: str = "") -> str:
            return str(context.get(name, default or known[name].default))

        def whole(name: str) -> int:
            value = text(name)
            if not value.removeprefix("-").isdecimal():
                raise SettingsError(f"{name} must be a whole number, got {value!r}")
            return int(value)

        def flag(name: str, default: bool) -> bool:
            value = str(context.get(name, default)).lower()
            if value not in ("true", "false"):
                raise SettingsError(f"{name} must be true or false, got {value!r}")
            return value == "true"

        return cls(
            target=target,
            python_version=text("python_version", _HOST_PYTHON if embedded else AWS_PYTHON),
            name_prefix=text("name_prefix"),
            checkpoint_table=text("checkpoint_table"),
            checkpoint_bucket=text("checkpoint_bucket"),
            checkpoint_key_arn=text("checkpoint_key_arn"),
            checkpoint_ttl_days=whole("checkpoint_ttl_days"),
            decision_retention_days=whole("decision_retention_days"),
            operations_tables=_choice(OperationsTables, "operations_tables", text("operations_tables")),
            operations_table_prefix=text("operations_table_prefix"),
            bus_name=text("bus_name"),
            state_machine_name=text("state_machine_name"),
            approval_timeout_minutes=whole("approval_timeout_minutes"),
            approval_reminder_minutes=whole("approval_reminder_minutes"),
            approval_escalation_minutes=whole("approval_escalation_minutes"),
            approval_email=text("approval_email"),
            escalation_email=text("escalation_email"),
            sign_in_domain=text("sign_in_domain"),
            portal_url=text("portal_url"),
            runbook_url=text("runbook_url"),
            alarm_email=text("alarm_email"),
            bedrock_model_id=text("bedrock_model_id"),
            knowledge_base=text("knowledge_base"),
            reserve_concurrency=flag("reserve_concurrency", default=not embedded),
            snap_start=_choice(SnapStart, "snap_start", text("snap_start")),
            retain_data=flag("retain_data", default=not embedded),
            layers_directory=text("layers_directory", _HOST_LAYERS if embedded else _AWS_LAYERS),
            rule_profile=text("rule_profile"),
            log_level=text("log_level"),
            log_retention_days=whole("log_retention_days"),
            encrypt_logs=flag("encrypt_logs", default=False),
            encrypt_operations=flag("encrypt_operations", default=False),
        )

    @property
    def embedded(self) -> bool:
        """Whether the stacks are meant for the emulator."""
        return self.target is Target.EMBEDDED

    def snap_starts(self, function: str) -> bool:
        """Return whether a function, named without the prefix, starts from a snapshot."""
        chosen = self.snap_start is SnapStart.ALL or (
            self.snap_start is SnapStart.API and function.startswith("api-")
        )
        return chosen and not self.embedded

    @property
    def approval_timeout(self) -> timedelta:
        """How long a duty manager has to decide."""
        return timedelta(minutes=self.approval_timeout_minutes)

    @property
    def approval_slices(self) -> tuple[tuple[str, str, timedelta], ...]:
        """The waits for a decision in order: name of the state, how urgently it asks, and for how long."""
        minutes = (
            0,
            self.approval_reminder_minutes,
            self.approval_escalation_minutes,
            self.approval_timeout_minutes,
        )
        asked = (
            ("Approval", "request"),
            ("Approval - reminder", "reminder"),
            ("Approval - escalation", "escalation"),
        )
        waits = (timedelta(minutes=until - since) for since, until in pairwise(minutes))
        return tuple((name, notice, wait) for (name, notice), wait in zip(asked, waits, strict=True))

    @property
    def log_retention(self) -> RetentionDays:
        """How long logs are kept."""
        return _LOG_RETENTION[self.log_retention_days]

    @property
    def architecture(self) -> Architecture:
        """The functions' instruction set."""
        if self.embedded and platform.machine().lower() not in ("arm64", "aarch64"):
            return Architecture.X86_64
        return Architecture.ARM_64

    @property
    def runtime(self) -> Runtime:
        """The functions' interpreter."""
        return Runtime(f"python{self.python_version}", RuntimeFamily.PYTHON, supports_snap_start=True)


def _choice(kind: type[_Choice], name: str, value: object) -> _Choice:
    try:
        return kind(str(value))
    except ValueError:
        allowed = " or ".join(str(member) for member in kind)
        raise SettingsError(f"{name} must be {allowed}, got {value!r}") from None
