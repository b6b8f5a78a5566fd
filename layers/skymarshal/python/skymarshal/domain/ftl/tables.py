"""The tables of the flight time limitation rules, row by row as the documents print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from skymarshal.domain.times import in_clock_window, parse_clock_time, parse_duration

__all__ = [
    "CABIN_IN_FLIGHT_REST",
    "CAP371_TABLE_A",
    "CAP371_TABLE_B",
    "EASA_EXTENSIONS",
    "EASA_IN_FLIGHT_REST_PILOTS",
    "EASA_TABLE_2",
    "EASA_TABLE_3",
    "EASA_TABLE_4",
    "FAR117_TABLE_B",
    "TIME_ZONE_NIGHTS",
    "FdpBand",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FdpBand:
    """One row: FDPs that start in [start, end) on the reference clock.

    `limits[n]` is the maximum FDP for n + 1 sectors, None where the table allows none.
    """

    start: time
    end: time
    limits: tuple[timedelta | None, ...]

    def contains(self, clock: time) -> bool:
        """Return whether an FDP that starts at `clock` falls in this row."""
        return in_clock_window(clock, self.start, self.end)


def _cells(text: str) -> tuple[timedelta | None, ...]:
    return tuple(None if cell == "-" else parse_duration("table", cell) for cell in text.split())


def _durations(text: str) -> tuple[timedelta, ...]:
    return tuple(parse_duration("table", cell) for cell in text.split())


def _bands(*rows: tuple[str, str, str]) -> tuple[FdpBand, ...]:
    return tuple(
        FdpBand(
            start=parse_clock_time("table", start),
            end=parse_clock_time("table", end),
            limits=_cells(cells),
        )
        for start, end, cells in rows
    )


# Columns: 1, 2, 3 ... 10 sectors.
EASA_TABLE_2: Final = _bands(
    ("06:00", "13:30", "13:00 13:00 12:30 12:00 11:30 11:00 10:30 10:00 9:30 9:00"),
    ("13:30", "14:00", "12:45 12:45 12:15 11:45 11:15 10:45 10:15 9:45 9:15 9:00"),
    ("14:00", "14:30", "12:30 12:30 12:00 11:30 11:00 10:30 10:00 9:30 9:00 9:00"),
    ("14:30", "15:00", "12:15 12:15 11:45 11:15 10:45 10:15 9:45 9:15 9:00 9:00"),
    ("15:00", "15:30", "12:00 12:00 11:30 11:00 10:30 10:00 9:30 9:00 9:00 9:00"),
    ("15:30", "16:00", "11:45 11:45 11:15 10:45 10:15 9:45 9:15 9:00 9:00 9:00"),
    ("16:00", "16:30", "11:30 11:30 11:00 10:30 10:00 9:30 9:00 9:00 9:00 9:00"),
    ("16:30", "17:00", "11:15 11:15 10:45 10:15 9:45 9:15 9:00 9:00 9:00 9:00"),
    ("17:00", "05:00", "11:00 11:00 10:30 10:00 9:30 9:00 9:00 9:00 9:00 9:00"),
    ("05:00", "05:15", "12:00 12:00 11:30 11:00 10:30 10:00 9:30 9:00 9:00 9:00"),
    ("05:15", "05:30", "12:15 12:15 11:45 11:15 10:45 10:15 9:45 9:15 9:00 9:00"),
    ("05:30", "05:45", "12:30 12:30 12:00 11:30 11:00 10:30 10:00 9:30 9:00 9:00"),
    ("05:45", "06:00", "12:45 12:45 12:15 11:45 11:15 10:45 10:15 9:45 9:15 9:00"),
)

# Columns: 1 ... 8 sectors; no time of day.
EASA_TABLE_3: Final = _durations("11:00 11:00 10:30 10:00 9:30 9:00 9:00 9:00")
EASA_TABLE_4: Final = _durations("12:00 12:00 11:30 11:00 10:30 10:00 9:30 9:00")

# CS FTL.1.205(b). Columns: 1 ... 5 sectors. Starts between 19:00 and 06:14 allow no extension.
EASA_EXTENSIONS: Final = _bands(
    ("06:15", "06:30", "13:15 13:15 12:45 12:15 11:45"),
    ("06:30", "06:45", "13:30 13:30 13:00 12:30 12:00"),
    ("06:45", "07:00", "13:45 13:45 13:15 12:45 12:15"),
    ("07:00", "13:30", "14:00 14:00 13:30 13:00 12:30"),
    ("13:30", "14:00", "13:45 13:45 13:15 12:45 -"),
    ("14:00", "14:30", "13:30 13:30 13:00 12:30 -"),
    ("14:30", "15:00", "13:15 13:15 12:45 12:15 -"),
    ("15:00", "15:30", "13:00 13:00 12:30 12:00 -"),
    ("15:30", "16:00", "12:45 12:45 - - -"),
    ("16:00", "16:30", "12:30 12:30 - - -"),
    ("16:30", "17:00", "12:15 12:15 - - -"),
    ("17:00", "17:30", "12:00 12:00 - - -"),
    ("17:30", "18:00", "11:45 11:45 - - -"),
    ("18:00", "18:30", "11:30 11:30 - - -"),
    ("18:30", "19:00", "11:15 11:15 - - -"),
)

# CS FTL.1.205(c)(2): additional pilots -> class of rest facility -> maximum FDP.
EASA_IN_FLIGHT_REST_PILOTS: Final = {
    1: {"class3": timedelta(hours=14), "class2": timedelta(hours=15), "class1": timedelta(hours=16)},
    2: {"class3": timedelta(hours=15), "class2": timedelta(hours=16), "class1": timedelta(hours=17)},
}

# CS FTL.1.205(c)(3): extended FDP up to -> minimum rest in class 1, 2, 3.
CABIN_IN_FLIGHT_REST: Final = tuple(
    (parse_duration("table", upper), _cells(cells))
    for upper, cells in (
        ("14:30", "1:30 1:30 1:30"),
        ("15:00", "1:45 2:00 2:20"),
        ("15:30", "2:00 2:20 2:40"),
        ("16:00", "2:15 2:40 3:00"),
        ("16:30", "2:35 3:00 -"),
        ("17:00", "3:00 3:25 -"),
        ("17:30", "3:25 - -"),
        ("18:00", "3:50 - -"),
    )
)

# CS FTL.1.235(b)(3)(i): rows 4 to 6 h, to 9 h, to 12 h of difference; columns below 48, 72, 96 h and above.
TIME_ZONE_NIGHTS: Final = ((2, 2, 3, 3), (2, 3, 3, 4), (2, 3, 4, 5))

# CAP 371 Table A. Columns: 1 ... 8 sectors.
CAP371_TABLE_A: Final = _bands(
    ("06:00", "08:00", "13:00 12:15 11:30 10:45 10:00 9:30 9:00 9:00"),
    ("08:00", "13:00", "14:00 13:15 12:30 11:45 11:00 10:30 10:00 9:30"),
    ("13:00", "18:00", "13:00 12:15 11:30 10:45 10:00 9:30 9:00 9:00"),
    ("18:00", "22:00", "12:00 11:15 10:30 9:45 9:00 9:00 9:00 9:00"),
    ("22:00", "06:00", "11:00 10:15 9:30 9:00 9:00 9:00 9:00 9:00"),
)

# CAP 371 Table B after a rest between 18 and 30 h, the lower of its two rows. Columns: 1 ... 7 sectors.
CAP371_TABLE_B: Final = _durations("11:30 11:00 10:30 9:45 9:00 9:00 9:00")

# 14 CFR Part 117 Table B. Columns: 1 ... 7 segments, the last for 7 or more.
FAR117_TABLE_B: Final = _bands(
    ("00:00", "04:00", "9:00 9:00 9:00 9:00 9:00 9:00 9:00"),
    ("04:00", "05:00", "10:00 10:00 10:00 10:00 9:00 9:00 9:00"),
    ("05:00", "06:00", "12:00 12:00 12:00 12:00 11:30 11:00 10:30"),
    ("06:00", "07:00", "13:00 13:00 12:00 12:00 11:30 11:00 10:30"),
    ("07:00", "12:00", "14:00 14:00 13:00 13:00 12:30 12:00 11:30"),
    ("12:00", "13:00", "13:00 13:00 13:00 13:00 12:30 12:00 11:30"),
    ("13:00", "17:00", "12:00 12:00 12:00 12:00 11:30 11:00 10:30"),
    ("17:00", "22:00", "12:00 12:00 11:00 11:00 10:00 9:00 9:00"),
    ("22:00", "23:00", "11:00 11:00 10:00 10:00 9:00 9:00 9:00"),
    ("23:00", "00:00", "10:00 10:00 10:00 9:00 9:00 9:00 9:00"),
)
