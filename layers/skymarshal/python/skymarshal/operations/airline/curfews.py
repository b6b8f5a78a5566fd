"""Night restrictions at the airports of the sample airline, as local windows."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from skymarshal.operations.airline.world import AIRPORTS
from skymarshal.operations.records import AirportCurfew

__all__ = ["CURFEWS", "broken_by_schedule", "open_with_margin"]

_Movement: TypeAlias = Literal["departure", "arrival", "both"]
_Kind: TypeAlias = Literal["hard", "quota", "delay_grace", "dispensation"]


def _curfew(
    airport: str,
    rule_id: str,
    window: str,
    movement: _Movement,
    kind: _Kind,
    source: str,
    grace_minutes: int | None = None,
) -> AirportCurfew:
    start, end = map(time.fromisoformat, window.split("-"))
    return AirportCurfew(
        airport=airport,
        rule_id=rule_id,
        local_start=start,
        local_end=end,
        movement=movement,
        kind=kind,
        grace=None if grace_minutes is None else timedelta(minutes=grace_minutes),
        valid_from=date(2011, 10, 30),
        valid_to=None,
        source=source,
    )


_FRA: Final = "Betriebsbeschraenkungen Flughafen Frankfurt Main"
_LHR: Final = "London Heathrow night flying restrictions"
_SYD: Final = "Sydney Airport Curfew Act 1995"
_ZRH: Final = "Betriebsreglement Flughafen Zuerich"

_ALL: Final = (
    _curfew("FRA", "FRA-1-LATE-DEPARTURE", "23:00-00:00", "departure", "dispensation", _FRA),
    _curfew("FRA", "FRA-2-LATE-ARRIVAL", "23:00-00:00", "arrival", "delay_grace", _FRA, 60),
    _curfew("FRA", "FRA-3-NIGHT", "00:00-05:00", "both", "hard", _FRA),
    _curfew("LHR", "LHR-1-NIGHT-QUOTA", "23:30-06:00", "both", "quota", _LHR),
    _curfew("SYD", "SYD-1-CURFEW", "23:00-05:00", "both", "dispensation", _SYD + ", section 20"),
    _curfew("SYD", "SYD-2-SHOULDER-ARRIVAL", "05:00-06:00", "arrival", "quota", _SYD + ", section 12"),
    _curfew("SYD", "SYD-3-SHOULDER-DEPARTURE", "05:00-06:00", "departure", "dispensation", _SYD),
    _curfew("ZRH", "ZRH-1-LATE", "23:00-23:30", "both", "delay_grace", _ZRH, 30),
    _curfew("ZRH", "ZRH-2-NIGHT", "23:30-06:00", "both", "hard", _ZRH),
)

CURFEWS: Final = {
    airport: tuple(rule for rule in _ALL if rule.airport == airport)
    for airport in dict.fromkeys(rule.airport for rule in _ALL)
}
"""The rules by airport; an airport that is not here is open all night."""


def broken_by_schedule(
    rule: AirportCurfew, zone: str, movement: Literal["departure", "arrival"], instant: datetime
) -> bool:
    """Return whether a movement may not even be scheduled for `instant`.

    Only a quota lets a movement be scheduled at night; grace and dispensation are for delays.
    """
    if rule.kind == "quota" or rule.movement not in (movement, "both"):
        return False
    local = instant.astimezone(ZoneInfo(zone))
    in_force = rule.valid_from <= local.date() and (rule.valid_to is None or local.date() <= rule.valid_to)
    clock = local.time()
    if rule.local_start < rule.local_end:
        inside = rule.local_start <= clock < rule.local_end
    else:
        inside = clock >= rule.local_start or clock < rule.local_end
    return in_force and inside


def open_with_margin(airport: str, instant: datetime, margin: timedelta) -> bool:
    """Return whether no restriction but a quota lies within `margin` of a movement at `instant`."""
    clocks = [instant - margin, instant, instant + margin]
    zone = AIRPORTS[airport].zone
    nights = (rule for rule in CURFEWS.get(airport, ()) if rule.kind != "quota")
    return not any(
        broken_by_schedule(rule, zone, "departure", clock) or broken_by_schedule(rule, zone, "arrival", clock)
        for rule in nights
        for clock in clocks
    )
