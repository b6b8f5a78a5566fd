"""Does what is booked fit: journeys, seats, bags and cargo."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from skymarshal.operations import tables as t
from skymarshal.operations.airline.freight import BAG_KG
from skymarshal.operations.airline.violations import Fault, Violation, rows
from skymarshal.operations.records import (
    Aircraft,
    Booking,
    CargoShipment,
    Flight,
    MinimumConnectionTime,
    Segment,
)
from skymarshal.operations.tables import Dataset

__all__ = ["check_loads"]


def check_loads(dataset: Dataset) -> Iterator[Violation]:
    """Yield what is impossible about bookings, bags and cargo."""
    flights = {flight.flight_id: flight for flight in rows(dataset, t.FLIGHTS)}
    aircraft = {tail.registration: tail for tail in rows(dataset, t.AIRCRAFT)}
    yield from _bookings(dataset, flights)
    yield from _seats(dataset, flights, aircraft)
    yield from _bags(dataset, flights)
    yield from _cargo(dataset, flights, aircraft)


def _bookings(dataset: Dataset, flights: Mapping[str, Flight]) -> Iterator[Violation]:
    passengers = {passenger.passenger_id for passenger in rows(dataset, t.PASSENGERS)}
    partners = {
        f"{partner.flight_number}-{partner.std.date().isoformat()}": partner
        for partner in rows(dataset, t.PARTNER_FLIGHTS)
    }
    minimums: defaultdict[str, list[MinimumConnectionTime]] = defaultdict(list)
    for row in rows(dataset, t.MINIMUM_CONNECTION_TIMES):
        minimums[row.airport].append(row)
    judged: dict[tuple[Segment, ...], tuple[tuple[Fault, str], ...]] = {}
    for booking in rows(dataset, t.BOOKINGS):
        if booking.passenger_id not in passengers:
            yield _of_booking(Fault.REFERENCE, booking, f"no passenger {booking.passenger_id}")
        here = booking.segments[booking.segment - 1 : booking.segment]
        if not here or here[0].flight_id != booking.flight_id:
            yield _of_booking(Fault.REFERENCE, booking, "the row's flight is not its segment of the journey")
        last = booking.segments[-1]
        if (last.destination, last.sta) != (booking.final_destination, booking.final_sta):
            yield _of_booking(Fault.TIMES, booking, "the journey does not end at its final destination")
        if booking.segments not in judged:
            known = {**partners, **flights}
            judged[booking.segments] = tuple(_journey(booking.segments, known, flights, minimums))
        for fault, why in judged[booking.segments]:
            yield _of_booking(fault, booking, why)


def _of_booking(fault: Fault, booking: Booking, why: str) -> Violation:
    return Violation(fault, t.BOOKINGS.name, f"{booking.pnr} {booking.segment_passenger}", why)


def _journey(
    segments: tuple[Segment, ...],
    known: Mapping[str, object],
    flights: Mapping[str, Flight],
    minimums: Mapping[str, list[MinimumConnectionTime]],
) -> Iterator[tuple[Fault, str]]:
    for segment in segments:
        if segment.flight_id not in known:
            yield Fault.REFERENCE, f"no flight {segment.flight_id}"
        flight = flights.get(segment.flight_id)
        if flight is not None and (flight.origin, flight.destination, flight.std, flight.sta) != (
            segment.origin,
            segment.destination,
            segment.std,
            segment.sta,
        ):
            yield Fault.TIMES, f"{segment.flight_id} was sold with other times than it is scheduled"
    for before, after in pairwise(segments):
        if before.destination != after.origin:
            yield Fault.CONNECTION, f"from {before.destination} to {after.origin}"
            continue
        onward = flights.get(after.flight_id)
        minimum = _minimum(
            minimums.get(after.origin, []), before, after, None if onward is None else onward.terminal
        )
        if minimum is None:
            yield Fault.CONNECTION, f"no minimum connection time for {after.origin}"
        elif after.std - before.sta < minimum:
            gap = after.std - before.sta
            yield Fault.CONNECTION, f"{gap} in {after.origin}, the minimum is {minimum}"


def _minimum(
    found: list[MinimumConnectionTime], before: Segment, after: Segment, terminal_to: str | None
) -> timedelta | None:
    applicable = [
        row
        for row in found
        if row.carrier_from in (None, before.carrier)
        and row.carrier_to in (None, after.carrier)
        and row.terminal_to in (None, terminal_to)
    ]
    return max((timedelta(minutes=row.minutes) for row in applicable), default=None)


def _seats(
    dataset: Dataset, flights: Mapping[str, Flight], aircraft: Mapping[str, Aircraft]
) -> Iterator[Violation]:
    sold: defaultdict[str, Counter[str]] = defaultdict(Counter)
    taken: dict[tuple[str, str], Booking] = {}
    for booking in rows(dataset, t.BOOKINGS):
        flight = flights.get(booking.flight_id)
        if flight is None:
            continue
        sold[booking.flight_id][booking.cabin] += 1
        if not booking.seat:
            yield _of_booking(Fault.SEAT, booking, "has no seat")
        other = taken.setdefault((booking.flight_id, booking.seat), booking)
        if other is not booking:
            why = f"{booking.seat} on {booking.flight_id} is also {other.passenger_id}'s"
            yield _of_booking(Fault.SEAT, booking, why)
    for flight in flights.values():
        if flight.seats_sold is not None and Counter(flight.seats_sold) != sold[flight.flight_id]:
            why = f"{flight.seats_sold} seats sold, {dict(sold[flight.flight_id])} booked"
            yield Violation(Fault.SEAT, t.FLIGHTS.name, flight.flight_id, why)
    for flight_id, cabins in sold.items():
        tail = aircraft.get(flights[flight_id].registration)
        for cabin, count in cabins.items():
            seats = 0 if tail is None else tail.seats.get(cabin, 0)
            if count > seats:
                why = f"{count} passengers in {seats} seats of {cabin}"
                yield Violation(Fault.SEAT, t.FLIGHTS.name, flight_id, why)


def _bags(dataset: Dataset, flights: Mapping[str, Flight]) -> Iterator[Violation]:
    pnrs = {booking.pnr for booking in rows(dataset, t.BOOKINGS)}
    for bag in rows(dataset, t.BAGGAGE):
        if bag.flight_id not in flights or bag.pnr not in pnrs:
            missing = f"flight {bag.flight_id}" if bag.flight_id not in flights else f"booking {bag.pnr}"
            yield Violation(Fault.REFERENCE, t.BAGGAGE.name, bag.bag_tag, f"no {missing}")


def _cargo(
    dataset: Dataset, flights: Mapping[str, Flight], aircraft: Mapping[str, Aircraft]
) -> Iterator[Violation]:
    shipments = {shipment.awb: shipment for shipment in rows(dataset, t.CARGO_SHIPMENTS)}
    for shipment in shipments.values():
        if not _check_digit_right(shipment.awb):
            why = "the last digit is not the serial modulo 7"
            yield Violation(Fault.AIR_WAYBILL, t.CARGO_SHIPMENTS.name, shipment.awb, why)
    kilograms: Counter[str] = Counter()
    for bag in rows(dataset, t.BAGGAGE):
        kilograms[bag.flight_id] += BAG_KG
    for assignment in rows(dataset, t.CARGO_FLIGHT_ASSIGNMENTS):
        key = f"{assignment.flight_id} {assignment.awb}"
        on, carried = flights.get(assignment.flight_id), shipments.get(assignment.awb)
        if on is None or carried is None:
            missing = f"flight {assignment.flight_id}" if on is None else f"shipment {assignment.awb}"
            yield Violation(Fault.REFERENCE, t.CARGO_FLIGHT_ASSIGNMENTS.name, key, f"no {missing}")
            continue
        kilograms[on.flight_id] += round(carried.weight_kg)
        for why in _unacceptable(carried, on):
            yield Violation(Fault.CARGO, t.CARGO_FLIGHT_ASSIGNMENTS.name, key, why)
    for flight_id, loaded in kilograms.items():
        flight = flights.get(flight_id)
        tail = None if flight is None else aircraft.get(flight.registration)
        if tail is not None and loaded > tail.hold_kg:
            why = f"{loaded} kg in a hold of {tail.hold_kg} kg"
            yield Violation(Fault.HOLD, t.FLIGHTS.name, flight_id, why)


def _check_digit_right(awb: str) -> bool:
    serial = awb.rpartition("-")[2]
    return len(serial) == 8 and serial.isdecimal() and int(serial[:7]) % 7 == int(serial[7])


def _unacceptable(shipment: CargoShipment, flight: Flight) -> Iterator[str]:
    if shipment.cargo_aircraft_only and flight.service != "freighter":
        yield "cargo aircraft only on a passenger flight"
    low, high = shipment.temperature_min_c, shipment.temperature_max_c
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        yield "half a temperature range"
    if "PIL" in shipment.shcs and low is None:
        yield "pharmaceuticals without a temperature range"
    if shipment.hours_left is not None:
        packaging_holds = shipment.packed_at + timedelta(hours=shipment.hours_left)
        if packaging_holds < flight.sta:
            yield "the packaging does not hold until the scheduled arrival"
    if (shipment.un_number is None) != (shipment.dg_class is None):
        yield "dangerous goods without a UN number or class"
    if shipment.live_animals != ("AVI" in shipment.shcs):
        yield "live animals and their code do not agree"
