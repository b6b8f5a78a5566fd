"""What the environment configures, read once and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from skymarshal.contracts import DEFAULT_CHECKPOINT_TABLE, DEFAULT_RULE_PROFILE, RULE_PROFILES
from skymarshal.errors import SkyMarshalError

__all__ = ["CheckpointMode", "OutageMode", "Settings", "SettingsError"]


_MOST_TTL_DAYS: Final = 36_500


class CheckpointMode(StrEnum):
    """Where checkpoints are kept: in memory, on AWS, or nowhere."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    DISABLED = "disabled"


class OutageMode(StrEnum):
    """What the in-process runner does when the table does not answer."""

    RAISE = "raise"
    BUFFER = "buffer"


class SettingsError(SkyMarshalError, ValueError):
    """A setting is missing or has a value it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the checkpoint store, and the rules that the airline works under.

    Attributes:
        checkpoint_mode: CHECKPOINT_MODE.
        checkpoint_table_name: CHECKPOINT_TABLE_NAME.
        checkpoint_bucket_name: CHECKPOINT_S3_BUCKET; required in production.
        checkpoint_ttl_days: CHECKPOINT_TTL_DAYS, retention counted from a thread's last activity.
        checkpoint_on_outage: CHECKPOINT_ON_OUTAGE; `buffer` suits a single in-process runner only.
        checkpoint_outage_folder: CHECKPOINT_OUTAGE_FOLDER, where a buffer that could not be flushed is kept.
        rule_profile: RULE_PROFILE, whose flight time limitations hold for threads that begin from now on.
    """

    checkpoint_mode: CheckpointMode = CheckpointMode.DEVELOPMENT
    checkpoint_table_name: str = DEFAULT_CHECKPOINT_TABLE
    checkpoint_bucket_name: str | None = None
    checkpoint_ttl_days: int = 90
    checkpoint_on_outage: OutageMode = OutageMode.RAISE
    checkpoint_outage_folder: str = "outage"
    rule_profile: str = DEFAULT_RULE_PROFILE

    def __post_init__(self) -> None:
        if not 1 <= self.checkpoint_ttl_days <= _MOST_TTL_DAYS:
            raise SettingsError(
                f"CHECKPOINT_TTL_DAYS is {self.checkpoint_ttl_days}; expected 1 to {_MOST_TTL_DAYS}"
            )
        if self.checkpoint_mode is CheckpointMode.PRODUCTION and not self.checkpoint_bucket_name:
            raise SettingsError("CHECKPOINT_S3_BUCKET is empty; production needs a bucket")
        if self.rule_profile not in RULE_PROFILES:
            profiles = ", ".join(RULE_PROFILES)
            raise SettingsError(f"RULE_PROFILE is {self.rule_profile!r}; it must be one of {profiles}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises:
            SettingsError: names the variable, its value and what it may be.
        """
        found = os.environ if environment is None else environment
        days = found.get("CHECKPOINT_TTL_DAYS", "90")
        if not days.isdecimal():
            raise SettingsError(f"CHECKPOINT_TTL_DAYS is {days!r}; it must be a whole number of days")
        return cls(
            checkpoint_mode=_choice(CheckpointMode, found, "CHECKPOINT_MODE", CheckpointMode.DEVELOPMENT),
            checkpoint_table_name=found.get("CHECKPOINT_TABLE_NAME") or DEFAULT_CHECKPOINT_TABLE,
            checkpoint_bucket_name=found.get("CHECKPOINT_S3_BUCKET") or None,
            checkpoint_ttl_days=int(days),
            checkpoint_on_outage=_choice(OutageMode, found, "CHECKPOINT_ON_OUTAGE", OutageMode.RAISE),
            checkpoint_outage_folder=found.get("CHECKPOINT_OUTAGE_FOLDER") or "outage",
            rule_profile=found.get("RULE_PROFILE") or DEFAULT_RULE_PROFILE,
        )


E = TypeVar("E", bound=StrEnum)


def _choice(kind: type[E], found: Mapping[str, str], name: str, default: E) -> E:
    value = found.get(name) or default.value
    try:
        return kind(value)
    except ValueError as error:
        allowed = ", ".join(member.value for member in kind)
        raise SettingsError(f"{name} is {value!r}; it must be one of {allowed}") from error
