"""Where the EU regulation applies, by the ISO 3166 code of country or territory."""

from __future__ import annotations

from typing import Final

__all__ = ["EU261_COUNTRIES", "in_eu261_territory"]

EU261_COUNTRIES: Final = frozenset(
    [
        *("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)
"""Countries in which the EU regulation applies, Iceland, Norway and Switzerland included."""

_OUTERMOST: Final = frozenset({"AX", "GF", "GP", "MF", "MQ", "RE", "YT"})
"""Parts of France and Finland with codes of their own where the treaties apply (TFEU 349, 355). The Faroes,
Greenland, French Polynesia, New Caledonia and the Dutch Caribbean are not among them."""


def in_eu261_territory(country: str) -> bool:
    """Return whether the EU regulation applies to departures from there."""
    return country in EU261_COUNTRIES or country in _OUTERMOST
