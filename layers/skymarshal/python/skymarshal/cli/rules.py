"""`skymarshal rules`: the rules by hand, for a person or another program."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from skymarshal.domain.errors import DomainError, InvalidInputError

if TYPE_CHECKING:
    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_rules_commands", "answer_lines", "parse_flags"]

_BAD_INPUT: Final = 2


def add_rules_commands(subparsers: _Subparsers) -> None:
    """Add `rules list`, `rules check` and `rules document` to the command line."""
    rules = subparsers.add_parser("rules", help="list the rules, or check one by hand")
    commands = rules.add_subparsers(dest="rules_command", required=True)
    listing = commands.add_parser("list", help="name every rule with its fields, as JSON lines")
    listing.set_defaults(run=_run_list)
    check = commands.add_parser(
        "check",
        help="check a rule: fields as flags, or as JSON lines on standard input",
        epilog="Example: skymarshal rules check max_fdp --report-ref-time 05:45 --sectors 9",
    )
    check.add_argument("rule", nargs="?", help="name of the rule; else each line names its own")
    check.add_argument(
        "fields", nargs=argparse.REMAINDER, help="fields as --name value; without any, standard input is read"
    )
    check.set_defaults(run=_run_check)
    document = commands.add_parser("document", help="print the table of rules and articles as Markdown")
    document.set_defaults(run=_run_document)


def parse_flags(flags: Sequence[str]) -> dict[str, object]:
    """Return fields from `--name value` pairs; a value that is JSON is read as such.

    Raises:
        InvalidInputError: If a flag has no name or no value.
    """
    fields: dict[str, object] = {}
    left = list(flags)
    while left:
        flag = left.pop(0)
        name, joined, value = flag.removeprefix("--").partition("=")
        if not flag.startswith("--") or not name:
            raise InvalidInputError("flag", flag, "a flag --name value")
        if not joined:
            if not left:
                raise InvalidInputError(name, None, f"a value after --{name}")
            value = left.pop(0)
        fields[name.replace("-", "_")] = _value(value)
    return fields


def answer_lines(lines: TextIO, rule: str | None) -> Iterator[str]:
    """Return the answer to each JSON line as a JSON line.

    Raises:
        DomainError: If a line is not right; its message starts with the number of the line.
    """
    from skymarshal.cli.rule_checks import check_rule

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield json.dumps(check_rule(_object(line), rule))
        except DomainError as error:
            raise DomainError(f"line {number}: {error}") from error


def _run_list(_: argparse.Namespace) -> int:
    from skymarshal.cli.rule_checks import RULE_CHECKS

    for check in RULE_CHECKS.values():
        print(json.dumps({"rule": check.name, "summary": check.summary, "fields": check.fields}))
    return 0


def _run_check(arguments: argparse.Namespace) -> int:
    from skymarshal.cli.rule_checks import check_rule

    rule: str | None = arguments.rule
    flags: list[str] = arguments.fields
    try:
        if flags:
            print(json.dumps(check_rule(parse_flags(flags), rule)))
        else:
            for line in answer_lines(sys.stdin, rule):
                print(line)
    except DomainError as error:
        print(f"rules check: {error}", file=sys.stderr)
        return _BAD_INPUT
    return 0


def _run_document(_: argparse.Namespace) -> int:
    from skymarshal.cli.rule_document import rule_document

    print(rule_document(), end="")
    return 0


def _object(line: str) -> Mapping[str, object]:
    try:
        parsed = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInputError("line", line.strip()[:80], "a JSON object on one line") from error
    if not isinstance(parsed, dict):
        raise InvalidInputError("line", parsed, "a JSON object on one line")
    return parsed


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
