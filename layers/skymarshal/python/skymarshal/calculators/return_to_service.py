"""When a tail with work in hand or a reported fault can be released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from skymarshal.calculators.evidence import instant_value
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.disruption import RepairEstimate
from skymarshal.operations.records import (
    Aircraft,
    MaintenanceStaffMember,
    WorkOrder,
)

__all__ = [
    "AVIONICS_CHAPTERS",
    "RELEASE_ARTICLE",
    "Fault",
    "ReturnToService",
    "licence_for",
    "return_to_service",
]


RELEASE_ARTICLE: Final = "145.A.50(a)"


AVIONICS_CHAPTERS: Final = frozenset({"22", "23", "31", "34", "42", "44", "45", "46"})
"""ATA chapters that a B2 engineer certifies; every other chapter is taken as B1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A defect that was reported and is not deferred: the tail stays until it is put right.

    `reported_in` is the disruption that says so.
    """

    ata: str | None
    repair: RepairEstimate | None
    reported_in: str = ""


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
    type rating is on shift and free; one who is on shift at the end releases it. An open work order that
    names the report is the repair of that fault: its parts and licence count, with the reporter's newer
    estimate of the hours if there is one. One of the same chapter that does not name it is other work.
    A tail that is in maintenance or AOG is not released before its row says that it is available.

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
        (one for one in open_orders if fault is not None and fault.reported_in in (one.clears or ())),
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
            evidence.append(_of_order(order, "parts_eta", instant_value(order.parts_eta)))
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
    held = _held_until(aircraft, now)
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
    seen = (*evidence, _of_engineer(likely.engineer))
    if held is None:
        return ReturnToService(low=low.at, likely=likely.at, high=high.at, driver=likely.task, evidence=seen)
    until, why = held
    return ReturnToService(
        low=max(low.at, until),
        likely=max(likely.at, until),
        high=max(high.at, until),
        driver=likely.task if likely.at >= until else f"the tail is {aircraft.status}",
        evidence=(*seen, *why),
    )


def _by_status(aircraft: Aircraft, now: datetime) -> ReturnToService | None:
    if aircraft.status in ("in_service", "spare"):
        return None
    held = _held_until(aircraft, now)
    if held is not None:
        at, why = held
        return ReturnToService(
            low=at, likely=at, high=at, driver=f"the tail is {aircraft.status}", evidence=why
        )
    seen = Evidence(table="Aircraft", key=aircraft.registration, field="status", value=aircraft.status)
    missing = Unknown(
        table="MaintenanceWorkOrders",
        key=aircraft.registration,
        field="released_at",
        why=f"The tail is {aircraft.status} and no work order says when it is released.",
    )
    return ReturnToService(
        low=None, likely=None, high=None, driver=missing.why, evidence=(seen,), unknowns=(missing,)
    )


def _held_until(aircraft: Aircraft, now: datetime) -> tuple[datetime, tuple[Evidence, ...]] | None:
    """Return until when a tail in maintenance or AOG is away by its own row, and the fields that say so."""
    at = aircraft.available_from
    if aircraft.status in ("in_service", "spare") or at <= now:
        return None
    seen = Evidence(table="Aircraft", key=aircraft.registration, field="status", value=aircraft.status)
    return at, (seen, replace(seen, field="available_from", value=instant_value(at)))


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
    shift = f"{instant_value(engineer.shift_start)}/{instant_value(engineer.shift_end)}"
    return Evidence(table="MaintenanceStaff", key=engineer.staff_id, field="shift", value=shift)
