"""Settings are read once, checked, and named when wrong; the backend in use is logged."""

from __future__ import annotations

import logging

import pytest

import skymarshal.checkpoints as checkpoints
from skymarshal.checkpoints import open_checkpointer
from skymarshal.settings import CheckpointMode, Settings, SettingsError
from tests.store.backends import BUCKET, TABLE, use_moto


def test_development_is_the_default() -> None:
    settings = Settings.from_environment({})
    assert settings.checkpoint_mode is CheckpointMode.DEVELOPMENT
    assert settings.checkpoint_table_name == TABLE
    assert settings.checkpoint_ttl_days == 90


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CHECKPOINT_MODE": "prod"}, "CHECKPOINT_MODE"),
        ({"CHECKPOINT_TTL_DAYS": "soon"}, "CHECKPOINT_TTL_DAYS"),
        ({"CHECKPOINT_TTL_DAYS": "0"}, "CHECKPOINT_TTL_DAYS"),
        ({"CHECKPOINT_MODE": "production"}, "CHECKPOINT_S3_BUCKET"),
        ({"CHECKPOINT_ON_OUTAGE": "hope"}, "CHECKPOINT_ON_OUTAGE"),
        ({"RULE_PROFILE": "JAA"}, "RULE_PROFILE is .JAA.; it must be one of EASA, UK, GCAA, FAR117"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "MemoryStore"),
        ({"CHECKPOINT_MODE": "production", "CHECKPOINT_S3_BUCKET": BUCKET}, "DynamoDBStore"),
        (
            {
                "CHECKPOINT_MODE": "production",
                "CHECKPOINT_S3_BUCKET": BUCKET,
                "CHECKPOINT_ON_OUTAGE": "buffer",
            },
            "BufferedStore",
        ),
    ],
)
def test_the_backend_in_use_is_logged(environment: dict[str, str], said: str, caplog) -> None:
    with use_moto(), caplog.at_level(logging.INFO):
        assert open_checkpointer(Settings.from_environment(environment)) is not None
    assert said in caplog.text


def test_disabled_means_no_saver_and_says_so(caplog) -> None:
    settings = Settings.from_environment({"CHECKPOINT_MODE": "disabled"})
    assert open_checkpointer(settings) is None
    assert "disabled" in caplog.text


def test_every_public_name_exists() -> None:
    for name in checkpoints.__all__:
        assert getattr(checkpoints, name) is not None
    assert sorted(checkpoints.__all__, key=str.lower) == sorted(set(checkpoints.__all__), key=str.lower)
    with pytest.raises(AttributeError, match="Nothing"):
        checkpoints.Nothing  # noqa: B018
