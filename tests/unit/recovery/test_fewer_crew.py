"""Flying with fewer crew: an option of its own where the minimum crew and the shorter FDP allow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome
from skymarshal.domain.assessment import AgentName, Assessment, ConstraintKind, Verdict
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations import InMemoryTables
from skymarshal.operations.records import CrewAssignment, Flight, Record
from tests.unit.recovery.legality import faults
from tests.unit.recovery.sample import arbitrated

FROM_JFK = "EY102-2026-11-23"
HOME_BOUND_AT_HUB = "EY283-2026-11-24"
Dataset = Mapping[str, Sequence[Record]]
Decide = Callable[..., tuple[Assessment, Arbitration]]


def flight(dataset: Dataset, flight_id: str) -> Flight:
    return next(one for one in dataset["Flights"] if one.flight_id == flight_id)


def crew(dataset: Dataset, flight_id: str, role: str) -> list[CrewAssignment]:
    return [one for one in dataset["CrewRoster"] if one.flight_id == flight_id and one.role == role]


def decided(
    dataset: Dataset, flight_id: str, *sick: str, minimum: int | None = None
) -> tuple[Assessment, Arbitration]:
    planned = flight(dataset, flight_id)
    event = Disruption(
        disruption_id="D1",
        type=DisruptionType.CREW if sick else DisruptionType.LATE_INBOUND,
        flight_id=flight_id,
        reported_at=planned.std - timedelta(hours=3),
        airport=planned.origin,
        description="",
        details=DisruptionDetails(unavailable_crew=sick, delay=None if sick else timedelta(minutes=20)),
    )
    found, arbitration = arbitrated(event, InMemoryTables(dataset))
    for one in arbitration.solutions:
        if one.candidate.kind is not CandidateKind.MANUAL_REVIEW:
            found_by_hand = faults(dataset, event, one.candidate)
            if minimum is not None:
                found_by_hand = [fault for fault in found_by_hand if f"{minimum} cabin crew for" not in fault]
            assert found_by_hand == []
    asked = next(one for one in reversed(found) if one.agent is AgentName.CREW_COMPLIANCE)
    return asked, arbitration


def with_rows(dataset: Dataset, table: str, rows: Sequence[Record]) -> Dataset:
    return {**dataset, table: rows}


def operating(arbitration: Arbitration) -> list[CandidateKind]:
    return [one.candidate.kind for one in arbitration.solutions if one.candidate.operates]


def test_one_of_twelve_cabin_crew_sick_away_from_base_flies_with_eleven(dataset) -> None:
    """371 seats ask for 8 (ORO.CC.100)."""
    sick = crew(dataset, FROM_JFK, "cabin")[0].crew_id

    _, arbitration = decided(dataset, FROM_JFK, sick)

    best = arbitration.solutions[0]
    assert (best.candidate.kind, best.candidate.flies_without) == (CandidateKind.FEWER_CREW, (sick,))
    assert best.candidate.off_block == flight(dataset, FROM_JFK).std
    (number,) = [one for one in best.checks if one.limit == "at least 8"]
    assert (number.outcome, number.value, number.article) == (CheckOutcome.KEPT, "11 aboard", "ORO.CC.100")
    assert f"without cabin crew member {sick}" in best.title


@pytest.mark.parametrize(("sick", "flies"), [(4, True), (5, False)])
def test_as_many_may_be_missing_as_leave_the_minimum(dataset, sick: int, flies: bool) -> None:
    away = [one.crew_id for one in crew(dataset, FROM_JFK, "cabin")[:sick]]

    _, arbitration = decided(dataset, FROM_JFK, *away)

    assert bool(operating(arbitration)) is flies


@pytest.mark.parametrize("role", ["captain", "first_officer"])
def test_one_of_four_pilots_sick_flies_with_three_within_their_fdp(dataset, role: str) -> None:
    """CS FTL.1.205(c): 14:10 planned, 17:00 with one additional pilot in class 1 on a sector over 9 h."""
    sick = crew(dataset, FROM_JFK, role)[0].crew_id

    _, arbitration = decided(dataset, FROM_JFK, sick)

    best = arbitration.solutions[0]
    assert best.candidate.flies_without == (sick,)
    assert any("of 17:00 (with in-flight rest" in check.text for check in best.checks)


def test_three_pilots_do_not_fly_what_only_four_may(dataset) -> None:
    """Without a place to rest but a seat, three pilots may fly 15:00 on a long sector, and four 16:00."""
    planned = flight(dataset, FROM_JFK)
    later = [
        replace(one, report=planned.sta - timedelta(hours=15, minutes=30), rest_facility="class3")
        if one.flight_id == FROM_JFK
        else one
        for one in dataset["CrewRoster"]
    ]
    seated = with_rows(dataset, "CrewRoster", later)
    sick = crew(dataset, FROM_JFK, "first_officer")[0].crew_id

    asked, arbitration = decided(seated, FROM_JFK, sick)

    (option,) = [one for one in asked.options if one.key == sick]
    assert not option.usable
    assert "with 3 pilots" in option.reasons[0]
    assert not operating(arbitration)


@pytest.mark.parametrize(
    ("procedure", "sold", "flies"), [(7, 350, True), (7, 351, False), (8, 350, False), (None, 350, False)]
)
def test_fewer_than_the_minimum_fly_only_by_the_approved_procedure_and_with_fifty_passengers_each(
    dataset, procedure: int | None, sold: int, flies: bool
) -> None:
    """ORO.CC.205(b)(2): five of twelve fall sick away from base, and seven are left of the eight required."""
    away = [one.crew_id for one in crew(dataset, FROM_JFK, "cabin")[:5]]
    tail = flight(dataset, FROM_JFK).registration
    rows = [
        replace(one, reduced_cabin_crew=procedure) if one.registration == tail else one
        for one in dataset["Aircraft"]
    ]
    flights = [
        replace(one, seats_sold={"economy": sold}) if one.flight_id == FROM_JFK else one
        for one in dataset["Flights"]
    ]
    changed = with_rows(with_rows(dataset, "Aircraft", rows), "Flights", flights)

    _, arbitration = decided(changed, FROM_JFK, *away, minimum=procedure or 8)

    assert bool(operating(arbitration)) is flies
    if flies:
        assert "ORO.CC.205(b)(2)" in arbitration.unverified_rules


def test_nobody_flies_without_the_only_purser_or_the_only_captain(dataset) -> None:
    """ORO.CC.200(a), ORO.FC.105."""
    purser = crew(dataset, FROM_JFK, "purser")[0].crew_id
    captains = [one.crew_id for one in crew(dataset, FROM_JFK, "captain")]

    for away in ((purser,), captains):
        _, arbitration = decided(dataset, FROM_JFK, *away)
        assert not operating(arbitration)


@pytest.mark.parametrize(("left", "flies"), [(1, False), (7, False), (8, True)])
def test_too_few_rostered_bind_without_anyone_sick(dataset, left: int, flies: bool) -> None:
    gone = {one.crew_id for one in crew(dataset, FROM_JFK, "cabin")[left - 1 :]}
    rows = [one for one in dataset["CrewRoster"] if one.flight_id != FROM_JFK or one.crew_id not in gone]

    asked, arbitration = decided(with_rows(dataset, "CrewRoster", rows), FROM_JFK)

    assert bool(operating(arbitration)) is flies
    assert (asked.verdict is Verdict.BLOCKED) is not flies


def test_unknown_seats_leave_the_minimum_unknown_and_block_the_tail(dataset) -> None:
    tail = flight(dataset, FROM_JFK).registration
    rows = [replace(one, seats={}) if one.registration == tail else one for one in dataset["Aircraft"]]

    asked, arbitration = decided(with_rows(dataset, "Aircraft", rows), FROM_JFK)

    assert not operating(arbitration)
    (unknown,) = [one for one in asked.constraints if one.kind is ConstraintKind.UNKNOWN_FACT]
    assert (unknown.subject.key, "minimum cabin crew" in unknown.text) == (tail, True)


def test_a_certified_number_above_that_of_the_seats_binds(dataset) -> None:
    tail = flight(dataset, FROM_JFK).registration
    rows = [
        replace(one, minimum_cabin_crew=12) if one.registration == tail else one
        for one in dataset["Aircraft"]
    ]
    sick = crew(dataset, FROM_JFK, "cabin")[0].crew_id

    _, arbitration = decided(with_rows(dataset, "Aircraft", rows), FROM_JFK, sick)

    assert not operating(arbitration)
