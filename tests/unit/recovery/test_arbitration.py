"""From assessments to 1 to 3 solutions, or one manual review that says what blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from skymarshal.domain.arbitration import Arbitration, CheckOutcome, ConflictKind, ConstraintCheck
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    Phase,
    Unknown,
    Verdict,
    Window,
)
from skymarshal.domain.candidate import CandidateKind
from skymarshal.domain.disruption import DisruptionDetails
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.candidates import generate
from skymarshal.recovery.policy import DEFAULT_POLICY, ArbitrationPolicy, SearchLimits
from skymarshal.recovery.preparation import lead_time
from skymarshal.recovery.situation import SPECIALISTS, counted_assessments
from tests.unit.recovery.builders import (
    FLIGHT,
    NOW,
    OWN_TAIL,
    SPARE,
    STD,
    TAIL,
    ScriptedEvaluator,
    assessment,
    at,
    cost,
    crew,
    disruption,
    earliest,
    failed,
    flight,
    forbidden,
    impact,
    latest,
    minutes,
    required,
    reserve,
    situation,
    spare,
)

CREW = AgentName.CREW_COMPLIANCE
MAINTENANCE = AgentName.MAINTENANCE
REGULATORY = AgentName.REGULATORY


def decided(*assessments, evaluator=None, policy=DEFAULT_POLICY, **changes) -> Arbitration:
    return decide(situation(*assessments, **changes), evaluator or ScriptedEvaluator(), policy)


def repaired_at(instant, **changes):
    return assessment(MAINTENANCE, constraints=(earliest(instant),), **changes)


def test_with_nothing_in_the_way_the_flight_goes_on_time() -> None:
    found = decided()
    best = found.solutions[0]
    assert best.title == "Operate EY283 on time at 12:00Z"
    assert best.candidate.off_block == STD
    assert not found.manual_review


def test_a_repair_delays_the_flight_to_the_exact_minute_of_its_end() -> None:
    best = decided(repaired_at(at(14, 23))).solutions[0]
    assert best.title == "Delay EY283 to 14:23Z (+2:23)"
    assert best.delay == minutes(143)
    assert best.candidate.on_block == at(21, 23)


def test_seconds_are_rounded_up_to_the_next_minute() -> None:
    best = decided(repaired_at(at(14, 23) + timedelta(seconds=12))).solutions[0]
    assert best.candidate.off_block == at(14, 24)


def test_a_departure_that_falls_into_a_curfew_waits_for_its_end() -> None:
    night = assessment(REGULATORY, constraints=(forbidden(at(14), at(17, 5)),))
    assert decided(repaired_at(at(14, 23)), night).solutions[0].candidate.off_block == at(17, 5)


def test_a_crew_out_of_time_is_replaced_by_a_reserve() -> None:
    crew_found = assessment(
        CREW,
        constraints=(latest(at(13), crew("C101"), limit=timedelta(hours=13)),),
        options=(reserve("R1"),),
    )
    best = decided(repaired_at(at(14, 20)), crew_found).solutions[0]
    assert best.candidate.replaced_crew == {"C101": "R1"}
    assert best.title == "Delay EY283 to 14:20Z (+2:20), replace captain C101 by reserve R1"


def test_one_reserve_does_not_stand_in_for_two() -> None:
    crew_found = assessment(
        CREW,
        constraints=(latest(at(13), crew("C101")), latest(at(13), crew("C102"))),
        options=(reserve("R1", "C101"), reserve("R1", "C102")),
    )
    found = decided(repaired_at(at(14)), crew_found)
    assert all(
        len(set(s.candidate.replaced_crew.values())) == len(s.candidate.replaced_crew)
        for s in found.solutions
    )
    assert {s.candidate.kind for s in found.solutions} <= {CandidateKind.CANCEL, CandidateKind.PARTNER}


def test_reserves_are_shared_out_so_that_everyone_who_needs_one_has_one() -> None:
    crew_found = assessment(
        CREW,
        constraints=(latest(at(13), crew("C101")), latest(at(13), crew("C102"))),
        options=(
            reserve("R1", "C101", latest_off_block=at(23)),
            reserve("R2", "C101", latest_off_block=at(22)),
            reserve("R1", "C102", latest_off_block=at(23)),
        ),
    )
    best = decided(repaired_at(at(14)), crew_found).solutions[0]
    assert best.candidate.replaced_crew == {"C101": "R2", "C102": "R1"}


def test_the_flight_waits_for_the_exact_minute_at_which_a_reserve_is_there() -> None:
    crew_found = assessment(
        CREW,
        constraints=(required(ConstraintKind.CREW_CHANGE_REQUIRED, crew("C101")),),
        options=(reserve("R1", available_from=at(13, 37)),),
    )
    assert decided(crew_found).solutions[0].candidate.off_block == at(13, 37)


def test_a_tail_that_cannot_go_is_swapped() -> None:
    blocked = assessment(
        MAINTENANCE,
        verdict=Verdict.BLOCKED,
        constraints=(required(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, OWN_TAIL),),
        options=(spare(),),
    )
    best = decided(blocked).solutions[0]
    assert best.candidate.registration == SPARE
    assert best.candidate.kind is CandidateKind.TAIL_SWAP
    assert f"on {SPARE} instead of {TAIL}" in best.title


def test_a_spare_that_was_ruled_out_is_not_flown() -> None:
    blocked = assessment(
        MAINTENANCE,
        constraints=(required(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, OWN_TAIL),),
        options=(spare(usable=False, reasons=("too few seats",)),),
    )
    assert all(s.candidate.registration != SPARE for s in decided(blocked).solutions)


def test_swap_and_reserve_go_together_where_both_are_needed() -> None:
    blocked = assessment(
        MAINTENANCE,
        constraints=(required(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, OWN_TAIL),),
        options=(spare(),),
    )
    crew_found = assessment(
        CREW,
        constraints=(required(ConstraintKind.CREW_CHANGE_REQUIRED, crew("C102")),),
        options=(reserve("R9", "C102"),),
    )
    best = decided(blocked, crew_found).solutions[0]
    assert best.candidate.kind is CandidateKind.SWAP_AND_RESERVE
    assert best.candidate.replaced_crew == {"C102": "R9"}


def test_nothing_departs_before_the_report_and_the_time_that_preparing_takes() -> None:
    late = disruption(reported_at=STD + minutes(40))
    found = decided(assessment(MAINTENANCE, options=(spare(),)), disruption=late)
    for one in found.solutions:
        if one.candidate.off_block is not None:
            needed = lead_time(one.candidate, flight(), DEFAULT_POLICY.steps)
            assert one.candidate.off_block >= late.reported_at + needed


def test_a_reported_delay_of_the_inbound_tail_holds_for_that_tail_only() -> None:
    late = disruption(
        type="late_inbound", details=DisruptionDetails(delay=timedelta(hours=3), inbound_flight_id="EY282")
    )
    found = decided(
        assessment(MAINTENANCE, options=(spare(),)), disruption=replace(late, type=disruption().type)
    )
    own = [s for s in found.solutions if s.candidate.registration == TAIL]
    swapped = [s for s in found.solutions if s.candidate.registration == SPARE]
    assert all(s.candidate.off_block >= at(15) for s in own)
    assert swapped[0].candidate.off_block == at(12)


def test_the_solutions_offered_are_distinct_and_best_first() -> None:
    found = decided(repaired_at(at(16), options=(spare(),)))
    assert 1 <= len(found.solutions) <= 3
    composites = [s.scores.composite.value for s in found.solutions]
    assert composites == sorted(composites, reverse=True)
    assert found.recommended == "S1"
    for one in found.solutions:
        for other in found.solutions:
            if one is not other and one.candidate.registration == other.candidate.registration:
                assert one.candidate.kind != other.candidate.kind or (
                    abs(one.candidate.off_block - other.candidate.off_block) >= minutes(30)
                )


def test_equal_composites_go_to_the_safer() -> None:
    crew_found = assessment(
        CREW,
        constraints=(latest(at(12), crew("C101")),),
        options=(reserve("R1", available_from=at(11, 30)),),
    )

    def price(flown):
        if flown.off_block is None:
            return impact(cancelled=True, needing_reprotection=9, reprotected=0)
        # Safety is 60 with the crew kept and 100 with the reserve: 16 points of the composite, which
        # the cost gives back exactly: 100 against 20.
        return impact(cost=cost(450_000 if flown.replaced_crew else 0))

    best = decided(crew_found, evaluator=ScriptedEvaluator(price=price)).solutions
    assert best[0].scores.composite.value == best[1].scores.composite.value
    assert best[0].candidate.replaced_crew == {"C101": "R1"}


def test_a_cancellation_is_offered_only_if_enough_passengers_have_another_journey() -> None:
    closed = assessment(REGULATORY, constraints=(forbidden(at(0), at(0, day=9)),))
    found = decided(closed, evaluator=ScriptedEvaluator(reprotected=80))
    assert [s.candidate.kind for s in found.solutions] == [CandidateKind.CANCEL]
    stranded = decided(closed, evaluator=ScriptedEvaluator(reprotected=10))
    assert stranded.manual_review


@pytest.mark.parametrize("agent", [CREW, MAINTENANCE, REGULATORY])
def test_a_safety_agent_that_failed_leaves_a_manual_review_alone(agent: AgentName) -> None:
    found = decided(failed(agent, "the table did not answer"))
    assert found.manual_review
    assert [s.candidate.kind for s in found.solutions] == [CandidateKind.MANUAL_REVIEW]
    assert "the table did not answer" in found.justification
    assert found.solutions[0].scores is None


@pytest.mark.parametrize("agent", [CREW, MAINTENANCE, REGULATORY])
def test_a_safety_agent_that_never_answered_leaves_a_manual_review_alone(agent: AgentName) -> None:
    answered = {name: assessment(name) for name in SPECIALISTS if name is not agent}
    found = decide(replace(situation(), assessments=answered), ScriptedEvaluator(), DEFAULT_POLICY)
    assert found.manual_review
    assert f"{agent} did not answer" in found.justification


def unknown(about, text="It is not known.", **changes) -> Constraint:
    return replace(required(ConstraintKind.UNKNOWN_FACT, about), text=text, **changes)


def test_a_missing_safety_fact_is_named_by_its_table_and_key() -> None:
    missing = Unknown(table="Weather", key="LHR", field="valid_from", why="no forecast covers the arrival")
    lacking = assessment(REGULATORY, verdict=Verdict.UNKNOWN, unknowns=(missing,))
    found = decided(lacking, evaluator=ScriptedEvaluator(reprotected=0))
    assert found.manual_review
    assert missing in found.unknowns
    assert any("Weather LHR valid_from" in line for line in found.recommendations)


def test_a_fact_that_no_constraint_binds_to_a_departure_keeps_back_every_departure() -> None:
    missing = Unknown(table="Weather", key="LHR", field="valid_from", why="no forecast covers the arrival")
    about_another = unknown(crew("C102"), "C102 has no medical on record.")
    lacking = assessment(REGULATORY, unknowns=(missing,), constraints=(about_another,))
    found = decided(lacking, assessment(CREW, options=(reserve("R1", "C102"),)))
    assert not any(one.candidate.operates for one in found.solutions)


def test_an_unknown_about_the_planned_tail_keeps_no_spare_back() -> None:
    grounded = assessment(
        MAINTENANCE, verdict=Verdict.UNKNOWN, constraints=(unknown(OWN_TAIL),), options=(spare(),)
    )
    found = decided(grounded)
    assert not found.manual_review
    assert {one.candidate.registration for one in found.solutions} <= {SPARE, None}
    assert found.solutions[0].candidate.off_block == STD
    assert found.missing == ()
    assert any("It is not known." in one.reason for one in found.rejected)


def test_an_unknown_about_a_crew_member_calls_for_a_reserve_in_that_place_alone() -> None:
    lacking = assessment(
        CREW,
        verdict=Verdict.UNKNOWN,
        constraints=(unknown(crew("C102")),),
        options=(reserve("R1", "C102"), reserve("R2", "C101")),
    )
    found = decided(lacking)
    flying = [one.candidate for one in found.solutions if one.candidate.operates]
    assert flying
    assert all(one.replaced_crew["C102"] == "R1" for one in flying)


def test_weather_unknown_at_twenty_hours_does_not_keep_the_next_quarter_of_an_hour_back() -> None:
    later = Window(start=STD + timedelta(hours=20), end=STD + timedelta(hours=24))
    found = decided(
        repaired_at(STD + minutes(15)),
        assessment(REGULATORY, constraints=(unknown(FLIGHT, windows=(later,)),)),
    )
    assert found.solutions[0].candidate.off_block == STD + minutes(15)


def test_the_flight_waits_for_the_end_of_what_is_not_known() -> None:
    dark = Window(start=STD - timedelta(hours=1), end=STD + minutes(95))
    found = decided(assessment(REGULATORY, constraints=(unknown(FLIGHT, windows=(dark,)),)))
    assert found.solutions[0].candidate.off_block == STD + minutes(95)


def test_a_fact_that_every_departure_needs_is_named_with_the_instant_until_which_it_would_help() -> None:
    lacking = assessment(MAINTENANCE, constraints=(unknown(OWN_TAIL),))
    legal_until = assessment(CREW, constraints=(latest(at(14), crew()),))
    found = decided(lacking, legal_until, evaluator=ScriptedEvaluator(reprotected=0))
    last = max(
        one.off_block
        for one in generate(situation(lacking, legal_until), DEFAULT_POLICY).candidates
        if one.off_block is not None and one.off_block <= at(14)
    )
    by = last - lead_time(situation().operating(last), flight(), DEFAULT_POLICY.steps)
    assert found.manual_review
    assert [(one.text, one.answer_by) for one in found.missing] == [("It is not known.", by)]
    assert any(f"An answer helps until {by:%Y-%m-%d %H:%MZ}" in line for line in found.recommendations)


def test_an_answer_that_no_departure_could_use_has_no_time() -> None:
    lacking = assessment(MAINTENANCE, constraints=(unknown(OWN_TAIL),))
    broken = assessment(REGULATORY, constraints=(forbidden(at(0), at(0, day=9)),))
    found = decided(lacking, broken, evaluator=ScriptedEvaluator(reprotected=0))
    assert found.manual_review
    assert [(one.text, one.answer_by) for one in found.missing] == [("It is not known.", None)]
    assert not any("An answer helps" in line for line in found.recommendations)


def test_a_cancellation_needs_no_fact_and_says_until_when_one_would_still_let_the_flight_go() -> None:
    found = decided(assessment(MAINTENANCE, constraints=(unknown(OWN_TAIL),)))
    (best, *_) = found.solutions
    assert best.candidate.off_block is None
    (fact,) = found.missing
    assert f"{fact.answer_by:%Y-%m-%d %H:%MZ}" in found.final_decision
    assert best.recommendations[0].startswith("First settle, if it can be: It is not known.")
    assert any("arbitrate again: It is not known." in line for line in best.plan.contingencies)


def test_what_the_calculators_do_not_know_of_a_candidate_keeps_it_back_too() -> None:
    def computed(flown):
        early = flown.off_block is not None and flown.off_block < at(13)
        outcome = CheckOutcome.UNKNOWN if early else CheckOutcome.KEPT
        return (ConstraintCheck(agent=CREW, text="The rest is not known.", outcome=outcome),)

    found = decided(evaluator=ScriptedEvaluator(checks=computed))
    assert min(one.candidate.off_block for one in found.solutions if one.candidate.operates) >= at(13)


def test_a_review_for_want_of_a_feasible_option_says_what_blocks_each() -> None:
    contradiction = assessment(REGULATORY, constraints=(latest(at(13)),))
    found = decided(repaired_at(at(15)), contradiction, evaluator=ScriptedEvaluator(reprotected=0))
    assert found.manual_review
    assert "leaves by 13:00Z" in found.justification
    assert "A cancellation needs other journeys" in found.justification
    assert found.rejected


def test_a_flight_that_has_left_is_for_a_person() -> None:
    found = decided(flight=flight(status="departed"))
    assert found.manual_review
    assert "already departed" in found.final_decision


@pytest.mark.parametrize("status", ["departed", "arrived", "cancelled"])
def test_a_flight_that_is_not_to_leave_any_more_is_never_held(status: str) -> None:
    (review,) = decided(flight=flight(status=status)).solutions
    told = " ".join(
        (*review.recommendations, *review.pros, *review.risks, *(step.action for step in review.plan.steps))
    )
    assert "Hold" not in told
    assert "departure" not in told
    assert ("commander" in told) is (status == "departed")


@pytest.mark.parametrize("agent", [AgentName.FINANCE, AgentName.NETWORK, AgentName.GUEST_EXPERIENCE])
def test_a_business_agent_that_failed_leaves_ranges_and_less_confidence(agent: AgentName) -> None:
    blank = {
        AgentName.FINANCE: {"cost": None},
        AgentName.NETWORK: {"downstream_flights": None, "connections": None, "missed_connections": None},
        AgentName.GUEST_EXPERIENCE: {
            "affected_passengers": None,
            "needing_reprotection": None,
            "reprotected": None,
        },
    }[agent]
    usual = ScriptedEvaluator()
    evaluator = ScriptedEvaluator(price=lambda flown: replace(usual.impact(flown), **blank))
    found = decided(failed(agent), evaluator=evaluator)
    best = found.solutions[0]
    assert not found.manual_review
    assert best.scores.composite.value is None
    assert best.scores.composite.low < best.scores.composite.high
    assert found.confidence < decided().confidence
    assert f"Figures of {agent} are missing." in best.risks


def test_what_the_calculators_find_kills_a_candidate_that_the_assessments_admit() -> None:
    def checks(flown):
        outcome = CheckOutcome.KEPT if flown.off_block >= at(15) else CheckOutcome.BROKEN
        return (ConstraintCheck(agent=AgentName.ARBITRATOR, text="computed again", outcome=outcome),)

    def only_flying(flown):
        return () if flown.off_block is None else checks(flown)

    found = decided(evaluator=ScriptedEvaluator(checks=only_flying))
    assert all(s.candidate.off_block is None or s.candidate.off_block >= at(15) for s in found.solutions)
    assert any("computed again" in r.reason for r in found.rejected)


def test_an_unverified_rule_that_was_used_is_named() -> None:
    unverified = earliest(at(14), article="145.A.50(a)", verified=False)
    found = decided(assessment(MAINTENANCE, constraints=(unverified,)))
    assert found.unverified_rules == ("145.A.50(a)",)
    assert any("145.A.50(a)" in risk for risk in found.solutions[0].risks)


@pytest.mark.parametrize(("profile", "verified"), [("EASA", True), ("GCAA", False), ("made up", False)])
def test_the_rule_profile_and_whether_it_is_verified_stand_on_the_decision(profile, verified) -> None:
    found = decided(assessment(CREW, rule_profile=profile))
    assert (found.rule_profile, found.rule_profile_verified) == (profile, verified)


def test_a_search_that_is_cut_short_says_what_it_left_out() -> None:
    few = ArbitrationPolicy(version="test", search=SearchLimits(most_candidates=5))
    found = decided(policy=few)
    assert any("were not tried: the search stops at 5" in line for line in found.search_limits)


def test_the_revision_counts_and_the_initial_assessment_where_it_is_missing() -> None:
    before = assessment(MAINTENANCE, phase=Phase.INITIAL)
    after = repaired_at(at(15))
    other = assessment(CREW, phase=Phase.INITIAL)
    counted = counted_assessments([after, before, other])
    assert counted == {MAINTENANCE: after, CREW: other}


def test_a_conflict_between_two_safety_agents_is_named_and_both_hold() -> None:
    crew_found = assessment(CREW, constraints=(latest(at(13), crew("C101")),), options=(reserve("R1"),))
    found = decided(repaired_at(at(14)), crew_found)
    conflict = found.conflicts[0]
    assert conflict.kind is ConflictKind.SAFETY_SAFETY
    assert set(conflict.agents) == {CREW, MAINTENANCE}
    assert "before 14:00Z, the other none after 13:00Z" in conflict.description
    assert found.conflicts_identified[0] == conflict.description


def test_a_safety_limit_overrides_advice_and_the_override_is_on_record() -> None:
    advice = latest(at(13), FLIGHT, binding=False, text="Leave by 13:00Z to keep 40 connections.")
    found = decided(repaired_at(at(14)), assessment(AgentName.NETWORK, constraints=(advice,)))
    assert found.conflicts[0].kind is ConflictKind.SAFETY_BUSINESS
    assert len(found.safety_overrides) == 1
    assert any("Leave by 13:00Z" in risk for risk in found.solutions[0].risks)


def test_the_same_inputs_give_the_same_decision() -> None:
    given = (repaired_at(at(14, 23), options=(spare(),)), assessment(CREW, options=(reserve("R1"),)))
    assert decided(*given) == decided(*reversed(given))


def test_a_likely_cost_is_carried_with_its_range() -> None:
    evaluator = ScriptedEvaluator(price=lambda _: impact(cost=cost(20_000, 10_000, 40_000)))
    best = decided(evaluator=evaluator).solutions[0]
    assert best.cost_usd == (Decimal(10_000), Decimal(20_000), Decimal(40_000))


def test_decided_at_is_the_report_and_no_other_clock() -> None:
    assert decided().decided_at == NOW


def test_a_constraint_about_a_passenger_flight_names_its_article_in_the_checks() -> None:
    limit: Constraint = latest(at(15), article="Slot", limit=None)
    best = decided(assessment(REGULATORY, constraints=(limit,))).solutions[0]
    assert [check.article for check in best.checks if check.article] == ["Slot"]


def test_the_justification_counts_in_good_english() -> None:
    policy = ArbitrationPolicy(version="test", search=SearchLimits(longest_delay=timedelta(0)))
    found = decided(evaluator=ScriptedEvaluator(reprotected=0), policy=policy)
    assert "1 feasible candidate was scored; 2 kinds of change fell by a constraint." in found.justification
