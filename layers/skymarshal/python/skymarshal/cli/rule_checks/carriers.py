"""Who licensed a carrier, by its code: what the scope of passenger rights turns on, for checks by hand."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from skymarshal.domain.errors import InvalidInputError

__all__ = ["carrier_licence"]

_LICENCES: Final = """
EU A3 AF AY AZ BT CL CY D8 DE DY EC EI EN EW FB FI FR HV I2 IB KL KM LG LH LO LX NT OA OS OU RO SK SN TO TP
EU UX V7 VY W4 W6 WF WK X3 YW
UK BA BY LM LS T3 U2 VS W9
other 3L 6E AA AC AI AM AR AS AT AV B6 BG BI BR CA CI CM CX CZ DL EK ET EY F9 FZ G3 G9 GA GF HU HX HY IR IX
other J2 J9 JL JQ KC KE KQ KU LA LY ME MF MH MK MS MU NH NK NZ OM OZ PC PG PK PR QF QR RJ SA SG SQ SU SV TG
other TK TS UA UL VA VJ VN WB WN WS WY XY ZH
""".strip()
_CODE: Final = re.compile(r"[A-Z0-9]{2}")


def carrier_licence(field: str, code: str) -> str | None:
    """Return `EU`, `UK` or `other` for an airline designator, or None if the carrier is not in the list.

    Switzerland, Iceland and Norway, where the EU regulation applies, count as EU.

    Raises:
        InvalidInputError: If the code is no airline designator.
    """
    if _CODE.fullmatch(code) is None:
        raise InvalidInputError(field, code, "an airline designator such as EY")
    return _licences().get(code)


@lru_cache(maxsize=1)
def _licences() -> dict[str, str]:
    lines = [line.split() for line in _LICENCES.splitlines()]
    return {code: licence for licence, *codes in lines for code in codes}
