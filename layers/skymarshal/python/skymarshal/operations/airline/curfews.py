"""Night restrictions at the airports of the sample airline, as its tables hold them.

What is published stands in `skymarshal.domain.published_curfews`; here it becomes rows: one for each window,
a statement that there is none, or neither where nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from skymarshal.domain.curfew import MovementKind, check_movement
from skymarshal.domain.curfew_windows import CurfewWindow
from skymarshal.domain.published_curfews import NO_NIGHT_RESTRICTION, PUBLISHED_CURFEWS, night_rules
from skymarshal.operations.airline.world import AIRPORTS
from skymarshal.operations.records import AirportCurfew, Record
from skymarshal.operations.statements import NoAirportCurfews

__all__ = ["curfew_rows", "may_be_scheduled", "open_with_margin"]

_IN_FORCE_BEFORE_ALL: Final = date(2011, 10, 30)
"""What has no first day has been in force since before the sample airline flew."""


_NOISE: Final = "QC/2"
"""No aircraft of the sample airline is louder."""


def curfew_rows(airports: Sequence[str], as_of: datetime) -> Iterator[Record]:
    """Yield what is published for each airport; nothing for one of which nothing is known."""
    for airport in airports:
        for number, window in enumerate(PUBLISHED_CURFEWS.get(airport, ()), start=1):
            yield _row(number, window)
        none_by = NO_NIGHT_RESTRICTION.get(airport)
        if none_by is not None:
            yield NoAirportCurfews(
                airport=airport, as_of=as_of, source=f"{none_by.citation}: {none_by.source}"
            )


def may_be_scheduled(
    window: CurfewWindow, zone: str, movement: MovementKind, instant: datetime, taxi: timedelta
) -> bool:
    """Return whether a restriction lets a take-off or landing be planned for `instant`.

    Only a quota lets a movement be scheduled at night; grace and exemptions are for delays.
    """
    asked = check_movement(
        (window,),
        at=instant,
        zone=zone,
        movement=movement,
        quota_held=True,
        international_passenger=True,
        quota_count=_NOISE,
        taxi=taxi,
    )
    return asked.permitted is True


def open_with_margin(airport: str, instant: datetime, margin: timedelta) -> bool:
    """Return whether no restriction, a quota's hours included, lies within `margin` of `instant`."""
    zone = AIRPORTS[airport].zone
    rules = night_rules(airport, instant.date())
    return all(
        check_movement(
            rules.windows, at=instant + shift, zone=zone, movement=movement, quota_held=False,
            quota_count=_NOISE, stated=rules.stated,
        ).permitted
        for shift in (-margin, timedelta(0), margin)
        for movement in ("departure", "arrival")
    )  # fmt: skip


def _row(number: int, window: CurfewWindow) -> AirportCurfew:
    slug = re.sub(r"[^A-Z0-9]+", "-", window.rule_id.upper())
    return AirportCurfew(
        airport=window.airport,
        rule_id=f"{window.airport}-{number}-{slug}",
        local_start=window.local_start,
        local_end=window.local_end,
        movement=window.movement,
        kind=window.kind,
        grace=window.grace,
        valid_from=window.valid_from or _IN_FORCE_BEFORE_ALL,
        valid_to=window.valid_to,
        source=window.article.citation,
        scheduled_only=window.scheduled_only,
        spares_late=window.spares_late,
        international_passenger_only=window.international_passenger_only,
        barred_quota_counts=window.barred_quota_counts,
        unschedulable_quota_counts=window.unschedulable_quota_counts,
        held_at=window.held_at,
        weekdays=window.weekdays,
        exemption_from=window.exemption_from,
        verified=window.article.status == "verified",
    )
