"""Until when each crew member of a flight may legally leave, and what limits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from skymarshal.calculators.crew_duties import NOTICE_BEFORE_REPORT, RosteredDuty, crew_duty
from skymarshal.calculators.crew_validity import CARRIED, FLIGHT_DECK, validity_limit
from skymarshal.calculators.evidence import instant_value
from skymarshal.domain.articles import Article
from skymarshal.domain.assessment import Evidence, Unknown
from skymarshal.domain.errors import OutOfRangeError
from skymarshal.domain.ftl import (
    EASA,
    CrewDuty,
    DepartureCheck,
    DutyLimits,
    FtlProfile,
    HistoryLimits,
    cabin_in_flight_rest,
    check_crew,
    consecutive_nights,
    duty_limits,
)
from skymarshal.domain.ftl.roster_breaches import roster_breaches
from skymarshal.domain.times import format_duration
from skymarshal.domain.wording import counted
from skymarshal.operations.records import Airport, CrewAssignment, CrewMember, Flight

__all__ = [
    "HORIZON",
    "CrewLegality",
    "crew_legality",
    "last_legal",
]


HORIZON: Final = timedelta(hours=24)
"""How long after the scheduled departure a crew is looked at; later is another day's roster."""


_CABIN_FDPS: Final = tuple(timedelta(hours=14, minutes=30 * step) for step in range(1, 9))
"""The lengths at which CS FTL.1.205(c)(3) asks for more rest, 14:30 to 18:00."""

_STEP: Final = timedelta(minutes=15)
_MINUTE: Final = timedelta(minutes=1)

