"""A candidate for the flight of the agents' tests."""

from __future__ import annotations

from datetime import timedelta

from skymarshal.domain.candidate import Candidate, CandidateKind
from skymarshal.operations.records import Flight


def late(flight: Flight, minutes: int, *, tail: str | None = None) -> Candidate:
    off_block = flight.std + timedelta(minutes=minutes)
    return Candidate(
        kind=CandidateKind.DELAY if tail is None else CandidateKind.TAIL_SWAP,
        flight_id=flight.flight_id,
        off_block=off_block,
        on_block=off_block + flight.block,
        registration=tail or flight.registration,
        destination=flight.destination,
    )


def cancelled(flight: Flight, kind: CandidateKind = CandidateKind.PARTNER) -> Candidate:
    return Candidate(kind=kind, flight_id=flight.flight_id, off_block=None, on_block=None, registration=None)
