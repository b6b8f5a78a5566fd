"""`skymarshal rules`: the rules by hand, for a person or another program."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO

from skymarshal.domain.errors import DomainError, InvalidInputError, OutOfRangeError

if TYPE_CHECKING:
    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_rules_commands", "answer_lines", "parse_flags"]

_BAD_INPUT: Final = 2
_LONGEST_LINE: Final = 64 * 1024
_DEEPEST: Final = 1_000
"""How many lists and objects a line may hold: far more than a rule asks for, and few enough to parse."""


def add_rules_commands(subparsers: _Subparsers) -> None:
    """Add `rules list`, `rules check` and `rules document` to the command line."""
    rules = subparsers.add_parser("rules", help="list the rules, or check one by hand")
    commands = rules.add_subparsers(dest="rules_command", required=True)
    listing = commands.add_parser("list", help="name every rule with its fields, as JSON lines")
    listing.set_defaults(run=_run_list)
    check = commands.add_parser(
        "check",
        help="check a rule: fields as flags, or as JSON lines on standard input",
        epilog="Example: skymarshal rules check max_fdp --report-ref-time 05:45 --sectors 9. "
        "`skymarshal rules check RULE --help` explains a rule's fields, `skymarshal rules list` names the "
        "rules. "
        "With JSON lines, each line is answered, a bad one by an error; the exit status is then 2.",
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
        InvalidInputError: If a flag has no name or no value, or comes twice.
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
        plain = name.replace("-", "_")
        if plain in fields:
            raise InvalidInputError(plain, value, f"--{name} once")
        fields[plain] = _value(value)
    return fields


def answer_lines(lines: TextIO, rule: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield for each JSON line its answer as a JSON line, and the message of its error if it is not right.

    A bad line is answered by its error, so that answers stay in the order of the lines and none is lost.
    """
    from skymarshal.cli.rule_checks import check_rule

    for number, line in enumerate(_bounded_lines(lines), start=1):
        if not line.strip():
            continue
        try:
            yield json.dumps(check_rule(_object(line), rule)), None
        except DomainError as error:
            message = f"line {number}: {error}"
            answer: dict[str, object] = {"line": number, "error": str(error)}
            if isinstance(error, InvalidInputError):
                answer |= {"field": error.field, "expected": error.expected}
            yield json.dumps(answer), message


def _bounded_lines(lines: TextIO) -> Iterator[str]:
    """Yield the lines; of one that is too long only so much that it is seen to be."""
    while line := lines.readline(_LONGEST_LINE + 1):
        rest = line
        while len(rest) > _LONGEST_LINE and not rest.endswith("\n"):
            rest = lines.readline(_LONGEST_LINE + 1)
        yield line


def _run_list(_: argparse.Namespace) -> int:
    from skymarshal.cli.rule_checks import RULE_CHECKS

    for check in RULE_CHECKS.values():
        print(json.dumps({"rule": check.name, "summary": check.summary, "fields": check.fields}))
    return 0


def _run_check(arguments: argparse.Namespace) -> int:
    from skymarshal.cli.rule_checks import check_rule, named_rule

    rule: str | None = arguments.rule
    flags: list[str] = arguments.fields
    try:
        if rule is not None and any(flag in ("--help", "-h") for flag in flags):
            from skymarshal.cli.rule_help import rule_help

            print(rule_help(named_rule(rule)))
            return 0
        if flags:
            print(json.dumps(check_rule(parse_flags(flags), rule)))
            return 0
        if rule is not None:
            named_rule(rule)
    except DomainError as error:
        print(f"rules check: {error}", file=sys.stderr)
        return _BAD_INPUT
    status = 0
    for answer, message in answer_lines(sys.stdin, rule):
        print(answer)
        if message is not None:
            print(f"rules check: {message}", file=sys.stderr)
            status = _BAD_INPUT
    return status


def _run_document(_: argparse.Namespace) -> int:
    from skymarshal.cli.rule_document import rule_document

    print(rule_document(), end="")
    return 0


def _object(line: str) -> Mapping[str, object]:
    if len(line) > _LONGEST_LINE:
        raise OutOfRangeError("line", line[:80], f"at most {_LONGEST_LINE:,} characters")
    try:
        parsed = _parsed(line)
    except ValueError as error:
        if isinstance(error, DomainError):
            raise
        raise InvalidInputError("line", line.strip()[:80], "a JSON object on one line") from error
    if not isinstance(parsed, dict):
        raise InvalidInputError("line", parsed, "a JSON object on one line")
    return parsed


def _value(text: str) -> object:
    try:
        return _parsed(text)
    except ValueError as error:
        if isinstance(error, DomainError):
            raise
        return text


def _parsed(text: str) -> object:
    """Return what a JSON text says.

    Raises:
        InvalidInputError: If it nests too deep, or names a field twice.
        ValueError: If it is no JSON, or a number has more digits than Python reads.
    """
    # The parser recurses, so the depth is counted first; brackets within texts count too, which is harmless.
    if text.count("[") + text.count("{") > _DEEPEST:
        raise InvalidInputError("line", text[:80], f"at most {_DEEPEST} lists and objects in one another")
    return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInputError(name, value, f"{name} once")
        found[name] = value
    return found


def _no_constant(name: str) -> object:
    raise InvalidInputError("number", name, "a number")
