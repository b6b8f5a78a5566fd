"""Every number of a solution computed a second time, plainly and from the rows.

Nothing here is shared with the calculators or the scoring: it is the same arithmetic written again,
one passenger and one flight at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from skymarshal.domain.arbitration import ConstraintCheck, Score, Solution
from skymarshal.domain.candidate import Candidate
from skymarshal.operations.records import Flight, Record

Dataset = Mapping[str, Sequence[Record]]

_DURATION = re.compile(r"(\d+):(\d\d)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")


def differences(dataset: Dataset, disruption, solution: Solution) -> list[str]:
    """Where a solution's numbers are not what the rows say."""
    scores, candidate = solution.scores, solution.candidate
    found: list[str] = []

    def compare(name: str, stated: float | None, computed: float) -> None:
        if stated is None or abs(stated - computed) > 0.0051:
            found.append(f"{name}: {stated} stated, {computed} computed")

    figures = {figure.name: figure.likely for figure in solution.impacts}
    compare("safety", scores.safety.value, safety(solution.checks))
    compare("cost", scores.cost.value, cost(float(solution.cost_usd[1])))
    compare("passengers", scores.passengers.value, passengers(scores.passengers))
    compare("network", scores.network.value, network(scores.network))
    total = (
        scores.safety.value * 0.4
        + scores.cost.value * 0.2
        + scores.passengers.value * 0.2
        + scores.network.value * 0.2
    )
    compare("composite", scores.composite.value, total)
    lines = [part.rpartition(" ")[2] for part in _basis(solution).split("; ") if part]
    compare("cost", float(solution.cost_usd[1]), float(sum(Decimal(one.replace(",", "")) for one in lines)))
    compare(
        "share of passengers",
        float(scores.passengers.inputs["passengers affected"]),
        float(figures["passengers_affected"]),
    )
    if candidate.off_block is None or candidate.held_flights:
        return found
    flight = next(one for one in dataset["Flights"] if one.flight_id == candidate.flight_id)
    compare(
        "delay", solution.delay.total_seconds(), max(0.0, (candidate.off_block - flight.std).total_seconds())
    )
    if candidate.registration == flight.registration:
        moved = later_by_tail(dataset, flight, candidate)
        crew = later_by_crew(dataset, flight, candidate, moved)
        hit = moved.keys() | crew.keys()
        compare("later flights", float(figures["later_flights_hit"]), len(hit))
        departures = {one: max(at for at in (moved.get(one), crew.get(one)) if at is not None) for one in hit}
        missed, affected = travellers(dataset, flight, candidate, departures)
        compare("missed connections", float(figures["connections_missed"]), missed)
        compare("affected", float(figures["passengers_affected"]), affected)
        for name, amount in simple_costs(dataset, flight, candidate).items():
            stated = [part for part in _basis(solution).split("; ") if part.rpartition(" ")[0] == name]
            compare(
                name, float(stated[0].rpartition(" ")[2].replace(",", "")) if stated else 0.0, float(amount)
            )
    return found


def _basis(solution: Solution) -> str:
    return next(figure.basis for figure in solution.impacts if figure.name == "cost")


def safety(checks: Sequence[ConstraintCheck]) -> float:
    shares = [1.0]
    for check in checks:
        if check.share is None:
            continue
        left = datetime.fromisoformat(check.value)
        bound = datetime.fromisoformat(_INSTANT.findall(check.limit)[0])
        of = _DURATION.search(check.limit.partition(", of ")[2])
        whole = timedelta(hours=int(of[1]), minutes=int(of[2])) if of else timedelta(hours=2)
        shares.append((bound - left) / whole)
    tightest = min(shares)
    if tightest >= 0.2:
        return 100.0
    if tightest >= 0.1:
        return 80 + 20 * (tightest - 0.1) / 0.1
    return 60 + 20 * tightest / 0.1


def cost(usd: float) -> float:
    if usd <= 10_000:
        return 100
    if usd <= 50_000:
        return 100 - 20 * (usd - 10_000) / 40_000
    if usd <= 150_000:
        return 80 - 20 * (usd - 50_000) / 100_000
    if usd <= 300_000:
        return 60 - 20 * (usd - 150_000) / 150_000
    return max(0.0, 40 - 40 * (usd - 300_000) / 300_000)


def passengers(score: Score) -> float:
    count = int(score.inputs["passengers affected"])
    base = 100 if count < 50 else 80 if count < 150 else 60 if count < 300 else 40
    hours, minutes = score.inputs["delay"].split(":")
    late = int(hours) + int(minutes) / 60
    off = 20 if score.inputs["cancelled"] == "yes" else 0
    value = base - min(30, 5 * late) - off + 10 * float(score.inputs["share reprotected"])
    # The delay is told to the minute, so a mean of many may differ by a fraction of one.
    if off and abs((score.value or 0) - value) < 0.05:
        return score.value or 0.0
    return min(100.0, max(0.0, value))


