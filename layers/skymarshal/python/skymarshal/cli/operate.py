"""`skymarshal resume` and `redrive`: what an operator does to a deployment that the environment names."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TYPE_CHECKING

from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_operate_commands"]


class NotConfigured(SkyMarshalError):
    """The environment doesn't name what the command works on."""


def add_operate_commands(subparsers: _Subparsers) -> None:
    """Add `resume` and `redrive` to the command line."""
    resume = subparsers.add_parser(
        "resume",
        help="let a stuck or failed thread go on from its last checkpoint",
        epilog="Needs CHECKPOINT_MODE=production with the table and the bucket, and STATE_MACHINE_ARN.",
    )
    resume.add_argument("thread_id", metavar="THREAD")
    resume.add_argument("--by", default=None, help="who is kept on the thread for it; by default the user")
    resume.set_defaults(run=_resume)
    redrive = subparsers.add_parser(
        "redrive",
        help="send the dead letters to intake again",
        epilog="Needs DEAD_LETTER_QUEUE_URL and, to send, QUEUE_URL.",
    )
    redrive.add_argument("--list", action="store_true", help="only show them with their reasons")
    redrive.set_defaults(run=_redrive)


def _resume(chosen: argparse.Namespace) -> int:
    from datetime import timedelta

    from skymarshal import aws
    from skymarshal.checkpoints import CheckpointSaver, ThreadManager, open_store
    from skymarshal.orchestration.flow_control import StepFunctionsFlow
    from skymarshal.orchestration.resuming import Resumer
    from skymarshal.ports import system_clock
    from skymarshal.settings import CheckpointMode, Settings

    settings = Settings.from_environment()
    if settings.checkpoint_mode is not CheckpointMode.PRODUCTION:
        raise NotConfigured(
            f"CHECKPOINT_MODE is {settings.checkpoint_mode}: only what production keeps can be resumed"
        )
    store = open_store(settings)
    assert store is not None  # noqa: S101 narrows the type: production always has one
    retention = timedelta(days=settings.checkpoint_ttl_days)
    flow = StepFunctionsFlow(aws.stepfunctions_client(), _required("STATE_MACHINE_ARN"))
    resumer = Resumer(
        ThreadManager(store, system_clock, retention=retention),
        CheckpointSaver(store, clock=system_clock, retention=retention),
        flow,
        system_clock,
    )
    resumed = resumer.resume(chosen.thread_id, by=chosen.by or getpass.getuser())
    sys.stdout.write(
        f"recovery {resumed.attempt} of thread {resumed.thread_id} from checkpoint"
        f" {resumed.from_checkpoint or 'none'}: execution {resumed.execution}\n"
    )
    return 0


def _redrive(chosen: argparse.Namespace) -> int:
    from skymarshal import aws
    from skymarshal.orchestration.redriving import DeadLetterQueue
    from skymarshal.ports import system_clock

    intake_url = "" if chosen.list else _required("QUEUE_URL")
    queue = DeadLetterQueue(aws.sqs_client(), _required("DEAD_LETTER_QUEUE_URL"), intake_url, system_clock)
    count = 0
    for letter in queue.letters() if chosen.list else queue.redrive():
        count += 1
        field = f"{letter.field}: " if letter.field else ""
        sys.stdout.write(
            f"{letter.message_id} since {letter.since:%Y-%m-%d %H:%M:%SZ}  {field}{letter.reason}\n"
        )
    sys.stdout.write(
        f"{count} dead letter{'' if count == 1 else 's'}{'' if chosen.list else ' sent again'}\n"
    )
    return 0


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise NotConfigured(f"{name} is not set: it is an output of the deployed stacks")
    return value
