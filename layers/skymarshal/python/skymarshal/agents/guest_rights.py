"""What the law says beside the sums: who answers for a joined booking, how long a cabin may wait."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from skymarshal.calculators.passengers import PassengerFacts
from skymarshal.domain.passenger_rights import OperatedLeg, payer_of, us_tarmac_limit
from skymarshal.domain.times import format_duration
from skymarshal.domain.wording import agreeing, counted

__all__ = ["payer_notes", "tarmac_notes"]


def payer_notes(facts: PassengerFacts) -> list[str]:
    """Return who answers for journeys from the EU that another carrier begins under the same booking.

    For journeys into the EU it turns on the other carrier's licence, which no table holds; nothing is said.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for booking in facts.bookings:
        origin = facts.airports.get(booking.journey_origin)
        legs = [OperatedLeg(carrier=one.carrier, carrier_eu=False) for one in booking.segments]
        if not booking.single_ticket or origin is None or not origin.eu or len(legs) < 2:
            continue
        answer = payer_of(legs, broken=booking.segment, origin_eu=True, destination_eu=False)
        if answer.payer is not None and answer.redress_against is not None:
            found[answer.payer, answer.redress_against, answer.articles[0].citation] += 1
    return [
        f"{counted(passengers, 'passenger')} {agreeing(passengers, 'turns', 'turn')} to {payer} first, which "
        f"operates the first flight of the booking and may seek redress from {against} ({article})."
        for (payer, against, article), passengers in sorted(found.items())
    ]


def tarmac_notes(facts: PassengerFacts, delay: timedelta) -> list[str]:
    """Return how long passengers may be kept aboard where the flight waits in the United States."""
    origin = facts.airports.get(facts.flight.origin)
    destination = facts.airports.get(facts.flight.destination)
    if origin is None or origin.country != "US" or delay <= timedelta(0):
        return []
    domestic = destination is not None and destination.country == "US"
    limit = us_tarmac_limit(domestic=domestic, wait=delay)
    held = "" if limit.allowed else "; do not board before the delay that is left is shorter"
    return [
        f"Once the doors are closed at {origin.airport}, passengers may leave after "
        f"{format_duration(limit.limit)}, with food after 2:00{held} ({limit.articles[0].citation})."
    ]
