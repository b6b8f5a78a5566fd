"""When the night at either end lets a flight move, as off-block windows.

A night of which nothing is said is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from skymarshal.calculators.movement_windows import End, MovementWindow, runway_shift
from skymarshal.domain.assessment import Evidence, Window
from skymarshal.domain.curfew import CurfewInterval, MovementKind, movement_intervals
from skymarshal.domain.curfew_windows import NIGHT_BEGINS, NIGHT_ENDS
from skymarshal.domain.times import time_zone
from skymarshal.operations.night_rules import curfew_window
from skymarshal.operations.records import Airport, AirportCurfew, AirportSlot, Flight
from skymarshal.operations.statements import Rows

__all__ = ["NightGap", "curfew_windows", "night_gaps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NightGap:
    """Off-block times at which one end's night restrictions would bind and are not known."""

    end: End
    airport: str
    window: Window
    why: str

    @property
    def text(self) -> str:
        """For which departures the night is not known, and why, as a sentence."""
        start, end = (f"{at:%Y-%m-%d %H:%MZ}" for at in (self.window.start, self.window.end))
        return (
            f"For an off-block {start} to {end} the night restrictions of {self.airport} are not known: "
            f"{self.why}."
        )


def curfew_windows(
    flight: Flight,
    airport: Airport,
    rules: Rows[AirportCurfew],
    *,
    end: End,
    span: Window,
    slot: AirportSlot | None = None,
    exemptions: Collection[str] = (),
) -> tuple[MovementWindow, ...]:
    """Return the off-block times at which a night restriction forbids the movement at one end.

    A restriction is held at take-off and landing, except where it counts the time at the stand. A quota opens
    the night only to a movement that holds one: the flight's slot says so, or the flight is scheduled in the
    quota's hours and holds it for that night. An exemption opens it only once it is granted.

    Args:
        flight: the flight.
        airport: the airport at this end.
        rules: its restrictions.
        end: which end it is.
        span: the off-block times looked at.
        slot: the flight's slot, which names the airports that gave it a quota or an exemption.
        exemptions: the airports that are reported to have granted it an exemption.
    """
    if _exempt(airport, slot, exemptions):
        return ()
    shift = runway_shift(flight, end)
    movement: MovementKind = "departure" if end == "origin" else "arrival"
    scheduled = flight.std + shift
    quota_held = slot is not None and airport.airport in slot.night_quotas
    found: list[MovementWindow] = []
    for rule in rules:
        window = curfew_window(rule)
        if not window.covers(movement):
            continue
        for interval in movement_intervals(
            (window,),
            start=span.start + shift,
            end=span.end + shift,
            zone=airport.zone,
            movement=movement,
            scheduled_at=scheduled,
            quota_held=True if quota_held else None,
            international_passenger=flight.service == "passenger",
            taxi=flight.taxi,
        ):
            if interval.status.startswith("permitted") or _holds_quota(rule, interval, scheduled):
                continue
            found.append(
                MovementWindow(
                    end=end,
                    airport=airport.airport,
                    reason=_reason(rule, movement),
                    window=Window(start=interval.start - shift, end=interval.end - shift),
                    article=f"{rule.source}, {rule.rule_id}",
                    verified=rule.verified,
                    exemption_from=rule.exemption_from,
                    evidence=(
                        Evidence(
                            table="AirportCurfews",
                            key=f"{rule.airport} {rule.rule_id}",
                            field="local_start-local_end",
                            value=f"{rule.local_start:%H:%M}-{rule.local_end:%H:%M} {rule.kind}",
                        ),
                    ),
                )
            )
    return tuple(found)


def night_gaps(
    flight: Flight,
    airport: Airport,
    rules: Rows[AirportCurfew],
    *,
    end: End,
    span: Window,
    slot: AirportSlot | None = None,
    exemptions: Collection[str] = (),
) -> tuple[NightGap, ...]:
    """Return the off-block times at which the movement falls in a night of which the table says nothing.

    It says nothing where the airport has neither a restriction in force on that day nor a statement that it
    has none. Only the hours from `NIGHT_BEGINS` to `NIGHT_ENDS` are in question: no restriction binds by day.
    Whoever was granted an exemption need not know from what.
    """
    if _exempt(airport, slot, exemptions):
        return ()
    shift = runway_shift(flight, end)
    found: list[NightGap] = []
    for hours in _night_hours(Window(start=span.start + shift, end=span.end + shift), airport.zone):
        on = hours.start.astimezone(time_zone("zone", airport.zone)).date()
        if any(curfew_window(rule).in_period(on) for rule in rules):
            continue
        none_stated = Rows[AirportCurfew](none_as_of=rules.none_as_of, holds=rules.holds)
        if none_stated.speak(hours.start):
            continue
        gap = NightGap(
            end=end,
            airport=airport.airport,
            window=Window(start=hours.start - shift, end=hours.end - shift),
            why="no row is in force" if rules else f"the table {none_stated.silence()}",
        )
        if found and (found[-1].window.end, found[-1].why) == (gap.window.start, gap.why):
            first = found.pop()
            gap = NightGap(
                end=end,
                airport=airport.airport,
                window=Window(start=first.window.start, end=gap.window.end),
                why=gap.why,
            )
        found.append(gap)
    return tuple(found)


def _night_hours(span: Window, zone: str) -> Iterator[Window]:
    """Yield the hours of night in `span`, by local day."""
    clock = time_zone("zone", zone)
    day = span.start.astimezone(clock).date()
    while (midnight := datetime.combine(day, time(0), clock).astimezone(UTC)) < span.end:
        edges = (
            (midnight, datetime.combine(day, NIGHT_ENDS, clock).astimezone(UTC)),
            (
                datetime.combine(day, NIGHT_BEGINS, clock).astimezone(UTC),
                datetime.combine(day + timedelta(days=1), time(0), clock).astimezone(UTC),
            ),
        )
        for begins, ends in edges:
            start, end = max(begins, span.start), min(ends, span.end)
            if start < end:
                yield Window(start=start, end=end)
        day += timedelta(days=1)


def _exempt(airport: Airport, slot: AirportSlot | None, exemptions: Collection[str]) -> bool:
    return airport.airport in exemptions or (slot is not None and airport.airport in slot.night_exemptions)


def _holds_quota(rule: AirportCurfew, interval: CurfewInterval, scheduled: datetime) -> bool:
    unheld = rule.kind == "quota" and interval.status == "unknown"
    return unheld and interval.start <= scheduled < interval.end


def _reason(rule: AirportCurfew, movement: MovementKind) -> str:
    hours = f"{rule.local_start:%H:%M}-{rule.local_end:%H:%M} local"
    how = {
        "hard": "no movement",
        "quota": "no movement without a night quota, and none is held",
        "delay_grace": "no movement after the grace for delays",
        "dispensation": "no movement without an exemption",
    }[rule.kind]
    if rule.exemption_from is not None:
        how += f"; {rule.exemption_from} can be asked for one, and none is granted"
    return f"{rule.airport} {hours}: {how} ({movement}, {rule.rule_id})"
