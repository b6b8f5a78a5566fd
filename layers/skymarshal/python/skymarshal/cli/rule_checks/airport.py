"""Checks of aircraft and airports: MEL, connections, curfews, slots, weather, ETOPS, distance, codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from skymarshal.cli.rule_checks.airports import airport_code, airport_place, find_airport
from skymarshal.cli.rule_checks.answers import Answer, as_json, clean_number, duration_text
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.domain import mct as connections
from skymarshal.domain import mel, slots, weather
from skymarshal.domain.articles import Article, RuleResult
from skymarshal.domain.curfew import MovementKind, check_movement
from skymarshal.domain.delay_codes import DELAY_CODE_ARTICLE, delay_code
from skymarshal.domain.errors import (
    InvalidInputError,
    MissingInputError,
    OutOfRangeError,
    UnknownCodeError,
)
from skymarshal.domain.etops import check_etops
from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.published_curfews import night_rules
from skymarshal.domain.times import local_time, time_zone

__all__ = [
    "check_mct",
    "curfew",
    "delay_code_meaning",
    "etops",
    "great_circle",
    "mel_interval",
    "slot",
    "weather_minima",
]

_CATEGORIES: Final[dict[str, mel.MelCategory]] = {"A": "A", "B": "B", "C": "C", "D": "D"}
_MOVEMENTS: Final[dict[str, MovementKind]] = {
    "departure": "departure",
    "arrival": "arrival",
    "landing": "arrival",
    "takeoff": "departure",
    "dep": "departure",
    "arr": "arrival",
}
_WEATHER_MOVEMENTS: Final[dict[str, weather.Movement]] = {**_MOVEMENTS, "alternate": "alternate"}
_APPROACHES: Final[dict[str, weather.ApproachCategory]] = {
    "CAT I": "CAT I",
    "CAT II": "CAT II",
    "CAT III": "CAT III",
    "CAT 1": "CAT I",
    "CAT 2": "CAT II",
    "CAT 3": "CAT III",
}
_SEEN: Final = (
    "rvr_m",
    "ceiling_ft",
    "wind_kt",
    "gust_kt",
    "thunderstorm",
    "ground_stop",
    "wind_from_deg",
)
"""What an observation says beside the visibility."""

_LONGEST_TAXI: Final = timedelta(hours=3)
_COUNTRY_LETTERS: Final = 3
_UNITED_STATES: Final = frozenset({"US", "USA"})
_EMERGENCIES: Final = frozenset({"emergency", "medical", "safety", "relief"})
_QUOTA_COUNTS: Final = tuple(
    f"QC/{count}" for count in ("0", "0.125", "0.25", "0.5", "1", "2", "4", "8", "16")
)
_USAGES: Final = {
    "interval_flights": "flights",
    "interval_flight_hours": "flight hours",
    "interval_flight_days": "flight days",
}
_GEODESY: Final = Article(
    regulation="Regulation (EC) 261/2004",
    article="Art 7(4)",
    subject="Great-circle distance",
    status="verified",
    source="Regulation and 2024 Interpretative Guidelines C/2024/5687",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain(RuleResult):
    """A result that has nothing beside its working."""


def mel_interval(fields: Fields) -> Answer:
    """Return the rectification interval, whether dispatch is allowed and whether it may be extended."""
    category = fields.need_choice(_CATEGORIES, "category")
    discovered = fields.instant("discovered")
    usage = _mel_usage(fields, category)
    if usage is not None:
        return usage
    extended = fields.flag("extended") or False
    clock = fields.text("clock_zone", "clock_tz", "clock") or "UTC"
    time_zone("clock_zone", clock)
    interval = mel.mel_interval(
        category=category,
        discovered=fields.need(discovered, "discovered", "a time in UTC"),
        interval_days=fields.integer("interval_calendar_days"),
        extended=extended,
        clock_zone=clock,
    )
    results: list[RuleResult] = [interval]
    values = {
        "counting_from": as_json(interval.counting_from),
        "last_day": as_json(interval.last_day),
        "expires_at": as_json(interval.expires_at),
    }
    departure = fields.instant("departure")
    if departure is not None:
        in_flight = fields.flag("days_may_run_out_in_flight")
        dispatch = mel.mel_dispatch(
            interval,
            departure=departure,
            arrival=fields.instant("arrival"),
            days_may_run_out_in_flight=fields.assumed(
                in_flight, True, "the interval may end in flight: days_may_run_out_in_flight is not given"
            ),
        )
        results.append(dispatch)
        values["dispatch_allowed"] = dispatch.allowed
    approved = fields.flag("extension_procedure_approved")
    if approved is not None:
        extension = mel.mel_extension(
            interval,
            procedure_approved=approved,
            already_extended=extended or fields.flag("already_extended") or False,
            beyond_control=fields.flag("events_beyond_control", "beyond_control"),
            authority_notified=fields.flag("authority_notified"),
        )
        results.append(extension)
        values |= {
            "extension_allowed": extension.allowed,
            "extended_last_day": as_json(extension.extended_last_day),
            "extension_reason": extension.reason,
            "extension_conditions": as_json(extension.conditions),
        }
    return Answer(values=values, results=tuple(results))


def check_mct(fields: Fields) -> Answer:
    """Return whether a connection holds."""
    airport = fields.text("airport")
    airport = None if airport is None else airport_code("airport", airport)
    minimum = fields.duration("mct_min")
    source = None
    on = fields.day("date")
    terminals = (
        _terminal(fields, "terminal_from", "from_terminal", "arrival_terminal", "terminal"),
        _terminal(fields, "terminal_to", "to_terminal", "departure_terminal", "terminal"),
    )
    if minimum is None and airport is not None and on is not None:
        row = connections.published_mct(airport, on=on, terminal_from=terminals[0], terminal_to=terminals[1])
        if row is not None:
            minimum, source = timedelta(minutes=row.minutes), row.source
    country = fields.code("outbound_destination_country")
    if country is not None and (len(country) > _COUNTRY_LETTERS or not country.isalpha()):
        raise InvalidInputError("outbound_destination_country", country, "an ISO country code such as US")
    precleared = country in _UNITED_STATES and (
        airport == "AUH" or fields.has("preclearance_presentation_min_before_departure")
    )
    presentation = fields.duration("preclearance_presentation_min_before_departure")
    if presentation is not None and not precleared:
        told = "preclearance_presentation_min_before_departure"
        if country is None:
            raise MissingInputError("outbound_destination_country", f"US beside {told}")
        raise InvalidInputError(told, presentation.total_seconds() / 60, f"none to {country}: US only")
    result = connections.check_connection(
        available=fields.need(fields.offset("connection_min"), "connection_min", "minutes"),
        minimum=minimum,
        airport=airport,
        precleared_to_us=precleared,
        presentation=connections.PRECLEARANCE_BEFORE_DEPARTURE if presentation is None else presentation,
    )
    return Answer(
        values={
            "legal": result.legal,
            "margin_min": None if result.margin is None else clean_number(result.margin.total_seconds() / 60),
            "binding": result.binding,
            "mct_source": source,
        },
        results=(result,),
    )


def curfew(fields: Fields) -> Answer:
    """Return whether an airport's night restrictions allow a movement."""
    airport = fields.need(fields.code("airport"), "airport", "an airport code")
    place = find_airport(airport)
    if place is None:
        raise InvalidInputError("airport", airport, "the IATA code of an airport whose clock is known")
    zone = place.zone
    at = fields.need(fields.instant("time_utc", "at"), "time_utc", "a time in UTC")
    movement = fields.need_choice(_MOVEMENTS, "movement")
    scheduled = _scheduled(fields, at, zone)
    taxi = fields.duration("taxi_min")
    if taxi is not None and taxi > _LONGEST_TAXI:
        raise OutOfRangeError("taxi_min", taxi.total_seconds() / 60, "at most 180 minutes")
    if taxi is not None:
        to_runway = taxi if movement == "departure" else -taxi
        at, scheduled = at + to_runway, None if scheduled is None else scheduled + to_runway
    reason = fields.text("reason")
    forced = reason is not None and reason.lower() in _EMERGENCIES
    emergency = fields.flag("emergency")
    if forced and emergency is False:
        raise InvalidInputError("emergency", emergency, f"true, or left out: {reason} counts as one")
    aircraft = fields.text("aircraft")
    international = fields.flag("international")
    if aircraft is not None and aircraft.lower().startswith(("freighter", "cargo")):
        international = False
    rules = night_rules(airport, local_time("time_utc", at, zone).date())
    result = check_movement(
        rules.windows,
        at=at,
        zone=zone,
        movement=movement,
        scheduled_at=scheduled,
        delay_inherent_in_schedule=fields.flag("delay_inherent_in_schedule"),
        quota_held=fields.flag("quota_slot", "quota_held"),
        dispensation=fields.flag("dispensation", "exemption") or False,
        emergency=forced or bool(emergency),
        international_passenger=international,
        quota_count=_quota_count(fields),
        taxi=taxi or timedelta(0),
        stated=rules.stated,
    )
    if rules.none_by is not None:
        result = replace(result, articles=(rules.none_by,))
    return Answer(
        values={
            "local_time": result.local.strftime("%Y-%m-%dT%H:%M"),
            "status": result.status,
            "permitted": result.permitted,
            "justification_required": result.justification_required,
            "windows": as_json(result.windows),
        },
        results=(result,),
    )


