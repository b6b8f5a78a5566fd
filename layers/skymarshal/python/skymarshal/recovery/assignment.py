"""Assigning people to shared seats at the least total cost, as a linear programme in whole numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
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
    than there is room for it. What `room` does not name has none. It is solved without asking for whole
    numbers first, since for seats the answer mostly is one.

    Raises:
        RuntimeError: The solver found no optimum, which cannot be: leaving everyone out is a solution.
    """
    columns = [
        (place, choice)
        for place, group in enumerate(groups)
        for choice in group.choices
        if all(room.get(thing, 0) > 0 for thing in choice.uses)
    ]
    if not columns:
        return [[0] * len(group.choices) for group in groups]
    things = list(dict.fromkeys(thing for _, choice in columns for thing in choice.uses))
    rows = {thing: len(groups) + number for number, thing in enumerate(things)}
    taken = _solve(groups, columns, rows, room)
    counts = {(place, id(choice)): count for (place, choice), count in zip(columns, taken, strict=True)}
    return [
        [counts.get((place, id(choice)), 0) for choice in group.choices] for place, group in enumerate(groups)
    ]


def _solve(
    groups: Sequence[Group],
    columns: Sequence[tuple[int, Choice]],
    rows: Mapping[Hashable, int],
    room: Mapping[Hashable, int],
) -> list[int]:
    import highspy  # loaded with numpy only where seats are assigned
    import numpy as np

    starts, indices = [0], []
    for place, choice in columns:
        indices += [place, *(rows[thing] for thing in choice.uses)]
        starts.append(len(indices))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(columns), len(groups) + len(rows)
    model.col_cost_ = np.array([choice.cost - groups[place].without for place, choice in columns])
    model.col_lower_ = np.zeros(len(columns))
    model.col_upper_ = np.array([float(groups[place].size) for place, _ in columns])
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
