"""Reading the tables: what each access answers, and how the log counts what had to wait."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from skymarshal.operations import AccessLog, InMemoryTables, Operations
from skymarshal.operations.records import MelItem
from skymarshal.operations.tables import instant_text
from tests.unit.operations.accesses import every_access
from tests.unit.operations.conftest import TODAY

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_flight_that_does_not_exist_is_none(operations: Operations) -> None:
    assert operations.flight("EY999-2026-11-23") is None
    assert operations.flight("EY283-2026-11-23") is not None


def test_a_flight_is_found_by_number_and_utc_date(operations: Operations) -> None:
    (flight,) = operations.flights_by_number("EY283", TODAY)
    assert flight.flight_id == "EY283-2026-11-23"
    assert operations.flights_by_number("EY283", date(2020, 1, 1)) == []


def test_a_batch_keeps_the_order_asked_for_drops_what_is_missing_and_answers_once(
    operations: Operations,
) -> None:
    wanted = ["EY284-2026-11-23", "EY999-2026-11-23", "EY283-2026-11-23", "EY284-2026-11-23"]
    assert [one.flight_id for one in operations.flights(wanted)] == ["EY284-2026-11-23", "EY283-2026-11-23"]


def test_an_empty_batch_is_no_access(operations: Operations) -> None:
    assert operations.passengers([]) == []
    assert operations.log.accesses == ()


def test_a_period_includes_its_start_and_excludes_its_end(operations: Operations) -> None:
    flight = operations.flight("EY283-2026-11-23")
    assert flight is not None
    ids = {one.flight_id for one in operations.departures("AUH", flight.std, flight.std + DAY)}
    assert flight.flight_id in ids
    assert "EY283-2026-11-24" not in ids


def test_a_rotation_is_the_tails_flights_in_order(operations: Operations) -> None:
    flight = operations.flight("EY283-2026-11-23")
    assert flight is not None
    rotation = operations.rotation(flight.registration, flight.std, flight.std + DAY)
    assert [one.flight_number for one in rotation[:2]] == ["EY283", "EY284"]


def test_a_duty_is_found_by_the_instant_of_its_report(operations: Operations) -> None:
    (captain,) = operations.crew_of_flight("EY264-2026-11-24", "captain")
    sectors = operations.duties(captain.crew_id, captain.report, captain.report + timedelta(minutes=1))
    assert [one.flight_id for one in sectors] == ["EY264-2026-11-24", "EY263-2026-11-24"]
    before = operations.duties(captain.crew_id, captain.report - DAY, captain.report)
    assert all(one.report < captain.report for one in before)


def test_a_forecast_that_began_before_the_period_and_reaches_into_it_is_read(operations: Operations) -> None:
    (forecast,) = operations.forecasts("LHR", MIDNIGHT + timedelta(hours=1), MIDNIGHT + timedelta(hours=2))
    assert forecast.valid_from == MIDNIGHT


def test_engineers_are_on_shift_when_their_shift_overlaps_the_period(operations: Operations) -> None:
    start = MIDNIGHT + timedelta(hours=4)
    staff = operations.staff_on_shift("AUH", start, start + timedelta(hours=1))
    assert staff
    assert all(one.shift_start <= start < one.shift_end for one in staff)


def test_rectified_defects_are_not_open(dataset, operations: Operations) -> None:
    items = [row for row in dataset["MelItems"] if isinstance(row, MelItem)]
    rectified = [item for item in items if item.rectified_at is not None]
    assert rectified
    for item in rectified:
        assert item.item_id not in {one.item_id for one in operations.open_mel_items(item.registration)}


def test_a_period_needs_utc_instants(operations: Operations) -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        operations.departures("AUH", MIDNIGHT.replace(tzinfo=None), MIDNIGHT)
    with pytest.raises(ValueError, match="aware UTC"):
        instant_text(MIDNIGHT.astimezone(ZoneInfo("Asia/Dubai")))


def test_every_access_is_by_key_or_by_index_and_is_named(tables: InMemoryTables) -> None:
    operations = Operations(tables)
    every_access(operations)
    assert {access.kind for access in operations.log.accesses} == {"get", "batch_get", "query"}
    named = {access.name for access in operations.log.accesses}
    public = {name for name in vars(Operations) if not name.startswith("_") and name not in ("gather", "log")}
    assert named == public
    assert len({access.table for access in operations.log.accesses}) == 23


def test_accesses_one_after_another_make_a_sequence(operations: Operations) -> None:
    operations.flight("EY283-2026-11-23")
    operations.airport("LHR")
    assert operations.log.sequence == 2


def test_accesses_made_together_count_as_the_longest_of_them(operations: Operations) -> None:
    operations.flight("EY283-2026-11-23")

    def crew() -> int:
        assigned = operations.crew_of_flight("EY283-2026-11-23")
        return len(operations.crew_members(one.crew_id for one in assigned))

    airport, members = operations.gather(lambda: operations.airport("LHR"), crew)
    operations.curfews("LHR")

    assert airport is not None
    assert members > 0
    assert [access.step for access in operations.log.accesses] == [1, 2, 2, 3, 4]
    assert operations.log.sequence == 4


def test_the_log_counts_the_same_on_threads(dataset) -> None:
    class Threaded(InMemoryTables):
        def run_together(self, thunks):
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(4) as pool:
                return [future.result() for future in [pool.submit(thunk) for thunk in thunks]]

    log = AccessLog()
    operations = Operations(Threaded(dataset), log)
    operations.flight("EY283-2026-11-23")
    operations.gather(*[lambda code=code: operations.airport(code) for code in ("LHR", "FRA", "CDG")])
    operations.gather(
        lambda: operations.gather(lambda: operations.notams("LHR"), lambda: operations.slot("x", "AUH"))
    )
    assert sorted(access.step for access in log.accesses) == [1, 2, 2, 2, 3, 3]
