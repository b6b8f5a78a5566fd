"""The DynamoDB adapter against a fake client: pages, what is left unprocessed, and rows that are wrong."""

from __future__ import annotations

from random import Random

import pytest

from skymarshal.operations import (
    DynamoDBTables,
    MalformedRowError,
    Operations,
    UnloadedRowsError,
    UnreadRowsError,
    load,
)
from skymarshal.operations import tables as t
from skymarshal.operations.dynamodb import RETRY_DELAYS
from skymarshal.operations.items import from_item, to_item


class Sleeps(list):
    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class FakeClient:
    """Answers from a list of prepared answers and keeps the requests; anything else is no such call."""

    def __init__(self, *answers: dict) -> None:
        self.answers = list(answers)
        self.requests: list[dict] = []

    def _answer(self, **request: object) -> dict:
        self.requests.append(dict(request))
        return self.answers.pop(0)

    query = get_item = batch_get_item = batch_write_item = _answer


def reading(client: FakeClient, sleep: Sleeps | None = None) -> Operations:
    return Operations(
        DynamoDBTables(client, "test-", sleep=Sleeps() if sleep is None else sleep, random=Random(1))
    )


def test_every_row_of_the_sample_survives_the_way_to_an_item_and_back(dataset) -> None:
    for name, rows in dataset.items():
        for row in rows[:200]:
            assert from_item(t.ALL_TABLES[name], to_item(row)) == row


def test_what_a_record_does_not_say_is_not_in_its_item(dataset) -> None:
    flight = next(one for one in dataset["Flights"] if one.etd is None)
    item = to_item(flight)
    assert "etd" not in item
    assert item["std"] == {"S": t.instant_text(flight.std)}
    assert item["distance_km"] == {"N": str(flight.distance_km)}


def test_attributes_that_the_record_does_not_know_are_ignored(dataset) -> None:
    airport = dataset["Airports"][0]
    beside = {"elevation": {"N": "83"}, "chart": {"B": b"..."}}
    assert from_item(t.AIRPORTS, {**to_item(airport), **beside}) == airport


@pytest.mark.parametrize(
    ("field", "attribute", "problem"),
    [
        ("std", {"S": "2026-11-23T04:50:00"}, "timezone"),
        ("std", {"S": "2026-11-23T08:50:00+04:00"}, "UTC"),
        ("distance_km", {"S": "far"}, "Expected `int`"),
        ("status", {"S": "boarding"}, "Invalid enum value"),
        ("block", {"N": "415"}, "Expected `duration`"),
        ("gate", {"B": b"A12"}, "kind B"),
    ],
)
def test_a_malformed_row_names_table_key_and_field(dataset, field, attribute, problem) -> None:
    item = to_item(dataset["Flights"][0]) | {field: attribute}
    with pytest.raises(MalformedRowError, match=problem) as caught:
        from_item(t.FLIGHTS, item)
    assert caught.value.table == "Flights"
    assert caught.value.key == {"flight_id": dataset["Flights"][0].flight_id}
    assert caught.value.field == field


def test_a_missing_attribute_is_malformed_and_named(dataset) -> None:
    item = to_item(dataset["Flights"][0])
    del item["registration"]
    with pytest.raises(MalformedRowError) as caught:
        from_item(t.FLIGHTS, item)
    assert caught.value.field == "registration"


def test_a_query_follows_every_page(dataset) -> None:
    rules = [to_item(one) for one in dataset["AirportCurfews"] if one.airport == "FRA"]
    last = {"airport": {"S": "FRA"}, "rule_id": rules[0]["rule_id"]}
    client = FakeClient({"Items": rules[:1], "LastEvaluatedKey": last}, {"Items": rules[1:]})

    found = reading(client).curfews("FRA")

    assert len(found) == len(rules)
    assert client.requests[1]["ExclusiveStartKey"] == last
    assert client.requests[0]["TableName"] == "test-AirportCurfews"
    assert "IndexName" not in client.requests[0]


