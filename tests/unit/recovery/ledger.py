"""What a candidate does and costs, worked out a second time: slowly, from the rows, passenger by passenger.

It shares no code with the calculators. Only one thing is taken over, as evidence: on which flights each
passenger was rebooked. When they arrive, how long they wait and what is owed for that is worked out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import asin, ceil, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import Disruption
from skymarshal.operations.records import Airport, Booking, Flight, PartnerFlight, Record

Dataset = Mapping[str, Sequence[Record]]
Journeys = Mapping[str, tuple[tuple[str, ...], bool]]
"""By booking: the flights of the new journey, and whether a lower cabin is all there was."""

HOUR = timedelta(hours=1)
NONE = timedelta(0)
CABINS = ("first", "business", "economy")
NO_EXCUSE = ("technical", "crew")
EXCUSE = ("weather", "airport_closure", "atc", "security", "bird_strike")
AMOUNTS = {"EU261": ("EUR", (250, 400, 600)), "UK261": ("GBP", (220, 350, 520))}

Range = tuple[Decimal, Decimal, Decimal]


@dataclass(slots=True)
class Ledger:
    """The lines of the cost (low, likely, high) in USD by name, and the counts that are shown."""

    lines: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [Decimal(0)] * 3))
    connecting: int = 0
    missed: int = 0
    affected: int = 0
    needing: int = 0
    reprotected: int = 0
    left_behind: int = 0
    downgraded: int = 0
    rerouted: int = 0
    delays: list[timedelta] = field(default_factory=list)
    later: dict[str, timedelta] = field(default_factory=dict)
    without_aircraft: list[str] = field(default_factory=list)

    @property
    def hit(self) -> set[str]:
        return {*self.later, *self.without_aircraft}


@dataclass(slots=True, kw_only=True)
class Fate:
    """What becomes of one passenger."""

    booking: Booking
    left: bool = False
    missed: bool = False
    journey: tuple[Flight | PartnerFlight, ...] = ()
    downgraded: bool = False
    at_origin: bool = True
    departs: datetime | None = None
    arrives: datetime | None = None
    since: datetime

    @property
    def needs(self) -> bool:
        return self.left or self.missed

    @property
    def late(self) -> timedelta | None:
        return None if self.arrives is None else max(self.arrives - self.booking.final_sta, NONE)


class Books:
    """The rows by key, and the work on them."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.flights = {one.flight_id: one for one in dataset["Flights"]}
        self.partners = {
            f"{one.flight_number}-{one.std.date().isoformat()}": one for one in dataset["PartnerFlights"]
        }
        self.airports = {one.airport: one for one in dataset["Airports"]}
        self.tails = {one.registration: one for one in dataset["Aircraft"]}
        self.people = {one.passenger_id: one for one in dataset["Passengers"]}
        self.bookings: dict[str, list[Booking]] = defaultdict(list)
        for one in dataset["Bookings"]:
            self.bookings[one.flight_id].append(one)
        self.by_tail: dict[str, list[Flight]] = defaultdict(list)
        for one in sorted(self.flights.values(), key=lambda one: one.std):
            self.by_tail[one.registration].append(one)

    def ledger(
        self,
        disruption: Disruption,
        candidate: Candidate,
        released: Mapping[str, datetime],
        journeys: Journeys,
    ) -> Ledger:
        flight = self.flights[candidate.flight_id]
        book = Ledger()
        short_of_rest = self._later_flights(flight, candidate, released, book)
        fates = self._fates(disruption, flight, candidate, book, journeys)
        self._operation(flight, candidate, book, short_of_rest)
        self._people(disruption, flight, candidate, fates, book)
        self._cargo(flight, candidate, book)
        return book

    def oversold(self, journeys: Journeys) -> list[str]:
        """Flights on which more passengers are rebooked than have a seat, or that they cannot reach."""
        found = []
        used: dict[str, int] = defaultdict(int)
        for ids, _ in journeys.values():
            legs = [self.flights.get(id_) or self.partners[id_] for id_ in ids]
            for one, other in pairwise(legs):
                if self._departure(other) < self._arrival(one):
                    found.append(f"{ids}: leaves before it is reached")
            for id_ in ids:
                used[id_] += 1
        for id_, count in used.items():
            if id_ in self.partners:
                room = sum(self.partners[id_].seats_available.values())
            else:
                leg = self.flights[id_]
                room = sum(self.tails[leg.registration].seats.values()) - sum(leg.seats_sold.values())
            if count > room:
                found.append(f"{id_}: {count} on {room} seats")
        return found

    # later flights

    def _later_flights(
        self, flight: Flight, candidate: Candidate, released: Mapping[str, datetime], book: Ledger
    ) -> int:
        def line(registration: str) -> list[Flight]:
            return [
                one
                for one in self.by_tail[registration]
                if flight.std < one.std <= flight.std + 48 * HOUR and one.status == "scheduled"
            ]

        own = line(flight.registration)
        away = []
        for leg in own:
            if leg.origin == flight.origin:
                break
            away.append(leg)
        if candidate.on_block is None:
            book.without_aircraft = [leg.flight_id for leg in away]
            return 0
        tail = self.tails[candidate.registration]
        ready = candidate.on_block + tail.minimum_turnaround
        if tail.registration == flight.registration or not line(tail.registration):
            self._slip(own, ready, tail.minimum_turnaround, book)
        else:
            theirs = line(tail.registration)
            trial = Ledger()
            back = self._slip(away, ready, tail.minimum_turnaround, trial)
            in_time = back <= (theirs[0].etd or theirs[0].std)
            self._slip(away if in_time else own, ready, tail.minimum_turnaround, book)
            rest = own[len(away) :] if in_time else theirs
            if flight.registration in released:
                turnround = self.tails[flight.registration].minimum_turnaround
                self._slip(rest, released[flight.registration], turnround, book)
            else:
                book.without_aircraft = [leg.flight_id for leg in rest]
        return self._crew(flight, candidate, tail.minimum_turnaround, book)

    def _slip(self, legs: Iterable[Flight], ready: datetime, turnround: timedelta, book: Ledger) -> datetime:
        """Write down each leg that leaves late until one absorbs it, and return when the tail is free."""
        late = True
        for leg in legs:
            planned = leg.etd or leg.std
            late = late and ready > planned
            if late:
                book.later[leg.flight_id] = ready - planned
            ready = (leg.eta or leg.sta) + (ready - planned if late else NONE) + turnround
        return ready

    def _crew(self, flight: Flight, candidate: Candidate, turnround: timedelta, book: Ledger) -> int:
        """Write down the flights that wait for the crew, and return how many then lack rest."""
        by_tail = dict(book.later)
        short = 0
        for row in self.dataset["CrewRoster"]:
            if row.flight_id != flight.flight_id or row.crew_id in candidate.taken_off:
                continue
            slip = max(candidate.on_block - (flight.eta or flight.sta), NONE)
            ready = candidate.on_block + turnround
            at = row.duty_flights.index(flight.flight_id)
            for leg in (self.flights[id_] for id_ in row.duty_flights[at + 1 :]):
                planned = leg.etd or leg.std
                waits = max(ready - planned, NONE)
                slip = max(waits, by_tail.get(leg.flight_id, NONE))
                if waits > by_tail.get(leg.flight_id, NONE):
                    book.later[leg.flight_id] = max(waits, book.later.get(leg.flight_id, NONE))
                ready = (leg.eta or leg.sta) + slip + turnround
            following = [
                other
                for other in self.dataset["CrewRoster"]
                if other.crew_id == row.crew_id and row.debrief <= other.report <= row.debrief + 48 * HOUR
            ]
            next_report = min((other.report for other in following), default=row.next_report)
            off = row.debrief + slip
            rest = max(12 * HOUR, off - row.report)
            if row.augmented_pilots and row.rest_facility is not None:
                rest = max(rest, 14 * HOUR)
            short += next_report is not None and off + rest > next_report
        return short

    # passengers

    def _fates(
        self,
        disruption: Disruption,
        flight: Flight,
        candidate: Candidate,
        book: Ledger,
        journeys: Journeys,
    ) -> list[Fate]:
        seated = self._seated(flight, candidate)
        fates = []
        for booking in self.bookings[flight.flight_id]:
            cabin = seated.get(booking.segment_passenger)
            lower = cabin is not None and CABINS.index(cabin) > CABINS.index(booking.cabin)
            fate = Fate(booking=booking, left=cabin is None, downgraded=lower, since=flight.std)
            onward = booking.onward if booking.single_ticket else None
            book.connecting += onward is not None
            book.missed += onward is not None and candidate.on_block is None
            minimum = None if fate.left or onward is None else self._minimum(flight, onward)
            if minimum is not None:
                fate.missed = candidate.on_block + minimum > self._leaves(onward, candidate, book)
                book.missed += fate.missed
            if fate.needs:
                self._rebooked(flight, candidate, fate, journeys)
            else:
                fate.departs = candidate.off_block
                fate.arrives = candidate.on_block if onward is None else booking.final_sta
                if onward is not None and minimum is None:
                    fate.arrives = None
            fates.append(fate)
        return fates

    def _rebooked(self, flight: Flight, candidate: Candidate, fate: Fate, journeys: Journeys) -> None:
        booking = fate.booking
        ids, lower = journeys[booking.segment_passenger]
        fate.journey = tuple(self.flights.get(id_) or self.partners[id_] for id_ in ids)
        fate.at_origin = fate.left or bool(fate.journey and self._route(fate.journey[0])[0] == flight.origin)
        fate.downgraded = lower or (fate.downgraded and not fate.at_origin)
        fate.since = flight.std if fate.at_origin else candidate.on_block
        if not fate.journey:
            return
        first, last = fate.journey[0], fate.journey[-1]
        fate.departs = self._departure(first)
        sold = booking.segments[-1].sta
        reached = self._route(last)[1] == booking.final_destination
        fate.arrives = self._arrival(last) if reached else sold

    def _seated(self, flight: Flight, candidate: Candidate) -> dict[str, str]:
        """Who sits in which cabin; nobody where the flight does not operate."""
        everyone = self.bookings[flight.flight_id]
        if candidate.off_block is None:
            return {}
        if candidate.registration == flight.registration:
            return {one.segment_passenger: one.cabin for one in everyone}
        free = {cabin: self.tails[candidate.registration].seats.get(cabin, 0) for cabin in CABINS}
        seated: dict[str, str] = {}
        waiting = []
        for one in sorted(everyone, key=self._priority):
            if free[one.cabin]:
                free[one.cabin] -= 1
                seated[one.segment_passenger] = one.cabin
            else:
                waiting.append(one)
        for one in waiting:
            at = CABINS.index(one.cabin)
            for cabin in (*CABINS[:at][::-1], *CABINS[at + 1 :]):
                if free[cabin]:
                    free[cabin] -= 1
                    seated[one.segment_passenger] = cabin
                    break
        return seated

    def _priority(self, booking: Booking) -> tuple[bool, int, int, str]:
        person = self.people[booking.passenger_id]
        needs = {"MEDA", "UMNR", "WCHR", "WCHS", "WCHC"} & set(person.ssrs)
        tier = ("platinum", "gold", "silver", "none").index(person.tier)
        return not needs, tier, CABINS.index(booking.cabin), booking.segment_passenger

    def _leaves(self, onward, candidate: Candidate, book: Ledger) -> datetime:
        leg = self.flights.get(onward.flight_id)
        leaves = onward.std if leg is None else leg.etd or leg.std
        leaves += book.later.get(onward.flight_id, NONE)
        return max(leaves, candidate.held_flights.get(onward.flight_id, leaves))

    def _minimum(self, flight: Flight, onward) -> timedelta | None:
        leg = self.flights.get(onward.flight_id)
        best: tuple[int, int] | None = None
        for row in self.dataset["MinimumConnectionTimes"]:
            day = onward.std.date()
            if row.airport != flight.destination or row.valid_from > day or day > (row.valid_to or day):
                continue
            if {row.carrier_from, flight.carrier} - {None} != {flight.carrier}:
                continue
            if {row.carrier_to, onward.carrier} - {None} != {onward.carrier}:
                continue
            if leg is not None and leg.terminal and row.terminal_to not in (None, leg.terminal):
                continue
            named = [row.carrier_from, row.carrier_to, row.terminal_from, row.terminal_to]
            best = max(best or (-1, 0), (4 - named.count(None), row.minutes))
        return None if best is None else timedelta(minutes=best[1])

    def _people(
        self,
        disruption: Disruption,
        flight: Flight,
        candidate: Candidate,
        fates: Sequence[Fate],
        book: Ledger,
    ) -> None:
        book.needing = sum(fate.needs for fate in fates)
        book.reprotected = sum(bool(fate.journey) for fate in fates)
        book.left_behind = sum(fate.left for fate in fates)
        book.downgraded = sum(fate.downgraded for fate in fates)
        book.affected = sum(
            fate.needs or fate.late is None or fate.late >= timedelta(minutes=15) for fate in fates
        )
        book.rerouted = sum(fate.missed and bool(fate.journey) and fate.at_origin for fate in fates)
        book.delays = [fate.late for fate in fates if fate.late is not None]
        self._pay(book, "rebooking", "reprotection", "rebooking", book.reprotected, flight)
        for fate in fates:
            for leg in fate.journey:
                if isinstance(leg, PartnerFlight):
                    cabin = fate.booking.cabin
                    kilometres = round(self._kilometres(*self._route(leg)))
                    name = f"seats on partners, {cabin}"
                    self._pay(book, name, "reprotection", f"partner_seat_km#{cabin}", kilometres, flight)
            meals, nights = self._care(flight, fate)
            if candidate.diversion is not None and not fate.left:
                stop = candidate.diversion.off_block - candidate.diversion.on_block
                meals += 0 if stop < 2 * HOUR else 1 + int((stop - 2 * HOUR) / (5 * HOUR))
            self._pay(book, "care: meals", "care", "meal", meals, flight)
            self._pay(book, "care: hotel", "care", "hotel_night", nights, flight)
            self._compensation(disruption, flight, candidate, fate, book)
            self._refund(flight, candidate, fate, book)

    def _care(self, flight: Flight, fate: Fate) -> tuple[int, int]:
        if fate.needs and not fate.journey:
            away = not fate.at_origin or fate.booking.journey_origin != flight.origin
            return 2, int(away)
        km = flight.distance_km
        patience = 2 * HOUR if fate.needs or km <= 1500 else 3 * HOUR if km <= 3500 else 4 * HOUR
        if fate.departs is None:
            return 0, 0
        wait = max(fate.departs - fate.since, NONE)
        if wait < patience:
            return 0, 0
        zone = ZoneInfo(self.airports[flight.origin if fate.at_origin else flight.destination].zone)
        nights = 0 if wait < 6 * HOUR else _nights(fate.since, fate.departs, zone)
        return 1 + max(0, int((wait - 2 * HOUR) / (5 * HOUR))), nights

    def _compensation(
        self, disruption: Disruption, flight: Flight, candidate: Candidate, fate: Fate, book: Ledger
    ) -> None:
        booking = fate.booking
        home, away = self.airports[booking.journey_origin], self.airports[booking.final_destination]
        kilometres = self._kilometres(booking.journey_origin, booking.final_destination)
        for regime, covered in self._covered(booking):
            inside = covered(home) and covered(away)
            band = 0 if kilometres <= 1500 else 1 if inside or kilometres <= 3500 else 2
            currency, amounts = AMOUNTS[regime]
            full = Decimal(amounts[band])
            half = False
            denied = fate.left and candidate.off_block is not None
            later = None if fate.arrives is None else fate.arrives - booking.final_sta
            if not fate.left:
                if fate.late is not None and fate.late < 3 * HOUR:
                    continue
                half = band == 2 and fate.late is not None and fate.late < 4 * HOUR
            else:
                days = max(0, (flight.std - disruption.reported_at).days)
                if later is not None and fate.departs is not None:
                    earlier = flight.std - fate.departs
                    early, late = (2, 4) if days >= 7 else (1, 2)
                    if not denied and (earlier <= early * HOUR and later < late * HOUR):
                        continue
                    half = later <= (2 + band) * HOUR
                if not denied and days >= 14:
                    continue
            amount = full / 2 if half else full
            excused = _excuse(disruption) and not denied
            certain = denied or (disruption.type in NO_EXCUSE and not _excuse(disruption))
            owed = (amount if certain else Decimal(0), Decimal(0) if excused else amount, full)
            self._add(book, f"compensation {regime}", owed, currency, flight)

        self._elsewhere(disruption, flight, candidate, fate, book)

    def _elsewhere(
        self, disruption: Disruption, flight: Flight, candidate: Candidate, fate: Fate, book: Ledger
    ) -> None:
        """What Canada, Saudi Arabia, India and Turkey add; the United States add nothing here."""
        booking = fate.booking
        land = self.airports[booking.journey_origin].country
        lands = {land, self.airports[booking.final_destination].country}
        days = max(0, (flight.std - disruption.reported_at).days)
        denied = fate.left and candidate.off_block is not None
        later = None if fate.arrives is None else fate.arrives - booking.final_sta
        late = fate.late if not fate.left else (None if later is None else max(later, NONE))
        excused = _excuse(disruption) and not denied
        certain = denied or (disruption.type in NO_EXCUSE and not _excuse(disruption))

        def owe(name: str, currency: str, amount: Decimal, most: Decimal, sure: bool, free: bool) -> None:
            low = amount if sure else Decimal(0)
            self._add(
                book, f"compensation {name}", (low, Decimal(0) if free else amount, most), currency, flight
            )

        held = self.airports[booking.journey_origin].eu or land in ("GB", "CA", "SA", "IN", "TR", "US", "AE")
        if not held and (fate.left or late is None or late >= 2 * HOUR):
            self._add(
                book,
                "compensation law not held",
                (Decimal(0), Decimal(300), Decimal(600)),
                "EUR",
                flight,
            )
        if "CA" in lands and not (fate.left and not denied and days > 14):
            steps = ((9, 2400), (6, 1800), (0, 900)) if denied else ((9, 1000), (6, 700), (3, 400))
            due = next((Decimal(sum_) for hours, sum_ in steps if late is None or late >= hours * HOUR), None)
            if due is not None:
                outside = ("technical", "strike", "medical", "ground_damage")
                free = _excuse(disruption) or disruption.type in outside
                owe("APPR", "CAD", due, due, disruption.type == "crew" and not free, free)
        if land == "SA" and not fate.left:
            due = next((Decimal(x) for h, x in ((6, 150), (3, 50)) if late is None or late >= h * HOUR), None)
            if due is not None:
                owe("GACA", "XDR", due, due, certain, excused)
        if land == "SA" and fate.left:
            due = (booking.fare * (2 if denied else Decimal("1.5"))).quantize(Decimal("0.01"))
            name = f"GACA {booking.currency}"
            owe(name, booking.currency, due, due, denied, excused)
        if "IN" in lands and fate.left:
            waits = None if fate.departs is None or later is None else fate.departs - flight.std
            if denied and (waits is None or waits > HOUR):
                cap = Decimal(10_000 if waits is not None and waits <= 24 * HOUR else 20_000)
                owe("DGCA", "INR", cap, cap, False, False)
            elif not denied and days < 14:
                cap = Decimal(10_000 if flight.block > 2 * HOUR else 7_500 if flight.block > HOUR else 5_000)
                owe("DGCA", "INR", cap, cap, certain and waits is None, excused or waits is not None)
        if land == "TR" and fate.left:
            km = self._kilometres(booking.journey_origin, booking.final_destination)
            band = 0 if km <= 1500 else 1 if km <= 3500 else 2
            full = Decimal((250, 400, 600)[band])
            close = False
            if later is not None and fate.departs is not None:
                early, after = (2, 4) if days >= 7 else (1, 2)
                close = flight.std - fate.departs <= early * HOUR and later < after * HOUR
            if denied or not (close or days >= 14):
                half = later is not None and later <= (2 + band) * HOUR
                owe("SHY", "EUR", full / 2 if half else full, full, certain, excused)

    def _covered(self, booking: Booking):
        """The regimes of the country where the journey begins: the carrier is of neither."""
        home = self.airports[booking.journey_origin]
        if home.eu:
            yield "EU261", lambda one: one.eu
        if home.uk:
            yield "UK261", lambda one: one.uk

    def _refund(self, flight: Flight, candidate: Candidate, fate: Fate, book: Ledger) -> None:
        booking = fate.booking
        covered = bool(list(self._covered(booking)))
        if fate.downgraded and covered:
            km = flight.distance_km
            percent = 30 if km <= 1500 else 50 if km <= 3500 else 75
            back = (booking.fare * percent / 100).quantize(Decimal("0.01"))
            self._add(book, "refunds", (back, back, back), booking.currency, flight)
        late = NONE if candidate.off_block is None else candidate.off_block - flight.std
        countries = {
            self.airports[code].country for code in (booking.journey_origin, booking.final_destination)
        }
        american = "US" in countries and (fate.late or NONE) >= (3 if countries == {"US"} else 6) * HOUR
        if not (fate.left or (late >= 5 * HOUR and covered) or american):
            return
        sure = booking.fare if fate.left and not fate.journey else Decimal(0)
        self._add(book, "refunds", (sure, sure, booking.fare), booking.currency, flight)

    # the flight itself

    def _operation(self, flight: Flight, candidate: Candidate, book: Ledger, short_of_rest: int) -> None:
        block = Decimal(flight.block / HOUR)
        planned = flight.aircraft_type
        if candidate.off_block is None:
            if self.airports[flight.origin].hub:
                self._pay(book, "fuel not burnt", "fuel", f"fuel_per_block_hour#{planned}", -block, flight)
        else:
            type_ = self.tails[candidate.registration].aircraft_type
            late = max(candidate.off_block - flight.std, NONE)
            minutes = Decimal(late / timedelta(minutes=1))
            self._pay(book, "aircraft on the ground", "aircraft", f"ground_minute#{type_}", minutes, flight)
            self._pay(book, "crew", "crew", f"crew_per_duty_hour#{type_}", Decimal(late / HOUR), flight)
            swapped = candidate.registration != flight.registration
            self._pay(book, "change of tail", "aircraft", "tail_swap", int(swapped), flight)
            if type_ != planned:
                self._pay(
                    book, "fuel of the other type", "fuel", f"fuel_per_block_hour#{type_}", block, flight
                )
                self._pay(book, "fuel not burnt", "fuel", f"fuel_per_block_hour#{planned}", -block, flight)
            called = len(candidate.replaced_crew)
            self._pay(book, "reserve crew", "crew", "reserve_call_out", called, flight)
            self._stop(flight, candidate, book)
        for flight_id, late in book.later.items():
            rate = f"reactionary_minute#{self.flights[flight_id].aircraft_type}"
            minutes = round(late / timedelta(minutes=1))
            self._pay(book, "later flights delayed", "aircraft", rate, minutes, flight)
        for flight_id in book.without_aircraft:
            rate = f"cancelled_flight#{self.flights[flight_id].aircraft_type}"
            self._pay(book, "later flights without an aircraft", "aircraft", rate, 1, flight)
        self._pay(book, "reserves for later flights", "crew", "reserve_call_out", short_of_rest, flight)

    def _stop(self, flight: Flight, candidate: Candidate, book: Ledger) -> None:
        """What landing at an alternate on the way costs on top."""
        there = candidate.diversion
        if there is None:
            return
        type_ = flight.aircraft_type
        flown = sum(self.sectors(flight, there.airport), NONE)
        hours = Decimal((flown - flight.block) / HOUR)
        late = candidate.on_block - candidate.off_block - flight.block
        minutes = Decimal((there.off_block - there.on_block) / timedelta(minutes=1))
        self._pay(book, "fuel of the diversion", "fuel", f"fuel_per_block_hour#{type_}", hours, flight)
        self._pay(book, "ground time at the alternate", "aircraft", f"ground_minute#{type_}", minutes, flight)
        crew = Decimal(late / HOUR)
        self._pay(book, "crew on the diversion", "crew", f"crew_per_duty_hour#{type_}", crew, flight)
        charges = there.charges_usd
        self._add(book, "charges of the alternate", (charges, charges, charges), "USD", flight)

    def sectors(self, flight: Flight, airport: str) -> tuple[timedelta, timedelta]:
        """The block times to an alternate and on, at the flight's own speed and with its taxi time."""
        taxi = flight.block - flight.flight_time
        minutes = flight.flight_time / timedelta(minutes=1) / flight.distance_km
        first, second = (
            timedelta(minutes=ceil(self._kilometres(*ends) * minutes)) + taxi
            for ends in ((flight.origin, airport), (airport, flight.destination))
        )
        return first, second

    def _cargo(self, flight: Flight, candidate: Candidate, book: Ledger) -> None:
        known = {one.awb: one for one in self.dataset["CargoShipments"]}
        loads = defaultdict(list)
        for row in self.dataset["CargoFlightAssignments"]:
            loads[row.flight_id].append(known[row.awb])
        aboard = loads[flight.flight_id]
        arrives: dict[str, datetime | None] = {one.awb: candidate.on_block for one in aboard}
        if candidate.on_block is None:
            arrives = self._carried_later(flight, aboard, loads)
        for one in aboard:
            cool = one.temperature_min_c is not None or one.temperature_max_c is not None
            cool = cool or any(
                code in ("COL", "CRT", "ERT", "FRO", "PIL", "PER", "PES", "PEM", "PEF", "ACT")
                for code in one.shcs
            )
            if candidate.off_block is None or one.awb in candidate.offloaded_awbs:
                kilograms = Decimal(str(one.weight_kg))
                self._pay(book, "cargo rebooked", "cargo", "rebooking_kg", kilograms, flight)
                self._pay(book, "cold store", "cargo", "cold_store_kg", kilograms if cool else 0, flight)
            at = arrives[one.awb]
            late = at is None or at > flight.sta
            spoilt, endangered = False, False
            if one.hours_left is not None:
                left = None if at is None else one.packed_at + one.hours_left * HOUR - at
                spoilt = left is None or left < NONE
                endangered = left is not None and left < 2 * HOUR
            elif cool:
                endangered = late
            endangered = endangered or (at is None and one.live_animals)
            if not (spoilt or endangered):
                continue
            liable = Decimal(0)
            if spoilt:
                sdr = 26 * Decimal(str(one.weight_kg)) * self._fx("XDR", flight)
                liable = min(one.value, sdr / self._fx(one.currency, flight))
            self._add(book, "cargo spoilt", (liable, liable, one.value), one.currency, flight)

    def _carried_later(self, flight: Flight, aboard, loads) -> dict[str, datetime | None]:
        end = flight.std + 36 * HOUR
        own = [
            one
            for one in sorted(self.flights.values(), key=lambda one: one.std)
            if (one.origin, one.destination) == (flight.origin, flight.destination)
            and flight.std <= one.std <= end
            and one.status == "scheduled"
            and one.flight_id != flight.flight_id
        ][:3]
        offers = [
            (
                one.eta or one.sta,
                one.flight_id,
                self.tails[one.registration].hold_kg - sum(x.weight_kg for x in loads[one.flight_id]),
                one.service == "passenger",
            )
            for one in own
        ]
        offers += [
            (one.sta, id_, one.hold_free_kg, True)
            for id_, one in self.partners.items()
            if one.route == f"{flight.origin}-{flight.destination}"
            and flight.std <= one.std <= end
            and one.interline
        ]
        room = {id_: max(0.0, free) for _, id_, free, _ in offers}
        found: dict[str, datetime | None] = {}
        for one in sorted(
            aboard,
            key=lambda one: (
                not one.live_animals,
                float("inf") if one.hours_left is None else one.hours_left,
                one.awb,
            ),
        ):
            found[one.awb] = None
            for at, id_, _, passengers in sorted(offers):
                barred = passengers and (one.cargo_aircraft_only or "CAO" in one.shcs)
                if room[id_] >= one.weight_kg and not barred:
                    room[id_] -= one.weight_kg
                    found[one.awb] = at
                    break
        return found

    # money and distance

    def _pay(self, book: Ledger, name: str, category: str, rate: str, quantity, flight: Flight) -> None:
        if quantity:
            row = self._rate(category, rate, flight)
            amount = row.value * Decimal(quantity)
            self._add(book, name, (amount, amount, amount), row.currency, flight)

    def _add(self, book: Ledger, name: str, amounts: Range, currency: str, flight: Flight) -> None:
        fx = self._fx(currency, flight)
        for place, amount in enumerate(amounts):
            lines = list(book.lines[name])
            lines[place] += amount * fx
            book.lines[name] = lines

    def _fx(self, currency: str, flight: Flight) -> Decimal:
        return Decimal(1) if currency == "USD" else self._rate("fx", f"{currency}-USD", flight).value

    def _rate(self, category: str, name: str, flight: Flight):
        day = flight.std.date()
        return next(
            row
            for row in self.dataset["CostParameters"]
            if (row.category, row.name) == (category, name)
            and row.valid_from <= day
            and (row.valid_to is None or day <= row.valid_to)
        )

    def _kilometres(self, origin: str, destination: str) -> float:
        one, other = self.airports[origin], self.airports[destination]
        return _arc(one, other)

    @staticmethod
    def _route(leg: Flight | PartnerFlight) -> tuple[str, str]:
        if isinstance(leg, Flight):
            return leg.origin, leg.destination
        origin, _, destination = leg.route.partition("-")
        return origin, destination

    @staticmethod
    def _departure(leg: Flight | PartnerFlight) -> datetime:
        return (leg.etd or leg.std) if isinstance(leg, Flight) else leg.std

    @staticmethod
    def _arrival(leg: Flight | PartnerFlight) -> datetime:
        return (leg.eta or leg.sta) if isinstance(leg, Flight) else leg.sta


def _arc(one: Airport, other: Airport) -> float:
    """Great circle on a sphere of 6371.0088 km."""
    phi_a, phi_b = radians(one.lat), radians(other.lat)
    half = sin((phi_b - phi_a) / 2) ** 2
    half += cos(phi_a) * cos(phi_b) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half))


def _excuse(disruption: Disruption) -> bool:
    """The type's own word, or a failed hydrant: of the reports here only that tells another cause."""
    return disruption.type in EXCUSE or "hydrant" in disruption.description.lower()


def _nights(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Nights of which the wait holds 240 minutes or more between 22:00 and 06:00 on the local clock."""
    minutes: dict[date, int] = {}
    at = since
    while at < until:
        local = at.astimezone(zone)
        if local.hour >= 22 or local.hour < 6:
            evening = local.date() if local.hour >= 22 else local.date() - timedelta(days=1)
            minutes[evening] = minutes.get(evening, 0) + 1
        at += timedelta(minutes=1)
    return sum(count >= 240 for count in minutes.values())
