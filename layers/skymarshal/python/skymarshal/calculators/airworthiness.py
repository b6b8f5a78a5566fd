"""Whether a tail may be dispatched: deferred defects, work in hand, and when it can be released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.disruption import RepairEstimate
from skymarshal.domain.mel import MEL_ARTICLES, mel_interval
from skymarshal.operations.records import (
    Aircraft,
    Flight,
    MaintenanceStaffMember,
    MelItem,
    WorkOrder,
)

__all__ = [
    "AVIONICS_CHAPTERS",
    "MEL_ARTICLE",
    "RELEASE_ARTICLE",
    "DeferredDefect",
    "Fault",
    "MelState",
    "ReturnToService",
    "TailArrival",
    "licence_for",
    "mel_state",
    "return_to_service",
    "tail_arrival",
]

MEL_ARTICLE: Final = MEL_ARTICLES["expiry"].article
RELEASE_ARTICLE: Final = "145.A.50(a)"

AVIONICS_CHAPTERS: Final = frozenset({"22", "23", "31", "34", "42", "44", "45", "46"})
"""ATA chapters that a B2 engineer certifies; every other chapter is taken as B1."""

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A defect that was reported and is not deferred: the tail stays until it is put right.

    `reported_in` is the disruption that says so.
    """

    ata: str | None
    repair: RepairEstimate | None
    reported_in: str = ""


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
        return Evidence(table="MelItems", key=key, field="expires_at", value=_instant(self.expires_at))


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
class ReturnToService:
    """When the tail can be released, as a range; None while it cannot be told.

    `driver` names the task that ends last in the likely case. `unknowns` are why it cannot be told.
    """

    low: datetime | None
    likely: datetime | None
    high: datetime | None
    driver: str
    evidence: tuple[Evidence, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    name: str
    ready: datetime
    licence: Literal["B1", "B2"]
    hours: tuple[timedelta, timedelta, timedelta]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    at: datetime
    task: str
    engineer: MaintenanceStaffMember


def licence_for(ata: str | None) -> Literal["B1", "B2"]:
    """Return the licence that certifies work on an ATA chapter; B1 where the chapter is not given."""
    return "B2" if ata is not None and ata[:2] in AVIONICS_CHAPTERS else "B1"


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
                value=_instant(aircraft.available_from),
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
        Evidence(table="Flights", key=previous.flight_id, field=field, value=_instant(arrival)),
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


def return_to_service(
    *,
    aircraft: Aircraft,
    fault: Fault | None,
    work_orders: Iterable[WorkOrder],
    staff: Sequence[MaintenanceStaffMember],
    station: str,
    now: datetime,
    arrival: datetime | None,
    before: datetime,
) -> ReturnToService | None:
    """Return when the tail can be released, or None when nothing keeps it on the ground.

    Every open work order that starts before `before` is done first, and the reported fault with it. A
    task starts when the tail has arrived, its parts are there and an engineer with the licence and the
    type rating is on shift and free; one who is on shift at the end releases it. An open work order on
    the ATA chapter of the fault is the repair of that fault: its parts and licence count, with the
    reporter's newer estimate of the hours if there is one.

    Args:
        aircraft: the tail.
        fault: what was reported and is not deferred, or None.
        work_orders: the tail's work orders.
        staff: the shifts at `station` that overlap the time to come.
        station: where the tail stands or will stand.
        now: the instant of the report.
        arrival: when the tail is on blocks at the station.
        before: the departure that work orders are looked at for.
    """
    open_orders = [one for one in work_orders if one.released_at is None and one.scheduled_start < before]
    repair_order = next(
        (one for one in open_orders if fault is not None and fault.ata is not None and _same_ata(one, fault)),
        None,
    )
    if fault is None and not open_orders:
        return _by_status(aircraft, now)
    on_ground = max(now, arrival or now)
    unknowns: list[Unknown] = []
    evidence: list[Evidence] = []
    tasks: list[_Task] = []
    for order in open_orders:
        hours = _hours(order)
        if order is repair_order and fault is not None and fault.repair is not None:
            hours = _estimate(fault.repair)
            evidence.append(_of_report(fault.reported_in, fault.repair))
        ready = max(on_ground, order.scheduled_start)
        if order.parts_required:
            if order.parts_eta is None:
                unknowns.append(
                    Unknown(
                        table="MaintenanceWorkOrders",
                        key=order.workorder_id,
                        field="parts_eta",
                        why="The task cannot be dated while its parts have no arrival time.",
                    )
                )
                continue
            ready = max(ready, order.parts_eta)
            evidence.append(_of_order(order, "parts_eta", _instant(order.parts_eta)))
        estimate = "/".join(f"{one / timedelta(hours=1):g}" for one in hours)
        evidence.append(_of_order(order, "hours_min/likely/max", f"{estimate} h"))
        name = f"work order {order.workorder_id} ({order.task})"
        tasks.append(_Task(name=name, ready=ready, licence=order.licence_required, hours=hours))
    if fault is not None and repair_order is None:
        if fault.repair is None:
            unknowns.append(
                Unknown(
                    table="MaintenanceWorkOrders",
                    key=aircraft.registration,
                    field="hours_likely",
                    why="The defect is reported without a repair estimate and no work order covers it.",
                )
            )
        else:
            evidence.append(_of_report(fault.reported_in, fault.repair))
            tasks.append(
                _Task(
                    name="the reported repair" + (f" (ATA {fault.ata})" if fault.ata else ""),
                    ready=on_ground,
                    licence=licence_for(fault.ata),
                    hours=_estimate(fault.repair),
                )
            )
    if unknowns:
        return ReturnToService(
            low=None,
            likely=None,
            high=None,
            driver=unknowns[0].why,
            evidence=tuple(evidence),
            unknowns=tuple(unknowns),
        )
    low, likely, high = (_last_release(tasks, case, staff, aircraft.aircraft_type) for case in range(3))
    if low is None or likely is None or high is None:
        licences = " and ".join(sorted({task.licence for task in tasks}))
        missing = Unknown(
            table="MaintenanceStaff",
            key=station,
            field="shift_start",
            why=f"No {licences} engineer rated on {aircraft.aircraft_type} is on shift to release the work.",
        )
        return ReturnToService(
            low=low.at if low else None,
            likely=likely.at if likely else None,
            high=None,
            driver=missing.why,
            evidence=tuple(evidence),
            unknowns=(missing,),
        )
    return ReturnToService(
        low=low.at,
        likely=likely.at,
        high=high.at,
        driver=likely.task,
        evidence=(*evidence, _of_engineer(likely.engineer)),
    )


def _by_status(aircraft: Aircraft, now: datetime) -> ReturnToService | None:
    if aircraft.status in ("in_service", "spare"):
        return None
    seen = Evidence(table="Aircraft", key=aircraft.registration, field="status", value=aircraft.status)
    if aircraft.available_from > now:
        at = aircraft.available_from
        until = replace(seen, field="available_from", value=_instant(at))
        return ReturnToService(
            low=at, likely=at, high=at, driver=f"the tail is {aircraft.status}", evidence=(seen, until)
        )
    missing = Unknown(
        table="MaintenanceWorkOrders",
        key=aircraft.registration,
        field="released_at",
        why=f"The tail is {aircraft.status} and no work order says when it is released.",
    )
    return ReturnToService(
        low=None, likely=None, high=None, driver=missing.why, evidence=(seen,), unknowns=(missing,)
    )


def _last_release(
    tasks: Sequence[_Task], case: int, staff: Sequence[MaintenanceStaffMember], aircraft_type: str
) -> _Release | None:
    """Return when the last task is released; None when a task finds no engineer."""
    free = {one.staff_id: one.shift_start for one in staff}
    last: _Release | None = None
    for task in sorted(tasks, key=lambda one: (one.ready, one.name)):
        able = [one for one in staff if one.licence == task.licence and aircraft_type in one.type_ratings]
        starts = [
            (start, one)
            for one in able
            if (start := max(task.ready, one.shift_start, free[one.staff_id])) < one.shift_end
        ]
        if not starts:
            return None
        start, engineer = min(starts, key=lambda item: (item[0], item[1].staff_id))
        end = start + task.hours[case]
        free[engineer.staff_id] = end
        if end > engineer.shift_end:
            later = [(max(end, one.shift_start), one.staff_id, one) for one in able if one.shift_end > end]
            if not later:
                return None
            end, _, engineer = min(later, key=lambda item: item[:2])
        if last is None or end > last.at:
            last = _Release(at=end, task=task.name, engineer=engineer)
    return last


def _same_ata(order: WorkOrder, fault: Fault) -> bool:
    return fault.ata is not None and order.ata[:2] == fault.ata[:2]


def _hours(order: WorkOrder) -> tuple[timedelta, timedelta, timedelta]:
    return (
        timedelta(hours=order.hours_min),
        timedelta(hours=order.hours_likely),
        timedelta(hours=order.hours_max),
    )


def _estimate(repair: RepairEstimate) -> tuple[timedelta, timedelta, timedelta]:
    return repair.least, repair.likely, repair.most


def _of_order(order: WorkOrder, field: str, value: str) -> Evidence:
    return Evidence(table="MaintenanceWorkOrders", key=order.workorder_id, field=field, value=value)


def _of_report(disruption_id: str, repair: RepairEstimate) -> Evidence:
    hours = "/".join(f"{one / timedelta(hours=1):g}" for one in _estimate(repair))
    return Evidence(
        table=DISRUPTION_DETAIL_TYPE, key=disruption_id, field="details.repair", value=f"{hours} h"
    )


def _of_engineer(engineer: MaintenanceStaffMember) -> Evidence:
    shift = f"{_instant(engineer.shift_start)}/{_instant(engineer.shift_end)}"
    return Evidence(table="MaintenanceStaff", key=engineer.staff_id, field="shift", value=shift)


def _elsewhere(aircraft: Aircraft, flight: Flight, previous: Flight | None) -> Unknown:
    where = aircraft.location if previous is None else previous.destination
    return Unknown(
        table="Flights",
        key=aircraft.registration,
        field="destination",
        why=f"The tail is due at {where}, not at {flight.origin}, and no flight brings it there.",
    )


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%MZ")
