"""The arbitrator: from what the agents found to 1 to 3 ranked solutions, or a manual review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from skymarshal.calculators.malformed import unknown_row
from skymarshal.domain.arbitration import (
    Arbitration,
    CheckOutcome,
    Conflict,
    ConflictKind,
    ConstraintCheck,
    MissingFact,
    RejectedCandidate,
    Solution,
)
from skymarshal.domain.assessment import AgentName, Assessment, Unknown
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.cause import find_cause
from skymarshal.domain.disruption import Disruption
from skymarshal.domain.ftl import EASA, PROFILES, FtlProfile, profile_named
from skymarshal.domain.wording import agreeing, counted
from skymarshal.operations import Operations, OperationsError
from skymarshal.recovery.candidates import generate
from skymarshal.recovery.conflicts import find_conflicts, find_trade_offs
from skymarshal.recovery.evaluation import Evaluator
from skymarshal.recovery.exemptions import Exemption, Opened, needs_exemption_alone, worth_asking
from skymarshal.recovery.feasibility import check_constraints, is_feasible, unmet
from skymarshal.recovery.impact import Impact
from skymarshal.recovery.manual_review import manual_review
from skymarshal.recovery.missing import missing_facts, named
from skymarshal.recovery.pareto import Scored, distinct, fallbacks, pareto_front, ranked
from skymarshal.recovery.policy import DEFAULT_POLICY, ArbitrationPolicy
from skymarshal.recovery.rejections import first_of_each, infeasible, telling, unoffered
from skymarshal.recovery.scoring import score
from skymarshal.recovery.sensitivity import sensitivity
from skymarshal.recovery.situation import Situation, counted_assessments
from skymarshal.recovery.solutions import solution
from skymarshal.recovery.table_evaluation import TableEvaluator
from skymarshal.recovery.uncomputed import not_computed

__all__ = ["arbitrate", "decide"]

_LEFT_TO: Final[Mapping[str, str]] = {
    "departed": "Its commander decides where it lands; the alternates are listed with what is known of each.",
    "arrived": "What is left is its passengers, its load and the next flight of its tail.",
    "cancelled": "What is left is the passengers who still need another journey, and its load.",
}


def arbitrate(
    disruption: Disruption,
    assessments: Iterable[Assessment],
    operations: Operations,
    policy: ArbitrationPolicy = DEFAULT_POLICY,
    rule_profile: str | None = None,
) -> Arbitration:
    """Return the decision offered for a disruption.

    It is a pure function of its arguments and of the rows read: the only "now" is
    `disruption.reported_at`. A table that a safety rule needs and that does not answer leaves a manual
    review, which names it.

    Args:
        disruption: what broke the day.
        assessments: those of both phases, failed ones included; for each agent the revision counts,
            or the initial one where there is no revision.
        operations: the operational tables.
        policy: weights, bands, lead times and search limits.
        rule_profile: the flight time limitations in force; by default those that the crew were judged by.

    Raises:
        UnknownCodeError: There is no such rule profile.
    """
    found = counted_assessments(assessments)
    profile = rule_profile or _rule_profile(found.values())
    mixed = sorted({one.rule_profile for one in found.values()} - {profile})
    if rule_profile is not None and mixed:
        return manual_review(
            disruption,
            policy,
            why="The agents judged by other rules than those in force.",
            blockers=(f"Rule profile {profile} is in force; agents judged by {', '.join(mixed)}.",),
            rule_profile=profile,
            rule_profile_verified=_is_verified(profile),
        )
    try:
        return _arbitrated(disruption, found, operations, policy, profile_named(profile))
    except OperationsError as error:
        return manual_review(
            disruption,
            policy,
            why="A table that the safety rules need could not be read.",
            blockers=(str(error),),
            rule_profile=profile,
            rule_profile_verified=_is_verified(profile),
            unknowns=(unknown for one in found.values() for unknown in one.unknowns),
        )


def _arbitrated(
    disruption: Disruption,
    counted: Mapping[AgentName, Assessment],
    operations: Operations,
    policy: ArbitrationPolicy,
    rules: FtlProfile,
) -> Arbitration:
    flight = operations.flight(disruption.flight_id)
    if flight is None:
        why = f"The schedule does not hold {disruption.flight_id}."
        missing = Unknown(table="Flights", key=disruption.flight_id, field="flight_id", why=why)
        return manual_review(
            disruption,
            policy,
            why=why,
            blockers=(f"Flights {disruption.flight_id}: which flight is meant.",),
            rule_profile=rules.name,
            rule_profile_verified=_is_verified(rules.name),
            unknowns=(missing,),
        )
    crew = {row.crew_id: row.role for row in operations.crew_of_flight(disruption.flight_id)}
    situation = Situation(disruption=disruption, flight=flight, crew=crew, assessments=counted, profile=rules)
    if situation.silent_safety and flight.status == "scheduled":
        # Nothing is computed: what kept the agent from answering may keep the arbitrator from it as well.
        return _refused(situation, policy, "A safety agent did not answer, so no option may be offered.")
    evaluator = TableEvaluator(situation, operations, policy)
    lawful = replace(situation, law=evaluator.law, steps=evaluator.steps)
    decision = decide(lawful, evaluator, policy)
    lacking = [unknown_row(one) for one in sorted(operations.malformed.values(), key=str)]
    return replace(decision, unknowns=tuple(dict.fromkeys((*decision.unknowns, *lacking))))


def decide(situation: Situation, evaluator: Evaluator, policy: ArbitrationPolicy) -> Arbitration:
    """Return the decision for a situation, with `evaluator` computing each candidate."""
    profile = _rule_profile(situation.assessments.values(), situation.profile.name)
    conflicts = find_conflicts(situation)

    def review(why: str, blockers: Sequence[str], tried: _Search | None = None) -> Arbitration:
        return manual_review(
            situation.disruption,
            policy,
            why=why,
            blockers=blockers,
            rule_profile=profile,
            rule_profile_verified=_is_verified(profile),
            unknowns=situation.unknowns,
            rejected=evaluator.under_way()
            if tried is None
            else _fallen(tried.infeasible, policy.search.most_rejected),
            conflicts=conflicts,
            unverified_rules=_unverified(situation, () if tried is None else tried.checks),
            search_limits=() if tried is None else tried.left_out,
            missing=() if tried is None else tried.missing,
            exemption=None if tried is None else worth_asking(situation, tried.opened, None, policy),
            status=situation.flight.status,
        )

    if situation.flight.status != "scheduled":
        number, status = situation.flight.flight_number, situation.flight.status
        why = f"{number} is already {status}."
        return review(why, (f"{why} {_LEFT_TO[status]}", *not_computed(situation)))
    if situation.silent_safety:
        return _refused(situation, policy, "A safety agent did not answer, so no option may be offered.")
    search = _search(situation, evaluator, policy)
    if not search.feasible:
        facts = tuple(named(fact) for fact in search.missing)
        why = "No candidate keeps every binding constraint."
        if any(fact.answer_by is not None for fact in search.missing):
            why = "Every departure that breaks no limit needs a fact that is missing."
        return review(why, (*facts, *_blockers(search)), search)
    varied = _varied(situation, search, evaluator, policy)
    return _offer(situation, policy, _refined(situation, varied, evaluator, policy), conflicts, profile)


def _refused(situation: Situation, policy: ArbitrationPolicy, why: str) -> Arbitration:
    profile = _rule_profile(situation.assessments.values())
    return manual_review(
        situation.disruption,
        policy,
        why=why,
        blockers=situation.silent_safety,
        rule_profile=profile,
        rule_profile_verified=_is_verified(profile),
        unknowns=situation.unknowns,
        conflicts=find_conflicts(situation),
        unverified_rules=_unverified(situation, ()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    feasible: tuple[Scored, ...]
    infeasible: tuple[RejectedCandidate, ...]
    checks: tuple[ConstraintCheck, ...]
    left_out: tuple[str, ...]
    missing: tuple[MissingFact, ...] = ()
    opened: tuple[Opened, ...] = ()
    """What an exemption would open; none is offered."""


def _search(situation: Situation, evaluator: Evaluator, policy: ArbitrationPolicy) -> _Search:
    generated = generate(situation, policy)
    feasible: list[Scored] = []
    fallen: list[RejectedCandidate] = []
    tried: list[tuple[Candidate, tuple[ConstraintCheck, ...]]] = []
    made: list[ConstraintCheck] = []
    opened: list[Opened] = []
    for candidate in (*generated.candidates, *evaluator.diversions()):
        checks = check_constraints(situation, candidate, policy)
        if is_feasible(checks) or candidate.diversion is not None:
            checks += _not_yet_made(evaluator.checks(candidate), checks)
        made.extend(checks)
        if not is_feasible(checks):
            fallen.append(infeasible(situation, candidate, unmet(checks)))
            tried.append((candidate, checks))
            opened += _opened(situation, candidate, checks, evaluator, policy)
            continue
        impact = _as_far_as_known(situation, candidate, evaluator.impact(candidate))
        if impact.cancelled:
            check = _enough_reprotected(impact, policy)
            if check.outcome is not CheckOutcome.KEPT:
                fallen.append(infeasible(situation, candidate, (check,)))
                continue
            checks += (check,)
        feasible.append(
            Scored(candidate=candidate, checks=checks, impact=impact, scores=score(checks, impact, policy))
        )
    return _Search(
        feasible=tuple(feasible),
        infeasible=tuple(first_of_each(fallen)),
        checks=tuple(made),
        left_out=(*generated.left_out, *not_computed(situation)),
        missing=()
        if any(one.candidate.operates for one in feasible)
        else missing_facts(situation, evaluator, policy, tried),
        opened=tuple(opened),
    )


def _opened(
    situation: Situation,
    candidate: Candidate,
    checks: tuple[ConstraintCheck, ...],
    evaluator: Evaluator,
    policy: ArbitrationPolicy,
) -> list[Opened]:
    """Return a candidate as it would score with an exemption; none where something else is against it."""
    if not needs_exemption_alone(checks):
        return []
    checks += _not_yet_made(evaluator.checks(candidate), checks)
    if not needs_exemption_alone(checks):
        return []
    lifted = unmet(checks)
    kept = tuple(one for one in checks if one not in lifted)
    impact = _as_far_as_known(situation, candidate, evaluator.impact(candidate))
    scored = Scored(candidate=candidate, checks=kept, impact=impact, scores=score(kept, impact, policy))
    return [Opened(scored=scored, lifted=lifted)]


def _varied(
    situation: Situation, search: _Search, evaluator: Evaluator, policy: ArbitrationPolicy
) -> _Search:
    """Return the search with what else can be done for those who miss a connection on the best candidates."""
    flying = [one for one in ranked(pareto_front(search.feasible)) if one.candidate.operates]
    feasible = list(search.feasible)
    fallen = list(search.infeasible)
    made = list(search.checks)
    for one in flying[: policy.search.most_varied]:
        for candidate in evaluator.variants(one.candidate):
            checks = one.checks + _not_yet_made(evaluator.checks(candidate), one.checks)
            made.extend(checks[len(one.checks) :])
            if not is_feasible(checks):
                fallen.append(infeasible(situation, candidate, unmet(checks)))
                continue
            impact = _as_far_as_known(situation, candidate, evaluator.impact(candidate))
            scores = score(checks, impact, policy)
            feasible.append(Scored(candidate=candidate, checks=checks, impact=impact, scores=scores))
    return replace(
        search,
        feasible=tuple(feasible),
        infeasible=tuple(first_of_each(fallen)),
        checks=tuple(made),
    )


def _refined(
    situation: Situation, search: _Search, evaluator: Evaluator, policy: ArbitrationPolicy
) -> _Search:
    """Return the search with the seats of the best candidates' passengers given out at the least cost.

    Of the two ways to give them out the one with the better composite stays.
    """
    front = ranked(pareto_front(search.feasible))
    waiting = [one for one in front if one.impact.needing_reprotection][: policy.search.most_refined]
    better: dict[int, Scored] = {}
    for one in waiting:
        impact = evaluator.refined(one.candidate)
        if impact is None:
            continue
        impact = _as_far_as_known(situation, one.candidate, impact)
        other = replace(one, impact=impact, scores=score(one.checks, impact, policy))
        if ranked([one, other])[0] is other:
            better[id(one)] = other
    return replace(search, feasible=tuple(better.get(id(one), one) for one in search.feasible))


def _as_far_as_known(situation: Situation, candidate: Candidate, impact: Impact) -> Impact:
    """Return the impact without what depends on a landing that the weather may not allow."""
    if not any(one.at_destination for one in situation.alternates_for(candidate)):
        return impact
    return replace(impact, passenger_delay=None, missed_connections=None)


def _not_yet_made(
    computed: Iterable[ConstraintCheck], made: Sequence[ConstraintCheck]
) -> tuple[ConstraintCheck, ...]:
    """Return the checks that computing again adds or changes, without those that it confirms."""

    def told(check: ConstraintCheck) -> tuple[object, ...]:
        return check.agent, check.outcome, check.margin, check.limit, check.article

    known = {told(check) for check in made}
    return tuple(check for check in computed if told(check) not in known)


def _enough_reprotected(impact: Impact, policy: ArbitrationPolicy) -> ConstraintCheck:
    least, share = policy.search.least_reprotected, impact.reprotected_share
    if share is None:
        outcome, found = CheckOutcome.UNKNOWN, "how many have one is unknown"
    else:
        outcome = CheckOutcome.KEPT if share >= least else CheckOutcome.BROKEN
        found = f"{impact.reprotected} of {impact.needing_reprotection} have one"
    return ConstraintCheck(
        agent=AgentName.ARBITRATOR,
        text=f"A cancellation needs other journeys for at least {least:.0%} of the passengers; {found}.",
        outcome=outcome,
        value="unknown" if share is None else f"{share:.0%}",
        limit=f"{least:.0%}",
    )


def _offer(
    situation: Situation,
    policy: ArbitrationPolicy,
    search: _Search,
    conflicts: tuple[Conflict, ...],
    profile: str,
) -> Arbitration:
    front = ranked(pareto_front(search.feasible))
    offered = distinct(front, policy.search)
    exemption = worth_asking(situation, search.opened, offered[0], policy)
    solutions = tuple(
        solution(
            situation,
            one,
            f"S{place}",
            policy,
            fallbacks(one, search.feasible),
            search.missing,
            exemption,
        )
        for place, one in enumerate(offered, start=1)
    )
    best = solutions[0]
    conflicts = (*conflicts, *find_trade_offs(situation, search.feasible))
    others = unoffered(situation, search.feasible, offered, solutions, policy.search)
    told = [*first_of_each(others), *telling(search.infeasible, search.feasible)]
    fallen = _fallen(told, policy.search.most_rejected)
    more = len(others) + len(search.infeasible) - len(fallen)
    unlisted = [_unlisted(more)] if more else []
    unverified = _unverified(situation, [check for one in offered for check in one.checks])
    overrides = tuple(
        f"{conflict.description} {conflict.resolution}"
        for conflict in conflicts
        if conflict.kind is ConflictKind.SAFETY_BUSINESS
    )
    return Arbitration(
        disruption_id=situation.disruption.disruption_id,
        flight_id=situation.flight.flight_id,
        decided_at=situation.now,
        solutions=solutions,
        recommended=best.solution_id,
        rejected=fallen,
        conflicts=conflicts,
        manual_review=False,
        rule_profile=profile,
        rule_profile_verified=_is_verified(profile),
        policy_version=policy.version,
        final_decision=f"Recommended: {best.title}{_unless(search.missing, exemption)}.",
        recommendations=best.recommendations,
        conflicts_identified=tuple(conflict.description for conflict in conflicts),
        conflict_resolutions=tuple(conflict.resolution for conflict in conflicts),
        safety_overrides=overrides,
        justification=f"{_justification(solutions, search)} {find_cause(situation.disruption).text}",
        confidence=best.confidence,
        unknowns=tuple(
            dict.fromkeys((*situation.unknowns, *(u for one in offered for u in one.impact.unknowns)))
        ),
        unverified_rules=unverified,
        search_limits=(*search.left_out, *unlisted),
        sensitivity=sensitivity(
            [(made.solution_id, one) for made, one in zip(solutions, offered, strict=True)], policy
        ),
        missing=search.missing,
    )


def _unless(missing: Sequence[MissingFact], exemption: Exemption | None) -> str:
    """Return what could still let the flight go sooner or at all, instead of what is recommended."""
    last = max((one.answer_by for one in missing if one.answer_by is not None), default=None)
    found = [] if last is None else [f"what is missing is known by {last:%Y-%m-%d %H:%MZ}"]
    if exemption is not None:
        found.append(f"an exemption is granted by {exemption.until}")
    return f", unless {' or '.join(found)}" if found else ""


def _fallen(rejected: Sequence[RejectedCandidate], most: int) -> tuple[RejectedCandidate, ...]:
    """Return the first of the rejected; the diversions, few and told of nowhere else, are all among them."""
    diversions = [one for one in rejected if one.candidate.kind is CandidateKind.DIVERT]
    others = [one for one in rejected if one.candidate.kind is not CandidateKind.DIVERT]
    return (*others[: max(0, most - len(diversions))], *diversions)


def _blockers(search: _Search) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{one.title}: {one.reason}" for one in search.infeasible))


def _unverified(situation: Situation, checks: Iterable[ConstraintCheck]) -> tuple[str, ...]:
    used = [constraint.article for _, constraint in situation.binding if not constraint.verified]
    used += [check.article for check in checks if not check.verified]
    return tuple(sorted({article for article in used if article}))


def _rule_profile(assessments: Iterable[Assessment], default: str = EASA.name) -> str:
    profiles = {one.agent: one.rule_profile for one in assessments}
    return profiles.get(AgentName.CREW_COMPLIANCE, default)


def _is_verified(profile: str) -> bool:
    """Return whether a rule profile was read at its source; one that is not known was not."""
    known = PROFILES.get(profile)
    return known is not None and known.verified


def _justification(solutions: Sequence[Solution], search: _Search) -> str:
    best = solutions[0]
    sentences = [
        f"{best.title} keeps every binding constraint and has the best composite score",
    ]
    if best.scores is not None:
        sentences[0] += (
            f", {_span(best.scores.composite.value, best.scores.composite.low, best.scores.composite.high)}"
        )
    sentences[0] += "."
    sentences += [
        f"{other.solution_id}, {other.title}, scores "
        f"{_span(other.scores.composite.value, other.scores.composite.low, other.scores.composite.high)}."
        for other in solutions[1:]
        if other.scores is not None
    ]
    sentences.append(
        f"{counted(len(search.feasible), 'feasible candidate')} "
        f"{agreeing(len(search.feasible), 'was', 'were')} scored; "
        f"{counted(len(search.infeasible), 'kind of change', 'kinds of change')} fell by a constraint."
    )
    return " ".join(sentences)


def _unlisted(more: int) -> str:
    further = counted(more, "further candidate")
    return f"{further}, like those listed or later, {agreeing(more, 'is', 'are')} not listed."


def _span(value: float | None, low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}" if value is None else f"{value:.1f}"
