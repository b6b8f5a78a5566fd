"""Checks of how many crew a flight needs."""

from __future__ import annotations

from skymarshal.cli.rule_checks.answers import Answer
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import minimum_crew
from skymarshal.domain.errors import InvalidInputError, MissingInputError

__all__ = ["minimum_cabin_crew", "reduced_cabin_crew"]


def minimum_cabin_crew(fields: Fields) -> Answer:
    """Return the fewest cabin crew for the seats installed."""
    together, by_deck, decks = fields.integer("seats"), _by_deck(fields), fields.integer("decks")
    for name, told in (("seats", together), ("decks", decks)):
        if by_deck and told is not None:
            raise InvalidInputError(name, told, f"no {name} beside seats_by_deck")
    seats = by_deck or (None if together is None else (together,))
    assigned, senior = fields.integer("cabin_crew"), fields.flag("senior_aboard")
    if senior is not None and assigned is None:
        raise MissingInputError("cabin_crew", "how many are aboard, beside senior_aboard")
    result = minimum_crew.minimum_cabin_crew(
        seats_by_deck=fields.need(seats, "seats", "the passenger seats installed"),
        decks=1 if decks is None else decks,
        certified=fields.integer("certified_minimum"),
        assigned=assigned,
        senior_assigned=senior,
        passengers=fields.integer("passengers"),
    )
    return Answer(
        values={
            "minimum": result.minimum,
            "senior_required": result.senior_required,
            "legal": result.sufficient,
        },
        results=(result,),
    )


def reduced_cabin_crew(fields: Fields) -> Answer:
    """Return whether a flight may leave with fewer cabin crew than the minimum."""
    result = minimum_crew.reduced_cabin_crew(
        aboard=fields.need(fields.integer("cabin_crew"), "cabin_crew", "how many are left"),
        passengers=fields.integer("passengers"),
        senior_aboard=fields.flag("senior_aboard"),
        unforeseen_away_from_base=fields.flag("unforeseen_away_from_base"),
        procedure_minimum=fields.integer("procedure_minimum"),
    )
    return Answer(
        values={
            "allowed": result.allowed,
            "most_passengers": result.most_passengers,
            "report_required": result.report_required,
            "reason": result.reason,
        },
        results=(result,),
    )


def _by_deck(fields: Fields) -> tuple[int, ...]:
    found = fields.numbers("seats_by_deck") or []
    if any(seats != int(seats) for seats in found):
        raise InvalidInputError("seats_by_deck", found, "whole numbers")
    return tuple(int(seats) for seats in found)
