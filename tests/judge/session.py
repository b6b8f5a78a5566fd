"""Hundreds of disruptions of perturbed airlines, each offer judged.

python -m tests.judge.session --disruptions 1000 --processes 2
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random

from skymarshal.domain.candidate import CandidateKind
from skymarshal.operations import InMemoryTables
from tests.judge.airlines import perturbed
from tests.judge.offers import offer_faults
from tests.unit.recovery.sample import SAFETY, arbitrated, random_disruption

SEED = 20261128
OF_AN_AIRLINE = 5
"""Disruptions of one perturbed airline, which takes longer to make than to judge."""


@dataclass(slots=True)
class Verdicts:
    """What a part of the disruptions ended in; `faults` are the offers that may not be made."""

    disruptions: int = 0
    offers: Counter[str] = field(default_factory=Counter)
    perturbed_by: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Verdicts) -> None:
        """Add another part's."""
        self.disruptions += other.disruptions
        self.offers += other.offers
        self.perturbed_by += other.perturbed_by
        self.faults += other.faults


def judged(part: int) -> Verdicts:
    """The verdicts on the disruptions of one perturbed airline."""
    random = Random(f"judge-{SEED}-{part}")
    _, airline, changes = perturbed(random)
    tables = InMemoryTables(airline)
    verdicts = Verdicts(perturbed_by=Counter(changes))
    for number in range(OF_AN_AIRLINE):
        disruption = random_disruption(airline, random, number)
        _, found = arbitrated(disruption, tables, SAFETY)
        verdicts.disruptions += 1
        for one in found.solutions:
            kind = one.candidate.kind
            verdicts.offers[kind] += 1
            if kind is CandidateKind.MANUAL_REVIEW:
                continue
            where = f"part {part} ({', '.join(changes)}), {disruption.flight_id} {disruption.type}"
            for fault in offer_faults(airline, disruption, one.candidate):
                verdicts.faults.append(f"{where}: {one.title}: {fault}")
    return verdicts


def main(arguments: Sequence[str] | None = None) -> bool:
    """Print the verdicts, and return whether nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--disruptions", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-part", type=int, default=0, help="go on from where another run stopped")
    asked = parser.parse_args(arguments)
    parts = range(asked.first_part, asked.first_part + -(-asked.disruptions // OF_AN_AIRLINE))
    total, began = Verdicts(), time.monotonic()
    with get_context("spawn").Pool(asked.processes) as pool:
        for verdicts in pool.imap_unordered(judged, parts):
            total.add(verdicts)
    for name, counts in (("airlines with", total.perturbed_by), ("offers", total.offers)):
        print(f"{name}:")
        for what, count in counts.most_common():
            print(f"  {what:<30} {count:>7}")
    for line in total.faults:
        print(f"FAULT {line}")
    print(
        f"{total.disruptions} disruptions of perturbed airlines in {time.monotonic() - began:.0f} s: "
        f"{len(total.faults)} faults in {sum(total.offers.values())} offers"
    )
    return not total.faults


if __name__ == "__main__":
    raise SystemExit(not main())
