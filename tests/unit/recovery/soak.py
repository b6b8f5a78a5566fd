"""Thousands of random disruptions: nothing is offered that a second reading of the tables forbids.

    python -m tests.unit.recovery.soak --disruptions 10000 --processes 2

Every tenth is heard by all seven agents, the others by the three whose limits bind.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from random import Random

from skymarshal.domain.assessment import Assessment
from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations import Dataset, InMemoryTables
from skymarshal.operations.airline import generate
from skymarshal.recovery.situation import SPECIALISTS, counted_assessments
from tests.unit.recovery.legality import faults
from tests.unit.recovery.sample import SAFETY, TODAY, arbitrated, random_disruption

SEED = 20261123
PART = 50
ALL_AGENTS_EVERY = 10
HELD = "with connecting flights held"
MANUAL = "manual review"


@dataclass(slots=True)
class Tally:
    """What a part of the disruptions ended in; `illegal` are the offers that may not be flown."""

    disruptions: int = 0
    types: Counter[str] = field(default_factory=Counter)
    offered: Counter[str] = field(default_factory=Counter)
    recommended: Counter[str] = field(default_factory=Counter)
    illegal: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another part's."""
        self.disruptions += other.disruptions
        self.types += other.types
        self.offered += other.offered
        self.recommended += other.recommended
        self.illegal += other.illegal


@cache
def airline() -> tuple[Dataset, InMemoryTables]:
    """Return the sample airline, made once for each process."""
    dataset = generate("small", TODAY, Random(7))
    return dataset, InMemoryTables(dataset)


def soaked(part: int) -> Tally:
    """Return what the disruptions of one part ended in."""
    dataset, tables = airline()
    random = Random(f"soak-{SEED}-{part}")
    tally = Tally()
    for number in range(PART):
        disruption = random_disruption(dataset, random, number)
        agents = SPECIALISTS if number % ALL_AGENTS_EVERY == 0 else SAFETY
        assessments, found = arbitrated(disruption, tables, agents)
        tally.disruptions += 1
        tally.types[disruption.type] += 1
        tally.recommended[MANUAL if found.manual_review else found.solutions[0].candidate.kind] += 1
        for one in found.solutions:
            tally.offered[one.candidate.kind] += 1
            tally.offered[HELD] += bool(one.candidate.held_flights)
            if one.candidate.kind is CandidateKind.MANUAL_REVIEW:
                continue
            wrong = [*broken(assessments, one.candidate), *faults(dataset, disruption, one.candidate)]
            tally.illegal += [f"part {part}, {disruption}: {one.title}: {fault}" for fault in wrong]
    return tally


def broken(assessments: Sequence[Assessment], candidate: Candidate) -> list[str]:
    """Return the agents' binding constraints that an offered candidate does not keep."""
    return [
        constraint.text
        for assessment in counted_assessments(assessments).values()
        for constraint in assessment.constraints
        if constraint.binding and not constraint.admits(candidate)
    ]


def main(arguments: Sequence[str] | None = None) -> bool:
    """Print what became of the disruptions, and return whether no illegal offer was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--disruptions", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first-part", type=int, default=0, help="go on from where another run stopped")
    asked = parser.parse_args(arguments)
    parts = range(asked.first_part, asked.first_part + -(-asked.disruptions // PART))
    total, began = Tally(), time.monotonic()
    with get_context("spawn").Pool(asked.processes) as pool:
        for tally in pool.imap_unordered(soaked, parts):
            total.add(tally)
            if total.disruptions % 1000 == 0:
                spent = time.monotonic() - began
                print(
                    f"{total.disruptions} disruptions, {len(total.illegal)} illegal, {spent:.0f} s",
                    flush=True,
                )
    show("disruptions", total.types)
    show("recommended", total.recommended)
    show("offered", total.offered)
    for line in total.illegal:
        print(f"ILLEGAL {line}")
    print(
        f"{total.disruptions} random disruptions in {time.monotonic() - began:.0f} s: "
        f"{len(total.illegal)} illegal offers, {total.recommended[MANUAL]} manual reviews"
    )
    return not total.illegal


def show(name: str, counts: Counter[str]) -> None:
    """Print counts, the largest first."""
    print(f"{name}:")
    for what, count in counts.most_common():
        print(f"  {what:<30} {count:>7}")


if __name__ == "__main__":
    raise SystemExit(not main())
