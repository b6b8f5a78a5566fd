"""Asking first: the departures that a night restriction alone keeps back, and who can open it to them.

An exemption that is not granted opens nothing, so no option rests on one. Where it would open a departure
better than the best option, asking for it is the first step of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from skymarshal.domain.arbitration import CheckOutcome, ConstraintCheck
from skymarshal.recovery.feasibility import unmet
from skymarshal.recovery.pareto import Scored, ranked
from skymarshal.recovery.plans import PlanBuilder
from skymarshal.recovery.policy import ArbitrationPolicy, StepDurations
from skymarshal.recovery.preparation import DUTY_MANAGER, lead_time
from skymarshal.recovery.situation import Situation
from skymarshal.recovery.wording import title

__all__ = ["Exemption", "Opened", "add_request", "needs_exemption_alone", "worth_asking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A candidate as it would score with its exemptions granted, and the restrictions that they lift."""

    scored: Scored
    lifted: tuple[ConstraintCheck, ...]

    @property
    def asked_of(self) -> tuple[str, ...]:
        """Whom the exemptions are asked for, each once."""
        return tuple(sorted({one.exemption_from for one in self.lifted if one.exemption_from is not None}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """What to ask for.

    Attributes:
        asked_of: whom; all of them have to grant it.
        limits: the restrictions, each in a sentence.
        opens: the departure that it would open, by its title.
        answer_by: until when an answer helps: the last departure that is still better than the best option,
            less the time that preparing it takes.
    """

    asked_of: tuple[str, ...]
    limits: tuple[str, ...]
    opens: str
    answer_by: datetime

    @property
    def until(self) -> str:
        """Until when an answer helps, in words."""
        return f"{self.answer_by:%Y-%m-%d %H:%MZ}"

    @property
    def requests(self) -> tuple[str, ...]:
        """What to ask of each authority, as a sentence."""
        return tuple(
            f"Ask {authority} for an exemption, which would open: {self.opens}. An answer helps until "
            f"{self.until}."
            for authority in self.asked_of
        )

    @property
    def if_granted(self) -> str:
        """What to do once it is granted."""
        return (
            f"If the exemption is granted by {self.until}, report it and arbitrate again: "
            f"{self.opens} becomes possible. Until then it stays shut: {' '.join(self.limits)}"
        )


def needs_exemption_alone(checks: Iterable[ConstraintCheck]) -> bool:
    """Return whether a candidate falls by restrictions alone from which an exemption can be asked for."""
    fallen = unmet(checks)
    return bool(fallen) and all(
        one.outcome is CheckOutcome.BROKEN and one.exemption_from is not None for one in fallen
    )


def worth_asking(
    situation: Situation, opened: Sequence[Opened], best: Scored | None, policy: ArbitrationPolicy
) -> Exemption | None:
    """Return the exemption that opens a better departure than `best`; None where none does.

    Args:
        situation: what is arbitrated.
        opened: the candidates that an exemption would open.
        best: the best option without one; None where there is no option.
        policy: how long the preparation of a departure takes.
    """
    better = [one for one in opened if best is None or ranked([one.scored, best])[0] is one.scored]
    if not better:
        return None
    order = ranked([one.scored for one in better])
    first = next(one for one in better if one.scored is order[0])
    candidate = first.scored.candidate
    alike = [
        one.scored.candidate
        for one in better
        if one.asked_of == first.asked_of and one.scored.candidate.registration == candidate.registration
    ]
    return Exemption(
        asked_of=first.asked_of,
        limits=tuple(dict.fromkeys(one.text for one in first.lifted)),
        opens=title(candidate, situation.flight, situation.crew, first.scored.impact),
        answer_by=max(
            one.off_block - lead_time(one, situation.flight, situation.durations(one.registration, policy))
            for one in alike
            if one.off_block is not None
        ),
    )


def add_request(
    builder: PlanBuilder, exemption: Exemption | None, durations: StepDurations
) -> tuple[int, ...]:
    """Add a step for each authority that is asked, and return their numbers."""
    if exemption is None:
        return ()
    return tuple(
        builder.add(
            request,
            owner=DUTY_MANAGER,
            duration=durations.decide,
            success_criteria=f"{authority[0].upper()}{authority[1:]} has granted it for this movement by "
            f"{exemption.until}; no answer by then is a refusal.",
            rollback="Go on with the plan as it stands, which rests on no exemption; withdraw the request.",
        )
        for authority, request in zip(exemption.asked_of, exemption.requests, strict=True)
    )
