"""What travels between the coordinator and the workers is small, and says exactly what is to be done."""

from __future__ import annotations

import json

import pytest

from skymarshal.domain.assessment import AgentName
from skymarshal.orchestration.dispatch import PendingItem
from skymarshal.orchestration.errors import MalformedItem


def test_an_item_comes_back_from_step_functions_as_it_was_sent(world) -> None:
    advance = world.revising()
    sent = json.loads(json.dumps(advance.as_json()))
    assert (sent["attempt"], sent["complete"]) == (1, True)
    for item, given in zip(advance.items, sent["items"], strict=True):
        assert PendingItem.parse(given, expected_agent=item.agent) == item


def test_what_travels_is_a_few_hundred_bytes_an_item(world) -> None:
    advance = world.revising()
    assert len(json.dumps(advance.as_json())) < 400 * len(advance.items)


def test_an_item_of_another_agent_is_refused(world) -> None:
    given = world.begun().as_json()["items"][0]
    with pytest.raises(MalformedItem, match="agent is crew_compliance: this function is cargo"):
        PendingItem.parse(given, expected_agent=AgentName.CARGO)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"phase": "overture"}, "phase"),
        ({"agent": "purser"}, "agent"),
        ({"thread_id": 7}, "thread_id"),
        ({"checkpoint_id": None}, "checkpoint_id"),
    ],
)
def test_an_item_that_is_not_understood_is_refused_with_its_field(world, change, told) -> None:
    given = {**world.begun().as_json()["items"][0], **change}
    with pytest.raises(MalformedItem, match=told):
        PendingItem.parse(given, expected_agent=AgentName.CREW_COMPLIANCE)
