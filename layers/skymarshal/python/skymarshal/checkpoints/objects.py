"""Payload objects on S3, streamed both ways."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from skymarshal.checkpoints.retries import Retries, error_code
from skymarshal.ports import Clock, system_clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["ObjectBucket"]

_CHUNK: Final = 256 * 1024
_FRESH: Final = timedelta(days=1)
_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})


class ObjectBucket:
    """One bucket, reached by a client without retries of its own.

    The bucket deletes an object by its age, so one that is used anew is written anew.
    """

    def __init__(self, client: S3Client, name: str, retries: Retries, *, clock: Clock = system_clock) -> None:
        self._client = client
        self._name = name
        self._retries = retries
        self._clock = clock

    def __repr__(self) -> str:
        return f"ObjectBucket({self._name!r})"

    def put(self, name: str, chunks: Sequence[bytes], *, digest: bytes) -> None:
        """Write an object unless one of that name was, within a day. `digest` is the sha256 of the chunks."""
        if self._is_fresh(name):
            return
        body = Chunks(chunks)
        checksum = base64.b64encode(digest).decode()

        def attempt() -> None:
            body.seek(0)
            self._client.put_object(
                Bucket=self._name,
                Key=name,
                Body=body,  # type: ignore[arg-type]
                ContentLength=len(body),
                ChecksumSHA256=checksum,
            )

        self._retries(attempt, what=f"write s3://{self._name}/{name}")

    def open(self, name: str) -> Iterator[bytes] | None:
        """Stream an object, None where there is none."""
        try:
            answer = self._retries(
                lambda: self._client.get_object(Bucket=self._name, Key=name),
                what=f"read s3://{self._name}/{name}",
            )
        except ClientError as error:
            if error_code(error) in _MISSING:
                return None
            raise
        return answer["Body"].iter_chunks(_CHUNK)

    def copy(self, source: str, target: str) -> None:
        """Copy an object inside the bucket; onto itself, it counts as new."""
        self._retries(
            lambda: self._client.copy_object(
                Bucket=self._name,
                Key=target,
                CopySource={"Bucket": self._name, "Key": source},
                MetadataDirective="REPLACE" if source == target else "COPY",
            ),
            what=f"copy s3://{self._name}/{source}",
        )

    def list(self, prefix: str) -> Iterator[str]:
        """Name the objects under a prefix."""
        token: str | None = None
        while True:
            more = {"ContinuationToken": token} if token else {}
            answer = self._retries(
                lambda more=more: self._client.list_objects_v2(Bucket=self._name, Prefix=prefix, **more),  # type: ignore[misc]
                what=f"list s3://{self._name}/{prefix}",
            )
            for entry in answer.get("Contents", []):
                yield entry["Key"]
            token = answer.get("NextContinuationToken")
            if not token:
                return

    def delete(self, names: Sequence[str]) -> None:
        """Remove objects, which need not exist."""
        for name in names:
            self._retries(
                lambda name=name: self._client.delete_object(Bucket=self._name, Key=name),  # type: ignore[misc]
                what=f"delete s3://{self._name}/{name}",
            )

    def _is_fresh(self, name: str) -> bool:
        try:
            found = self._retries(
                lambda: self._client.head_object(Bucket=self._name, Key=name),
                what=f"look for s3://{self._name}/{name}",
            )
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
        return self._clock() - found["LastModified"] < _FRESH


class Chunks(io.RawIOBase):
    """Pieces of bytes read as one file, without joining them."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self._size = sum(map(len, chunks))
        self._at = 0

    def __len__(self) -> int:
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, min(self._size, base + offset))
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        view = memoryview(buffer)
        offset = self._at
        for chunk in self._chunks:
            if offset < len(chunk):
                piece = memoryview(chunk)[offset : offset + len(view)]
                view[: len(piece)] = piece
                self._at += len(piece)
                return len(piece)
            offset -= len(chunk)
        return 0
