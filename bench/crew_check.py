"""How long the full flight time check of a crew of 12 takes for 100 candidate departures.

python -m bench.crew_check
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime, timedelta

from skymarshal.domain import ftl

CREW = 12
DEPARTURES = 100
ROUNDS = 50
MILLISECONDS = 20


def crew() -> list[ftl.CrewDuty]:
    """Return a long-haul crew that reports together."""
    report = datetime(2026, 1, 15, 6, tzinfo=UTC)
    return [
        ftl.CrewDuty(
            crew_id=f"C{number}",
            report=report,
            report_zone="Europe/London",
            acclimatised_zone="Asia/Dubai",
            elapsed=timedelta(hours=36),
            sectors=1,
            off_block=report + timedelta(hours=1),
            end_of_fdp=report + timedelta(hours=8),
            post_flight=timedelta(minutes=30),
            planned_flight=timedelta(hours=7),
            totals=dict.fromkeys(ftl.EASA.cumulative_limits, timedelta(hours=40)),
            extensions_in_last_7_days=0,
            free_from=report - timedelta(hours=2),
            next_report=report + timedelta(hours=36),
        )
        for number in range(CREW)
    ]


def main() -> bool:
    """Print the median and the worst of the rounds, and return whether the median keeps to the limit."""
    duties = crew()
    departures = [duties[0].off_block + timedelta(minutes=10 * number) for number in range(DEPARTURES)]
    spans = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ftl.check_crew(duties, departures)
        spans.append((time.perf_counter() - started) * 1000)
    median, worst = statistics.median(spans), max(spans)
    print(
        f"{CREW} crew x {DEPARTURES} departures: median {median:.1f} ms, worst {worst:.1f} ms"
        f" (at most {MILLISECONDS})"
    )
    return median < MILLISECONDS


if __name__ == "__main__":
    raise SystemExit(not main())
