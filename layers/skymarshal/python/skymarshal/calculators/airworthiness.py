"""Whether a tail may be dispatched: deferred defects, work in hand, and when it can be released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.mel import MEL_ARTICLES, mel_interval
from skymarshal.operations.records import (
    Aircraft,
    Flight,
    MelItem,
)

__all__ = [
    "MEL_ARTICLE",
    "DeferredDefect",
    "MelState",
    "TailArrival",
    "mel_state",
    "tail_arrival",
]

MEL_ARTICLE: Final = MEL_ARTICLES["expiry"].article


_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredDefect:
    """An open MEL item and the instant from which the tail may no longer be dispatched with it."""

    item: MelItem
    expires_at: datetime

    @property
    def last_dispatch(self) -> datetime:
        """The last off-block, to the minute."""
        return self.expires_at - timedelta(minutes=1)

    @property
    def evidence(self) -> Evidence:
        """The row that says until when."""
        key = f"{self.item.registration} {self.item.item_id}"
        return Evidence(table="MelItems", key=key, field="expires_at", value=instant_value(self.expires_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class MelState:
    """The open deferred defects of a tail, the first to expire first."""

    defects: tuple[DeferredDefect, ...]

    @property
    def first(self) -> DeferredDefect | None:
        """The item that expires first."""
        return self.defects[0] if self.defects else None

    @property
    def etops_removed_by(self) -> tuple[MelItem, ...]:
        """The items with which the tail may not fly beyond 60 minutes from an adequate airport."""
        return tuple(one.item for one in self.defects if one.item.removes_etops)

    def expired(self, at: datetime) -> tuple[DeferredDefect, ...]:
        """Return the items with which the tail may not be dispatched at `at`."""
        return tuple(one for one in self.defects if at >= one.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailArrival:
    """When the tail stands ready at the origin after its flight before.

    `ready_at` is the expected arrival plus the minimum turnaround. `previous` is None where the tail has
    no flight before in the period read and stands at the origin since `available_from`. `missing` says why
    it is not known to come.
    """

    ready_at: datetime | None
    arrival: datetime | None
    previous: Flight | None
    evidence: tuple[Evidence, ...] = ()
    missing: Unknown | None = None


def mel_state(items: Iterable[MelItem]) -> MelState:
    """Return the deferred defects that are still open, the first to expire first.

    An item runs out when its row says, or when its category's interval ends if that is earlier: a row may
    be stricter than the rule, never more lenient. Category A is never extended, whatever its row says.
    """
    defects = [
        DeferredDefect(item=item, expires_at=_expiry(item)) for item in items if item.rectified_at is None
    ]
    return MelState(defects=tuple(sorted(defects, key=lambda one: (one.expires_at, one.item.item_id))))


def _expiry(item: MelItem) -> datetime:
    by_rule = mel_interval(
        category=item.category,
        discovered=item.discovered_at,
        interval_days=item.interval_days if item.category == "A" else None,
        extended=item.extended and item.category != "A",
    ).expires_at
    return item.expires_at if by_rule is None else min(item.expires_at, by_rule)


def tail_arrival(flight: Flight, aircraft: Aircraft, rotation: Sequence[Flight]) -> TailArrival:
    """Return when the tail of `flight` stands ready at its origin.

    Args:
        flight: the flight to be operated.
        aircraft: its tail.
        rotation: the tail's flights in the days around, in any order.
    """
    before = [
        one
        for one in rotation
        if one.std < flight.std and one.status != "cancelled" and one.flight_id != flight.flight_id
    ]
    previous = max(before, key=lambda one: one.std, default=None)
    if previous is None:
        if aircraft.location == flight.origin:
            seen = Evidence(
                table="Aircraft",
                key=aircraft.registration,
                field="available_from",
                value=instant_value(aircraft.available_from),
            )
            at = aircraft.available_from
            return TailArrival(ready_at=at, arrival=at, previous=None, evidence=(seen,))
        return TailArrival(
            ready_at=None, arrival=None, previous=None, missing=_elsewhere(aircraft, flight, None)
        )
    if previous.destination != flight.origin:
        missing = _elsewhere(aircraft, flight, previous)
        return TailArrival(ready_at=None, arrival=None, previous=previous, missing=missing)
    field = "eta" if previous.eta is not None else "sta"
    arrival = previous.eta or previous.sta
    evidence = (
        Evidence(table="Flights", key=previous.flight_id, field=field, value=instant_value(arrival)),
        Evidence(
            table="Aircraft",
            key=aircraft.registration,
            field="minimum_turnaround",
            value=f"{aircraft.minimum_turnaround // timedelta(minutes=1)} min",
        ),
    )
    return TailArrival(
        ready_at=arrival + aircraft.minimum_turnaround,
        arrival=arrival,
        previous=previous,
        evidence=evidence,
    )


def _elsewhere(aircraft: Aircraft, flight: Flight, previous: Flight | None) -> Unknown:
    where = aircraft.location if previous is None else previous.destination
    return Unknown(
        table="Flights",
        key=aircraft.registration,
        field="destination",
        why=f"The tail is due at {where}, not at {flight.origin}, and no flight brings it there.",
    )
