"""Can the crews do it: complement, place, rest, papers, flight duty periods and cumulative hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil

from skymarshal.domain.errors import DomainError
from skymarshal.domain.ftl import (
    EASA,
    CrewDuty,
    DutyHistory,
    HistoryLimits,
    crossed,
    duty_limits,
    history_limits,
    parts_by_day,
)
from skymarshal.domain.ftl.roster_breaches import roster_breaches
from skymarshal.domain.times import local_time
from skymarshal.operations import tables as t
from skymarshal.operations.airline.violations import Fault, Violation, rows
from skymarshal.operations.past_duties import ListedDuty, located, parse_past_duty
from skymarshal.operations.records import (
    Aircraft,
    Airport,
    CrewAssignment,
    CrewMember,
    Flight,
    ReserveCrewMember,
)
from skymarshal.operations.tables import Dataset

__all__ = ["check_crews"]

_SEATS_PER_CABIN_CREW = 50
_TOLERANCE = timedelta(minutes=1)
_FIGURES_TOLERANCE = 0.1
"""Hours; the figures of a row are rounded."""


def check_crews(dataset: Dataset) -> Iterator[Violation]:
    """Yield what is impossible or illegal about crews, their roster and the reserves."""
    flights = {flight.flight_id: flight for flight in rows(dataset, t.FLIGHTS)}
    members = {member.crew_id: member for member in rows(dataset, t.CREW_MEMBERS)}
    airports = {airport.airport: airport for airport in rows(dataset, t.AIRPORTS)}
    duties: defaultdict[str, dict[object, CrewAssignment]] = defaultdict(dict)
    on_board: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(dataset, t.CREW_ROSTER):
        member = members.get(row.crew_id)
        missing = [one for one in (row.flight_id, *row.duty_flights) if one not in flights]
        if member is None or missing:
            why = f"no crew member {row.crew_id}" if member is None else f"no flight {missing[0]}"
            yield _violation(Fault.REFERENCE, row, why)
            continue
        on_board[row.flight_id][row.role] += 1
        duties[row.crew_id][row.report] = row
        yield from _papers(row, member, flights[row.flight_id])
    zones = {code: airport.zone for code, airport in airports.items()}
    tails = {tail.registration: tail for tail in rows(dataset, t.AIRCRAFT)}
    for flight in flights.values():
        yield from _complement(flight, tails.get(flight.registration), on_board[flight.flight_id])
    for crew_id, by_report in duties.items():
        rostered = [by_report[report] for report in sorted(by_report, key=str)]
        for before, after in pairwise(rostered):
            yield from _between(before, after, flights)
        for row in rostered:
            yield from _within(row, members[crew_id], flights, airports)
            yield from _since(row, members[crew_id], flights[row.duty_flights[-1]], zones)
    yield from _reserves(dataset, members)


def _violation(fault: Fault, row: CrewAssignment, why: str) -> Violation:
    return Violation(fault, t.CREW_ROSTER.name, f"{row.crew_id} {row.duty_start}", why)


def _papers(row: CrewAssignment, member: CrewMember, flight: Flight) -> Iterator[Violation]:
    valid_until = {rating.aircraft_type: rating.valid_until for rating in member.ratings}
    rated = valid_until.get(flight.aircraft_type)
    if rated is None or rated < row.debrief:
        yield _violation(Fault.CREW_VALIDITY, row, f"no valid rating on {flight.aircraft_type}")
    if member.medical_valid_until < row.debrief:
        yield _violation(Fault.CREW_VALIDITY, row, "the medical lapses before the duty ends")
    if member.recency_until is not None and member.recency_until < row.report:
        yield _violation(Fault.CREW_VALIDITY, row, "the recency has lapsed")
    if row.role != member.role:
        yield _violation(Fault.CREW_VALIDITY, row, f"rostered as {row.role}, is {member.role}")


def _complement(flight: Flight, tail: Aircraft | None, crew: Counter[str]) -> Iterator[Violation]:
    seats = sum(tail.seats.values()) if tail is not None else 0
    cabin = ceil(seats / _SEATS_PER_CABIN_CREW)
    short = crew["captain"] < 1 or crew["captain"] + crew["first_officer"] < 2
    if short or crew["purser"] + crew["cabin"] < cabin or (seats and not crew["purser"]):
        why = f"needs two pilots, one a captain, and {cabin} cabin crew; has {dict(crew)}"
        yield Violation(Fault.COMPLEMENT, t.FLIGHTS.name, flight.flight_id, why)


def _between(
    before: CrewAssignment, after: CrewAssignment, flights: Mapping[str, Flight]
) -> Iterator[Violation]:
    ended = flights[before.duty_flights[-1]].destination
    if ended != after.report_airport:
        yield _violation(Fault.CREW_POSITION, after, f"reports at {after.report_airport}, was in {ended}")
    rest = after.report - before.debrief
    if abs(rest - after.rest_before) > _TOLERANCE:
        yield _violation(Fault.CREW_REST, after, f"the row says {after.rest_before}, the roster gives {rest}")
    if before.next_report != after.report:
        yield _violation(Fault.TIMES, before, f"the next report is {after.report:%Y-%m-%dT%H:%MZ}")


def _within(
    row: CrewAssignment,
    member: CrewMember,
    flights: Mapping[str, Flight],
    airports: Mapping[str, Airport],
) -> Iterator[Violation]:
    flown = [flights[one] for one in row.duty_flights]
    wrong = list(_sectors(row, flown))
    if wrong:
        yield from wrong
        return
    start, end = airports.get(row.report_airport), airports.get(flown[-1].destination)
    if start is None or end is None:
        return
    duty = CrewDuty(
        crew_id=row.crew_id,
        report=row.report,
        report_zone=start.zone,
        acclimatised_zone=row.acclimatised_zone,
        elapsed=timedelta(hours=row.hours_since_zone_report),
        sectors=len(flown),
        off_block=flown[0].std,
        end_of_fdp=flown[-1].sta,
        post_flight=max(row.debrief - flown[-1].sta, timedelta()),
        planned_flight=sum((flight.block for flight in flown), timedelta()),
        totals={
            "duty_7d": timedelta(hours=row.duty_hours_7d),
            "duty_14d": timedelta(hours=row.duty_hours_14d),
            "duty_28d": timedelta(hours=row.duty_hours_28d),
            "flight_28d": timedelta(hours=row.flight_hours_28d),
            "flight_calendar_year": timedelta(hours=row.flight_hours_year),
            "flight_12_months": timedelta(hours=row.flight_hours_12_months),
        },
        additional_pilots=row.augmented_pilots,
        rest_facility=row.rest_facility,
        longest_sector=max(flight.flight_time for flight in flown),
        extensions_in_last_7_days=row.extensions_last_7_days,
        reported=True,
        next_report=row.next_report,
        rest_place="home" if flown[-1].destination == member.base else "away",
        time_difference=crossed(row.report, flown[-1].sta, start.zone, end.zone),
    )
    limits = duty_limits(duty)
    fdp = duty.end_of_fdp - duty.report
    if fdp > limits.max_fdp:
        yield _violation(Fault.FLIGHT_DUTY_PERIOD, row, f"{fdp} with a maximum of {limits.max_fdp}")
    if limits.cumulative.legal is not True:
        over = [window.window for window in limits.cumulative.windows if window.margin < timedelta()]
        yield _violation(Fault.CUMULATIVE, row, f"exceeds {', '.join(over)}")
    if row.next_report is not None and row.next_report - row.debrief < limits.minimum_rest:
        rest = row.next_report - row.debrief
        yield _violation(Fault.CREW_REST, row, f"{rest} after the duty, the minimum is {limits.minimum_rest}")


def _since(
    row: CrewAssignment, member: CrewMember, last: Flight, zones: Mapping[str, str]
) -> Iterator[Violation]:
    """Yield what the duties before ask for and the roster does not leave, or what contradicts them."""
    try:
        listed = [parse_past_duty(text) for text in row.past_duties or ()]
    except DomainError as error:
        yield _violation(Fault.REFERENCE, row, str(error))
        return
    unknown = [code for duty in listed for code in (duty.start, duty.end) if code not in zones]
    if not listed or row.past_duties_from is None or unknown:
        why = f"no zone of {unknown[0]}" if unknown else "says nothing of the duties before"
        yield _violation(Fault.REFERENCE, row, why)
        return
    if listed[-1].end != row.report_airport:
        yield _violation(
            Fault.CREW_POSITION, row, f"reports at {row.report_airport}, was in {listed[-1].end}"
        )
    rest = row.report - listed[-1].debrief
    if abs(rest - row.rest_before) > _TOLERANCE:
        yield _violation(Fault.CREW_REST, row, f"the row says {row.rest_before}, its past duties give {rest}")
    away = last.destination != member.base and last.destination in zones
    try:
        history = DutyHistory(
            home=member.base,
            home_zone=member.home_zone,
            acclimatised_zone=row.acclimatised_zone,
            known_from=row.past_duties_from,
            duties=tuple(located(duty, zones[duty.start], zones[duty.end]) for duty in listed),
            rest_start=row.report - row.rest_before,
        )
        limits = history_limits(
            history,
            report=row.report,
            report_place=row.report_airport,
            rest_places=[(zones[last.destination], last.sta)] if away else (),
        )
    except DomainError as error:
        yield _violation(Fault.CREW_REST, row, str(error))
        return
    recovered = limits.recovered_from is not None and row.report >= limits.recovered_from
    counted = 0 if recovered else limits.disruptive_duties
    if counted != row.disruptive_duties:
        why = f"counts {row.disruptive_duties} disruptive duties, the duties before show {counted}"
        yield _violation(Fault.CREW_REST, row, why)
    if row.report < limits.free_from:
        yield _violation(Fault.CREW_REST, row, f"reports before {limits.rest[-1].why}")
    duty = _roster_limits(row, limits, recovered=recovered)
    for _, why in roster_breaches(duty, row.report, row.debrief, augmented=row.augmented_pilots > 0):
        yield _violation(Fault.CREW_REST, row, why)
    yield from (_violation(Fault.CREW_REST, row, f"does not say {why}") for why in limits.unknowns)
    yield from _figures(row, member, listed)


def _figures(row: CrewAssignment, member: CrewMember, listed: Sequence[ListedDuty]) -> Iterator[Violation]:
    """Yield the cumulative figures of a row that its past duties contradict."""
    today = local_time("report", row.report, member.home_zone).date()
    worked = [part for duty in listed for part in _by_day(duty.report, duty.debrief, member.home_zone)]
    for days, stated in ((7, row.duty_hours_7d), (14, row.duty_hours_14d), (28, row.duty_hours_28d)):
        since = today - timedelta(days=days)
        found = sum((length for day, length in worked if day > since), timedelta()) / timedelta(hours=1)
        if abs(found - stated) > _FIGURES_TOLERANCE:
            why = f"says {stated:g} h of duty in {days} days, its past duties give {found:.2f}"
            yield _violation(Fault.CUMULATIVE, row, why)


@lru_cache(maxsize=16384)
def _by_day(start: datetime, end: datetime, zone: str) -> tuple[tuple[date, timedelta], ...]:
    return tuple(parts_by_day([(start, end)], zone).items())


def _roster_limits(row: CrewAssignment, limits: HistoryLimits, *, recovered: bool) -> CrewDuty:
    return CrewDuty(
        crew_id=row.crew_id,
        report=row.report,
        report_zone=row.acclimatised_zone,
        acclimatised_zone=row.acclimatised_zone,
        elapsed=timedelta(),
        sectors=len(row.duty_flights),
        off_block=row.report,
        end_of_fdp=row.debrief,
        post_flight=timedelta(),
        planned_flight=timedelta(),
        totals={},
        early_start_from=limits.early_start_from,
        release_by=None if recovered else limits.release_by,
        local_days_by=limits.local_days_by if limits.local_days_known else None,
        after_night_duty=limits.after_night_duty,
        night_duties_managed=row.night_duties_managed is True,
    )


def _sectors(row: CrewAssignment, flown: Sequence[Flight]) -> Iterator[Violation]:
    if row.duty_flights[row.sector - 1 : row.sector] != (row.flight_id,):
        yield _violation(Fault.REFERENCE, row, f"sector {row.sector} of the duty is another flight")
    if flown[0].origin != row.report_airport:
        yield _violation(Fault.CREW_POSITION, row, f"reports away from {flown[0].origin}")
    if not row.report < flown[0].std or not flown[-1].sta <= row.debrief:
        yield _violation(Fault.TIMES, row, "the sectors do not lie between report and debrief")
    for before, after in pairwise(flown):
        if before.destination != after.origin or after.std < before.sta:
            yield _violation(Fault.CREW_POSITION, row, f"{after.flight_id} cannot follow {before.flight_id}")


def _reserves(dataset: Dataset, members: Mapping[str, CrewMember]) -> Iterator[Violation]:
    for reserve in rows(dataset, t.RESERVE_CREW):
        key = f"{reserve.base} {reserve.crew_id}"
        member = members.get(reserve.crew_id)
        if member is None:
            yield Violation(Fault.REFERENCE, t.RESERVE_CREW.name, key, f"no crew member {reserve.crew_id}")
            continue
        valid = {rating.aircraft_type for rating in member.ratings if rating.valid_until >= reserve.end}
        unrated = [one for one in reserve.aircraft_types if one not in valid]
        if unrated or member.role != reserve.role or member.base != reserve.base:
            why = f"not rated on {unrated[0]}" if unrated else "role or base is not the crew member's"
            yield Violation(Fault.RESERVE, t.RESERVE_CREW.name, key, why)
        rested = _released(reserve) + EASA.minimum_rest_home
        if rested > reserve.start:
            why = f"stands by from {reserve.start:%Y-%m-%dT%H:%MZ}, rested from {rested:%Y-%m-%dT%H:%MZ}"
            yield Violation(Fault.RESERVE, t.RESERVE_CREW.name, key, why)
        if member.medical_valid_until < reserve.end:
            yield Violation(Fault.RESERVE, t.RESERVE_CREW.name, key, "the medical lapses on standby")
        if not timedelta() < reserve.end - reserve.start <= timedelta(hours=16):
            yield Violation(Fault.TIMES, t.RESERVE_CREW.name, key, "a standby lasts at most 16 hours")


def _released(reserve: ReserveCrewMember) -> datetime:
    """Return when the last duty before a standby ended; long after it if that is not on record."""
    if not reserve.past_duties:
        return reserve.end
    return parse_past_duty(reserve.past_duties[-1]).debrief