FTL_CUMULATIVE: Final = "ORO.FTL.210"
CABIN_REST_ARTICLE: Final = "CS FTL.1.205(c)(3)"
_ROSTER_TOPICS: Final = ("recovery_rest", "night_duties", "disruptive_transition")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewLegality:
    """What is known of one crew member on one flight.

    Attributes:
        crew_id: the crew member.
        role: the role on this flight.
        duty: the duty that the rules were applied to; None if a needed row is missing.
        limits: what the duty allows with its report as planned.
        earliest_off_block: the first that leaves the rest before the duty; None if the planned one does.
        latest_off_block: the last off-block that is legal without extension or discretion; None if none
            is, or if it cannot be told. Never more than `HORIZON` after the schedule.
        latest_with_extension: the last with a planned extension, where one may still be planned.
        latest_with_discretion: the last with the commander's discretion. Never to be planned on.
        latest_before_next_duty: the last that leaves the rest before the next duty; later, the next duty has
            to be given to someone else.
        bounded: whether `latest_off_block` is a limit at all rather than the end of the horizon.
        driver: what sets `latest_off_block`, in words.
        article: the provision behind `driver`, or behind `out` where a duty or a rest cannot be kept.
        verified: whether that provision was read at its source.
        limit: the duration limit behind it (the maximum FDP); None for a clock limit.
        out: why the crew member may not operate at any time; empty otherwise.
        unknowns: the facts that were needed and are missing.
        evidence: the rows that it rests on.
        rest_why: what `earliest_off_block` waits for, in words.
        rest_article: the provision behind it.
        rest_verified: whether that provision was read at its source.
        recovery_due: by when the next recovery rest has to begin; None if that is not known or not asked.
        next_recovery: how long it has to be.
        disruptive_duties: night duties, early starts and late finishes since the last one.
    """

    crew_id: str
    role: str
    duty: CrewDuty | None = None
    limits: DutyLimits | None = None
    earliest_off_block: datetime | None = None
    latest_off_block: datetime | None = None
    latest_with_extension: datetime | None = None
    latest_with_discretion: datetime | None = None
    latest_before_next_duty: datetime | None = None
    bounded: bool = False
    driver: str = ""
    article: str | None = None
    verified: bool = True
    limit: timedelta | None = None
    out: tuple[str, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rest_why: str = ""
    rest_article: str = ""
    rest_verified: bool = True
    recovery_due: datetime | None = None
    next_recovery: timedelta | None = None
    disruptive_duties: int = 0


def crew_legality(
    flight: Flight,
    assignment: CrewAssignment,
    member: CrewMember | None,
    *,
    duty_flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
    earlier: Sequence[CrewAssignment],
    now: datetime,
    flight_crew_report: datetime | None = None,
    unavailable: bool = False,
    frm: bool = False,
    profile: FtlProfile = EASA,
) -> CrewLegality:
    """Return until when one crew member may legally leave with `flight`.

    A delay moves every later sector of the duty by as much. A crew member who has not reported and can
    still be told reports later by the delay; for one who has, or who is on a later sector of the duty, the
    FDP runs from the planned report.

    Args:
        flight: the flight.
        assignment: the crew member's row on the roster for it.
        member: the crew member's own row, or None if there is none.
        duty_flights: the sectors of the duty by flight id.
        airports: the airports where the duty starts and its sectors end.
        earlier: the crew member's rows of the days before.
        now: the instant of the report.
        flight_crew_report: for cabin crew, when the flight crew reports for the same duty.
        unavailable: whether the crew member was reported as unable to operate.
        frm: whether the operator has fatigue risk management.
        profile: the authority whose rules apply.
    """
    crew_id = assignment.crew_id
    if unavailable:
        reported = (f"{crew_id} is reported unable to operate",)
        seen = _of_roster(assignment, "flight_id", assignment.flight_id)
        return CrewLegality(crew_id=crew_id, role=assignment.role, out=reported, evidence=(seen,))
    if member is None:
        missing = Unknown(
            table="CrewMembers",
            key=crew_id,
            field="ratings",
            why=f"{crew_id} has no row, so rating, medical and recency are unknown.",
        )
        return CrewLegality(crew_id=crew_id, role=assignment.role, unknowns=(missing,))
    rostered = crew_duty(
        flight,
        assignment,
        member,
        duty_flights=duty_flights,
        airports=airports,
        earlier=earlier,
        now=now,
        flight_crew_report=None if assignment.role in FLIGHT_DECK else flight_crew_report,
        frm=frm,
        profile=profile,
    )
    duty, before = rostered.duty, rostered.before
    valid = validity_limit(member, flight, assignment.role)
    if flight.flight_id in (assignment.positioning_flights or ()):
        valid = CARRIED
    unknowns = (*rostered.unknowns, *valid.unknowns)
    evidence = (
        _of_roster(assignment, "report", instant_value(assignment.report)),
        _of_roster(assignment, "duty_flights", ", ".join(assignment.duty_flights)),
        _of_roster(assignment, "acclimatised_zone", assignment.acclimatised_zone),
        _of_roster(assignment, "rest_before", f"{assignment.rest_before / timedelta(hours=1):g} h"),
        _of_roster(assignment, "past_duties", _past(assignment)),
        *valid.evidence,
    )
    if duty is None:
        return CrewLegality(
            crew_id=crew_id,
            role=assignment.role,
            out=valid.out,
            unknowns=unknowns,
            evidence=evidence,
        )
    limits = duty_limits(duty, frm=frm, profile=profile)
    alone = replace(duty, next_report=None)
    first = _first_rested(duty)
    end = _end_of_search(flight, now)
    awaited = None if before is None else before.rest[-1]
    rest_rule = profile.article("rest_home" if awaited is None else awaited.topic)
    too_late = first > end
    plain = None if too_late else _search(alone, first, end, extended=False, frm=frm, profile=profile)
    extended = None
    if not too_late and not duty.reported and limits.max_fdp_extended is not None:
        extended = _search(alone, first, end, extended=True, frm=frm, profile=profile)
    discretion = None
    if duty.reported:
        discretion = min(limits.latest_off_block_discretion, valid.at or limits.latest_off_block_discretion)
    cabin = _cabin_limit(duty, assignment, flight, profile)
    out = [*valid.out, *_too_many_nights(assignment, earlier, duty.report_zone, profile)]
    driver, article, verified, limit, at = _driver(duty, limits, plain, profile)
    if plain is not None and plain < end:
        after = check_crew((alone,), (plain + _MINUTE,), frm=frm, profile=profile)[0]
        if after.topics and after.topics[0] in _ROSTER_TOPICS:
            named = profile.article(after.topics[0])
            driver, article, limit = after.breaches[0], named.article, None
            verified = named.status == "verified"
    if too_late:
        out.append(f"{'rest' if awaited is None else awaited.why} not taken before {_clock(first)}")
        article, verified = rest_rule.article, rest_rule.status == "verified"
    elif plain is None:
        broken = check_crew((alone,), (first,), frm=frm, profile=profile)[0]
        out += broken.breaches
        if awaited is not None and "rest_home" in broken.topics:
            out.append(f"{awaited.why} are due")
        if broken.breaches:
            article, verified = _broken(broken, limits, rest_rule, profile)
    if cabin is not None and at is not None and duty.reported:
        rested = duty.report + cabin - (duty.end_of_fdp - duty.off_block)
        if rested < at:
            driver = f"FDP of at most {format_duration(cabin)} with the in-flight rest of cabin crew"
            article, verified, limit, at = CABIN_REST_ARTICLE, True, cabin, rested
    if valid.at is not None and at is not None and valid.at < at:
        driver, article, verified, limit, at = valid.driver, valid.article, False, None, valid.at
    bounded = at is not None and at < end
    return CrewLegality(
        crew_id=crew_id,
        role=assignment.role,
        duty=duty,
        limits=limits,
        earliest_off_block=first if not out and first > duty.off_block else None,
        latest_off_block=None if out else at,
        latest_with_extension=extended if not out and extended is not None and _later(extended, at) else None,
        latest_with_discretion=discretion if not out and _later(discretion, at) else None,
        latest_before_next_duty=_before_next_duty(rostered, limits),
        bounded=bounded and not out,
        driver=driver,
        article=article,
        verified=verified,
        limit=limit,
        out=tuple(out),
        unknowns=unknowns,
        evidence=evidence,
        rest_why="" if awaited is None else awaited.why,
        rest_article=rest_rule.article,
        rest_verified=rest_rule.status == "verified",
        recovery_due=duty.release_by,
        next_recovery=None if before is None else before.next_recovery,
        disruptive_duties=_disruptive(assignment, before),
    )


def last_legal(
    start: datetime, end: datetime, legal: Callable[[Sequence[datetime]], Sequence[bool]]
) -> datetime | None:
    """Return the last instant of the unbroken legal run that begins at `start`, to the minute.

    Args:
        start: the first instant looked at.
        end: the last one.
        legal: says for each of some rising instants whether it is legal.

    Returns:
        None if `start` itself is not legal; `end` if nothing breaks the run.
    """
    steps = max(int((end - start) / _STEP), 0)
    coarse = [start + n * _STEP for n in range(steps + 1)]
    if coarse[-1] < end:
        coarse.append(end)
    flags = legal(coarse)
    broken = next((n for n, flag in enumerate(flags) if not flag), None)
    if broken is None:
        return end
    if broken == 0:
        return None
    low, high = coarse[broken - 1], coarse[broken]
    fine = [low + n * _MINUTE for n in range(int((high - low) / _MINUTE))]
    kept = [one for one, flag in zip(fine, legal(fine), strict=True) if flag]
    return max(kept, default=low)


def _first_rested(duty: CrewDuty) -> datetime:
    """Return the first off-block whose report leaves the rest before it, where the report can still move."""
    if duty.reported:
        return duty.off_block
    report = max(duty.report, duty.free_from or duty.report)
    if duty.early_start_from is not None:
        while report < duty.early_start_from and any(
            topic == "disruptive_transition"
            for topic, _ in roster_breaches(duty, report, duty.end_of_fdp, augmented=True)
        ):
            report += _MINUTE
    return duty.off_block + (report - duty.report)


def _before_next_duty(rostered: RosteredDuty, limits: DutyLimits) -> datetime | None:
    """Return the latest off-block that leaves the rest and the local nights due before the next duty."""
    duty, release = rostered.duty, rostered.release_for_nights
    if duty is None or release is None or limits.latest_off_block_rest is None:
        return limits.latest_off_block_rest
    planned = duty.end_of_fdp + duty.post_flight
    return min(limits.latest_off_block_rest, duty.off_block + (release - planned))


def _disruptive(assignment: CrewAssignment, before: HistoryLimits | None) -> int:
    """Return the disruptive duties since the last recovery rest, the rest before included.

    What the row counts stays even after a rest that is long enough: the row is dated at the report.
    """
    if before is None or before.recovered_from is None or assignment.report >= before.recovered_from:
        return assignment.disruptive_duties
    return before.disruptive_duties


def _past(assignment: CrewAssignment) -> str:
    known = assignment.past_duties
    if known is None or assignment.past_duties_from is None:
        return "not on record"
    return f"{len(known)} since {instant_value(assignment.past_duties_from)}"


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%MZ}"


