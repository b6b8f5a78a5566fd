"""CloudFormation: resource types that ministack knows by API but not in a template."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from local.emulator.expectations import EmulatorChanged

__all__ = ["accept_event_archives"]


def accept_event_archives() -> None:
    """Accept AWS::Events::Archive, which otherwise fails the whole stack."""
    kind = "AWS::Events::Archive"
    if kind in provisioners._RESOURCE_HANDLERS:
        raise EmulatorChanged(f"ministack provisions {kind} itself now")

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
        name = str(properties.get("ArchiveName") or f"{stack}-{logical_id}"[:48])
        pattern = properties.get("EventPattern", "")
        status, _, body = eventbridge._create_archive(
            {
                **properties,
                "ArchiveName": name,
                "EventSourceArn": properties.get("SourceArn", ""),
                "EventPattern": pattern if isinstance(pattern, str) else json.dumps(pattern),
            }
        )
        if status >= 400:
            raise ValueError(f"{kind} {logical_id}: {body!r}")
        return name, {"Arn": eventbridge._archives[name]["ArchiveArn"], "ArchiveName": name}

    def delete(name: str, _properties: dict[str, Any]) -> None:
        eventbridge._archives.pop(name, None)

    provisioners._RESOURCE_HANDLERS[kind] = {"create": create, "delete": delete}
