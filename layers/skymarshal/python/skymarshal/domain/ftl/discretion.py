"""Commander's discretion: ORO.FTL.205(f).

Discretion belongs to the commander on the day. Nothing may be planned on it, so it is always reported
apart from the limits that a plan may use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.errors import UnknownCodeError
from skymarshal.domain.ftl.profiles import EASA, FtlProfile
from skymarshal.domain.times import ZERO, format_duration, require_non_negative

__all__ = ["Discretion", "DiscretionOccasion", "commanders_discretion"]

DiscretionOccasion = Literal["before_reporting", "at_reporting", "after_reporting"]

_OCCASIONS: Final[tuple[DiscretionOccasion, ...]] = ("before_reporting", "at_reporting", "after_reporting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discretion(RuleResult):
    """What the commander may decide.

    Attributes:
        available: Whether the circumstances allow discretion at all.
        max_fdp: Basic maximum with discretion; the basic maximum alone where it is not available.
        used: How much of it the projected FDP would take.
        within_limit: Whether the projected FDP stays within `max_fdp`, or may go on since it is airborne.
        minimum_rest: What the following rest may not be reduced below.
        report_required: Whether the commander reports to the operator.
        authority_report_required: Whether the operator reports to the authority.
        authority_report_days: Within how many days; None if no report is due.
    """

    available: bool
    max_fdp: timedelta
    used: timedelta
    within_limit: bool
    minimum_rest: timedelta
    report_required: bool
    authority_report_required: bool
    authority_report_days: int | None


def commanders_discretion(
    *,
    basic_max_fdp: timedelta,
    projected_fdp: timedelta,
    augmented: bool,
    occasion: DiscretionOccasion,
    airborne_on_last_sector: bool = False,
    sectors: int | None = None,
    profile: FtlProfile = EASA,
) -> Discretion:
    """Return what discretion allows for a projected FDP.

    Args:
        basic_max_fdp: Maximum by ORO.FTL.205(b), by in-flight rest or by split duty, without a planned
            extension: discretion never adds to that one.
        projected_fdp: FDP as it now looks.
        augmented: Whether the flight crew is augmented.
        occasion: When the unforeseen circumstances started.
        airborne_on_last_sector: Whether they arose after take-off on the last sector.
        sectors: Sectors of the FDP; some schemes allow more on a single one. None counts as several.
        profile: Authority whose figures apply.

    Raises:
        NegativeDurationError: If a duration is negative.
        UnknownCodeError: If `occasion` is not in its list.
    """
    require_non_negative("basic_max_fdp", basic_max_fdp)
    require_non_negative("projected_fdp", projected_fdp)
    if occasion not in _OCCASIONS:
        raise UnknownCodeError("delay_known", occasion, _OCCASIONS)
    available = occasion != "before_reporting"
    extra = profile.discretion_augmented if augmented else profile.discretion
    if sectors == 1 and profile.discretion_single_sector is not None:
        extra = max(extra, profile.discretion_single_sector)
    limit = basic_max_fdp + extra if available else basic_max_fdp
    used = max(projected_fdp - basic_max_fdp, ZERO)
    within = projected_fdp <= limit or (available and airborne_on_last_sector)
    to_authority = available and used > profile.discretion_reported_over
    articles = tuple(
        profile.articles[topic] for topic in ("discretion", "discretion_base") if topic in profile.articles
    )
    return Discretion(
        available=available,
        max_fdp=limit,
        used=used,
        within_limit=within,
        minimum_rest=profile.discretion_minimum_rest,
        report_required=available and used > ZERO,
        authority_report_required=to_authority,
        authority_report_days=profile.discretion_reported_within if to_authority else None,
        articles=articles,
        inputs={
            "basic_max_fdp": basic_max_fdp,
            "projected_fdp": projected_fdp,
            "augmented": augmented,
            "delay_known": occasion,
            "airborne_on_last_sector": airborne_on_last_sector,
            "sectors": sectors,
            "profile": profile.name,
        },
        working=(
            f"{format_duration(basic_max_fdp)} + {format_duration(extra)}: {format_duration(limit)}"
            if available
            else "circumstances known before reporting: no discretion, the duty is planned anew",
            f"projected {format_duration(projected_fdp)} takes {format_duration(used)} of it: "
            + ("within" if within else "beyond"),
        ),
    )
