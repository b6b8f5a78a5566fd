"""Duties in a row that touch the night: a limit of CAP 371 and what follows it; EASA has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl.profiles import FtlProfile
from skymarshal.domain.times import ZERO, clock_overlap, local_time

__all__ = ["ConsecutiveNights", "consecutive_nights"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsecutiveNights(RuleResult):
    """How many duties in a row touch the night, the last one included.

    Attributes:
        run: How many; 0 if the last one touches no night.
        legal: Whether that many are allowed.
        most: How many are.
    """

    run: int
    legal: bool
    most: int


def consecutive_nights(
    duties: Sequence[tuple[datetime, datetime]], *, zone: str, profile: FtlProfile
) -> ConsecutiveNights:
    """Return how many duties up to the last one touch the hours of the night on consecutive days.

    Args:
        duties: Report and end of each, in order, the last one being planned.
        zone: IANA zone on whose clock the hours are read.
        profile: Authority whose limit applies.

    Raises:
        NotInProfileError: If the profile has no such limit.
        OutOfRangeError: If there is no duty, or one does not end after it starts, or before the next.
        NaiveDatetimeError: If a time has no offset.
        UnknownTimeZoneError: If `zone` is not an IANA zone.
    """
    article = profile.article("consecutive_nights")
    most = profile.consecutive_nights or 0
    if not duties:
        raise OutOfRangeError("duties", 0, "at least one duty")
    run, before = 0, None
    for number, (start, end) in enumerate(duties, start=1):
        begins, ends = local_time("start", start, zone), local_time("end", end, zone)
        if ends <= begins or (before is not None and begins < before):
            raise OutOfRangeError("duties", f"duty {number}", "duties in order, each ending after it starts")
        touches = clock_overlap(begins, ends, *profile.night_window) > ZERO
        follows = before is not None and (begins.date() - before.date()) <= timedelta(days=1)
        run = (run + 1 if follows else 1) if touches else 0
        before = ends
    return ConsecutiveNights(
        run=run,
        legal=run <= most,
        most=most,
        articles=(article,),
        inputs={"duties": len(duties), "zone": zone, "profile": profile.name},
        working=(
            f"{run} in a row touch {profile.night_window[0]:%H:%M} to {profile.night_window[1]:%H:%M} "
            f"in {zone}; at most {most}",
        ),
    )
