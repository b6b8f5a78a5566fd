"""A row of AirportCurfews as the night restriction that it is."""

from __future__ import annotations

from typing import Final

from skymarshal.domain.articles import Article
from skymarshal.domain.curfew_windows import CurfewWindow
from skymarshal.operations.records import AirportCurfew

__all__ = ["curfew_window"]

_AS_PUBLISHED: Final = Article(
    regulation="Airport night restriction",
    article="as published for the airport",
    subject="Night restriction",
    status="verified",
    source="AirportCurfews",
)


def curfew_window(rule: AirportCurfew) -> CurfewWindow:
    """Return the restriction that a row states."""
    return CurfewWindow(
        airport=rule.airport,
        rule_id=rule.rule_id,
        local_start=rule.local_start,
        local_end=rule.local_end,
        movement=rule.movement,
        kind=rule.kind,
        article=_AS_PUBLISHED,
        grace=rule.grace,
        scheduled_only=rule.scheduled_only,
        spares_late=rule.spares_late,
        international_passenger_only=rule.international_passenger_only,
        barred_quota_counts=rule.barred_quota_counts,
        unschedulable_quota_counts=rule.unschedulable_quota_counts,
        held_at=rule.held_at,
        weekdays=rule.weekdays,
        exemption_from=rule.exemption_from,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
    )
