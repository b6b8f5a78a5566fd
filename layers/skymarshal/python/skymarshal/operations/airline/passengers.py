"""Who travels: passengers, their journeys over the hub and beyond, their seats and bags."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Final, Literal, TypeAlias

from skymarshal.operations.airline.journeys import connects, partner_segments, segment_of
from skymarshal.operations.airline.names import person_name
from skymarshal.operations.airline.schedule import Schedule
from skymarshal.operations.airline.situations import FEEDS, FULL_FLIGHTS
from skymarshal.operations.airline.world import AIRCRAFT_TYPES, AIRPORTS, HUB, distance_km, seat_map
from skymarshal.operations.records import Bag, Booking, Flight, PartnerFlight, Passenger, Segment

__all__ = ["Bookings", "book", "with_seats_sold"]

Cabin: TypeAlias = Literal["first", "business", "economy"]

_CABINS: Final[tuple[Cabin, ...]] = ("first", "business", "economy")
_CONNECTING_SHARE: Final = 0.4
_BEYOND_SHARE: Final = 0.10
_BOOKED_LATER: Final = 0.85
_FULLEST: Final = 0.97
_LOCATOR: Final = "BCDFGHJKLMNPQRSTVWXZ23456789"
_LOCATORS: Final = len(_LOCATOR) ** 6
_LOCATOR_STRIDE: Final = 282_475_249
"""Coprime to the number of locators, so that no two bookings get the same one."""

_CURRENCY: Final = {"AE": ("AED", Decimal("3.67")), "GB": ("GBP", Decimal("0.79"))}
_FARE_FACTOR: Final = {"first": Decimal("6.2"), "business": Decimal("3.4"), "economy": Decimal(1)}


@dataclass(frozen=True, slots=True)
class Bookings:
    """The passengers with their booked segments and checked bags."""

    passengers: Sequence[Passenger]
    bookings: Sequence[Booking]
    bags: Sequence[Bag]


@dataclass(slots=True)
class _Cabins:
    """What is still free on a flight, and how many passengers it should still get."""

    flight: Flight
    segment: Segment
    wanted: int
    used: dict[Cabin, int] = field(default_factory=dict)

    @property
    def seats(self) -> int:
        return sum(AIRCRAFT_TYPES[self.flight.aircraft_type].seats.values())

    def free(self, cabin: Cabin) -> int:
        seats = AIRCRAFT_TYPES[self.flight.aircraft_type].seats.get(cabin, 0)
        return seats - self.used.get(cabin, 0)

    def take_seat(self, cabin: Cabin) -> str:
        number = self.used.get(cabin, 0)
        self.used[cabin] = number + 1
        self.wanted -= 1
        return seat_map(self.flight.aircraft_type, cabin)[number]


def book(schedule: Schedule, partners: Sequence[PartnerFlight], passengers: int, random: Random) -> Bookings:
    """Return exactly `passengers` passengers on the flights of the schedule.

    Raises:
        ValueError: The flights have fewer seats than that.
    """
    return _Booking(schedule, partners, passengers, random).run()


def with_seats_sold(flights: Iterable[Flight], bookings: Iterable[Booking]) -> Iterator[Flight]:
    """Yield the flights with the seats that the bookings take, by cabin; a freighter sells none."""
    sold: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for booking in bookings:
        sold[booking.flight_id][booking.cabin] += 1
    for flight in flights:
        yield (
            replace(flight, seats_sold=dict(sold[flight.flight_id]))
            if flight.service == "passenger"
            else flight
        )


class _Booking:
    def __init__(
        self, schedule: Schedule, partners: Sequence[PartnerFlight], passengers: int, random: Random
    ) -> None:
        self._tomorrow = schedule.calendar.today + timedelta(days=1)
        self._random = random
        self._total = passengers
        self._passengers: list[Passenger] = []
        self._bookings: list[Booking] = []
        self._bags: list[Bag] = []
        self._pnrs = 0
        self._cabins = {
            flight.flight_id: _Cabins(flight, segment_of(flight), 0)
            for flight in schedule.flights
            if flight.service == "passenger"
        }
        self._onward = _onward_options(self._cabins)
        self._beyond = _beyond_options(self._cabins, partners)

    def run(self) -> Bookings:
        self._set_targets()
        flights = list(self._cabins.values())
        for cabins in flights:
            for onward_number, count in FEEDS.get(cabins.flight.flight_number, {}).items():
                self._feed(cabins, onward_number, count)
        for cabins in flights:
            if cabins.flight.flight_number in FEEDS:
                continue
            options = self._onward.get(cabins.flight.flight_id, ())
            connecting = round(cabins.wanted * _CONNECTING_SHARE) if options else 0
            while connecting > 0 and not self._full():
                onward = options[int(self._random.random() * len(options))]
                size = self._party((cabins, onward), min(connecting, onward.wanted), [])
                connecting -= size or 1
        for cabins in flights:
            self._fill(cabins)
        spare = [cabins for cabins in flights if cabins.flight.status == "scheduled"]
        while not self._full():
            before = len(self._passengers)
            for cabins in spare:
                self._party((cabins,), 2, [])
                if self._full():
                    break
            if len(self._passengers) == before:
                raise ValueError(f"{self._total} passengers do not fit, {before} do")
        return Bookings(self._passengers, self._bookings, self._bags)

    def _full(self) -> bool:
        return len(self._passengers) >= self._total

    def _set_targets(self) -> None:
        """Give every flight its share of the passengers; later days are booked less so far."""
        fixed: dict[str, float] = {}
        weights: dict[str, float] = {}
        for flight_id, cabins in self._cabins.items():
            flight = cabins.flight
            soon = flight.flight_date <= self._tomorrow
            if soon and flight.flight_number in FULL_FLIGHTS:
                fixed[flight_id] = FULL_FLIGHTS[flight.flight_number] * cabins.seats
            else:
                share = self._random.uniform(0.5, 0.8) * (1.0 if soon else _BOOKED_LATER)
                weights[flight_id] = share * cabins.seats
        twice = _CONNECTING_SHARE * sum(weights.get(flight_id, 0.0) for flight_id in self._onward)
        scale = max(0.1, (self._total - sum(fixed.values())) / (sum(weights.values()) - twice))
        for flight_id, cabins in self._cabins.items():
            wanted = fixed[flight_id] if flight_id in fixed else weights[flight_id] * scale
            cabins.wanted = min(round(wanted), round(cabins.seats * _FULLEST))

    def _feed(self, cabins: _Cabins, onward_number: str, count: int) -> None:
        for onward in self._onward.get(cabins.flight.flight_id, ()):
            if onward.flight.flight_number == onward_number:
                while count > 0 and (size := self._party((cabins, onward), count, [])):
                    count -= size

    def _fill(self, cabins: _Cabins) -> None:
        beyond = self._beyond.get(cabins.flight.flight_id, ())
        while cabins.wanted > 0 and not self._full():
            partner: list[Segment] = []
            if beyond and self._random.random() < _BEYOND_SHARE:
                partner = [beyond[int(self._random.random() * len(beyond))]]
            if not self._party((cabins,), cabins.wanted, partner):
                break

    def _party(self, own: Sequence[_Cabins], at_most: int, partner: Sequence[Segment]) -> int:
        """Book one party on its journey and return its size, 0 if no cabin has room for it."""
        draw = self._random.random()
        size = 1 if draw < 0.62 else 2 if draw < 0.87 else 3 if draw < 0.95 else 4
        size = min(size, at_most, self._total - len(self._passengers))
        cabin = self._cabin(own, size)
        if cabin is None or size < 1:
            return 0
        self._pnrs += 1
        pnr = _locator(self._pnrs)
        segments = (*(cabins.segment for cabins in own), *partner)
        for _ in range(size):
            passenger = self._passenger(size)
            for number, segment in enumerate(segments, start=1):
                seat = own[number - 1].take_seat(cabin) if number <= len(own) else ""
                fare, currency = _fare(segments[0].origin, segment.origin, segment.destination, cabin)
                self._bookings.append(
                    Booking(
                        pnr=pnr,
                        segment_passenger=f"{number}#{passenger.passenger_id}",
                        flight_id=segment.flight_id,
                        passenger_id=passenger.passenger_id,
                        segment=number,
                        segments=segments,
                        journey_origin=segments[0].origin,
                        final_destination=segments[-1].destination,
                        final_sta=segments[-1].sta,
                        cabin=cabin,
                        fare=fare,
                        currency=currency,
                        seat=seat,
                        single_ticket=True,
                        carrier=segment.carrier,
                    )
                )
            self._check_bags(pnr, own[0].flight)
        return size

    def _cabin(self, own: Sequence[_Cabins], size: int) -> Cabin | None:
        draw = self._random.random()
        wish: Cabin = "first" if draw < 0.012 else "business" if draw < 0.10 else "economy"
        for cabin in (wish, "economy", "business", "first"):
            if all(cabins.free(cabin) >= size for cabins in own):
                return cabin
        return None

    def _passenger(self, party: int) -> Passenger:
        random = self._random
        number = len(self._passengers) + 1
        draw = random.random()
        tier: Literal["platinum", "gold", "silver", "none"] = (
            "platinum" if draw < 0.02 else "gold" if draw < 0.08 else "silver" if draw < 0.20 else "none"
        )
        need = random.random()
        ssrs: tuple[str, ...] = ()
        if need < 0.035:
            ssrs = ("WCHR",) if need < 0.02 else ("VGML",) if need < 0.03 else ("MEDA",)
            if need > 0.031 and party == 1:
                ssrs = ("UMNR",)
        passenger = Passenger(
            passenger_id=f"P{number:07d}",
            name=person_name(random),
            tier=tier,
            ssrs=ssrs,
            contact=f"p{number:07d}@example.com",
            remarks="",
        )
        self._passengers.append(passenger)
        return passenger

    def _check_bags(self, pnr: str, flight: Flight) -> None:
        draw = self._random.random()
        status: Literal["checked", "in_transit", "delivered"] = "checked"
        location = flight.origin
        if flight.status != "scheduled":
            arrived = flight.status == "arrived"
            status, location = ("delivered", flight.destination) if arrived else ("in_transit", "on board")
        for _ in range(0 if draw < 0.35 else 1 if draw < 0.85 else 2):
            self._bags.append(
                Bag(
                    bag_tag=f"0607{len(self._bags) + 100_001:06d}",
                    flight_id=flight.flight_id,
                    pnr=pnr,
                    status=status,
                    location=location,
                )
            )


def _onward_options(cabins: Mapping[str, _Cabins]) -> dict[str, tuple[_Cabins, ...]]:
    """For each flight to the hub, the flights from the hub that a journey would go on with."""
    outbound = [one for one in cabins.values() if one.flight.origin == HUB]
    outbound.sort(key=lambda one: (one.flight.std, one.flight.flight_id))
    options = {
        flight_id: tuple(one for one in outbound if connects(inbound.flight, one.flight))
        for flight_id, inbound in cabins.items()
        if inbound.flight.destination == HUB
    }
    return {flight_id: found for flight_id, found in options.items() if found}


def _beyond_options(
    cabins: Mapping[str, _Cabins], partners: Sequence[PartnerFlight]
) -> dict[str, tuple[Segment, ...]]:
    """For each flight from the hub, partners' flights that go on from its destination."""
    from_: defaultdict[str, list[PartnerFlight]] = defaultdict(list)
    for partner in partners:
        origin, destination = partner.route.split("-")
        if HUB not in (origin, destination) and partner.interline:
            from_[origin].append(partner)
    return {
        flight_id: tuple(partner_segments(one.flight, from_[one.flight.destination]))
        for flight_id, one in cabins.items()
        if one.flight.destination in from_
    }


def _locator(number: int) -> str:
    value = number * _LOCATOR_STRIDE % _LOCATORS
    letters = []
    for _ in range(6):
        value, digit = divmod(value, len(_LOCATOR))
        letters.append(_LOCATOR[digit])
    return "".join(letters)


@lru_cache(maxsize=16384)
def _fare(sold_in: str, origin: str, destination: str, cabin: Cabin) -> tuple[Decimal, str]:
    """Return the fare of a segment in the currency of the country where the journey begins."""
    airport = AIRPORTS[sold_in]
    currency, rate = _CURRENCY.get(airport.country, ("USD", Decimal(1)))
    if airport.eu and airport.country != "CH":
        currency, rate = "EUR", Decimal("0.92")
    dollars = (60 + Decimal("0.055") * distance_km(origin, destination)) * _FARE_FACTOR[cabin]
    return (dollars * rate).quantize(Decimal(1)), currency
