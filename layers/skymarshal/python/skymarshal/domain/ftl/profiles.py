"""Flight time limitation profiles: which authority's figures a check is made against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final, Literal

from skymarshal.domain.articles import Article
from skymarshal.domain.errors import DomainError, UnknownCodeError
from skymarshal.domain.ftl.articles import (
    EASA_ARTICLES,
    FAR117_ARTICLES,
    GCAA_ARTICLES,
    UK_ARTICLES,
    FtlTopic,
)
from skymarshal.domain.ftl.tables import (
    CAP371_TABLE_A,
    CAP371_TABLE_B,
    EASA_EXTENSIONS,
    EASA_IN_FLIGHT_REST_PILOTS,
    EASA_TABLE_2,
    EASA_TABLE_3,
    EASA_TABLE_4,
    FAR117_TABLE_B,
    FdpBand,
)

__all__ = [
    "EASA",
    "FAR117",
    "GCAA",
    "PROFILES",
    "UK",
    "CumulativeWindow",
    "FtlProfile",
    "NotInProfileError",
    "RestFacility",
    "profile_named",
]

CumulativeWindow = Literal[
    "duty_7d", "duty_14d", "duty_28d", "flight_28d", "flight_calendar_year", "flight_12_months"
]
RestFacility = Literal["class1", "class2", "class3"]


class NotInProfileError(DomainError):
    """The profile in force has no such provision, or it was not obtained."""

    def __init__(self, topic: str, profile: str) -> None:
        self.topic = topic
        self.profile = profile
        super().__init__(
            f"profile: {profile} holds no provision on {topic.replace('_', ' ')}; expected EASA or UK"
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FtlProfile:
    """The figures of one authority.

    Attributes:
        name: Short name, such as `EASA`.
        title: The document the figures come from.
        articles: The provision behind each topic; a topic that is absent is not in the profile.
        bands: Maximum basic FDP by start on the reference clock and number of sectors.
        last_column_open: Whether the last column also holds for more sectors.
        unknown_state: Maximum FDP in an unknown state of acclimatisation by number of sectors; None if
            the profile takes `unknown_state_reduction` off the table instead.
        unknown_state_frm: The same under fatigue risk management; None if there is none.
        unknown_state_reduction: Taken off the table in an unknown state.
        extensions: Maximum FDP with a planned extension; empty if the profile has none.
        in_flight_rest: Additional pilots, then class of rest facility, to maximum FDP.
        discretion: The commander's discretion for a basic crew.
        discretion_augmented: The same for an augmented crew.
        discretion_minimum_rest: What rest may never be reduced below.
        cumulative_limits: Limit of each cumulative window.
        minimum_rest_home: Floor of rest at home base.
        minimum_rest_away: Floor of rest away from it.
        rest_covers_duty: Whether rest is also at least as long as the preceding duty.
        acclimatised_after_nights: Consecutive local nights in a place that acclimatise to it; None where
            Table 1 of ORO.FTL.105(1) says so by the time elapsed.
        delayed_fdp_within: How long after the original report the FDP counts at the latest, once the report
            is delayed by 4 h or more; None where it counts from the delayed report.
        discretion_single_sector: Discretion of a basic crew on a single sector; None where it is no longer.
        discretion_reported_over: Beyond how much discretion the authority is told.
        discretion_reported_within: Within how many days.
        long_sectors: For a crew that is not augmented, above which flight time a sector counts as how many,
            ascending.
        cabin_longer_by: By how much the FDP of cabin crew may exceed that of pilots.
        standby_maximum: Longest standby other than at the airport.
        consecutive_nights: How many duties in a row may touch the hours of `night_window`; None without
            a limit.
        night_window: Start and end on the clock.
    """

    name: str
    title: str
    articles: Mapping[FtlTopic, Article]
    bands: tuple[FdpBand, ...]
    last_column_open: bool
    unknown_state: tuple[timedelta, ...] | None
    unknown_state_frm: tuple[timedelta, ...] | None
    unknown_state_reduction: timedelta
    extensions: tuple[FdpBand, ...]
    in_flight_rest: Mapping[int, Mapping[str, timedelta]]
    discretion: timedelta
    discretion_augmented: timedelta
    discretion_minimum_rest: timedelta
    cumulative_limits: Mapping[CumulativeWindow, timedelta]
    minimum_rest_home: timedelta
    minimum_rest_away: timedelta
    rest_covers_duty: bool
    acclimatised_after_nights: int | None = None
    delayed_fdp_within: timedelta | None = None
    discretion_single_sector: timedelta | None = None
    discretion_reported_over: timedelta = timedelta(hours=1)
    discretion_reported_within: int = 28
    long_sectors: tuple[tuple[timedelta, int], ...] = ()
    cabin_longer_by: timedelta = timedelta(0)
    standby_maximum: timedelta = timedelta(hours=16)
    consecutive_nights: int | None = None
    night_window: tuple[time, time] = (time(1), time(7))

    def counted_sectors(self, sectors: int, longest: timedelta) -> int:
        """Return how many sectors the table counts for a crew that is not augmented.

        Two sectors beyond the first bound do not fit into one FDP, so the longest alone can count for more.
        """
        most = max((count for above, count in self.long_sectors if longest > above), default=1)
        return sectors + most - 1

    @property
    def verified(self) -> bool:
        """Return whether the basic FDP table of the profile was verified."""
        return self.articles["max_fdp"].status == "verified"

    def article(self, topic: FtlTopic) -> Article:
        """Return the provision on `topic`.

        Raises:
            NotInProfileError: If the profile has none.
        """
        try:
            return self.articles[topic]
        except KeyError:
            raise NotInProfileError(topic, self.name) from None


def _hours(value: float) -> timedelta:
    return timedelta(hours=value)


def _european(name: str, title: str, articles: Mapping[FtlTopic, Article]) -> FtlProfile:
    return FtlProfile(
        name=name,
        title=title,
        articles=articles,
        bands=EASA_TABLE_2,
        last_column_open=False,
        unknown_state=EASA_TABLE_3,
        unknown_state_frm=EASA_TABLE_4,
        unknown_state_reduction=_hours(0),
        extensions=EASA_EXTENSIONS,
        in_flight_rest=EASA_IN_FLIGHT_REST_PILOTS,
        discretion=_hours(2),
        discretion_augmented=_hours(3),
        discretion_minimum_rest=_hours(10),
        cumulative_limits={
            "duty_7d": _hours(60),
            "duty_14d": _hours(110),
            "duty_28d": _hours(190),
            "flight_28d": _hours(100),
            "flight_calendar_year": _hours(900),
            "flight_12_months": _hours(1000),
        },
        minimum_rest_home=_hours(12),
        minimum_rest_away=_hours(10),
        rest_covers_duty=True,
    )


EASA: Final = _european("EASA", "Regulation (EU) 965/2012 Subpart FTL with CS-FTL.1", EASA_ARTICLES)
UK: Final = _european("UK", "UK Regulation (EU) 965/2012 Subpart FTL as retained", UK_ARTICLES)

GCAA: Final = FtlProfile(
    name="GCAA",
    title="GCAA CAR-OPS 1 Subpart Q, by way of CAP 371",
    articles=GCAA_ARTICLES,
    bands=CAP371_TABLE_A,
    last_column_open=True,
    unknown_state=CAP371_TABLE_B,
    unknown_state_frm=None,
    unknown_state_reduction=_hours(0),
    extensions=(),
    in_flight_rest={},
    discretion=_hours(2),
    discretion_augmented=_hours(3),
    discretion_minimum_rest=_hours(10),
    cumulative_limits={
        "duty_7d": _hours(55),
        "duty_14d": _hours(95),
        "duty_28d": _hours(190),
        "flight_28d": _hours(100),
        "flight_12_months": _hours(900),
    },
    minimum_rest_home=_hours(12),
    minimum_rest_away=_hours(11),
    rest_covers_duty=True,
    acclimatised_after_nights=3,
    delayed_fdp_within=_hours(4),
    discretion_single_sector=_hours(3),
    discretion_reported_over=_hours(2),
    discretion_reported_within=14,
    long_sectors=((_hours(7), 2), (_hours(9), 3), (_hours(11), 4)),
    cabin_longer_by=_hours(1),
    standby_maximum=_hours(12),
    consecutive_nights=3,
)

FAR117: Final = FtlProfile(
    name="FAR117",
    title="14 CFR Part 117",
    articles=FAR117_ARTICLES,
    bands=FAR117_TABLE_B,
    last_column_open=True,
    unknown_state=None,
    unknown_state_frm=None,
    unknown_state_reduction=timedelta(minutes=30),
    extensions=(),
    in_flight_rest={},
    discretion=_hours(2),
    discretion_augmented=_hours(2),
    discretion_minimum_rest=_hours(10),
    cumulative_limits={
        "duty_7d": _hours(60),
        "duty_28d": _hours(190),
        "flight_28d": _hours(100),
        "flight_12_months": _hours(1000),
    },
    minimum_rest_home=_hours(10),
    minimum_rest_away=_hours(10),
    rest_covers_duty=False,
    discretion_reported_over=timedelta(minutes=30),
    discretion_reported_within=10,
)

PROFILES: Final[Mapping[str, FtlProfile]] = {profile.name: profile for profile in (EASA, UK, GCAA, FAR117)}


def profile_named(name: str) -> FtlProfile:
    """Return the profile called `name`.

    Raises:
        UnknownCodeError: If there is none.
    """
    try:
        return PROFILES[name.upper()]
    except KeyError:
        raise UnknownCodeError("profile", name, PROFILES) from None
