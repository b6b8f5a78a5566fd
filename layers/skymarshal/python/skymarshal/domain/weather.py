"""Weather minima for take-off and approach."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError

__all__ = [
    "ALTERNATE_ARTICLE",
    "ALTERNATE_CEILING_FT",
    "ALTERNATE_VISIBILITY_M",
    "APPROACH_MINIMA",
    "WEATHER_ARTICLE",
    "ApproachCategory",
    "ApproachMinima",
    "Movement",
    "Observation",
    "WeatherCheck",
    "WindLimits",
    "check_weather",
    "crosswind_kt",
]

ApproachCategory = Literal["CAT I", "CAT II", "CAT III"]
Movement = Literal["departure", "arrival", "alternate"]

WEATHER_ARTICLE: Final = Article(
    regulation="Regulation (EU) 965/2012",
    article="CAT.OP.MPA.110, SPA.LVO.100",
    subject="Aerodrome operating minima",
    status="unverified",
    source="from memory, text not read; the operator's own minima prevail",
)


ALTERNATE_ARTICLE: Final = Article(
    regulation="Regulation (EU) 965/2012",
    article="CAT.OP.MPA.182(b), (d), (e)",
    subject="Take-off and destination alternates",
    status="unverified",
    source="its forerunner CAT.OP.MPA.185(a), (b) read in the UK's text: minima from an hour before to an "
    "hour after arrival, or two destination alternates; the margins of the AMC to point 182 from memory",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproachMinima:
    """Lowest runway visual range in metres and decision height in feet (None: no decision height)."""

    rvr_m: int
    decision_height_ft: int | None


APPROACH_MINIMA: Final[Mapping[ApproachCategory, ApproachMinima]] = {
    "CAT I": ApproachMinima(rvr_m=550, decision_height_ft=200),
    "CAT II": ApproachMinima(rvr_m=300, decision_height_ft=100),
    "CAT III": ApproachMinima(rvr_m=75, decision_height_ft=None),
}
_TAKE_OFF_RVR_M: Final = 150
_FULL_CIRCLE: Final = 360

ALTERNATE_CEILING_FT: Final = 400
"""A decision height of 200 ft and the margin of 200 ft for an approach of type B."""

ALTERNATE_VISIBILITY_M: Final = 1350
"""An RVR of 550 m and the margin of 800 m for an approach of type B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A forecast or observation. Distances in metres, ceiling in feet, wind in knots; None if not given."""

    visibility_m: int
    rvr_m: int | None
    ceiling_ft: int | None
    wind_kt: int
    gust_kt: int | None
    thunderstorm: bool
    ground_stop: bool
    wind_from_deg: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindLimits:
    """The operator's greatest wind and crosswind, gusts included, in knots; None for one that is not set."""

    maximum_kt: int | None = None
    crosswind_kt: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherCheck(RuleResult):
    """Whether a movement is within minima; None where that cannot be told. `breaches` says what is below."""

    within_minima: bool | None
    breaches: tuple[str, ...]
    cautions: tuple[str, ...]


