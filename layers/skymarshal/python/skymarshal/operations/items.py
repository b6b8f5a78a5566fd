"""Rows as DynamoDB items and back.

An attribute that is None is left out of the item, and an attribute that is absent reads as None
where the record allows it. Numbers are numbers; instants, dates and durations are ISO 8601 strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Final, TypeVar, cast, get_args, get_type_hints

import msgspec

from skymarshal.operations.errors import MalformedRowError
from skymarshal.operations.records import Record
from skymarshal.operations.statements import STATEMENTS, is_nil
from skymarshal.operations.tables import RecordTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

__all__ = ["from_item", "to_item"]

R = TypeVar("R", bound=Record)

_INTEGER: Final = re.compile(r"-?\d+")
_PATH: Final = re.compile(r"at `\$\.(?P<field>\w+)")
_NAMED: Final = re.compile(r"field `(?P<field>\w+)`")


def to_item(record: Record) -> dict[str, AttributeValueTypeDef]:
    """Return the record as a DynamoDB item."""
    plain: dict[str, object] = msgspec.to_builtins(record, builtin_types=(Decimal,))
    return {name: _attribute(value) for name, value in plain.items() if value is not None}


def from_item(table: RecordTable[R], item: Mapping[str, AttributeValueTypeDef]) -> R:
    """Return the DynamoDB item as a record. Attributes that the record does not know are ignored.

    A row that says that there are none comes back as the statement it is, a `NoneAsOf`.

    Raises:
        MalformedRowError: A field is missing, of the wrong kind, or an instant not in UTC.
    """
    statement = _statement_of(table, item)
    if statement is not None:
        return from_item(statement, item)
    plain: dict[str, object] = dict.fromkeys(_optional_fields(table))
    for name in _fields(table):
        if name in item:
            try:
                plain[name] = _value(item[name])
            except TypeError as error:
                raise _malformed(table, plain, name, str(error)) from error
    try:
        record = msgspec.convert(plain, table.record)
    except msgspec.ValidationError as error:
        problem = str(error)
        found = _PATH.search(problem) or _NAMED.search(problem)
        raise _malformed(table, plain, found["field"] if found else "?", problem) from error
    for name in _instant_fields(table):
        instant: datetime | None = getattr(record, name)
        if instant is not None and instant.utcoffset():
            raise _malformed(table, plain, name, f"expected an instant in UTC, got {instant.isoformat()}")
    return record


def _statement_of(table: RecordTable[R], item: Mapping[str, AttributeValueTypeDef]) -> RecordTable[R] | None:
    record = STATEMENTS.get(table.name)
    if record is None or table.record is record:
        return None
    names = (name for name in table.key_names() if name is not None)
    key = {name: item[name].get("S") for name in names if name in item}
    return RecordTable(table.table, cast("type[R]", record)) if is_nil(key) else None


def _malformed(
    table: RecordTable[R], plain: Mapping[str, object], field: str, problem: str
) -> MalformedRowError:
    names = (name for name in table.key_names() if name is not None)
    key = {name: str(plain.get(name)) for name in names}
    return MalformedRowError(table=table.name, key=key, field=field, problem=problem, row=plain)


@cache
def _fields(table: RecordTable[R]) -> tuple[str, ...]:
    keys = [name for name in table.key_names() if name is not None]
    return (*keys, *(field.name for field in fields(table.record) if field.name not in keys))


@cache
def _optional_fields(table: RecordTable[R]) -> tuple[str, ...]:
    hints = get_type_hints(table.record)
    return tuple(field.name for field in fields(table.record) if NoneType in get_args(hints[field.name]))


@cache
def _instant_fields(table: RecordTable[R]) -> tuple[str, ...]:
    hints = get_type_hints(table.record)
    return tuple(
        field.name
        for field in fields(table.record)
        if hints[field.name] is datetime or datetime in get_args(hints[field.name])
    )


def _attribute(value: object) -> AttributeValueTypeDef:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    if isinstance(value, list | tuple):
        return {"L": [_attribute(member) for member in value]}
    if isinstance(value, dict):
        return {"M": {name: _attribute(member) for name, member in value.items()}}
    if value is None:
        return {"NULL": True}
    raise TypeError(f"no DynamoDB attribute for {value!r}")


def _value(attribute: AttributeValueTypeDef) -> object:
    ((kind, value),) = attribute.items()
    match kind, value:
        case "S", str():
            return value
        case "N", str():
            return int(value) if _INTEGER.fullmatch(value) else Decimal(value)
        case "BOOL", bool():
            return value
        case "NULL", _:
            return None
        case "L", list():
            return [_value(member) for member in value]
        case "M", dict():
            return {name: _value(member) for name, member in value.items()}
        case "SS", list() | set():
            return sorted(value)
    raise TypeError(f"no field is held in an attribute of kind {kind}")
