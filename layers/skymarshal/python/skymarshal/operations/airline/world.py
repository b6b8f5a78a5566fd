"""The world that the sample airline flies in: airports and aircraft types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal

from skymarshal.domain.geo import great_circle_km
from skymarshal.domain.passenger_rights import in_eu261_territory
from skymarshal.operations.records import Airport

__all__ = [
    "AIRCRAFT_TYPES",
    "AIRPORTS",
    "CABIN_TYPES",
    "CARRIER",
    "HUB",
    "TAXI",
    "AircraftType",
    "block_time",
    "distance_km",
    "seat_map",
]

CARRIER: Final = "EY"
HUB: Final = "AUH"

TAXI: Final = timedelta(minutes=25)
"""Block time that is not flight time: taxi out and in."""

_CLIMB_AND_APPROACH: Final = timedelta(minutes=15)

# IATA, ICAO, name, zone, latitude, longitude, country, longest runway in metres, best approach, runways, the
# next longest in metres: from memory, as a sample needs them, and not for a real flight
_AIRPORTS: Final = """
AUH OMAA|Abu Dhabi Zayed International|Asia/Dubai|24.433|54.651|AE|4106|CAT III|2|4106
LHR EGLL|London Heathrow|Europe/London|51.471|-0.460|GB|3902|CAT III|2|3660
FRA EDDF|Frankfurt|Europe/Berlin|50.033|8.570|DE|4000|CAT III|4|4000
CDG LFPG|Paris Charles de Gaulle|Europe/Paris|49.010|2.548|FR|4215|CAT III|4|4200
ZRH LSZH|Zurich|Europe/Zurich|47.458|8.548|CH|3700|CAT III|3|3300
FCO LIRF|Rome Fiumicino|Europe/Rome|41.800|12.239|IT|3902|CAT III|3|3309
MXP LIMC|Milan Malpensa|Europe/Rome|45.630|8.723|IT|3920|CAT III|2|3920
MUC EDDM|Munich|Europe/Berlin|48.354|11.786|DE|4000|CAT III|2|4000
AMS EHAM|Amsterdam Schiphol|Europe/Amsterdam|52.309|4.764|NL|3800|CAT III|6|3500
MAD LEMD|Madrid Barajas|Europe/Madrid|40.472|-3.561|ES|4100|CAT III|4|3988
BCN LEBL|Barcelona|Europe/Madrid|41.297|2.078|ES|3352|CAT II|3|2660
GVA LSGG|Geneva|Europe/Zurich|46.238|6.109|CH|3900|CAT III|1|
VIE LOWW|Vienna|Europe/Vienna|48.110|16.570|AT|3600|CAT III|2|3500
BRU EBBR|Brussels|Europe/Brussels|50.901|4.484|BE|3638|CAT III|3|3211
DUB EIDW|Dublin|Europe/Dublin|53.421|-6.270|IE|3110|CAT III|2|2637
MAN EGCC|Manchester|Europe/London|53.354|-2.275|GB|3048|CAT III|2|3047
EDI EGPH|Edinburgh|Europe/London|55.950|-3.373|GB|2556|CAT III|1|
CPH EKCH|Copenhagen|Europe/Copenhagen|55.618|12.656|DK|3600|CAT III|3|3300
LIS LPPT|Lisbon|Europe/Lisbon|38.781|-9.136|PT|3805|CAT III|1|
ATH LGAV|Athens|Europe/Athens|37.936|23.944|GR|4000|CAT II|2|3800
HAM EDDH|Hamburg|Europe/Berlin|53.630|9.988|DE|3666|CAT III|2|3250
BER EDDB|Berlin Brandenburg|Europe/Berlin|52.367|13.503|DE|4000|CAT III|2|3600
NCE LFMN|Nice|Europe/Paris|43.658|7.216|FR|2960|CAT I|2|2570
IST LTFM|Istanbul|Europe/Istanbul|41.262|28.742|TR|4100|CAT III|5|3750
JFK KJFK|New York John F Kennedy|America/New_York|40.640|-73.779|US|4423|CAT III|4|3682
BOS KBOS|Boston Logan|America/New_York|42.364|-71.005|US|3073|CAT III|6|3050
ORD KORD|Chicago O'Hare|America/Chicago|41.979|-87.905|US|3962|CAT III|8|3431
IAD KIAD|Washington Dulles|America/New_York|38.945|-77.456|US|3505|CAT III|4|3505
YYZ CYYZ|Toronto Pearson|America/Toronto|43.677|-79.631|CA|3389|CAT III|5|3368
SYD YSSY|Sydney Kingsford Smith|Australia/Sydney|-33.946|151.177|AU|3962|CAT II|3|2530
MEL YMML|Melbourne|Australia/Melbourne|-37.673|144.843|AU|3657|CAT III|2|2286
BNE YBBN|Brisbane|Australia/Brisbane|-27.384|153.118|AU|3560|CAT I|2|3300
BKK VTBS|Bangkok Suvarnabhumi|Asia/Bangkok|13.681|100.747|TH|4000|CAT II|3|3700
HKT VTSP|Phuket|Asia/Bangkok|8.113|98.317|TH|3000|CAT I|1|
SIN WSSS|Singapore Changi|Asia/Singapore|1.350|103.994|SG|4000|CAT II|3|4000
KUL WMKK|Kuala Lumpur|Asia/Kuala_Lumpur|2.746|101.710|MY|4056|CAT II|3|4000
CGK WIII|Jakarta Soekarno-Hatta|Asia/Jakarta|-6.126|106.656|ID|3660|CAT I|3|3600
MNL RPLL|Manila|Asia/Manila|14.509|121.020|PH|3737|CAT I|2|2258
HKG VHHH|Hong Kong|Asia/Hong_Kong|22.309|113.915|HK|3800|CAT III|3|3800
NRT RJAA|Tokyo Narita|Asia/Tokyo|35.765|140.386|JP|4000|CAT III|2|2500
ICN RKSI|Seoul Incheon|Asia/Seoul|37.469|126.451|KR|4000|CAT III|4|3750
PEK ZBAA|Beijing Capital|Asia/Shanghai|40.080|116.585|CN|3810|CAT III|3|3800
PVG ZSPD|Shanghai Pudong|Asia/Shanghai|31.143|121.805|CN|4000|CAT III|5|3800
BOM VABB|Mumbai|Asia/Kolkata|19.089|72.868|IN|3660|CAT II|2|2990
DEL VIDP|Delhi|Asia/Kolkata|28.566|77.103|IN|4430|CAT III|4|3810
MAA VOMM|Chennai|Asia/Kolkata|12.990|80.169|IN|3658|CAT I|2|2890
BLR VOBL|Bengaluru|Asia/Kolkata|13.198|77.706|IN|4000|CAT III|2|4000
HYD VOHS|Hyderabad|Asia/Kolkata|17.231|78.430|IN|4260|CAT I|2|3707
COK VOCI|Kochi|Asia/Kolkata|10.152|76.402|IN|3400|CAT I|1|
CCU VECC|Kolkata|Asia/Kolkata|22.655|88.447|IN|3627|CAT II|2|3190
AMD VAAH|Ahmedabad|Asia/Kolkata|23.077|72.635|IN|3505|CAT I|1|
LHE OPLA|Lahore|Asia/Karachi|31.522|74.404|PK|3360|CAT I|2|2740
ISB OPIS|Islamabad|Asia/Karachi|33.549|72.826|PK|3658|CAT II|2|3658
KHI OPKC|Karachi|Asia/Karachi|24.907|67.161|PK|3400|CAT I|2|3200
DAC VGHS|Dhaka|Asia/Dhaka|23.843|90.398|BD|3200|CAT I|1|
CMB VCBI|Colombo|Asia/Colombo|7.181|79.884|LK|3350|CAT I|1|
KTM VNKT|Kathmandu|Asia/Kathmandu|27.697|85.359|NP|3350|CAT I|1|
MLE VRMM|Male|Indian/Maldives|4.192|73.529|MV|3400|CAT I|2|2200
CAI HECA|Cairo|Africa/Cairo|30.122|31.406|EG|3999|CAT II|3|3301
AMM OJAI|Amman Queen Alia|Asia/Amman|31.723|35.993|JO|3660|CAT II|2|3660
BEY OLBA|Beirut|Asia/Beirut|33.821|35.488|LB|3800|CAT I|3|3250
RUH OERK|Riyadh|Asia/Riyadh|24.958|46.699|SA|4205|CAT II|2|4205
JED OEJN|Jeddah|Asia/Riyadh|21.680|39.157|SA|4000|CAT II|3|3800
DMM OEDF|Dammam|Asia/Riyadh|26.471|49.798|SA|4000|CAT I|2|4000
KWI OKKK|Kuwait|Asia/Kuwait|29.227|47.969|KW|3500|CAT II|3|3400
BAH OBBI|Bahrain|Asia/Bahrain|26.271|50.634|BH|3956|CAT I|2|2530
DOH OTHH|Doha Hamad|Asia/Qatar|25.273|51.608|QA|4850|CAT III|2|4250
MCT OOMS|Muscat|Asia/Muscat|23.593|58.284|OM|4000|CAT II|2|3585
NBO HKJK|Nairobi|Africa/Nairobi|-1.319|36.928|KE|4200|CAT I|1|
JNB FAOR|Johannesburg|Africa/Johannesburg|-26.139|28.246|ZA|4418|CAT II|2|3400
""".strip()


def _airport(line: str) -> Airport:
    codes, name, zone, lat, lon, country, runway, approach, count, following = line.split("|")
    iata, icao = codes.split()
    best: dict[str, Literal["CAT I", "CAT II", "CAT III"]] = {
        "CAT I": "CAT I",
        "CAT II": "CAT II",
        "CAT III": "CAT III",
    }
    return Airport(
        airport=iata,
        icao=icao,
        name=name,
        zone=zone,
        lat=float(lat),
        lon=float(lon),
        country=country,
        hub=iata == HUB,
        eu=in_eu261_territory(country),
        uk=country == "GB",
        runway_m=int(runway),
        precision_approach=best[approach],
        runways=int(count),
        next_runway_m=int(following) if following else None,
    )


AIRPORTS: Final = {airport.airport: airport for airport in map(_airport, _AIRPORTS.splitlines())}


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftType:
    """A type as this airline operates it.

    `rating` is the pilots' type rating, shared by types flown on one rating. `cabin_crew` counts the
    purser. `rest_facility` is the class of the in-flight rest facility, None where there is none.
    """

    code: str
    rating: str
    cruise_kmh: int
    range_km: int
    seats: dict[str, int]
    hold_kg: int
    etops_minutes: int | None
    turnaround: timedelta
    cabin_crew: int
    rest_facility: Literal["class1", "class2", "class3"] | None
    registration_prefix: str

    @property
    def long_haul(self) -> bool:
        """Whether it flies the long-haul network."""
        return self.range_km > 8_000


AIRCRAFT_TYPES: Final = {
    type_.code: type_
    for type_ in (
        AircraftType(
            code="A320",
            rating="A320",
            cruise_kmh=830,
            range_km=5_700,
            seats={"business": 8, "economy": 150},
            hold_kg=9_400,
            etops_minutes=120,
            turnaround=timedelta(minutes=50),
            cabin_crew=4,
            rest_facility=None,
            registration_prefix="A6-EI",
        ),
        AircraftType(
            code="A321",
            rating="A320",
            cruise_kmh=830,
            range_km=6_000,
            seats={"business": 16, "economy": 158},
            hold_kg=11_000,
            etops_minutes=120,
            turnaround=timedelta(minutes=55),
            cabin_crew=5,
            rest_facility=None,
            registration_prefix="A6-AE",
        ),
        AircraftType(
            code="B789",
            rating="B787",
            cruise_kmh=900,
            range_km=14_000,
            seats={"business": 28, "economy": 262},
            hold_kg=42_000,
            etops_minutes=180,
            turnaround=timedelta(minutes=75),
            cabin_crew=9,
            rest_facility="class1",
            registration_prefix="A6-BL",
        ),
        AircraftType(
            code="B77W",
            rating="B777",
            cruise_kmh=900,
            range_km=13_600,
            seats={"first": 8, "business": 40, "economy": 280},
            hold_kg=52_000,
            etops_minutes=180,
            turnaround=timedelta(minutes=90),
            cabin_crew=12,
            rest_facility="class1",
            registration_prefix="A6-ET",
        ),
        AircraftType(
            code="A35K",
            rating="A350",
            cruise_kmh=905,
            range_km=16_100,
            seats={"business": 44, "economy": 327},
            hold_kg=48_000,
            etops_minutes=180,
            turnaround=timedelta(minutes=90),
            cabin_crew=12,
            rest_facility="class1",
            registration_prefix="A6-XW",
        ),
        AircraftType(
            code="B77F",
            rating="B777",
            cruise_kmh=895,
            range_km=9_200,
            seats={},
            hold_kg=102_000,
            etops_minutes=180,
            turnaround=timedelta(minutes=120),
            cabin_crew=0,
            rest_facility="class2",
            registration_prefix="A6-DD",
        ),
    )
}


CABIN_TYPES: Final = {"narrow": ("A320", "A321"), "wide": ("A35K", "B77W", "B789")}
"""The types that a cabin crew member is qualified on; no one has more than three (ORO.CC.250)."""


@lru_cache(maxsize=4096)
def distance_km(origin: str, destination: str) -> int:
    """Return the great-circle distance between two airports in whole kilometres."""
    a, b = AIRPORTS[origin], AIRPORTS[destination]
    return round(great_circle_km(a.lat, a.lon, b.lat, b.lon))


def block_time(origin: str, destination: str, cruise_kmh: int) -> timedelta:
    """Return the scheduled block time, rounded up to five minutes."""
    cruise = timedelta(hours=distance_km(origin, destination) / cruise_kmh)
    minutes = (cruise + TAXI + _CLIMB_AND_APPROACH).total_seconds() / 60
    return timedelta(minutes=5 * math.ceil(minutes / 5))


_ABREAST: Final = {
    ("first", True): "AEFK",
    ("business", True): "ADGK",
    ("economy", True): "ABCDEFGHJ",
    ("business", False): "ACDF",
    ("economy", False): "ABCDEF",
}
_FIRST_ROW: Final = {"first": 1, "business": 5, "economy": 21}


@lru_cache(maxsize=64)
def seat_map(aircraft_type: str, cabin: str) -> tuple[str, ...]:
    """Return the seats of a cabin, front to back, such as `21A`."""
    type_ = AIRCRAFT_TYPES[aircraft_type]
    letters = _ABREAST[cabin, type_.long_haul]
    count = type_.seats[cabin]
    return tuple(f"{_FIRST_ROW[cabin] + n // len(letters)}{letters[n % len(letters)]}" for n in range(count))
