"""What one piece of work reads twice it asks for once, and sees the same both times."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from skymarshal.operations import InMemoryTables, Operations, RememberingTables


class CountingTables(InMemoryTables):
    """Keeps the questions."""

    def __init__(self, dataset) -> None:
        super().__init__(dataset)
        self.asked: list[tuple] = []

    def get(self, table, key):
        self.asked.append((table.name, key))
        return super().get(table, key)

    def batch_get(self, table, keys):
        self.asked.append((table.name, keys))
        return [row for key in keys if (row := InMemoryTables.get(self, table, key)) is not None]

    def query(self, table, partition, *, index=None, sort=None):
        self.asked.append((table.name, partition, index, sort))
        return super().query(table, partition, index=index, sort=sort)


@pytest.fixture
def behind(dataset) -> CountingTables:
    return CountingTables(dataset)


@pytest.fixture
def remembering(behind) -> Operations:
    return Operations(RememberingTables(behind))


def test_a_repeated_question_is_asked_once(behind, remembering, operations, dataset) -> None:
    flight = dataset["Flights"][0]
    for _ in range(2):
        assert remembering.flight(flight.flight_id) == flight
        assert remembering.flight("none") is None
        assert remembering.airports(["AUH", "LHR"]) == operations.airports(["AUH", "LHR"])
        assert remembering.curfews("FRA") == operations.curfews("FRA")
        assert remembering.bookings_of_flight(flight.flight_id) == operations.bookings_of_flight(
            flight.flight_id
        )
    assert len(behind.asked) == 5


def test_a_narrower_range_is_cut_out_of_a_wider_one(behind, remembering, operations, dataset) -> None:
    flight = dataset["Flights"][0]
    day = timedelta(days=1)
    wide = (flight.std - day, flight.std + 2 * day)
    narrow = (flight.std, flight.std + day)
    assert remembering.departures("AUH", *wide) == operations.departures("AUH", *wide)
    assert remembering.departures("AUH", *narrow) == operations.departures("AUH", *narrow)
    assert len(behind.asked) == 1
    beyond = (flight.std, flight.std + 3 * day)
    assert remembering.departures("AUH", *beyond) == operations.departures("AUH", *beyond)
    assert remembering.departures("LHR", *narrow) == operations.departures("LHR", *narrow)
    assert len(behind.asked) == 3


def test_what_a_caller_does_with_a_list_is_its_own_affair(remembering) -> None:
    first = remembering.curfews("FRA")
    first.clear()
    assert remembering.curfews("FRA")


def test_a_question_under_way_is_waited_for(dataset) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class SlowTables(CountingTables):
        def query(self, table, partition, *, index=None, sort=None):
            begun.set()
            go_on.wait(10)
            return super().query(table, partition, index=index, sort=sort)

    behind = SlowTables(dataset)
    remembering = Operations(RememberingTables(behind))
    answers: list[list] = []
    threads = [threading.Thread(target=lambda: answers.append(remembering.curfews("FRA"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(answers) == 4
    assert len(behind.asked) == 1
    assert all(answer == answers[0] for answer in answers)


def test_an_error_is_not_taken_for_an_answer(dataset) -> None:
    class FailingTables(InMemoryTables):
        def get(self, table, key):
            raise TimeoutError("no answer")

    remembering = Operations(RememberingTables(FailingTables(dataset)))
    for _ in range(2):
        with pytest.raises(TimeoutError, match="no answer"):
            remembering.flight("EY1")