def _search(
    duty: CrewDuty, start: datetime, end: datetime, *, extended: bool, frm: bool, profile: FtlProfile
) -> datetime | None:
    def legal(instants: Sequence[datetime]) -> list[bool]:
        checks = check_crew((duty,), instants, frm=frm, profile=profile)
        if extended:
            return [check.legal_with_extension is not False for check in checks]
        return [check.legal is not False for check in checks]

    return last_legal(start, end, legal)


def _end_of_search(flight: Flight, now: datetime) -> datetime:
    return max(flight.std, now) + HORIZON


def _driver(
    duty: CrewDuty, limits: DutyLimits, found: datetime | None, profile: FtlProfile
) -> tuple[str, str | None, bool, timedelta | None, datetime | None]:
    """Return what ends the legal run: its words, article, status, duration limit and instant."""
    if found is None:
        return "", None, True, None, None
    cumulative = limits.latest_off_block_cumulative
    if duty.reported and cumulative is not None and cumulative < limits.latest_off_block:
        tightest = limits.cumulative.tightest
        window = "" if tightest is None else f" ({tightest.window})"
        return f"cumulative duty{window}", FTL_CUMULATIVE, True, None, found
    named = _fdp_article(limits)
    how = {
        "basic": "basic maximum",
        "split_duty": "with a split duty",
        "in_flight_rest": "with in-flight rest",
    }[limits.kind]
    state = {"B": "acclimatised to the departure zone", "D": "acclimatised", "X": "acclimatisation unknown"}
    planned = format_duration(duty.end_of_fdp - duty.report)
    words = (
        f"FDP {planned} planned of {format_duration(limits.max_fdp)} ({how}, {state[limits.state]}, "
        f"{counted(duty.sectors, 'sector')})"
    )
    if not duty.reported:
        delayed = profile.articles.get("delayed_reporting")
        told_by = duty.report - NOTICE_BEFORE_REPORT
        words += f", report delayed with the flight if told by {told_by:%Y-%m-%d %H:%MZ}"
        if delayed is not None:
            return (
                words,
                f"{named.article}; {delayed.article}",
                named.status == "verified",
                limits.max_fdp,
                found,
            )
    return words, named.article, named.status == "verified", limits.max_fdp, found


