"""Asking first: an exemption that would open a better departure is asked for before anything else."""

from __future__ import annotations

from dataclasses import replace

from skymarshal.domain.arbitration import Arbitration
from skymarshal.domain.assessment import AgentName, ConstraintKind, Window
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from skymarshal.operations.records import AirportCurfew
from skymarshal.recovery.arbitrator import decide
from skymarshal.recovery.policy import DEFAULT_POLICY
from tests.unit.agents import business_rows, rows
from tests.unit.agents.rows import hours, z
from tests.unit.recovery.builders import (
    FLIGHT,
    ScriptedEvaluator,
    assessment,
    at,
    earliest,
    forbidden,
    latest,
    required,
    situation,
)
from tests.unit.recovery.sample import arbitrated

HESSE = "the aviation authority of Hesse"
REGULATORY = AgentName.REGULATORY
NOT_KNOWN = required(ConstraintKind.UNKNOWN_FACT, FLIGHT, windows=(Window(start=at(11), end=at(18)),))


def night(start, end, **changes):
    return forbidden(start, end, exemption_from=HESSE, **changes)


def decided(*constraints, **changes) -> Arbitration:
    made = (assessment(REGULATORY, constraints=constraints),)
    return decide(situation(*made), ScriptedEvaluator(**changes), DEFAULT_POLICY)


def test_asking_is_the_first_step_where_an_exemption_would_open_a_better_departure() -> None:
    found = decided(night(at(11), at(18)))
    best = found.solutions[0]
    first, decision = best.plan.steps[:2]
    assert best.candidate.off_block == at(18)
    assert first.action.startswith(f"Ask {HESSE} for an exemption, which would open: Operate EY283 on time")
    assert first.owner == "OCC duty manager"
    # 17:00Z is the last departure tried before 18:00Z, and a departure takes 50 minutes to prepare.
    assert "An answer helps until 2026-02-05 16:10Z." in first.action
    assert "granted" in first.success_criteria and "refusal" in first.success_criteria
    assert "rests on no exemption" in first.rollback
    assert decision.action.startswith("Approve the plan") and decision.after == ()
    assert best.recommendations[0] == first.action
    assert any("arbitrate again" in line and "granted" in line for line in best.plan.contingencies)
    assert found.final_decision.endswith(", unless an exemption is granted by 2026-02-05 16:10Z.")


def test_nothing_that_is_offered_rests_on_an_exemption() -> None:
    found = decided(night(at(11), at(18)))
    for one in found.solutions:
        off_block = one.candidate.off_block
        assert off_block is None or off_block >= at(18)
    shut = [one for one in found.rejected if one.candidate.off_block == at(12)]
    assert [check.exemption_from for one in shut for check in one.broken] == [HESSE]


def test_nobody_is_asked_where_the_best_option_is_better_or_nobody_grants_one() -> None:
    for constraints in (
        (forbidden(at(11), at(18)),),
        (night(at(13), at(18)),),
        # It cannot leave in the night for another reason.
        (night(at(11), at(18)), earliest(at(19), FLIGHT)),
        (night(at(11), at(18)), NOT_KNOWN),
    ):
        for one in decided(*constraints).solutions:
            assert not any(step.action.startswith("Ask ") for step in one.plan.steps)


def test_a_cancellation_is_approved_after_the_exemption_is_asked_for() -> None:
    found = decided(night(at(11), at(20)), latest(at(19)))
    best = found.solutions[0]
    assert best.candidate.operates is False
    assert best.plan.steps[0].action.startswith(f"Ask {HESSE}")
    assert best.plan.steps[1].action.startswith("Approve the cancellation")
    assert best.plan.steps[1].after == (1,)


def test_a_manual_review_asks_first_too() -> None:
    found = decided(night(at(11), at(20)), latest(at(19)), reprotected=0)
    assert found.manual_review
    (review,) = found.solutions
    assert review.plan.steps[0].action.startswith(f"Ask {HESSE}")
    assert review.plan.steps[1].action.startswith("Hold EY283")
    assert review.plan.steps[-1].after[0] == 1
    assert review.recommendations[0].startswith(f"Ask {HESSE}")


def test_both_ends_are_asked_where_both_keep_it_back() -> None:
    minister = night(at(11), at(18), text="The other end is shut.", at_destination=True)
    minister = replace(minister, exemption_from="the Minister's delegate")
    found = decided(night(at(11), at(18)), minister)
    actions = [step.action for step in found.solutions[0].plan.steps]
    assert actions[0].startswith("Ask the Minister's delegate") and actions[1].startswith(f"Ask {HESSE}")


# FRA through the agents and the tables: late at night, with the rule of its night.


def to_frankfurt() -> object:
    # Block 7 h with half an hour of taxi: EY283 at 14:00Z would land at 20:45Z, 21:45 local.
    return rows.flight(destination="FRA", std=z(14), sta=z(21), distance_km=4_800)


LATE_EVENING = replace(
    rows.curfew("FRA", "LATE", "22:30-05:00", "both", "dispensation"), exemption_from=HESSE
)


def reported(*exemptions: str) -> Disruption:
    details = DisruptionDetails(delay=hours(2), exemptions=exemptions)
    return rows.disruption(DisruptionType.ATC, reported_at=z(12), details=details)


def frankfurt(*exemptions: str, curfews: list[AirportCurfew] | None = None) -> Arbitration:
    flight = to_frankfurt()
    report = z(12, 45)
    tables = business_rows.tables(
        Flights=[rows.inbound(), flight],
        Bookings=business_rows.travellers(10, flight),
        AirportCurfews=[LATE_EVENING] if curfews is None else curfews,
        AirportSlots=[rows.no_slots("AUH", z(12))],
        Weather=[*rows.fair("AUH"), *rows.fair("FRA")],
        CrewRoster=rows.roster(report=report, debrief=z(21, 30)),
    )
    return arbitrated(reported(*exemptions), tables)[1]


def test_frankfurt_late_at_night_is_asked_for_and_opens_once_it_is_granted() -> None:
    """Two hours late it would land at 22:45Z, 23:45 local, in a night that opens by single exemption."""
    shut = frankfurt()
    assert all(
        one.candidate.off_block is None or one.candidate.off_block >= z(21, 15) for one in shut.solutions
    )
    first = shut.solutions[0].plan.steps[0]
    assert first.action.startswith(f"Ask {HESSE}")
    granted = frankfurt("FRA").solutions[0]
    assert granted.candidate.off_block == z(16)
    assert not any(step.action.startswith("Ask ") for step in granted.plan.steps)
