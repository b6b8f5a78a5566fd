"""Whoever has to decide is asked, reminded and passed over; the token that wakes the flow is sealed."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from skymarshal.checkpoints import ThreadStatus
from skymarshal.orchestration.announcements import SeveralAnnouncers, TopicNotifier
from skymarshal.orchestration.approvals import Approvals, Notice
from skymarshal.orchestration.token_seal import KmsSeal
from tests.store.backends import REGION, use_moto
from tests.unit.orchestration.flow import PATIENCE, Announcements, decision


@pytest.mark.parametrize(
    ("notice", "role"), [(Notice.REMINDER, "duty-manager"), (Notice.ESCALATION, "admin")]
)
def test_asking_more_urgently_replaces_the_token_and_leaves_the_deadline(world, notice, role) -> None:
    first = world.asked("token-1")
    world.clock.advance(timedelta(hours=1))
    world.flow.waits_on = {"token-2"}
    again = world.approvals.ask(world.thread_id, "token-2", PATIENCE, notice)
    assert again.deadline == first.deadline
    assert again.status is ThreadStatus.AWAITING_APPROVAL
    _, detail = world.announcer.told[-1]
    assert (detail["notice"], detail["role"]) == (str(notice), role)
    assert world.approvals.decide(world.thread_id, decision()) is True
    assert world.flow.woken == ["token-2"]


def test_a_decision_between_two_slices_is_found_by_the_next_asking(world) -> None:
    """The first token has timed out, the second is not yet known to the thread."""
    world.asked("token-1")
    world.flow.waits_on.clear()
    assert world.approvals.decide(world.thread_id, decision()) is False
    world.flow.waits_on = {"token-2"}
    world.approvals.ask(world.thread_id, "token-2", PATIENCE, Notice.REMINDER)
    assert world.flow.woken[-1] == "token-2"
    assert world.announcer.kinds == ["ApprovalRequested"]


def test_without_a_portal_the_notice_names_the_command_to_decide_with(world) -> None:
    topic = Topic()
    world.arbitrated()
    Approvals(world.threads, world.runs, world.flow, TopicNotifier(topic, "arn"), world.clock).ask(
        world.thread_id, "token", PATIENCE, Notice.REQUEST
    )

    assert topic.published[0]["Message"].splitlines()[-1] == f"Decide: skymarshal approval {world.thread_id}"


@pytest.fixture
def kms():
    with use_moto():
        yield boto3.client("kms", region_name=REGION)


@pytest.fixture
def seal(kms) -> KmsSeal:
    return KmsSeal(kms, kms.create_key()["KeyMetadata"]["KeyId"])


def test_the_token_is_nowhere_in_the_store_and_wakes_the_flow_all_the_same(world, seal) -> None:
    world.arbitrated()
    world.approvals = Approvals(world.threads, world.runs, world.flow, world.announcer, world.clock, seal)
    world.flow.waits_on.add("the-secret-token")
    world.approvals.ask(world.thread_id, "the-secret-token", PATIENCE)
    kept = world.store.query(f"THREAD#{world.thread_id}", "", "\uffff")
    assert not [item for item in kept if "secret" in str(item)]
    assert world.approvals.decide(world.thread_id, decision()) is True
    assert world.flow.woken == ["the-secret-token"]


def test_a_token_cannot_be_passed_off_as_another_threads(seal) -> None:
    sealed = seal.seal("thread-1", "token")
    assert seal.open("thread-1", sealed) == "token"
    with pytest.raises(ClientError):
        seal.open("thread-2", sealed)


def test_the_longest_token_of_step_functions_can_be_sealed(seal) -> None:
    assert seal.open("t", seal.seal("t", "x" * 2048)) == "x" * 2048


class Topic:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.published: list[dict] = []

    def publish(self, **message) -> None:
        self.published.append(message)


def test_the_notice_says_what_is_to_be_decided_until_when_and_where(world) -> None:
    topic = Topic()
    world.announcer = Announcements()
    told = SeveralAnnouncers(world.announcer, TopicNotifier(topic, "arn", "https://portal.example/"))
    world.arbitrated()
    Approvals(world.threads, world.runs, world.flow, told, world.clock).ask(
        world.thread_id, "token", PATIENCE, Notice.ESCALATION
    )
    (message,) = topic.published
    assert f"https://portal.example/threads/{world.thread_id}" in message["Message"]
    assert "EY283-2026-11-24 until 2026-11-23T12:00" in message["Message"]
    assert message["MessageAttributes"]["role"]["StringValue"] == "admin"
    assert len(message["Subject"]) <= 100
    assert "token" not in str(message)
    assert world.announcer.kinds == ["ApprovalRequested"]
