"""The flight with fewer crew, as options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from skymarshal.calculators.crew_legality import CrewLegality
from skymarshal.calculators.crew_validity import FLIGHT_DECK
from skymarshal.calculators.minimum_crew import MinimumCrew, with_fewer_pilots
from skymarshal.domain.assessment import Evidence, Option, OptionKind
from skymarshal.domain.wording import counted
from skymarshal.operations.records import CrewAssignment

__all__ = ["fewer_crew_options"]


def fewer_crew_options(
    minimum: MinimumCrew,
    roster: Sequence[CrewAssignment],
    to_cover: Sequence[CrewLegality],
    legality: Callable[[CrewAssignment], CrewLegality],
    off_block: datetime,
) -> tuple[Option, ...]:
    """Return whether the flight may leave without each of `to_cover`, and until when.

    Without a pilot the others fly with one fewer to relieve them, so their FDP may be shorter.

    Args:
        minimum: who has to be aboard at least.
        roster: the crew of the flight.
        to_cover: those who cannot fly it, or not for long.
        legality: says until when a roster row is legal.
        off_block: the departure that is expected.
    """
    out = {one.crew_id for one in to_cover if one.out}
    rows = {row.crew_id: row for row in roster}
    options: list[Option] = []
    for one in to_cover:
        row = rows[one.crew_id]
        reasons = list(minimum.spared(one.crew_id))
        latest: datetime | None = None
        if not reasons and row.role in FLIGHT_DECK:
            others = [
                legality(with_fewer_pilots(other, 1))
                for other in roster
                if other.role in FLIGHT_DECK and other.crew_id not in out | {one.crew_id}
            ]
            known = [other.latest_off_block for other in others if other.latest_off_block is not None]
            latest = min(known, default=None)
            pilots = counted(sum(1 for other in roster if other.role in FLIGHT_DECK) - 1, "pilot")
            reasons += [f"with {pilots}: {why}" for other in others for why in other.out]
            if latest is not None and latest < off_block:
                reasons.append(f"with {pilots} the flight could leave until {latest:%Y-%m-%d %H:%MZ} only")
        options.append(
            Option(
                kind=OptionKind.FEWER_CREW,
                key=one.crew_id,
                replaces=one.crew_id,
                usable=not reasons,
                latest_off_block=latest,
                quantity=len(roster) - 1,
                reasons=tuple(dict.fromkeys(reasons)),
                evidence=_evidence(minimum),
            )
        )
    return tuple(options)


def _evidence(minimum: MinimumCrew) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(seen for limit in minimum.limits for seen in limit.evidence))