def test_a_period_is_a_key_condition_on_the_index(dataset) -> None:
    client = FakeClient({"Items": []})
    flight = dataset["Flights"][0]
    reading(client).arrivals("AUH", flight.std, flight.sta)
    (request,) = client.requests
    assert request["IndexName"] == "airport-arrivals"
    assert request["KeyConditionExpression"] == "#p = :p AND #s BETWEEN :low AND :high"
    assert request["ExpressionAttributeNames"] == {"#p": "destination", "#s": "sta"}
    assert "FilterExpression" not in request


def test_unprocessed_keys_are_asked_for_again_after_a_wait(dataset) -> None:
    first, second = dataset["Airports"][:2]
    pending = {"test-Airports": {"Keys": [{"airport": {"S": second.airport}}]}}
    client = FakeClient(
        {"Responses": {"test-Airports": [to_item(first)]}, "UnprocessedKeys": pending},
        {"Responses": {"test-Airports": [to_item(second)]}, "UnprocessedKeys": {}},
    )
    sleeps = Sleeps()

    found = reading(client, sleeps).airports([first.airport, second.airport])

    assert found == [first, second]
    assert len(sleeps) == 1
    assert 0 <= sleeps[0] <= RETRY_DELAYS[0]
    assert client.requests[1]["RequestItems"] == pending


def test_keys_that_stay_unprocessed_are_an_error_not_missing_rows(dataset) -> None:
    pending = {"test-Airports": {"Keys": [{"airport": {"S": "LHR"}}]}}
    attempts = len(RETRY_DELAYS) + 1
    client = FakeClient(*[{"Responses": {}, "UnprocessedKeys": pending}] * attempts)
    with pytest.raises(UnreadRowsError, match="1 keys still unprocessed after 6 attempts"):
        reading(client).airports(["LHR"])


def test_more_keys_than_a_batch_holds_are_read_in_several() -> None:
    client = FakeClient(*[{"Responses": {}, "UnprocessedKeys": {}}] * 3)
    assert reading(client).passengers(f"P{n:07d}" for n in range(250)) == []
    sizes = sorted(len(one["RequestItems"]["test-Passengers"]["Keys"]) for one in client.requests)
    assert sizes == [50, 100, 100]


def test_a_load_sends_unprocessed_rows_again(dataset) -> None:
    left = {"test-Airports": [{"PutRequest": {"Item": to_item(dataset["Airports"][0])}}]}
    client = FakeClient({"UnprocessedItems": left}, {"UnprocessedItems": {}})
    sleeps = Sleeps()
    written: list[int] = []

    count = load(
        {"Airports": dataset["Airports"][:3]},
        client,
        "test-",
        sleep=sleeps,
        random=Random(1),
        progress=written.append,
    )

    assert count == 3
    assert written == [3]
    assert len(sleeps) == 1
    assert client.requests[1]["RequestItems"] == left


def test_a_load_that_a_table_keeps_refusing_is_an_error(dataset) -> None:
    left = {"test-Airports": [{"PutRequest": {"Item": to_item(dataset["Airports"][0])}}]}
    client = FakeClient(*[{"UnprocessedItems": left}] * (len(RETRY_DELAYS) + 1))
    with pytest.raises(UnloadedRowsError, match="Airports: 1 rows"):
        load({"Airports": dataset["Airports"][:1]}, client, "test-", sleep=Sleeps(), random=Random(1))


def test_reads_made_together_may_make_reads_together_however_deep() -> None:
    tables = DynamoDBTables(FakeClient(), "test-")

    def tree(depth: int) -> int:
        if depth == 0:
            return 1
        return sum(tables.run_together([lambda: tree(depth - 1)] * 3))

    assert tree(4) == 81


def test_results_come_in_order_and_the_first_error_once_all_have_ended() -> None:
    tables = DynamoDBTables(FakeClient(), "test-")
    ended: list[int] = []

    def ending(number: int):
        def run() -> int:
            ended.append(number)
            if number in (7, 30):
                raise ValueError(f"read {number}")
            return number

        return run

    assert tables.run_together([ending(number) for number in range(6)]) == list(range(6))
    ended.clear()
    with pytest.raises(ValueError, match="read 7"):
        tables.run_together([ending(number) for number in range(40)])
    assert sorted(ended) == list(range(40))