def slot(fields: Fields) -> Answer:
    """Return whether a departure keeps its calculated take-off time."""
    before, after = fields.duration("tolerance_before_min"), fields.duration("tolerance_after_min")
    result = slots.check_ctot(
        off_block=fields.need(fields.instant("off_block_utc", "off_block"), "off_block_utc", "a time in UTC"),
        taxi_out=fields.need(fields.duration("taxi_out_min"), "taxi_out_min", "minutes"),
        ctot=fields.instant("ctot_utc", "ctot"),
        tolerance_before=slots.CTOT_BEFORE if before is None else before,
        tolerance_after=slots.CTOT_AFTER if after is None else after,
    )
    return Answer(
        values={
            "kept": result.kept,
            "earliest": as_json(result.earliest),
            "latest": as_json(result.latest),
            "slack": duration_text(result.slack),
        },
        results=(result,),
    )


def weather_minima(fields: Fields) -> Answer:
    """Return whether the weather is within minima; without `visibility_m` there is no forecast."""
    observation = None
    visibility = fields.integer("visibility_m")
    rvr, ceiling = fields.integer("rvr_m"), fields.integer("ceiling_ft")
    wind, gust = fields.integer("wind_kt"), fields.integer("gust_kt")
    thunderstorm, stop = fields.flag("thunderstorm"), fields.flag("ground_stop")
    limit, across = fields.integer("wind_limit_kt"), fields.integer("crosswind_limit_kt")
    wind_from, runways = fields.integer("wind_from_deg"), fields.numbers("runways_deg")
    for name, value in (
        ("rvr_m", rvr),
        ("ceiling_ft", ceiling),
        ("wind_limit_kt", limit),
        ("crosswind_limit_kt", across),
    ):
        if value is not None and value < 0:
            raise OutOfRangeError(name, value, "zero or more")
    if visibility is None:
        told = [name for name in _SEEN if fields.has(name)]
        if told:
            raise MissingInputError("visibility_m", f"metres, beside {told[0]}")
    if visibility is not None:
        observation = weather.Observation(
            visibility_m=visibility,
            rvr_m=rvr,
            ceiling_ft=ceiling,
            wind_kt=fields.need(wind, "wind_kt", "knots"),
            gust_kt=gust,
            thunderstorm=thunderstorm or False,
            ground_stop=stop or False,
            wind_from_deg=wind_from,
        )
    result = weather.check_weather(
        observation,
        movement=fields.need_choice(_WEATHER_MOVEMENTS, "movement"),
        approach=fields.need_choice(_APPROACHES, "approach"),
        wind_limits=None
        if limit is None and across is None
        else weather.WindLimits(maximum_kt=limit, crosswind_kt=across),
        runways_deg=None if runways is None else [round(one) for one in runways],
    )
    return Answer(
        values={
            "within_minima": result.within_minima,
            "breaches": as_json(result.breaches),
            "cautions": as_json(result.cautions),
        },
        results=(result,),
    )


