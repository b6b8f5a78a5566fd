"""Checks of how many crew a flight needs."""

from __future__ import annotations

from skymarshal.cli.rule_checks.answers import Answer
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import minimum_crew
from skymarshal.domain.errors import InvalidInputError

__all__ = ["minimum_cabin_crew", "reduced_cabin_crew"]


def minimum_cabin_crew(fields: Fields) -> Answer:
    """Return the fewest cabin crew for the seats installed."""
    together = fields.integer("seats")
    seats = _by_deck(fields) or (None if together is None else (together,))
    result = minimum_crew.minimum_cabin_crew(
        seats_by_deck=fields.need(seats, "seats", "the passenger seats installed"),
        decks=fields.integer("decks") or 1,
        certified=fields.integer("certified_minimum"),
        assigned=fields.integer("cabin_crew"),
        senior_assigned=fields.flag("senior_aboard"),
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
