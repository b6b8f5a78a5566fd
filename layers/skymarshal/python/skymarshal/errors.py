"""The root of every error that SkyMarshal raises on purpose.

SkyMarshalError
    intake.InvalidDisruption          a field of an event or a text is wrong or missing
        intake.AmbiguousDisruption    more than one reading is possible
    checkpoints.CheckpointError       see `skymarshal.checkpoints`
    operations.OperationsError        see `skymarshal.operations`
    domain.DomainError                see `skymarshal.domain`
    json_input.UnreadableJson         a text that is no JSON, or JSON without bounds
    knowledge.KnowledgeUnavailable    guidance or precedent could not be reached
    orchestration.FlowError           see `skymarshal.orchestration`
    settings.SettingsError            a setting is missing or has a value it cannot have
"""

from __future__ import annotations

__all__ = ["SkyMarshalError"]


class SkyMarshalError(Exception):
    """Any error that SkyMarshal raises on purpose; its message is one line for a person."""
