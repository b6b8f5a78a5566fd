"""Whether a tail may be dispatched: deferred defects, work in hand, and when it can be released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ground_times import ground_times
from skymarshal.domain.mel import DAYS_MAY_RUN_OUT_IN_FLIGHT, MEL_ARTICLES, mel_interval
from skymarshal.operations.records import Aircraft, Flight, MelItem, WorkOrder
from skymarshal.operations.statements import Rows

__all__ = [
    "MEL_ARTICLE",
    "DeferredDefect",
    "MelState",
    "TailArrival",
    "mel_state",
    "tail_arrival",
    "unsaid_of_tail",
]

MEL_ARTICLE: Final = MEL_ARTICLES["expiry"].article


_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredDefect:
    """An open MEL item and the instant from which the tail may no longer be dispatched with it.

    `cleared_by` is the open work order that names it: with that released the item limits nothing.
    """

    item: MelItem
    expires_at: datetime
    cleared_by: WorkOrder | None = None

    def last_dispatch(self, block: timedelta) -> datetime:
        """Return the last off-block to the minute, of a flight of that block time.

        Where the item may not run out in flight, the flight has to be on block before it does.
        """
        may = self.item.may_run_out_in_flight
        in_flight = DAYS_MAY_RUN_OUT_IN_FLIGHT if may is None else may
        return self.expires_at - timedelta(minutes=1) - (_ZERO if in_flight else block)

    @property
    def evidence(self) -> Evidence:
        """The row that says until when."""
        key = f"{self.item.registration} {self.item.item_id}"
        return Evidence(table="MelItems", key=key, field="expires_at", value=instant_value(self.expires_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class MelState:
    """The open deferred defects of a tail, the first to expire first, and what is not known of them."""

    defects: tuple[DeferredDefect, ...]
    unknowns: tuple[Unknown, ...] = ()

    def limiting(self, before: datetime) -> tuple[DeferredDefect, ...]:
        """Return the items that bind a flight whose tail is released from the work begun before `before`."""
        return tuple(
            one for one in self.defects if one.cleared_by is None or one.cleared_by.scheduled_start >= before
        )

    @property
    def first(self) -> DeferredDefect | None:
        """The item that expires first."""
        return self.defects[0] if self.defects else None

    @property
    def etops_removed_by(self) -> tuple[MelItem, ...]:
        """The items with which the tail may not fly beyond 60 minutes from an adequate airport."""
        return tuple(one.item for one in self.defects if one.item.removes_etops)

    def expired(self, at: datetime, block: timedelta = _ZERO) -> tuple[DeferredDefect, ...]:
        """Return the items with which the tail may not be dispatched at `at` for a flight of `block`."""
        return tuple(one for one in self.defects if at > one.last_dispatch(block))


@dataclass(frozen=True, slots=True, kw_only=True)
class TailArrival:
    """When the tail stands ready at the origin after its flight before.

    `ready_at` is the expected arrival plus the turnaround for the load, or `available_from` if that is later.
    `previous` is None where the tail has
    no flight before in the period read and stands at the origin since `available_from`. `missing` says why
    it is not known to come.
    """

    ready_at: datetime | None
    arrival: datetime | None
    previous: Flight | None
    evidence: tuple[Evidence, ...] = ()
    missing: Unknown | None = None


def mel_state(items: Iterable[MelItem], orders: Iterable[WorkOrder] = ()) -> MelState:
    """Return the deferred defects that are still open, the first to expire first.

    An item runs out when its row says, or when its category's interval ends if that is earlier: a row may
    be stricter than the rule, never more lenient. Category A is never extended, whatever its row says.

    A work order clears an item only if it names it. One that was released after the item was found has
    cleared it; one of the same chapter that names nothing has cleared nothing.
    """
    naming = {item_id: order for order in orders for item_id in order.clears or ()}
    defects: list[DeferredDefect] = []
    unknowns: list[Unknown] = []
    for item in items:
        if item.rectified_at is not None:
            continue
        order = naming.get(item.item_id)
        if order is not None and order.released_at is not None:
            if order.released_at >= item.discovered_at:
                continue
            order = None
        try:
            expires_at = _expiry(item)
        except OutOfRangeError as error:
            expires_at = item.expires_at
            unknowns.append(_impossible(item, error))
        defects.append(DeferredDefect(item=item, expires_at=expires_at, cleared_by=order))
    ordered = sorted(defects, key=lambda one: (one.expires_at, one.item.item_id))
    return MelState(defects=tuple(ordered), unknowns=tuple(unknowns))


def unsaid_of_tail(
    registration: str, items: Rows[MelItem], orders: Rows[WorkOrder], at: datetime
) -> tuple[Unknown, ...]:
    """Return what is unknown of a tail because a table neither has a row for it nor says that there is none.

    Args:
        registration: the tail.
        items: its deferred defects.
        orders: its work orders.
        at: the instant for which they have to speak.
    """
    tables = (
        ("MelItems", "item_id", items.speak(at), items.silence(), "what is deferred"),
        ("MaintenanceWorkOrders", "workorder_id", orders.speak(at), orders.silence(), "what work is open"),
    )
    return tuple(
        Unknown(
            table=table,
            key=registration,
            field=field,
            why=f"{table} {silence} for {registration}: {what} is unknown.",
        )
        for table, field, speaks, silence, what in tables
        if not speaks
    )


def _expiry(item: MelItem) -> datetime:
    standard = mel_interval(category=item.category, discovered=item.discovered_at).interval_days
    days = item.interval_days
    if days is not None and standard is not None:
        days = min(days, standard)
    by_rule = mel_interval(
        category=item.category,
        discovered=item.discovered_at,
        interval_days=days,
        extended=item.extended and item.category != "A",
    ).expires_at
    return item.expires_at if by_rule is None else min(item.expires_at, by_rule)


def _impossible(item: MelItem, error: OutOfRangeError) -> Unknown:
    why = f"When MEL item {item.item_id} of {item.registration} runs out is unknown: {error}."
    return Unknown(
        table="MelItems", key=f"{item.registration} {item.item_id}", field="interval_days", why=why
    )


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
            at = aircraft.available_from
            return TailArrival(ready_at=at, arrival=at, previous=None, evidence=(_available(aircraft),))
        return TailArrival(
            ready_at=None, arrival=None, previous=None, missing=_elsewhere(aircraft, flight, None)
        )
    if previous.destination != flight.origin:
        missing = _elsewhere(aircraft, flight, previous)
        return TailArrival(ready_at=None, arrival=None, previous=previous, missing=missing)
    field = "eta" if previous.eta is not None else "sta"
    arrival = previous.eta or previous.sta
    if previous.status == "arrived" and aircraft.location != previous.destination:
        missing = Unknown(
            table="Aircraft",
            key=aircraft.registration,
            field="location",
            why=f"{previous.flight_id} arrived at {previous.destination}, but {aircraft.registration} is "
            f"said to stand at {aircraft.location}.",
        )
        return TailArrival(ready_at=None, arrival=None, previous=previous, missing=missing)
    free = aircraft.available_from
    evidence = (
        Evidence(table="Flights", key=previous.flight_id, field=field, value=instant_value(arrival)),
        _available(aircraft),
        Evidence(
            table="Aircraft",
            key=aircraft.registration,
            field="minimum_turnaround",
            value=f"{aircraft.minimum_turnaround // timedelta(minutes=1)} min",
        ),
    )
    return TailArrival(
        ready_at=max(arrival + _turnaround(aircraft, previous, flight), free),
        arrival=arrival,
        previous=previous,
        evidence=evidence,
    )


def _turnaround(aircraft: Aircraft, inbound: Flight, outbound: Flight) -> timedelta:
    """Return the tail's minimum, or what its type takes with those who leave and board if that is longer.

    Every seat counts where nobody says how many are sold.
    """
    seats = sum(aircraft.seats.values())
    off, on = (
        seats if one.seats_sold is None else min(seats, sum(one.seats_sold.values()))
        for one in (inbound, outbound)
    )
    return max(aircraft.minimum_turnaround, ground_times(aircraft.aircraft_type).turnaround(off, on))


def _available(aircraft: Aircraft) -> Evidence:
    return Evidence(
        table="Aircraft",
        key=aircraft.registration,
        field="available_from",
        value=instant_value(aircraft.available_from),
    )


def _elsewhere(aircraft: Aircraft, flight: Flight, previous: Flight | None) -> Unknown:
    where = aircraft.location if previous is None else previous.destination
    return Unknown(
        table="Flights",
        key=aircraft.registration,
        field="destination",
        why=f"The tail is due at {where}, not at {flight.origin}, and no flight brings it there.",
    )
