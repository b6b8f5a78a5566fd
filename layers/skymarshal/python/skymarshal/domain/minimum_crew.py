"""The fewest crew that a flight may leave with: ORO.CC.100, ORO.CC.200, ORO.CC.205."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError

__all__ = [
    "MINIMUM_CABIN_CREW_ARTICLE",
    "MINIMUM_PILOTS",
    "REDUCED_CABIN_CREW_ARTICLE",
    "SEATS_PER_CABIN_CREW",
    "SENIOR_CABIN_CREW_ARTICLE",
    "MinimumCabinCrew",
    "ReducedCabinCrew",
    "minimum_cabin_crew",
    "reduced_cabin_crew",
]

SEATS_PER_CABIN_CREW: Final = 50
MINIMUM_PILOTS: Final = 2
"""A commander and a co-pilot."""

_SEATS_WITHOUT_CABIN_CREW: Final = 19
_MOST_SEATS: Final = 1_000
_MOST_DECKS: Final = 3
_PART_ORO: Final = "Regulation (EU) 965/2012 Annex III Part-ORO"

MINIMUM_CABIN_CREW_ARTICLE: Final = Article(
    regulation=_PART_ORO,
    article="ORO.CC.100",
    subject="number and composition of cabin crew",
    status="verified",
    source="EASA FAQ 45829; OPS 1.990, whose figure it keeps, as enacted in France",
)
SENIOR_CABIN_CREW_ARTICLE: Final = Article(
    regulation=_PART_ORO,
    article="ORO.CC.200",
    subject="senior cabin crew member",
    status="verified",
    source="EASA Easy Access Rules for Air Operations",
)
REDUCED_CABIN_CREW_ARTICLE: Final = Article(
    regulation=_PART_ORO,
    article="ORO.CC.205",
    subject="reduction of the number of cabin crew on the ground and in unforeseen circumstances",
    status="unverified",
    source="UK CAA comments in CHIRP reports CC5883, CC6572; EASA FAQ on prior approval",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumCabinCrew(RuleResult):
    """The fewest cabin crew with passengers aboard.

    Attributes:
        minimum: How many; None if the seats are not known.
        senior_required: Whether a senior cabin crew member is among them; None if the minimum is unknown.
        sufficient: Whether those assigned are enough; None if that cannot be told.
    """

    minimum: int | None
    senior_required: bool | None
    sufficient: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReducedCabinCrew(RuleResult):
    """Whether a flight may leave with fewer than the minimum, in unforeseen circumstances.

    Attributes:
        allowed: Whether it may; None if a needed fact is unknown.
        most_passengers: With how many passengers at most on the deck; None if it may not.
        reason: Why not.
        report_required: Whether the authority is told after the flight.
    """

    allowed: bool | None
    most_passengers: int | None
    reason: str | None
    report_required: bool


def minimum_cabin_crew(
    *,
    seats_by_deck: Sequence[int] | None,
    decks: int = 1,
    certified: int | None = None,
    assigned: int | None = None,
    senior_assigned: bool | None = None,
    passengers: int | None = None,
) -> MinimumCabinCrew:
    """Return the fewest cabin crew by the seats installed or by the certification, whichever are more.

    Seats count as installed, sold or not: to block some lowers nothing. Where the seats of two decks are
    known only together, the worst way to share them out counts.

    Args:
        seats_by_deck: Passenger seats installed on each deck, or on all `decks` together; None if unknown.
        decks: Decks that have seats, where `seats_by_deck` gives one number for all.
        certified: Number established in the certification of the cabin; None if it is not on record.
        assigned: Cabin crew on the flight, the senior one included.
        senior_assigned: Whether a senior cabin crew member is among them; None if unknown.
        passengers: Passengers aboard; None with any, 0 with none, when no cabin crew is required.

    Raises:
        OutOfRangeError: If a number is out of its bounds.
    """
    for name, number, most in (
        ("seats", sum(seats_by_deck or ()), _MOST_SEATS),
        ("certified", certified, _MOST_SEATS // SEATS_PER_CABIN_CREW * 2),
        ("assigned", assigned, _MOST_SEATS),
        ("passengers", passengers, _MOST_SEATS),
    ):
        if number is not None and not 0 <= number <= most:
            raise OutOfRangeError(name, number, f"0 to {most:,}")
    if not 1 <= decks <= _MOST_DECKS:
        raise OutOfRangeError("decks", decks, f"1 to {_MOST_DECKS}")
    if any(seats < 0 for seats in seats_by_deck or ()):
        raise OutOfRangeError("seats_by_deck", list(seats_by_deck or ()), "seats of zero or more")
    minimum, how = _minimum(seats_by_deck, decks, certified, passengers)
    senior = None if minimum is None else minimum > 1
    return MinimumCabinCrew(
        minimum=minimum,
        senior_required=senior,
        sufficient=_sufficient(minimum, senior, assigned, senior_assigned),
        articles=(MINIMUM_CABIN_CREW_ARTICLE, SENIOR_CABIN_CREW_ARTICLE),
        inputs={
            "seats_by_deck": None if seats_by_deck is None else list(seats_by_deck),
            "decks": decks,
            "certified": certified,
            "assigned": assigned,
            "senior_assigned": senior_assigned,
            "passengers": passengers,
        },
        working=(how,),
        unknowns=() if minimum is not None else ("seats",),
    )


def reduced_cabin_crew(
    *,
    aboard: int,
    passengers: int | None,
    senior_aboard: bool | None,
    unforeseen_away_from_base: bool | None,
    procedure_minimum: int | None,
) -> ReducedCabinCrew:
    """Return whether a flight may leave with fewer cabin crew than the minimum.

    It takes an incapacitation or unavailability away from the home base, a procedure approved in the
    operations manual, fewer passengers (at most 50 for each cabin crew member on the deck) and a senior
    cabin crew member. Too few on the roster or on standby is not unforeseen.

    Args:
        aboard: Cabin crew left, the senior one included.
        passengers: On the deck; None if unknown.
        senior_aboard: Whether a senior cabin crew member is among them.
        unforeseen_away_from_base: Whether the shortage is of that kind.
        procedure_minimum: Fewest cabin crew that the approved procedure goes down to; None if no procedure
            is known.

    Raises:
        OutOfRangeError: If a number is negative.
    """
    for name, number in (
        ("aboard", aboard),
        ("passengers", passengers),
        ("procedure_minimum", procedure_minimum),
    ):
        if number is not None and not 0 <= number <= _MOST_SEATS:
            raise OutOfRangeError(name, number, f"0 to {_MOST_SEATS:,}")
    most = aboard * SEATS_PER_CABIN_CREW
    refusal = _refusal(aboard, passengers, senior_aboard, unforeseen_away_from_base, procedure_minimum)
    facts = {
        "passengers": passengers,
        "senior_aboard": senior_aboard,
        "unforeseen_away_from_base": unforeseen_away_from_base,
        "procedure_minimum": procedure_minimum,
    }
    missing = tuple(name for name, fact in facts.items() if fact is None)
    allowed = False if refusal is not None else None if missing else True
    return ReducedCabinCrew(
        allowed=allowed,
        most_passengers=None if allowed is False else most,
        reason=refusal,
        report_required=allowed is not False,
        articles=(REDUCED_CABIN_CREW_ARTICLE,),
        inputs={"aboard": aboard, **facts},
        working=(
            f"not allowed: {refusal}"
            if refusal is not None
            else f"{aboard} cabin crew: at most {most} passengers on the deck, and a report to the authority",
        ),
        unknowns=() if refusal is not None else missing,
    )


def _minimum(
    seats_by_deck: Sequence[int] | None, decks: int, certified: int | None, passengers: int | None
) -> tuple[int | None, str]:
    if passengers == 0:
        return 0, "no passengers aboard: none required"
    if seats_by_deck is None or sum(seats_by_deck) == 0:
        return None, "the seats installed are not known"
    seats = sum(seats_by_deck)
    if seats <= _SEATS_WITHOUT_CABIN_CREW:
        return certified or 0, f"{seats} seats: none required up to {_SEATS_WITHOUT_CABIN_CREW}"
    if len(seats_by_deck) == 1 and decks > 1:
        # One seat beyond a full fifty on every deck but one asks for the most.
        by_seats = max(_fifties(seats), (seats - decks) // SEATS_PER_CABIN_CREW + decks)
        how = f"{seats} seats on {decks} decks, however shared out: at most {by_seats}"
    else:
        by_seats = sum(_fifties(deck) for deck in seats_by_deck)
        how = f"{' + '.join(map(str, seats_by_deck))} seats, one for every 50 or fraction of 50: {by_seats}"
    if certified is None:
        return by_seats, f"{how}; the number of the certification is not on record"
    return max(by_seats, certified), f"{how}; certification: {certified}"


def _fifties(seats: int) -> int:
    return -(-seats // SEATS_PER_CABIN_CREW)


def _sufficient(
    minimum: int | None, senior_required: bool | None, assigned: int | None, senior_assigned: bool | None
) -> bool | None:
    if assigned is None or minimum is None:
        return None
    if assigned < minimum or (senior_required and senior_assigned is False):
        return False
    return None if senior_required and senior_assigned is None else True


def _refusal(
    aboard: int,
    passengers: int | None,
    senior_aboard: bool | None,
    unforeseen: bool | None,
    procedure_minimum: int | None,
) -> str | None:
    if unforeseen is False:
        return "too few on the roster, or at the home base, is not unforeseen"
    if senior_aboard is False:
        return "no senior cabin crew member is left"
    if procedure_minimum is not None and aboard < procedure_minimum:
        return f"the approved procedure goes down to {procedure_minimum}"
    if passengers is not None and passengers > aboard * SEATS_PER_CABIN_CREW:
        return f"{passengers} passengers are more than 50 for each of {aboard}"
    return None
