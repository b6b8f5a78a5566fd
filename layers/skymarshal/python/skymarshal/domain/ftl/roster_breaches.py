"""What a candidate breaks of the rules that look beyond the duty itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, TypeAlias

from skymarshal.domain.ftl.articles import FtlTopic
from skymarshal.domain.ftl.duty import CrewDuty
from skymarshal.domain.ftl.recovery_rest import disturbances
from skymarshal.domain.times import format_duration

__all__ = ["Breach", "roster_breaches"]

Breach: TypeAlias = tuple[FtlTopic, str]
"""The provision and what is broken, in words."""

_LONG_NIGHT_DUTY: Final = timedelta(hours=10)
_NIGHT_SECTORS: Final = 4


def roster_breaches(duty: CrewDuty, report: datetime, released: datetime, *, augmented: bool) -> list[Breach]:
    """Return what a duty from `report` to `released` breaks of the rules on recovery, rhythm and nights.

    CS FTL.1.205(a) is on night duties under ORO.FTL.205(b) and (d), so not on `augmented` ones.
    """
    found: list[Breach] = []
    recovered = duty.recovered_from is not None and report >= duty.recovered_from
    if duty.release_by is not None and released > duty.release_by and not recovered:
        found.append(("recovery_rest", f"recovery rest is due by {duty.release_by:%Y-%m-%dT%H:%MZ}"))
    if duty.local_days_by is not None and released > duty.local_days_by:
        words = (
            f"the month needs its recovery rests of two local days from {duty.local_days_by:%Y-%m-%dT%H:%MZ}"
        )
        found.append(("recovery_rest", words))
    if duty.early_start_from is not None and report < duty.early_start_from:
        early, _, _ = disturbances(report, released, duty.acclimatised_zone, "early")
        if early:
            words = "an early start after a late finish or night duty without a local night between"
            found.append(("disruptive_transition", words))
    if augmented or not (duty.after_night_duty or duty.night_duties_managed is False):
        return found
    many = duty.after_night_duty and duty.sectors > _NIGHT_SECTORS
    long = duty.night_duties_managed is False and released - report > _LONG_NIGHT_DUTY
    if (many or long) and disturbances(report, released, duty.acclimatised_zone, "early")[2]:
        if many:
            words = f"{duty.sectors} sectors in consecutive night duties, at most {_NIGHT_SECTORS}"
            found.append(("night_duties", words))
        if long:
            length = format_duration(released - report)
            words = f"a night duty of {length} is longer than 10:00 without fatigue risk management on record"
            found.append(("night_duties", words))
    return found
