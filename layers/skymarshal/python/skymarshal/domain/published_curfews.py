"""Night restrictions as airports publish them: the one place where they are kept.

An airport stands in `PUBLISHED_CURFEWS` with its windows, in `NO_NIGHT_RESTRICTION` with where it is said
that it has none for aircraft no louder than Chapter 4 of ICAO Annex 16, or in neither, which means that its
nights are not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final, Literal, TypedDict, Unpack

from skymarshal.domain.articles import Article
from skymarshal.domain.curfew_windows import CurfewKind, CurfewWindow, HeldAt
from skymarshal.domain.night_articles import NIGHT_ARTICLES, NO_NIGHT_RESTRICTION

__all__ = ["NO_NIGHT_RESTRICTION", "PUBLISHED_CURFEWS", "SYD_DISPENSATION", "NightRules", "night_rules"]

SYD_DISPENSATION: Final = Article(
    regulation="Sydney Airport Curfew Act 1995",
    article="s 20",
    subject="Dispensation in exceptional circumstances",
    status="verified",
    source="Federal Register of Legislation",
)
_EXEMPTION_FROM: Final = {
    "BER": "the joint aviation authority of Berlin and Brandenburg",
    "FRA": "the aviation authority of Hesse",
    "GVA": "Geneve Aeroport",
    "HAM": "the aircraft noise commissioner of Hamburg",
    "LIS": "the Portuguese civil aviation authority",
    "MUC": "the Bavarian transport ministry",
    "NRT": "Narita International Airport Corporation",
    "SYD": "the Minister's delegate (Sydney Airport Curfew Act 1995 s 20)",
    "ZRH": "the Swiss civil aviation office",
}
"""Who grants exemptions from an airport's night restriction."""

_LOUDEST: Final = ("QC/8", "QC/16")
_SATURDAY, _SUNDAY, _MONDAY = 5, 6, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRules:
    """What is known of an airport's nights.

    Attributes:
        windows: Its restrictions.
        none_by: Where it is said that it has none; None where that is not said.
    """

    windows: tuple[CurfewWindow, ...]
    none_by: Article | None

    @property
    def stated(self) -> bool:
        """Return whether it is known what the airport allows at night, be it everything."""
        return bool(self.windows) or self.none_by is not None


class _More(TypedDict, total=False):
    scheduled_only: bool
    spares_late: bool
    international_passenger_only: bool
    barred_quota_counts: tuple[str, ...]
    unschedulable_quota_counts: tuple[str, ...]
    held_at: HeldAt
    weekdays: tuple[int, ...]
    valid_from: date | None


def _window(
    rule_id: str,
    hours: str,
    movement: Literal["departure", "arrival", "both"],
    kind: CurfewKind,
    article: str,
    grace: int | None = None,
    **more: Unpack[_More],
) -> CurfewWindow:
    """Return a window; `grace` counts minutes and `article` begins with the airport's code."""
    start, end = map(time.fromisoformat, hours.split("-"))
    return CurfewWindow(
        airport=article[:3],
        rule_id=rule_id,
        local_start=start,
        local_end=end,
        movement=movement,
        kind=kind,
        article=NIGHT_ARTICLES[article],
        grace=None if grace is None else timedelta(minutes=grace),
        exemption_from=_EXEMPTION_FROM.get(article[:3]),
        **more,
    )


