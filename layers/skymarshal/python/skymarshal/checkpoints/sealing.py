"""How bytes are packed for storage: compressed, then encrypted where there is a cipher, then sealed.

A sealed blob describes itself: one byte of flags, 16 bytes of the sha256 of what follows, the cipher's
name where there is one, and the content. A truncated or altered blob is recognised before it is decoded.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from langgraph.checkpoint.serde.base import CipherProtocol, SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer

from skymarshal.checkpoints.errors import DamagedCheckpoint, ItemTooLarge, UnknownSchema

__all__ = [
    "Packed",
    "cipher_of",
    "joined",
    "pack",
    "plain_serde",
    "seal",
    "seal_pointer",
    "unpack",
    "unseal",
    "unseal_pointer",
]

_COMPRESSED: Final = 1
_ENCRYPTED: Final = 2
_POINTER: Final = 4
_DIGEST: Final = 16
_SLICE: Final = 1024 * 1024
_WORTH_COMPRESSING: Final = 0.97
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one value before packing: all that the smallest function has room for beside itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Bytes ready to be stored.

    Attributes:
        chunks: the content, in pieces so that large ones are never joined.
        compressed: whether zlib was worth it.
        cipher: name of the cipher, empty where there is none.
        raw_size: size before packing.
    """

    chunks: tuple[bytes, ...]
    compressed: bool
    cipher: str
    raw_size: int

    @property
    def size(self) -> int:
        """Bytes to store."""
        return sum(map(len, self.chunks))

    def digest(self) -> bytes:
        """Return the sha256 of the stored bytes."""
        whole = hashlib.sha256()
        for chunk in self.chunks:
            whole.update(chunk)
        return whole.digest()


def cipher_of(serde: SerializerProtocol) -> CipherProtocol | None:
    """Return the cipher of an encrypting serializer."""
    return serde.cipher if isinstance(serde, EncryptedSerializer) else None


def plain_serde(serde: SerializerProtocol) -> SerializerProtocol:
    """Return the serializer inside an encrypting one, so that bytes are compressed before encryption."""
    return serde.serde if isinstance(serde, EncryptedSerializer) else serde


def pack(data: bytes | bytearray, cipher: CipherProtocol | None) -> Packed:
    """Compress where that helps, then encrypt where there is a cipher.

    Raises:
        ItemTooLarge: it is more than may be unpacked again.
    """
    raw_size = len(data)
    if raw_size > MOST_BYTES:
        raise ItemTooLarge(f"a value of {raw_size} bytes: the most is {MOST_BYTES}")
    chunks = _compressed(data)
    compressed = chunks is not None
    if chunks is None:
        chunks = (bytes(data),)
    if cipher is None:
        return Packed(chunks=chunks, compressed=compressed, cipher="", raw_size=raw_size)
    name, secret = cipher.encrypt(b"".join(chunks))
    return Packed(chunks=(secret,), compressed=compressed, cipher=name, raw_size=raw_size)


def unpack(
    chunks: Iterable[bytes],
    *,
    compressed: bool,
    cipher_name: str,
    raw_size: int,
    cipher: CipherProtocol | None,
) -> bytes | bytearray:
    """Undo `pack`, holding one piece of the packed content at a time where it is not encrypted.

    Room is taken as the content comes, never because a blob claims a size.

    Raises:
        DamagedCheckpoint: it does not decrypt, or has another size than was written.
    """
    if raw_size > MOST_BYTES:
        raise DamagedCheckpoint(f"claims {raw_size} bytes: nothing is written above {MOST_BYTES}")
    if cipher_name:
        if cipher is None:
            raise DamagedCheckpoint(f"encrypted with {cipher_name!r} and no cipher is configured")
        chunks = (_decrypted(cipher, cipher_name, b"".join(chunks)),)
    plain = bytearray()
    inflate = zlib.decompressobj() if compressed else None
    for chunk in chunks:
        for piece in _inflated(inflate, chunk) if inflate else (chunk,):
            if len(plain) + len(piece) > raw_size:
                raise DamagedCheckpoint(f"content is longer than the {raw_size} bytes written")
            plain += piece
    if len(plain) != raw_size:
        raise DamagedCheckpoint(f"content has {len(plain)} bytes of the {raw_size} written")
    return plain


