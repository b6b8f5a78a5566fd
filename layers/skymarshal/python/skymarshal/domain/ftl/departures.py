"""The whole check of a crew against candidate departures.

Everything that does not depend on the departure is worked out once for each crew member; after that each
departure is a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from skymarshal.domain.ftl.articles import FtlTopic
from skymarshal.domain.ftl.cumulative import WindowTotal, is_duty_window
from skymarshal.domain.ftl.delayed_reporting import (
    LONG_DELAY,
    REST_DELAY,
    counts_from_after_second,
    delayed_max_fdp_duration,
    fdp_starts_after,
)
from skymarshal.domain.ftl.duty import (
    CrewDuty,
    FdpLimits,
    cumulative_check,
    fdp_limits,
    rest_after,
    validate_duty,
)
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.ftl.roster_breaches import Breach, roster_breaches
from skymarshal.domain.times import ZERO, format_duration, require_aware

__all__ = ["DepartureCheck", "check_crew", "check_departure"]


@dataclass(frozen=True, slots=True)
class DepartureCheck:
    """One crew member against one off-block time.

    Attributes:
        crew_id: Crew member.
        off_block: Candidate off-block.
        legal: Without discretion; None if a needed fact is unknown.
        legal_with_extension: With a planned extension, where one may be planned.
        legal_with_discretion: If the commander used discretion, which is open only once the crew has
            reported. Never to be planned on.
        report: When the crew member would report.
        fdp: FDP that results.
        max_fdp: Maximum that applies, without extension or discretion.
        max_fdp_extended: With a planned extension; None where none is allowed.
        breaches: What is broken, in words, without extension or discretion.
        topics: The provision behind each of `breaches`.
    """

    crew_id: str
    off_block: datetime
    legal: bool | None
    legal_with_extension: bool | None
    legal_with_discretion: bool | None
    report: datetime
    fdp: timedelta
    max_fdp: timedelta
    max_fdp_extended: timedelta | None
    breaches: tuple[str, ...] = field(default=())
    topics: tuple[FtlTopic, ...] = field(default=())

    @property
    def margin(self) -> timedelta:
        """Return what is left of the FDP; negative if exceeded."""
        return self.max_fdp - self.fdp


def check_departure(
    duty: CrewDuty, off_block: datetime, *, frm: bool = False, profile: FtlProfile = EASA
) -> DepartureCheck:
    """Return whether the crew member may fly with a new off-block time.

    A crew member who has not reported is told in time and reports later by the same delay, under the rule of
    delayed reporting; for one who has, the FDP runs from the report. One who was told of a delay before is
    notified a second time.

    Raises:
        NaiveDatetimeError: If a time has no offset.
        NegativeDurationError: If the FDP ends before it starts, or a duration is negative.
        OutOfRangeError: If the profile has no limit for the number of sectors.
        UnknownTimeZoneError: If a zone is not an IANA zone.
    """
    return check_crew((duty,), (off_block,), frm=frm, profile=profile)[0]


def check_crew(
    duties: Sequence[CrewDuty],
    off_blocks: Sequence[datetime],
    *,
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> list[DepartureCheck]:
    """Return the check of every crew member against every off-block, ordered by crew member, then off-block.

    Raises: as `check_departure`.
    """
    candidates = [require_aware("off_block", off_block) for off_block in off_blocks]
    checks: list[DepartureCheck] = []
    for duty in duties:
        validate_duty(duty)
        checks.extend(_check_all(duty, candidates, frm, profile))
    return checks


def _check_all(
    duty: CrewDuty,
    off_blocks: Sequence[datetime],
    frm: bool,
    profile: FtlProfile,
) -> list[DepartureCheck]:
    original = fdp_limits(duty, duty.report, frm, profile)
    cumulative = cumulative_check(duty, profile)
    duty_margin = min(
        (window.margin for window in cumulative.windows if is_duty_window(window.window)),
        default=timedelta.max,
    )
    flight_breaches: list[Breach] = [
        ("cumulative_flight", _exceeds(window))
        for window in cumulative.windows
        if not is_duty_window(window.window) and window.margin < ZERO
    ]
    after_off_block = duty.end_of_fdp - duty.off_block
    planned_fdp = duty.end_of_fdp - duty.report
    checks = []
    for off_block in off_blocks:
        told = ZERO if duty.delayed_report is None else duty.delayed_report - duty.report
        delay = told if duty.reported else max(off_block - duty.off_block, ZERO)
        report = duty.report + delay
        limits = original
        if delay >= LONG_DELAY:
            limits = _more_limiting(original, fdp_limits(duty, report, frm, profile), delay, told)
        at_rest = delay >= REST_DELAY and told in (ZERO, delay)
        counts_from = duty.report + fdp_starts_after(delay, rest=at_rest, profile=profile)
        if told > ZERO and delay != told and duty.notified_at is not None:
            again = counts_from_after_second(told, delay, duty.notified_at - duty.report)
            counts_from = min(counts_from, duty.report + again)
        fdp = off_block + after_off_block - counts_from
        too_long: list[Breach] = []
        if fdp > limits.plannable and not duty.positions:
            words = f"FDP {format_duration(fdp)} exceeds {format_duration(limits.plannable)}"
            too_long.append(("max_fdp", words))
        others = list(flight_breaches)
        grown = fdp - planned_fdp
        if grown > duty_margin:
            words = f"duty exceeds a cumulative limit by {format_duration(grown - duty_margin)}"
            others.append(("cumulative_duty", words))
        if duty.free_from is not None and report < duty.free_from:
            others.append(("rest_home", f"report before rest ends at {duty.free_from:%Y-%m-%dT%H:%MZ}"))
        released = off_block + after_off_block + duty.post_flight
        if duty.next_report is not None:
            rest = rest_after(duty, fdp, profile)
            if released + rest > duty.next_report:
                words = f"rest before the next duty falls below {format_duration(rest)}"
                others.append(("rest_home", words))
        others += roster_breaches(duty, report, released, augmented=limits.kind == "in_flight_rest")
        known = not cumulative.unknowns and duty.free_from is not None
        checks.append(
            DepartureCheck(
                crew_id=duty.crew_id,
                off_block=off_block,
                legal=_verdict(not too_long and not others, known),
                legal_with_extension=_verdict(
                    not others and (not too_long or (limits.extended is not None and fdp <= limits.extended)),
                    known,
                ),
                legal_with_discretion=_verdict(
                    not others
                    and (not too_long or fdp <= (limits.discretion if duty.reported else limits.plannable)),
                    known,
                ),
                report=report,
                fdp=fdp,
                max_fdp=limits.plannable,
                max_fdp_extended=limits.extended,
                breaches=tuple(words for _, words in (*too_long, *others)),
                topics=tuple(topic for topic, _ in (*too_long, *others)),
            )
        )
    return checks


def _verdict(holds: bool, known: bool) -> bool | None:
    """Return False for a breach whatever else is unknown, None if nothing is broken and a fact is missing."""
    if not holds:
        return False
    return True if known else None


def _exceeds(window: WindowTotal) -> str:
    return f"{window.window} {format_duration(window.total)} exceeds {format_duration(window.limit)}"


def _more_limiting(original: FdpLimits, later: FdpLimits, delay: timedelta, told: timedelta) -> FdpLimits:
    _, basis = delayed_max_fdp_duration(
        delay,
        delay >= REST_DELAY and told in (ZERO, delay),
        lambda delayed: later.plannable if delayed else original.plannable,
    )
    return original if basis == "original" else later
