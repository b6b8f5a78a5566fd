"""Whatever a person can put right is said in one line, with status 1 or 2, never as a stack trace."""

from __future__ import annotations

import pytest
from botocore.session import Session

from skymarshal import aws
from skymarshal.cli import main

STORE = {
    "CHECKPOINT_MODE": "production",
    "CHECKPOINT_TABLE_NAME": "SkyMarshalCheckpoints",
    "CHECKPOINT_S3_BUCKET": "records",
    "STATE_MACHINE_ARN": "arn",
    "DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/dead",
    "QUEUE_URL": "http://127.0.0.1:9/intake",
    "USER_POOL_ID": "pool",
}
OF_AN_OPERATOR = (
    ("threads",),
    ("history", "t"),
    ("show", "t"),
    ("verify", "t"),
    ("prune", "t"),
    ("resume", "t"),
    ("redrive",),
    ("redrive", "--list"),
    ("report", "--thread", "t"),
    ("report", "--decision", "2026-02-05/fog"),
    ("outcome", "--thread", "t", "--status", "partly"),
    ("users", "add", "ada@airline.example", "--group", "admin"),
    ("users", "remove", "ada@airline.example"),
    ("sample", "load"),
)


@pytest.fixture
def environment(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "CHECKPOINT_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    aws._session.cache_clear()
    yield monkeypatch
    aws._session.cache_clear()


@pytest.mark.parametrize("command", OF_AN_OPERATOR, ids=" ".join)
def test_a_region_that_is_missing_is_said_in_one_line(environment, capsys, command) -> None:
    for name, value in STORE.items():
        environment.setenv(name, value)

    assert main(command) == 1

    assert capsys.readouterr().err == f"skymarshal {command[0]}: AWS: You must specify a region.\n"


@pytest.mark.parametrize("command", OF_AN_OPERATOR[5:9], ids=" ".join)
def test_credentials_that_are_missing_are_said_in_one_line(environment, capsys, command) -> None:
    for name, value in (STORE | {"AWS_REGION": "eu-central-1"}).items():
        environment.setenv(name, value)

    assert main(command) in {1, 2}

    told = capsys.readouterr().err
    assert (told.count("\n"), "credentials" in told) == (1, True)


def test_the_region_is_that_of_every_other_tool_of_aws(environment) -> None:
    environment.setenv("AWS_REGION", "eu-central-1")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")

    assert Session().get_config_variable("region") == "us-east-1"
    assert aws.sqs_client().meta.region_name == "eu-central-1"


def test_a_profile_that_is_missing_is_said_in_one_line(environment, capsys) -> None:
    environment.setenv("AWS_PROFILE", "nobody")
    environment.setenv("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1:9/dead")

    assert main(("redrive", "--list")) == 1

    assert (
        capsys.readouterr().err == "skymarshal redrive: AWS: The config profile (nobody) could not be found\n"
    )


def test_what_has_to_be_put_right_here_is_said_in_one_line(environment, capsys, tmp_path) -> None:
    taken = tmp_path / "a file"
    taken.write_text("")

    assert main(("report", "--thread", "t")) == 2
    assert "CHECKPOINT_MODE is development" in capsys.readouterr().err
    assert main(("knowledge", "export", str(taken))) == 1
    assert capsys.readouterr().err.count("\n") == 1
    environment.setenv("LOG_LEVEL", "loud")
    assert main(("scenarios",)) == 2
    assert "LOG_LEVEL is 'loud'; it must be one of DEBUG" in capsys.readouterr().err


def test_an_error_of_the_program_is_not_hidden(environment, monkeypatch) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(aws, "sqs_client", fail)
    environment.setenv("DEAD_LETTER_QUEUE_URL", "http://127.0.0.1:9/dead")

    with pytest.raises(RuntimeError):
        main(("redrive", "--list"))
