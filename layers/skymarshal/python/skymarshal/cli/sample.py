"""`skymarshal sample load`: the sample airline into operational tables that were made for a demonstration."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Final

from skymarshal.cli.times import day
from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_sample_command"]

_PREFIX: Final = "SkyMarshal-"


class SampleRefused(SkyMarshalError):
    """The sample airline was not loaded."""


def add_sample_command(subparsers: _Subparsers) -> None:
    """Add `sample load` to the command line."""
    sample = subparsers.add_parser("sample", help="the sample airline, for a demonstration on AWS")
    commands = sample.add_subparsers(dest="sample_command", required=True, metavar="COMMAND")
    load = commands.add_parser(
        "load",
        help="write it into the operational tables",
        description="Writes the sample airline's three days into the tables that "
        "`operations_tables=create` made. A second time it replaces rows of the same keys.",
        epilog="Needs AWS credentials that may write those tables. OPERATIONS_TABLE_PREFIX names them.",
    )
    load.add_argument("--day", type=day, metavar="YYYY-MM-DD", help="its first day, by default today (UTC)")
    load.add_argument(
        "--replace", action="store_true", help="load although the tables already hold flights of that day"
    )
    load.set_defaults(run=_load)


def _load(chosen: argparse.Namespace) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    from skymarshal import aws
    from skymarshal.cli.run import SAMPLE_SEED
    from skymarshal.operations import load
    from skymarshal.operations.airline import generate

    prefix = os.environ.get("OPERATIONS_TABLE_PREFIX") or _PREFIX
    client = aws.dynamodb_client()
    airline = generate("small", chosen.day or datetime.now(UTC).date(), Random(SAMPLE_SEED))  # noqa: S311
    try:
        # An airline's own tables may carry this prefix by mistake: made-up flights among real ones are worse
        # than none.
        if not chosen.replace and client.scan(TableName=f"{prefix}Flights", Limit=1)["Items"]:
            raise SampleRefused(
                f"{prefix}Flights holds flights already: is it a demonstration's table? Then --replace"
            )
        rows = load(airline, client, prefix)
    except (BotoCoreError, ClientError) as error:
        raise SampleRefused(f"the tables {prefix}... can't be written: {error}") from None
    sys.stdout.write(f"{rows:,} rows written to the tables {prefix}...\n")
    return 0