def seal(packed: Packed) -> bytes:
    """Return one self-describing blob."""
    flags = (_COMPRESSED if packed.compressed else 0) | (_ENCRYPTED if packed.cipher else 0)
    name = packed.cipher.encode()
    head = bytes([len(name)]) + name if name else b""
    content = head + packed.raw_size.to_bytes(4, "big") + b"".join(packed.chunks)
    return bytes([flags]) + hashlib.sha256(content).digest()[:_DIGEST] + content


def seal_pointer(content: bytes) -> bytes:
    """Return a blob that stands for a payload kept elsewhere."""
    return bytes([_POINTER]) + hashlib.sha256(content).digest()[:_DIGEST] + content


def unseal_pointer(blob: bytes) -> bytes | None:
    """Return the content of a pointer blob, None where the blob holds its content itself."""
    flags, content = _opened(blob)
    return content if flags & _POINTER else None


def unseal(blob: bytes, cipher: CipherProtocol | None) -> bytes:
    """Undo `seal`.

    Raises:
        DamagedCheckpoint: truncated, altered, or encrypted with a cipher that is not configured.
        UnknownSchema: the flags are none this version writes.
    """
    flags, content = _opened(blob)
    name = ""
    if flags & _ENCRYPTED:
        end = 1 + content[0]
        name, content = content[1:end].decode(), content[end:]
    raw_size, content = int.from_bytes(content[:4], "big"), content[4:]
    try:
        return bytes(
            unpack(
                (content,),
                compressed=bool(flags & _COMPRESSED),
                cipher_name=name,
                raw_size=raw_size,
                cipher=cipher,
            )
        )
    except zlib.error as error:
        raise DamagedCheckpoint(f"sealed blob does not decompress: {error}") from error


def _opened(blob: bytes) -> tuple[int, bytes]:
    if len(blob) <= _DIGEST or blob[0] > (_COMPRESSED | _ENCRYPTED | _POINTER):
        raise UnknownSchema(f"not a sealed blob: begins with {blob[:4].hex()!r}, {len(blob)} bytes")
    content = blob[1 + _DIGEST :]
    if hashlib.sha256(content).digest()[:_DIGEST] != blob[1 : 1 + _DIGEST]:
        raise DamagedCheckpoint("sealed blob does not match its checksum")
    return blob[0], content


def _compressed(data: bytes | bytearray) -> tuple[bytes, ...] | None:
    view = memoryview(data)
    if len(view) > 4 * _SLICE and len(zlib.compress(view[:_SLICE], 1)) > _WORTH_COMPRESSING * _SLICE:
        return None
    deflate = zlib.compressobj(6)
    chunks = [deflate.compress(view[start : start + _SLICE]) for start in range(0, len(view), _SLICE)]
    chunks.append(deflate.flush())
    kept = tuple(chunk for chunk in chunks if chunk)
    return kept if sum(map(len, kept)) < len(view) else None


def _decrypted(cipher: CipherProtocol, name: str, secret: bytes) -> bytes:
    try:
        return cipher.decrypt(name, secret)
    except Exception as error:
        raise DamagedCheckpoint(f"content does not decrypt with {name!r}: {error!r}") from error


def _inflated(inflate: zlib._Decompress, chunk: bytes) -> Iterable[bytes]:
    pending: bytes = chunk
    while pending:
        yield inflate.decompress(pending, _SLICE)
        pending = inflate.unconsumed_tail


def joined(chunks: Sequence[bytes]) -> bytes:
    """Return one bytes object, without copying where there is only one piece."""
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
