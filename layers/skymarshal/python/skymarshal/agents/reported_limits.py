"""What a report leaves out that the tables do not hold either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.assessment import Unknown
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.operations.records import AirportSlot, Flight

__all__ = ["missing_from_report"]

_WITHOUT_END: Final[Mapping[DisruptionType, str]] = {
    DisruptionType.SECURITY: "A security limit is reported",
    DisruptionType.STRIKE: "A strike is reported",
    DisruptionType.DIVERSION: "A diversion is reported",
}


def missing_from_report(
    disruption: Disruption, flight: Flight, slot: AirportSlot | None, *, closed: bool
) -> Unknown | None:
    """Return what has to be known of a limit that is reported without a time, or None if it is known.

    Args:
        disruption: the report.
        flight: the flight it is about.
        slot: its departure slot, or None.
        closed: whether a NOTAM already closes an end of the flight.
    """
    details = disruption.details
    if details.delay is not None or details.window_start is not None or details.window_end is not None:
        return None
    where = disruption.airport or flight.origin
    if disruption.type is DisruptionType.AIRPORT_CLOSURE and not closed:
        why = f"{where} is reported closed and neither the report nor a NOTAM says until when."
        return Unknown(table="Notams", key=where, field="valid_to", why=why)
    if disruption.type is DisruptionType.ATC and (slot is None or slot.ctot is None):
        why = f"A flow restriction is reported and neither a take-off time nor a delay of {flight.flight_id}."
        return Unknown(table="AirportSlots", key=flight.flight_id, field="ctot", why=why)
    if disruption.type in _WITHOUT_END:
        why = f"{_WITHOUT_END[disruption.type]} without its times or a delay."
        return Unknown(
            table=DISRUPTION_DETAIL_TYPE, key=disruption.disruption_id, field="details.delay", why=why
        )
    return None
