"""What the airports, the weather, the slot and the route say to a flight, gathered and summed up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from skymarshal.agents.case import (
    CLOCK_MARGIN,
    AssessmentRequest,
    Findings,
    clock_share,
)
from skymarshal.agents.departure import ExpectedDeparture
from skymarshal.agents.maintenance import ETOPS_FIGURE
from skymarshal.agents.reported_limits import missing_from_report
from skymarshal.agents.wording import instant_text
from skymarshal.calculators.alternates import EndWeather, alternates_required
from skymarshal.calculators.etops_route import check_tail_on_route, diversion_minutes
from skymarshal.calculators.movement_windows import (
    End,
    ForecastGap,
    MovementWindow,
    closed_off_block,
    closure_windows,
    forecast_in_force,
    gap_text,
    runway_shift,
    slot_limits,
)
from skymarshal.calculators.night_windows import NightGap, curfew_windows, night_gaps
from skymarshal.calculators.runways import runway_limits
from skymarshal.contracts import DISRUPTION_DETAIL_TYPE
from skymarshal.domain.assessment import (
    Constraint,
    ConstraintKind,
    Evidence,
    Figure,
    Subject,
    SubjectKind,
    Unknown,
    Verdict,
    Window,
)
from skymarshal.domain.disruption import Disruption, DisruptionType
from skymarshal.domain.etops import ETOPS_ARTICLE
from skymarshal.operations.records import (
    Aircraft,
    Airport,
    AirportCurfew,
    AirportSlot,
    Flight,
    Notam,
    WeatherForecast,
)
from skymarshal.operations.statements import Rows

__all__ = ["MovementFindings"]


_WITHOUT_END: Final = timedelta(days=366)
"""Longer than any departure that is looked at lies ahead."""

_WINDOWED: Final = (
    DisruptionType.AIRPORT_CLOSURE,
    DisruptionType.SECURITY,
    DisruptionType.STRIKE,
    DisruptionType.WEATHER,
    DisruptionType.ATC,
    DisruptionType.CURFEW_SLOT,
    DisruptionType.DIVERSION,
)


class MovementFindings:
    """What is gathered on the way to the findings."""

    def __init__(
        self,
        *,
        flight: Flight,
        expected: ExpectedDeparture,
        now: datetime,
        span: Window,
        exemptions: Collection[str] = (),
    ) -> None:
        self._exemptions = exemptions
        self._flight = flight
        self._expected = expected
        self._now = now
        self._span = span
        self._subject = Subject(kind=SubjectKind.FLIGHT, key=flight.flight_id)
        self._windows: list[tuple[MovementWindow, ConstraintKind]] = []
        self._gaps: list[ForecastGap] = []
        self._later: list[ForecastGap] = []
        self._nights: list[NightGap] = []
        self._constraints: list[Constraint] = []
        self._unknowns: list[Unknown] = []
        self._notes: list[str] = []
        self._figures: list[Figure] = []
        self._known = 0
        self._route_refused = ""
        self._earliest: datetime | None = None

    def look_at(
        self,
        end: End,
        code: str,
        airport: Airport | None,
        curfews: Rows[AirportCurfew],
        notams: Rows[Notam],
        forecasts: Sequence[WeatherForecast],
        weather: EndWeather | None,
        slot: AirportSlot | None,
    ) -> None:
        """Add what one end of the flight forbids; `weather` is None where the airport has no row."""
        if airport is None or weather is None:
            why = f"{code} has no row, so its clock, its curfew and its minima are unknown."
            self._unknown(Unknown(table="Airports", key=code, field="zone", why=why))
            return
        self._known += 1
        self._look_at_statements(end, airport, curfews, notams, slot)
        forbidden, closed = ConstraintKind.FORBIDDEN_OFF_BLOCK, ConstraintKind.AIRPORT_CLOSED
        flight, span = self._flight, self._span
        self._windows += [
            (one, forbidden)
            for one in curfew_windows(
                flight, airport, curfews, end=end, span=span, slot=slot, exemptions=self._exemptions
            )
        ]
        self._windows += [(one, closed) for one in closure_windows(flight, notams, end=end, span=span)]
        for notam in notams:
            if notam.effect == "limit" and self._concerns(end, notam):
                self._notes.append(
                    f"NOTAM {notam.notam_id} at {code} (limit) holds from "
                    f"{instant_text(notam.valid_from)} to {instant_text(notam.valid_to)}: check performance "
                    "against it."
                )
        self._windows += [(one, forbidden) for one in weather.forbidden]
        gaps = weather.unknown
        self._gaps += gaps
        self._later += weather.later
        self._constraints += [alternates_required(one, self._subject) for one in weather.needed]
        at = self._expected.off_block + (flight.block if end == "destination" else timedelta(0))
        gap = next((one for one in gaps if one.window.holds(self._expected.off_block)), None)
        forecast = forecast_in_force(forecasts, at, self._now)
        if gap is not None or forecast is None:
            key = f"{code} {instant_text(at)}"
            if gap is not None:
                missing = Unknown(table="Weather", key=key, field="visibility_m", why=gap_text(gap))
                self._unknowns.append(missing)
            return
        self._known += 1
        if forecast.thunderstorm:
            self._notes.append(f"Thunderstorm forecast at {code} around {instant_text(at)}: expect holding.")
        if forecast.delay_program_minutes:
            self._notes.append(
                f"A delay programme of {forecast.delay_program_minutes} min is forecast at {code} "
                f"around {instant_text(at)}."
            )

    def _look_at_statements(
        self,
        end: End,
        airport: Airport,
        curfews: Rows[AirportCurfew],
        notams: Rows[Notam],
        slot: AirportSlot | None,
    ) -> None:
        """Add what the tables do not say of one end: its nights, where one is touched, and its notices."""
        code = airport.airport
        nights = night_gaps(
            self._flight,
            airport,
            curfews,
            end=end,
            span=self._span,
            slot=slot,
            exemptions=self._exemptions,
        )
        self._nights += nights
        at_night = next((one for one in nights if one.window.holds(self._expected.off_block)), None)
        if at_night is None:
            self._known += 1
        else:
            missing = Unknown(table="AirportCurfews", key=code, field="rule_id", why=at_night.text)
            self._unknowns.append(missing)
        at = self._expected.off_block + runway_shift(self._flight, end)
        if notams.speak(at):
            self._known += 1
        else:
            why = f"Whether a notice closes {code} is not known: Notams {notams.silence()}."
            self._unknown(Unknown(table="Notams", key=code, field="effect", why=why))

    def look_at_runways(
        self, end: End, airport: Airport | None, notams: Sequence[Notam], aircraft: Aircraft | None
    ) -> None:
        """Add what the runways of one end forbid, to every tail or to the one that would fly."""
        if airport is None:
            return
        off_block = self._expected.off_block
        for one in runway_limits(self._flight, aircraft, airport, notams, end=end):
            windows = [window for window in one.windows if _overlap(window, self._span)]
            if one.windows and not windows:
                continue
            if one.kind is ConstraintKind.FORBIDDEN_OFF_BLOCK and one.subject == self._subject:
                self._windows += [
                    (
                        MovementWindow(
                            end=end,
                            airport=airport.airport,
                            reason=one.text.removesuffix("."),
                            window=window,
                            article=one.article,
                            verified=one.verified,
                            evidence=one.evidence,
                        ),
                        ConstraintKind.AIRPORT_CLOSED,
                    )
                    for window in windows
                ]
                continue
            self._constraints.append(one)
            now = not windows or any(window.holds(off_block) for window in windows)
            if now and one.kind is ConstraintKind.UNKNOWN_FACT:
                key = airport.airport
                self._unknowns.append(Unknown(table="Airports", key=key, field="runways", why=one.text))
            elif now:
                self._route_refused = one.text

    def look_at_report(self, request: AssessmentRequest, slot: AirportSlot | None) -> None:
        """Add the closure or restriction that the disruption itself reports."""
        disruption, flight = request.disruption, self._flight
        details = disruption.details
        if disruption.type not in _WINDOWED:
            return
        airport = disruption.airport
        if airport is not None and airport not in (flight.origin, flight.destination):
            if disruption.type is DisruptionType.DIVERSION:
                self._report_missing(disruption, slot)
            self._notes.append(f"{airport} is no end of {flight.flight_id} and limits nothing here.")
            return
        self._report_missing(disruption, slot)
        if details.window_start is None and details.window_end is None:
            return
        where = airport or flight.origin
        end: End = "origin" if where == flight.origin else "destination"
        opens = details.window_start or self._now
        if details.window_end is None:
            why = f"{where} is reported restricted and the report does not say until when."
            missing = Unknown(table="Notams", key=where, field="valid_to", why=why)
            from_then_on = closed_off_block(flight, end, opens, opens + _WITHOUT_END)
            self._unknown(missing, windows=(from_then_on,), at_destination=end == "destination")
            return
        closes = details.window_end
        if closes <= opens:
            return
        closure = disruption.type is DisruptionType.AIRPORT_CLOSURE
        kind = ConstraintKind.AIRPORT_CLOSED if closure else ConstraintKind.FORBIDDEN_OFF_BLOCK
        word = "closed" if closure else f"restricted ({disruption.type})"
        window = MovementWindow(
            end=end,
            airport=where,
            reason=f"{where} is reported {word}",
            window=closed_off_block(flight, end, opens, closes),
            article=None,
            verified=True,
            evidence=(
                Evidence(
                    table=DISRUPTION_DETAIL_TYPE,
                    key=disruption.disruption_id,
                    field="details.window_start-window_end",
                    value=f"{details.window_start}/{details.window_end}",
                ),
            ),
        )
        self._windows.append((window, kind))

    def _report_missing(self, disruption: Disruption, slot: AirportSlot | None) -> None:
        closed = any(kind is ConstraintKind.AIRPORT_CLOSED for _, kind in self._windows)
        missing = missing_from_report(disruption, self._flight, slot, closed=closed)
        if missing is not None:
            self._unknown(missing)

    def look_at_slot(self, slots: Rows[AirportSlot]) -> None:
        """Add what the departure slot asks for; no row is no slot only where the airport gives out none."""
        origin, std = self._flight.origin, self._flight.std
        if not slots and not slots.speak(std):
            why = (
                f"Whether {self._flight.flight_id} has a slot or a take-off time at {origin} is not known: "
                f"AirportSlots {slots.silence()}."
            )
            self._unknown(
                Unknown(table="AirportSlots", key=self._flight.flight_id, field="slot_time", why=why)
            )
            return
        if not slots:
            self._known += 1
            self._notes.append(f"{origin} gives out no slots.")
            return
        slot = slots[0]
        self._known += 1
        limits = slot_limits(self._flight, slot)
        name = "calculated take-off time" if limits.issued else "airport slot"
        if limits.issued and limits.earliest > self._flight.std:
            self._earliest = limits.earliest
            self._constraints.append(
                Constraint(
                    kind=ConstraintKind.EARLIEST_DEPARTURE,
                    subject=self._subject,
                    text=f"The {name} lets the flight leave from {instant_text(limits.earliest)}.",
                    binding=True,
                    article=limits.article,
                    verified=False,
                    at=limits.earliest,
                    evidence=limits.evidence,
                )
            )
        if limits.issued or slot.coordinated_level == 3:
            self._constraints.append(
                Constraint(
                    kind=ConstraintKind.LATEST_OFF_BLOCK,
                    subject=self._subject,
                    text=f"The {name} is kept until {instant_text(limits.latest)}; later, ask for a new one.",
                    binding=False,
                    article=limits.article,
                    verified=False,
                    at=limits.latest,
                    evidence=limits.evidence,
                )
            )
        if self._expected.off_block > limits.latest and (limits.issued or slot.coordinated_level == 3):
            self._notes.append(f"At {instant_text(self._expected.off_block)} the {name} is missed.")

    def look_at_route(self, aircraft: Aircraft | None, airports: dict[str, Airport]) -> None:
        """Add whether the tail may fly as far from an aerodrome as the route does."""
        flight, tail = self._flight, self._expected.registration
        origin, destination = airports.get(flight.origin), airports.get(flight.destination)
        if aircraft is None:
            why = f"{tail} has no row, so its ETOPS approval is unknown."
            subject = Subject(kind=SubjectKind.TAIL, key=tail)
            self._unknown(Unknown(table="Aircraft", key=tail, field="etops_minutes", why=why), subject)
        if origin is None or destination is None:
            return
        needed = diversion_minutes((origin.lat, origin.lon), (destination.lat, destination.lon))
        self._figures.append(
            Figure(
                name=ETOPS_FIGURE,
                unit="min",
                likely=Decimal(needed),
                basis="still air, great circle, one engine",
            )
        )
        if aircraft is None:
            return
        self._known += 1
        approved = aircraft.etops_minutes
        check = check_tail_on_route(aircraft, timedelta(minutes=needed))
        if check.allowed:
            return
        if check.allowed is None:
            why = f"{flight.origin}-{flight.destination} needs an ETOPS approval of {needed} min and none of "
            why += f"{tail} is on record."
            subject = Subject(kind=SubjectKind.TAIL, key=tail)
            self._unknown(Unknown(table="Aircraft", key=tail, field="etops_minutes", why=why), subject)
            return
        self._route_refused = (
            f"{flight.origin}-{flight.destination} lies up to {needed} min from an aerodrome and {tail} is "
            f"approved for {approved} min."
        )
        self._constraints.append(
            Constraint(
                kind=ConstraintKind.AIRCRAFT_CHANGE_REQUIRED,
                subject=Subject(kind=SubjectKind.TAIL, key=tail),
                text=self._route_refused,
                binding=True,
                article=ETOPS_ARTICLE.article,
                verified=False,
                evidence=(Evidence(table="Aircraft", key=tail, field="etops_minutes", value=str(approved)),),
            )
        )

    def note(self, text: str) -> None:
        """Add a remark."""
        self._notes.append(text)

    def findings(self) -> Findings:
        """Return what all of it comes to."""
        off_block = self._expected.off_block
        if self._earliest is not None:
            off_block = max(off_block, self._earliest)
        hit = [one for one, _ in self._windows if one.window.holds(off_block)]
        ahead = [one for one, _ in self._windows if one.window.start > off_block]
        next_ = min(ahead, key=lambda one: one.window.start, default=None)
        slack = None if next_ is None else next_.window.start - off_block
        free = self._next_free(off_block)
        verdict = Verdict.CLEAR
        if self._unknowns:
            verdict = Verdict.UNKNOWN
        elif hit or self._route_refused:
            verdict = Verdict.BLOCKED
        elif self._constrained(off_block, slack):
            verdict = Verdict.CONSTRAINED
        margin = None if slack is None else clock_share(slack)
        if hit:
            margin = -clock_share(off_block - max(one.window.start for one in hit))
        return Findings(
            verdict=verdict,
            recommendation=self._recommendation(verdict, off_block, hit, next_, free),
            facts_known=self._known,
            constraints=(*self._window_constraints(), *self._gap_constraints(), *self._constraints),
            figures=tuple(self._figures),
            unknowns=tuple(self._unknowns),
            notes=tuple(self._notes),
            margin=margin,
            taken_over=self._expected.taken_over,
        )

    def _constrained(self, off_block: datetime, slack: timedelta | None) -> bool:
        """Return whether a limit moved the departure or lies within two hours after its worst case."""
        if self._earliest is not None:
            return True
        if any(
            one.kind is ConstraintKind.ALTERNATES_REQUIRED
            and any(window.holds(off_block) for window in one.windows)
            for one in self._constraints
        ):
            return True
        if slack is not None and off_block + slack < self._expected.at_worst + CLOCK_MARGIN:
            return True
        return any(
            one.window.start < off_block and one.window.end > self._flight.std for one, _ in self._windows
        )

    def _recommendation(
        self,
        verdict: Verdict,
        off_block: datetime,
        hit: Sequence[MovementWindow],
        next_: MovementWindow | None,
        free: datetime | None,
    ) -> str:
        at = instant_text(off_block)
        later = (
            "no time in the day after is free of restrictions"
            if free is None
            else f"the next possible off-block is {instant_text(free)}"
        )
        if verdict is Verdict.UNKNOWN:
            return f"Do not release the flight before this is known: {self._unknowns[0].why}"
        if self._route_refused:
            return f"Another tail is needed: {self._route_refused}"
        if hit:
            return f"Do not leave at {at}: {hit[0].reason}; {later}."
        if next_ is None:
            return f"Nothing stands against leaving at {at} or in the hours after."
        return f"Leave at {at} and before {instant_text(next_.window.start)}: then {next_.reason}."

    def _next_free(self, at: datetime) -> datetime | None:
        closed = [one.window for one, _ in self._windows]
        closed += [one.window for one in self._gaps] + [one.window for one in self._nights]
        while hit := next((one for one in closed if one.holds(at)), None):
            at = hit.end
        return at if at < self._span.end else None

    def _window_constraints(self) -> list[Constraint]:
        def rule(item: tuple[MovementWindow, ConstraintKind]) -> tuple[str, str, str]:
            window, kind = item
            return kind.value, window.end, window.reason

        found: list[Constraint] = []
        for _, group in groupby(sorted(self._windows, key=lambda i: (rule(i), i[0].window.start)), key=rule):
            items = list(group)
            first, kind = items[0]
            windows = tuple(one.window for one, _ in items)
            at_origin = "" if first.end == "origin" else " (off-block times, block time taken off)"
            found.append(
                Constraint(
                    kind=kind,
                    subject=self._subject,
                    text=f"No off-block {_spans(windows)}{at_origin}: {first.reason}.",
                    binding=True,
                    article=first.article,
                    verified=first.verified,
                    windows=windows,
                    evidence=tuple(dict.fromkeys(seen for one, _ in items for seen in one.evidence)),
                    at_destination=first.end == "destination",
                    exemption_from=first.exemption_from,
                )
            )
        return found

    def _gap_constraints(self) -> list[Constraint]:
        return [
            Constraint(
                kind=ConstraintKind.UNKNOWN_FACT,
                subject=self._subject,
                text=gap_text(one),
                binding=not one.beyond,
                windows=(one.window,),
                at_destination=one.end == "destination",
            )
            for one in (*self._gaps, *self._later)
        ] + [
            Constraint(
                kind=ConstraintKind.UNKNOWN_FACT,
                subject=self._subject,
                text=one.text,
                binding=True,
                windows=(one.window,),
                at_destination=one.end == "destination",
            )
            for one in self._nights
        ]

    def _unknown(
        self,
        missing: Unknown,
        subject: Subject | None = None,
        *,
        windows: tuple[Window, ...] = (),
        at_destination: bool = False,
    ) -> None:
        self._unknowns.append(missing)
        self._constraints.append(
            Constraint(
                kind=ConstraintKind.UNKNOWN_FACT,
                subject=subject or self._subject,
                text=missing.why,
                binding=True,
                windows=windows,
                at_destination=at_destination,
            )
        )

    def _concerns(self, end: End, notam: Notam) -> bool:
        shift = timedelta(0) if end == "origin" else self._flight.block
        movement = self._expected.off_block + shift
        return notam.valid_from <= movement < notam.valid_to


def _spans(windows: Iterable[Window]) -> str:
    return ", ".join(f"{instant_text(one.start)} to {instant_text(one.end)}" for one in windows)


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end
