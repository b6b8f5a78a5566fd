"""Where packed bytes go: inline in an item, in a payload item, or on S3; and back, verified.

The payload is written before anything points at it. It is addressed by its content, so a retry writes
nothing twice, and checkpoints that share a value share one payload.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from langgraph.checkpoint.serde.base import CipherProtocol

from skymarshal.checkpoints.errors import DamagedCheckpoint, PayloadMissing
from skymarshal.checkpoints.keys import object_name, payload_key
from skymarshal.checkpoints.retention import LONGEST_WAIT
from skymarshal.checkpoints.sealing import (
    Packed,
    joined,
    pack,
    seal,
    seal_pointer,
    unpack,
    unseal,
    unseal_pointer,
)
from skymarshal.checkpoints.store import Key, Put, Store
from skymarshal.contracts import TTL_ATTRIBUTE

__all__ = ["DEFAULT_LIMITS", "Limits", "Payloads", "Pointer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From which size on content leaves its item, in bytes.

    Attributes:
        channel: a channel serialised to this size or more is a payload of its own, once per version.
        inline: packed content of this size or more leaves its item, so that no item and no transaction
            grows too large.
        item: packed content of this size or more is an object on S3.
    """

    channel: int = 8 * 1024
    inline: int = 48 * 1024
    item: int = 350 * 1024


DEFAULT_LIMITS: Final = Limits()

_CONTENT: Final = "b"


class Pointer(msgspec.Struct, array_like=True, frozen=True):
    """A payload kept outside the item that names it.

    Attributes:
        digest: sha256 of the stored bytes, in hexadecimal.
        size: stored bytes.
        raw_size: bytes before packing.
        compressed: whether the stored bytes are compressed.
        cipher: name of the cipher, empty where there is none.
        expires: epoch second at which the payload's retention ends.
        is_object: whether it is an object on S3 rather than an item.
    """

    digest: str
    size: int
    raw_size: int
    compressed: bool
    cipher: str
    expires: int
    is_object: bool


class Payloads:
    """Places and loads payloads of threads."""

    def __init__(self, store: Store, limits: Limits = DEFAULT_LIMITS) -> None:
        self._store = store
        self.limits = limits
        self._written: dict[tuple[str, str], int] = {}

    def blob(
        self,
        thread_id: str,
        data: bytes,
        cipher: CipherProtocol | None,
        *,
        expires: int,
        limit: int | None = None,
    ) -> bytes:
        """Return a sealed blob that holds the data, or stands for it where it is `limit` bytes or more."""
        packed = pack(data, cipher)
        if packed.size < (self.limits.inline if limit is None else limit):
            return seal(packed)
        return seal_pointer(msgspec.msgpack.encode(self.place(thread_id, packed, expires=expires)))

    def open_blob(self, thread_id: str, blob: bytes, cipher: CipherProtocol | None) -> bytes | bytearray:
        """Return the data of a sealed blob, wherever it is kept."""
        pointer = pointer_in(blob)
        return unseal(blob, cipher) if pointer is None else self.load(thread_id, pointer, cipher)

    def place(self, thread_id: str, packed: Packed, *, expires: int) -> Pointer:
        """Write a payload, unless it is known to be there for long enough, and return what points at it."""
        digest = packed.digest()
        pointer = Pointer(
            digest=digest.hex(),
            size=packed.size,
            raw_size=packed.raw_size,
            compressed=packed.compressed,
            cipher=packed.cipher,
            expires=expires + int(LONGEST_WAIT.total_seconds()),
            is_object=packed.size >= self.limits.item,
        )
        known = (thread_id, pointer.digest)
        if self._written.get(known, 0) >= expires:
            return pointer
        if pointer.is_object:
            self._store.put_object(object_name(thread_id, pointer.digest), packed.chunks, digest=digest)
        else:
            self._store.write(
                [
                    Put(
                        key=payload_key(thread_id, pointer.digest),
                        attributes={_CONTENT: joined(packed.chunks), TTL_ATTRIBUTE: pointer.expires},
                    )
                ]
            )
        if len(self._written) > 4096:
            self._written.clear()
        self._written[known] = pointer.expires
        return pointer

    def forget(self, thread_id: str) -> None:
        """Forget what is known to be stored of a thread, because it was deleted."""
        self._written = {known: until for known, until in self._written.items() if known[0] != thread_id}

    def load(self, thread_id: str, pointer: Pointer, cipher: CipherProtocol | None) -> bytes | bytearray:
        """Return a payload's data.

        Raises:
            PayloadMissing: there is none.
            DamagedCheckpoint: it is not what was written.
        """
        return next(self.load_each(thread_id, (pointer,), cipher))[1]

    def load_each(
        self, thread_id: str, pointers: Iterable[Pointer], cipher: CipherProtocol | None
    ) -> Iterator[tuple[Pointer, bytes | bytearray]]:
        """Yield each payload with its data: payload items from one read, objects one at a time."""
        wanted = tuple(pointers)
        contents = self._items(
            {
                payload_key(thread_id, pointer.digest): pointer.digest
                for pointer in wanted
                if not pointer.is_object
            }
        )
        for pointer in wanted:
            yield pointer, _opened(thread_id, pointer, self._stream(thread_id, pointer, contents), cipher)

    def _items(self, keys: Mapping[Key, str]) -> dict[str, bytes]:
        if len(keys) == 1:
            (key,) = keys
            item = self._store.get(key)
            found = {} if item is None else {key: item}
        else:
            found = dict(self._store.get_many(list(keys))) if keys else {}
        return {
            keys[key]: content
            for key, item in found.items()
            if isinstance(content := item.get(_CONTENT), bytes)
        }

    def _stream(self, thread_id: str, pointer: Pointer, contents: Mapping[str, bytes]) -> Iterator[bytes]:
        if pointer.is_object:
            stream = self._store.open_object(object_name(thread_id, pointer.digest))
        else:
            content = contents.get(pointer.digest)
            stream = None if content is None else iter((content,))
        if stream is None:
            raise PayloadMissing(
                f"thread {thread_id!r}: payload {pointer.digest} of {pointer.size} bytes is gone"
            )
        return stream


def pointer_in(blob: bytes) -> Pointer | None:
    """Return the pointer that a sealed blob stands for, None where it holds its content."""
    content = unseal_pointer(blob)
    if content is None:
        return None
    try:
        return msgspec.msgpack.decode(content, type=Pointer)
    except msgspec.MsgspecError as error:
        raise DamagedCheckpoint(f"pointer does not decode: {error}") from error


def _opened(
    thread_id: str, pointer: Pointer, stream: Iterator[bytes], cipher: CipherProtocol | None
) -> bytes | bytearray:
    whole = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        read = 0
        for chunk in stream:
            read += len(chunk)
            if read > pointer.size:
                raise DamagedCheckpoint(f"more than the {pointer.size} bytes stored")
            whole.update(chunk)
            yield chunk

    try:
        data = unpack(
            hashed(),
            compressed=pointer.compressed,
            cipher_name=pointer.cipher,
            raw_size=pointer.raw_size,
            cipher=cipher,
        )
    except (zlib.error, DamagedCheckpoint) as error:
        raise DamagedCheckpoint(f"thread {thread_id!r}: payload {pointer.digest}: {error}") from error
    if whole.hexdigest() != pointer.digest:
        raise DamagedCheckpoint(
            f"thread {thread_id!r}: payload {pointer.digest} has checksum {whole.hexdigest()}"
        )
    return data
