"""What the graph's state carries of a result, made from the run that produced it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from skymarshal.checkpoints import AgentRun, DamagedCheckpoint, Reference, RunState
from skymarshal.domain.assessment import Assessment
from skymarshal.orchestration.state import Finding, Findings

__all__ = [
    "completed_finding",
    "decode_assessment",
    "failed_finding",
    "headline",
    "pack_reference",
    "references",
    "unpack_reference",
]

_LONGEST_HEADLINE: Final = 240
_UNSAID_ERROR: Final = "the agent did not answer"


def headline(verdict: str, text: str) -> dict[str, str]:
    """Return what a run keeps of its result for a person to see at a glance."""
    return {"verdict": verdict, "text": _shortened(text)}


def completed_finding(run: AgentRun) -> Finding:
    """Return the finding of a completed run."""
    said = run.headline or {}
    return Finding(
        agent=run.agent,
        phase=run.phase,
        status="completed",
        verdict=str(said.get("verdict", "")),
        confidence=float(run.confidence or 0),
        headline=str(said.get("text", "")),
        reference=None if run.reference is None else dict(run.reference.as_dict()),
        error=None,
    )


def failed_finding(agent: str, phase: str, run: AgentRun | None) -> Finding:
    """Return the finding that stands for an agent which did not complete within its attempts."""
    error = _UNSAID_ERROR if run is None or run.state is not RunState.FAILED else run.error or _UNSAID_ERROR
    return Finding(
        agent=str(agent),
        phase=str(phase),
        status="failed",
        verdict="unknown",
        confidence=0.0,
        headline=_shortened(f"failed: {error}"),
        reference=None,
        error=error,
    )


def references(findings: Findings, phases: Iterable[str]) -> list[Reference]:
    """Return the references of the completed findings of `phases`."""
    return [
        Reference.from_dict(finding["reference"])
        for phase in phases
        for finding in findings.get(phase, {}).values()
        if finding["reference"] is not None
    ]


def pack_reference(reference: Reference) -> str:
    """Return a reference as short as a thread's own item needs it: the thread and the name are known."""
    return f"{reference.checkpoint_id} {reference.digest} {reference.size}"


def unpack_reference(thread_id: str, name: str, packed: str) -> Reference:
    """Return the reference that was packed.

    Raises:
        DamagedCheckpoint: the text is no packed reference.
    """
    try:
        checkpoint_id, digest, size = packed.split()
        return Reference(
            thread_id=thread_id, checkpoint_id=checkpoint_id, agent=name, digest=digest, size=int(size)
        )
    except ValueError:
        raise DamagedCheckpoint(f"thread {thread_id!r}: {packed!r} is no reference to its {name}") from None


def decode_assessment(content: bytes) -> Assessment:
    """Return the assessment that was stored.

    Raises:
        msgspec.ValidationError: the content is no assessment of this schema version.
    """
    return msgspec.json.decode(content, type=Assessment)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_HEADLINE else line[: _LONGEST_HEADLINE - 3] + "..."
