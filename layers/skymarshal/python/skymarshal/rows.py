"""DynamoDB's rows handed on as they come over the wire.

botocore builds every attribute value of an answer anew, trying each of the ten kinds: most of what it takes
to read a page of rows. On the wire they have the very form that it gives them, but for binary ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from botocore.hooks import BaseEventHooks

__all__ = ["pass_rows_on"]

_READS: Final = ("BatchGetItem", "GetItem", "Query")
_ROWS: Final = ("Item", "Items", "Responses")
_BINARY: Final = (b'"B"', b'"BS"')


def pass_rows_on(events: BaseEventHooks) -> None:
    """Let the client with `events` answer reads with their rows as they came, and the rest parsed as ever.

    An answer that may hold a binary attribute value is left to botocore as a whole.
    """
    for operation in _READS:
        events.register(f"before-parse.dynamodb.{operation}", _take_rows)


def _take_rows(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Mapping[str, Any]
) -> None:
    body: bytes = response_dict["body"]
    if response_dict["status_code"] != 200 or any(kind in body for kind in _BINARY):
        return
    try:
        answer: dict[str, Any] = msgspec.json.decode(body)
    except msgspec.DecodeError:
        # Botocore says what is wrong with it.
        return
    for name in _ROWS:
        if name in answer:
            customized_response_dict[name] = answer.pop(name)
    response_dict["body"] = msgspec.json.encode(answer)
