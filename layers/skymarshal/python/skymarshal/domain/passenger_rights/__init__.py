"""What passengers are owed: EU261, UK261, US refunds and the Montreal Convention."""

from __future__ import annotations

from skymarshal.domain.passenger_rights.care import (
    Care,
    DowngradeRefund,
    HotelNights,
    care,
    downgrade_refund,
    hotel_nights,
)
from skymarshal.domain.passenger_rights.causes import CAUSES, Cause, CauseFinding, assess_cause, cause_code
from skymarshal.domain.passenger_rights.compensation import (
    Compensation,
    Reroute,
    RightsEvent,
    compensation,
)
from skymarshal.domain.passenger_rights.montreal import LiabilityKind, LiabilityLimit, montreal_limit
from skymarshal.domain.passenger_rights.regimes import (
    REGIMES,
    DistanceBand,
    Regime,
    RegimeTerms,
    distance_band,
    regime_terms,
)
from skymarshal.domain.passenger_rights.scope import Journey, Scope, check_scope
from skymarshal.domain.passenger_rights.us_dot import (
    UsBagRefund,
    UsFareRefund,
    us_bag_fee_refund,
    us_fare_refund,
)

__all__ = [
    "CAUSES",
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
    "Regime",
    "RegimeTerms",
    "Reroute",
    "RightsEvent",
    "Scope",
    "UsBagRefund",
    "UsFareRefund",
    "assess_cause",
    "care",
    "cause_code",
    "check_scope",
    "compensation",
    "distance_band",
    "downgrade_refund",
    "hotel_nights",
    "montreal_limit",
    "regime_terms",
    "us_bag_fee_refund",
    "us_fare_refund",
]
