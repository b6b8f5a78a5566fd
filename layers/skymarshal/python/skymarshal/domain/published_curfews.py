"""Night restrictions of airports whose rules were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Final

from skymarshal.domain.articles import Article
from skymarshal.domain.curfew import CurfewWindow

__all__ = ["PUBLISHED_CURFEWS", "SYD_DISPENSATION"]

_FRA: Final = Article(
    regulation="Frankfurt Airport night flight rules",
    article="Operating hours 05:00-23:00; planning approval decision",
    subject="No scheduled movement at night; late landings until midnight",
    status="verified",
    source="Fraport operating hours; press reports of the ministry's rule",
)
_LHR: Final = Article(
    regulation="London Heathrow night flying restrictions",
    article="Night period and night quota period",
    subject="Quota of movements and noise; QC/8 and QC/16 barred",
    status="verified",
    source="published night flying regime",
)
_LHR_SCHEDULE: Final = Article(
    regulation="London Heathrow night flying restrictions",
    article="Scheduling practice",
    subject="No scheduled departure 23:00-06:00; voluntary: no landing before 04:30",
    status="verified",
    source="published by the airport; partly voluntary",
)
_SYD: Final = Article(
    regulation="Sydney Airport Curfew Act 1995",
    article="ss 6, 7",
    subject="No take-off or landing 23:00-06:00",
    status="verified",
    source="Federal Register of Legislation",
)
_SYD_SHOULDER: Final = Article(
    regulation="Sydney Airport Curfew Act 1995 and Regulations 2023",
    article="s 12 of the Act, ss 8 and 9 of the Regulations",
    subject="Quota for international passenger flights in the shoulder periods",
    status="verified",
    source="Federal Register of Legislation",
    valid_from=date(2023, 5, 27),
)
SYD_DISPENSATION: Final = Article(
    regulation="Sydney Airport Curfew Act 1995",
    article="s 20",
    subject="Dispensation in exceptional circumstances",
    status="verified",
    source="Federal Register of Legislation",
)
_ZRH: Final = Article(
    regulation="Zurich Airport operating regulations 2010",
    article="Night curfew",
    subject="No movement 23:00-06:00; delayed flights until 23:30",
    status="verified",
    source="Zurich Airport news flash 12 of 2010",
)
_ZRH_SLOTS: Final = Article(
    regulation="Slot Coordination Switzerland",
    article="Slot hours at Zurich",
    subject="No departure slot 22:46-05:44, no arrival slot 23:00-06:09",
    status="verified",
    source="coordination parameters",
)
_BARRED: Final = ("QC/8", "QC/16")

PUBLISHED_CURFEWS: Final[Mapping[str, tuple[CurfewWindow, ...]]] = {
    "FRA": (
        CurfewWindow(
            airport="FRA",
            rule_id="late landings",
            local_start=time(23),
            local_end=time(5),
            movement="arrival",
            kind="delay_grace",
            grace=timedelta(hours=1),
            article=_FRA,
        ),
        CurfewWindow(
            airport="FRA",
            rule_id="late departures",
            local_start=time(23),
            local_end=time(0),
            movement="departure",
            kind="dispensation",
            article=_FRA,
        ),
        CurfewWindow(
            airport="FRA",
            rule_id="no scheduled departures",
            local_start=time(23),
            local_end=time(5),
            movement="departure",
            kind="hard",
            scheduled_only=True,
            article=_FRA,
        ),
        CurfewWindow(
            airport="FRA",
            rule_id="night",
            local_start=time(0),
            local_end=time(5),
            movement="departure",
            kind="hard",
            article=_FRA,
        ),
    ),
    "LHR": (
        CurfewWindow(
            airport="LHR",
            rule_id="night quota period",
            local_start=time(23, 30),
            local_end=time(6),
            movement="both",
            kind="quota",
            barred_quota_counts=_BARRED,
            article=_LHR,
        ),
        CurfewWindow(
            airport="LHR",
            rule_id="night period, evening",
            local_start=time(23),
            local_end=time(23, 30),
            movement="both",
            kind="hard",
            barred_quota_counts=_BARRED,
            article=_LHR,
        ),
        CurfewWindow(
            airport="LHR",
            rule_id="night period, morning",
            local_start=time(6),
            local_end=time(7),
            movement="both",
            kind="hard",
            barred_quota_counts=_BARRED,
            article=_LHR,
        ),
        CurfewWindow(
            airport="LHR",
            rule_id="no scheduled departures",
            local_start=time(23),
            local_end=time(6),
            movement="departure",
            kind="hard",
            scheduled_only=True,
            article=_LHR_SCHEDULE,
        ),
    ),
    "SYD": (
        CurfewWindow(
            airport="SYD",
            rule_id="evening shoulder",
            local_start=time(23),
            local_end=time(0),
            movement="both",
            kind="quota",
            international_passenger_only=True,
            article=_SYD_SHOULDER,
        ),
        CurfewWindow(
            airport="SYD",
            rule_id="curfew",
            local_start=time(0),
            local_end=time(5),
            movement="both",
            kind="hard",
            article=_SYD,
        ),
        CurfewWindow(
            airport="SYD",
            rule_id="morning shoulder",
            local_start=time(5),
            local_end=time(6),
            movement="arrival",
            kind="quota",
            international_passenger_only=True,
            article=_SYD_SHOULDER,
        ),
        CurfewWindow(
            airport="SYD",
            rule_id="curfew, take-offs until 06:00",
            local_start=time(5),
            local_end=time(6),
            movement="departure",
            kind="hard",
            article=_SYD,
        ),
    ),
    "ZRH": (
        CurfewWindow(
            airport="ZRH",
            rule_id="night",
            local_start=time(23),
            local_end=time(6),
            movement="both",
            kind="delay_grace",
            grace=timedelta(minutes=30),
            article=_ZRH,
        ),
        CurfewWindow(
            airport="ZRH",
            rule_id="no departure slots",
            local_start=time(22, 46),
            local_end=time(5, 45),
            movement="departure",
            kind="hard",
            scheduled_only=True,
            article=_ZRH_SLOTS,
        ),
        CurfewWindow(
            airport="ZRH",
            rule_id="no arrival slots",
            local_start=time(23),
            local_end=time(6, 10),
            movement="arrival",
            kind="hard",
            scheduled_only=True,
            article=_ZRH_SLOTS,
        ),
    ),
}
