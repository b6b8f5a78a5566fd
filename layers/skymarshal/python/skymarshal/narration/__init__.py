"""Wording: what was computed, told in sentences. Wording never supplies a number or a verdict.

The default is the template that the arbitrator writes. A language model may connect its sentences: it sets
placeholders, which code fills, and words of one short list. Anything else leaves the template.
"""

from __future__ import annotations

from skymarshal.narration.bedrock import BedrockModel
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
]