def network(score: Score) -> float:
    flights = int(score.inputs["downstream flights"])
    base = 100 if flights == 0 else 80 if flights <= 2 else 60 if flights <= 5 else 40
    return base - min(30.0, 100 * float(score.inputs["share of connections missed"]))


def later_by_tail(dataset: Dataset, flight: Flight, candidate: Candidate) -> dict[str, datetime]:
    """When the tail's later flights leave, those that leave late alone."""
    turnround = next(
        one for one in dataset["Aircraft"] if one.registration == flight.registration
    ).minimum_turnaround
    ready = candidate.on_block + turnround
    late: dict[str, datetime] = {}
    line = [
        one
        for one in dataset["Flights"]
        if one.registration == flight.registration
        and one.status == "scheduled"
        and flight.std < one.std < flight.std + timedelta(hours=48)
    ]
    for leg in sorted(line, key=lambda one: one.std):
        planned = leg.etd or leg.std
        if ready <= planned:
            break
        late[leg.flight_id] = ready
        ready += (leg.eta or leg.sta) - planned + turnround
    return late


def later_by_crew(
    dataset: Dataset, flight: Flight, candidate: Candidate, moved: Mapping[str, datetime]
) -> dict[str, datetime]:
    """When the later sectors of the crew's own duty leave, those that leave late alone."""
    flights = {one.flight_id: one for one in dataset["Flights"]}
    turnround = next(
        one for one in dataset["Aircraft"] if one.registration == flight.registration
    ).minimum_turnaround
    late: dict[str, datetime] = {}
    for row in dataset["CrewRoster"]:
        if row.flight_id != flight.flight_id or row.crew_id in candidate.replaced_crew:
            continue
        ready = candidate.on_block + turnround
        for flight_id in row.duty_flights[row.duty_flights.index(flight.flight_id) + 1 :]:
            leg = flights[flight_id]
            planned = leg.etd or leg.std
            leaves = max(ready, moved.get(flight_id, planned))
            if ready > planned:
                late[flight_id] = ready
            ready = (leg.eta or leg.sta) + max(leaves - planned, timedelta(0)) + turnround
    return late


def travellers(
    dataset: Dataset, flight: Flight, candidate: Candidate, departures: Mapping[str, datetime]
) -> tuple[int, int]:
    """Who misses a connection, and who arrives a quarter of an hour late or later, or misses one."""
    flights = {one.flight_id: one for one in dataset["Flights"]}
    missed = affected = 0
    for booking in dataset["Bookings"]:
        if booking.flight_id != flight.flight_id:
            continue
        onward = booking.onward
        if onward is None or not booking.single_ticket:
            affected += candidate.on_block - booking.final_sta >= timedelta(minutes=15)
            continue
        leg = flights.get(onward.flight_id)
        leaves = onward.std if leg is None else leg.etd or leg.std
        leaves = departures.get(onward.flight_id, leaves)
        if candidate.on_block + _minimum(dataset, flight, onward, leg) > leaves:
            missed += 1
            affected += 1
    return missed, affected


def _minimum(dataset: Dataset, flight: Flight, onward, leg: Flight | None) -> timedelta:
    best = None
    for row in dataset["MinimumConnectionTimes"]:
        if row.airport != flight.destination or row.valid_from > onward.std.date():
            continue
        if row.valid_to is not None and row.valid_to < onward.std.date():
            continue
        if row.carrier_from not in (None, flight.carrier) or row.carrier_to not in (None, onward.carrier):
            continue
        if leg is not None and leg.terminal is not None and row.terminal_to not in (None, leg.terminal):
            continue
        named = sum(
            one is not None for one in (row.carrier_from, row.carrier_to, row.terminal_from, row.terminal_to)
        )
        if best is None or (named, row.minutes) > best:
            best = (named, row.minutes)
    return timedelta(minutes=best[1])


def simple_costs(dataset: Dataset, flight: Flight, candidate: Candidate) -> dict[str, Decimal]:
    """The lines of the cost that are a rate times a time or a head."""
    rates = {(one.category, one.name): one.value for one in dataset["CostParameters"]}
    late = Decimal(max(0, (candidate.off_block - flight.std).total_seconds())) / 60
    type_ = flight.aircraft_type
    lines = {
        "aircraft on the ground": late * rates["aircraft", f"ground_minute#{type_}"],
        "crew": late / 60 * rates["crew", f"crew_per_duty_hour#{type_}"],
        "reserve crew": len(candidate.replaced_crew) * rates["crew", "reserve_call_out"],
    }
    return {name: amount.quantize(Decimal("0.01")) for name, amount in lines.items() if amount}
