"""Parses the command line and calls one command."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from skymarshal.cli.decide import add_decide_commands
from skymarshal.cli.knowledge import add_knowledge_commands
from skymarshal.cli.operate import add_operate_commands
from skymarshal.cli.report import add_outcome_command, add_report_command
from skymarshal.cli.rules import add_rules_commands
from skymarshal.cli.run import add_run_command
from skymarshal.cli.sample import add_sample_command
from skymarshal.cli.scenarios import add_scenarios_command
from skymarshal.cli.sign_in import add_sign_in_commands
from skymarshal.cli.threads import add_thread_commands
from skymarshal.cli.users import add_users_command
from skymarshal.contracts import PACKAGE_VERSION
from skymarshal.errors import SkyMarshalError

__all__ = ["main"]

_FAILED = 1
_BAD_INPUT = 2
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class UnknownLevel(SkyMarshalError):
    """LOG_LEVEL names no level of logging."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, 1 where it failed, 2 for bad input.

    Whatever a person can put right is said in one line, that AWS refuses or can't be reached included.
    """
    parser = argparse.ArgumentParser(
        prog="skymarshal", description="Airline disruption decisions: computed, checked, approved, recorded."
    )
    parser.add_argument("--version", action="version", version=f"skymarshal {PACKAGE_VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_run_command(commands)
    add_report_command(commands)
    add_outcome_command(commands)
    add_knowledge_commands(commands)
    add_scenarios_command(commands)
    add_rules_commands(commands)
    add_operate_commands(commands)
    add_thread_commands(commands)
    add_sign_in_commands(commands)
    add_decide_commands(commands)
    add_users_command(commands)
    add_sample_command(commands)
    chosen = parser.parse_args(arguments)
    try:
        _log()
        status: int = chosen.run(chosen)
    except SkyMarshalError as error:
        return _said(chosen, error, _BAD_INPUT)
    except BrokenPipeError:
        # Whoever read the output has read enough.
        sys.stderr.close()
        return _FAILED
    except KeyboardInterrupt:
        return _said(chosen, "stopped", _FAILED)
    except OSError as error:
        return _said(chosen, error, _FAILED)
    except Exception as error:
        if not _is_of_aws(error):
            raise
        return _said(chosen, f"AWS: {error}", _FAILED)
    return status


def _log() -> None:
    level = os.environ.get("LOG_LEVEL") or "WARNING"
    if level not in _LEVELS:
        raise UnknownLevel(f"LOG_LEVEL is {level!r}; it must be one of {', '.join(_LEVELS)}")
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")


def _said(chosen: argparse.Namespace, why: object, status: int) -> int:
    sys.stderr.write(f"skymarshal {chosen.command}: {' '.join(str(why).split())}\n")
    return status


def _is_of_aws(error: Exception) -> bool:
    """Return whether boto3 raised it; most commands never load boto3, so it is not imported to ask."""
    exceptions = sys.modules.get("botocore.exceptions")
    return exceptions is not None and isinstance(error, (exceptions.BotoCoreError, exceptions.ClientError))