def etops(fields: Fields) -> Answer:
    """Return whether a tail may fly a route."""
    result = check_etops(
        engines=fields.need(fields.integer("engines"), "engines", "how many engines"),
        approved=fields.duration("approved_min"),
        removed_by_mel=fields.assumed(
            fields.flag("removed_by_mel"),
            False,
            "no MEL item removes the approval: removed_by_mel is not given",
        ),
        diversion_time=fields.duration("diversion_min"),
    )
    return Answer(
        values={"allowed": result.allowed, "margin": duration_text(result.margin)}, results=(result,)
    )


def great_circle(fields: Fields) -> Answer:
    """Return the great-circle distance between two airports."""
    start = airport_place("origin", fields.need(fields.code("origin"), "origin", "an airport code"))
    end = airport_place(
        "destination", fields.need(fields.code("destination"), "destination", "an airport code")
    )
    distance = great_circle_km(start.latitude, start.longitude, end.latitude, end.longitude)
    result = _Plain(
        articles=(_GEODESY,),
        inputs={"origin": start.code, "destination": end.code},
        working=(f"{start.code}-{end.code}: {distance:.0f} km on the mean sphere",),
    )
    return Answer(values={"distance_km": round(distance)}, results=(result,))


def delay_code_meaning(fields: Fields) -> Answer:
    """Return what an IATA delay code stands for."""
    code = delay_code(fields.need(fields.text("code"), "code", "two digits").zfill(2))
    result = _Plain(articles=(DELAY_CODE_ARTICLE,), inputs={"code": code.code}, working=(code.meaning,))
    return Answer(
        values={
            "code": code.code,
            "group": code.group,
            "meaning": code.meaning,
            "reactionary": code.reactionary,
            "crew": code.crew,
        },
        results=(result,),
    )


