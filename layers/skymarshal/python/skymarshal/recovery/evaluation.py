"""Evaluating candidates: what the calculators say about one of them."""

from __future__ import annotations

from typing import Protocol

from skymarshal.domain.arbitration import ConstraintCheck, RejectedCandidate
from skymarshal.domain.candidate import Candidate
from skymarshal.recovery.impact import Impact

__all__ = ["Evaluator"]


class Evaluator(Protocol):
    """Computes one candidate with the calculators."""

    def checks(self, candidate: Candidate) -> tuple[ConstraintCheck, ...]:
        """Return the safety rules computed for the candidate's own tail, crew and times."""
        ...

    def impact(self, candidate: Candidate) -> Impact:
        """Return what the candidate does to passengers, network and money."""
        ...

    def diversions(self) -> tuple[Candidate, ...]:
        """Return the landings at an alternate to try, where the destination does not take the flight."""
        ...

    def under_way(self) -> tuple[RejectedCandidate, ...]:
        """Return the alternates of a flight that has departed, with what speaks against each."""
        ...

    def variants(self, candidate: Candidate) -> tuple[Candidate, ...]:
        """Return what else could be done for those who miss a connection, with `candidate` as it flies."""
        ...

    def refined(self, candidate: Candidate) -> Impact | None:
        """Return the impact with the seats given out at the least cost, or None where nobody needs one."""
        ...
