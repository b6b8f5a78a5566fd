"""Tables that say "none, as of": the difference between a table with nothing in it and one not kept.

In six tables a tail or an airport may rightly have no row: no deferred defect, no work order, no curfew.
That no row is there says nothing, since a feed that never arrived leaves the same behind. So such a table
holds a statement: a row whose id is `NIL` (`NIL#` and the tail or airport where the id alone is the key)
and whose `as_of` is the instant at which whoever keeps the table looked and found none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from skymarshal.operations.records import Instant, Record

__all__ = [
    "NIL",
    "STATEMENTS",
    "STATEMENT_HOLDS",
    "NoAirportCurfews",
    "NoAirportSlots",
    "NoGroundEquipment",
    "NoMelItems",
    "NoNotams",
    "NoWorkOrders",
    "NoneAsOf",
    "Rows",
    "is_nil",
]

NIL: Final = "NIL"
"""The id of a row that says that there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneAsOf(Record):
    """A statement that there are none. `source` is who says so, None where the table does not tell."""

    as_of: Instant
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMelItems(NoneAsOf):
    """The tail has no deferred defect."""

    registration: str
    item_id: str = NIL


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWorkOrders(NoneAsOf):
    """The tail has no work order; `workorder_id` is `NIL#A6-BLA`, `scheduled_start` is `as_of`."""

    workorder_id: str
    registration: str
    scheduled_start: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGroundEquipment(NoneAsOf):
    """The airport has no ground equipment."""

    airport: str
    equipment_id: str = NIL


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAirportCurfews(NoneAsOf):
    """The airport has no night restriction."""

    airport: str
    rule_id: str = NIL


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAirportSlots(NoneAsOf):
    """The airport gives out no slots; `flight_id` is `NIL#AUH`, `slot_time` is `as_of`."""

    flight_id: str
    airport: str
    slot_time: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NoNotams(NoneAsOf):
    """No notice is in force for the airport."""

    airport: str
    notam_id: str = NIL


STATEMENTS: Final[Mapping[str, type[NoneAsOf]]] = MappingProxyType(
    {
        "MelItems": NoMelItems,
        "MaintenanceWorkOrders": NoWorkOrders,
        "GroundEquipment": NoGroundEquipment,
        "AirportCurfews": NoAirportCurfews,
        "AirportSlots": NoAirportSlots,
        "Notams": NoNotams,
    }
)
"""The row by which each table says that it has none."""

_WEEKLY_CHECK: Final = timedelta(days=8)
_YEARLY_EDITION: Final = timedelta(days=366)

STATEMENT_HOLDS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "MelItems": _WEEKLY_CHECK,
        "MaintenanceWorkOrders": _WEEKLY_CHECK,
        "GroundEquipment": _WEEKLY_CHECK,
        "AirportCurfews": _YEARLY_EDITION,
        "AirportSlots": _WEEKLY_CHECK,
        "Notams": _WEEKLY_CHECK,
    }
)
"""How far from an instant a statement still speaks for it.

A new defect, task or notice gets a row when it is entered, so a statement only has to be as young as the last
comparison of the whole list with its source: for a tail the weekly check, which falls due after eight days at
the latest. Night restrictions are published for a year.
"""

R = TypeVar("R", bound=Record)


class Rows(list[R], Generic[R]):
    """The rows of one tail or airport, and what the table says where it has none.

    Attributes:
        none_as_of: when the table was last said to have none; None if nothing says so.
        kept: whether the table has any row, also one left out here such as a defect that was rectified.
        holds: how far from an instant a statement still speaks for it.
    """

    __slots__ = ("holds", "kept", "none_as_of")

    def __init__(
        self,
        rows: Iterable[R] = (),
        *,
        none_as_of: datetime | None = None,
        kept: bool | None = None,
        holds: timedelta = timedelta(0),
    ) -> None:
        super().__init__(rows)
        self.none_as_of = none_as_of
        self.kept = bool(self) if kept is None else kept
        self.holds = holds

    def speak(self, at: datetime) -> bool:
        """Return whether the table says what there is at an instant, be it that there is nothing.

        A statement made after the instant counts like one made before: it is later knowledge of the same
        thing. One that lies farther away than it holds does not count.
        """
        if self.kept:
            return True
        return self.none_as_of is not None and abs(at - self.none_as_of) <= self.holds

    def silence(self) -> str:
        """Return what the table does instead of speaking, as the end of a sentence."""
        if self.none_as_of is None:
            return "has no row and does not say that there is none"
        days = self.holds // timedelta(days=1)
        return f"says that there is none as of {self.none_as_of:%Y-%m-%d %H:%MZ}, which holds for {days} days"


def is_nil(key: Mapping[str, object]) -> bool:
    """Return whether a row with these key attributes is a statement."""
    return any(isinstance(id_, str) and (id_ == NIL or id_.startswith(f"{NIL}#")) for id_ in key.values())
