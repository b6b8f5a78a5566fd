"""Every rule of the package: the function that computes it and the articles it may rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from skymarshal.domain import cargo, ftl, passenger_rights
from skymarshal.domain.articles import Article
from skymarshal.domain.cause import find_cause
from skymarshal.domain.curfew import check_movement
from skymarshal.domain.curfew_windows import NIGHT_HOURS_ARTICLE
from skymarshal.domain.delay_codes import DELAY_CODE_ARTICLE, delay_code
from skymarshal.domain.delay_cost import ATFM_DELAY_COST_ARTICLE, atfm_delay_cost
from skymarshal.domain.etops import ETOPS_ARTICLE, check_etops
from skymarshal.domain.ftl.articles import FtlTopic
from skymarshal.domain.mct import MCT_ARTICLE, PRECLEARANCE_ARTICLE, check_connection
from skymarshal.domain.mel import MEL_ARTICLES, mel_dispatch, mel_extension, mel_interval, mel_usage
from skymarshal.domain.minimum_crew import (
    MINIMUM_CABIN_CREW_ARTICLE,
    REDUCED_CABIN_CREW_ARTICLE,
    SENIOR_CABIN_CREW_ARTICLE,
    minimum_cabin_crew,
    reduced_cabin_crew,
)
from skymarshal.domain.passenger_rights.montreal import MONTREAL_ARTICLES
from skymarshal.domain.passenger_rights.payer import PAYER_ARTICLES
from skymarshal.domain.passenger_rights.us_dot import US_DOT_ARTICLES
from skymarshal.domain.published_curfews import NO_NIGHT_RESTRICTION, PUBLISHED_CURFEWS, SYD_DISPENSATION
from skymarshal.domain.slots import AIRPORT_SLOT_ARTICLE, CTOT_ARTICLE, check_ctot, check_slot
from skymarshal.domain.weather import ALTERNATE_ARTICLE, WEATHER_ARTICLE, check_weather

__all__ = ["RULES", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its subject, its function and its articles in every profile or regime.

    `forms` name where the flow asks the same rule in another shape, such as the duration alone where many
    departures are compared. `by_hand` says why no agent asks it; a rule has that or someone who asks.
    """

    subject: str
    calculator: Callable[..., object]
    articles: tuple[Article, ...]
    forms: tuple[str, ...] = ()
    by_hand: str = ""

    @property
    def name(self) -> str:
        """Return the function's name."""
        return self.calculator.__name__


def _ftl(*topics: FtlTopic) -> tuple[Article, ...]:
    return _distinct(
        profile.articles[topic]
        for profile in ftl.PROFILES.values()
        for topic in topics
        if topic in profile.articles
    )


def _rights(*topics: str) -> tuple[Article, ...]:
    return _distinct(terms.articles[topic] for terms in passenger_rights.REGIMES for topic in topics)


def _distinct(articles: Iterable[Article]) -> tuple[Article, ...]:
    return tuple({article.citation: article for article in articles}.values())


