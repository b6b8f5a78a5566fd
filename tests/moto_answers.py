"""What moto's DynamoDB answers, put together without looking in each value for what is not there.

For every value moto looks for ten kinds of content under up to five names each, of which one is there:
half the time of the runs with faults.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from moto.core.serialize import SERVICE_SPECIFIC_SERIALIZERS, JSONSerializer


class _Answers(JSONSerializer):
    def _serialize_structure_member(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.parent.name == "AttributeValue" and isinstance(value, dict) and key not in value:
            return
        super()._serialize_structure_member(serialized, value, shape, key)


def brief_answers() -> AbstractContextManager[Any]:
    """Let moto use it, by its own register of serializers."""
    return mock.patch.dict(SERVICE_SPECIFIC_SERIALIZERS, {"dynamodb": {"json": _Answers}})
