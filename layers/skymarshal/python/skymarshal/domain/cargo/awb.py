"""Air waybill numbers: Resolution 600a."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from skymarshal.domain.articles import RuleResult
from skymarshal.domain.cargo.articles import CARGO_ARTICLES
from skymarshal.domain.errors import InvalidInputError

__all__ = ["AwbCheck", "awb_check_digit", "check_awb"]

_NUMBER: Final = re.compile(r"(?:(\d{3})[- ]?)?(\d{4}) ?(\d{4})", re.ASCII)
_SERIAL: Final = re.compile(r"\d{7}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwbCheck(RuleResult):
    """Whether the last digit of an air waybill number is the right one."""

    valid: bool
    check_digit: int
    prefix: str | None
    serial: str


def awb_check_digit(serial: str) -> int:
    """Return the check digit of the seven-digit serial: its remainder by 7.

    Raises:
        InvalidInputError: If it is not seven digits.
    """
    if _SERIAL.fullmatch(serial) is None:
        raise InvalidInputError("serial", serial, "seven digits")
    return int(serial) % 7


def check_awb(number: str) -> AwbCheck:
    """Return whether an air waybill number ends in the right check digit.

    Raises:
        InvalidInputError: If it is not eight digits, with or without a prefix of three.
    """
    match = _NUMBER.fullmatch(number.strip())
    if match is None:
        raise InvalidInputError("awb", number, "an air waybill number such as 607-12345675")
    digits = match[2] + match[3]
    serial, given = digits[:7], int(digits[7])
    right = awb_check_digit(serial)
    return AwbCheck(
        valid=given == right,
        check_digit=right,
        prefix=match[1],
        serial=serial,
        articles=(CARGO_ARTICLES["awb_number"],),
        inputs={"awb": number},
        working=(f"{serial} modulo 7 = {right}, the number ends in {given}",),
    )
