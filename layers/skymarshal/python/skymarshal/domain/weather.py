"""Weather minima for take-off and approach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.errors import OutOfRangeError, UnknownCodeError

__all__ = [
    "APPROACH_MINIMA",
    "WEATHER_ARTICLE",
    "ApproachCategory",
    "ApproachMinima",
    "Observation",
    "WeatherCheck",
    "WindLimits",
    "check_weather",
]

ApproachCategory = Literal["CAT I", "CAT II", "CAT III"]
Movement = Literal["departure", "arrival"]

WEATHER_ARTICLE: Final = Article(
    regulation="Regulation (EU) 965/2012",
    article="CAT.OP.MPA.110, SPA.LVO.100",
    subject="Aerodrome operating minima",
    status="unverified",
    source="from memory, text not read; the operator's own minima prevail",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WindLimits:
    """The operator's greatest wind, gusts included, in knots."""

    maximum_kt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherCheck(RuleResult):
    """Whether a movement is within minima; None without a forecast. `breaches` says what is below."""

    within_minima: bool | None
    breaches: tuple[str, ...]
    cautions: tuple[str, ...]


def check_weather(
    observation: Observation | None,
    *,
    movement: Movement,
    approach: ApproachCategory,
    wind_limits: WindLimits | None = None,
) -> WeatherCheck:
    """Return whether the weather allows a movement. No forecast is not good weather: the answer is unknown.

    Args:
        observation: Forecast for the time of the movement; None if there is none.
        movement: `departure` or `arrival`.
        approach: Best approach that airport, tail and crew have together.
        wind_limits: The operator's limits; None leaves wind unchecked and says so.

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
    _validate(observation)
    minima = APPROACH_MINIMA[approach]
    breaches: list[str] = []
    cautions: list[str] = []
    seen = observation.visibility_m if observation.rvr_m is None else observation.rvr_m
    needed = minima.rvr_m if movement == "arrival" else _TAKE_OFF_RVR_M
    if seen < needed:
        breaches.append(f"{'visibility' if observation.rvr_m is None else 'RVR'} {seen} m below {needed} m")
    height = minima.decision_height_ft
    ceiling = observation.ceiling_ft
    if movement == "arrival" and height is not None and ceiling is not None and ceiling < height:
        breaches.append(f"ceiling {ceiling} ft below {height} ft")
    if observation.ground_stop:
        breaches.append("ground stop in force")
    wind = max(observation.wind_kt, observation.gust_kt or 0)
    if wind_limits is not None and wind > wind_limits.maximum_kt:
        breaches.append(f"wind {wind} kt above {wind_limits.maximum_kt} kt")
    if observation.thunderstorm:
        cautions.append("thunderstorm: expect holding and ramp closure")
    return WeatherCheck(
        within_minima=not breaches,
        breaches=tuple(breaches),
        cautions=tuple(cautions),
        articles=(WEATHER_ARTICLE,),
        inputs=inputs | {"wind_limits": wind_limits},
        working=(f"{movement} with {approach}: " + ("; ".join(breaches) or "within minima"), *cautions),
        unknowns=() if wind_limits is not None else ("wind_limits",),
    )


def _validate(observation: Observation) -> None:
    for name, value in (
        ("visibility_m", observation.visibility_m),
        ("rvr_m", observation.rvr_m),
        ("ceiling_ft", observation.ceiling_ft),
        ("wind_kt", observation.wind_kt),
        ("gust_kt", observation.gust_kt),
    ):
        if value is not None and value < 0:
            raise OutOfRangeError(name, value, "zero or more")