_CURFEWS: Final = _distinct(
    [
        *(window.article for windows in PUBLISHED_CURFEWS.values() for window in windows),
        SYD_DISPENSATION,
        *NO_NIGHT_RESTRICTION.values(),
        NIGHT_HOURS_ARTICLE,
    ]
)
_CARGO: Final = cargo.CARGO_ARTICLES

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "State of acclimatisation",
        ftl.acclimatisation_state,
        _ftl("acclimatisation"),
        forms=("domain.ftl.acclimatisation.acclimatisation_code",),
    ),
    Rule(
        "Reference time",
        ftl.reference_time,
        _ftl("acclimatisation"),
        forms=("domain.ftl.acclimatisation.reference_clock",),
    ),
    Rule(
        "State after a rotation",
        ftl.state_after_rotation,
        _ftl("acclimatisation"),
        by_hand="the roster says where a crew member was last acclimatised",
    ),
    Rule(
        "Maximum basic FDP",
        ftl.max_fdp,
        _ftl("max_fdp", "unknown_state", "unknown_state_frm", "long_sectors", "cabin_fdp"),
        forms=("domain.ftl.fdp.max_fdp_duration",),
    ),
    Rule(
        "Planned extension",
        ftl.planned_extension,
        _ftl("planned_extension", "planned_extension_table"),
        forms=("domain.ftl.fdp.planned_extension_duration",),
    ),
    Rule("In-flight rest of pilots", ftl.max_fdp_with_in_flight_rest, _ftl("in_flight_rest_pilots")),
    Rule("Room for in-flight rest", ftl.in_flight_rest_feasible, _ftl("in_flight_rest_pilots")),
    Rule("In-flight rest of cabin crew", ftl.cabin_in_flight_rest, _ftl("in_flight_rest_cabin")),
    Rule(
        "Commander's discretion",
        ftl.commanders_discretion,
        _ftl("discretion", "discretion_base"),
        forms=("domain.ftl.duty.fdp_limits",),
    ),
    Rule(
        "Delayed reporting",
        ftl.delayed_reporting,
        _ftl("delayed_reporting"),
        forms=("domain.ftl.delayed_reporting.delayed_max_fdp_duration",),
    ),
    Rule("Split duty", ftl.split_duty, _ftl("split_duty")),
    Rule("Duties at night in a row", ftl.consecutive_nights, _ftl("consecutive_nights")),
    Rule("Airport standby", ftl.airport_standby, _ftl("standby_airport")),
    Rule("Other standby", ftl.other_standby, _ftl("standby_other")),
    Rule("Reserve", ftl.reserve, _ftl("reserve"), forms=("domain.ftl.standby.RESERVE_NOTICE",)),
    Rule(
        "Cumulative duty and flight time",
        ftl.check_cumulative,
        _ftl("cumulative_duty", "cumulative_flight", "positioning"),
    ),
    Rule("Minimum rest", ftl.minimum_rest, _ftl("rest_home", "rest_away", "rest_time_zones")),
    Rule("Reduced rest", ftl.reduced_rest, _ftl("reduced_rest")),
    Rule("Rest after time zones", ftl.time_zone_nights, _ftl("time_zone_nights")),
    Rule(
        "Rest at a change of rhythm",
        ftl.transition_nights,
        _ftl("time_zone_transition", "disruptive_transition"),
    ),
    Rule(
        "Recovery rest",
        ftl.recovery_rest,
        _ftl("recovery_rest", "recovery_rest_disruptive"),
        forms=("domain.ftl.recovery_rest.is_recovery_rest",),
    ),
    Rule(
        "Disruptive duties",
        ftl.classify_duty,
        _ftl("disruptive_schedule", "night_duty", "wocl"),
        forms=("domain.ftl.recovery_rest.disturbances",),
    ),
    Rule(
        "Length of a recovery rest",
        ftl.recovery_rest_length,
        _ftl("recovery_rest", "recovery_rest_disruptive"),
    ),
    Rule(
        "Rest and rhythm by the duties before",
        ftl.history_limits,
        _ftl(
            *("rest_home", "rest_away", "time_zone_nights", "time_zone_transition"),
            *("disruptive_transition", "recovery_rest", "recovery_rest_disruptive"),
        ),
    ),
    Rule(
        "Night duties and recovery rest of a candidate",
        ftl.roster_breaches,
        _ftl("night_duties", "recovery_rest"),
    ),
    Rule("Cabin crew who report before the flight crew", ftl.fdp_limits, _ftl("cabin_reporting")),
    Rule(
        "Hours that leave a window at midnight",
        ftl.totals_over_midnight,
        _ftl("cumulative_duty", "cumulative_flight"),
    ),
    Rule(
        "Limits of a duty",
        ftl.duty_limits,
        _ftl("max_fdp", "planned_extension_table", "discretion", "cumulative_duty", "rest_home"),
    ),
    Rule("Crew against departures", ftl.check_crew, _ftl("max_fdp", "delayed_reporting", "cumulative_duty")),
    Rule("Minimum cabin crew", minimum_cabin_crew, (MINIMUM_CABIN_CREW_ARTICLE, SENIOR_CABIN_CREW_ARTICLE)),
    Rule("Fewer cabin crew, unforeseen", reduced_cabin_crew, (REDUCED_CABIN_CREW_ARTICLE,)),
    Rule("MEL interval", mel_interval, (MEL_ARTICLES["interval"], MEL_ARTICLES["not_less_restrictive"])),
    Rule(
        "MEL dispatch",
        mel_dispatch,
        (MEL_ARTICLES["expiry"],),
        forms=("calculators.airworthiness.mel_state",),
    ),
    Rule(
        "MEL extension",
        mel_extension,
        (MEL_ARTICLES["extension"],),
        by_hand="an extension is asked for by the maintenance organisation, not taken by a recovery",
    ),
    Rule(
        "MEL interval in flights or hours",
        mel_usage,
        (MEL_ARTICLES["interval"],),
        by_hand="the rows of MelItems have no interval in flights or hours",
    ),
    Rule("Night restrictions", check_movement, _CURFEWS),
    Rule("ATFM slot", check_ctot, (CTOT_ARTICLE,), forms=("calculators.movement_windows.slot_limits",)),
    Rule(
        "Airport slot",
        check_slot,
        (AIRPORT_SLOT_ARTICLE,),
        forms=("calculators.movement_windows.slot_limits",),
    ),
    Rule("Weather minima", check_weather, (WEATHER_ARTICLE, ALTERNATE_ARTICLE)),
    Rule(
        "Minimum connection",
        check_connection,
        (MCT_ARTICLE, PRECLEARANCE_ARTICLE),
        forms=("calculators.connections.minimum_connection",),
    ),
    Rule("Extended operations", check_etops, (ETOPS_ARTICLE,)),
    Rule(
        "Scope of passenger rights",
        passenger_rights.check_scope,
        _rights("scope", "scope_return", "single_booking"),
    ),
    Rule(
        "Compensation",
        passenger_rights.compensation,
        _rights(
            *("amounts", "distance", "reduction", "delay", "delay_reduction", "arrival", "cancellation"),
            *("notice_proof", "extraordinary", "denied_boarding", "brought_forward", "payer"),
        ),
    ),
    Rule(
        "Care and refund",
        passenger_rights.care,
        _rights("care", "care_always", "refund", "choice"),
        forms=("calculators.owed._care",),
    ),
    Rule(
        "Cause of a disruption",
        find_cause,
        _distinct(cause.article for cause in passenger_rights.CAUSES.values()),
    ),
    Rule(
        "National compensation",
        passenger_rights.national_compensation,
        _distinct(article for law in passenger_rights.NATIONAL_LAWS for article in law.articles.values()),
    ),
    Rule(
        "No fixed compensation",
        passenger_rights.state_without_law,
        tuple(passenger_rights.NO_FIXED_COMPENSATION.values()),
    ),
    Rule(
        "Payer of a joined booking",
        passenger_rights.payer_of,
        tuple(PAYER_ARTICLES.values()),
    ),
    Rule(
        "US tarmac limit",
        passenger_rights.us_tarmac_limit,
        (US_DOT_ARTICLES["tarmac"],),
    ),
    Rule(
        "Hotel nights",
        passenger_rights.hotel_nights,
        _rights("hotel"),
        forms=("domain.passenger_rights.care.nights_within",),
    ),
    Rule("Downgrade", passenger_rights.downgrade_refund, _rights("downgrade")),
    Rule("US fare refund", passenger_rights.us_fare_refund, (US_DOT_ARTICLES["fare"],)),
    Rule(
        "US bag fee refund",
        passenger_rights.us_bag_fee_refund,
        (US_DOT_ARTICLES["bag"],),
        by_hand="how late a bag comes is not known when a departure is recovered",
    ),
    Rule("Limits of liability", passenger_rights.montreal_limit, tuple(MONTREAL_ARTICLES.values())),
    Rule(
        "Temperature",
        cargo.check_temperature,
        (_CARGO["temperature_codes"], _CARGO["frozen"]),
        forms=("domain.cargo.temperature.TemperatureRange",),
    ),
    Rule("Temperature range that counts", cargo.temperature_source, (_CARGO["awb_prevails"],)),
    Rule(
        "Pharmaceutical codes",
        cargo.check_pharma_codes,
        (_CARGO["pharma_code"],),
        by_hand="it is a check at acceptance",
    ),
    Rule("Air waybill number", cargo.check_awb, (_CARGO["awb_number"],)),
    Rule(
        "Segregation",
        cargo.check_segregation,
        tuple(
            _CARGO[topic]
            for topic in (
                "segregation",
                "toxic_infectious",
                "radioactive",
                "human_remains",
                "animals_food",
                "dry_ice_animals",
            )
        ),
    ),
    Rule(
        "Loading review",
        cargo.review_loading,
        (_CARGO["cargo_aircraft_only"], _CARGO["dry_ice_animals"], _CARGO["live_animals"]),
    ),
    Rule("Offload", cargo.check_offload, (_CARGO["live_animals"],)),
    Rule("Delay codes", delay_code, (DELAY_CODE_ARTICLE,), by_hand="the code is given after the departure"),
    Rule(
        "Cost of ATFM delay",
        atfm_delay_cost,
        (ATFM_DELAY_COST_ARTICLE,),
        by_hand="the airline prices a minute by its own rates",
    ),
)
