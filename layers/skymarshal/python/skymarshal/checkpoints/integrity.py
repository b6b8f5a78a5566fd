"""The integrity chain: each checkpoint's hash covers its content and its parent's hash."""

from __future__ import annotations

import hashlib

from skymarshal.checkpoints.keys import CheckpointAddress

__all__ = ["chain_link"]


def chain_link(
    address: CheckpointAddress, parent_id: str | None, parent_chain: bytes, body: bytes, writes: bytes | None
) -> bytes:
    """Return the sha256 over a checkpoint's place, its parent's hash, its content and its embedded writes.

    Large values are covered too: the content holds the sha256 of each payload.
    """
    whole = hashlib.sha256()
    for part in (
        address.thread_id.encode(),
        address.namespace.encode(),
        address.checkpoint_id.encode(),
        (parent_id or "").encode(),
        parent_chain,
        body,
        writes or b"",
    ):
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.digest()
