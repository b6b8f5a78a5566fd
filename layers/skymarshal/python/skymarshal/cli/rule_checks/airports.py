"""Zone, country and position of airports, for checks by hand.

The sample airline's airports, and others that passenger rights cases turn on. Checks in the flow read the
Airports table instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from skymarshal.domain.errors import InvalidInputError, UnknownCodeError

__all__ = ["EU261_COUNTRIES", "AirportPlace", "airport_code", "airport_place", "find_airport"]

EU261_COUNTRIES: Final = frozenset(
    [
        *("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
        *("IS", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)
"""Countries in which the EU regulation applies, Iceland, Norway and Switzerland included."""

# IATA, country, zone, latitude, longitude
_FURTHER: Final = """
DXB AE Asia/Dubai 25.253 55.364
SHJ AE Asia/Dubai 25.329 55.517
DUS DE Europe/Berlin 51.290 6.767
CGN DE Europe/Berlin 50.866 7.143
STR DE Europe/Berlin 48.690 9.222
HAJ DE Europe/Berlin 52.461 9.685
NUE DE Europe/Berlin 49.499 11.078
TXL DE Europe/Berlin 52.560 13.288
LIN IT Europe/Rome 45.445 9.277
BGY IT Europe/Rome 45.674 9.704
VCE IT Europe/Rome 45.505 12.352
NAP IT Europe/Rome 40.886 14.291
LCY GB Europe/London 51.505 0.055
LGW GB Europe/London 51.148 -0.190
STN GB Europe/London 51.885 0.235
LTN GB Europe/London 51.875 -0.368
BHX GB Europe/London 52.454 -1.748
GLA GB Europe/London 55.872 -4.433
BFS GB Europe/London 54.658 -6.216
ORY FR Europe/Paris 48.725 2.359
LYS FR Europe/Paris 45.726 5.091
MRS FR Europe/Paris 43.437 5.215
TLS FR Europe/Paris 43.629 1.364
RUN FR Indian/Reunion -20.887 55.510
PTP FR America/Guadeloupe 16.266 -61.532
PMI ES Europe/Madrid 39.552 2.739
AGP ES Europe/Madrid 36.675 -4.499
TFS ES Atlantic/Canary 28.045 -16.573
LPA ES Atlantic/Canary 27.932 -15.387
VLC ES Europe/Madrid 39.489 -0.482
OPO PT Europe/Lisbon 41.248 -8.681
FNC PT Atlantic/Madeira 32.698 -16.774
PDL PT Atlantic/Azores 37.741 -25.698
ARN SE Europe/Stockholm 59.652 17.919
GOT SE Europe/Stockholm 57.663 12.280
OSL NO Europe/Oslo 60.194 11.100
BGO NO Europe/Oslo 60.293 5.218
HEL FI Europe/Helsinki 60.317 24.963
KEF IS Atlantic/Reykjavik 63.985 -22.606
WAW PL Europe/Warsaw 52.166 20.967
KRK PL Europe/Warsaw 50.078 19.785
PRG CZ Europe/Prague 50.101 14.260
BUD HU Europe/Budapest 47.437 19.256
OTP RO Europe/Bucharest 44.571 26.085
SOF BG Europe/Sofia 42.697 23.411
ZAG HR Europe/Zagreb 45.743 16.069
LJU SI Europe/Ljubljana 46.224 14.458
BTS SK Europe/Bratislava 48.170 17.213
RIX LV Europe/Riga 56.924 23.971
VNO LT Europe/Vilnius 54.634 25.286
TLL EE Europe/Tallinn 59.413 24.833
LUX LU Europe/Luxembourg 49.627 6.212
MLA MT Europe/Malta 35.857 14.478
LCA CY Asia/Nicosia 34.875 33.625
SKG GR Europe/Athens 40.520 22.971
HER GR Europe/Athens 35.340 25.180
RHO GR Europe/Athens 36.405 28.086
BSL CH Europe/Zurich 47.590 7.529
BEG RS Europe/Belgrade 44.818 20.309
KBP UA Europe/Kyiv 50.345 30.895
SVO RU Europe/Moscow 55.973 37.415
SAW TR Europe/Istanbul 40.899 29.309
AYT TR Europe/Istanbul 36.899 30.801
ESB TR Europe/Istanbul 40.128 32.995
CMN MA Africa/Casablanca 33.367 -7.590
AGA MA Africa/Casablanca 30.325 -9.413
RAK MA Africa/Casablanca 31.607 -8.036
TUN TN Africa/Tunis 36.851 10.227
ALG DZ Africa/Algiers 36.691 3.215
LOS NG Africa/Lagos 6.577 3.321
ACC GH Africa/Accra 5.605 -0.167
ADD ET Africa/Addis_Ababa 8.978 38.799
CPT ZA Africa/Johannesburg -33.965 18.602
SEZ SC Indian/Mahe -4.674 55.522
MRU MU Indian/Mauritius -20.430 57.684
TLV IL Asia/Jerusalem 32.011 34.887
IKA IR Asia/Tehran 35.416 51.152
BGW IQ Asia/Baghdad 33.263 44.235
TAS UZ Asia/Tashkent 41.258 69.281
ALA KZ Asia/Almaty 43.352 77.041
GYD AZ Asia/Baku 40.468 50.047
TBS GE Asia/Tbilisi 41.669 44.955
EVN AM Asia/Yerevan 40.147 44.396
EWR US America/New_York 40.693 -74.169
LGA US America/New_York 40.777 -73.873
ATL US America/New_York 33.637 -84.428
MIA US America/New_York 25.793 -80.291
MCO US America/New_York 28.429 -81.309
PHL US America/New_York 39.872 -75.241
CLT US America/New_York 35.214 -80.943
DTW US America/Detroit 42.212 -83.353
DFW US America/Chicago 32.897 -97.038
IAH US America/Chicago 29.984 -95.341
MSP US America/Chicago 44.882 -93.222
DEN US America/Denver 39.862 -104.673
PHX US America/Phoenix 33.434 -112.012
LAX US America/Los_Angeles 33.943 -118.408
SFO US America/Los_Angeles 37.619 -122.375
SEA US America/Los_Angeles 47.449 -122.309
HNL US Pacific/Honolulu 21.319 -157.922
YUL CA America/Toronto 45.471 -73.741
YVR CA America/Vancouver 49.194 -123.184
MEX MX America/Mexico_City 19.436 -99.072
GRU BR America/Sao_Paulo -23.432 -46.470
GIG BR America/Sao_Paulo -22.809 -43.244
EZE AR America/Argentina/Buenos_Aires -34.822 -58.536
SCL CL America/Santiago -33.393 -70.786
BOG CO America/Bogota 4.702 -74.147
LIM PE America/Lima -12.022 -77.114
HND JP Asia/Tokyo 35.552 139.780
KIX JP Asia/Tokyo 34.434 135.244
TPE TW Asia/Taipei 25.078 121.233
CAN CN Asia/Shanghai 23.392 113.299
SGN VN Asia/Ho_Chi_Minh 10.819 106.652
HAN VN Asia/Ho_Chi_Minh 21.221 105.807
DPS ID Asia/Makassar -8.748 115.167
PER AU Australia/Perth -31.940 115.967
ADL AU Australia/Adelaide -34.945 138.531
AKL NZ Pacific/Auckland -37.008 174.792
CHC NZ Pacific/Auckland -43.489 172.532
""".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class AirportPlace:
    """Where an airport is."""

    code: str
    country: str
    zone: str
    latitude: float
    longitude: float

    @property
    def eu(self) -> bool:
        """Return whether the EU regulation on passenger rights applies there."""
        return self.country in EU261_COUNTRIES

    @property
    def uk(self) -> bool:
        """Return whether the UK regulation applies there."""
        return self.country == "GB"


def airport_code(field: str, text: str) -> str:
    """Return an IATA airport code in capitals, whether or not the airport is in the list.

    Raises:
        InvalidInputError: If it is no three letters.
    """
    code = text.strip().upper()
    if re.fullmatch(r"[A-Z]{3}", code) is None:
        raise InvalidInputError(field, text, "an IATA airport code of three letters")
    return code


def find_airport(code: str) -> AirportPlace | None:
    """Return the airport of an IATA code, or None if it is not in the list."""
    return _places().get(code.strip().upper())


def airport_place(field: str, code: str) -> AirportPlace:
    """Return the airport of an IATA code.

    Raises:
        UnknownCodeError: If it is not in the list.
    """
    place = find_airport(code)
    if place is None:
        raise UnknownCodeError(field, code, sorted(_places()))
    return place


@lru_cache(maxsize=1)
def _places() -> dict[str, AirportPlace]:
    from skymarshal.operations.airline.world import AIRPORTS

    places = {}
    for line in _FURTHER.splitlines():
        code, country, zone, latitude, longitude = line.split()
        places[code] = AirportPlace(
            code=code, country=country, zone=zone, latitude=float(latitude), longitude=float(longitude)
        )
    for airport in AIRPORTS.values():
        places[airport.airport] = AirportPlace(
            code=airport.airport,
            country=airport.country,
            zone=airport.zone,
            latitude=airport.lat,
            longitude=airport.lon,
        )
    return places
