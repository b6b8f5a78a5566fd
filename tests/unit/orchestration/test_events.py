"""What is told on the bus fits the schema that is published for it."""

from __future__ import annotations

import json

import jsonschema
import pytest
from botocore.exceptions import EndpointConnectionError

from docs.events import DOCUMENT, render, schema_of
from skymarshal.domain.assessment import Phase
from skymarshal.orchestration.announcements import BusAnnouncer
from skymarshal.orchestration.events import EVENTS
from skymarshal.orchestration.progress import Progress
from tests.unit.orchestration.flow import DISRUPTION, PATIENCE, World, decision


class Bus:
    """EventBridge, as far as it takes events; it keeps them and refuses none unless told to."""

    def __init__(self) -> None:
        self.entries: list[dict] = []
        self.gone = False
        self.refuses = False

    def put_events(self, Entries) -> dict:  # noqa: N803
        if self.gone:
            raise EndpointConnectionError(endpoint_url="https://events")
        if self.refuses:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorMessage": "slow down"}]}
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{}]}

    @property
    def kinds(self) -> list[str]:
        return [entry["DetailType"] for entry in self.entries]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def world(bus) -> World:
    world = World()
    world.announcer = BusAnnouncer(bus, "skymarshal")
    world.restart()
    return world


def told_in_full(world: World, bus: Bus) -> None:
    """One thread to its end, and another that fails."""
    progress = Progress(world.announcer)
    world.worked(world.begun())
    progress.accepted(DISRUPTION, world.thread_id, "D-1")
    for phase in Phase:
        advance = world.coordinator.join(world.thread_id, phase, 1)
        progress.joined(advance)
        world.worked(advance)
    world.approvals.ask(world.thread_id, "token", PATIENCE)
    world.approvals.decide(world.thread_id, decision())
    world.finaliser.conclude(world.thread_id)
    failed = world.threads.create_thread("D-2").thread_id
    world.failures.fail(failed, "the table did not answer")


def test_everything_that_is_told_fits_its_schema(world, bus) -> None:
    told_in_full(world, bus)
    schemas = {event.__name__: schema_of(event) for event in EVENTS}
    assert set(bus.kinds) == set(schemas)
    for entry in bus.entries:
        assert entry["Source"] == "skymarshal"
        validator = jsonschema.Draft202012Validator(
            schemas[entry["DetailType"]], format_checker=jsonschema.FormatChecker()
        )
        validator.validate(json.loads(entry["Detail"]))


def test_each_phase_is_told_with_what_its_agents_came_to(world, bus) -> None:
    told_in_full(world, bus)
    phases = [json.loads(entry["Detail"]) for entry in bus.entries if entry["DetailType"] == "PhaseCompleted"]
    assert [(each["phase"], len(each["results"])) for each in phases] == [
        ("initial", 7),
        ("revision", 7),
        ("arbitration", 1),
    ]


def test_what_is_told_twice_has_one_id(world, bus) -> None:
    told_in_full(world, bus)
    world.finaliser.conclude(world.thread_id)
    ids = [json.loads(e["Detail"])["event_id"] for e in bus.entries if e["DetailType"] == "DecisionReached"]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len({json.loads(entry["Detail"])["event_id"] for entry in bus.entries}) == len(bus.entries) - 1


def test_news_of_progress_that_cannot_be_told_stop_no_thread(world, bus) -> None:
    lost = []
    bus.gone = True
    progress = Progress(world.announcer, on_lost=lambda: lost.append(1))
    world.worked(world.begun())
    progress.joined(world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    assert lost == [1]


def test_news_of_progress_that_the_bus_refuses_are_counted_and_stop_no_thread(world, bus) -> None:
    lost = []
    bus.refuses = True
    progress = Progress(world.announcer, on_lost=lambda: lost.append(1))
    world.worked(world.begun())
    progress.accepted(DISRUPTION, world.thread_id, "D-1")
    progress.joined(world.coordinator.join(world.thread_id, Phase.INITIAL, 1))
    assert lost == [1, 1]
    assert bus.kinds == []


def test_a_join_measures_its_phase_once(world) -> None:
    world.worked(world.begun())
    first = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    again = world.coordinator.join(world.thread_id, Phase.INITIAL, 1)
    assert first.joined.duration is not None
    assert again.joined.duration is None
    assert again.joined.findings == first.joined.findings


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text() == render(), "run `make docs`"
