"""The fewest crew that a flight may leave with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.minimum_crew import minimum_cabin_crew, reduced_cabin_crew

SHORT = {
    "aboard": 7,
    "passengers": 340,
    "senior_aboard": True,
    "unforeseen_away_from_base": True,
    "procedure_minimum": 6,
}


@pytest.mark.parametrize(
    ("seats", "minimum"), [(19, 0), (20, 1), (50, 1), (51, 2), (290, 6), (371, 8), (400, 8), (401, 9)]
)
def test_one_for_every_fifty_seats_or_fraction_of_fifty(seats: int, minimum: int) -> None:
    """ORO.CC.100(a), (b)."""
    assert minimum_cabin_crew(seats_by_deck=(seats,)).minimum == minimum


def test_each_deck_counts_for_itself_and_the_certification_may_ask_for_more() -> None:
    assert minimum_cabin_crew(seats_by_deck=(420, 70)).minimum == 11
    assert minimum_cabin_crew(seats_by_deck=(371,), certified=9).minimum == 9
    assert minimum_cabin_crew(seats_by_deck=(371,), certified=4).minimum == 8


@given(st.integers(1, 499), st.integers(1, 499))
def test_two_decks_known_together_never_ask_for_fewer_than_any_way_to_share_them_out(
    upper: int, lower: int
) -> None:
    together = minimum_cabin_crew(seats_by_deck=(upper + lower,), decks=2).minimum
    assert together is not None
    assert together >= (minimum_cabin_crew(seats_by_deck=(upper, lower)).minimum or 0)


def test_unknown_seats_leave_the_minimum_unknown_unless_nobody_is_carried() -> None:
    for seats in (None, (), (0,)):
        found = minimum_cabin_crew(seats_by_deck=seats, assigned=12, senior_assigned=True)
        assert (found.minimum, found.sufficient, found.unknowns) == (None, None, ("seats",))
    assert minimum_cabin_crew(seats_by_deck=None, passengers=0).minimum == 0


def test_enough_are_assigned_only_with_a_senior_one() -> None:
    """ORO.CC.200(a)."""

    def enough(assigned: int, senior: bool | None, seats: int = 371) -> bool | None:
        return minimum_cabin_crew(
            seats_by_deck=(seats,), assigned=assigned, senior_assigned=senior
        ).sufficient

    assert (enough(8, True), enough(7, True), enough(11, False), enough(11, None)) == (
        True,
        False,
        False,
        None,
    )
    assert enough(1, False, seats=50) is True


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"passengers": 350}, True),
        ({"passengers": 351}, False),
        ({"senior_aboard": False}, False),
        ({"unforeseen_away_from_base": False}, False),
        ({"aboard": 5, "passengers": 100}, False),
        ({"procedure_minimum": None}, None),
        ({"procedure_minimum": None, "unforeseen_away_from_base": False}, False),
    ],
)
def test_below_the_minimum_only_unforeseen_away_from_base_by_procedure_and_with_fewer_passengers(
    change, allowed
) -> None:
    """ORO.CC.205(b)(2), (c)."""
    found = reduced_cabin_crew(**(SHORT | change))

    assert found.allowed is allowed
    assert found.report_required is (allowed is not False)
    assert not found.verified


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"seats_by_deck": (-1, 60)}, "seats_by_deck"),
        ({"seats_by_deck": (2_000,)}, "seats"),
        ({"seats_by_deck": (371,), "decks": 0}, "decks"),
        ({"seats_by_deck": (371,), "certified": -1}, "certified"),
    ],
)
def test_impossible_numbers_are_refused_by_name(asked, field) -> None:
    with pytest.raises(OutOfRangeError, match=field):
        minimum_cabin_crew(**asked)
