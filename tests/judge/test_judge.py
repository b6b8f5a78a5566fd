"""No offer on a perturbed airline is illegal, and none takes what is unknown for permission."""

from __future__ import annotations

from random import Random

import pytest

from skymarshal.domain.candidate import CandidateKind
from skymarshal.operations import InMemoryTables
from tests.judge.airlines import CHANGES, perturbed
from tests.judge.offers import offer_faults
from tests.judge.session import judged
from tests.unit.recovery.sample import SAFETY, arbitrated, random_disruption

PARTS = range(20)
"""A hundred disruptions; `make soak` tries a thousand."""

NOT_JUDGED = {
    "no etops on record": "`mel takes etops` is held to the same distance",
    "one runway": "the notices of `closed` are what it adds",
    "rows missing": "`tables silent` is the same for all rows of a table",
    "separate tickets": "the judge reads no journeys",
}
MOST_TRIED = 60


@pytest.mark.parametrize("part", PARTS)
def test_nothing_illegal_is_offered_and_nothing_unknown_is_permission(part) -> None:
    verdicts = judged(part)

    assert verdicts.disruptions == 5
    assert verdicts.faults == []


@pytest.mark.parametrize("change", sorted(CHANGES.keys() - NOT_JUDGED.keys()))
def test_the_judge_notices_an_arbitration_that_does_not_look(change) -> None:
    """The arbitration is shown the airline without the change: it offers as if it never asked."""
    random = Random(f"blind-{change}")
    for number in range(MOST_TRIED):
        if number % 10 == 0:
            before, airline, _ = perturbed(random, [change])
            tables = InMemoryTables(before)
        disruption = random_disruption(before, random, number)
        _, found = arbitrated(disruption, tables, SAFETY)
        offered = [one.candidate for one in found.solutions]
        if any(
            offer_faults(airline, disruption, one)
            for one in offered
            if one.kind is not CandidateKind.MANUAL_REVIEW
        ):
            return
    pytest.fail(f"{MOST_TRIED} disruptions judged, and nobody missed {change!r}")
