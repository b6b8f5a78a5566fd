"""Assigning people to shared seats at the least total cost, as a linear programme in whole numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

__all__ = ["Choice", "Group", "assign"]

_WHOLE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way for a person of a group, the shared things that it uses one of each, and what it costs."""

    uses: tuple[Hashable, ...]
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who have the same choices at the same costs. `without` is what leaving one out costs."""

    size: int
    choices: tuple[Choice, ...]
    without: float


def assign(groups: Sequence[Group], room: Mapping[Hashable, int]) -> list[list[int]]:
    """Return for each group how many of its people take each of its choices.

    The total cost, with those left out, is the least that there is, and nothing shared is used more often
    than there is room for it. What `room` does not name has none. Choices that no best answer needs are left
    out first. It is solved without asking for whole numbers at first, since for seats the answer mostly is
    one.

    Raises:
        RuntimeError: The solver found no optimum, which cannot be: leaving everyone out is a solution.
    """
    columns = _needed(groups, room)
    counts = [[0] * len(group.choices) for group in groups]
    if not columns:
        return counts
    things = list(dict.fromkeys(thing for column in columns for thing in column.uses))
    rows = {thing: len(groups) + number for number, thing in enumerate(things)}
    for column, taken in zip(columns, _solve(groups, columns, rows, room), strict=True):
        counts[column.group][column.choice] += taken
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A choice of a group by its place; `uses` are only the things that may run short."""

    group: int
    choice: int
    uses: tuple[Hashable, ...]
    saves: float


def _needed(groups: Sequence[Group], room: Mapping[Hashable, int]) -> list[_Column]:
    """Return the choices among which a best answer is.

    A choice is not needed if it has no room, if it saves nothing, or if one that costs no more uses nothing
    short besides what it uses itself.
    """
    short = _short(groups, room)
    columns: list[_Column] = []
    for place, group in enumerate(groups):
        kept: set[frozenset[Hashable]] = set()
        for number in sorted(range(len(group.choices)), key=lambda number: group.choices[number].cost):
            choice = group.choices[number]
            if choice.cost >= group.without:
                break
            if any(room.get(thing, 0) <= 0 for thing in choice.uses):
                continue
            uses = tuple(thing for thing in choice.uses if thing in short)
            if any(
                frozenset(some) in kept for size in range(len(uses) + 1) for some in combinations(uses, size)
            ):
                continue
            kept.add(frozenset(uses))
            columns.append(_Column(group=place, choice=number, uses=uses, saves=group.without - choice.cost))
    return columns


def _short(groups: Sequence[Group], room: Mapping[Hashable, int]) -> set[Hashable]:
    """Return what there is less of than people who could use it."""
    wanted: Counter[Hashable] = Counter()
    for group in groups:
        for thing in {thing for choice in group.choices for thing in choice.uses}:
            wanted[thing] += group.size
    return {thing for thing, people in wanted.items() if room.get(thing, 0) < people}


def _solve(
    groups: Sequence[Group],
    columns: Sequence[_Column],
    rows: Mapping[Hashable, int],
    room: Mapping[Hashable, int],
) -> list[int]:
    import highspy  # loaded with numpy only where seats are assigned
    import numpy as np

    starts, indices = [0], []
    for column in columns:
        indices += [column.group, *(rows[thing] for thing in column.uses)]
        starts.append(len(indices))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(groups) + len(rows)
    model.col_cost_ = np.array([-column.saves for column in columns])
    model.col_lower_ = np.zeros(len(columns))
    model.col_upper_ = np.array([float(groups[column.group].size) for column in columns])
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = np.array(
        [float(group.size) for group in groups] + [float(room[thing]) for thing in rows]
    )
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.array(starts)
    model.a_matrix_.index_ = np.array(indices)
    model.a_matrix_.value_ = np.ones(len(indices))
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model)
    solver.run()
    values = np.array(solver.getSolution().col_value)
    if np.abs(values - values.round()).max() > _WHOLE:
        columns_at = np.arange(len(columns), dtype=np.int32)
        whole = np.full(len(columns), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        solver.changeColsIntegrality(len(columns), columns_at, whole)
        solver.run()
        values = np.array(solver.getSolution().col_value)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"assignment: the solver ended with {solver.getModelStatus()}")
    return [int(value) for value in values.round()]