def _broken(
    check: DepartureCheck, limits: DutyLimits, rest: Article, profile: FtlProfile
) -> tuple[str, bool]:
    """Return the provision that not even the first departure keeps, and whether it is verified."""
    topic = check.topics[0]
    if topic in ("cumulative_duty", "cumulative_flight"):
        return FTL_CUMULATIVE, True
    named = {"max_fdp": _fdp_article(limits), "rest_home": rest}.get(topic) or profile.article(topic)
    return named.article, named.status == "verified"


def _fdp_article(limits: DutyLimits) -> Article:
    """Return the provision behind the maximum FDP, which follows that of acclimatisation."""
    return limits.articles[1]


def _cabin_limit(
    duty: CrewDuty, assignment: CrewAssignment, flight: Flight, profile: FtlProfile
) -> timedelta | None:
    """Return the longest FDP that leaves cabin crew their in-flight rest in two shifts, None if no matter."""
    if assignment.role in FLIGHT_DECK or duty.rest_facility is None or duty.additional_pilots == 0:
        return None
    if "in_flight_rest_cabin" not in profile.articles:
        return None  # in-flight rest extends nothing there
    shift = flight.flight_time / 2
    longest = None
    for fdp in _CABIN_FDPS:
        rest = cabin_in_flight_rest(
            extended_fdp=fdp, rest_facility=duty.rest_facility, sectors=duty.sectors, profile=profile
        )
        if rest.allowed and rest.minimum_rest is not None and rest.minimum_rest <= shift:
            longest = fdp
    return longest


def _too_many_nights(
    assignment: CrewAssignment, earlier: Sequence[CrewAssignment], zone: str, profile: FtlProfile
) -> tuple[str, ...]:
    """Return why the duty may not follow the nights before it, where the profile limits them."""
    if profile.consecutive_nights is None:
        return ()
    duties = sorted({(row.report, row.debrief) for row in (*earlier, assignment)})
    try:
        found = consecutive_nights(duties, zone=zone, profile=profile)
    except OutOfRangeError as error:
        return (f"how many nights in a row came before cannot be told: {error}",)
    return () if found.legal else (f"{found.working[0]} ({found.articles[0].article})",)


def _later(instant: datetime | None, than: datetime | None) -> bool:
    return instant is not None and (than is None or instant > than)


def _of_roster(assignment: CrewAssignment, field: str, value: str) -> Evidence:
    key = f"{assignment.crew_id} {assignment.duty_start}"
    return Evidence(table="CrewRoster", key=key, field=field, value=value)