def _scheduled(fields: Fields, at: datetime, zone: str) -> datetime | None:
    """Return the scheduled time: on the local clock the last one before `at`."""
    exact = fields.instant("scheduled_utc")
    clock = fields.clock("scheduled_local")
    scheduled = fields.flag("scheduled")
    if exact is not None and clock is not None:
        raise InvalidInputError(
            "scheduled_local", f"{clock:%H:%M}", "no scheduled_local beside scheduled_utc"
        )
    if exact is not None:
        return _at_its_time(exact, at, scheduled)
    if clock is None:
        if scheduled is not False:
            return None
        clock = fields.assumed(
            None, time(12), "it was scheduled for 12:00 local, outside the night: no schedule is given"
        )
    local = local_time("time_utc", at, zone)
    planned = datetime.combine(local.date(), clock, local.tzinfo)
    if planned > local:
        planned = datetime.combine(local.date() - timedelta(days=1), clock, local.tzinfo)
    return _at_its_time(planned.astimezone(UTC), at, scheduled)


def _at_its_time(planned: datetime, at: datetime, scheduled: bool | None) -> datetime:
    """Return the scheduled time, unless the movement is said to be at it and is not."""
    if scheduled and planned != at:
        raise InvalidInputError("scheduled", scheduled, "false: the movement is not at its scheduled time")
    return planned


def _terminal(fields: Fields, *names: str) -> str | None:
    """Return a terminal as the published table names it: `5` and `Terminal 5` are `T5`."""
    name = fields.code(*names)
    if name is None:
        return None
    number = name.removeprefix("TERMINAL").strip()
    return f"T{number}" if number.isdigit() else number


def _quota_count(fields: Fields) -> str | None:
    """Return the noise class as `QC/8`, however it is written.

    Raises:
        UnknownCodeError: If there is no such class.
    """
    stated = fields.code("quota_count", "qc")
    if stated is None:
        return None
    name = "QC/" + stated.removeprefix("QC").lstrip("/ ")
    if name not in _QUOTA_COUNTS:
        raise UnknownCodeError("quota_count", stated, _QUOTA_COUNTS)
    return name


def _mel_usage(fields: Fields, category: mel.MelCategory) -> Answer | None:
    for name, unit in _USAGES.items():
        limit = fields.number(name)
        if limit is None:
            continue
        if limit <= 0:
            raise OutOfRangeError(name, limit, "a number above zero")
        if category != "A":
            raise OutOfRangeError(name, limit, "no such interval: only category A counts other than in days")
        result = mel.mel_usage(
            limit=limit,
            used=fields.need(fields.number("used"), "used", f"{unit} since discovery"),
            planned=fields.need(fields.number("planned"), "planned", f"{unit} of the planned flight"),
            unit=unit,
        )
        return Answer(
            values={"dispatch_allowed": result.allowed, "remaining": clean_number(result.remaining)},
            results=(result,),
        )
    return None
