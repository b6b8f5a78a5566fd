"""Conditions and updates in DynamoDB's expression language."""

from __future__ import annotations

from typing import TypedDict

from skymarshal.checkpoints.store import (
    Above,
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Equals,
    Item,
    OneOf,
    Present,
    Update,
    Value,
)

__all__ = ["Expression", "from_attributes", "to_attribute", "to_attributes"]


class Attribute(TypedDict, total=False):
    """A value as DynamoDB's wire format types it."""

    S: str
    N: str
    B: bytes


def to_attribute(value: Value) -> Attribute:
    """Return the value in DynamoDB's wire format."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"B": value}


def to_attributes(item: Item) -> dict[str, Attribute]:
    """Return the item in DynamoDB's wire format."""
    return {name: to_attribute(value) for name, value in item.items()}


def from_attributes(raw: dict[str, Attribute]) -> dict[str, Value]:
    """Return the item from DynamoDB's wire format, leaving out attributes of types never written here."""
    item: dict[str, Value] = {}
    for name, value in raw.items():
        if "S" in value:
            item[name] = value["S"]
        elif "N" in value:
            number = value["N"]
            item[name] = int(number) if number.lstrip("-").isdigit() else number
        elif "B" in value:
            item[name] = bytes(value["B"])
    return item


class Expression:
    """Collects the names and values that one request refers to."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Attribute] = {}

    def name(self, name: str) -> str:
        """Return the placeholder of an attribute name."""
        placeholder = f"#{len(self.names)}"
        for known, attribute in self.names.items():
            if attribute == name:
                return known
        self.names[placeholder] = name
        return placeholder

    def value(self, value: Value) -> str:
        """Return the placeholder of a value."""
        placeholder = f":{len(self.values)}"
        self.values[placeholder] = to_attribute(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        """Return a condition expression."""
        match condition:
            case Absent(name):
                return f"attribute_not_exists({self.name(name)})"
            case Present(name):
                return f"attribute_exists({self.name(name)})"
            case Equals(name, value):
                return f"{self.name(name)} = {self.value(value)}"
            case Below(name, value):
                return f"{self.name(name)} < {self.value(value)}"
            case Above(name, value):
                return f"{self.name(name)} > {self.value(value)}"
            case OneOf(name, values):
                return f"{self.name(name)} IN ({', '.join(self.value(value) for value in values)})"
            case AllOf(conditions):
                return " AND ".join(self._nested(each) for each in conditions)
            case AnyOf(conditions):
                return " OR ".join(self._nested(each) for each in conditions)

    def _nested(self, condition: Condition) -> str:
        text = self.condition(condition)
        compound = isinstance(condition, AllOf | AnyOf) and len(condition.conditions) > 1
        return f"({text})" if compound else text

    def update(self, update: Update) -> str:
        """Return an update expression."""
        sets = [f"{self.name(name)} = {self.value(value)}" for name, value in update.set.items()]
        for name, value in update.default.items():
            placeholder = self.name(name)
            sets.append(f"{placeholder} = if_not_exists({placeholder}, {self.value(value)})")
        clauses = []
        if sets:
            clauses.append(f"SET {', '.join(sets)}")
        if update.add:
            added = (f"{self.name(name)} {self.value(amount)}" for name, amount in update.add.items())
            clauses.append(f"ADD {', '.join(added)}")
        if update.remove:
            clauses.append(f"REMOVE {', '.join(self.name(name) for name in update.remove)}")
        return " ".join(clauses)
