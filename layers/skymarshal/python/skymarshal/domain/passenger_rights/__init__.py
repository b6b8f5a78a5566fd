"""What passengers are owed: EU261, UK261, US refunds and the Montreal Convention."""

from __future__ import annotations

from skymarshal.domain.passenger_rights.care import (
    Care,
    DowngradeRefund,
    HotelNights,
    care,
    downgrade_refund,
    hotel_nights,
    nights_within,
)
from skymarshal.domain.passenger_rights.causes import CAUSES, Cause, CauseFinding, assess_cause, cause_code
from skymarshal.domain.passenger_rights.compensation import (
    Compensation,
    Reroute,
    RightsEvent,
    compensation,
)
from skymarshal.domain.passenger_rights.montreal import LiabilityKind, LiabilityLimit, montreal_limit
from skymarshal.domain.passenger_rights.national import (
    MOST_WHERE_UNHELD,
    NATIONAL_LAWS,
    NO_FIXED_COMPENSATION,
    NationalLaw,
    NationalRegime,
    laws_of,
    national_law,
    state_without_law,
)
from skymarshal.domain.passenger_rights.national_amounts import (
    NationalCompensation,
    national_compensation,
)
from skymarshal.domain.passenger_rights.payer import OperatedLeg, Payer, payer_of
from skymarshal.domain.passenger_rights.regimes import (
    REGIMES,
    DistanceBand,
    Regime,
    RegimeTerms,
    distance_band,
    regime_terms,
)
from skymarshal.domain.passenger_rights.scope import Journey, Scope, check_scope
from skymarshal.domain.passenger_rights.territory import EU261_COUNTRIES, in_eu261_territory
from skymarshal.domain.passenger_rights.us_dot import (
    UsBagRefund,
    UsFareRefund,
    UsTarmacLimit,
    us_bag_fee_refund,
    us_fare_refund,
    us_tarmac_limit,
)

__all__ = [
    "CAUSES",
    "EU261_COUNTRIES",
    "MOST_WHERE_UNHELD",
    "NATIONAL_LAWS",
    "NO_FIXED_COMPENSATION",
    "REGIMES",
    "Care",
    "Cause",
    "CauseFinding",
    "Compensation",
    "DistanceBand",
    "DowngradeRefund",
    "HotelNights",
    "Journey",
    "LiabilityKind",
    "LiabilityLimit",
    "NationalCompensation",
    "NationalLaw",
    "NationalRegime",
    "OperatedLeg",
    "Payer",
    "Regime",
    "RegimeTerms",
    "Reroute",
    "RightsEvent",
    "Scope",
    "UsBagRefund",
    "UsFareRefund",
    "UsTarmacLimit",
    "assess_cause",
    "care",
    "cause_code",
    "check_scope",
    "compensation",
    "distance_band",
    "downgrade_refund",
    "hotel_nights",
    "in_eu261_territory",
    "laws_of",
    "montreal_limit",
    "national_compensation",
    "national_law",
    "nights_within",
    "payer_of",
    "regime_terms",
    "state_without_law",
    "us_bag_fee_refund",
    "us_fare_refund",
    "us_tarmac_limit",
]