_WINDOWS: Final = (
    # Whoever is late and has no night slot is reported afterwards and has to justify it.
    _window("night slots", "23:00-07:00", "both", "quota", "AMS", 480),
    _window("late flights", "23:30-00:00", "both", "delay_grace", "BER", 30),
    _window("night", "00:00-05:00", "both", "hard", "BER"),
    _window(
        "no scheduled flights", "05:00-05:30", "both", "hard", "BER", scheduled_only=True, held_at="stand"
    ),
    _window("night slots", "23:00-06:00", "both", "quota", "BRU", 420),
    _window(
        "silent night, Saturday", "01:00-06:00", "departure", "hard", "BRU weekend",
        scheduled_only=True, weekdays=(_SATURDAY,),
    ),
    _window(
        "silent nights, Sunday and Monday", "00:00-06:00", "departure", "hard", "BRU weekend",
        scheduled_only=True, weekdays=(_SUNDAY, _MONDAY),
    ),
    _window("departures with a night slot", "00:00-05:00", "departure", "quota", "CDG", held_at="stand"),
    _window(
        "arrivals with a night slot", "00:30-05:30", "arrival", "quota", "CDG arrivals", 300, held_at="stand"
    ),
    _window("approval at night", "23:00-06:00", "both", "quota", "CPH", 420),
    _window("late departures", "22:00-06:00", "departure", "delay_grace", "DUS", 60),
    _window("late landings", "23:00-06:00", "arrival", "delay_grace", "DUS", 30),
    _window("night cap", "23:00-07:00", "both", "quota", "DUB", 480),
    _window("late landings", "23:00-05:00", "arrival", "delay_grace", "FRA", 60),
    _window("late departures", "23:00-00:00", "departure", "dispensation", "FRA"),
    _window(
        "no scheduled departures", "23:00-05:00", "departure", "hard", "FRA",
        scheduled_only=True, held_at="stand",
    ),
    _window("night", "00:00-05:00", "departure", "hard", "FRA"),
    _window("late flights", "00:00-00:30", "both", "delay_grace", "GVA", 30),
    _window("night", "00:30-06:00", "both", "dispensation", "GVA"),
    _window("late flights", "23:00-00:00", "both", "delay_grace", "HAM", 60),
    _window("night", "00:00-06:00", "both", "dispensation", "HAM"),
    _window("closed at night", "00:00-06:00", "both", "hard", "KTM", valid_from=date(2025, 4, 1)),
    _window(
        "night quota period", "23:30-06:00", "both", "quota", "LHR",
        barred_quota_counts=_LOUDEST, unschedulable_quota_counts=("QC/4",),
    ),
    _window("night period, evening", "23:00-23:30", "both", "hard", "LHR", barred_quota_counts=_LOUDEST),
    _window("night period, morning", "06:00-07:00", "both", "hard", "LHR", barred_quota_counts=_LOUDEST),
    _window(
        "no scheduled departures", "23:00-06:00", "departure", "hard", "LHR practice",
        scheduled_only=True, held_at="stand",
    ),
    # What is agreed keeps the early morning's arrivals from landing before 04:30; who comes late from the
    # evening before needs a quota as at any hour of the night.
    _window("no landing before 04:30", "00:00-04:30", "arrival", "hard", "LHR practice", spares_late=True),
    _window(
        "night quota period", "23:30-06:00", "both", "quota", "LGW",
        barred_quota_counts=_LOUDEST, unschedulable_quota_counts=("QC/4",),
    ),
    _window("night period, evening", "23:00-23:30", "both", "hard", "LGW", barred_quota_counts=_LOUDEST),
    _window("night period, morning", "06:00-07:00", "both", "hard", "LGW", barred_quota_counts=_LOUDEST),
    _window("night", "00:00-06:00", "both", "quota", "LIS"),
    _window(
        "louder aircraft", "23:00-07:00", "both", "hard", "MAD", barred_quota_counts=("QC/4", *_LOUDEST)
    ),
    _window("night quota period", "23:30-06:00", "both", "quota", "MAN", barred_quota_counts=_LOUDEST),
    _window("scheduled late evening", "22:00-00:00", "both", "quota", "MUC", 120),
    _window("core night", "00:00-05:00", "both", "dispensation", "MUC"),
    _window("scheduled early morning", "05:00-06:00", "both", "quota", "MUC", 60),
    _window("late flights", "00:00-00:30", "both", "dispensation", "NRT"),
    _window("closed at night", "00:30-06:00", "both", "hard", "NRT"),
    _window("closed at night", "23:30-06:00", "both", "hard", "ORY"),
    _window(
        "night quota period", "23:30-06:00", "both", "quota", "STN",
        barred_quota_counts=_LOUDEST, unschedulable_quota_counts=("QC/4",),
    ),
    _window("night period, evening", "23:00-23:30", "both", "hard", "STN", barred_quota_counts=_LOUDEST),
    _window("night period, morning", "06:00-07:00", "both", "hard", "STN", barred_quota_counts=_LOUDEST),
    _window("evening shoulder, quota of zero", "23:00-00:00", "both", "hard", "SYD evening"),
    _window("curfew", "00:00-05:00", "both", "hard", "SYD"),
    _window(
        "morning shoulder", "05:00-06:00", "arrival", "quota", "SYD morning",
        international_passenger_only=True,
    ),
    _window("curfew, take-offs until 06:00", "05:00-06:00", "departure", "hard", "SYD"),
    _window("core night", "23:30-05:30", "both", "quota", "VIE", 360),
    _window("night budget", "00:30-06:30", "both", "quota", "YYZ"),
    _window("night", "23:00-06:00", "both", "delay_grace", "ZRH", 30),
    _window(
        "no departure slots", "22:46-05:45", "departure", "hard", "ZRH slots",
        scheduled_only=True, held_at="stand",
    ),
    _window(
        "no arrival slots", "23:00-06:10", "arrival", "hard", "ZRH slots",
        scheduled_only=True, held_at="stand",
    ),
)  # fmt: skip

PUBLISHED_CURFEWS: Final[Mapping[str, tuple[CurfewWindow, ...]]] = {
    airport: tuple(window for window in _WINDOWS if window.airport == airport)
    for airport in dict.fromkeys(window.airport for window in _WINDOWS)
}


def night_rules(airport: str, on: date) -> NightRules:
    """Return what is known of the airport's nights on a local day.

    Windows that are not yet or no longer in force say nothing of that day.
    """
    windows = PUBLISHED_CURFEWS.get(airport, ())
    none_by = NO_NIGHT_RESTRICTION.get(airport)
    if not any(window.in_period(on) for window in windows):
        windows = ()
    return NightRules(windows=windows, none_by=none_by)
