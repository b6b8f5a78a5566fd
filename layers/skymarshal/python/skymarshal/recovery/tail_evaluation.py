"""Whether the tail of a candidate may be dispatched for it, computed for its own times."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from skymarshal.calculators.airworthiness import MEL_ARTICLE, mel_state, tail_arrival, unsaid_of_tail
from skymarshal.calculators.return_to_service import RELEASE_ARTICLE, Fault, return_to_service
from skymarshal.calculators.spare_tails import SpareTail, TailRows, spare_tail
from skymarshal.domain.assessment import (
    AgentName,
    Constraint,
    ConstraintKind,
    OptionKind,
    Subject,
    SubjectKind,
    Unknown,
)
from skymarshal.domain.candidate import Candidate
from skymarshal.domain.disruption import DisruptionType
from skymarshal.domain.etops import NON_ETOPS_LIMIT
from skymarshal.operations import Operations
from skymarshal.operations.records import Aircraft
from skymarshal.recovery.situation import Situation

__all__ = ["TailEvaluation"]

_ROTATION_SPAN: Final = timedelta(days=2)
_ORDERS_BACK: Final = timedelta(days=30)
_SHORT_ROUTE_KM: Final = 1400
_ETOPS_FIGURE: Final = "etops_minutes_required"
_DAMAGED: Final = (DisruptionType.TECHNICAL, DisruptionType.BIRD_STRIKE, DisruptionType.GROUND_DAMAGE)


class TailEvaluation:
    """The airworthiness rules applied to the tail that would really fly; rows are read once."""

    def __init__(self, situation: Situation, operations: Operations, latest: datetime) -> None:
        self._situation = situation
        self._operations = operations
        self._spares: dict[str, SpareTail] = {}
        flight = situation.flight
        self._planned, self._rotation, self._mel_items, self._orders = operations.gather(
            lambda: operations.aircraft(flight.registration),
            lambda: operations.rotation(
                flight.registration, flight.std - _ROTATION_SPAN, flight.std + _ROTATION_SPAN
            ),
            lambda: operations.open_mel_items(flight.registration),
            lambda: operations.work_orders(flight.registration, situation.now - _ORDERS_BACK, flight.std),
        )
        tails = [option.key for option in situation.options(OptionKind.SPARE_TAIL)]
        rows, self._staff = operations.gather(
            lambda: operations.gather(*(partial(self._tail_rows, tail) for tail in tails)),
            lambda: operations.staff_on_shift(flight.origin, situation.now, latest + _ROTATION_SPAN),
        )
        self._rows = {tail: found for tail, found in zip(tails, rows, strict=True) if found is not None}
        self._state = mel_state(self._mel_items, self._orders)
        self._own = self._own_limits()

    @property
    def planned(self) -> Aircraft | None:
        """The tail of the schedule, None where it has no row."""
        return self._planned

    @property
    def aircraft(self) -> tuple[Aircraft, ...]:
        """The tail of the schedule and those that may replace it, as far as they have rows."""
        own = () if self._planned is None else (self._planned,)
        return (*own, *(self._rows[tail].aircraft for tail in sorted(self._rows)))

    def tail(self, registration: str) -> Aircraft | None:
        """Return the row of the tail of the schedule or of one that may replace it, or None."""
        return next((one for one in self.aircraft if one.registration == registration), None)

    @property
    def without_etops(self) -> bool:
        """Whether an open deferred defect takes the planned tail's ETOPS approval away."""
        return bool(self._state.etops_removed_by)

    def aircraft_type(self, registration: str) -> str:
        """Return the type of a tail; that of the schedule where the tail is not known."""
        rows = self._rows.get(registration)
        return self._situation.flight.aircraft_type if rows is None else rows.aircraft.aircraft_type

    def limits(self, candidate: Candidate) -> list[tuple[AgentName, Constraint]]:
        """Return what binds the tail of `candidate`."""
        tail = candidate.registration or self._situation.flight.registration
        own = tail == self._situation.flight.registration
        found = self._own if own else self._spare_limits(tail)
        return [(AgentName.MAINTENANCE, constraint) for constraint in found]

    def _own_limits(self) -> list[Constraint]:
        flight, now = self._situation.flight, self._situation.now
        if self._planned is None:
            missing = Unknown(
                table="Aircraft",
                key=flight.registration,
                field="registration",
                why=f"{flight.registration} has no row, so nothing shows that it is airworthy.",
            )
            return [self._unknown(flight.registration, missing)]
        arrival = tail_arrival(flight, self._planned, self._rotation)
        release = return_to_service(
            aircraft=self._planned,
            fault=self._fault(),
            work_orders=self._orders,
            staff=self._staff,
            station=flight.origin,
            now=now,
            arrival=arrival.arrival,
            before=flight.std,
        )
        unsaid = unsaid_of_tail(flight.registration, self._mel_items, self._orders, now)
        found = [self._unknown(flight.registration, missing) for missing in (*unsaid, *self._state.unknowns)]
        if arrival.missing is not None:
            found.append(self._unknown(flight.registration, arrival.missing))
        elif arrival.ready_at is not None:
            text = f"{flight.registration} is turned round by {arrival.ready_at:%Y-%m-%d %H:%MZ}."
            found.append(
                self._limit(ConstraintKind.EARLIEST_DEPARTURE, flight.registration, text, at=arrival.ready_at)
            )
        if release is not None:
            found += [self._unknown(flight.registration, missing) for missing in release.unknowns]
            if release.likely is not None:
                text = f"{flight.registration} is likely released at {release.likely:%Y-%m-%d %H:%MZ}."
                found.append(
                    self._limit(
                        ConstraintKind.EARLIEST_DEPARTURE,
                        flight.registration,
                        text,
                        at=release.likely,
                        article=RELEASE_ARTICLE,
                        verified=False,
                    )
                )
        for defect in self._state.limiting(flight.std):
            last = defect.last_dispatch(flight.block)
            until = f"{last:%Y-%m-%d %H:%MZ}"
            found.append(
                self._limit(
                    ConstraintKind.LATEST_OFF_BLOCK,
                    flight.registration,
                    f"MEL item {defect.item.item_id} lets {flight.registration} leave until {until}.",
                    at=last,
                    article=MEL_ARTICLE,
                )
            )
        return found

    def _spare_limits(self, tail: str) -> list[Constraint]:
        spare = self._spare(tail)
        if spare is None:
            missing = Unknown(table="Aircraft", key=tail, field="registration", why=f"{tail} has no row.")
            return [self._unknown(tail, missing)]
        if not spare.usable:
            text = f"{tail} cannot fly it: {'; '.join(spare.reasons)}."
            return [self._limit(ConstraintKind.AIRCRAFT_CHANGE_REQUIRED, tail, text)]
        found = [
            self._limit(
                ConstraintKind.EARLIEST_DEPARTURE,
                tail,
                f"{tail} can leave from {spare.available_from:%Y-%m-%d %H:%MZ}.",
                at=spare.available_from,
            )
        ]
        if spare.latest_off_block is not None:
            found.append(
                self._limit(
                    ConstraintKind.LATEST_OFF_BLOCK,
                    tail,
                    f"{tail} can leave until {spare.latest_off_block:%Y-%m-%d %H:%MZ}: its deferred "
                    "defects and its own next departure.",
                    at=spare.latest_off_block,
                    article=MEL_ARTICLE,
                )
            )
        return found

    def _tail_rows(self, registration: str) -> TailRows | None:
        operations, flight, now = self._operations, self._situation.flight, self._situation.now
        aircraft, mel_items, rotation, orders = operations.gather(
            lambda: operations.aircraft(registration),
            lambda: operations.open_mel_items(registration),
            lambda: operations.rotation(registration, now - _ROTATION_SPAN, flight.std + 2 * _ROTATION_SPAN),
            lambda: operations.work_orders(registration, now - _ORDERS_BACK, flight.sta),
        )
        if aircraft is None:
            return None
        return TailRows(
            aircraft=aircraft,
            mel_items=tuple(mel_items),
            rotation=tuple(rotation),
            work_orders=tuple(orders),
            unsaid=unsaid_of_tail(registration, mel_items, orders, now),
        )

    def _spare(self, tail: str) -> SpareTail | None:
        rows = self._rows.get(tail)
        if rows is None:
            return None
        if tail not in self._spares:
            self._spares[tail] = spare_tail(
                self._situation.flight,
                self._planned,
                self._rotation,
                rows,
                now=self._situation.now,
                diversion=self._diversion(),
            )
        return self._spares[tail]

    def _diversion(self) -> timedelta | None:
        if self._situation.flight.distance_km <= _SHORT_ROUTE_KM:
            return NON_ETOPS_LIMIT
        required = [
            figure.likely
            for assessment in self._situation.assessments.values()
            for figure in assessment.figures
            if figure.name == _ETOPS_FIGURE and figure.likely is not None
        ]
        return timedelta(minutes=float(max(required))) if required else None

    def _fault(self) -> Fault | None:
        disruption = self._situation.disruption
        if disruption.type in _DAMAGED or disruption.details.repair is not None:
            return Fault(
                ata=disruption.details.ata,
                repair=disruption.details.repair,
                reported_in=disruption.disruption_id,
            )
        return None

    def _limit(
        self,
        kind: ConstraintKind,
        tail: str,
        text: str,
        *,
        at: datetime | None = None,
        article: str | None = None,
        verified: bool = True,
    ) -> Constraint:
        return Constraint(
            kind=kind,
            subject=Subject(kind=SubjectKind.TAIL, key=tail),
            text=text,
            binding=True,
            article=article,
            verified=verified,
            at=at,
        )

    def _unknown(self, tail: str, missing: Unknown) -> Constraint:
        return self._limit(ConstraintKind.UNKNOWN_FACT, tail, missing.why)
