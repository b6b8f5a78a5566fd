"""The tails that could fly instead, as options."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.airworthiness import unsaid_of_tail
from skymarshal.calculators.spare_tails import SpareTail, TailRows, rating_family, spare_tail
from skymarshal.domain.assessment import (
    Option,
    OptionKind,
)
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft, Flight

__all__ = ["spare_options"]


ROTATION_SPAN: Final = timedelta(days=2)


ORDERS_BACK: Final = timedelta(days=30)


MAX_SPARES: Final = 16


MAX_UNFIT: Final = 5
"""How many tails are looked at, and how many of those that do not fit are kept with their reasons."""


def spare_options(
    operations: Operations,
    flight: Flight,
    planned: Aircraft | None,
    rotation: Sequence[Flight],
    now: datetime,
    *,
    diversion: timedelta | None,
) -> tuple[Option, ...]:
    family = rating_family(flight.aircraft_type)
    tails = operations.gather(*(lambda kind=kind: operations.aircraft_of_type(kind) for kind in family))
    others = [
        tail
        for group in tails
        for tail in group
        if tail.registration != flight.registration and tail.status in ("spare", "in_service")
    ]
    others.sort(
        key=lambda one: (
            one.status != "spare",
            one.location != flight.origin,
            one.available_from,
            one.registration,
        )
    )
    looked_at = others[:MAX_SPARES]
    marks = [tail.registration for tail in looked_at]
    since, to = now - ROTATION_SPAN, flight.std + 2 * ROTATION_SPAN
    defects, rotations, orders = operations.gather(
        lambda: operations.gather(*(lambda mark=mark: operations.open_mel_items(mark) for mark in marks)),
        lambda: operations.gather(
            *(lambda mark=mark: operations.rotation(mark, since, to) for mark in marks)
        ),
        lambda: operations.gather(
            *(lambda mark=mark: operations.work_orders(mark, now - ORDERS_BACK, flight.sta) for mark in marks)
        ),
    )
    found = [
        TailRows(
            aircraft=tail,
            mel_items=tuple(a),
            rotation=tuple(b),
            work_orders=tuple(c),
            unsaid=unsaid_of_tail(tail.registration, a, c, now),
        )
        for tail, a, b, c in zip(looked_at, defects, rotations, orders, strict=True)
    ]
    spares = [spare_tail(flight, planned, rotation, one, now=now, diversion=diversion) for one in found]
    spares.sort(key=lambda one: (not one.usable, one.available_from, -one.total_seats, one.registration))
    fitting = [one for one in spares if one.usable]
    return tuple(_option(one, flight) for one in (*fitting, *spares[len(fitting) :][:MAX_UNFIT]))


def _option(spare: SpareTail, flight: Flight) -> Option:
    return Option(
        kind=OptionKind.SPARE_TAIL,
        key=spare.registration,
        replaces=flight.registration,
        usable=spare.usable,
        available_from=spare.available_from,
        latest_off_block=spare.latest_off_block,
        quantity=spare.total_seats,
        reasons=spare.reasons,
        evidence=spare.evidence,
    )
