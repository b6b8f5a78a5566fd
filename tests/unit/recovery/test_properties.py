"""What holds for every arbitration, over random assessments and against exhaustive search."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from skymarshal.domain.arbitration import CheckOutcome, Score, Scores
from skymarshal.domain.assessment import AgentName, ConstraintKind, SubjectKind, Verdict, Window
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.candidates import generate
from skymarshal.recovery.feasibility import check_constraints, is_feasible
from skymarshal.recovery.pareto import Scored, distinct, dominates, pareto_front, ranked
from skymarshal.recovery.policy import DEFAULT_POLICY, ArbitrationPolicy, SearchLimits
from skymarshal.recovery.preparation import lead_time
from skymarshal.recovery.scoring import score
from tests.unit.recovery.builders import (
    CREW,
    FLIGHT,
    OWN_TAIL,
    SPARE,
    STD,
    TAIL,
    ScriptedEvaluator,
    assessment,
    cost,
    crew,
    earliest,
    flight,
    forbidden,
    impact,
    latest,
    minutes,
    required,
    reserve,
    situation,
    spare,
    subject,
)

SHORT = ArbitrationPolicy(
    version="test", search=SearchLimits(longest_delay=timedelta(hours=3), most_candidates=2000)
)

offsets = st.integers(-30, 200).map(minutes)
subjects = st.sampled_from(
    [FLIGHT, OWN_TAIL, subject(SubjectKind.TAIL, SPARE), *(crew(crew_id) for crew_id in CREW)]
)


@st.composite
def windows(draw):
    start = STD + draw(offsets)
    return forbidden(start, start + minutes(draw(st.integers(1, 90))))


@st.composite
def limits(draw):
    kind = draw(st.integers(0, 9))
    if kind < 3:
        return earliest(STD + draw(offsets), draw(subjects))
    if kind < 6:
        share = draw(st.sampled_from([None, timedelta(hours=13)]))
        return latest(STD + draw(offsets), draw(subjects), limit=share)
    if kind < 8:
        return draw(windows())
    if kind < 9:
        return required(ConstraintKind.CREW_CHANGE_REQUIRED, crew(draw(st.sampled_from(sorted(CREW)))))
    return required(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, OWN_TAIL)


@st.composite
def reserves(draw):
    start = STD + draw(offsets)
    return reserve(
        draw(st.sampled_from(["R1", "R2", "R3"])),
        draw(st.sampled_from(sorted(CREW))),
        available_from=start,
        latest_off_block=start + minutes(draw(st.integers(0, 240))),
    )


@st.composite
def situations(draw):
    spares = [spare(available_from=STD + draw(offsets))] if draw(st.booleans()) else []
    unique = {(o.key, o.replaces): o for o in draw(st.lists(reserves(), max_size=4))}
    return situation(
        assessment(
            AgentName.MAINTENANCE,
            constraints=tuple(draw(st.lists(limits(), max_size=3))),
            options=tuple(spares),
        ),
        assessment(
            AgentName.CREW_COMPLIANCE,
            constraints=tuple(draw(st.lists(limits(), max_size=3))),
            options=tuple(unique.values()),
        ),
        assessment(AgentName.REGULATORY, constraints=tuple(draw(st.lists(windows(), max_size=2)))),
    )


@settings(max_examples=300, deadline=None)
@given(situations(), st.sampled_from([0, 100]))
def test_no_offered_solution_breaks_a_binding_constraint(found, reprotected) -> None:
    decision = decide(found, ScriptedEvaluator(reprotected=reprotected), SHORT)
    assert 1 <= len(decision.solutions) <= 3
    for one in decision.solutions:
        if decision.manual_review:
            assert one.candidate.kind is CandidateKind.MANUAL_REVIEW
            continue
        for _, constraint in found.binding:
            assert constraint.admits(one.candidate)
        used = list(one.candidate.replaced_crew.values())
        assert len(set(used)) == len(used)
        if one.candidate.off_block is not None:
            needed = lead_time(one.candidate, found.flight, SHORT.steps)
            assert one.candidate.off_block >= max(STD, found.now + needed)
            assert one.candidate.on_block == one.candidate.off_block + found.flight.block


def exhaustively(found, policy) -> list[Candidate]:
    """Every departure at every minute on every tail with every assignment of reserves."""
    tails = [TAIL, *(o.key for o in found.assessments[AgentName.MAINTENANCE].options)]
    options = found.assessments[AgentName.CREW_COMPLIANCE].options
    names = sorted({o.key for o in options})
    possible = []
    for chosen in product([None, *names], repeat=len(CREW)):
        named = [one for one in chosen if one is not None]
        if len(set(named)) == len(named):
            possible.append({c: r for c, r in zip(sorted(CREW), chosen, strict=True) if r is not None})
    ready = {(o.key, o.replaces): o for o in options}
    flown = []
    for tail, replaced in product(tails, possible):
        if any((reserve_, taken_off) not in ready for taken_off, reserve_ in replaced.items()):
            continue
        for late in range(int(policy.search.longest_delay / minutes(1)) + 1):
            off_block = STD + minutes(late)
            one = replace(
                found.operating(off_block),
                registration=tail,
                replaced_crew=replaced,
                kind=_kind(tail, replaced),
            )
            if off_block < found.now + lead_time(one, found.flight, policy.steps):
                continue
            covers = [ready[r, c] for c, r in replaced.items()]
            if any(not o.available_from <= off_block <= o.latest_off_block for o in covers):
                continue
            spare_ = next(
                (o for o in found.assessments[AgentName.MAINTENANCE].options if o.key == tail), None
            )
            if spare_ is not None and off_block < spare_.available_from:
                continue
            if is_feasible(check_constraints(found, one, policy)):
                flown.append(one)
    return flown


def _kind(tail, replaced) -> CandidateKind:
    if tail != TAIL:
        return CandidateKind.SWAP_AND_RESERVE if replaced else CandidateKind.TAIL_SWAP
    return CandidateKind.RESERVE_CREW if replaced else CandidateKind.DELAY


@settings(max_examples=40, deadline=None)
@given(situations())
def test_the_first_departure_found_is_the_first_there_is_to_the_minute(found) -> None:
    decision = decide(found, ScriptedEvaluator(reprotected=0), SHORT)
    every = exhaustively(found, SHORT)
    offered = [one.candidate.off_block for one in decision.solutions if one.candidate.off_block]
    assert bool(offered) == bool(every)
    if every:
        tried = [one.off_block for one in generate(found, SHORT).candidates]
        assert min(one.off_block for one in every) in tried


@settings(max_examples=40, deadline=None)
@given(situations())
def test_no_departure_of_the_planned_tail_and_crew_beats_the_recommended_one(found) -> None:
    def price(flown: Candidate):
        if flown.off_block is None:
            return impact(cancelled=True, needing_reprotection=9, reprotected=0)
        late = flown.off_block - STD
        return impact(
            passenger_delay=late, cost=cost(round(late / minutes(1)) * 100), affected_passengers=100
        )

    decision = decide(found, ScriptedEvaluator(price=price), SHORT)
    every = exhaustively(found, SHORT)
    if not every:
        assert decision.manual_review
        return
    unchanged = [one for one in every if not one.replaced_crew and one.registration == TAIL]
    reached = [
        score(check_constraints(found, one, SHORT), price(one), SHORT).composite.value for one in unchanged
    ]
    if reached:
        assert decision.solutions[0].scores.composite.value >= max(reached) - 0.01


def point(values: tuple[int, int, int, int], number: int) -> Scored:
    scores = [Score(value=v, low=v, high=v, inputs={}) for v in values]
    total = 0.4 * values[0] + 0.2 * sum(values[1:])
    made = Scores(
        safety=scores[0],
        cost=scores[1],
        passengers=scores[2],
        network=scores[3],
        composite=Score(value=total, low=total, high=total, inputs={}),
        policy_version="test",
    )
    flown = replace(situation().operating(STD + minutes(60 * number)))
    return Scored(candidate=flown, checks=(), impact=impact(cost=cost(100 - values[1])), scores=made)


points = st.lists(st.tuples(*[st.integers(0, 4)] * 4), min_size=1, max_size=9).map(
    lambda values: [point(value, number) for number, value in enumerate(values)]
)


@settings(max_examples=400, deadline=None)
@given(points)
def test_the_front_is_what_exhaustive_comparison_leaves(scored) -> None:
    front = pareto_front(scored)
    for one in scored:
        beaten = any(
            all(a >= b for a, b in zip(other.objectives, one.objectives, strict=True))
            and any(a > b for a, b in zip(other.objectives, one.objectives, strict=True))
            for other in scored
        )
        assert (one in front) != beaten
    assert front


@settings(max_examples=300, deadline=None)
@given(points)
def test_the_first_ranked_of_the_front_has_the_best_composite_of_all(scored) -> None:
    best = ranked(pareto_front(scored))[0]
    assert best.scores.composite.value == max(one.scores.composite.value for one in scored)


@settings(max_examples=200, deadline=None)
@given(points)
def test_ranking_does_not_depend_on_the_order_in_which_candidates_came(scored) -> None:
    orders = list(permutations(scored[:4]))
    assert all(ranked(order) == ranked(orders[0]) for order in orders)


@given(points)
def test_what_is_offered_is_distinct_and_not_dominated(scored) -> None:
    offered = distinct(ranked(pareto_front(scored)), DEFAULT_POLICY.search)
    assert 1 <= len(offered) <= 3
    assert not any(dominates(one, other) for one in scored for other in offered)


@given(st.sampled_from([n for n in AgentName if n.is_safety]), situations())
def test_an_unknown_that_a_safety_agent_binds_to_nothing_lets_no_flight_go(agent, found) -> None:
    unknown = replace(found.assessments[agent], verdict=Verdict.UNKNOWN)
    lacking = replace(found, assessments={**found.assessments, agent: unknown})
    decision = decide(lacking, ScriptedEvaluator(), SHORT)
    assert not any(one.candidate.operates for one in decision.solutions)
    assert decide(lacking, ScriptedEvaluator(reprotected=0), SHORT).manual_review


def test_a_closed_day_with_nowhere_to_rebook_ends_in_review() -> None:
    shut = forbidden(STD - timedelta(days=1), STD + timedelta(days=3))
    assert shut.windows == (Window(start=STD - timedelta(days=1), end=STD + timedelta(days=3)),)
    found = situation(assessment(AgentName.REGULATORY, constraints=(shut,)))
    decision = decide(found, ScriptedEvaluator(reprotected=0), DEFAULT_POLICY)
    assert decision.manual_review
    assert all(c.outcome is not CheckOutcome.KEPT for r in decision.rejected for c in r.broken)
    assert flight().flight_number in decision.final_decision
