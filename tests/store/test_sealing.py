"""A blob is opened within bounds, whatever it claims to hold."""

from __future__ import annotations

import hashlib
import tracemalloc
import zlib

import pytest

from skymarshal.checkpoints import DamagedCheckpoint, ItemTooLarge, MemoryStore
from skymarshal.checkpoints.payloads import Limits, Payloads
from skymarshal.checkpoints.sealing import MOST_BYTES, pack, seal, unseal


def blob(content: bytes, claimed: int, *, compressed: bool) -> bytes:
    """Return a blob with a true checksum and a false size."""
    whole = claimed.to_bytes(4, "big") + content
    return bytes([int(compressed)]) + hashlib.sha256(whole).digest()[:16] + whole


def peak_of(call) -> int:
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("claimed", [2**32 - 1, MOST_BYTES + 1, MOST_BYTES])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_claimed_size_takes_no_room(claimed, compressed) -> None:
    content = zlib.compress(b"little") if compressed else b"little"
    forged = blob(content, claimed, compressed=compressed)

    def opened() -> None:
        with pytest.raises(DamagedCheckpoint):
            unseal(forged, None)

    opened()
    assert peak_of(opened) < 1024 * 1024


def test_what_inflates_beyond_its_size_is_stopped_there() -> None:
    bomb = blob(zlib.compress(bytes(50 * 1024 * 1024)), 1_000, compressed=True)

    def opened() -> None:
        with pytest.raises(DamagedCheckpoint, match="longer than the 1000 bytes"):
            unseal(bomb, None)

    opened()
    assert peak_of(opened) < 4 * 1024 * 1024


def test_what_could_not_be_read_again_is_not_written() -> None:
    with pytest.raises(ItemTooLarge, match="the most is"):
        pack(bytes(MOST_BYTES + 1), None)


def test_what_was_packed_comes_back() -> None:
    for data in (b"", b"x", bytes(3_000_000)):
        assert unseal(seal(pack(data, None)), None) == data


def test_an_object_longer_than_its_pointer_says_is_not_read_to_its_end() -> None:
    """Somebody who can write to the bucket cannot exhaust who reads."""
    store = MemoryStore()
    payloads = Payloads(store, Limits(inline=1, item=1))
    pointer = payloads.place("T", pack(b"little", None), expires=1)
    read: list[int] = []

    def endless(_: str):
        for _ in range(1_000):
            read.append(1)
            yield bytes(1024)

    store.open_object = endless
    with pytest.raises(DamagedCheckpoint, match=r"more than the \d+ bytes"):
        payloads.load("T", pointer, None)
    assert len(read) == 1


@pytest.mark.parametrize("data", [b"plain words", bytes(10_000)])
def test_no_altered_byte_of_a_blob_goes_unseen(data) -> None:
    sealed = seal(pack(data, None))
    for place in {1, 5, 17, len(sealed) // 2, len(sealed) - 1}:
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(DamagedCheckpoint, match="checksum"):
            unseal(bytes(altered), None)
