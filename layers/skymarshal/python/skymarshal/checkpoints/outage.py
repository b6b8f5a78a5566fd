"""A store that outlives its table's outage, for a single in-process runner.

While the table answers, every change goes to it and is mirrored in memory. When it stops answering, the
mirror takes over for the threads this process has written from their beginning; what happens meanwhile
is journalled and, when the table answers again, written back in order before anything else. What cannot
be written back is kept in a file, and the error names it.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from skymarshal.checkpoints.errors import BufferNotFlushed, CheckpointError, StoreUnavailable
from skymarshal.checkpoints.memory_store import MemoryStore
from skymarshal.checkpoints.store import (
    PARTITION,
    SORT,
    ConditionFailed,
    Delete,
    IndexPage,
    Item,
    Key,
    Operation,
    Put,
    Store,
    Update,
    Value,
)
from skymarshal.ports import IdSource

__all__ = ["BufferedStore"]

T = TypeVar("T")
logger = logging.getLogger(__name__)

BUFFERED_SINCE: Final = "buffered"


class BufferedStore:
    """Goes on in memory while the store behind it does not answer, and says so.

    Args:
        store: the store proper.
        folder: where changes are kept that could not be written back.
        new_id: names such a file.
        on_change: told when buffering begins (True) and ends (False), for a metric.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        new_id: IdSource,
        on_change: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._folder = folder
        self._new_id = new_id
        self._on_change = on_change
        self._mirror = MemoryStore()
        self._whole: set[str] = set()
        self._journal: list[tuple[Operation, ...] | tuple[str, tuple[bytes, ...], bytes]] = []
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"BufferedStore({self._store!r})"

    @property
    def is_buffering(self) -> bool:
        """Whether there are changes that the store does not have yet."""
        return bool(self._journal)

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        return self._read(
            (key.partition,),
            lambda store: store.get(key, consistent=consistent),
        )

    def get_many(self, keys: Sequence[Key], *, consistent: bool = True) -> Mapping[Key, Item]:
        partitions = tuple({key.partition for key in keys})
        return self._read(partitions, lambda store: store.get_many(keys, consistent=consistent))

    def query(
        self,
        partition: str,
        low: str,
        high: str,
        *,
        descending: bool = False,
        page: int | None = None,
        consistent: bool = True,
    ) -> Iterator[Item]:
        def whole(store: Store) -> list[Item]:
            found = store.query(partition, low, high, descending=descending, page=page, consistent=consistent)
            return list(found)

        return iter(self._read((partition,), whole))

    def query_index(
        self,
        partition: str,
        *,
        after: tuple[str, Key] | None = None,
        low: str | None = None,
        high: str | None = None,
        limit: int,
        descending: bool = True,
    ) -> IndexPage:
        return self._store.query_index(
            partition, after=after, low=low, high=high, limit=limit, descending=descending
        )

    def count_index(self, partition: str, *, low: str | None = None, high: str | None = None) -> int:
        return self._store.count_index(partition, low=low, high=high)

    def scan(self, sort: str | None = None) -> Iterator[Item]:
        return self._store.scan(sort)

    def write(self, operations: Sequence[Operation]) -> None:
        with self._lock:
            if self._flushed():
                try:
                    self._store.write(operations)
                except StoreUnavailable as error:
                    self._require_mirrored(operations, error)
                else:
                    self._mirror_write(operations)
                    return
            self._mirror.write(operations)
            self._note_new(operations)
            self._buffer(tuple(operations))
            self._mark(operations)

    def write_many(self, operations: Sequence[Put | Delete]) -> None:
        for operation in operations:
            self.write([operation])

    def put_object(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        with self._lock:
            if self._flushed():
                try:
                    self._store.put_object(name, chunks, digest=digest)
                    return
                except StoreUnavailable:
                    logger.warning("buffering payload %s: the store does not answer", name)
            self._mirror.put_object(name, chunks, digest=digest)
            self._buffer((name, tuple(chunks), digest))

    def open_object(self, name: str) -> Iterator[bytes] | None:
        buffered = self._mirror.open_object(name)
        return self._store.open_object(name) if buffered is None else buffered

    def copy_object(self, source: str, target: str) -> None:
        self._store.copy_object(source, target)

    def list_objects(self, prefix: str) -> Iterable[str]:
        return self._store.list_objects(prefix)

    def delete_objects(self, names: Sequence[str]) -> None:
        self._store.delete_objects(names)

    def flush(self) -> None:
        """Write back what is buffered, in order.

        Raises:
            StoreUnavailable: the store still does not answer; everything stays buffered.
            BufferNotFlushed: somebody else changed what was buffered; the message names the file in which
                it is kept. Nothing of it is in the store from the change that was refused on.
        """
        with self._lock:
            while self._journal:
                entry = self._journal[0]
                try:
                    if isinstance(entry[0], str):
                        name, chunks, digest = entry
                        self._store.put_object(name, chunks, digest=digest)
                    else:
                        self._store.write(entry)
                except StoreUnavailable:
                    raise
                except ConditionFailed as error:
                    if self._is_applied(entry, error):
                        self._journal.pop(0)
                        continue
                    raise self._kept(error) from error
                except CheckpointError as error:
                    raise self._kept(error) from error
                self._journal.pop(0)
            logger.warning("the store answers again: everything buffered is written back")
            self._on_change(False)

    def _read(self, partitions: tuple[str, ...], read: Callable[[Store], T]) -> T:
        with self._lock:
            if self._flushed():
                try:
                    return read(self._store)
                except StoreUnavailable:
                    if not self._whole.issuperset(partitions):
                        raise
            elif not self._whole.issuperset(partitions):
                return read(self._store)
            return read(self._mirror)

    def _flushed(self) -> bool:
        """Return whether nothing is buffered, after trying to write it back."""
        if not self._journal:
            return True
        try:
            self.flush()
        except BufferNotFlushed:
            raise
        except StoreUnavailable:
            return False
        return True

    def _mirror_write(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            partition = operation.key.partition
            if partition not in self._whole and operation.key.sort == "THREAD":
                earlier = self._store.query(partition, " ", "\uffff")
                for item in earlier:
                    attributes = {k: v for k, v in item.items() if k not in {PARTITION, SORT}}
                    self._mirror.write([Put(key=Key(partition, str(item[SORT])), attributes=attributes)])
                self._whole.add(partition)
                return
        unconditional = [_unconditional(each) for each in operations if each.key.partition in self._whole]
        if unconditional:
            self._mirror.write([each for each in unconditional if each is not None])

    def _require_mirrored(self, operations: Sequence[Operation], error: StoreUnavailable) -> None:
        for operation in operations:
            new = isinstance(operation, Put) and operation.key.sort == "THREAD"
            threads = operation.key.partition.startswith("THREAD#")
            if threads and operation.key.partition not in self._whole and not new:
                raise error
        logger.error("the store does not answer: going on in memory (%s)", error)

    def _note_new(self, operations: Sequence[Operation]) -> None:
        self._whole.update(
            operation.key.partition for operation in operations if operation.key.sort == "THREAD"
        )

    def _buffer(self, entry: tuple[Operation, ...] | tuple[str, tuple[bytes, ...], bytes]) -> None:
        if not self._journal:
            self._on_change(True)
        self._journal.append(entry)

    def _mark(self, operations: Sequence[Operation]) -> None:
        """Say on each thread that it has been buffered."""
        for partition in {operation.key.partition for operation in operations}:
            key = Key(partition, "THREAD")
            item = self._mirror.get(key)
            if item is not None and BUFFERED_SINCE not in item:
                mark = Update(key=key, default={BUFFERED_SINCE: "during an outage of the store"})
                self._mirror.write([mark])
                self._journal.append((mark,))

    def _is_applied(self, entry: object, error: ConditionFailed) -> bool:
        """Return whether a refused change had been applied before its answer was lost."""
        if not isinstance(entry, tuple):
            return False
        for place, found in error.failures.items():
            operation = entry[place]
            wanted = operation.attributes if isinstance(operation, Put) else getattr(operation, "set", {})
            if found is None or any(found.get(name) != value for name, value in wanted.items()):
                return False
        return True

    def _kept(self, error: CheckpointError) -> BufferNotFlushed:
        path = self._folder / f"{self._new_id()}.jsonl"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                for entry in self._journal:
                    file.write(json.dumps(_plain(entry)) + "\n")
        except OSError as problem:
            return BufferNotFlushed(
                f"{len(self._journal)} buffered changes cannot be written back ({error}), nor kept in"
                f" {path} ({problem}); they are lost when this process ends"
            )
        count = len(self._journal)
        self._journal.clear()
        self._on_change(False)
        return BufferNotFlushed(f"{count} buffered changes cannot be written back ({error}); kept in {path}")


def _unconditional(operation: Operation) -> Put | Update | Delete | None:
    if isinstance(operation, Put):
        return Put(key=operation.key, attributes=operation.attributes)
    if isinstance(operation, Update):
        return Update(
            key=operation.key,
            set=operation.set,
            default=operation.default,
            add=operation.add,
            remove=operation.remove,
        )
    return Delete(key=operation.key) if isinstance(operation, Delete) else None


def _plain(entry: object) -> object:
    """Return a change as JSON can hold it."""
    if isinstance(entry, tuple) and entry and isinstance(entry[0], str):
        name, chunks, digest = entry
        return {"object": name, "content": _text(b"".join(chunks)), "sha256": digest.hex()}
    if not isinstance(entry, tuple):
        return None
    return [
        {
            "operation": type(each).__name__,
            "partition": each.key.partition,
            "sort": each.key.sort,
            **{
                part: {name: _text(value) for name, value in getattr(each, part).items()}
                for part in ("attributes", "set", "default", "add")
                if getattr(each, part, None)
            },
            **({"remove": list(each.remove)} if getattr(each, "remove", ()) else {}),
        }
        for each in entry
    ]


def _text(value: Value) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
