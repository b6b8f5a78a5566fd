"""What a session holds back, and how the thread looks from inside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from langgraph.checkpoint.serde.base import SerializerProtocol

from skymarshal.checkpoints.encoding import Ancestry, Encoded, Encoder
from skymarshal.checkpoints.errors import HeadMoved
from skymarshal.checkpoints.keys import CheckpointAddress
from skymarshal.checkpoints.payloads import Payloads
from skymarshal.checkpoints.reading import CheckpointReader, Loaded
from skymarshal.checkpoints.records import TaskWrites, merge_writes
from skymarshal.checkpoints.retention import Retention
from skymarshal.checkpoints.store import Store

__all__ = ["Held"]


class Held:
    """Checkpoints and writes that have not landed, over the checkpoint each namespace stood at."""

    def __init__(
        self,
        thread_id: str,
        *,
        at: str | None,
        store: Store,
        reader: CheckpointReader,
        encoder: Encoder,
        payloads: Payloads,
        retention: Retention,
        serde: Callable[[], SerializerProtocol],
    ) -> None:
        self.thread_id = thread_id
        self.store = store
        self._at = at
        self._reader = reader
        self._encoder = encoder
        self._payloads = payloads
        self._retention = retention
        self._serde = serde
        self._lock = threading.RLock()
        self._bases: dict[str, Loaded | None] = {}
        self._bundles: dict[CheckpointAddress, int] = {}
        self._puts: list[Encoded] = []
        self._writes: dict[CheckpointAddress, dict[str, TaskWrites]] = {}

    def _find(self, namespace: str, checkpoint_id: str | None) -> Loaded | None:
        for encoded in reversed(self._puts):
            if encoded.address.namespace != namespace:
                continue
            if checkpoint_id in (None, encoded.address.checkpoint_id):
                return encoded.loaded(self._writes.get(encoded.address, {}))
        base = self._base(namespace)
        if base is None or checkpoint_id not in (None, base.address.checkpoint_id):
            if checkpoint_id is None:
                return None
            base = self._reader.load(
                CheckpointAddress(self.thread_id, namespace, checkpoint_id), self._serde()
            )
            if base is None:
                return None
        return self._with_writes(base)

    def _with_writes(self, loaded: Loaded) -> Loaded:
        tasks = loaded.tasks
        for task in self._writes.get(loaded.address, {}).values():
            tasks = merge_writes(tasks, task)
        return replace(loaded, tasks=tasks)

    def _base(self, namespace: str) -> Loaded | None:
        if namespace not in self._bases:
            serde = self._serde()
            at = self._at if not namespace else self._reader.head(self.thread_id, namespace)
            if at is None and not namespace:
                at = self._reader.head(self.thread_id, "")
            base = None
            if at is not None:
                address = CheckpointAddress(self.thread_id, namespace, at)
                base = self._reader.load(address, serde, claims=True)
                if base is None:
                    raise HeadMoved(self.thread_id, expected=at, found=None)
                self._encoder.remember_loaded(base)
            self._bases[namespace] = base
        return self._bases[namespace]

    def _pin(self, address: CheckpointAddress) -> Mapping[str, TaskWrites]:
        """Return the writes a checkpoint had when the session first touched it."""
        base = self._base(address.namespace)
        if base is not None and base.address == address:
            self._bundles.setdefault(address, base.bundles)
            return base.tasks
        if address not in self._bundles and all(encoded.address != address for encoded in self._puts):
            stored = self._reader.load(address, self._serde())
            self._bundles[address] = 0 if stored is None else stored.bundles
            return {} if stored is None else stored.tasks
        return {}

    def _ancestry(self, namespace: str, parent: str | None) -> Ancestry | None:
        for encoded in self._puts:
            if encoded.address.namespace == namespace and encoded.address.checkpoint_id == parent:
                return Ancestry(b"", encoded.external)
        return None

    def _last_put(self, namespace: str) -> Encoded | None:
        for encoded in reversed(self._puts):
            if encoded.address.namespace == namespace:
                return encoded
        return None
