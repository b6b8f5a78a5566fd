"""Every number of a solution computed a second time, plainly and from the rows.

Nothing here is shared with the calculators or the scoring: it is the same arithmetic written again,
one passenger and one flight at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from skymarshal.domain.arbitration import ConstraintCheck, Score, Solution
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.domain.disruption import Disruption, DisruptionDetails, DisruptionType
from tests.unit.recovery.ledger import Books, Journeys

_DURATION = re.compile(r"(\d+):(\d\d)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z")


def differences(
    books: Books,
    disruption: Disruption,
    solution: Solution,
    released: Mapping[str, datetime],
    rebookings: Sequence[Journeys],
) -> list[str]:
    """Where a solution's numbers are not what the rows say.

    `released` is from when maintenance lets the planned tail fly, and `rebookings` the ways in which the
    passengers may have been rebooked; the numbers have to be those of one of them throughout.
    """
    tried = [_against(books, disruption, solution, released, journeys) for journeys in rebookings]
    return min(tried, key=len)


def _against(
    books: Books,
    disruption: Disruption,
    solution: Solution,
    released: Mapping[str, datetime],
    journeys: Journeys,
) -> list[str]:
    scores, candidate = solution.scores, solution.candidate
    found = books.oversold(journeys)

    def compare(name: str, stated: float | None, computed: float, within: float = 0.0051) -> None:
        if stated is None or abs(float(stated) - float(computed)) > within:
            found.append(f"{name}: {stated} stated, {computed} computed")

    book = books.ledger(disruption, candidate, released, journeys)
    held = {}
    for flight_id, at in candidate.held_flights.items():
        flight = books.flights[flight_id]
        waiting = Candidate(
            kind=CandidateKind.DELAY,
            flight_id=flight_id,
            off_block=at,
            on_block=at + flight.block,
            registration=flight.registration,
        )
        late = replace(disruption, type=DisruptionType.LATE_INBOUND, details=DisruptionDetails())
        held[flight.flight_number] = books.ledger(late, waiting, {}, {})
    figures = {figure.name: figure.likely for figure in solution.impacts}
    computed: dict[str, list[Decimal]] = dict(book.lines)
    for number, other in held.items():
        computed |= {f"{number} held, {name}": amounts for name, amounts in other.lines.items()}
    stated = _lines(solution)
    for name in stated.keys() | {name for name, amounts in computed.items() if amounts[1]}:
        within = 0.01 * stated.get(name, (0, 1))[1]
        likely = computed[name][1] if name in computed else 0
        compare(name, stated.get(name, (Decimal(0), 1))[0], likely, within)
    for place, name in enumerate(("low", "likely", "high")):
        total = sum(amounts[place] for amounts in computed.values())
        compare(f"cost, {name}", solution.cost_usd[place], total, 0.05)
    everyone = [book, *held.values()]
    hit = {*candidate.held_flights, *(flight_id for one in everyone for flight_id in one.hit)}
    counts = {
        "passengers_affected": sum(one.affected for one in everyone),
        "passengers_needing_reprotection": book.needing,
        "passengers_reprotected": book.reprotected,
        "passengers_left_behind": book.left_behind if candidate.operates else 0,
        "passengers_downgraded": book.downgraded,
        "passengers_rerouted_from_origin": book.rerouted,
        "connections_missed": book.missed,
        "later_flights_hit": len(hit),
        "connecting_flights_held": len(held),
        "stop_at_alternate": _stop(candidate),
    }
    for name, count in counts.items():
        compare(name, figures.get(name, 0), count)
    if candidate.off_block is not None:
        flight = books.flights[candidate.flight_id]
        late = max(0.0, (candidate.off_block - flight.std).total_seconds())
        compare("delay", solution.delay.total_seconds(), late)
        waits = sum((at - books.flights[id_].std for id_, at in candidate.held_flights.items()), timedelta(0))
        slips = sum((slip for one in everyone for slip in one.later.values()), waits)
        compare("later_delay", figures["later_delay"], round(slips / timedelta(minutes=1)))
        there = candidate.diversion
        blocks = (flight.block,) if there is None else books.sectors(flight, there.airport)
        arrives = candidate.off_block + sum(blocks, timedelta(0)) + timedelta(minutes=_stop(candidate))
        compare("arrival", (candidate.on_block - arrives).total_seconds(), 0)
        if there is not None:
            compare("landing", (there.on_block - candidate.off_block - blocks[0]).total_seconds(), 0)
        whole = max(0, round((arrives - flight.std - flight.block) / timedelta(minutes=1)))
        told = scores.passengers.inputs["delay"]
        if told != "unknown" and told != f"{whole // 60}:{whole % 60:02d}":
            found.append(f"delay of the passengers: {told} stated, {whole} minutes computed")
    elif book.delays:
        mean = sum(book.delays, timedelta(0)) / len(book.delays)
        hours, minutes = scores.passengers.inputs["delay"].split(":")
        told = timedelta(hours=int(hours), minutes=int(minutes))
        compare("mean delay in minutes", told / timedelta(minutes=1), mean / timedelta(minutes=1), 1.0)
    found += margins(solution.checks)
    if any(one.outcome == "kept" and "as destination alternates" in one.text for one in solution.checks):
        # Whether it lands is open: the delay and the connections may take all their points off, or none.
        late = Score(value=None, low=0, high=0, inputs=scores.passengers.inputs | {"delay": "6:00"})
        missed = scores.network.inputs | {"share of connections missed": "1" if book.connecting else "0"}
        compare("passengers, low", scores.passengers.low, passengers(late))
        compare("network, low", scores.network.low, network(Score(value=None, low=0, high=0, inputs=missed)))
        compare("safety", scores.safety.value, safety(solution.checks))
        return found
    for name, score, low, high in (
        ("safety", scores.safety, scores.safety.value, scores.safety.value),
        ("cost", scores.cost, cost(float(solution.cost_usd[2])), cost(float(solution.cost_usd[0]))),
        ("passengers", scores.passengers, scores.passengers.value, scores.passengers.value),
        ("network", scores.network, scores.network.value, scores.network.value),
    ):
        compare(f"{name}, low", score.low, low)
        compare(f"{name}, high", score.high, high)
    compare("safety", scores.safety.value, safety(solution.checks))
    compare("cost score", scores.cost.value, cost(float(solution.cost_usd[1])))
    compare("passengers", scores.passengers.value, passengers(scores.passengers))
    compare("network", scores.network.value, network(scores.network))
    compare("affected", scores.passengers.inputs["passengers affected"], counts["passengers_affected"])
    compare("later flights", scores.network.inputs["downstream flights"], len(hit))
    total = (
        scores.safety.value * 0.4
        + scores.cost.value * 0.2
        + scores.passengers.value * 0.2
        + scores.network.value * 0.2
    )
    compare("composite", scores.composite.value, total)
    compare("composite, low", scores.composite.low, total - 0.2 * (scores.cost.value - scores.cost.low))
    compare("composite, high", scores.composite.high, total + 0.2 * (scores.cost.high - scores.cost.value))
    found += [
        f"{name}, {key}: {shown[key]} stated, {value} computed"
        for name, shown, key, value in (
            ("cost", scores.cost.inputs, "cost in USD", f"{solution.cost_usd[1]:.2f}"),
            ("cost", scores.cost.inputs, "low", f"{solution.cost_usd[0]:.2f}"),
            ("cost", scores.cost.inputs, "high", f"{solution.cost_usd[2]:.2f}"),
            (
                "passengers",
                scores.passengers.inputs,
                "share reprotected",
                _share(book.reprotected, book.needing, 1),
            ),
            (
                "network",
                scores.network.inputs,
                "share of connections missed",
                _share(book.missed, book.connecting, 0),
            ),
        )
        if shown[key] != value
    ]
    return found


def _share(part: int, whole: int, of_none: int) -> str:
    return f"{part / whole if whole else of_none:.4f}"


def margins(checks: Sequence[ConstraintCheck]) -> list[str]:
    """The margin to each limit and its share, from the limit and the value that are shown."""
    found = []
    for check in checks:
        if check.margin is None or check.limit is None or check.value is None:
            continue
        bounds = [datetime.fromisoformat(one) for one in _INSTANT.findall(check.limit)]
        value = datetime.fromisoformat(check.value)
        later = check.limit.startswith("not before")
        margin = value - bounds[0] if later else bounds[0] - value
        if abs(margin - check.margin) >= timedelta(minutes=1):
            found.append(f"margin to {check.text}: {check.margin} stated, {margin} computed")
        of = _DURATION.search(check.limit.partition(", of ")[2])
        whole = timedelta(hours=int(of[1]), minutes=int(of[2])) if of else timedelta(hours=2)
        if check.share is not None and abs(check.share - margin / whole) > 0.001:
            found.append(f"share of {check.text}: {check.share} stated, {margin / whole} computed")
    return found


def confidence(confidences: Sequence[float], solution: Solution) -> float:
    """The mean of the agents' confidences, as far as the range of the composite does not leave it open."""
    spread = solution.scores.composite.high - solution.scores.composite.low
    return round(sum(confidences) / 7 * (1 - spread / 100), 3)


def _stop(candidate: Candidate) -> int:
    there = candidate.diversion
    return 0 if there is None else round((there.off_block - there.on_block) / timedelta(minutes=1))


def _lines(solution: Solution) -> dict[str, tuple[Decimal, int]]:
    """The lines of the likely cost as they are shown, summed by name, and how many there are of each."""
    lines: dict[str, tuple[Decimal, int]] = {}
    for part in filter(None, _basis(solution).split("; ")):
        name, _, amount = part.rpartition(" ")
        known, count = lines.get(name, (Decimal(0), 0))
        lines[name] = known + Decimal(amount.replace(",", "")), count + 1
    return lines


def _basis(solution: Solution) -> str:
    return next(figure.basis for figure in solution.impacts if figure.name == "cost")


def safety(checks: Sequence[ConstraintCheck]) -> float:
    shares = [1.0]
    for check in checks:
        if check.share is None:
            continue
        if check.limit is None:
            # A landing that needs alternates for the weather has nothing to spare.
            shares.append(0.0)
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
