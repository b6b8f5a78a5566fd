"""Shared seats are given out at the least total cost, as exhaustive search confirms."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skymarshal.recovery.assignment import Choice, Group, assign


def total(groups: list[Group], counts: list[list[int]]) -> float:
    cost = 0.0
    for group, taken in zip(groups, counts, strict=True):
        cost += sum(choice.cost * n for choice, n in zip(group.choices, taken, strict=True))
        cost += group.without * (group.size - sum(taken))
    return cost


def least(groups: list[Group], room: dict[str, int]) -> float:
    """Every way to place every person, one by one."""
    people = [group for group in groups for _ in range(group.size)]
    best = None
    for chosen in product(*[range(-1, len(group.choices)) for group in people]):
        used = Counter(
            thing
            for group, at in zip(people, chosen, strict=True)
            if at >= 0
            for thing in group.choices[at].uses
        )
        if any(count > room.get(thing, 0) for thing, count in used.items()):
            continue
        cost = sum(
            group.without if at < 0 else group.choices[at].cost
            for group, at in zip(people, chosen, strict=True)
        )
        best = cost if best is None else min(best, cost)
    return best


choices = st.builds(
    Choice,
    uses=st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(tuple),
    cost=st.integers(0, 50).map(float),
)
groups = st.lists(
    st.builds(
        Group,
        size=st.integers(1, 2),
        choices=st.lists(choices, max_size=4).map(tuple),
        without=st.integers(0, 60).map(float),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(groups, st.dictionaries(st.sampled_from("abc"), st.integers(0, 6)))
def test_the_cost_is_the_least_of_all_assignments(found, room) -> None:
    counts = assign(found, room)
    used: Counter[str] = Counter()
    for group, taken in zip(found, counts, strict=True):
        assert all(n >= 0 for n in taken)
        assert sum(taken) <= group.size
        for choice, n in zip(group.choices, taken, strict=True):
            used.update(dict.fromkeys(choice.uses, n))
    assert all(count <= room.get(thing, 0) for thing, count in used.items())
    assert total(found, counts) == pytest.approx(least(found, room))


def test_one_seat_goes_to_the_one_who_has_no_other_way() -> None:
    """In order of priority the first would take it and the second stay behind."""
    either = Group(
        size=1, choices=(Choice(uses=("early",), cost=10), Choice(uses=("late",), cost=12)), without=500
    )
    only = Group(size=1, choices=(Choice(uses=("early",), cost=10),), without=500)
    assert assign([either, only], {"early": 1, "late": 1}) == [[0, 1], [1]]


def test_where_nobody_has_a_choice_nobody_travels() -> None:
    assert assign([Group(size=3, choices=(), without=9)], {}) == [[]]
