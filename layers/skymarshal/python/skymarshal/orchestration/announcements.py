"""What the flow tells the outside world, as events on the bus and as a notice to the duty manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from skymarshal.contracts import OUTGOING_SOURCE
from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

__all__ = ["Announcer", "BusAnnouncer", "EventNotAccepted", "SilentAnnouncer", "TopicNotifier"]

_SCHEMA_VERSION: Final = 1


class EventNotAccepted(SkyMarshalError):
    """The bus refused an event."""


class Announcer(Protocol):
    """Tells that something happened."""

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Tell of an event of `kind`, such as DecisionReached, with plain JSON values."""
        ...


class SilentAnnouncer:
    """Tells nobody: for a run in one process."""

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Do nothing."""


class BusAnnouncer:
    """Puts events on the EventBridge bus; those of the flow itself have source `skymarshal`."""

    def __init__(self, client: EventBridgeClient, bus_name: str, source: str = OUTGOING_SOURCE) -> None:
        self._client = client
        self._bus_name = bus_name
        self._source = source

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Put one event.

        Raises:
            EventNotAccepted: the bus refused it.
        """
        own = {"schema_version": _SCHEMA_VERSION} if self._source == OUTGOING_SOURCE else {}
        body = msgspec.json.encode({**own, **detail}).decode()
        answer = self._client.put_events(
            Entries=[
                {
                    "EventBusName": self._bus_name,
                    "Source": self._source,
                    "DetailType": kind,
                    "Detail": body,
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise EventNotAccepted(f"{kind}: {answer['Entries'][0].get('ErrorMessage', 'refused')}")


class TopicNotifier:
    """Publishes the notices that a person must act on."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Publish one notice."""
        self._client.publish(
            TopicArn=self._topic_arn,
            Subject=f"SkyMarshal: {kind}",
            Message=msgspec.json.encode(detail).decode(),
        )
