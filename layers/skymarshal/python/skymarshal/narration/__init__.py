"""Wording: what was computed, told in sentences. Wording never supplies a number or a verdict.

The default is the template that the arbitrator writes. A language model may word it anew; its text is
checked against the facts, and any number, time, flight or name that is not among them sends it back to
the template.
"""

from __future__ import annotations

from skymarshal.narration.bedrock import BedrockModel
from skymarshal.narration.checking import strangers
from skymarshal.narration.narrator import (
    CheckedNarrator,
    LanguageModel,
    ModelUnavailable,
    Narration,
    Narrator,
    TemplateNarrator,
)

__all__ = [
    "BedrockModel",
    "CheckedNarrator",
    "LanguageModel",
    "ModelUnavailable",
    "Narration",
    "Narrator",
    "TemplateNarrator",
    "strangers",
]