def check_weather(
    observation: Observation | None,
    *,
    movement: Movement,
    approach: ApproachCategory,
    wind_limits: WindLimits | None = None,
    runways_deg: Sequence[int] | None = None,
) -> WeatherCheck:
    """Return whether the weather allows a movement. No forecast is not good weather: the answer is unknown.

    CAT II and III are flown by a runway visual range: where none is given and the weather is below CAT I,
    the answer is unknown. An alternate needs the minima of CAT I and a margin, whatever approach it has.
    Crosswind is that of the runway that has the least; without direction or runways it is unknown from the
    wind on at which it could exceed the limit.

    Args:
        observation: Forecast for the time of the movement; None if there is none.
        movement: `departure`, `arrival`, or `alternate` for the planning minima of one.
        approach: Best approach that airport, tail and crew have together.
        wind_limits: The operator's limits; None leaves wind unchecked and says so.
        runways_deg: The headings of the runways in degrees, one direction each; None if not known.

    Raises:
        UnknownCodeError: If movement or approach is not in its list.
        OutOfRangeError: If a measure is negative.
    """
    if movement not in get_args(Movement):
        raise UnknownCodeError("movement", movement, get_args(Movement))
    if approach not in APPROACH_MINIMA:
        raise UnknownCodeError("approach", approach, APPROACH_MINIMA)
    inputs: dict[str, object] = {"observation": observation, "movement": movement, "approach": approach}
    if observation is None:
        return WeatherCheck(
            within_minima=None,
            breaches=(),
            cautions=(),
            articles=(WEATHER_ARTICLE,),
            inputs=inputs,
            working=("no forecast: unknown",),
            unknowns=("forecast",),
        )
    _validate(observation, runways_deg or ())
    breaches: list[str] = []
    cautions: list[str] = []
    unknowns: list[str] = []
    _see(observation, movement, approach, breaches, unknowns)
    if observation.ground_stop:
        breaches.append("ground stop in force")
    wind = max(observation.wind_kt, observation.gust_kt or 0)
    if wind_limits is None:
        unknowns.append("wind_limits")
    else:
        if wind_limits.maximum_kt is not None and wind > wind_limits.maximum_kt:
            breaches.append(f"wind {wind} kt above {wind_limits.maximum_kt} kt")
        _cross(observation, wind, wind_limits.crosswind_kt, runways_deg, breaches, unknowns)
    if observation.thunderstorm:
        cautions.append("thunderstorm: expect holding and ramp closure")
    open_ = [name for name in unknowns if name != "wind_limits"]
    within = False if breaches else None if open_ else True
    told = "; ".join(breaches) or (f"not known: {', '.join(open_)}" if open_ else "within minima")
    articles = (WEATHER_ARTICLE, ALTERNATE_ARTICLE) if movement == "alternate" else (WEATHER_ARTICLE,)
    return WeatherCheck(
        within_minima=within,
        breaches=tuple(breaches),
        cautions=tuple(cautions),
        articles=articles,
        inputs=inputs | {"wind_limits": wind_limits, "runways_deg": runways_deg},
        working=(f"{movement} with {approach}: {told}", *cautions),
        unknowns=tuple(unknowns),
    )


def crosswind_kt(wind_kt: int, wind_from_deg: int, runways_deg: Sequence[int]) -> int:
    """Return the crosswind on the runway that has the least, in knots, rounded up."""
    across = (abs(math.sin(math.radians(wind_from_deg - heading))) for heading in runways_deg)
    return math.ceil(round(wind_kt * min(across), 6))


def _see(
    observation: Observation,
    movement: Movement,
    approach: ApproachCategory,
    breaches: list[str],
    unknowns: list[str],
) -> None:
    """Add what is too low to see by, or that it cannot be told."""
    minima, rvr = APPROACH_MINIMA[approach], observation.rvr_m
    needed = {
        "departure": _TAKE_OFF_RVR_M,
        "arrival": minima.rvr_m,
        "alternate": ALTERNATE_VISIBILITY_M,
    }[movement]
    height = {"departure": None, "arrival": minima.decision_height_ft, "alternate": ALTERNATE_CEILING_FT}[
        movement
    ]
    if movement == "arrival" and approach != "CAT I" and rvr is None:
        first = APPROACH_MINIMA["CAT I"]
        low = observation.ceiling_ft is not None and observation.ceiling_ft < (first.decision_height_ft or 0)
        if low or observation.visibility_m < first.rvr_m:
            unknowns.append("rvr_m")
            return
    seen = observation.visibility_m if rvr is None else rvr
    if seen < needed:
        breaches.append(f"{'visibility' if rvr is None else 'RVR'} {seen} m below {needed} m")
    ceiling = observation.ceiling_ft
    if height is not None and ceiling is not None and ceiling < height:
        breaches.append(f"ceiling {ceiling} ft below {height} ft")


def _cross(
    observation: Observation,
    wind: int,
    limit: int | None,
    runways_deg: Sequence[int] | None,
    breaches: list[str],
    unknowns: list[str],
) -> None:
    if limit is None or wind <= limit:
        return
    if not runways_deg or observation.wind_from_deg is None:
        unknowns.append("wind_from_deg" if runways_deg else "runways_deg")
        return
    across = crosswind_kt(wind, observation.wind_from_deg, runways_deg)
    if across > limit:
        breaches.append(f"crosswind {across} kt above {limit} kt")


def _validate(observation: Observation, runways_deg: Sequence[int]) -> None:
    for name, degrees in (
        ("wind_from_deg", observation.wind_from_deg),
        *(("runways_deg", heading) for heading in runways_deg),
    ):
        if degrees is not None and not 0 <= degrees <= _FULL_CIRCLE:
            raise OutOfRangeError(name, degrees, "0 to 360")
    for name, value in (
        ("visibility_m", observation.visibility_m),
        ("rvr_m", observation.rvr_m),
        ("ceiling_ft", observation.ceiling_ft),
        ("wind_kt", observation.wind_kt),
        ("gust_kt", observation.gust_kt),
    ):
        if value is not None and value < 0:
            raise OutOfRangeError(name, value, "zero or more")
