"""The cause is found beside the type: stated, coded, told in words, or by the type alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from skymarshal.cli.rule_checks import check_rule
from skymarshal.domain.cause import cause_of_delay_code, causes_in_words, find_cause
from skymarshal.domain.delay_codes import DELAY_CODES
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.passenger_rights import CAUSES

CREW = Disruption(
    disruption_id="d1",
    type=DisruptionType.CREW,
    flight_id="EY264-2026-02-05",
    reported_at=datetime(2026, 2, 5, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Crew out of hours after the fuel hydrant at LHR failed", "airport_refuelling_failure"),
        ("The refuelling system of the airport is down, crew waits", "airport_refuelling_failure"),
        ("Runway closed after a fuel spill on the runway", "fuel_on_runway"),
        ("Bowser late, crew running out of hours", "refuelling"),
        ("No baggage handlers at Cologne, loading takes two hours", "airport_staff_shortage"),
        ("Diverted to put off a violent passenger", "unruly_passenger"),
        ("Manufacturer confirms a hidden design defect of the fuel gauge", "hidden_design_defect"),
        ("Catering truck hit the door", "mobile_stairs_collision"),
        ("Bird strike on approach", "bird_strike"),
        ("ATC strike in France", "atc_strike"),
        ("Pilots' strike", "strike_own_staff"),
        ("Strike of airport security", "strike_third_party"),
        ("Captain sick", "crew_illness"),
        ("Airport closed by a sandstorm", "weather"),
        ("Debris on the runway cut a tyre", "runway_debris"),
    ],
)
def test_words_tell_the_cause(text, code):
    assert list(causes_in_words(text)) == [code]
    found = find_cause(replace(CREW, description=text))
    assert (found.code, found.basis, found.extraordinary) == (code, "words", CAUSES[code].extraordinary)


@pytest.mark.parametrize("text", ["Hydraulic leak, two hours to fix", "Crew asks for a hotel", ""])
def test_other_words_leave_it_to_the_type(text):
    found = find_cause(replace(CREW, description=text))

    assert (found.code, found.basis, found.extraordinary) == ("crew_illness", "type", False)


def test_two_causes_of_which_one_is_extraordinary_leave_it_open():
    found = find_cause(replace(CREW, description="Captain sick, and dense fog since 06Z"))

    assert found.extraordinary is None
    assert not (found.excuses or found.due)


@pytest.mark.parametrize(
    ("codes", "code", "extraordinary"),
    [
        (("36",), "refuelling", None),
        (("71",), "weather", True),
        (("93", "71"), "weather", True),
        (("93",), "reactionary", None),
        (("97",), "strike_own_staff", False),
        (("98",), "strike_third_party", True),
        (("32",), "loading", None),
        (("41",), "technical", False),
        (("87",), "airport_closure", True),
        (("52",), "ground_damage", None),
    ],
)
def test_delay_codes_come_before_words_and_a_reactionary_one_gives_way(codes, code, extraordinary):
    told = replace(CREW, description="Captain sick", details=DisruptionDetails(delay_codes=codes))
    found = find_cause(told)

    assert (found.code, found.basis, found.extraordinary) == (code, "delay code", extraordinary)


def test_what_the_event_states_comes_first():
    details = DisruptionDetails(cause="fuel_hydrant_failure", delay_codes=("41",))
    found = find_cause(replace(CREW, description="Captain sick", details=details))

    assert (found.code, found.basis) == ("airport_refuelling_failure", "stated")
    assert found.confidence > find_cause(replace(CREW, description="Captain sick")).confidence
    assert "C-308/21" in found.text


def test_every_cause_of_a_code_is_one_that_is_held():
    assert {cause_of_delay_code(code) for code in DELAY_CODES} - {None} <= CAUSES.keys()


@pytest.mark.parametrize("kind", DisruptionType)
def test_every_type_of_event_has_a_finding_and_an_unread_authority_excuses_nothing(kind):
    found = find_cause(replace(CREW, type=kind))

    assert 0 < found.confidence < 1
    assert not found.excuses or all(article.status == "verified" for article in found.articles)


def test_a_check_takes_a_cause_in_words_and_refuses_what_names_none():
    asked = {
        "rule": "eu261",
        "event": "delay",
        "origin": "FRA",
        "destination": "AUH",
        "arrival_delay_min": 300,
    }
    answer = check_rule({**asked, "cause": "fuel hydrant failure at the airport"})

    assert (answer["extraordinary"], answer["compensation_due"]) == (True, False)
    with pytest.raises(UnknownCodeError, match="cause"):
        check_rule({**asked, "cause": "gremlins"})
