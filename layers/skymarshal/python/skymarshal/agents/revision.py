"""How an agent's second answer differs from its first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from skymarshal.agents.case import Findings
from skymarshal.domain.assessment import (
    Assessment,
    AssessmentStatus,
    Change,
    Constraint,
    ConstraintKind,
    Figure,
    Option,
    Revision,
    SubjectKind,
    TakenOver,
    Verdict,
    Window,
)
from skymarshal.domain.wording import counted

__all__ = ["revise"]

_SEVERITY: Final = (Verdict.CLEAR, Verdict.CONSTRAINED, Verdict.BLOCKED, Verdict.UNKNOWN)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

_LimitKey = tuple[ConstraintKind, SubjectKind, str, bool]
_Difference = tuple[Change, str]


def revise(before: Assessment | None, after: Findings, taken_over: tuple[TakenOver, ...] = ()) -> Revision:
    """Return how `after` changed the answer of `before`, found by comparing what they compute.

    WITHDRAWN: the first answer no longer stands, because it failed or because a fact that it rested on
    turned out to be unknown. TIGHTENED: some limit, option or impact is worse, even if others are
    better. RELAXED: some are better and none is worse. Limits and the verdict decide before options,
    and options before figures; for a figure more is worse.
    """
    if before is None or before.status is AssessmentStatus.FAILED:
        reason = "There is no initial answer to compare with; this one stands in its place."
        return Revision(change=Change.WITHDRAWN, reason=reason, taken_over=taken_over)
    if after.verdict is Verdict.UNKNOWN and before.verdict is not Verdict.UNKNOWN:
        missing = ", ".join(f"{u.table} {u.key}" for u in after.unknowns) or "a needed fact"
        reason = f"The initial answer ({before.verdict}) no longer stands: {missing} is unknown."
        return Revision(change=Change.WITHDRAWN, reason=reason, taken_over=taken_over)
    limits = [
        *_verdict_difference(before.verdict, after.verdict),
        *_limit_differences(before.constraints, after.constraints),
    ]
    for differences in (
        limits,
        _option_differences(before.options, after.options),
        _figure_differences(before.figures, after.figures),
    ):
        if differences:
            tightened = any(change is Change.TIGHTENED for change, _ in differences)
            change = Change.TIGHTENED if tightened else Change.RELAXED
            ordered = sorted(differences, key=lambda item: item[0] is not change)
            reason = "; ".join(text for _, text in ordered[:4])
            more = f"; and {len(ordered) - 4} more" if len(ordered) > 4 else ""
            return Revision(change=change, reason=f"{reason}{more}.", taken_over=taken_over)
    reason = "What the others found changes nothing here."
    return Revision(change=Change.UNCHANGED, reason=reason, taken_over=taken_over)


def _verdict_difference(before: Verdict, after: Verdict) -> list[_Difference]:
    if before is after:
        return []
    worse = _SEVERITY.index(after) > _SEVERITY.index(before)
    return [(Change.TIGHTENED if worse else Change.RELAXED, f"verdict {before} became {after}")]


def _limit_differences(before: Iterable[Constraint], after: Iterable[Constraint]) -> list[_Difference]:
    old, new = _by_limit(before), _by_limit(after)
    differences: list[_Difference] = []
    for key in dict.fromkeys([*old, *new]):
        kind, _, subject, _ = key
        name = f"{kind} of {subject}"
        if key not in new:
            differences.append((Change.RELAXED, f"{name} no longer applies"))
        elif key not in old:
            differences.append((Change.TIGHTENED, f"{name} is new"))
        elif kind is ConstraintKind.LATEST_OFF_BLOCK:
            a, b = min(_instants(old[key])), min(_instants(new[key]))
            differences += _moved(name, a, b, tighter=b < a)
        elif kind is ConstraintKind.EARLIEST_DEPARTURE:
            a, b = max(_instants(old[key])), max(_instants(new[key]))
            differences += _moved(name, a, b, tighter=b > a)
        else:
            was, now = _windows(old[key]), _windows(new[key])
            if now - was:
                differences.append((Change.TIGHTENED, f"{name} has {counted(len(now - was), 'more window')}"))
            elif was - now:
                differences.append((Change.RELAXED, f"{name} has {counted(len(was - now), 'window')} fewer"))
    return differences


def _moved(name: str, before: datetime, after: datetime, *, tighter: bool) -> list[_Difference]:
    if before == after:
        return []
    change = Change.TIGHTENED if tighter else Change.RELAXED
    return [(change, f"{name} moved from {before:%Y-%m-%d %H:%MZ} to {after:%Y-%m-%d %H:%MZ}")]


def _by_limit(constraints: Iterable[Constraint]) -> dict[_LimitKey, list[Constraint]]:
    grouped: dict[_LimitKey, list[Constraint]] = {}
    for one in constraints:
        grouped.setdefault((one.kind, one.subject.kind, one.subject.key, one.binding), []).append(one)
    return grouped


def _instants(constraints: Iterable[Constraint]) -> list[datetime]:
    return [one.at for one in constraints if one.at is not None] or [_NEVER]


def _windows(constraints: Iterable[Constraint]) -> set[Window]:
    return {window for one in constraints for window in one.windows}


def _option_differences(before: Iterable[Option], after: Iterable[Option]) -> list[_Difference]:
    old = {(o.kind, o.key, o.replaces): o for o in before if o.usable}
    new = {(o.kind, o.key, o.replaces): o for o in after if o.usable}
    lost = [
        (Change.TIGHTENED, f"{key[1]} can no longer stand in for {key[2]}") for key in old if key not in new
    ]
    gained = [(Change.RELAXED, f"{key[1]} can stand in for {key[2]}") for key in new if key not in old]
    moved: list[_Difference] = []
    for key in old.keys() & new.keys():
        a, b = old[key].latest_off_block or _NEVER, new[key].latest_off_block or _NEVER
        moved += _moved(f"latest off-block with {key[1]}", a, b, tighter=b < a)
    return [*lost, *gained, *sorted(moved)]


def _figure_differences(before: Iterable[Figure], after: Iterable[Figure]) -> list[_Difference]:
    old, new = {f.name: f for f in before}, {f.name: f for f in after}
    differences: list[_Difference] = []
    for name, figure in new.items():
        was = old[name].likely if name in old else None
        if was == figure.likely:
            continue
        if figure.likely is None:
            differences.append((Change.TIGHTENED, f"{name} is no longer known"))
        elif was is None:
            differences.append((Change.RELAXED, f"{name} is now known"))
        else:
            change = Change.TIGHTENED if figure.likely > was else Change.RELAXED
            differences.append((change, f"{name} went from {was} to {figure.likely} {figure.unit}"))
    return differences
