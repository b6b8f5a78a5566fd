from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from skymarshal.domain.disruption import DisruptionType
from skymarshal.intake import AmbiguousDisruption, InvalidDisruption, parse_event


def read(text, schedule, now):
    return parse_event({"disruption_id": "d", "text": text}, schedule, now)


def test_the_example_of_a_duty_manager_is_understood(schedule, now) -> None:
    disruption = read("Flight EY11 tomorrow has a hydraulic leak, two hours to fix", schedule, now)
    assert disruption.type is DisruptionType.TECHNICAL
    assert disruption.flight_id == "EY11-2026-02-05"
    assert disruption.details.ata == "29"
    repair = disruption.details.repair
    assert repair is not None
    assert (repair.least, repair.likely, repair.most) == (
        timedelta(hours=2),
        timedelta(hours=2),
        timedelta(hours=3),
    )


@pytest.mark.parametrize(
    "when",
    [
        "2026-02-05",
        "05/02/2026",
        "5/2/2026",
        "5 Feb",
        "5th February 2026",
        "5 February",
        "tomorrow",
        "TOMORROW",
    ],
)
def test_every_way_to_write_the_day_means_the_same_flight(schedule, now, when) -> None:
    assert read(f"EY11 {when}: fog at destination", schedule, now).flight_id == "EY11-2026-02-05"


def test_a_date_is_local_at_the_origin(schedule, now) -> None:
    assert read("EY283 on 5 Feb has an engine fault", schedule, now).flight_id == "EY283-2026-02-04"


def test_today_is_the_origins_today(schedule) -> None:
    half_past_one_in_abu_dhabi = datetime(2026, 2, 4, 21, 30, tzinfo=UTC)
    disruption = read("EY283 today has an engine fault", schedule, half_past_one_in_abu_dhabi)
    assert disruption.flight_id == "EY283-2026-02-04"


def test_a_flight_without_a_day_is_the_one_about_to_leave(schedule, now) -> None:
    assert read("EY11 has a bird strike", schedule, now).flight_id == "EY11-2026-02-04"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("EY11 today: captain sick", DisruptionType.CREW),
        ("EY11 today: dense fog at LHR", DisruptionType.WEATHER),
        ("EY11 today: bird strike on engine 2", DisruptionType.BIRD_STRIKE),
        ("EY11 today: late inbound, 2 hours late", DisruptionType.LATE_INBOUND),
        ("EY11 today: ground damage to the door", DisruptionType.GROUND_DAMAGE),
        ("EY11 today: ATC flow control", DisruptionType.ATC),
        ("EY11 today: airport closed until noon", DisruptionType.AIRPORT_CLOSURE),
        ("EY11 today: FRA curfew", DisruptionType.CURFEW_SLOT),
        ("EY11 today: industrial action by handlers", DisruptionType.STRIKE),
    ],
)
def test_words_say_what_kind_it_is(schedule, now, text, kind) -> None:
    assert read(text, schedule, now).type is kind


@pytest.mark.parametrize(
    ("words", "likely"),
    [
        ("90 minutes to fix", timedelta(minutes=90)),
        ("an hour to fix", timedelta(hours=1)),
        ("2-4 hours to repair", timedelta(hours=3)),
        ("two and a half hours to fix", timedelta(hours=2, minutes=30)),
        ("one to three hours to fix", timedelta(hours=2)),
        ("half an hour to fix", timedelta(minutes=30)),
    ],
)
def test_repair_times_are_read_as_people_write_them(schedule, now, words, likely) -> None:
    repair = read(f"EY11 today hydraulic leak, {words}", schedule, now).details.repair
    assert repair is not None
    assert repair.likely == likely


def test_a_delay_is_not_a_repair(schedule, now) -> None:
    details = read("EY11 today late inbound, 3 hours late", schedule, now).details
    assert details.delay == timedelta(hours=3)
    assert details.repair is None


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("EY11 or EY283 today has a leak", {"EY11", "EY283"}),
        ("EY11 today, or tomorrow, has a leak", {"today", "tomorrow"}),
        ("EY11 today: fog and captain sick", {"crew", "weather"}),
        ("EY11 today: leak, 2 hours to fix, or 5 hours to fix", {"2 hours", "5 hours"}),
    ],
)
def test_what_can_mean_two_things_is_asked_back(schedule, now, text, candidates) -> None:
    with pytest.raises(AmbiguousDisruption) as asked:
        read(text, schedule, now)
    assert set(asked.value.candidates) == candidates


@pytest.mark.parametrize(
    "text",
    ["", "it is broken", "EY11 today is lovely", "EY404 today has a leak", "EY11 on 31 Feb has a leak"],
)
def test_what_cannot_be_understood_is_refused_by_name(schedule, now, text) -> None:
    with pytest.raises(InvalidDisruption):
        read(text, schedule, now)


@pytest.mark.parametrize(
    "text",
    [
        "EY283 on 31/12/9999 has a hydraulic leak",
        "EY283 on 0001-01-01 has a hydraulic leak",
        "EY283 tomorrow has a hydraulic leak, 99999999999999999999 hours to fix",
        "EY283 tomorrow has a hydraulic leak, 32 to 900 hours to fix",
        "EY283 tomorrow is 200 hours late with fog",
        "EY283 tomorrow has a leak, " + "9" * 3_000 + " minutes to fix",
    ],
)
def test_days_and_durations_beyond_all_bounds_are_refused(schedule, now, text) -> None:
    with pytest.raises(InvalidDisruption) as refused:
        read(text, schedule, now)
    assert refused.value.field == "text"
    assert refused.value.expected
