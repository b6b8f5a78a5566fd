"""What the flow tells the outside world, as events on the bus and as a notice to the duty manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from skymarshal.contracts import OUTGOING_SOURCE
from skymarshal.errors import SkyMarshalError
from skymarshal.orchestration.events import body_of

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

__all__ = [
    "Announcer",
    "BusAnnouncer",
    "EventNotAccepted",
    "SeveralAnnouncers",
    "SilentAnnouncer",
    "TopicNotifier",
]

_LONGEST_SUBJECT: Final = 100
_OPENINGS: Final = {
    "request": "A decision is asked for",
    "reminder": "A decision is still awaited",
    "escalation": "Nobody has decided yet: a decision is awaited from you",
}


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
        whole = body_of(kind, dict(detail)) if self._source == OUTGOING_SOURCE else detail
        body = msgspec.json.encode(whole).decode()
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


class SeveralAnnouncers:
    """Tells several others, one after the other; told again after a failure, the first ones hear it twice."""

    def __init__(self, *announcers: Announcer) -> None:
        self._announcers = announcers

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Tell all of them."""
        for announcer in self._announcers:
            announcer.announce(kind, detail)


class TopicNotifier:
    """Tells people that a decision is asked of them, in words and with the place to decide.

    That is the thread's page on the portal, or the command where there is none.

    The role that is asked is an attribute of the message, by which a subscription can be narrowed.
    """

    def __init__(self, client: SNSClient, topic_arn: str, portal_url: str = "") -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._portal_url = portal_url.rstrip("/")

    def announce(self, kind: str, detail: Mapping[str, object]) -> None:
        """Publish one notice."""
        notice = str(detail["notice"])
        thread_id = detail["thread_id"]
        # A link to a page that is not there costs the minutes that a decision needs.
        where = (
            f"{self._portal_url}/threads/{thread_id}"
            if self._portal_url
            else f"skymarshal approval {thread_id}"
        )
        lines = [
            f"{_OPENINGS[notice]} on flight {detail['flight_id']} until {detail['deadline']}.",
            f"Recommended: {detail['final_decision']} ({detail['recommended']}).",
            f"Decide: {where}",
        ]
        self._client.publish(
            TopicArn=self._topic_arn,
            Subject=f"SkyMarshal: {notice} for a decision on {detail['flight_id']}"[:_LONGEST_SUBJECT],
            Message="\n".join(lines),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": str(text)}
                for name, text in (("kind", kind), ("notice", notice), ("role", detail["role"]))
            },
        )
