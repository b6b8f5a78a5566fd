"""Extended operations: how far from an adequate aerodrome a twin may fly, and what takes that away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.times import HOUR, ZERO, format_duration, require_non_negative

__all__ = ["ETOPS_ARTICLE", "NON_ETOPS_LIMIT", "EtopsCheck", "check_etops"]

ETOPS_ARTICLE: Final = Article(
    regulation="Regulation (EU) 965/2012",
    article="CAT.OP.MPA.140, SPA.ETOPS",
    subject="Distance from an adequate aerodrome for twins",
    status="unverified",
    source="from memory, text not read",
)
NON_ETOPS_LIMIT: Final = HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class EtopsCheck(RuleResult):
    """Whether a tail may fly a route; None if the diversion time or a needed approval is unknown."""

    allowed: bool | None
    margin: timedelta | None


def check_etops(
    *,
    engines: int,
    approved: timedelta | None,
    removed_by_mel: bool,
    diversion_time: timedelta | None,
) -> EtopsCheck:
    """Return whether the route stays within the approved diversion time.

    Whether a twin without an approval on record has one is unknown where the route needs it.

    Args:
        engines: Engines of the type; more than two are not limited by this rule.
        approved: Approved diversion time of the tail; None if none is on record.
        removed_by_mel: Whether an open MEL item takes the approval away.
        diversion_time: Longest one-engine-out flight time to an adequate aerodrome along the route; None
            if unknown.

    Raises:
        NegativeDurationError: If a duration is negative.
        OutOfRangeError: If there is no engine.
    """
    if engines < 1:
        raise OutOfRangeError("engines", engines, "1 or more")
    limit = NON_ETOPS_LIMIT
    if approved is not None and not removed_by_mel:
        limit = max(limit, require_non_negative("approved", approved))
    margin: timedelta | None = None
    allowed: bool | None = None
    missing: tuple[str, ...] = ()
    if engines > 2:
        allowed = True
        text = f"{engines} engines: not limited"
    elif diversion_time is None:
        missing = ("diversion_time",)
        text = "the diversion time of the route is unknown"
    elif approved is None and not removed_by_mel and diversion_time > NON_ETOPS_LIMIT:
        missing = ("approved",)
        text = f"diversion {format_duration(diversion_time)} and no approval on record"
    else:
        margin = limit - require_non_negative("diversion_time", diversion_time)
        allowed = margin >= ZERO
        text = f"diversion {format_duration(diversion_time)} of {format_duration(limit)}"
    return EtopsCheck(
        allowed=allowed,
        margin=margin,
        articles=(ETOPS_ARTICLE,),
        inputs={
            "engines": engines,
            "approved": approved,
            "removed_by_mel": removed_by_mel,
            "diversion_time": diversion_time,
        },
        working=(text + (", approval removed by an open MEL item" if removed_by_mel else ""),),
        unknowns=missing,
    )
